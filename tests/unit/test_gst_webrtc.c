/* SPDX-License-Identifier: MIT */
/*
 * The microphone's chain with GStreamer's webrtcdsp in the place of speexdsp:
 * what test_echo.c and test_voice.c ask of that one, as far as it goes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gst/webrtc.h"
#include "unit/echorig.h"

struct other {
	struct vc_webrtc *webrtc;
	struct vc_voice_dsp dsp;
};

static void run(void *ctx, const int16_t *played, int16_t *heard)
{
	assert_int_equal(vc_webrtc_run(ctx, played, heard), 0);
}

static void other_open(struct other *o, const struct vc_webrtc_config *c)
{
	char text[VC_GST_TEXT_CAP];

	if (vc_webrtc_open(&o->webrtc, c, text))
		fail_msg("%s", text);
	o->dsp = (struct vc_voice_dsp){
		.run = run,
		.ctx = o->webrtc,
		.head = VC_WEBRTC_HEAD,
		.leeway = VC_WEBRTC_LEEWAY,
		.delay = vc_webrtc_delay(c),
	};
}

static void other_open_echo(struct other *o)
{
	other_open(o, &(struct vc_webrtc_config){ .echo = true });
}

/* --- echo --- */

/*
 * What both speak at once costs the near speech goes by how loud the echo is:
 * 'kept' is by how many dB what comes out may be below it.
 */
static void echo_goes_and_speech_stays(void **state)
{
	static const struct {
		double delay_ms, gain, kept;
	} rows[] = {
		{ 0, 0.5, 5 },	 { 40, 0.5, 4 },  { 120, 0.5, 3 },
		{ 300, 0.5, 3 }, { 120, 0.1, 3 }, { 40, 1.5, 5 },
		{ 480, 0.3, 3 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct other o;
		struct rig *r;

		other_open_echo(&o);
		r = rig_new_by((uint32_t)i + 1, rows[i].delay_ms, rows[i].gain,
			       &o.dsp);
		run_for(r, 7);
		measure(r);
		run_for(r, 4);
		assert_reduced(r);
		assert_delay(r, rows[i].delay_ms);
		r->near_talks = true;
		measure(r);
		run_for(r, 4);
		if (fabs(db(r->out / r->near_sum)) > rows[i].kept)
			fail_msg("row %zu: near speech by %.1f dB", i,
				 db(r->out / r->near_sum));
		r->near_talks = false;
		run_for(r, 2);
		measure(r);
		run_for(r, 4);
		assert_reduced(r);
		rig_free(r);
		vc_webrtc_close(o.webrtc);
	}
}

static void near_speech_alone_stays(void **state)
{
	struct other o;
	struct rig *r;

	(void)state;
	other_open_echo(&o);
	r = rig_new_by(3, 100, 0.5, &o.dsp);
	r->far_talks = false;
	r->near_talks = true;
	run_for(r, 1);
	measure(r);
	run_for(r, 5);
	assert_near_is_kept(r);
	rig_free(r);
	vc_webrtc_close(o.webrtc);
}

static void a_jump_and_a_drift_are_followed(void **state)
{
	static const struct {
		double to_ms, ppm;
	} rows[] = { { 320, 0 }, { 20, 0 }, { 120, 100 }, { 120, -100 } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct other o;
		struct rig *r;

		other_open_echo(&o);
		r = rig_new_by(7 + (uint32_t)i, 120, 0.5, &o.dsp);
		r->ppm = rows[i].ppm;
		run_for(r, 10);
		r->delay = rows[i].to_ms * 48;
		run_for(r, 5);
		measure(r);
		run_for(r, 4);
		assert_reduced(r);
		rig_free(r);
		vc_webrtc_close(o.webrtc);
	}
}

static void the_same_gives_the_same(void **state)
{
	struct other o[2];
	struct rig *r[2];

	(void)state;
	for (int k = 0; k < 2; k++) {
		other_open(&o[k],
			   &(struct vc_webrtc_config){ .echo = true,
						       .denoise = true,
						       .agc = true,
						       .highpass = true });
		r[k] = rig_new_by(12, 40, 0.5, &o[k].dsp);
		r[k]->near_talks = true;
	}
	for (int k = 0; k < 1000; k++)
		tick(r[k % 2]);
	assert_true(r[0]->out == r[1]->out && r[0]->product == r[1]->product);
	for (int k = 0; k < 2; k++) {
		rig_free(r[k]);
		vc_webrtc_close(o[k].webrtc);
	}
}

/* --- the rest --- */

/* dBFS of the last fourth of ten seconds of what 'make' gives. */
static double level_after(const struct vc_webrtc_config *c,
			  void (*make)(void *ctx, double *x), void *ctx)
{
	static const int16_t silence[N];
	struct other o;
	double sum = 0;

	other_open(&o, c);
	for (int k = 0; k < 1000; k++) {
		double x[N];
		int16_t pcm[N];

		make(ctx, x);
		for (int i = 0; i < N; i++)
			pcm[i] = speech_sample(x[i]);
		run(o.webrtc, silence, pcm);
		for (int i = 0; i < N && k >= 750; i++)
			sum += pcm[i] / 32768.0 * pcm[i] / 32768.0;
	}
	vc_webrtc_close(o.webrtc);
	return db(sum / 250 / N);
}

static void make_noise(void *ctx, double *x)
{
	for (int i = 0; i < N; i++)
		x[i] = 0.01 * (speech_unit(ctx) - 0.5);
}

static void make_speech(void *ctx, double *x)
{
	speech_read(ctx, x, N);
}

static void make_hum(void *ctx, double *x)
{
	uint64_t *n = ctx;

	for (int i = 0; i < N; i++)
		x[i] = 0.5 * sin(2 * M_PI * 25 * (double)(*n)++ / SPEECH_RATE);
}

static double speech_level(const struct vc_webrtc_config *c, double loudness)
{
	struct speech s;

	speech_init(&s, 4, 120);
	s.loudness = loudness;
	return level_after(c, make_speech, &s);
}

static void each_option_does_what_it_says(void **state)
{
	static const struct vc_webrtc_config none = { 0 },
					     noise = { .denoise = true },
					     agc = { .agc = true },
					     high = { .highpass = true };
	uint32_t dice = 1, same = 1;
	uint64_t n = 0, m = 0;
	double was = level_after(&none, make_noise, &dice);
	double is = level_after(&noise, make_noise, &same);

	(void)state;
	print_message("noise %.1f dBFS: %.1f\n", was, is);
	assert_true(is < was - 12);
	was = speech_level(&none, 1);
	is = speech_level(&noise, 1);
	print_message("speech %.1f dBFS: %.1f\n", was, is);
	assert_true(fabs(is - was) < 3);
	was = speech_level(&none, 0.1);
	is = speech_level(&agc, 0.1);
	print_message("quiet %.1f dBFS: %.1f, loud %.1f\n", was, is,
		      speech_level(&agc, 1));
	assert_true(is > was + 10);
	was = level_after(&none, make_hum, &n);
	is = level_after(&high, make_hum, &m);
	print_message("hum %.1f dBFS: %.1f\n", was, is);
	assert_true(is < was - 20);
}

#define SAMPLES (400 * N)

/* What comes out is most like what went in so much earlier: samples. */
static size_t lateness(const struct vc_webrtc_config *c, const double *in,
		       double *out)
{
	static const int16_t silence[N];
	size_t best = 0;
	double most = 0;
	struct other o;

	other_open(&o, c);
	for (size_t k = 0; k < SAMPLES; k += N) {
		int16_t pcm[N];

		for (size_t i = 0; i < N; i++)
			pcm[i] = speech_sample(in[k + i]);
		run(o.webrtc, silence, pcm);
		for (size_t i = 0; i < N; i++)
			out[k + i] = pcm[i];
	}
	vc_webrtc_close(o.webrtc);
	for (size_t late = 0; late < 2 * N; late++) {
		double sum = 0;

		for (size_t i = 100 * N; i < SAMPLES; i++)
			sum += out[i] * in[i - late];
		if (sum > most) {
			most = sum;
			best = late;
		}
	}
	return best;
}

static void the_delay_is_told(void **state)
{
	static const struct vc_webrtc_config rows[] = {
		{ .highpass = true },
		{ .denoise = true },
		{ .agc = true },
		{ .echo = true },
		{ .echo = true, .denoise = true, .highpass = true },
		{ .echo = true, .denoise = true, .agc = true },
	};
	double *in = vc_alloc(SAMPLES, sizeof(*in));
	double *out = vc_alloc(SAMPLES, sizeof(*out));
	struct speech s;

	(void)state;
	speech_init(&s, 108, 190);
	speech_read(&s, in, SAMPLES);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		size_t late = lateness(&rows[i], in, out);
		size_t told = vc_webrtc_delay(&rows[i]);

		if (late + 4 < told || late > told + 4)
			fail_msg("row %zu: %zu samples, not %zu", i, late,
				 told);
	}
	free(in);
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echo_goes_and_speech_stays),
		cmocka_unit_test(near_speech_alone_stays),
		cmocka_unit_test(a_jump_and_a_drift_are_followed),
		cmocka_unit_test(the_same_gives_the_same),
		cmocka_unit_test(each_option_does_what_it_says),
		cmocka_unit_test(the_delay_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

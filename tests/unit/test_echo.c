/* SPDX-License-Identifier: MIT */
/* Echo cancellation by speexdsp. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "unit/echorig.h"

static struct rig *rig_new(uint32_t seed, double delay_ms, double gain)
{
	return rig_new_by(seed, delay_ms, gain, NULL);
}

static void echo_goes_and_speech_stays(void **state)
{
	static const struct {
		double delay_ms, gain;
	} rows[] = {
		{ 0, 0.5 },    { 40, 0.5 },  { 120, 0.5 },
		{ 300, 0.5 },  { 120, 0.1 }, { 120, 0.03 },
		{ 300, 0.05 }, { 40, 1.5 },  { 480, 0.3 },
	};
	struct vc_voice_stats stats;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct rig *r = rig_new((uint32_t)i + 1, rows[i].delay_ms,
					rows[i].gain);

		run_for(r, 7);
		measure(r);
		run_for(r, 4);
		assert_reduced(r);
		assert_delay(r, rows[i].delay_ms);
		vc_voice_stats(r->voice, &stats);
		assert_true(stats.erle_db > 10);
		assert_int_equal(stats.resets, 0);
		assert_int_equal(stats.far_jumps, 0);
		r->near_talks = true;
		measure(r);
		run_for(r, 4);
		assert_near_is_kept(r);
		/* He ends, and the echo has stayed away. */
		r->near_talks = false;
		run_for(r, 2);
		measure(r);
		run_for(r, 4);
		assert_reduced(r);
		rig_free(r);
	}
}

static void near_speech_alone_stays(void **state)
{
	struct rig *r = rig_new(3, 100, 0.5);

	(void)state;
	r->far_talks = false;
	r->near_talks = true;
	measure(r);
	run_for(r, 5);
	assert_near_is_kept(r);
	assert_true(fabs(db(r->out / r->near_sum)) < 0.5);
	rig_free(r);
}

/* Both from the first moment on: nothing may be learned of him. */
static void both_talk_from_the_beginning(void **state)
{
	struct rig *r = rig_new(5, 120, 0.3);

	(void)state;
	r->near_talks = true;
	measure(r);
	run_for(r, 8);
	assert_near_is_kept(r);
	r->near_talks = false;
	run_for(r, 4);
	measure(r);
	run_for(r, 4);
	assert_reduced(r);
	assert_delay(r, 120);
	rig_free(r);
}

static void far_begins_late_stops_and_comes_back(void **state)
{
	struct rig *r = rig_new(6, 120, 0.5);

	(void)state;
	r->far_talks = false;
	run_for(r, 6);
	r->far_talks = true;
	run_for(r, 4);
	measure(r);
	run_for(r, 4);
	assert_reduced(r);
	r->far_talks = false;
	run_for(r, 5);
	r->far_talks = true;
	/* It has forgotten nothing. */
	measure(r);
	run_for(r, 3);
	assert_reduced(r);
	rig_free(r);
}

/* Within 5 s of the jump it is as good as before. */
static void a_jump_of_the_delay_is_followed(void **state)
{
	static const double to[] = { 320, 20, 120 + 60 };
	struct vc_voice_stats stats;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(to); i++) {
		struct rig *r = rig_new(7 + (uint32_t)i, 120, 0.5);

		run_for(r, 6);
		r->delay = to[i] * 48;
		run_for(r, 5);
		measure(r);
		run_for(r, 4);
		assert_reduced(r);
		assert_delay(r, to[i]);
		vc_voice_stats(r->voice, &stats);
		assert_int_equal(stats.resets, 1);
		rig_free(r);
	}
}

/* 100 ppm: known to a few after 15 s, and no echo from then on. */
static void clocks_may_drift(void **state)
{
	static const struct {
		double delay_ms, ppm;
	} rows[] = { { 40, 100 }, { 300, -100 }, { 10, -100 }, { 100, 20 } };
	struct vc_voice_stats stats;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct rig *r = rig_new(2 + (uint32_t)i, rows[i].delay_ms, 0.5);

		r->ppm = rows[i].ppm;
		run_for(r, 15);
		measure(r);
		run_for(r, 15);
		assert_reduced(r);
		vc_voice_stats(r->voice, &stats);
		if (fabs(stats.drift_ppm - rows[i].ppm) > 8)
			fail_msg("drift of %.1f ppm, not %.1f", stats.drift_ppm,
				 rows[i].ppm);
		rig_free(r);
	}
}

/* Times that shake by 2 ms, as those of devices do, are no jumps. */
static void times_may_shake(void **state)
{
	struct rig *r = rig_new(11, 60, 0.5);
	uint32_t dice = 1;
	int16_t pcm[N], heard[N];
	struct vc_voice_stats stats;

	(void)state;
	for (int k = 0; k < 1200; k++) {
		int64_t t = VC_VIRTUAL_EPOCH + k * TICK, shake;
		double x[N], at = (double)(k * N);

		speech_read(&r->far, x, N);
		for (int i = 0; i < N; i++)
			pcm[i] = speech_sample(x[i]);
		vc_farline_put(&r->played, at, pcm, N);
		shake = (int64_t)(speech_unit(&dice) * 4 * VC_MS) - 2 * VC_MS;
		vc_voice_far(r->voice, t + shake, pcm, N);
		vc_farline_read(&r->played, at - r->delay, 1, heard, N);
		if (k == 800)
			measure(r);
		for (int i = 0; i < N; i++) {
			double e = room_hear(&r->room, heard[i] / 32768.0);

			r->echo += e * e;
			heard[i] = speech_sample(e);
		}
		shake = (int64_t)(speech_unit(&dice) * 4 * VC_MS) - 2 * VC_MS;
		vc_voice_near(r->voice, t + shake, heard, N);
		for (int i = 0; i < N; i++)
			r->out += heard[i] / 32768.0 * heard[i] / 32768.0;
	}
	/* They move the two by some samples against each other: less. */
	if (reduction_db(r) < 15)
		fail_msg("down by %.1f dB only", reduction_db(r));
	vc_voice_stats(r->voice, &stats);
	assert_int_equal(stats.far_jumps, 0);
	rig_free(r);
}

static void the_same_gives_the_same(void **state)
{
	struct rig *a = rig_new(12, 40, 0.5), *b = rig_new(12, 40, 0.5);

	(void)state;
	a->ppm = b->ppm = 50;
	for (int k = 0; k < 800; k++) {
		tick(a);
		tick(b);
	}
	assert_true(a->out == b->out && a->product == b->product);
	rig_free(a);
	rig_free(b);
}

/* Whatever times come, nothing breaks and near speech comes through. */
static void mad_times_do_no_harm(void **state)
{
	static const int64_t mad[] = { 0, INT64_MAX / 2, VC_VIRTUAL_EPOCH, 1,
				       VC_VIRTUAL_EPOCH + 700 * VC_MS };
	struct rig *r = rig_new(13, 40, 0.5);
	int16_t pcm[N * 6];

	(void)state;
	memset(pcm, 0x11, sizeof(pcm));
	for (int k = 0; k < 600; k++) {
		vc_voice_far(r->voice, mad[k / 3 % (int)VC_COUNT(mad)], pcm,
			     k % 2 ? N : 7);
		vc_voice_near(r->voice, mad[k / 7 % (int)VC_COUNT(mad)], pcm,
			      k % 2 ? 6 * N : N);
	}
	r->frame = 1000;
	r->near_talks = true;
	r->far_talks = false;
	run_for(r, 1);
	measure(r);
	run_for(r, 4);
	assert_near_is_kept(r);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echo_goes_and_speech_stays),
		cmocka_unit_test(near_speech_alone_stays),
		cmocka_unit_test(both_talk_from_the_beginning),
		cmocka_unit_test(far_begins_late_stops_and_comes_back),
		cmocka_unit_test(a_jump_of_the_delay_is_followed),
		cmocka_unit_test(clocks_may_drift),
		cmocka_unit_test(times_may_shake),
		cmocka_unit_test(the_same_gives_the_same),
		cmocka_unit_test(mad_times_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

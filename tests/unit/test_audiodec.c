/* SPDX-License-Identifier: MIT */
/*
 * Payloads of sound, from our encoders and from strangers, to 48 kHz (P3 and P4
 * of the hostile inputs): level and noise within stated bounds, bad ones an
 * error, never more than VC_AUDIODEC_MAX samples.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "codec/audio.h"
#include "engine/audiodec.h"
#include "media/upsample.h"
#include "unit/sine.h"

#define RATE 48000
#define SAMPLES (2 * RATE)

static struct vc_audiodec *new_dec(enum vc_codec codec, uint32_t clock)
{
	int err;
	struct vc_audiodec *d = vc_audiodec_new(codec, clock, &err);

	assert_non_null(d);
	return d;
}

/* A sine through encoder and decoder: the second second of it. */
static double through(const struct vc_audenc_cfg *cfg, double hz, double *amp)
{
	static int16_t out[SAMPLES + VC_AUDIODEC_MAX];
	static uint8_t p[VC_AUDENC_PACKET_MAX];
	int err;
	struct vc_audenc *enc = vc_audenc_new(cfg, &err);
	struct vc_audiodec *dec;
	int16_t mono[2880], pcm[5760];
	size_t n, at = 0, done = 0;

	assert_non_null(enc);
	n = vc_audenc_samples(enc);
	dec = new_dec(cfg->codec, vc_audenc_clock(enc));
	vc_audiodec_set_channels(dec, cfg->channels ? cfg->channels : 1);
	while (done < SAMPLES) {
		int len, got;

		sine_put(mono, n, at, hz, vc_audenc_rate(enc), 12000);
		for (size_t i = 0; i < n; i++) {
			pcm[cfg->channels == 2 ? 2 * i : i] = mono[i];
			if (cfg->channels == 2)
				pcm[2 * i + 1] = mono[i];
		}
		at += n;
		len = vc_audenc_encode(enc, pcm, n, p, sizeof(p));
		assert_true(len > 0);
		got = vc_audiodec_samples(dec, p, (size_t)len);
		assert_true(got > 0);
		assert_int_equal(vc_audiodec_decode(dec, p, (size_t)len,
						    out + done),
				 got);
		done += (size_t)got;
	}
	/* Time is kept: so much came out as went in. */
	assert_in_range(done, at * RATE / vc_audenc_rate(enc),
			at * RATE / vc_audenc_rate(enc) + 1);
	vc_audenc_free(enc);
	vc_audiodec_free(dec);
	return sine_snr(out + RATE, RATE, hz, RATE, amp);
}

static void test_every_codec(void **state)
{
	static const struct {
		enum vc_codec codec;
		uint32_t rate;
		int channels, ptime;
		double hz, snr;
	} rows[] = {
		{ VC_CODEC_PCMU, 0, 1, 20, 1000, 35 },
		{ VC_CODEC_PCMA, 0, 1, 20, 1000, 35 },
		{ VC_CODEC_PCMU, 0, 1, 60, 3000, 35 },
		{ VC_CODEC_G722, 0, 1, 10, 1000, 35 },
		{ VC_CODEC_G722, 0, 1, 20, 3000, 30 },
		{ VC_CODEC_G722, 0, 1, 40, 6000, 15 },
		{ VC_CODEC_L16, 0, 1, 10, 1000, 75 },
		{ VC_CODEC_L16, 48000, 2, 10, 9000, 75 },
		{ VC_CODEC_L16, 44100, 2, 20, 1000, 50 },
		{ VC_CODEC_L16, 44100, 1, 20, 9000, 50 },
		{ VC_CODEC_L16, 32000, 1, 20, 9000, 55 },
		{ VC_CODEC_L16, 24000, 1, 20, 5000, 55 },
		{ VC_CODEC_L16, 16000, 1, 20, 5000, 55 },
		{ VC_CODEC_L16, 8000, 1, 60, 3000, 55 },
		{ VC_CODEC_OPUS, 0, 1, 20, 1000, 20 },
		{ VC_CODEC_OPUS, 48000, 2, 10, 1000, 20 },
		{ VC_CODEC_OPUS, 16000, 1, 40, 1000, 20 },
		{ VC_CODEC_OPUS, 0, 2, 60, 1000, 20 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_audenc_cfg cfg = {
			.codec = rows[i].codec,
			.rate_hz = rows[i].rate,
			.channels = rows[i].channels,
			.ptime_ms = rows[i].ptime,
			.bitrate_bps = 64000,
			.complexity = VC_AUDENC_COMPLEXITY,
		};
		double amp, snr = through(&cfg, rows[i].hz, &amp);

		print_message("%s %u Hz, %d ch, %d ms, %.0f Hz: %.1f dB, "
			      "peak %.0f\n",
			      vc_codec_name(cfg.codec), cfg.rate_hz,
			      cfg.channels, cfg.ptime_ms, rows[i].hz, snr, amp);
		if (snr < rows[i].snr)
			fail_msg("row %zu: %.1f dB", i, snr);
		/* Within 1 dB. */
		assert_true(amp > 10700 && amp < 13500);
	}
}

/* Two channels that differ are heard both, at half their level. */
static void test_stereo(void **state)
{
	static int16_t out[SAMPLES];
	struct vc_audiodec *dec = new_dec(VC_CODEC_L16, 48000);
	int16_t left[480], right[480];
	uint8_t p[1920];
	double amp;

	(void)state;
	vc_audiodec_set_channels(dec, 2);
	for (size_t k = 0; k < 200; k++) {
		sine_put(left, 480, k * 480, 1000, RATE, 16000);
		sine_put(right, 480, k * 480, 3000, RATE, 8000);
		for (size_t i = 0; i < 480; i++) {
			p[4 * i] = (uint8_t)((uint16_t)left[i] >> 8);
			p[4 * i + 1] = (uint8_t)left[i];
			p[4 * i + 2] = (uint8_t)((uint16_t)right[i] >> 8);
			p[4 * i + 3] = (uint8_t)right[i];
		}
		assert_int_equal(
			vc_audiodec_decode(dec, p, 1920, out + k * 480), 480);
	}
	(void)sine_snr(out, SAMPLES, 1000, RATE, &amp);
	assert_true(amp > 7990 && amp < 8010);
	(void)sine_snr(out, SAMPLES, 3000, RATE, &amp);
	assert_true(amp > 3990 && amp < 4010);
	vc_audiodec_free(dec);
}

/* Asked for two channels: a sine on the left stays there, what is mono is on
 * both, and so it is with what is made up. */
static void test_sides(void **state)
{
	static const struct {
		enum vc_codec codec;
		uint32_t clock;
		int channels;
	} rows[] = { { VC_CODEC_OPUS, 48000, 2 },
		     { VC_CODEC_L16, 48000, 2 },
		     { VC_CODEC_OPUS, 48000, 1 },
		     { VC_CODEC_PCMU, 8000, 1 } };
	static int16_t out[2 * (RATE + VC_AUDIODEC_MAX)], side[2][RATE];

	(void)state;
	for (size_t k = 0; k < VC_COUNT(rows); k++) {
		const struct vc_audenc_cfg cfg = {
			.codec = rows[k].codec,
			.channels = rows[k].channels,
			.ptime_ms = 10,
			.bitrate_bps = 96000,
			.complexity = VC_AUDENC_COMPLEXITY,
		};
		struct vc_audiodec *dec = new_dec(rows[k].codec, rows[k].clock);
		int err;
		struct vc_audenc *enc = vc_audenc_new(&cfg, &err);
		uint8_t p[VC_AUDENC_PACKET_MAX];
		int16_t mono[480], pcm[960];
		double left, right;
		size_t at = 0, n;

		if (!enc)
			continue;
		n = vc_audenc_samples(enc);
		vc_audiodec_set_channels(dec, (unsigned int)rows[k].channels);
		vc_audiodec_set_stereo(dec);
		assert_false(vc_audiodec_is_stereo(dec));
		for (size_t done = 0; done < RATE;) {
			int len;

			sine_put(mono, n, at, 1000, vc_audenc_rate(enc), 12000);
			at += n;
			for (size_t i = 0; i < n; i++) {
				pcm[rows[k].channels == 2 ? 2 * i : i] =
					mono[i];
				if (rows[k].channels == 2)
					pcm[2 * i + 1] = 0;
			}
			len = vc_audenc_encode(enc, pcm, n, p, sizeof(p));
			assert_true(len > 0);
			len = vc_audiodec_decode(dec, p, (size_t)len,
						 out + 2 * done);
			assert_true(len > 0);
			done += (size_t)len;
		}
		assert_int_equal(vc_audiodec_is_stereo(dec),
				 rows[k].channels == 2);
		for (size_t i = 0; i < RATE; i++) {
			side[0][i] = out[2 * i];
			side[1][i] = out[2 * i + 1];
		}
		(void)sine_snr(side[0] + RATE / 2, RATE / 2, 1000, RATE, &left);
		(void)sine_snr(side[1] + RATE / 2, RATE / 2, 1000, RATE,
			       &right);
		assert_true(left > 10700 && left < 13500);
		if (rows[k].channels == 2)
			assert_true(right < 600);
		else
			assert_memory_equal(side[0], side[1], sizeof(side[0]));
		vc_audiodec_conceal(dec, NULL, 0, out, 480);
		for (size_t i = 0; rows[k].channels == 1 && i < 480; i++)
			assert_int_equal(out[2 * i], out[2 * i + 1]);
		vc_audenc_free(enc);
		vc_audiodec_free(dec);
	}
}

/* P4: octets that are no number of samples, and too many of them. */
static void test_lengths(void **state)
{
	static const struct {
		enum vc_codec codec;
		uint32_t clock;
		unsigned int channels;
		size_t len;
		int result;
	} rows[] = {
		{ VC_CODEC_PCMU, 8000, 1, 0, -EBADMSG },
		{ VC_CODEC_PCMU, 8000, 1, 1, 6 },
		{ VC_CODEC_PCMA, 8000, 1, 161, 966 },
		{ VC_CODEC_PCMU, 8000, 1, 1600, 9600 },
		/* As much as GStreamer puts into 1,400 octets. */
		{ VC_CODEC_PCMA, 8000, 1, 1388, 8328 },
		{ VC_CODEC_PCMA, 8000, 1, 1601, -EBADMSG },
		{ VC_CODEC_PCMA, 8000, 1, 65000, -EBADMSG },
		{ VC_CODEC_G722, 8000, 1, 0, -EBADMSG },
		{ VC_CODEC_G722, 8000, 1, 1, 6 },
		{ VC_CODEC_G722, 8000, 1, 160, 960 },
		{ VC_CODEC_G722, 8000, 1, 1600, 9600 },
		{ VC_CODEC_G722, 8000, 1, 1601, -EBADMSG },
		{ VC_CODEC_G722, 8000, 1, 65000, -EBADMSG },
		{ VC_CODEC_L16, 48000, 1, 0, -EBADMSG },
		{ VC_CODEC_L16, 48000, 1, 1, -EBADMSG },
		{ VC_CODEC_L16, 48000, 1, 2, 1 },
		{ VC_CODEC_L16, 48000, 1, 961, -EBADMSG },
		{ VC_CODEC_L16, 48000, 2, 962, -EBADMSG },
		{ VC_CODEC_L16, 48000, 2, 960, 240 },
		{ VC_CODEC_L16, 44100, 2, 1764, 480 },
		{ VC_CODEC_L16, 48000, 1, 19200, 9600 },
		{ VC_CODEC_L16, 48000, 1, 19202, -EBADMSG },
		{ VC_CODEC_L16, 8000, 1, 3202, -EBADMSG },
		{ VC_CODEC_L16, 48000, 1, 65000, -EBADMSG },
		{ VC_CODEC_L16, 48000, 8, 64992, 4062 },
		{ VC_CODEC_L16, 48000, 255, 65000, -EBADMSG },
	};
	static uint8_t p[65000];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_audiodec *d = new_dec(rows[i].codec, rows[i].clock);
		int16_t pcm[VC_AUDIODEC_MAX];
		int n;

		for (size_t k = 0; k < sizeof(p); k++)
			p[k] = (uint8_t)(k * 2654435761u >> 24);
		vc_audiodec_set_channels(d, rows[i].channels);
		n = vc_audiodec_decode(d, p, rows[i].len, pcm);
		if (n != rows[i].result)
			fail_msg("row %zu: %d", i, n);
		vc_audiodec_free(d);
	}
}

static int64_t cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * VC_SEC + t.tv_nsec;
}

/* A second of Opus through: CPU of encoder and decoder, ns. */
static int64_t second_of(struct vc_audenc *enc, struct vc_audiodec *dec,
			 int amplitude, size_t *at)
{
	int16_t pcm[960], out[VC_AUDIODEC_MAX];
	int64_t begin = cpu_now();
	uint8_t p[VC_AUDENC_PACKET_MAX];

	for (int k = 0; k < 50; k++) {
		int len;

		sine_put(pcm, 960, *at, 700, RATE, amplitude);
		*at += 960;
		len = vc_audenc_encode(enc, pcm, 960, p, sizeof(p));
		assert_true(len > 0);
		assert_int_equal(vc_audiodec_decode(dec, p, (size_t)len, out),
				 960);
	}
	return cpu_now() - begin;
}

/*
 * P4: what decays in a codec's floating point falls below 1e-38 in silence, and
 * each number down there may cost a hundred times as much.
 */
static void test_silence_is_no_dearer(void **state)
{
	const struct vc_audenc_cfg cfg = {
		.codec = VC_CODEC_OPUS,
		.ptime_ms = 20,
		.bitrate_bps = 32000,
		.complexity = VC_AUDENC_COMPLEXITY,
	};
	int err;
	struct vc_audenc *enc = vc_audenc_new(&cfg, &err);
	struct vc_audiodec *dec = new_dec(VC_CODEC_OPUS, 48000);
	int64_t loud = INT64_MAX, worst = 0;
	size_t at = 0;

	(void)state;
	for (int k = 0; k < 5; k++) {
		int64_t t = second_of(enc, dec, 12000, &at);

		loud = t < loud ? t : loud;
	}
	/* The lesser of two: the machine is not alone. */
	for (int k = 0; k < 20; k++) {
		int64_t a = second_of(enc, dec, 0, &at);
		int64_t b = second_of(enc, dec, 0, &at);

		a = a < b ? a : b;
		worst = a > worst ? a : worst;
	}
	print_message("a second: %d us, of silence %d us\n", (int)(loud / 1000),
		      (int)(worst / 1000));
	assert_true(worst < 4 * loud);
	vc_audenc_free(enc);
	vc_audiodec_free(dec);
}

/* P3: by length and by TOC. What is well-formed gives what it says. */
static void test_opus(void **state)
{
	static const struct {
		const char *p;
		size_t len;
		int result;
	} rows[] = {
		{ "", 0, -EBADMSG },
		{ "\x78", 1, 960 }, /* DTX: the TOC alone */
		{ "\x08", 1, 960 },
		/* code 3: no count, 0 and 63 frames, 120 ms, over that */
		{ "\x03", 1, -EBADMSG },
		{ "\x03\x00", 2, -EBADMSG },
		{ "\x03\x3f", 2, -EBADMSG },
		{ "\x0b\x06", 2, 5760 },
		{ "\x0b\x07", 2, -EBADMSG },
		{ "\xe3\x30", 2, 5760 }, /* 48 of 2.5 ms */
		{ "\xe3\x31", 2, -EBADMSG },
		/* padding that is, that is not there, that has no end */
		{ "\x0b\x41\x01\x00", 4, 960 },
		{ "\x0b\x41\x02\x00", 4, -EBADMSG },
		{ "\x0b\x41\xff\xff\xff\xff", 6, -EBADMSG },
		/* code 1 of an odd length, code 2 beyond the end */
		{ "\x09\x00\x00\x00", 4, -EBADMSG },
		{ "\x0a\x7f\x00", 3, -EBADMSG },
		/* stereo, and 5 ms, where 20 ms of mono were */
		{ "\x0c\x00\x00\x00", 4, 960 },
		{ "\xe8\x00\x00\x00", 4, 240 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_audiodec *d = new_dec(VC_CODEC_OPUS, 48000);
		int16_t pcm[VC_AUDIODEC_MAX];
		int n = vc_audiodec_decode(d, (const uint8_t *)rows[i].p,
					   rows[i].len, pcm);

		if (n != rows[i].result)
			fail_msg("row %zu: %d", i, n);
		vc_audiodec_free(d);
	}
}

/* P4: all octets alike, and full scale: bounded, and what it was before. */
static void test_extremes(void **state)
{
	static const enum vc_codec codecs[] = { VC_CODEC_PCMU, VC_CODEC_PCMA,
						VC_CODEC_G722, VC_CODEC_L16 };
	static const uint8_t octets[] = { 0x00, 0x7f, 0x80, 0xff, 0x55 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(codecs) * VC_COUNT(octets); i++) {
		struct vc_audiodec *d = new_dec(codecs[i % 4], 8000);
		int16_t pcm[VC_AUDIODEC_MAX], first;
		uint8_t p[160];
		int n = 0;

		memset(p, octets[i / 4], sizeof(p));
		for (int k = 0; k < 50; k++)
			n = vc_audiodec_decode(d, p, sizeof(p), pcm);
		assert_true(n > 0);
		first = pcm[0];
		for (int k = 0; k < n && codecs[i % 4] != VC_CODEC_G722; k++)
			assert_in_range(pcm[k] - first + 2, 0, 4);
		vc_audiodec_free(d);
	}
}

static void test_upsample(void **state)
{
	static const uint32_t rates[] = { 1,	 8000,	11025, 22050,
					  32000, 44100, 47999, 48000 };
	int16_t in[100], out[4800 * 100 / 48 + 1];

	(void)state;
	for (size_t i = 1; i < VC_COUNT(rates); i++) {
		struct vc_upsample u;
		size_t all = 0, n, sum = 0;

		vc_upsample_init(&u, rates[i]);
		for (size_t k = 0; k < 1000; k++) {
			size_t len = k * 7 % 100;

			for (size_t j = 0; j < len; j++)
				in[j] = 20000;
			n = vc_upsample_count(&u, len);
			assert_int_equal(vc_upsample(&u, in, len, out), n);
			all += len;
			sum += n;
			/* Constants stay what they are. */
			for (size_t j = 0; j < n && all - len > 24; j++)
				assert_in_range(out[j], 19999, 20001);
		}
		assert_in_range(sum, (uint64_t)all * 48000 / rates[i],
				(uint64_t)all * 48000 / rates[i] + 1);
	}
}

static void test_refused(void **state)
{
	static const struct {
		enum vc_codec codec;
		uint32_t clock;
	} rows[] = {
		{ VC_CODEC_VP8, 90000 },  { VC_CODEC_OPUS, 8000 },
		{ VC_CODEC_PCMU, 16000 }, { VC_CODEC_G722, 16000 },
		{ VC_CODEC_L16, 96000 },  { VC_CODEC_L16, 0 },
		{ VC_CODEC_L16, 7999 },
	};
	int err;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		assert_null(
			vc_audiodec_new(rows[i].codec, rows[i].clock, &err));
		assert_int_equal(err, -ENOTSUP);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_codec),
		cmocka_unit_test(test_stereo),
		cmocka_unit_test(test_sides),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_silence_is_no_dearer),
		cmocka_unit_test(test_opus),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_upsample),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

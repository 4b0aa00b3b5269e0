/* SPDX-License-Identifier: MIT */
/*
 * Encoders of sound: what they take, DTX, FEC and the bit rate. What comes out
 * at the other end is test_audiodec.c's.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/audio.h"
#include "codec/g722.h"
#include "media/tone.h"
#include "unit/sine.h"
#include "wire/opus.h"

static void test_cfg(void **state)
{
	static const struct {
		enum vc_codec codec;
		uint32_t rate_hz;
		int channels, ptime_ms, err;
		uint32_t rate, clock;
		size_t samples;
	} rows[] = {
		{ VC_CODEC_OPUS, 0, 0, 20, 0, 48000, 48000, 960 },
		{ VC_CODEC_OPUS, 16000, 2, 60, 0, 16000, 48000, 960 },
		{ VC_CODEC_OPUS, 44100, 1, 20, -EINVAL, 0, 0, 0 },
		{ VC_CODEC_OPUS, 48000, 3, 20, -EINVAL, 0, 0, 0 },
		{ VC_CODEC_OPUS, 48000, 1, 30, -EINVAL, 0, 0, 0 },
		{ VC_CODEC_G722, 0, 0, 20, 0, 16000, 8000, 320 },
		{ VC_CODEC_G722, 8000, 1, 20, -EINVAL, 0, 0, 0 },
		{ VC_CODEC_G722, 16000, 2, 20, -EINVAL, 0, 0, 0 },
		{ VC_CODEC_PCMU, 0, 1, 10, 0, 8000, 8000, 80 },
		{ VC_CODEC_PCMA, 8000, 1, 60, 0, 8000, 8000, 480 },
		{ VC_CODEC_PCMA, 16000, 1, 20, -EINVAL, 0, 0, 0 },
		{ VC_CODEC_L16, 0, 1, 20, 0, 48000, 48000, 960 },
		{ VC_CODEC_L16, 44100, 2, 40, 0, 44100, 44100, 1764 },
		{ VC_CODEC_L16, 48000, 2, 40, 0, 48000, 48000, 1920 },
		{ VC_CODEC_L16, 48000, 2, 60, -EINVAL, 0, 0, 0 },
		{ VC_CODEC_L16, 48000, 2, 5, 0, 48000, 48000, 240 },
		{ VC_CODEC_L16, 44100, 2, 5, -EINVAL, 0, 0, 0 },
		{ VC_CODEC_OPUS, 48000, 1, 5, -EINVAL, 0, 0, 0 },
		{ VC_CODEC_L16, 11025, 1, 20, -EINVAL, 0, 0, 0 },
		{ VC_CODEC_L16, 11025, 1, 40, 0, 11025, 11025, 441 },
		{ VC_CODEC_L16, 96000, 1, 10, -EINVAL, 0, 0, 0 },
		{ VC_CODEC_VP8, 0, 1, 20, -ENOTSUP, 0, 0, 0 },
		{ VC_CODEC_NONE, 0, 1, 20, -ENOTSUP, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_audenc_cfg cfg = {
			.codec = rows[i].codec,
			.rate_hz = rows[i].rate_hz,
			.channels = rows[i].channels,
			.ptime_ms = rows[i].ptime_ms,
			.bitrate_bps = 32000,
		};
		int err = 1;
		struct vc_audenc *enc = vc_audenc_new(&cfg, &err);

		if (err != rows[i].err)
			fail_msg("row %zu: %d", i, err);
		assert_int_equal(enc != NULL, !err);
		if (!enc)
			continue;
		assert_int_equal(vc_audenc_rate(enc), rows[i].rate);
		assert_int_equal(vc_audenc_clock(enc), rows[i].clock);
		assert_int_equal(vc_audenc_samples(enc), rows[i].samples);
		vc_audenc_free(enc);
	}
}

static struct vc_audenc *new_opus(bool dtx, int fec_percent)
{
	const struct vc_audenc_cfg cfg = {
		.codec = VC_CODEC_OPUS,
		.ptime_ms = 20,
		.bitrate_bps = 32000,
		.complexity = VC_AUDENC_COMPLEXITY,
		.dtx = dtx,
		.fec = fec_percent > 0,
		.loss_percent = fec_percent,
	};
	int err;
	struct vc_audenc *enc = vc_audenc_new(&cfg, &err);

	assert_non_null(enc);
	return enc;
}

/* Octets of 'n' packets of a voice, or of silence; how many are to be sent. */
static size_t run(struct vc_audenc *enc, struct vc_tone *voice, int n,
		  int *sent, int *copies)
{
	static uint8_t p[VC_AUDENC_PACKET_MAX];
	int16_t pcm[960] = { 0 };
	size_t sum = 0;
	int len;

	*sent = 0;
	*copies = 0;
	for (int i = 0; i < n; i++) {
		if (voice)
			vc_tone_read(voice, pcm, 960);
		len = vc_audenc_encode(enc, pcm, 960, p, sizeof(p));
		assert_true(len > 0);
		sum += (size_t)len;
		*sent += len > 2;
		*copies += vc_opus_fec(p, (size_t)len) > 0;
	}
	return sum;
}

/* Silence: at most a twentieth of the packets are worth being sent. */
static void test_dtx(void **state)
{
	static struct vc_tone voice;
	struct vc_audenc *enc = new_opus(true, 0);
	struct vc_audenc *plain = new_opus(false, 0);
	int sent, copies;
	size_t octets;

	(void)state;
	vc_tone_init(&voice, "alice", 48000);
	run(enc, &voice, 100, &sent, &copies);
	assert_true(sent > 95);
	run(enc, NULL, 25, &sent, &copies); /* it makes sure first */
	octets = run(enc, NULL, 500, &sent, &copies);
	print_message("10 s of silence: %d packets to be sent, %zu octets\n",
		      sent, octets);
	assert_true(sent <= 30);
	run(plain, NULL, 500, &sent, &copies);
	assert_int_equal(sent, 500);
	vc_audenc_free(enc);
	vc_audenc_free(plain);
}

static void test_fec(void **state)
{
	static struct vc_tone voice;
	struct vc_audenc *with = new_opus(false, 20);
	struct vc_audenc *without = new_opus(false, 0);
	int sent, copies;

	(void)state;
	vc_tone_init(&voice, "alice", 48000);
	run(with, &voice, 200, &sent, &copies);
	assert_true(copies > 100);
	run(without, &voice, 200, &sent, &copies);
	assert_int_equal(copies, 0);
	vc_audenc_free(with);
	vc_audenc_free(without);
}

static void test_bitrate(void **state)
{
	static const uint32_t rates[] = { 32000, 12000, 64000 };
	const struct vc_audenc_cfg pcm = { .codec = VC_CODEC_G722,
					   .ptime_ms = 20 };
	static struct vc_tone voice;
	struct vc_audenc *enc = new_opus(false, 0), *fixed;
	int err, sent, copies;

	(void)state;
	vc_tone_init(&voice, "carol", 48000);
	for (size_t i = 0; i < VC_COUNT(rates); i++) {
		size_t octets;

		assert_int_equal(vc_audenc_set_bitrate(enc, rates[i]), 0);
		octets = run(enc, &voice, 250, &sent, &copies);
		print_message("%u bit/s: %zu octets in 5 s\n", rates[i],
			      octets);
		assert_in_range(octets, rates[i] * 5 / 8 * 6 / 10,
				rates[i] * 5 / 8 * 12 / 10);
	}
	fixed = vc_audenc_new(&pcm, &err);
	assert_int_equal(vc_audenc_set_bitrate(fixed, 48000), -ENOTSUP);
	vc_audenc_free(fixed);
	vc_audenc_free(enc);
}

static void test_refused(void **state)
{
	static uint8_t p[VC_AUDENC_PACKET_MAX];
	struct vc_audenc *enc = new_opus(false, 0);
	int16_t pcm[960] = { 0 };

	(void)state;
	assert_int_equal(vc_audenc_encode(enc, pcm, 480, p, sizeof(p)),
			 -EINVAL);
	assert_int_equal(vc_audenc_encode(enc, pcm, 960, p, 100), -ENOBUFS);
	vc_audenc_free(enc);
}

/*
 * G.722 there and back, at levels and tones of both bands: the predictor's
 * limits, and full scale that clips.
 */
static void test_g722(void **state)
{
	static const struct {
		double hz, peak, snr;
	} rows[] = {
		{ 100, 12000, 35 },  { 1000, 12000, 40 }, { 3500, 12000, 30 },
		{ 5000, 12000, 20 }, { 7000, 12000, 12 }, { 1000, 100, 20 },
		{ 1000, 32000, 35 },
	};
	static int16_t in[32000], out[32000];
	static uint8_t p[16000];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_g722 enc, dec;
		double amp, snr;

		vc_g722_init(&enc);
		vc_g722_init(&dec);
		sine_put(in, 32000, 0, rows[i].hz, 16000, rows[i].peak);
		vc_g722_encode(&enc, in, 32000, p);
		vc_g722_decode(&dec, p, 16000, out);
		snr = sine_snr(out + 16000, 16000, rows[i].hz, 16000, &amp);
		print_message("G722 %.0f Hz, peak %.0f: %.1f dB, peak %.0f\n",
			      rows[i].hz, rows[i].peak, snr, amp);
		if (snr < rows[i].snr)
			fail_msg("row %zu: %.1f dB", i, snr);
		assert_true(amp > 0.9 * rows[i].peak &&
			    amp < 1.1 * rows[i].peak);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cfg),	cmocka_unit_test(test_dtx),
		cmocka_unit_test(test_fec),	cmocka_unit_test(test_bitrate),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_g722),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/opus.h"
#include "media/level.h"
#include "media/tone.h"
#include "wire/opus.h"

static const struct vc_opus_enc_cfg usual = {
	.rate_hz = 48000,
	.channels = 1,
	.bitrate_bps = 32000,
	.complexity = VC_OPUS_COMPLEXITY,
	.ptime_ms = 20,
};

static void test_cfg(void **state)
{
	static const struct {
		uint32_t rate_hz;
		int channels, complexity, ptime_ms, err;
	} rows[] = {
		{ 48000, 1, 5, 20, 0 },	       { 48000, 2, 10, 60, 0 },
		{ 8000, 1, 0, 10, 0 },	       { 44100, 1, 5, 20, -EINVAL },
		{ 48000, 3, 5, 20, -EINVAL },  { 48000, 0, 5, 20, -EINVAL },
		{ 48000, 1, 11, 20, -EINVAL }, { 48000, 1, 5, 30, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_opus_enc_cfg cfg = usual;
		struct vc_opus_enc *enc;
		int err = 1;

		cfg.rate_hz = rows[i].rate_hz;
		cfg.channels = rows[i].channels;
		cfg.complexity = rows[i].complexity;
		cfg.ptime_ms = rows[i].ptime_ms;
		enc = vc_opus_enc_new(&cfg, &err);
		assert_int_equal(err, rows[i].err);
		assert_int_equal(enc != NULL, !err);
		vc_opus_enc_free(enc);
	}
}

/* What goes in comes out, as loud, at every duration of a packet. */
static void test_round_trip(void **state)
{
	static const int ptimes[] = { 10, 20, 40, 60 };
	static struct vc_tone tone;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(ptimes); i++) {
		struct vc_opus_enc_cfg cfg = usual;
		int err, n = 48 * ptimes[i];
		int16_t pcm[2880], out[VC_OPUS_MAX_SAMPLES];
		uint8_t p[VC_OPUS_PACKET_MAX];

		cfg.ptime_ms = ptimes[i];
		struct vc_opus_enc *enc = vc_opus_enc_new(&cfg, &err);
		struct vc_opus_dec *dec = vc_opus_dec_new(48000, 1, &err);
		double in_db = 0, out_db = 0;
		int octets = 0;

		vc_tone_init(&tone, "alice", 48000);
		for (int k = 0; k < 4800 / ptimes[i]; k++) {
			vc_tone_read(&tone, pcm, (size_t)n);
			int len = vc_opus_encode(enc, pcm, n, p, sizeof(p));

			assert_true(len > 0);
			octets += len;
			assert_int_equal(vc_opus_decode(dec, p, (size_t)len,
							out,
							VC_OPUS_MAX_SAMPLES),
					 n);
			in_db += vc_level_dbov(pcm, (size_t)n);
			out_db += vc_level_dbov(out, (size_t)n);
		}
		/* 4.8 s at 32 kbit/s are 19,200 octets. */
		assert_in_range(octets, 12000, 24000);
		assert_true(out_db > 0.8 * in_db && out_db < 1.1 * in_db);
		vc_opus_enc_free(enc);
		vc_opus_dec_free(dec);
	}
}

/* Packets of 200 that MDCT alone made; those with a copy of the one before. */
static void count(struct vc_opus_enc *enc, int channels, int *mdct, int *copies)
{
	static struct vc_tone tone;
	int16_t one[960], pcm[2 * 960];
	uint8_t p[VC_OPUS_PACKET_MAX];

	*mdct = *copies = 0;
	vc_tone_init(&tone, "alice", 48000);
	for (int i = 0; i < 200; i++) {
		int len;

		vc_tone_read(&tone, one, 960);
		for (int k = 0; k < 960 * channels; k++)
			pcm[k] = one[k / channels];
		len = vc_opus_encode(enc, pcm, 960, p, sizeof(p));
		assert_true(len > 0);
		*mdct += p[0] >> 3 >= 16; /* RFC 6716, 3.1 */
		*copies += vc_opus_fec(p, (size_t)len) > 0;
	}
}

/* Speech or music, by the rate; where there shall be copies there are. */
static void test_modes(void **state)
{
	static const struct {
		int channels;
		uint32_t bps, then_bps;
		bool dtx;
		int fec, mdct, then_mdct;
	} rows[] = {
		{ 1, 32000, 48000, false, 0, 0, 200 },
		{ 1, 43999, 44000, false, 0, 0, 200 },
		{ 1, 48000, 24000, false, 0, 200, 0 },
		{ 1, 48000, 48000, true, 0, 0, 0 },
		{ 2, 64000, 96000, false, 0, 200, 200 },
		{ 1, 64000, 48000, false, 1, 0, 0 },
		{ 1, 32000, 32000, false, 10, 0, 0 },
		{ 2, 64000, 96000, false, 3, 0, 0 },
		{ 2, 64000, 96000, false, 10, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_opus_enc_cfg cfg = usual;
		int mdct, copies, err;

		cfg.channels = rows[i].channels;
		cfg.bitrate_bps = rows[i].bps;
		cfg.dtx = rows[i].dtx;
		cfg.fec = rows[i].fec > 0;
		cfg.loss_percent = rows[i].fec;
		struct vc_opus_enc *enc = vc_opus_enc_new(&cfg, &err);

		count(enc, cfg.channels, &mdct, &copies);
		assert_int_equal(mdct, rows[i].mdct);
		assert_int_equal(copies > 100, cfg.fec);
		vc_opus_enc_set_bitrate(enc, rows[i].then_bps);
		count(enc, cfg.channels, &mdct, &copies);
		/* It changes between two packets, or one later. */
		assert_in_range(mdct + 2, rows[i].then_mdct,
				rows[i].then_mdct + 4);
		assert_int_equal(copies > 100, cfg.fec);
		vc_opus_enc_free(enc);
	}
}

static void test_refused(void **state)
{
	int16_t pcm[VC_OPUS_MAX_SAMPLES] = { 0 };
	uint8_t p[VC_OPUS_PACKET_MAX] = { 0 };
	int err;
	struct vc_opus_enc *enc = vc_opus_enc_new(&usual, &err);
	struct vc_opus_dec *dec = vc_opus_dec_new(48000, 1, &err);
	int len = vc_opus_encode(enc, pcm, 960, p, sizeof(p));

	(void)state;
	assert_int_equal(vc_opus_encode(enc, pcm, 480, p, sizeof(p)), -EINVAL);
	assert_int_equal(vc_opus_encode(enc, pcm, 960, p, 100), -ENOBUFS);
	assert_int_equal(vc_opus_decode(dec, p, (size_t)len, pcm, 480),
			 -ENOBUFS);
	assert_int_equal(vc_opus_decode(dec, p, 0, pcm, 960), -EBADMSG);
	/* Code 3 without a frame count, RFC 6716 section 3.2.5. */
	assert_int_equal(vc_opus_decode(dec, (const uint8_t *)"\x03", 1, pcm,
					960),
			 -EBADMSG);
	assert_null(vc_opus_dec_new(44100, 1, &err));
	assert_int_equal(err, -EINVAL);
	vc_opus_enc_free(enc);
	vc_opus_dec_free(dec);
}

static void test_concealment(void **state)
{
	static const struct {
		int n, result;
	} rows[] = {
		{ 960, 960 },	   { 120, 120 },      { 5760, 5760 },
		{ 100, -EINVAL },  { 5880, -EINVAL }, { 0, -EINVAL },
		{ -960, -EINVAL },
	};
	static struct vc_tone tone;
	int16_t pcm[VC_OPUS_MAX_SAMPLES];
	uint8_t p[VC_OPUS_PACKET_MAX];
	int err, len;
	struct vc_opus_enc *enc = vc_opus_enc_new(&usual, &err);
	struct vc_opus_dec *dec = vc_opus_dec_new(48000, 1, &err);

	(void)state;
	vc_tone_init(&tone, "alice", 48000);
	for (int i = 0; i < 5; i++) {
		vc_tone_read(&tone, pcm, 960);
		len = vc_opus_encode(enc, pcm, 960, p, sizeof(p));
		vc_opus_decode(dec, p, (size_t)len, pcm, 960);
	}
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_opus_conceal(dec, pcm, rows[i].n),
				 rows[i].result);
	assert_int_equal(vc_opus_decode_fec(dec, p, (size_t)len, pcm, 960),
			 960);
	assert_int_equal(vc_opus_decode_fec(dec, p, (size_t)len, pcm, 961),
			 -EINVAL);
	vc_opus_enc_free(enc);
	vc_opus_dec_free(dec);
}

/* Runs a voice with every fifth packet lost; the error in those, mean square. */
static double error_of_lost(bool with_copies, unsigned int *copies)
{
	static struct vc_tone tone;
	struct vc_opus_enc_cfg cfg = usual;
	int16_t pcm[960], whole[960], out[960];
	uint8_t p[2][VC_OPUS_PACKET_MAX];
	double sum = 0;
	int err, len[2] = { 0 };

	cfg.fec = true;
	cfg.loss_percent = 20;
	struct vc_opus_enc *enc = vc_opus_enc_new(&cfg, &err);
	struct vc_opus_dec *all = vc_opus_dec_new(48000, 1, &err);
	struct vc_opus_dec *dec = vc_opus_dec_new(48000, 1, &err);

	*copies = 0;
	vc_tone_init(&tone, "alice", 48000);
	for (int i = 0; i < 500; i++) {
		bool was_lost = i % 5 == 1;
		unsigned int fec;

		vc_tone_read(&tone, pcm, 960);
		len[i % 2] = vc_opus_encode(enc, pcm, 960, p[i % 2],
					    VC_OPUS_PACKET_MAX);
		fec = vc_opus_fec(p[i % 2], (size_t)len[i % 2]);
		if (was_lost && with_copies && fec == 960)
			vc_opus_decode_fec(dec, p[i % 2], (size_t)len[i % 2],
					   out, 960);
		else if (was_lost)
			vc_opus_conceal(dec, out, 960);
		*copies += was_lost && fec == 960;
		for (int k = 0; was_lost && k < 960; k++)
			sum += (whole[k] - out[k]) *
			       (double)(whole[k] - out[k]);
		vc_opus_decode(all, p[i % 2], (size_t)len[i % 2], whole, 960);
		if (i % 5)
			vc_opus_decode(dec, p[i % 2], (size_t)len[i % 2], out,
				       960);
	}
	vc_opus_enc_free(enc);
	vc_opus_dec_free(all);
	vc_opus_dec_free(dec);
	return sum;
}

/* The copy is nearer to what was lost than what is made up. */
static void test_fec(void **state)
{
	unsigned int copies;
	double made_up = error_of_lost(false, &copies);
	double copied = error_of_lost(true, &copies);

	(void)state;
	assert_true(copies > 50);
	assert_true(copied < 0.5 * made_up);
}

/* A copy goes on exactly as the original does. */
static void test_copy(void **state)
{
	static struct vc_tone tone;
	uint8_t p[VC_OPUS_PACKET_MAX], q[VC_OPUS_PACKET_MAX];
	int16_t pcm[960];
	int err;
	struct vc_opus_enc *a = vc_opus_enc_new(&usual, &err);
	struct vc_opus_enc *b = vc_opus_enc_new(&usual, &err);

	(void)state;
	vc_tone_init(&tone, "bob", 48000);
	for (int i = 0; i < 40; i++) {
		vc_tone_read(&tone, pcm, 960);
		int len = vc_opus_encode(a, pcm, 960, p, sizeof(p));

		if (i == 20) {
			assert_int_equal(vc_opus_enc_copy(b, a), 0);
		} else if (i > 20) {
			assert_int_equal(
				vc_opus_encode(b, pcm, 960, q, sizeof(q)), len);
			assert_memory_equal(p, q, (size_t)len);
		}
	}
	vc_opus_enc_free(b);

	struct vc_opus_enc_cfg stereo = usual;

	stereo.channels = 2;
	b = vc_opus_enc_new(&stereo, &err);
	assert_int_equal(vc_opus_enc_copy(b, a), -EINVAL);
	vc_opus_enc_free(a);
	vc_opus_enc_free(b);
}

static void test_settings(void **state)
{
	struct vc_opus_enc_cfg cfg = usual;
	static struct vc_tone tone;
	uint8_t p[VC_OPUS_PACKET_MAX];
	int16_t pcm[960] = { 0 };
	int err, sum[2] = { 0 }, silent = 0;

	(void)state;
	cfg.dtx = true;
	struct vc_opus_enc *enc = vc_opus_enc_new(&cfg, &err);

	/* RFC 7845: 312 samples (6.5 ms), as every player expects. */
	assert_int_equal(vc_opus_enc_lookahead(enc), 312);
	vc_tone_init(&tone, "carol", 48000);
	for (int i = 0; i < 200; i++) {
		vc_tone_read(&tone, pcm, 960);
		sum[i / 100] += vc_opus_encode(enc, pcm, 960, p, sizeof(p));
		if (i == 99)
			assert_int_equal(vc_opus_enc_set_bitrate(enc, 12000),
					 0);
	}
	assert_true(sum[1] < sum[0] * 2 / 3);
	memset(pcm, 0, sizeof(pcm));
	for (int i = 0; i < 100; i++)
		silent += vc_opus_encode(enc, pcm, 960, p, sizeof(p)) <= 2;
	assert_true(silent > 50);
	vc_opus_enc_free(enc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cfg),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_concealment),
		cmocka_unit_test(test_fec),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

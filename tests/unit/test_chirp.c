/* SPDX-License-Identifier: MIT */
/*
 * Sound marks: read back alone, beside voices, after Opus and G.711, and from
 * a mix of three; none where there are none; and voices are still heard. A
 * mark that nobody made fails a test wherever it is read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/time.h"
#include "codec/g711.h"
#include "codec/opus.h"
#include "media/chirp.h"
#include "media/mark.h"
#include "media/tone.h"

#define FRAME 960
/* Sanitizers take their time. */
#ifdef __SANITIZE_ADDRESS__
#define SECONDS 30
#define NOISE_SECONDS 120
#else
#define SECONDS 60
#define NOISE_SECONDS 600
#endif
#define TALKERS 3
#define NAMES 6

/* What happens to the sound, and what has to come of it. */
struct way {
	int talkers;
	bool has_voices;
	uint32_t opus_bps; /* 0: none, 1: PCMU at 8 kHz */
	int gain_shift;
	int percent;	/* of the marks that must be read, at least */
	int64_t delay;	/* on the average, ns */
	int64_t spread; /* most of any one from 'delay' */
};

struct rig {
	struct vc_tone tone[TALKERS];
	struct vc_chirp chirp[TALKERS];
	struct vc_heard heard[NAMES];
	struct vc_opus_enc *enc;
	struct vc_opus_dec *dec;
	struct vc_chirp_reader *reader;
	int read;
	int64_t sum, low, high;
};

static struct rig *rig_new(const struct way *w)
{
	struct rig *g = vc_alloc(1, sizeof(*g));
	const struct vc_opus_enc_cfg cfg = {
		.rate_hz = 48000,
		.channels = 1,
		.bitrate_bps = w->opus_bps,
		.complexity = VC_OPUS_COMPLEXITY,
		.ptime_ms = 20,
	};
	uint32_t rate = w->opus_bps == 1 ? 8000 : 48000;
	char name[16];
	int err;

	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "p%d", i + 1);
		vc_heard_init(&g->heard[i], name, 48000);
		if (i >= TALKERS)
			continue;
		vc_tone_init(&g->tone[i], name, rate);
		vc_chirp_init(&g->chirp[i], vc_mark_id(name), rate);
	}
	if (w->opus_bps > 1) {
		g->enc = vc_opus_enc_new(&cfg, &err);
		g->dec = vc_opus_dec_new(48000, 1, &err);
		assert_non_null(g->enc);
		assert_non_null(g->dec);
	}
	g->reader = vc_chirp_reader_new();
	assert_non_null(g->reader);
	g->low = INT64_MAX;
	g->high = INT64_MIN;
	return g;
}

static void rig_free(struct rig *g)
{
	vc_opus_enc_free(g->enc);
	vc_opus_dec_free(g->dec);
	vc_chirp_reader_free(g->reader);
	free(g);
}

/* All talk at once, at the rate they have. */
static void mix(struct rig *g, const struct way *w, int16_t *pcm, size_t n,
		int64_t now)
{
	int16_t one[FRAME];

	memset(pcm, 0, n * sizeof(*pcm));
	for (int i = 0; i < w->talkers; i++) {
		memset(one, 0, sizeof(one));
		if (w->has_voices)
			vc_tone_read(&g->tone[i], one, n);
		vc_chirp_add(&g->chirp[i], one, n, now);
		for (size_t k = 0; k < n; k++) {
			int sum = pcm[k] + one[k] / (1 << w->gain_shift);

			pcm[k] = (int16_t)(sum > 32767	? 32767 :
					   sum < -32768 ? -32768 :
							  sum);
		}
	}
}

static void through(struct rig *g, const struct way *w, int16_t *pcm,
		    int64_t now)
{
	uint8_t p[VC_OPUS_PACKET_MAX];
	int16_t narrow[FRAME / 6];
	int len;

	if (w->opus_bps == 1) {
		mix(g, w, narrow, FRAME / 6, now);
		vc_pcmu_encode(narrow, FRAME / 6, p);
		vc_pcmu_decode(p, FRAME / 6, narrow);
		/* Held for six samples: crude, and late by half of that. */
		for (int i = 0; i < FRAME; i++)
			pcm[i] = narrow[i / 6];
		return;
	}
	mix(g, w, pcm, FRAME, now);
	if (!w->opus_bps)
		return;
	len = vc_opus_encode(g->enc, pcm, FRAME, p, sizeof(p));
	assert_true(len > 0);
	assert_int_equal(vc_opus_decode(g->dec, p, (size_t)len, pcm, FRAME),
			 FRAME);
}

/* Every mark that is read was made, at most 50 ms before. */
static void take(struct rig *g, const struct way *w)
{
	struct vc_chirp_mark m;

	while (vc_chirp_next(g->reader, &m)) {
		int64_t at = VC_VIRTUAL_EPOCH + m.at;
		int64_t late = at - vc_chirp_made(m.id, m.second, at);
		bool is_ours = false;

		for (int i = 0; i < w->talkers; i++)
			is_ours |= g->chirp[i].id == m.id;
		assert_true(is_ours);
		assert_true(late > -50 * VC_MS && late < 50 * VC_MS);
		g->read++;
		g->sum += late;
		g->low = late < g->low ? late : g->low;
		g->high = late > g->high ? late : g->high;
	}
}

static void test_ways(void **state)
{
	static const struct way rows[] = {
		{ 1, false, 0, 0, 100, 0, 50 * VC_US },
		{ 1, true, 0, 0, 100, 0, 50 * VC_US },
		{ 1, true, 0, 5, 100, 0, 100 * VC_US },
		{ 1, true, 1, 0, 100, 60 * VC_US, 200 * VC_US },
		{ 1, true, 32000, 0, 95, 6500 * VC_US, 2 * VC_MS },
		{ 1, false, 16000, 0, 95, 6500 * VC_US, VC_MS },
		{ 1, true, 16000, 0, 80, 6500 * VC_US, 11 * VC_MS },
		{ 3, true, 0, 0, 90, 0, VC_MS },
		{ 3, true, 1, 0, 90, 60 * VC_US, VC_MS },
		{ 3, true, 32000, 0, 80, 6500 * VC_US, 7 * VC_MS },
		{ 3, true, 16000, 0, 35, 6500 * VC_US, 11 * VC_MS },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct way *w = &rows[i];
		struct rig *g = rig_new(w);
		int16_t pcm[FRAME];
		int64_t mean;

		for (int f = 0; f < SECONDS * 50; f++) {
			through(g, w, pcm, VC_VIRTUAL_EPOCH + f * 20 * VC_MS);
			vc_chirp_feed(g->reader, pcm, FRAME);
			for (int k = 0; k < NAMES; k++)
				vc_heard_feed(&g->heard[k], pcm, FRAME);
			take(g, w);
		}
		mean = g->read ? g->sum / g->read : 0;
		printf("%d talkers%s, codec %u: %d of %d, late by %.3f ms "
		       "(%.3f to %.3f)\n",
		       w->talkers, w->has_voices ? "" : " silent", w->opus_bps,
		       g->read, w->talkers * SECONDS, (double)mean / 1e6,
		       (double)g->low / 1e6, (double)g->high / 1e6);
		assert_true(g->read <= w->talkers * SECONDS);
		assert_true(g->read * 100 >= w->talkers * SECONDS * w->percent);
		assert_true(llabs(mean - w->delay) < VC_MS);
		assert_true(g->high - w->delay <= w->spread);
		assert_true(w->delay - g->low <= w->spread);
		/* Who talks is heard, nobody else is. */
		for (int k = 0; k < NAMES && w->has_voices; k++) {
			double share = vc_heard_share(&g->heard[k]);

			assert_true(k < w->talkers ? share > 0.95 :
						     share < 0.02);
		}
		rig_free(g);
	}
}

/* Voices, noise, a tone in the band, a sweep: no marks. */
static void test_none(void **state)
{
	struct vc_chirp_reader *r = vc_chirp_reader_new();
	struct vc_chirp_mark m;
	struct vc_tone tone[8];
	uint64_t x = 1;

	(void)state;
	assert_non_null(r);
	for (int i = 0; i < 8; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", i);
		vc_tone_init(&tone[i], name, 48000);
	}
	for (int f = 0; f < NOISE_SECONDS * 50; f++) {
		int kind = f / 500 % 4;
		int16_t pcm[FRAME] = { 0 }, one[FRAME];

		for (int i = 0; i < 8 && kind == 0; i++) {
			vc_tone_read(&tone[i], one, FRAME);
			for (int k = 0; k < FRAME; k++)
				pcm[k] = (int16_t)(pcm[k] + one[k] / 4);
		}
		for (int k = 0; k < FRAME; k++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			if (kind == 1)
				pcm[k] = (int16_t)((int)(x & 0x3fff) - 8192);
			if (kind == 2) /* a square wave of 3.2 kHz */
				pcm[k] = k % 15 < 7 ? 3000 : -3000;
			if (kind == 3) /* clicks */
				pcm[k] = x % 4800 ? 0 : 20000;
		}
		vc_chirp_feed(r, pcm, FRAME);
		assert_false(vc_chirp_next(r, &m));
	}
	vc_chirp_reader_free(r);
}

/* The samples follow from time alone, in whatever pieces; also before 1970. */
static void test_pieces(void **state)
{
	static const int64_t begins[] = { 0, VC_VIRTUAL_EPOCH,
					  -3 * VC_SEC / 2 };
	static int16_t whole[96000], parts[96000];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(begins); i++) {
		struct vc_chirp a, b;

		memset(whole, 0, sizeof(whole));
		memset(parts, 0, sizeof(parts));
		vc_chirp_init(&a, 0x1234, 48000);
		vc_chirp_init(&b, 0x1234, 48000);
		vc_chirp_add(&a, whole, 96000, begins[i]);
		for (int64_t k = 95040; k >= 0; k -= 960)
			vc_chirp_add(&b, parts + k, 960,
				     begins[i] + k * VC_SEC / 48000);
		assert_memory_equal(whole, parts, sizeof(whole));
	}
	assert_int_equal(vc_chirp_made(7, 255, 300 * VC_SEC),
			 255 * VC_SEC + vc_chirp_offset(7, 255));
	assert_int_equal(vc_chirp_made(7, 0, 257 * VC_SEC),
			 256 * VC_SEC + vc_chirp_offset(7, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

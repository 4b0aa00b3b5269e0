/* SPDX-License-Identifier: MIT */
/* Every format: how it is cut, its times, and one that goes on for another. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/soundenc.h"

#define N VC_SOUNDENC_SAMPLES

#define CONF(word, hz, n, bps, ms)                           \
	{                                                    \
		.codec = word, .rate_hz = hz, .channels = n, \
		.bitrate_bps = bps, .ptime_ms = ms           \
	}

static const struct row {
	struct vc_soundenc_conf conf;
	int err;
	uint32_t clock;
	int64_t ptime, back; /* of the first packet, in us; 0: 'ptime' */
	size_t len;	     /* 0: varies */
} rows[] = {
	{ CONF(VC_CODEC_OPUS, 0, 1, 32000, 0), 0, 48000, 20000, 0, 0 },
	{ CONF(VC_CODEC_OPUS, 0, 2, 64000, 10), 0, 48000, 10000, 20000, 0 },
	{ CONF(VC_CODEC_OPUS, 0, 2, 64000, 60), 0, 48000, 60000, 0, 0 },
	{ CONF(VC_CODEC_OPUS, 16000, 1, 32000, 20), 0, 48000, 20000, 0, 0 },
	{ CONF(VC_CODEC_PCMU, 0, 1, 0, 0), 0, 8000, 20000, 0, 160 },
	{ CONF(VC_CODEC_PCMA, 0, 1, 0, 40), 0, 8000, 40000, 0, 320 },
	{ CONF(VC_CODEC_G722, 0, 1, 0, 0), 0, 8000, 20000, 0, 160 },
	{ CONF(VC_CODEC_L16, 0, 1, 0, 0), 0, 48000, 10000, 20000, 960 },
	{ CONF(VC_CODEC_L16, 0, 2, 0, 0), 0, 48000, 5000, 20000, 960 },
	{ CONF(VC_CODEC_L16, 44100, 2, 0, 0), 0, 44100, 10000, 20000, 1764 },
	{ CONF(VC_CODEC_L16, 16000, 1, 0, 0), 0, 16000, 20000, 0, 640 },
	{ CONF(VC_CODEC_L16, 22050, 1, 0, 0), 0, 22050, 20000, 0, 882 },
	/* Ticks are to be whole numbers of samples. */
	{ CONF(VC_CODEC_L16, 11025, 1, 0, 40), -EINVAL, 0, 0, 0, 0 },
	{ CONF(VC_CODEC_PCMU, 0, 2, 0, 0), -EINVAL, 0, 0, 0, 0 },
	{ CONF(VC_CODEC_OPUS, 0, 1, 0, 5), -EINVAL, 0, 0, 0, 0 },
	{ CONF(VC_CODEC_OPUS, 0, 0, 0, 0), -EINVAL, 0, 0, 0, 0 },
	{ CONF(VC_CODEC_OPUS, 0, 3, 0, 0), -EINVAL, 0, 0, 0, 0 },
	{ CONF(VC_CODEC_VP8, 0, 1, 0, 0), -ENOTSUP, 0, 0, 0, 0 },
};

static uint32_t noise;

/* Not the same twice: what does not go on is seen at once. */
static void fill(int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		noise = noise * 1664525 + 1013904223;
		pcm[i] = (int16_t)((int32_t)noise >> 18);
	}
}

static void formats(void **state)
{
	int16_t pcm[2 * N];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct row *r = &rows[i];
		struct vc_soundenc_packet p;
		int64_t end = 0, sent = 0, begin;
		int err;
		struct vc_soundenc *e = vc_soundenc_new(&r->conf, &err);

		if (err != r->err)
			fail_msg("row %zu: %d", i, err);
		if (err)
			continue;
		assert_int_equal(vc_soundenc_clock(e), r->clock);
		for (int k = 0; k < 30; k++) {
			fill(pcm, N * r->conf.channels);
			vc_soundenc_put(e, pcm);
			end += 20 * VC_MS;
			while (vc_soundenc_next(e, &p) == 1) {
				begin = sent * r->ptime * 1000;
				/* Whatever the resampler's delay is. */
				assert_in_range(begin - (end - p.back), 0,
						6 * VC_MS);
				assert_true(p.len &&
					    (!r->len || p.len == r->len));
				assert_in_range(p.level_dbov, 15, 30);
				sent++;
			}
		}
		assert_int_equal(sent * r->ptime, 600000);
		vc_soundenc_free(e);
	}
}

static void same(struct vc_soundenc *a, struct vc_soundenc *b,
		 unsigned int channels, int ticks)
{
	struct vc_soundenc_packet p, q;
	int16_t pcm[2 * N];
	int got;

	for (int k = 0; k < ticks; k++) {
		fill(pcm, N * channels);
		vc_soundenc_put(a, pcm);
		vc_soundenc_put(b, pcm);
		do {
			got = vc_soundenc_next(a, &p);
			assert_int_equal(vc_soundenc_next(b, &q), got);
			if (got != 1)
				break;
			assert_int_equal(p.len, q.len);
			assert_int_equal(p.back, q.back);
			assert_memory_equal(p.p, q.p, p.len);
		} while (true);
	}
}

static void one_goes_on_for_another(void **state)
{
	struct vc_soundenc_packet p;
	int16_t pcm[2 * N];
	int err;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows) && !rows[i].err; i++) {
		const struct vc_soundenc_conf *c = &rows[i].conf;
		struct vc_soundenc *a = vc_soundenc_new(c, &err);
		struct vc_soundenc *b = vc_soundenc_new(c, &err);

		/* Also from the middle of a packet, and onto one in use. */
		for (int round = 1; round < 5; round++) {
			for (int k = 0; k < 10 + round; k++) {
				fill(pcm, N * c->channels);
				vc_soundenc_put(a, pcm);
				while (vc_soundenc_next(a, &p))
					continue;
			}
			assert_int_equal(vc_soundenc_copy(b, a), 0);
			same(a, b, c->channels, 9);
		}
		vc_soundenc_free(a);
		vc_soundenc_free(b);
	}
}

static void another_format_does_not_go_on(void **state)
{
	int err;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows) && !rows[i].err; i++)
		for (size_t k = 0; k < i; k++) {
			struct vc_soundenc *a =
				vc_soundenc_new(&rows[i].conf, &err);
			struct vc_soundenc *b =
				vc_soundenc_new(&rows[k].conf, &err);

			assert_int_equal(vc_soundenc_copy(b, a), -EINVAL);
			vc_soundenc_free(a);
			vc_soundenc_free(b);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),
		cmocka_unit_test(one_goes_on_for_another),
		cmocka_unit_test(another_format_does_not_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

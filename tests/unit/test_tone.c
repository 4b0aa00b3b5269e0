/* SPDX-License-Identifier: MIT */
/*
 * Voices and the ear for them: everybody who talks is heard, nobody else is,
 * alone and among eight, before and after Opus. Names, starts and mixes are
 * drawn from a fixed seed, so a failure is the same on every run.
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
#include "codec/opus.h"
#include "media/level.h"
#include "media/tone.h"

#define TALKERS 8
#define ABSENT 8
#define NAMES (TALKERS + ABSENT)
#define NAME_CAP 24

/* How a mix is made. */
struct mix {
	uint32_t rate_hz;
	int talkers;
	int gain_shift; /* 2: -12 dB */
	uint32_t opus_bps;
	int loss_percent;
	int seconds;
};

/* One room: the first TALKERS may talk, the others are listened for. */
struct room {
	char name[NAMES][NAME_CAP];
	struct vc_tone tone[TALKERS];
	struct vc_heard heard[NAMES];
	struct vc_opus_enc *enc;
	struct vc_opus_dec *dec;
	struct vc_rand rand;
};

/* The well-known names are in the first rooms, random ones in the others. */
static void draw_name(struct room *r, unsigned int room, unsigned int i)
{
	static const char *const known[] = { "alice", "bob", "carol", "dave" };
	uint32_t n = vc_rand_u32(&r->rand, "name", i);

	if (i < room % 10 && i < VC_COUNT(known))
		snprintf(r->name[i], NAME_CAP, "%s", known[i]);
	else if (room % 2)
		snprintf(r->name[i], NAME_CAP, "p%u",
			 (room * 7 + i * 11) % 60 + 1);
	else
		snprintf(r->name[i], NAME_CAP, "%x", n >> n % 20);
}

static bool is_twice(const struct room *r, unsigned int i)
{
	for (unsigned int k = 0; k < i; k++)
		if (!strcmp(r->name[k], r->name[i]))
			return true;
	return false;
}

static struct room *room_new(unsigned int number, const struct mix *mix)
{
	struct room *r = vc_alloc(1, sizeof(*r));
	const struct vc_opus_enc_cfg cfg = {
		.rate_hz = mix->rate_hz,
		.channels = 1,
		.bitrate_bps = mix->opus_bps,
		.complexity = VC_OPUS_COMPLEXITY,
		.ptime_ms = 20,
	};
	char text[16];
	int err;

	snprintf(text, sizeof(text), "%u", number);
	vc_rand_init(&r->rand, 1, "room", text);
	for (unsigned int i = 0; i < NAMES; i++) {
		draw_name(r, number, i);
		if (is_twice(r, i))
			snprintf(r->name[i], NAME_CAP, "n%u-%u", number, i);
		vc_heard_init(&r->heard[i], r->name[i], mix->rate_hz);
	}
	for (unsigned int i = 0; i < TALKERS; i++) {
		vc_tone_init(&r->tone[i], r->name[i], mix->rate_hz);
		vc_tone_seek(&r->tone[i],
			     vc_rand_u32(&r->rand, "start", i) % 1000000);
	}
	if (mix->opus_bps) {
		r->enc = vc_opus_enc_new(&cfg, &err);
		assert_non_null(r->enc);
		r->dec = vc_opus_dec_new(mix->rate_hz, 1, &err);
		assert_non_null(r->dec);
	}
	return r;
}

static void room_free(struct room *r)
{
	vc_opus_enc_free(r->enc);
	vc_opus_dec_free(r->dec);
	free(r);
}

static void through_opus(struct room *r, const struct mix *mix, int16_t *pcm,
			 int n, unsigned int frame)
{
	uint8_t p[VC_OPUS_PACKET_MAX];
	int len = vc_opus_encode(r->enc, pcm, n, p, sizeof(p));

	assert_true(len > 0);
	if ((int)(vc_rand_u32(&r->rand, "loss", frame) % 100) <
	    mix->loss_percent)
		len = vc_opus_conceal(r->dec, pcm, n);
	else
		len = vc_opus_decode(r->dec, p, (size_t)len, pcm, n);
	assert_int_equal(len, n);
}

/* 20 ms of all who talk; saturates. */
static void mix_frame(struct room *r, const struct mix *mix, int16_t *pcm,
		      size_t n)
{
	int sum[960] = { 0 };

	for (int i = 0; i < mix->talkers; i++) {
		vc_tone_read(&r->tone[i], pcm, n);
		for (size_t k = 0; k < n; k++)
			sum[k] += pcm[k];
	}
	for (size_t k = 0; k < n; k++) {
		int v = sum[k] / (1 << mix->gain_shift);

		pcm[k] = (int16_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
	}
}

static void listen_to(unsigned int number, const struct mix *mix)
{
	struct room *r = room_new(number, mix);
	size_t n = mix->rate_hz / 50;
	int16_t pcm[960];

	for (unsigned int f = 0; f < 50U * (unsigned int)mix->seconds; f++) {
		mix_frame(r, mix, pcm, n);
		if (r->enc)
			through_opus(r, mix, pcm, (int)n, f);
		for (int i = 0; i < NAMES; i++)
			if (i < mix->talkers || i >= TALKERS)
				vc_heard_feed(&r->heard[i], pcm, n);
	}
	for (int i = 0; i < NAMES; i++) {
		double share = vc_heard_share(&r->heard[i]);

		if (i < mix->talkers ? share < 0.95 :
				       i >= TALKERS && share > 0.02)
			fail_msg("room %u: %s: %s %.3f", number, r->name[i],
				 i < mix->talkers ? "talks" : "is silent",
				 share);
	}
	room_free(r);
}

static void test_many_rooms(void **state)
{
	struct mix mix = { .rate_hz = 16000, .seconds = 4 };

	(void)state;
	for (unsigned int room = 0; room < 300; room++) {
		mix.talkers = (int)(room % TALKERS) + 1;
		listen_to(room, &mix);
	}
}

/* Through the codec as conferences use it. */
static void test_through_opus(void **state)
{
	static const struct mix rows[] = {
		{ 48000, 1, 0, 32000, 0, 4 }, { 48000, 1, 0, 16000, 0, 4 },
		{ 48000, 1, 2, 16000, 0, 4 }, { 48000, 3, 0, 32000, 10, 4 },
		{ 48000, 8, 0, 32000, 0, 4 }, { 48000, 8, 2, 32000, 0, 4 },
		{ 48000, 8, 2, 16000, 0, 4 }, { 48000, 8, 1, 16000, 5, 4 },
		{ 16000, 2, 0, 16000, 0, 4 },
	};

	(void)state;
	for (unsigned int i = 0; i < VC_COUNT(rows); i++)
		for (unsigned int k = 0; k < 6; k++)
			listen_to(k * (unsigned int)VC_COUNT(rows) + i,
				  &rows[i]);
}

/* Who talks half the time is heard half the time. */
static void test_share(void **state)
{
	static struct vc_tone tone;
	static struct vc_heard heard;
	int16_t pcm[480], silence[480] = { 0 };

	(void)state;
	vc_tone_init(&tone, "alice", 48000);
	vc_heard_init(&heard, "alice", 48000);
	assert_true(vc_heard_share(&heard) == 0);
	for (int i = 0; i < 2000; i++) {
		vc_tone_read(&tone, pcm, 480);
		vc_heard_feed(&heard, i < 1000 ? pcm : silence, 480);
	}
	assert_in_range(vc_heard_looks(&heard), 100, 125);
	assert_in_range((int)(1000 * vc_heard_share(&heard)), 450, 550);
}

/* However it is read and fed, and the same octets on every machine. */
static void test_same_samples(void **state)
{
	static const struct {
		uint32_t rate_hz;
		uint64_t sum;
	} rows[] = {
		{ 48000, UINT64_C(0x864cad5b8416aa90) },
		{ 16000, UINT64_C(0x8e243d24cfcf0cee) },
		{ 8000, UINT64_C(0x657169efeaeefae7) },
	};
	static struct vc_tone a, b;
	int16_t once[4800], parts[4800];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint64_t sum = UINT64_C(0xcbf29ce484222325);

		vc_tone_init(&a, "alice", rows[i].rate_hz);
		vc_tone_init(&b, "alice", rows[i].rate_hz);
		vc_tone_read(&a, once, 4800);
		for (size_t at = 0; at < 4800; at += 100)
			vc_tone_read(&b, parts + at, 100);
		assert_memory_equal(once, parts, sizeof(once));
		vc_tone_seek(&b, 77);
		vc_tone_read(&b, parts, 100);
		assert_memory_equal(once + 77, parts, 200);
		for (int k = 0; k < 4800; k++)
			sum = (sum ^ (uint16_t)once[k]) *
			      UINT64_C(0x100000001b3);
		if (sum != rows[i].sum)
			fail_msg("row %zu: 0x%016llx", i,
				 (unsigned long long)sum);
	}
}

/* About -20 dBFS, never near full scale, with pauses that are silent. */
static void test_loudness(void **state)
{
	static struct vc_tone tone;
	static int16_t pcm[VC_TONE_SLOTS * 7680];

	(void)state;
	for (int i = 0; i < 60; i++) {
		char name[8];
		int pauses = 0, loud = 0;

		snprintf(name, sizeof(name), "p%d", i + 1);
		vc_tone_init(&tone, name, 48000);
		vc_tone_read(&tone, pcm, VC_COUNT(pcm));
		assert_in_range(vc_level_dbov(pcm, VC_COUNT(pcm)), 19, 22);
		for (size_t k = 0; k < VC_COUNT(pcm); k += 960) {
			uint8_t level = vc_level_dbov(pcm + k, 960);

			pauses += level == 127;
			loud += level < 22;
			assert_true(level > 12);
		}
		assert_in_range(pauses, 24, 30);
		assert_true(loud > 40);
	}
}

/* Sixty voices, no two with the same vowels. */
static void test_voices_differ(void **state)
{
	static struct vc_timbre v[60];

	(void)state;
	for (int i = 0; i < 60; i++) {
		char name[8];

		snprintf(name, sizeof(name), "p%d", i + 1);
		vc_timbre_init(&v[i], name);
		assert_in_range(v[i].pitch, 12, 35);
		for (int k = 0; k < i; k++)
			assert_memory_not_equal(v[i].formant, v[k].formant,
						sizeof(v[i].formant));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_rooms),
		cmocka_unit_test(test_through_opus),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_same_samples),
		cmocka_unit_test(test_loudness),
		cmocka_unit_test(test_voices_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Who talks, and who of them is mixed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "media/talkers.h"

#define TICK (20 * VC_MS)

/* Runs of ticks of a level; how he is at the end of each. */
static void test_talk(void **state)
{
	static const struct {
		int ticks;
		uint8_t level;
		bool is_active, is_talking, has_changed;
	} rows[] = {
		{ 10, 127, false, false, false },
		{ 10, 51, false, false, false }, /* noise */
		{ 1, 50, true, false, false },	 /* at once */
		{ 1, 127, true, false, false },
		{ 30, 127, false, false, false },
		{ 2, 20, true, false, false },
		{ 1, 20, true, true, true }, /* 60 ms */
		{ 29, 60, true, true, false },
		{ 1, 60, true, false, true }, /* 600 ms */
		{ 1, 60, false, false, false },
		{ 3, 45, true, true, true },
		/* What would not begin it goes on with it. */
		{ 100, 54, true, false, false },
		{ 31, 55, false, false, false },
		{ 3, 0, true, true, true },
		{ 100, 51, true, true, false },
	};
	struct vc_talk t = { 0 };
	int64_t now = VC_VIRTUAL_EPOCH;
	bool has_changed;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		for (int k = 0; k < rows[i].ticks; k++) {
			now += TICK;
			has_changed = vc_talk_hear(&t, rows[i].level, now);
		}
		assert_int_equal(vc_talk_is_active(&t, now), rows[i].is_active);
		assert_int_equal(t.is_talking, rows[i].is_talking);
		assert_int_equal(has_changed, rows[i].has_changed);
	}
}

/* What is yet to be played counts now, up to a hold after its turn. */
static void test_announce(void **state)
{
	const int64_t at = VC_VIRTUAL_EPOCH + VC_SEC;
	struct vc_talk t = { 0 };

	(void)state;
	vc_talk_announce(&t, 51, at);
	assert_false(vc_talk_is_active(&t, at));
	vc_talk_announce(&t, 50, at);
	assert_true(vc_talk_is_active(&t, at - VC_SEC));
	assert_true(vc_talk_is_active(&t, at + VC_TALK_HOLD));
	assert_false(vc_talk_is_active(&t, at + VC_TALK_HOLD + 1));
	assert_int_equal(t.score, 770);
	/* What is announced before it is no less than that. */
	vc_talk_announce(&t, 40, at - VC_SEC / 2);
	assert_true(vc_talk_is_active(&t, at + VC_TALK_HOLD));
	assert_false(t.is_talking);
}

/* As loud as of late: it falls by 10 dB a second. */
static void test_score(void **state)
{
	struct vc_talk t = { 0 };
	int64_t now = VC_VIRTUAL_EPOCH;

	(void)state;
	vc_talk_hear(&t, 27, now);
	assert_int_equal(t.score, 1000);
	for (int i = 0; i < 50; i++)
		vc_talk_hear(&t, 127, now += TICK);
	assert_int_equal(t.score, 900);
	vc_talk_hear(&t, 60, now += TICK);
	assert_int_equal(t.score, 898);
	vc_talk_hear(&t, 17, now += TICK);
	assert_int_equal(t.score, 1100);
	for (int i = 0; i < 600; i++)
		vc_talk_hear(&t, 127, now += TICK);
	assert_int_equal(t.score, 0);
}

static void test_packet(void **state)
{
	static const struct {
		int level, voice;
		bool is_doubted;
		enum vc_sound sound;
	} rows[] = {
		{ 0, -1, false, VC_SOUND_CLAIMED },
		{ 54, 0, false, VC_SOUND_CLAIMED },
		{ 55, 1, false, VC_SOUND_NONE },
		{ 127, -1, false, VC_SOUND_NONE },
		/* By the codec's word, else by decoding. */
		{ -1, 1, false, VC_SOUND_UNKNOWN },
		{ -1, 0, false, VC_SOUND_NONE },
		{ -1, -1, false, VC_SOUND_UNKNOWN },
		{ 0, 1, true, VC_SOUND_UNKNOWN },
		{ 0, 0, true, VC_SOUND_NONE },
		{ 127, -1, true, VC_SOUND_UNKNOWN },
	};
	const int64_t now = VC_VIRTUAL_EPOCH;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_claim c = { .is_doubted = rows[i].is_doubted,
				      .doubted_until = now + 1 };

		assert_int_equal(vc_claim_packet(&c, rows[i].level,
						 rows[i].voice, now, now),
				 rows[i].sound);
		/* That is not for ever. */
		if (rows[i].level == 0)
			assert_int_equal(vc_claim_packet(&c, 0, 0, now,
							 now + 1),
					 VC_SOUND_CLAIMED);
	}
}

/*
 * Three seconds of somebody who says 'said' and is 'heard', in words: one tick
 * of 'every' is loud, the others are silent. Played 'delay' after it came.
 */
static bool is_believed(struct vc_claim *c, int said, uint8_t heard, int every,
			int64_t delay, int64_t *now)
{
	bool is_believed = true;

	for (int i = 0; i < 150; i++) {
		bool is_loud = i % every == 0;
		bool was_loud = (i * TICK - delay) / TICK % every == 0;

		*now += TICK;
		vc_claim_packet(c, is_loud ? said : 127, -1, *now + delay,
				*now);
		is_believed &= vc_claim_hear(c, was_loud ? heard : 127, *now);
	}
	return is_believed;
}

static void test_belief(void **state)
{
	static const struct {
		int said;
		uint8_t heard;
		bool is_believed;
	} rows[] = {
		{ 20, 20, true },   { 20, 35, true },  { 20, 36, false },
		{ 20, 127, false }, { 60, 127, true }, /* nothing is claimed */
		{ 40, 10, true },   { 0, 0, true },    { 0, 16, false },
	};
	static const int64_t delays[] = { 0, 60 * VC_MS, 500 * VC_MS };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		for (size_t d = 0; d < VC_COUNT(delays); d++) {
			struct vc_claim c = { 0 };
			int64_t now = VC_VIRTUAL_EPOCH;

			for (int every = 1; every < 20; every += 6)
				if (is_believed(&c, rows[i].said, rows[i].heard,
						every, delays[d],
						&now) != rows[i].is_believed)
					fail_msg("row %zu, delay %zu, every %d",
						 i, d, every);
		}
	}
}

/* For ten seconds; then he may say it again. */
static void test_doubt(void **state)
{
	struct vc_claim c = { 0 };
	int64_t now = VC_VIRTUAL_EPOCH, since = 0;

	(void)state;
	for (int i = 0; !since; i++) {
		assert_true(i < 60);
		now += TICK;
		assert_int_equal(vc_claim_packet(&c, 20, -1, now, now),
				 VC_SOUND_CLAIMED);
		if (!vc_claim_hear(&c, 80, now))
			since = now;
	}
	while ((now += TICK) < since + 10 * VC_SEC)
		assert_int_equal(vc_claim_packet(&c, 20, -1, now, now),
				 VC_SOUND_UNKNOWN);
	assert_int_equal(vc_claim_packet(&c, 20, -1, now, now),
			 VC_SOUND_CLAIMED);
}

/* Letters: is in, active; scores; and who is in after it. */
static void test_choose(void **state)
{
	static const struct {
		size_t max;
		const char *was; /* '-' silent, 'a' active, 'I' in, 'i' in and
				    silent */
		int scores[6];
		const char *is;
	} rows[] = {
		{ 3, "------", { 9, 9, 9, 9, 9, 9 }, "......" },
		{ 3, "a-a--a", { 9, 9, 9, 9, 9, 9 }, "x.x..x" },
		/* The loudest; equal ones as they come. */
		{ 2, "aaaaaa", { 1, 5, 3, 5, 5, 2 }, ".x.x.." },
		/* Who is silent gives way. */
		{ 2, "iIa---", { 90, 5, 3, 0, 0, 0 }, ".xx..." },
		{ 2, "iiii--", { 90, 5, 3, 0, 0, 0 }, "......" },
		/* Less than 3 dB is no reason, 3 dB is. */
		{ 2, "IIa---", { 50, 50, 79, 0, 0, 0 }, "xx...." },
		{ 2, "IIa---", { 50, 50, 80, 0, 0, 0 }, "x.x..." },
		{ 2, "IIaa--", { 50, 60, 79, 95, 0, 0 }, ".x.x.." },
		{ 2, "IIaa--", { 50, 60, 99, 90, 0, 0 }, "..xx.." },
		/* A smaller number than before. */
		{ 1, "III---", { 50, 60, 60, 0, 0, 0 }, ".x...." },
		{ 0, "IaI---", { 50, 60, 60, 0, 0, 0 }, "......" },
		{ 6, "aaaaaa", { 0, 0, 0, 0, 0, 0 }, "xxxxxx" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_talker v[6] = { 0 };
		char is[7] = "......";

		for (size_t k = 0; k < 6; k++) {
			char c = rows[i].was[k];

			v[k].score = rows[i].scores[k];
			v[k].is_in = c == 'I' || c == 'i';
			v[k].is_active = c == 'I' || c == 'a';
		}
		vc_talkers_choose(v, 6, rows[i].max);
		for (size_t k = 0; k < 6; k++)
			if (v[k].is_in)
				is[k] = 'x';
		assert_string_equal(is, rows[i].is);
	}
	vc_talkers_choose(NULL, 0, 3);
}

/*
 * Whatever the people do: never more than 'max', nobody silent, no place free
 * while somebody talks, nobody out who is louder by 3 dB; and a second choice
 * changes nothing.
 */
static void test_choose_any(void **state)
{
	static const int levels[] = { 0, 29, 30, 60 };

	(void)state;
	for (unsigned int all = 0; all < 1u << 16; all++) {
		struct vc_talker v[4] = { 0 }, again[4];
		size_t max = 1 + all % 3, n_in = 0, n_active = 0;

		for (unsigned int k = 0; k < 4; k++) {
			unsigned int bits = all >> 4 * k & 15;

			v[k].is_in = bits & 1;
			v[k].is_active = bits & 2;
			v[k].score = levels[bits >> 2];
		}
		vc_talkers_choose(v, 4, max);
		for (size_t k = 0; k < 4; k++) {
			n_in += v[k].is_in;
			n_active += v[k].is_active;
			assert_true(v[k].is_active || !v[k].is_in);
			for (size_t j = 0; j < 4; j++)
				if (v[k].is_in && v[j].is_active && !v[j].is_in)
					assert_true(v[j].score <
						    v[k].score + 30);
		}
		assert_int_equal(n_in, n_active < max ? n_active : max);
		memcpy(again, v, sizeof(v));
		vc_talkers_choose(again, 4, max);
		for (size_t k = 0; k < 4; k++)
			assert_int_equal(again[k].is_in, v[k].is_in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talk),
		cmocka_unit_test(test_announce),
		cmocka_unit_test(test_score),
		cmocka_unit_test(test_packet),
		cmocka_unit_test(test_belief),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_choose),
		cmocka_unit_test(test_choose_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

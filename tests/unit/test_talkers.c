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

#define OLD 3000 /* what it is worth that somebody has spoken for long */

/* Letters: is in, active; scores; and who is in after it. */
static void test_choose(void **state)
{
	static const struct {
		size_t max;
		const char *was; /* '-' silent, 'i' in and silent; in or out
				  * and speaking 'I', 'a', for long 'O', 'o',
				  * pausing 'P', 'p' */
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
		/* Who has spoken for long stands above who has not, */
		{ 2, "OIa---", { 10, 50, 200, 0, 0, 0 }, "x.x..." },
		{ 2, "IIo---", { 80, 90, 10, 0, 0, 0 }, ".xx..." },
		{ 2, "OOaaa-", { 10, 10, 999, 999, 999, 0 }, "xx...." },
		{ 2, "aaoo--", { 90, 90, 10, 10, 0, 0 }, "..xx.." },
		/* but not in a pause: then it is how loud they are. */
		{ 2, "OPa---", { 10, 50, 79, 0, 0, 0 }, "xx...." },
		{ 2, "OPa---", { 10, 50, 80, 0, 0, 0 }, "x.x..." },
		{ 2, "OPo---", { 60, 50, 79, 0, 0, 0 }, "xx...." },
		/* Who only pauses takes nobody's place, but a free one. */
		{ 2, "OIp---", { 10, 10, 99, 0, 0, 0 }, "xx...." },
		{ 2, "P-p---", { 10, 10, 99, 0, 0, 0 }, "x.x..." },
		/* A newcomer has a pausing one's place, till an old one comes. */
		{ 2, "OPao--", { 50, 10, 99, 20, 0, 0 }, "x..x.." },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_talker v[6] = { 0 };
		char is[7] = "......";

		for (size_t k = 0; k < 6; k++) {
			char c = rows[i].was[k];

			v[k].score = rows[i].scores[k];
			v[k].rank = v[k].score;
			if (c == 'O' || c == 'o')
				v[k].rank += OLD;
			v[k].is_in = strchr("IiOP", c);
			v[k].is_active = !strchr("-i", c);
			v[k].is_speaking = strchr("IaOo", c);
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
			v[k].is_active = v[k].is_speaking = bits & 2;
			v[k].score = v[k].rank = levels[bits >> 2];
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

/* A moment's speech gives him standing, and more of it more, up to a limit. */
static void test_rank(void **state)
{
	static const struct {
		int ticks; /* more, at 'level' */
		uint8_t level;
		int over; /* his score */
	} rows[] = {
		{ 14, 27, 0 },	   { 1, 27, 2018 },   { 35, 27, 2060 },
		{ 9, 127, 2060 }, /* a breath */
		{ 2, 127, 0 },	  /* a pause */
		{ 1, 54, 2060 },   { 1, 45, 2060 },   { 49, 50, 2060 },
		{ 449, 10, 2600 }, { 999, 10, 2600 },
	};
	struct vc_talk t = { 0 };
	int64_t now = VC_VIRTUAL_EPOCH;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		for (int k = 0; k < rows[i].ticks; k++) {
			now += TICK;
			vc_talk_hear(&t, rows[i].level, now);
			t.here = 0;
		}
		if (vc_talk_rank(&t, true, now) != t.score + rows[i].over)
			fail_msg("row %zu: %d", i,
				 vc_talk_rank(&t, true, now) - t.score);
	}
	/* Two thirds of it, less a little, of who is not in. */
	t.spoken = 83;
	assert_int_equal(vc_talk_rank(&t, false, now), t.score + 2060);
	vc_talk_forget(&t);
	assert_int_equal(t.spoken, 0);
	/* To have been here is worth a sixteenth. */
	vc_talk_hear(&t, 30, now);
	t.here = 16 * 50;
	t.spoken = 0;
	assert_int_equal(vc_talk_rank(&t, true, now), t.score + 2060);
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
		cmocka_unit_test(test_rank),
		cmocka_unit_test(test_choose),
		cmocka_unit_test(test_choose_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

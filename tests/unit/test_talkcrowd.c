/* SPDX-License-Identifier: MIT */
/* Who is mixed where more would be than can: a crowd, and one newcomer. */
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
#define CROWD 10000
#define ALICE CROWD
#define PLACES 3

/* Words of 300 ms, with 100 ms between them, and every 3 s a pause of half. */
static bool is_word(int tick)
{
	return tick % 150 < 125 && tick % 20 < 15;
}

/*
 * Alice is here for 'here' ticks and speaks for 'before' more; then newcomers come, as many in each tick
 * that all have come after ten seconds, speak for 'ticks' and fall silent.
 * What part of her words is heard from then on, in percent.
 */
static int heard_of(int here, int before, int ticks, uint8_t alice,
		    uint8_t crowd)
{
	static struct vc_talk t[CROWD + 1];
	static struct vc_talker v[CROWD + 1];
	int words = 0, heard = 0, per_tick = CROWD / 500;
	size_t n;

	memset(t, 0, sizeof(t));
	memset(v, 0, sizeof(v));
	t[ALICE].here = (unsigned int)here;
	for (int i = -before; i < 500; i++) {
		int64_t now = VC_VIRTUAL_EPOCH + (i + before + 1) * TICK;
		int last = i < 0 ? 0 : (i + 1) * per_tick;

		vc_talk_hear(&t[ALICE], is_word(i + before) ? alice : 127, now);
		for (int k = 0; k < last; k++)
			vc_talk_hear(&t[k],
				     k / per_tick + ticks > i ? crowd : 127,
				     now);
		n = 0;
		for (int k = 0; k <= CROWD; k++) {
			v[k].who = &t[k];
			v[k].score = t[k].score;
			v[k].rank = vc_talk_rank(&t[k], v[k].is_in, now);
			v[k].is_active = vc_talk_is_active(&t[k], now);
			v[k].is_speaking = vc_talk_is_speaking(&t[k], now);
		}
		vc_talkers_choose(v, CROWD + 1, PLACES);
		for (int k = 0; k <= CROWD; k++)
			n += v[k].is_in;
		assert_true(n <= PLACES);
		if (i < 0 || !is_word(i + before))
			continue;
		words++;
		heard += v[ALICE].is_in;
	}
	assert_true(words > 200);
	return 100 * heard / words;
}

static void test_crowd(void **state)
{
	static const struct {
		int here, before, ticks;
		uint8_t alice, crowd;
	} rows[] = {
		{ 0, 50, 2, 20, 0 },	 /* a second, against two packets */
		{ 0, 50, 10, 44, 0 },	 /* as soft as speech can be */
		{ 0, 500, 25, 30, 0 },	 /* half a second of noise each */
		{ 0, 1000, 100, 30, 0 }, /* two seconds */
		{ 0, 1000, 200, 20, 10 },
		/* She was silent so far, but here: ten seconds, some minutes. */
		{ 500, 0, 2, 20, 0 },
		{ 8000, 0, 100, 30, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int heard = heard_of(rows[i].here, rows[i].before,
				     rows[i].ticks, rows[i].alice,
				     rows[i].crowd);

		if (heard < 95)
			fail_msg("row %zu: %d %%", i, heard);
	}
}

/*
 * While three old hands speak, 'pausing' ticks ago for the last time, somebody
 * as loud begins: how many ticks of him are not heard?
 */
static void test_newcomer(void **state)
{
	static const struct {
		int old, pausing;
		uint8_t level;
		int least, most;
	} rows[] = {
		{ 2, 0, 30, 0, 0 },   /* there is a place */
		{ 3, 31, 30, 0, 0 },  /* they are silent */
		{ 3, 15, 27, 0, 0 },  /* they pause, he is louder by 3 dB */
		{ 3, 11, 30, 1, 5 },  /* as loud: for a moment */
		{ 3, 0, 0, 40, 450 }, /* they go on: he earns it */
		{ 3, 0, 30, 500, 500 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_talk t[4] = { 0 };
		struct vc_talker v[4] = { 0 };
		int64_t now = VC_VIRTUAL_EPOCH;
		int missed = 0;

		for (int tick = -600 - rows[i].pausing; tick < 500; tick++) {
			now += TICK;
			for (int k = 0; k < rows[i].old; k++)
				vc_talk_hear(&t[k],
					     tick < -rows[i].pausing ||
							     !rows[i].pausing ?
						     30 :
						     127,
					     now);
			vc_talk_hear(&t[3], tick < 0 ? 127 : rows[i].level,
				     now);
			for (int k = 0; k < 4; k++) {
				v[k].score = t[k].score;
				v[k].rank =
					vc_talk_rank(&t[k], v[k].is_in, now);
				v[k].is_active = vc_talk_is_active(&t[k], now);
				v[k].is_speaking =
					vc_talk_is_speaking(&t[k], now);
			}
			vc_talkers_choose(v, 4, PLACES);
			missed += tick >= 0 && !v[3].is_in;
		}
		if (missed < rows[i].least || missed > rows[i].most)
			fail_msg("row %zu: %d", i, missed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_newcomer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

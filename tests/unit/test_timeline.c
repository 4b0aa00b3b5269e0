/* SPDX-License-Identifier: MIT */
/* What is handed over, and when; see timeline_feed.h. */
#include <stdlib.h>

#include "timeline_feed.h"

static void gaps_stay_gaps(void **state)
{
	struct source a = { 0 };
	size_t i;

	(void)state;
	open_timeline(8);
	join(&a, true, 1);
	talk(&a, NULL, 0, 2000);
	assert_int_equal(vc_timeline_run(tl, EPOCH + 3000 * VC_MS), 0);
	assert_int_equal(vc_timeline_next(tl), INT64_MAX);
	talk(&a, NULL, 300000, 302000);
	close_timeline();
	assert_int_equal(list.n, 200);
	for (i = 0; i < list.n; i++)
		assert_int_equal(list.seen[i].time,
				 (i < 100 ? (int64_t)i : (int64_t)i + 14900) *
					 20 * VC_MS);
	/* Nothing followed it for a second, so it says how long it is. */
	assert_true(list.seen[99].is_last);
	assert_int_equal(list.seen[99].duration, 20 * VC_MS);
	assert_false(list.seen[98].is_last);
}

static void what_was_before_a_unit_is_told(void **state)
{
	struct source a = { 0 };

	(void)state;
	open_timeline(8);
	join(&a, true, 1);
	assert_int_equal(vc_timeline_epoch(tl), VC_TIME_NONE);
	talk(&a, NULL, 0, 2000);
	a.lost = 7;
	talk(&a, NULL, 2140, 4000);
	/* The same RTP time: it is dropped, and what it lost is the next's. */
	a.lost = 2;
	arrive_at(&a, 3980 * VC_MS, true, EPOCH + 3990 * VC_MS);
	a.lost = 1;
	talk(&a, NULL, 4060, 4100);
	assert_int_equal(vc_timeline_epoch(tl), EPOCH);
	assert_int_equal(list.ended, 0);
	vc_timeline_end(tl, a.t);
	close_timeline();
	assert_int_equal(list.ended, 1);
	assert_int_equal(list.n, 195);
	for (size_t i = 0; i < list.n; i++) {
		assert_int_equal(list.seen[i].lost, i == 100 ? 7 :
						    i == 193 ? 3 :
							       0);
		assert_false(list.seen[i].is_jump);
	}
}

static void a_break_is_told(void **state)
{
	struct source a = { 0 };
	size_t stalls = 0;

	(void)state;
	open_timeline(8);
	join(&a, true, 1);
	talk(&a, NULL, 0, 2000);
	/* His clock stands still for three seconds. */
	a.delay += 3000 * VC_MS;
	a.clock += 3000 * VC_MS;
	talk(&a, NULL, 2000, 8000);
	assert_int_equal(vc_timeline_counts(tl)->jumps, 1);
	close_timeline();
	for (size_t i = 0; i < list.n; i++)
		stalls += list.seen[i].is_stall;
	assert_int_equal(stalls, 1);
	assert_int_equal(list.n, 400);
}

static void a_picture_begins_with_a_key(void **state)
{
	struct source v = { 0 };

	(void)state;
	open_timeline(8);
	join(&v, false, 1);
	report(&v, 0);
	for (int i = 1; i <= 50; i++)
		arrive(&v, i * 40 * VC_MS, i % 10 == 0);
	assert_int_equal(vc_timeline_counts(tl)->no_key, 9);
	close_timeline();
	assert_int_equal(list.n, 41);
	assert_true(list.seen[0].is_key);
	assert_int_equal(list.seen[0].first, 9);
	assert_int_equal(list.seen[0].time, 0);
	assert_int_equal(list.seen[40].duration, 40 * VC_MS);
	assert_true(list.seen[40].is_last);
}

static void the_silent_delay_others_by_the_hold(void **state)
{
	struct source a = { 0 }, v = { 0 };

	(void)state;
	open_timeline(8);
	join(&a, true, 1);
	join(&v, false, 1);
	talk(&a, NULL, 0, 3000);
	/* Up to a second ago. */
	assert_in_range(list.n, 99, 102);
	assert_int_equal(vc_timeline_next(tl),
			 EPOCH + (int64_t)(list.n + 50) * 20 * VC_MS);
	/* Once there is a picture, what both have passed goes at once. */
	talk(&a, &v, 3000, 5000);
	assert_true(list.n > 250 + 40);
	close_timeline();
	check_order();
}

static void a_refused_track_leaves_the_others_alone(void **state)
{
	struct source a = { 0 }, v = { 0 };

	(void)state;
	open_timeline(1);
	join(&a, true, 1);
	join(&v, false, 1);
	talk(&a, &v, 0, 3000);
	assert_int_equal(vc_timeline_refused(v.t), -ENOSPC);
	assert_int_equal(vc_timeline_refused(a.t), 0);
	assert_int_equal(vc_timeline_counts(tl)->refused, 75);
	close_timeline();
	assert_int_equal(list.n, 150);
}

static void an_end_lets_go_of_the_source(void **state)
{
	struct source *a = calloc(1, sizeof(*a));
	struct source b = { 0 };

	(void)state;
	assert_non_null(a);
	open_timeline(8);
	join(a, true, 1);
	join(&b, true, 2);
	talk(&b, NULL, 0, 100);
	talk(a, NULL, 100, 600);
	assert_int_equal(list.n, 0);
	vc_timeline_end(tl, a->t);
	vc_playout_leave(&a->play);
	free(a);
	talk(&b, NULL, 1000, 4000);
	close_timeline();
	check_order();
	assert_int_equal(list.n, 5 + 25 + 150);
	assert_int_equal(list.tracks, 2);
}

static void memory_is_bounded(void **state)
{
	static uint8_t octets[100000];
	struct source a = { 0 };
	struct vc_timeline_unit u = {
		.n_ts = 960,
		.is_key = true,
		.data = octets,
		.len = sizeof(octets),
	};

	(void)state;
	open_timeline(8);
	join(&a, true, 1);
	vc_playout_packet(&a.play, 0, EPOCH);
	/* All at once: 200 MB. */
	for (int i = 0; i < 2000; i++) {
		u.ts = (uint32_t)i * 960;
		u.arrival = EPOCH;
		assert_int_equal(vc_timeline_put(tl, a.t, &u, EPOCH), 0);
		assert_int_equal(vc_timeline_run(tl, EPOCH), 0);
	}
	assert_true(list.n > 2000 - 700);
	close_timeline();
	assert_int_equal(list.n, 2000);
}

static void names_are_escaped_and_may_come_late(void **state)
{
	struct source a = { 0 };

	(void)state;
	open_timeline(8);
	join(&a, true, 1);
	assert_int_equal(vc_timeline_rename(tl, a.t, "\x1b[2J/../x", "", 0), 0);
	talk(&a, NULL, 0, 3000);
	assert_string_equal(list.name[0], "\\x1b[2J/../x");
	assert_int_equal(vc_timeline_rename(tl, a.t, "Zo\xc3\xab", "", 0), 0);
	assert_string_equal(list.name[0], "Zo\xc3\xab");
	close_timeline();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gaps_stay_gaps),
		cmocka_unit_test(what_was_before_a_unit_is_told),
		cmocka_unit_test(a_break_is_told),
		cmocka_unit_test(a_picture_begins_with_a_key),
		cmocka_unit_test(the_silent_delay_others_by_the_hold),
		cmocka_unit_test(a_refused_track_leaves_the_others_alone),
		cmocka_unit_test(an_end_lets_go_of_the_source),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(names_are_escaped_and_may_come_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

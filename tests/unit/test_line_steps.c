/* SPDX-License-Identifier: MIT */
/*
 * Clocks that are set, reports that are wrong, senders that stand still: where
 * units belong is known; see timeline_feed.h.
 */
#include "session/stall.h"
#include "timeline_feed.h"

#define NEAR (2 * VC_MS) /* reports may bend it by so much */

/* The units of a track, from the 'from'th on: 'every' apart, the first at. */
static void check_track(unsigned int track, size_t from, int64_t at,
			int64_t every)
{
	size_t n = 0;

	for (size_t i = 0; i < list.n; i++) {
		const struct seen *u = &list.seen[i];
		int64_t off;

		if (u->track != track)
			continue;
		off = u->time - at - (int64_t)(n - from) * every;
		if (n >= from && (off > NEAR || off < -NEAR))
			fail_msg("unit %zu at %.3f ms, off by %.3f ms", n,
				 (double)u->time / 1e6, (double)off / 1e6);
		n++;
	}
	assert_true(n > from);
}

static size_t count(unsigned int track)
{
	size_t n = 0;

	for (size_t i = 0; i < list.n; i++)
		n += list.seen[i].track == track;
	return n;
}

static void a_clock_that_is_set_moves_no_media(void **state)
{
	static const struct {
		int64_t by, sound_delay, picture_delay;
	} rows[] = {
		{ 1000 * VC_MS, 0, 0 },
		{ -1000 * VC_MS, 0, 0 },
		{ 200 * VC_MS, 0, 40 * VC_MS },
		{ -200 * VC_MS, 40 * VC_MS, 0 },
		{ INT64_C(86400) * VC_SEC, 0, 90 * VC_MS },
		{ -3600 * VC_SEC, 90 * VC_MS, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct source a = { .delay = rows[i].sound_delay };
		struct source v = { .delay = rows[i].picture_delay };

		open_timeline(8);
		join(&a, true, 1);
		join(&v, false, 1);
		talk(&a, &v, 0, 20000);
		a.clock += rows[i].by;
		v.clock += rows[i].by;
		talk(&a, &v, 20000, 40000);
		/* And once more. */
		a.clock += rows[i].by;
		v.clock += rows[i].by;
		talk(&a, &v, 40000, 60000);
		assert_int_equal(vc_timeline_counts(tl)->jumps, 0);
		assert_int_equal(vc_timeline_counts(tl)->late, 0);
		close_timeline();
		check_track(0, 0, 0, 20 * VC_MS);
		check_track(1, 0, 0, 40 * VC_MS);
	}
}

static void who_comes_after_a_clock_was_set_is_in_sync(void **state)
{
	struct source a = { 0 }, v = { .delay = 30 * VC_MS };

	(void)state;
	open_timeline(8);
	join(&a, true, 1);
	talk(&a, NULL, 0, 20000);
	a.clock += 1500 * VC_MS;
	v.clock += 1500 * VC_MS;
	talk(&a, NULL, 20000, 30000);
	join(&v, false, 1);
	talk(&a, &v, 30000, 40000);
	close_timeline();
	check_track(0, 0, 0, 20 * VC_MS);
	check_track(1, 0, 30 * VC_SEC, 40 * VC_MS);
}

/* Sound says at first what is wrong by 'by'; the pictures are right. */
static void a_first_report_that_is_wrong_is_mended(void **state)
{
	static const int64_t rows[] = { 1000 * VC_MS, -1000 * VC_MS,
					300 * VC_MS,  -300 * VC_MS,
					5000 * VC_MS, -5000 * VC_MS };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct source a = { .clock = rows[i] }, v = { 0 };
		int64_t sound = 0, picture = 0;

		open_timeline(8);
		join(&a, true, 1);
		join(&v, false, 1);
		talk(&a, &v, 0, 3000);
		a.clock = 0;
		talk(&a, &v, 3000, 20000);
		close_timeline();
		for (size_t k = 0; k < list.n; k++)
			if (list.seen[k].track)
				picture = list.seen[k].time;
			else
				sound = list.seen[k].time;
		/* The last of both were taken 20 ms apart. */
		picture += 20 * VC_MS;
		if (sound < picture - 5 * VC_MS || sound > picture + 5 * VC_MS)
			fail_msg("wrong by %d ms: sound is %.3f ms late",
				 (int)(rows[i] / VC_MS),
				 (double)(sound - picture) / 1e6);
	}
}

static void a_report_or_two_that_are_wrong_are_nothing(void **state)
{
	struct source a = { 0 }, v = { 0 };

	(void)state;
	open_timeline(8);
	join(&a, true, 1);
	join(&v, false, 1);
	talk(&a, &v, 0, 10000);
	a.clock = 700 * VC_MS;
	report(&a, 9980 * VC_MS);
	a.clock = 0;
	talk(&a, &v, 10000, 12000);
	a.clock = -9000 * VC_SEC;
	report(&a, 11980 * VC_MS);
	a.clock = 0;
	talk(&a, &v, 12000, 20000);
	assert_int_equal(vc_timeline_counts(tl)->jumps, 0);
	close_timeline();
	check_track(0, 0, 0, 20 * VC_MS);
	check_track(1, 0, 0, 40 * VC_MS);
}

/* His clocks stand still for three seconds, that of the wall does not. */
static void a_stall_keeps_the_walls_time(void **state)
{
	static const struct {
		bool has_reports;
		unsigned int who;
	} rows[] = { { true, 1 }, { false, 0 } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct source a = { .delay = 20 * VC_MS };
		struct source v = { .delay = 20 * VC_MS };
		size_t stalls = 0;

		open_timeline(8);
		join(&a, true, rows[i].who);
		join(&v, false, rows[i].who);
		for (int ms = 0; ms < 20000; ms += 20) {
			if (ms == 10000) {
				a.delay += 3000 * VC_MS;
				a.clock += 3000 * VC_MS;
				v.delay += 3000 * VC_MS;
				v.clock += 3000 * VC_MS;
			}
			if (rows[i].has_reports && ms % 1000 == 0) {
				report(&a, ms * VC_MS);
				report(&v, ms * VC_MS);
			}
			arrive(&a, ms * VC_MS, true);
			if (ms % 40 == 0)
				arrive(&v, ms * VC_MS, ms % 1000 == 0);
		}
		assert_int_equal(vc_timeline_counts(tl)->jumps, 2);
		close_timeline();
		check_order();
		for (size_t k = 0; k < list.n; k++)
			stalls += list.seen[k].is_stall;
		assert_int_equal(stalls, 2);
		assert_int_equal(count(0), 1000);
		assert_int_equal(count(1), 500);
		check_track(0, 500, 13000 * VC_MS, 20 * VC_MS);
		check_track(1, 250, 13000 * VC_MS, 40 * VC_MS);
	}
}

/* The network holds all up for two seconds; then it comes at once. */
static void what_a_network_held_up_is_no_stall(void **state)
{
	struct source a = { 0 };

	(void)state;
	open_timeline(8);
	join(&a, true, 1);
	talk(&a, NULL, 0, 10000);
	for (int ms = 10000; ms < 20000; ms += 20) {
		if (ms % 1000 == 0)
			report(&a, ms * VC_MS);
		arrive_at(&a, ms * VC_MS, true,
			  EPOCH + (ms < 12000 ? 12000 + (ms - 10000) / 20 :
						ms + 100) *
					  VC_MS);
	}
	assert_int_equal(vc_timeline_counts(tl)->jumps, 0);
	close_timeline();
	check_track(0, 0, 0, 20 * VC_MS);
}

/* Of one that never tells anything arrival is the clock. */
static void who_never_reports_is_where_he_arrives(void **state)
{
	struct source a = { 0 }, b = { .clock = 99 * VC_SEC };

	(void)state;
	open_timeline(8);
	join(&a, true, 1);
	join(&b, true, 0);
	talk(&a, NULL, 0, 4000);
	for (int ms = 4000; ms < 12000; ms += 20) {
		if (ms % 1000 == 0)
			report(&a, ms * VC_MS);
		arrive(&a, ms * VC_MS, true);
		arrive(&b, ms * VC_MS, true);
	}
	close_timeline();
	check_track(0, 0, 0, 20 * VC_MS);
	check_track(1, 0, 4000 * VC_MS, 20 * VC_MS);
}

/* --- session/stall.h --- */

static void a_stall_is_what_stays_late(void **state)
{
	static const struct {
		int64_t late_ms, then_ms; /* and each of 100 units more */
		bool is_one;
	} rows[] = {
		{ 3000, 0, true },    { 501, 0, true },	  { 500, 0, false },
		{ 3000, -20, false }, { 3000, -1, true }, { 600, 5, true },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_stall s = { 0 };
		int64_t now = 1000 * VC_SEC, lag;

		(void)vc_stall_put(&s, 20 * VC_MS,
				   (20 + rows[i].late_ms) * VC_MS, now);
		for (int k = 0; k < 40; k++) {
			now += (20 + rows[i].then_ms) * VC_MS;
			if (s.is_open)
				(void)vc_stall_put(
					&s, 20 * VC_MS,
					(20 + rows[i].then_ms) * VC_MS, now);
			if (s.is_open && now - s.since < VC_STALL_SURE)
				assert_true(vc_stall_settle(&s, now) < 0);
		}
		lag = vc_stall_settle(&s, now);
		assert_int_equal(lag > 0, rows[i].is_one);
		if (rows[i].is_one)
			assert_in_range(lag, (rows[i].late_ms - 60) * VC_MS,
					rows[i].late_ms * VC_MS);
		assert_int_equal(vc_stall_settle(&s, now), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_is_set_moves_no_media),
		cmocka_unit_test(who_comes_after_a_clock_was_set_is_in_sync),
		cmocka_unit_test(a_first_report_that_is_wrong_is_mended),
		cmocka_unit_test(a_report_or_two_that_are_wrong_are_nothing),
		cmocka_unit_test(a_stall_keeps_the_walls_time),
		cmocka_unit_test(what_a_network_held_up_is_no_stall),
		cmocka_unit_test(who_never_reports_is_where_he_arrives),
		cmocka_unit_test(a_stall_is_what_stays_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Where units are placed in time; see timeline_feed.h. */
#include "timeline_feed.h"

static void equal_clocks_are_in_sync(void **state)
{
	/* The network holds sound and picture apart, either way. */
	static const struct {
		int64_t clock, sound_delay, picture_delay;
	} rows[] = {
		{ 0, 0, 0 },
		{ 0, 20 * VC_MS, 0 },
		{ 0, 5 * VC_MS, 300 * VC_MS },
		{ -INT64_C(86400) * 365 * VC_SEC, 90 * VC_MS, 10 * VC_MS },
		{ INT64_C(86400) * 365 * 30 * VC_SEC, 0, 50 * VC_MS },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct source a = { .delay = rows[i].sound_delay };
		struct source v = { .delay = rows[i].picture_delay };

		a.clock = v.clock = rows[i].clock;
		open_timeline(8);
		join(&a, true, 1);
		join(&v, false, 1);
		talk(&a, &v, 0, 10000);
		assert_true(vc_timeline_counts(tl)->units > 600);
		close_timeline();
		check_order();
		assert_int_equal(list.n, 750);
		assert_int_equal(list.tracks, 2);
		assert_int_equal(list.width[1], 640);
		for (size_t k = 0; k < list.n; k++) {
			const struct seen *u = &list.seen[k];
			bool sound = u->track == 0;

			/* Exact, but for NTP's rounding. */
			assert_in_range(u->time % (sound ? 20 * VC_MS :
							   40 * VC_MS) +
						1000,
					0, 2000);
			assert_int_equal(u->duration,
					 sound ? 20 * VC_MS : 40 * VC_MS);
			assert_int_equal(u->is_last, k >= 748);
			if (k)
				assert_true(u->time + 1000 >=
					    list.seen[k - 1].time);
		}
		assert_in_range(list.seen[749].time + list.seen[749].duration,
				10000 * VC_MS - 2000, 10000 * VC_MS + 2000);
	}
}

static void participants_are_joined_by_arrival(void **state)
{
	struct source a = { .delay = 30 * VC_MS };
	struct source b = { .clock = 7777 * VC_SEC, .delay = 30 * VC_MS };

	(void)state;
	open_timeline(8);
	join(&a, true, 1);
	join(&b, true, 2);
	for (int ms = 0; ms < 6000; ms += 1000) {
		talk(&a, NULL, ms, ms + 1000);
		if (ms >= 2000)
			talk(&b, NULL, ms, ms + 1000);
	}
	close_timeline();
	check_order();
	assert_int_equal(list.n, 500);
	for (size_t i = 0; i < list.n; i++)
		if (list.seen[i].track == 1) {
			assert_in_range(list.seen[i].time, 2 * VC_SEC - 1000,
					2 * VC_SEC + 1000);
			break;
		}
}

static void a_late_report_bends_and_never_tears(void **state)
{
	struct source a = { .clock = 5 * VC_SEC };
	struct source v = { .clock = 5 * VC_SEC, .delay = 80 * VC_MS };
	int64_t last = -1;

	(void)state;
	open_timeline(8);
	join(&a, true, 1);
	join(&v, false, 1);
	/* Without reports arrival is all there is: 80 ms apart. */
	for (int ms = 0; ms < 30000; ms += 20) {
		if (ms >= 5000 && ms % 1000 == 0) {
			report(&a, ms * VC_MS);
			report(&v, ms * VC_MS);
		}
		arrive(&a, ms * VC_MS, true);
		if (ms % 40 == 0)
			arrive(&v, ms * VC_MS, ms % 1000 == 0);
	}
	assert_int_equal(vc_timeline_counts(tl)->jumps, 0);
	close_timeline();
	check_order();
	assert_int_equal(list.n, 2250);
	for (size_t i = 0; i < list.n; i++) {
		const struct seen *u = &list.seen[i];

		if (u->track == 0)
			continue;
		if (last >= 0)
			assert_in_range(u->time - last, 39500 * VC_US,
					40500 * VC_US);
		last = u->time;
	}
	/* The last picture was taken at 29,960 ms. */
	assert_in_range(last, 29950 * VC_MS, 29970 * VC_MS);
}

static void drift_between_clocks_is_followed(void **state)
{
	struct source a = { 0 };
	int64_t end;

	(void)state;
	open_timeline(8);
	join(&a, true, 0);
	/* His clock is 0.02 % slow: after 800 s it is 160 ms behind ours. */
	for (int i = 0; i < 20000; i++) {
		int64_t at = i * 40 * VC_MS;
		int64_t now = EPOCH + at + at / 5000;

		if (i % 25 == 0)
			vc_playout_sr(&a.play, vc_ntp_from_ns(EPOCH + at),
				      rtp_time(&a, at), now);
		arrive_at(&a, at, true, now);
	}
	assert_int_equal(vc_timeline_counts(tl)->jumps, 0);
	close_timeline();
	check_order();
	end = list.seen[list.n - 1].time;
	/* A tenth of a second is let pass, then most of it is made up for. */
	assert_in_range(end, (799960 + 130) * VC_MS, (799960 + 160) * VC_MS);
}

static void a_break_of_rtp_time_follows_arrival(void **state)
{
	static const int32_t rows[] = { 48000 * 60, -48000 * 60, INT32_MAX,
					INT32_MIN };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct source a = { 0 };

		open_timeline(8);
		join(&a, true, 1);
		talk(&a, NULL, 0, 4000);
		a.offset += (uint32_t)rows[i];
		talk(&a, NULL, 4020, 8000); /* and reports again */
		assert_int_equal(vc_timeline_counts(tl)->jumps, 1);
		close_timeline();
		check_order();
		assert_int_equal(list.n, 399);
		assert_in_range(list.seen[398].time, 7960 * VC_MS,
				8000 * VC_MS);
	}
}

/*
 * Units come out of a jitter buffer half a second after their packets: those
 * from before a break must not be placed by what came after it.
 */
static void units_from_before_a_break_stay(void **state)
{
	struct source a = { 0 };
	uint8_t octet = 0;

	(void)state;
	open_timeline(8);
	join(&a, true, 1);
	talk(&a, NULL, 0, 4000);
	for (int i = 200; i < 400; i++) {
		int64_t at = i * 20 * VC_MS, old = (i - 25) * 20 * VC_MS;
		struct vc_timeline_unit u = {
			.n_ts = 960,
			.is_key = true,
			.data = &octet,
			.len = 1,
			.arrival = EPOCH + old,
		};

		/* Packets are of another time from i = 250 on. */
		vc_playout_packet(
			&a.play, rtp_time(&a, at) + (i >= 250 ? 48000 * 30 : 0),
			EPOCH + at);
		u.ts = rtp_time(&a, old) + (i >= 275 ? 48000 * 30 : 0);
		if (i >= 225)
			assert_int_equal(
				vc_timeline_put(tl, a.t, &u, EPOCH + at), 0);
		assert_int_equal(vc_timeline_run(tl, EPOCH + at), 0);
	}
	assert_int_equal(vc_timeline_counts(tl)->jumps, 1);
	close_timeline();
	check_order();
	assert_int_equal(list.n, 375);
	for (size_t i = 0; i < list.n; i++)
		assert_in_range(list.seen[i].time, (int64_t)i * 20 * VC_MS - 0,
				(int64_t)i * 20 * VC_MS + 25 * VC_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_clocks_are_in_sync),
		cmocka_unit_test(participants_are_joined_by_arrival),
		cmocka_unit_test(a_late_report_bends_and_never_tears),
		cmocka_unit_test(drift_between_clocks_is_followed),
		cmocka_unit_test(a_break_of_rtp_time_follows_arrival),
		cmocka_unit_test(units_from_before_a_break_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

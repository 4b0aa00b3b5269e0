/* SPDX-License-Identifier: MIT */
/*
 * Answers that are made of a known path give exactly that path back. The other
 * parts of vc-probe path that know no network are here as well.
 */
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
#include "session/pathmeter.h"
#include "session/pathmtu.h"
#include "session/pathplan.h"

#define T0 VC_VIRTUAL_EPOCH

/* What the far end and the path do. */
struct far {
	struct vc_pathmeter *m;
	struct vc_path_answer a;
	int64_t offset;
	double skew_ppm;
};

static int64_t far_clock(const struct far *f, int64_t t)
{
	return t + f->offset + (int64_t)(f->skew_ppm * 1e-6 * (double)(t - T0));
}

/* A probe sent at 't' that takes 'up', then 'down' after 1 ms there; negative:
 * lost. */
static void probe(struct far *f, uint32_t index, int64_t t, int64_t up,
		  int64_t down)
{
	const struct vc_pathmeter_in in = { .at = t + up + VC_MS + down,
					    .dscp = 0,
					    .ttl = 55 };

	vc_pathmeter_sent(f->m, index, t, 46);
	if (up < 0)
		return;
	f->a.received++;
	if (f->a.received > 1 && index < f->a.highest) {
		f->a.reordered++;
	} else {
		f->a.came = f->a.came << (index - f->a.highest) | 1;
		f->a.highest = index;
	}
	f->a.count++;
	f->a.type = VC_PATH_MEDIA;
	f->a.index = index;
	f->a.dscp = 46;
	f->a.probe_dscp = index % 4 ? 46 : 0;
	f->a.probe_ttl = 60;
	f->a.arrived = far_clock(f, t + up);
	f->a.departed = far_clock(f, t + up + VC_MS);
	if (down >= 0)
		vc_pathmeter_answer(f->m, &f->a, &in);
}

static void end(struct far *f, struct vc_path_result *r)
{
	const struct vc_pathmeter_in in = { .dscp = -1, .ttl = -1 };

	f->a.type = VC_PATH_END;
	vc_pathmeter_answer(f->m, &f->a, &in);
	vc_pathmeter_result(f->m, r);
	vc_pathmeter_free(f->m);
}

static void begin(struct far *f, int64_t offset, double skew_ppm)
{
	*f = (struct far){ .m = vc_pathmeter_new(),
			   .offset = offset,
			   .skew_ppm = skew_ppm };
	assert_non_null(f->m);
}

/* By nearest rank: of fifty 99 in 100 are all of them. */
static void quantiles_of_few(void **state)
{
	struct vc_path_result r;
	struct far f;

	(void)state;
	begin(&f, 0, 0);
	for (uint32_t i = 0; i < 50; i++)
		probe(&f, i, T0 + i * 20 * VC_MS, (10 + i) * VC_MS, 0);
	end(&f, &r);
	assert_int_equal(r.rtt.p50, 34 * VC_MS);
	assert_int_equal(r.rtt.p95, 57 * VC_MS);
	assert_int_equal(r.rtt.p99, 59 * VC_MS);
}

/* 30 ms up and 10 ms down, each with a saw of 0..9 ms. */
static void delays_come_back(void **state)
{
	struct vc_path_result r;
	struct far f;

	(void)state;
	begin(&f, 5 * VC_SEC, 0);
	for (uint32_t i = 0; i < 400; i++)
		probe(&f, i, T0 + i * 20 * VC_MS, (30 + i % 10) * VC_MS,
		      (10 + i % 10) * VC_MS);
	end(&f, &r);
	assert_true(r.is_final);
	assert_int_equal(r.rtt.min, 40 * VC_MS);
	assert_int_equal(r.rtt.max, 58 * VC_MS);
	assert_int_equal(r.rtt.mean, 49 * VC_MS);
	assert_int_equal(r.rtt.p50, 48 * VC_MS);
	assert_int_equal(r.rtt.p95, 58 * VC_MS);
	/* Half of the difference of the ways is all it can be wrong by. */
	assert_int_equal(r.offset, 5 * VC_SEC + 10 * VC_MS);
	assert_int_equal(r.offset_error, 20 * VC_MS);
	assert_true(llabs(r.offset - f.offset) <= r.offset_error);
	assert_int_equal(r.up.variation.min, 0);
	assert_int_equal(r.up.variation.p50, 4 * VC_MS);
	assert_int_equal(r.up.variation.max, 9 * VC_MS);
	assert_int_equal(r.up.delay.min, 20 * VC_MS);
	assert_int_equal(r.down.delay.min, 20 * VC_MS);
	assert_int_equal(r.down.variation.max, 9 * VC_MS);
	assert_int_equal(r.up.lost + r.down.lost, 0);
	/* Steps of 1 ms, one in ten of 9. */
	assert_true(r.up.jitter > 1500 * VC_US && r.up.jitter < 2000 * VC_US);
	assert_false(r.has_skew);
	assert_int_equal(r.up.dscp_sent, 46);
	assert_int_equal(r.up.dscp_arrived, 46);
	assert_int_equal(r.up.dscp_known, 400);
	assert_int_equal(r.up.dscp_kept, 300);
	assert_int_equal(r.down.dscp_arrived, 0);
	assert_int_equal(r.down.dscp_kept, 0);
	assert_int_equal(r.up.ttl, 60);
	assert_int_equal(r.down.ttl, 55);
}

static void losses_are_placed(void **state)
{
	struct vc_path_result r;
	struct far f;

	(void)state;
	begin(&f, 0, 0);
	for (uint32_t i = 0; i < 1000; i++) {
		bool is_lost = i == 10 || (i >= 500 && i < 507);
		bool is_lost_back = i >= 700 && i < 720;

		probe(&f, i, T0 + i * 20 * VC_MS, is_lost ? -1 : VC_MS,
		      is_lost_back ? -1 : VC_MS);
	}
	end(&f, &r);
	assert_int_equal(r.up.sent, 1000);
	assert_int_equal(r.up.received, 992);
	assert_int_equal(r.up.lost, 8);
	assert_int_equal(r.up.bursts, 2);
	assert_int_equal(r.up.burst_longest, 7);
	assert_int_equal(r.down.sent, 992);
	assert_int_equal(r.down.lost, 20);
	assert_int_equal(r.down.bursts, 1);
	assert_int_equal(r.down.burst_longest, 20);
}

/* The far clock runs 40 ppm fast: over a minute 2.4 ms, which are no delay. */
static void skew_is_taken_out(void **state)
{
	struct vc_path_result r;
	struct far f;

	(void)state;
	begin(&f, -3 * VC_SEC, 40);
	for (uint32_t i = 0; i < 3000; i++)
		probe(&f, i, T0 + i * 20 * VC_MS,
		      10 * VC_MS + i % 3 * 100 * VC_US,
		      10 * VC_MS + i % 5 * 100 * VC_US);
	end(&f, &r);
	assert_true(r.has_skew);
	assert_true(r.skew_ppm > 39 && r.skew_ppm < 41);
	assert_true(r.up.variation.max < 300 * VC_US);
	assert_true(r.down.variation.max < 500 * VC_US);
	assert_true(llabs(r.up.delay.p50 - 10 * VC_MS) < 300 * VC_US);
}

static void a_far_end_may_say_anything(void **state)
{
	const struct vc_pathmeter_in in = { .at = T0, .dscp = 255, .ttl = 999 };
	struct vc_path_answer a;
	struct vc_path_result r;
	struct far f;

	(void)state;
	begin(&f, 0, 0);
	vc_pathmeter_result(f.m, &r);
	assert_int_equal(r.offset, VC_TIME_NONE);
	assert_int_equal(r.rtt.min, VC_TIME_NONE);
	for (uint32_t i = 0; i < 8; i++) {
		memset(&a, i % 2 ? 0xff : 0x80, sizeof(a));
		a.type = i < 4 ? VC_PATH_MEDIA : VC_PATH_END;
		a.index = i;
		vc_pathmeter_sent(f.m, i, T0, 0);
		vc_pathmeter_answer(f.m, &a, &in);
	}
	vc_pathmeter_result(f.m, &r);
	vc_pathmeter_free(f.m);
}

static void the_many_are_thinned_out(void **state)
{
	struct vc_path_result r;
	struct far f;

	(void)state;
	begin(&f, 0, 0);
	for (uint32_t i = 0; i < 300000; i++)
		probe(&f, i, T0 + i * VC_MS, (5 + i % 100) * VC_US, 5 * VC_US);
	end(&f, &r);
	assert_int_equal(r.up.received, 300000);
	assert_true(llabs(r.up.variation.p50 - 49 * VC_US) < 3 * VC_US);
}

/* --- MTU --- */

static void the_mtu_is_found(void **state)
{
	static const struct {
		uint32_t mtu, max, found;
	} rows[] = {
		{ 1500, 2076, 1500 }, { 1492, 2076, 1492 },
		{ 1280, 2076, 1280 }, { 576, 2076, 576 },
		{ 9000, 2076, 2076 }, { 1501, 2076, 1501 },
		{ 2075, 2076, 2075 }, { 228, 2076, 228 },
		{ 1419, 1420, 1419 }, { 9000, 1420, 1420 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows) * 2; i++) {
		uint32_t mtu = rows[i / 2].mtu, size;
		struct vc_pathmtu m;
		unsigned int n = 0;

		vc_pathmtu_init(&m, 228, rows[i / 2].max);
		while ((size = vc_pathmtu_size(&m))) {
			assert_true(size <= rows[i / 2].max);
			if (size <= mtu)
				vc_pathmtu_came(&m, size);
			else if (i % 2)
				vc_pathmtu_refused(&m, size);
			else
				vc_pathmtu_silent(&m, size);
			n++;
			assert_true(n < 60);
		}
		assert_int_equal(m.fits, rows[i / 2].found);
	}
}

/* An answer that was given up, after all. */
static void a_late_answer_counts(void **state)
{
	struct vc_pathmtu m;

	(void)state;
	vc_pathmtu_init(&m, 228, 2076);
	for (int i = 0; i < VC_PATHMTU_TRIES; i++)
		vc_pathmtu_silent(&m, 1500);
	assert_int_equal(m.fails, 1500);
	vc_pathmtu_came(&m, 1500);
	assert_int_equal(m.fits, 1500);
	assert_true(vc_pathmtu_size(&m) > 1500);
}

/* --- patterns --- */

static void profiles_are_like_media(void **state)
{
	static const struct {
		enum vc_path_profile profile;
		uint64_t low, high; /* bit/s */
		uint32_t largest;   /* of one frame */
	} rows[] = {
		{ VC_PATH_VOICE, 48000, 48000, 120 },
		{ VC_PATH_SD, 700000, 1000000, 20000 },
		{ VC_PATH_HD, 2200000, 3000000, 62000 },
		{ VC_PATH_SCREEN, 200000, 400000, 30000 },
	};
	const struct vc_rand rand = { { 5, 6 } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint64_t octets = 0, frame = 0, largest = 0;
		struct vc_path_item item;
		struct vc_pathplan p;
		int64_t last = 0;

		vc_pathplan_init(&p, rows[i].profile, &rand);
		while (vc_pathplan_next(&p, &item) && item.at < 60 * VC_SEC) {
			assert_true(item.at >= last);
			assert_in_range(item.octets, VC_PATH_ITEM_MIN,
					VC_PATH_ITEM_MAX);
			last = item.at;
			octets += item.octets;
			frame += item.octets;
			if (frame > largest)
				largest = frame;
			if (item.marker)
				frame = 0;
		}
		assert_in_range(octets * 8 / 60, rows[i].low, rows[i].high);
		assert_in_range(largest, rows[i].largest * 9 / 10,
				rows[i].largest);
	}
}

static void a_trace_ends(void **state)
{
	static const struct vc_path_item items[] = { { 0, 100, false },
						     { VC_MS, 200, false } };
	struct vc_path_item item;
	struct vc_pathplan p;

	(void)state;
	vc_pathplan_trace(&p, items, VC_COUNT(items));
	assert_true(vc_pathplan_next(&p, &item));
	assert_int_equal(item.octets, 100);
	assert_true(vc_pathplan_next(&p, &item));
	assert_int_equal(item.at, VC_MS);
	assert_false(vc_pathplan_next(&p, &item));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delays_come_back),
		cmocka_unit_test(quantiles_of_few),
		cmocka_unit_test(losses_are_placed),
		cmocka_unit_test(skew_is_taken_out),
		cmocka_unit_test(a_far_end_may_say_anything),
		cmocka_unit_test(the_many_are_thinned_out),
		cmocka_unit_test(the_mtu_is_found),
		cmocka_unit_test(a_late_answer_counts),
		cmocka_unit_test(profiles_are_like_media),
		cmocka_unit_test(a_trace_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

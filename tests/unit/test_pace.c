/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/pace.h"

#define T0 VC_VIRTUAL_EPOCH

/* 'n' packets of 'len' octets ready at T0: when does the last one go? */
static void packets_go_at_the_rate(void **state)
{
	static const struct {
		uint64_t rate;
		size_t burst, len;
		int n;
		int64_t last;
	} rows[] = {
		{ 0, 0, 1200, 1000, 0 },
		{ 8000, 0, 1000, 2, VC_SEC },
		{ 8000, 0, 1000, 11, 10 * VC_SEC },
		{ 8000, 2000, 1000, 3, 0 },
		{ 8000, 2000, 1000, 4, VC_SEC },
		/* a third of a nanosecond each is not lost */
		{ UINT64_C(24000000000), 0, 1, 3000001, 1000000 },
		{ 1000000, 0, 65535, 2, 524280 * VC_US },
	};
	struct vc_pace p;
	int64_t now, at;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		vc_pace_init(&p, rows[i].rate, rows[i].burst);
		now = T0;
		for (int k = 0; k < rows[i].n; k++) {
			at = vc_pace_next(&p, now);
			assert_true(at >= now);
			assert_int_equal(vc_pace_next(&p, at), at);
			now = at;
			vc_pace_sent(&p, rows[i].len, now);
		}
		assert_int_equal(now - T0, rows[i].last);
	}
}

static void idle_time_is_not_saved_up(void **state)
{
	struct vc_pace p;

	(void)state;
	vc_pace_init(&p, 8000, 0);
	vc_pace_sent(&p, 1000, T0);
	vc_pace_sent(&p, 1000, T0 + 100 * VC_SEC);
	assert_int_equal(vc_pace_next(&p, T0 + 100 * VC_SEC),
			 T0 + 101 * VC_SEC);
}

static void the_rate_may_change(void **state)
{
	struct vc_pace p;

	(void)state;
	vc_pace_init(&p, 8000, 0);
	vc_pace_sent(&p, 1000, T0);
	vc_pace_rate(&p, 16000, 1000);
	assert_int_equal(vc_pace_next(&p, T0), T0 + 500 * VC_MS);
	vc_pace_rate(&p, 0, 0);
	assert_int_equal(vc_pace_next(&p, T0), T0);
}

static void what_was_sent_drains_at_a_higher_rate(void **state)
{
	static const struct {
		uint64_t from, to;
		int64_t at, left;
	} rows[] = {
		{ 8000, 16000, 0, 500 * VC_MS },
		{ 8000, 16000, 600 * VC_MS, 200 * VC_MS },
		{ 16000, 8000, 0, 500 * VC_MS },
		{ 8000, 8000, 0, VC_SEC },
		{ 8000, 16000, 2 * VC_SEC, 0 },
		{ 8000, 0, 0, 0 },
		{ 0, 8000, 0, 0 },
		{ 1, 1, 0, 8000 * VC_SEC },
		{ 1, 2, 0, 4000 * VC_SEC },
		{ 100, UINT64_MAX, 0, 0 },
	};
	struct vc_pace p;
	int64_t at;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		at = T0 + rows[i].at;
		vc_pace_init(&p, rows[i].from, 0);
		vc_pace_sent(&p, 1000, T0);
		vc_pace_rise(&p, rows[i].to, 0, at);
		assert_int_equal(vc_pace_next(&p, at), at + rows[i].left);
	}
	/* Nothing was ever sent. */
	vc_pace_init(&p, 8000, 0);
	vc_pace_rise(&p, 16000, 0, T0);
	assert_int_equal(vc_pace_next(&p, T0), T0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_go_at_the_rate),
		cmocka_unit_test(idle_time_is_not_saved_up),
		cmocka_unit_test(the_rate_may_change),
		cmocka_unit_test(what_was_sent_drains_at_a_higher_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

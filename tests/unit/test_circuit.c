/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/circuit.h"

#define T0 VC_VIRTUAL_EPOCH

/* One second: 'n' packets of 'len' octets, then a report. */
static void second(struct vc_circuit *c, unsigned int n, size_t len,
		   uint8_t fraction, uint32_t highest, int64_t rtt,
		   int64_t *now)
{
	const struct vc_rtcp_report rep = {
		.fraction = fraction,
		.highest = highest,
	};

	for (unsigned int i = 0; i < n; i++)
		vc_circuit_sent(c, 1, len, *now + i * VC_SEC / n);
	*now += VC_SEC;
	if (*now >= vc_circuit_next(c))
		vc_circuit_due(c, *now);
	vc_circuit_report(c, &rep, rtt, *now);
}

static void nobody_reports(void **state)
{
	struct vc_circuit c;
	int64_t now = T0;

	(void)state;
	vc_circuit_init(&c, VC_SEC, now);
	assert_true(vc_circuit_next(&c) == INT64_MAX);
	vc_circuit_sent(&c, 1, 1200, now);
	assert_int_equal(vc_circuit_next(&c), T0 + 15 * VC_SEC);
	for (; now < T0 + 15 * VC_SEC; now += VC_SEC) {
		vc_circuit_sent(&c, 1, 1200, now);
		vc_circuit_due(&c, now);
		assert_int_equal(c.state, VC_CIRCUIT_CLOSED);
	}
	vc_circuit_due(&c, now);
	assert_int_equal(c.state, VC_CIRCUIT_OPEN);
	assert_int_equal(c.why, VC_CIRCUIT_RTCP);
	vc_circuit_heard(&c, now + VC_SEC);
	assert_int_equal(c.state, VC_CIRCUIT_CLOSED);
	assert_int_equal(c.trips, 1);
}

/* Who sends nothing cannot expect reports. */
static void silence_of_ours_is_no_time_out(void **state)
{
	struct vc_circuit c;

	(void)state;
	vc_circuit_init(&c, 0, T0);
	vc_circuit_sent(&c, 1, 1200, T0);
	vc_circuit_due(&c, T0 + 15 * VC_SEC);
	assert_int_equal(c.state, VC_CIRCUIT_CLOSED);
	vc_circuit_sent(&c, 1, 1200, T0 + 60 * VC_SEC);
	assert_int_equal(vc_circuit_next(&c), T0 + 75 * VC_SEC);
}

static void reports_decide(void **state)
{
	static const struct {
		unsigned int n;	  /* packets of 1000 octets a second */
		uint8_t fraction; /* lost */
		uint32_t step;	  /* that the highest number advances by */
		int64_t rtt;
		unsigned int secs;
		enum vc_circuit_state state;
		enum vc_circuit_why why;
	} rows[] = {
		{ 100, 0, 100, 50 * VC_MS, 60, VC_CIRCUIT_CLOSED, 0 },
		/* 10 % and 50 ms: TCP gets 77 packets/s */
		{ 700, 26, 700, 50 * VC_MS, 60, VC_CIRCUIT_CLOSED, 0 },
		{ 900, 26, 900, 50 * VC_MS, 4, VC_CIRCUIT_REDUCED,
		  VC_CIRCUIT_CONGESTION },
		{ 900, 26, 900, 50 * VC_MS, 8, VC_CIRCUIT_OPEN,
		  VC_CIRCUIT_CONGESTION },
		/* the round trip is not known: no judgement */
		{ 900, 26, 900, -1, 60, VC_CIRCUIT_CLOSED, 0 },
		{ 100, 230, 10, 50 * VC_MS, 4, VC_CIRCUIT_OPEN,
		  VC_CIRCUIT_USELESS },
		/* across the wrap of the extended number */
		{ 100, 0, 0x40000000, 50 * VC_MS, 60, VC_CIRCUIT_CLOSED, 0 },
		{ 100, 0, 0, 50 * VC_MS, 5, VC_CIRCUIT_CLOSED, 0 },
		{ 100, 0, 0, 50 * VC_MS, 6, VC_CIRCUIT_OPEN, VC_CIRCUIT_MEDIA },
		{ 100, 0, 0, 2 * VC_SEC, 10, VC_CIRCUIT_CLOSED, 0 },
		{ 100, 0, 0, 2 * VC_SEC, 11, VC_CIRCUIT_OPEN,
		  VC_CIRCUIT_MEDIA },
		/* nothing was sent: nothing can advance */
		{ 0, 0, 0, 50 * VC_MS, 60, VC_CIRCUIT_CLOSED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint32_t highest = 0xfffffff0;
		struct vc_circuit c;
		int64_t now = T0;

		vc_circuit_init(&c, 0, now);
		for (unsigned int k = 0; k < rows[i].secs; k++) {
			highest += rows[i].step;
			second(&c, rows[i].n, 1000, rows[i].fraction, highest,
			       rows[i].rtt, &now);
		}
		assert_int_equal(c.state, rows[i].state);
		assert_int_equal(c.why, rows[i].why);
	}
}

/* A hundred reports a second are no more word than one of them. */
static void a_flood_of_reports_takes_as_long(void **state)
{
	static const struct {
		uint8_t fraction;
		enum vc_circuit_why why;
		int64_t least, most;
	} rows[] = {
		{ 255, VC_CIRCUIT_USELESS, 3 * VC_SEC, 4 * VC_SEC },
		{ 0, VC_CIRCUIT_MEDIA, 5 * VC_SEC, 6 * VC_SEC },
		{ 128, VC_CIRCUIT_MEDIA, 5 * VC_SEC, 6 * VC_SEC },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_rtcp_report rep = { .fraction = rows[i].fraction };
		struct vc_circuit c;
		int64_t at = 0;

		vc_circuit_init(&c, 0, T0);
		while (c.state == VC_CIRCUIT_CLOSED && at < 60 * VC_SEC) {
			at += 10 * VC_MS;
			vc_circuit_sent(&c, 1, 1000, T0 + at);
			vc_circuit_report(&c, &rep, -1, T0 + at);
		}
		assert_int_equal(c.why, rows[i].why);
		assert_in_range(at, rows[i].least, rows[i].most);
	}
}

static void a_reduction_that_helps_is_lifted(void **state)
{
	struct vc_circuit c;
	int64_t now = T0;
	uint32_t seq = 0;

	(void)state;
	vc_circuit_init(&c, 0, now);
	while (c.state == VC_CIRCUIT_CLOSED && seq < 90000)
		second(&c, 900, 1000, 26, seq += 900, 50 * VC_MS, &now);
	assert_int_equal(c.state, VC_CIRCUIT_REDUCED);
	assert_in_range(c.limit_bps, 700000, 730000);
	for (int i = 0; i < 4; i++)
		second(&c, 90, 1000, 0, seq += 90, 50 * VC_MS, &now);
	assert_int_equal(c.state, VC_CIRCUIT_CLOSED);
	assert_int_equal(c.trips, 0);
}

static void an_open_one_is_reset_by_hand(void **state)
{
	struct vc_circuit c;
	int64_t now = T0;

	(void)state;
	vc_circuit_init(&c, 0, now);
	while (c.state != VC_CIRCUIT_OPEN && now < T0 + VC_SEC * 60)
		second(&c, 10, 1000, 0, 5, 50 * VC_MS, &now);
	assert_int_equal(c.why, VC_CIRCUIT_MEDIA);
	vc_circuit_heard(&c, now + 60 * VC_SEC);
	assert_int_equal(c.state, VC_CIRCUIT_OPEN);
	assert_false(vc_circuit_reset(&c, now + 4 * VC_SEC));
	assert_true(vc_circuit_reset(&c, now + 5 * VC_SEC));
	assert_int_equal(c.state, VC_CIRCUIT_CLOSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_reports),
		cmocka_unit_test(silence_of_ours_is_no_time_out),
		cmocka_unit_test(reports_decide),
		cmocka_unit_test(a_flood_of_reports_takes_as_long),
		cmocka_unit_test(a_reduction_that_helps_is_lifted),
		cmocka_unit_test(an_open_one_is_reset_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "wire/ntp.h"

#define ERA_1 (INT64_C(2085978496) * VC_SEC) /* 2036-02-07T06:28:16Z */

static void known_times(void **state)
{
	static const struct {
		int64_t ns;
		uint64_t ntp;
	} rows[] = {
		{ 0, UINT64_C(2208988800) << 32 },
		{ VC_SEC / 2, UINT64_C(2208988800) << 32 | 0x80000000 },
		{ -VC_SEC / 2, UINT64_C(2208988799) << 32 | 0x80000000 },
		{ VC_VIRTUAL_EPOCH, UINT64_C(0xbc17c200) << 32 },
		{ ERA_1 - 1, UINT64_MAX - 3 },
		{ ERA_1, 0 },
		{ ERA_1 + VC_SEC, UINT64_C(1) << 32 },
		{ ERA_1 + INT64_C(0x7fffffff) * VC_SEC, UINT64_C(0x7fffffff)
								<< 32 },
		{ ERA_1 - (INT64_C(1) << 31) * VC_SEC, UINT64_C(1) << 63 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		assert_true(vc_ntp_from_ns(rows[i].ns) == rows[i].ntp);
		assert_true(vc_ntp_to_ns(rows[i].ntp) == rows[i].ns);
	}
	/* The last instants of an era may round up into the next. */
	assert_true(vc_ntp_to_ns(UINT64_MAX) == ERA_1);
	assert_int_equal(vc_ntp_mid(UINT64_C(0x1122334455667788)), 0x33445566);
}

/* Small steps, for all of a second, and across eras. */
static void ntp_round_trip_is_exact(void **state)
{
	static const int64_t bases[] = {
		0,
		-VC_SEC,
		VC_VIRTUAL_EPOCH,
		ERA_1 - VC_SEC,
		ERA_1,
		ERA_1 + INT64_C(2000000000) * VC_SEC,
		INT64_C(1795000000) * VC_SEC,
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(bases); i++) {
		for (int64_t d = 0; d < VC_SEC; d += 99991) {
			int64_t ns = bases[i] + d;

			assert_true(vc_ntp_to_ns(vc_ntp_from_ns(ns)) == ns);
		}
		for (int64_t d = -1000; d < 1000; d++) {
			int64_t ns = bases[i] + d;

			assert_true(vc_ntp_to_ns(vc_ntp_from_ns(ns)) == ns);
		}
	}
}

static void rtp_ticks(void **state)
{
	static const struct {
		int64_t ticks, ns;
		uint32_t rate;
	} rows[] = {
		{ 0, 0, 48000 },
		{ 960, 20 * VC_MS, 48000 },
		{ -960, -20 * VC_MS, 48000 },
		{ 1, 20833, 48000 },
		{ -1, -20833, 48000 },
		{ 3, 33333, 90000 },
		{ 3000, 33333333, 90000 },
		{ INT64_C(1) << 32, INT64_C(47721858844444), 90000 },
		{ 1, 1, VC_RTP_RATE_MAX },
		{ INT64_MAX, INT64_MAX, VC_RTP_RATE_MAX },
		{ INT64_MIN, INT64_MIN, VC_RTP_RATE_MAX },
		{ 5, 5 * VC_SEC, 1 },
		{ 7 * INT64_C(0xffffffff), 7 * VC_SEC, UINT32_MAX },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		assert_true(vc_rtp_to_ns(rows[i].ticks, rows[i].rate) ==
			    rows[i].ns);
		assert_true(vc_rtp_from_ns(rows[i].ns, rows[i].rate) ==
			    rows[i].ticks);
	}
	assert_true(vc_rtp_to_ns(INT64_MAX, 1) == INT64_MAX);
	assert_true(vc_rtp_to_ns(INT64_MIN, 8000) == INT64_MIN);
	assert_true(vc_rtp_from_ns(INT64_MIN, 90000) ==
		    -INT64_C(830103483316930));
}

static void ticks_round_trip_is_exact(void **state)
{
	static const uint32_t rates[] = { 1,	 1000,	8000,	11025,	  44100,
					  48000, 90000, 192000, 999999937 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rates); i++) {
		for (int64_t t = -100003; t < 100003; t += 7) {
			int64_t ticks = t + (t > 0 ? INT64_C(1) << 33 : 0);

			assert_true(
				vc_rtp_from_ns(vc_rtp_to_ns(ticks, rates[i]),
					       rates[i]) == ticks);
		}
	}
}

static void short_durations(void **state)
{
	static const struct {
		int64_t ns;
		uint32_t v;
	} rows[] = {
		{ 0, 0 },
		{ -1, 0 },
		{ VC_SEC, 65536 },
		{ 15259, 1 },
		{ VC_SEC * 65535, 0xffff0000 },
		{ VC_SEC * 65536, UINT32_MAX },
		{ VC_SEC * 65536 - 1, UINT32_MAX },
		{ INT64_MAX, UINT32_MAX },
		{ INT64_MIN, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_ntp_short_from_ns(rows[i].ns), rows[i].v);
	assert_int_equal(vc_ntp_short_to_ns(1), 15259);
	assert_true(vc_ntp_short_to_ns(0xffff0000) == VC_SEC * 65535);
	assert_true(vc_ntp_short_to_ns(UINT32_MAX) == VC_SEC * 65536 - 15259);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_times),
		cmocka_unit_test(ntp_round_trip_is_exact),
		cmocka_unit_test(rtp_ticks),
		cmocka_unit_test(ticks_round_trip_is_exact),
		cmocka_unit_test(short_durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

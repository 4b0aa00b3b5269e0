/* SPDX-License-Identifier: MIT */
/* Rates that were given, and those that were not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "link/bweopt.h"

static void rates_fit(void **state)
{
	static const struct {
		enum vc_bwe_by by;
		uint64_t min, start, max; /* as given */
		bool is_good;
		uint64_t min_is, start_is, max_is;
	} rows[] = {
		{ VC_BWE_OFF, 0, 0, 0, true, 0, 0, 0 },
		{ VC_BWE_OFF, 0, 0, 1, false, 0, 0, 1 },
		{ VC_BWE_BY_TWCC, 0, 0, 0, true, 50000, 300000, 20000000 },
		{ VC_BWE_BY_RFC8888, 0, 0, 200000, true, 50000, 200000,
		  200000 },
		{ VC_BWE_BY_TWCC, 0, 0, 40000, true, 40000, 40000, 40000 },
		{ VC_BWE_BY_TWCC, 0, 30000, 0, true, 30000, 30000, 20000000 },
		{ VC_BWE_BY_TWCC, 500000, 0, 0, true, 500000, 500000,
		  20000000 },
		{ VC_BWE_BY_TWCC, 0, 30000000, 0, true, 50000, 30000000,
		  30000000 },
		{ VC_BWE_BY_TWCC, 30000000, 0, 0, true, 30000000, 30000000,
		  30000000 },
		{ VC_BWE_BY_TWCC, 2, 0, 1, false, 2, 0, 1 },
		{ VC_BWE_BY_TWCC, 0, 2000000, 1000000, false, 50000, 2000000,
		  1000000 },
		{ VC_BWE_BY_TWCC, 2000000, 1000000, 0, false, 2000000, 1000000,
		  20000000 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_bwe_opts o = { .by = rows[i].by,
					 .min_bps = rows[i].min,
					 .start_bps = rows[i].start,
					 .max_bps = rows[i].max };

		assert_int_equal(vc_bwe_settle(&o), rows[i].is_good);
		assert_int_equal(o.min_bps, rows[i].min_is);
		assert_int_equal(o.start_bps, rows[i].start_is);
		assert_int_equal(o.max_bps, rows[i].max_is);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* When CoDel drops, by RFC 8289's control law. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/codel.h"

/* A packet each ms that has waited 10 ms: 100 ms later the first is dropped, and
 * then another one each 100 ms / sqrt(n). */
static void drops_come_faster(void **state)
{
	static const int64_t at_ms[] = { 100, 200, 271, 329, 379, 424 };
	struct vc_codel c = { 0 };
	size_t n = 0;

	(void)state;
	for (int64_t t = 0; t < 430; t++) {
		if (!vc_codel_drops(&c, t * VC_MS, 10 * VC_MS, 5000))
			continue;
		assert_true(n < VC_COUNT(at_ms));
		assert_int_equal(t, at_ms[n]);
		n++;
	}
	assert_int_equal(n, VC_COUNT(at_ms));
	/* A short wait ends it; soon after it goes on where it was. */
	assert_false(vc_codel_drops(&c, 430 * VC_MS, VC_MS, 5000));
	for (int64_t t = 431; t < 531; t++)
		assert_false(vc_codel_drops(&c, t * VC_MS, 10 * VC_MS, 5000));
	assert_true(vc_codel_drops(&c, 531 * VC_MS, 10 * VC_MS, 5000));
	assert_int_equal(c.count, 5);
}

static void little_is_never_dropped(void **state)
{
	struct vc_codel c = { 0 };

	(void)state;
	for (int64_t t = 0; t < 1000; t++) {
		assert_false(vc_codel_drops(&c, t * VC_MS, VC_SEC,
					    VC_CODEL_MAXPACKET));
		assert_false(
			vc_codel_drops(&c, t * VC_MS, 5 * VC_MS - 1, 100000));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drops_come_faster),
		cmocka_unit_test(little_is_never_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

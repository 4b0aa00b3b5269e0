/* SPDX-License-Identifier: MIT */
/* Numbers behind a place move, those before it do not, however late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/seqshift.h"

static void test_places(void **state)
{
	static const struct {
		int64_t seq;
		int by;
	} rows[] = {
		{ -5, 0 },    { 0, 0 },	    { 10, 0 },
		{ 11, 1 },    { 65535, 1 }, { 65536, 4 },
		{ 65540, 4 }, { 65541, 3 }, { INT64_MAX, 3 },
	};
	struct vc_seqshift s = { 0 };

	(void)state;
	assert_int_equal(vc_seqshift_of(&s, 3), 0);
	vc_seqshift_add(&s, 10, 1);
	vc_seqshift_add(&s, 65535, 1);
	vc_seqshift_add(&s, 65535, 1); /* the same place */
	vc_seqshift_add(&s, 65530, 1); /* out of order: likewise */
	vc_seqshift_add(&s, 65540, -1);
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_seqshift_of(&s, rows[i].seq), rows[i].by);
}

/* More than are kept: the oldest are one place then. */
static void test_forgotten(void **state)
{
	struct vc_seqshift s = { 0 };
	const int n = 3 * VC_SEQSHIFT_PLACES;

	(void)state;
	for (int i = 1; i <= n; i++) {
		vc_seqshift_add(&s, 10 * i, 1);
		assert_int_equal(vc_seqshift_of(&s, 10 * i), i - 1);
		assert_int_equal(vc_seqshift_of(&s, 10 * i + 1), i);
	}
	assert_int_equal(vc_seqshift_of(&s, 0), n - VC_SEQSHIFT_PLACES);
	assert_int_equal(vc_seqshift_of(&s, 10 * (n - VC_SEQSHIFT_PLACES + 1)),
			 n - VC_SEQSHIFT_PLACES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

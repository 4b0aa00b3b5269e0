/* SPDX-License-Identifier: MIT */
/* The earliest of many, against a search through all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/earliest.h"

#define MANY 300

static uint32_t drawn = 1;

static uint32_t draw(uint32_t n)
{
	drawn = drawn * 1664525 + 1013904223;
	return (drawn >> 8) % n;
}

/* Index of the one that is due, by looking at all; MANY: none. */
static size_t search(const int64_t *times, size_t n)
{
	size_t best = MANY;

	for (size_t i = 0; i < n; i++)
		if (times[i] >= 0 && (best == MANY || times[i] < times[best]))
			best = i;
	return best;
}

static void each_is_the_earliest(void **state)
{
	static const size_t sizes[] = { 1, 2, 3, 8, 9, MANY };
	struct vc_earliest e = { 0 };
	int64_t times[MANY];

	(void)state;
	for (size_t s = 0; s < 6; s++) {
		size_t n = sizes[s], i;

		e.n = 0;
		assert_int_equal(vc_earliest_reserve(&e, n), 0);
		for (i = 0; i < n; i++) {
			times[i] = draw(20); /* many are equal */
			vc_earliest_add(&e, times[i], i, &times[i]);
		}
		vc_earliest_sort(&e);
		while ((i = search(times, n)) < MANY) {
			assert_ptr_equal(e.v[0].what, &times[i]);
			times[i] = draw(4) ? times[i] + draw(5) : -1;
			if (times[i] < 0)
				vc_earliest_pop(&e);
			else
				vc_earliest_renew(&e, times[i]);
		}
		assert_int_equal(e.n, 0);
	}
	vc_earliest_free(&e);
}

static void room_keeps_what_is_there(void **state)
{
	struct vc_earliest e = { 0 };
	int what[2];

	(void)state;
	assert_int_equal(vc_earliest_reserve(&e, 1), 0);
	vc_earliest_add(&e, 7, 0, &what[0]);
	assert_int_equal(vc_earliest_reserve(&e, 1000), 0);
	assert_true(e.cap >= 1000);
	vc_earliest_add(&e, 5, 1, &what[1]);
	vc_earliest_sort(&e);
	assert_ptr_equal(e.v[0].what, &what[1]);
	vc_earliest_pop(&e);
	assert_ptr_equal(e.v[0].what, &what[0]);
	vc_earliest_free(&e);
	assert_int_equal(e.cap, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_the_earliest),
		cmocka_unit_test(room_keeps_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

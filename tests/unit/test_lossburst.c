/* SPDX-License-Identifier: MIT */
/* Rows of losses are told from single ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/lossburst.h"

/* 'n' rows of 'len', each with something that came between, over the wrap. */
static uint16_t lose(struct vc_lossburst *b, uint16_t seq, unsigned int n,
		     unsigned int len)
{
	for (unsigned int i = 0; i < n; i++) {
		for (unsigned int k = 0; k < len; k++) {
			vc_lossburst_put(b, seq);
			seq++;
		}
		seq = (uint16_t)(seq + 5);
	}
	return seq;
}

static void rows_are_told_from_single_ones(void **state)
{
	static const struct {
		unsigned int n, len;
		bool is_bursty;
	} rows[] = {
		{ 0, 1, false },   { 3, 2, false }, /* too few to tell */
		{ 100, 1, false }, { 5, 2, true },   { 100, 2, true },
		{ 4, 4, true },	   { 50, 30, true }, { 3, 1000, true },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_lossburst b = { 0 };

		lose(&b, 65530, rows[i].n, rows[i].len);
		assert_int_equal(vc_lossburst_is(&b), rows[i].is_bursty);
	}
}

static void what_it_was_is_forgotten(void **state)
{
	struct vc_lossburst b = { 0 };
	uint16_t seq = lose(&b, 0, 40, 5);

	(void)state;
	assert_true(vc_lossburst_is(&b));
	/* In between it stays what it was. */
	for (int i = 0; i < 100; i++) {
		seq = lose(&b, seq, 2, 1);
		seq = lose(&b, seq, 3, 2);
	}
	assert_true(vc_lossburst_is(&b));
	seq = lose(&b, seq, 400, 1);
	assert_false(vc_lossburst_is(&b));
	for (int i = 0; i < 100; i++) {
		seq = lose(&b, seq, 2, 1);
		seq = lose(&b, seq, 3, 2);
	}
	assert_false(vc_lossburst_is(&b));
	lose(&b, seq, 200, 3);
	assert_true(vc_lossburst_is(&b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_told_from_single_ones),
		cmocka_unit_test(what_it_was_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

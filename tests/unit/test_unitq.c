/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/unitq.h"

static void a_queue_keeps_order_and_octets(void **state)
{
	static uint8_t octets[3000];
	struct vc_unitq q = { 0 };
	unsigned int in = 0, out = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(i * 7);
	while (out < 5000) {
		/* Fills and drains at changing depths, up to 60. */
		unsigned int depth = 1 + out / 7 % 60;

		for (; in - out < depth; in++) {
			const struct vc_unitq_item item = {
				.time = in,
				.is_key = in % 3 == 0,
				.is_jump = in % 5 == 0,
				.lost = in % 7,
				.track = in % 11,
				.len = in * 13 % 2999,
				.data = octets + in % 2,
			};

			assert_int_equal(vc_unitq_push(&q, &item), 0);
			vc_unitq_set_duration(&q, in + 5);
		}
		vc_unitq_shift(&q, 10);
		for (; in - out > depth / 2; out++) {
			struct vc_unitq_item item = vc_unitq_front(&q);

			assert_int_equal(item.time % 10, out % 10);
			assert_true(item.time > out);
			assert_int_equal(item.duration, out + 5);
			assert_int_equal(item.is_key, out % 3 == 0);
			assert_int_equal(item.is_jump, out % 5 == 0);
			assert_int_equal(item.lost, out % 7);
			assert_int_equal(item.track, out % 11);
			assert_int_equal(item.len, out * 13 % 2999);
			assert_memory_equal(item.data, octets + out % 2,
					    item.len);
			vc_unitq_pop(&q);
		}
	}
	assert_int_equal(q.n, in - out);
	assert_true(q.cap <= 60 * 3100 * 4);
	vc_unitq_clear(&q);
	assert_int_equal(vc_unitq_octets(&q), 0);
}

static void the_earliest_of_some_is_found(void **state)
{
	static const int64_t times[] = { 5, 9, 3, 7, -2 };
	static const int64_t earliest[] = { INT64_MAX, 5, 5, 3, 3, -2, -2 };
	struct vc_unitq q = { 0 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(times); i++) {
		const struct vc_unitq_item item = { .time = times[i] };

		assert_int_equal(vc_unitq_push(&q, &item), 0);
	}
	for (size_t i = 0; i < VC_COUNT(earliest); i++)
		assert_true(vc_unitq_earliest(&q, i) == earliest[i]);
	vc_unitq_pop(&q);
	assert_true(vc_unitq_earliest(&q, 1) == 9);
	vc_unitq_clear(&q);
}

static void a_key_frame_takes_the_place_of_its_time(void **state)
{
	static const struct {
		int64_t after;
		bool is_key, yields;
	} rows[] = {
		{ 0, true, true },	     { 11111, true, true },
		{ VC_MS - 1, true, true },   { VC_MS, true, false },
		{ 0, false, false },	     { -1, true, false },
		{ 33 * VC_MS, true, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_unitq_item item = { .len = 1,
					      .data = (const uint8_t *)"a" };
		struct vc_unitq q = { 0 };

		assert_false(vc_unitq_yield(&q, &item));
		assert_int_equal(vc_unitq_push(&q, &item), 0);
		item.time = 40 * VC_MS;
		item.lost = 3;
		assert_int_equal(vc_unitq_push(&q, &item), 0);
		item.time += rows[i].after;
		item.is_key = rows[i].is_key;
		item.data = (const uint8_t *)"b";
		assert_int_equal(vc_unitq_yield(&q, &item), rows[i].yields);
		assert_int_equal(item.lost, rows[i].yields ? 6 : 3);
		assert_int_equal(vc_unitq_push(&q, &item), 0);
		assert_int_equal(q.n, rows[i].yields ? 2 : 3);
		vc_unitq_pop(&q);
		assert_int_equal(*vc_unitq_front(&q).data,
				 rows[i].yields ? 'b' : 'a');
		vc_unitq_clear(&q);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_keeps_order_and_octets),
		cmocka_unit_test(a_key_frame_takes_the_place_of_its_time),
		cmocka_unit_test(the_earliest_of_some_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/ebml.h"

#define OCTETS(w, lit)                                                \
	do {                                                          \
		assert_false((w).bad);                                \
		assert_int_equal(vc_wr_len(&(w)), sizeof(lit) - 1);   \
		assert_memory_equal((w).start, lit, sizeof(lit) - 1); \
	} while (0)

static void sizes_take_the_fewest_octets(void **state)
{
	static const struct {
		uint64_t size;
		unsigned int width;
		uint8_t first;
	} rows[] = {
		{ 0, 1, 0x80 },
		{ 1, 1, 0x81 },
		{ 126, 1, 0xfe },
		{ 127, 2, 0x40 }, /* seven ones mean "unknown" */
		{ 16382, 2, 0x7f },
		{ 16383, 3, 0x20 },
		{ (UINT64_C(1) << 49) - 2, 7, 0x03 },
		{ (UINT64_C(1) << 49) - 1, 8, 0x01 },
		{ VC_EBML_MAX, 8, 0x01 },
	};
	uint8_t room[8];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_wr w = vc_wr_over(room, sizeof(room));
		struct vc_rd r;

		vc_ebml_size(&w, rows[i].size, 0);
		assert_false(w.bad);
		assert_int_equal(vc_wr_len(&w), rows[i].width);
		assert_int_equal(vc_ebml_size_width(rows[i].size),
				 rows[i].width);
		assert_int_equal(room[0], rows[i].first);
		r = vc_rd_over(room, vc_wr_len(&w));
		assert_int_equal(vc_ebml_rd_size(&r), rows[i].size);
		assert_int_equal(vc_rd_left(&r), 0);
		assert_false(r.bad);
	}
}

static void sizes_that_do_not_fit_are_bad(void **state)
{
	static const struct {
		uint64_t size;
		unsigned int width;
		bool bad;
	} rows[] = {
		{ 126, 1, false },
		{ 127, 1, true },
		{ 16383, 2, true },
		{ 0, 4, false },
		{ (1u << 28) - 2, 4, false },
		{ (1u << 28) - 1, 4, true },
		{ VC_EBML_MAX + 1, 0, true },
		{ VC_EBML_UNKNOWN, 1, false },
		{ VC_EBML_UNKNOWN, 8, false },
	};
	uint8_t room[8];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_wr w = vc_wr_over(room, sizeof(room));

		vc_ebml_size(&w, rows[i].size, rows[i].width);
		assert_int_equal(w.bad, rows[i].bad);
	}
}

static void unknown_is_all_ones(void **state)
{
	uint8_t room[8];
	struct vc_wr w = vc_wr_over(room, sizeof(room));
	struct vc_rd r;

	(void)state;
	vc_ebml_size(&w, VC_EBML_UNKNOWN, 8);
	OCTETS(w, "\x01\xff\xff\xff\xff\xff\xff\xff");
	r = vc_rd_over(room, 8);
	assert_true(vc_ebml_rd_size(&r) == VC_EBML_UNKNOWN);
}

static void numbers_take_the_fewest_octets(void **state)
{
	static const struct {
		int64_t v;
		size_t len;
		const char *octets;
	} rows[] = {
		{ 0, 1, "\x00" },
		{ 127, 1, "\x7f" },
		{ 128, 2, "\x00\x80" },
		{ -1, 1, "\xff" },
		{ -128, 1, "\x80" },
		{ -129, 2, "\xff\x7f" },
		{ 32767, 2, "\x7f\xff" },
		{ 32768, 3, "\x00\x80\x00" },
		{ -32768, 2, "\x80\x00" },
		{ INT64_MIN, 8, "\x80\x00\x00\x00\x00\x00\x00\x00" },
		{ INT64_MAX, 8, "\x7f\xff\xff\xff\xff\xff\xff\xff" },
	};
	uint8_t room[16];
	struct vc_wr w;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		w = vc_wr_over(room, sizeof(room));
		vc_ebml_int(&w, 0xfb, rows[i].v);
		assert_int_equal(vc_wr_len(&w), 2 + rows[i].len);
		assert_int_equal(room[1], 0x80 | rows[i].len);
		assert_memory_equal(room + 2, rows[i].octets, rows[i].len);
	}
	w = vc_wr_over(room, sizeof(room));
	vc_ebml_uint(&w, 0x2ad7b1, 1000000);
	OCTETS(w, "\x2a\xd7\xb1\x83\x0f\x42\x40");
	w = vc_wr_over(room, sizeof(room));
	vc_ebml_uint(&w, 0xd7, 0);
	OCTETS(w, "\xd7\x81\x00");
	w = vc_wr_over(room, sizeof(room));
	vc_ebml_uint(&w, 0xd7, UINT64_MAX);
	OCTETS(w, "\xd7\x88\xff\xff\xff\xff\xff\xff\xff\xff");
	w = vc_wr_over(room, sizeof(room));
	vc_ebml_double(&w, 0xb5, 48000);
	OCTETS(w, "\xb5\x88\x40\xe7\x70\x00\x00\x00\x00\x00");
}

static void masters_hold_what_is_between(void **state)
{
	uint8_t room[64];
	struct vc_wr w = vc_wr_over(room, sizeof(room));
	size_t outer, inner;

	(void)state;
	outer = vc_ebml_begin(&w, 0x1654ae6b);
	inner = vc_ebml_begin(&w, 0xae);
	vc_ebml_string(&w, 0x86, "V_VP8");
	vc_ebml_end(&w, inner);
	vc_ebml_end(&w, outer);
	OCTETS(w, "\x16\x54\xae\x6b\x10\x00\x00\x0c"
		  "\xae\x10\x00\x00\x07\x86\x85V_VP8");
	w = vc_wr_over(room, 6);
	outer = vc_ebml_begin(&w, 0x1654ae6b);
	vc_ebml_end(&w, outer);
	assert_true(w.bad);
}

static void voids_fill_exactly(void **state)
{
	static const size_t rows[] = { 2, 3, 21, 127, 128, 129, 130, 255, 400 };
	uint8_t room[512];
	uint64_t size;
	struct vc_rd r;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_wr w = vc_wr_over(room, sizeof(room));

		vc_ebml_void(&w, rows[i]);
		assert_int_equal(vc_wr_len(&w), rows[i]);
		r = vc_rd_over(room, rows[i]);
		assert_int_equal(vc_ebml_rd_id(&r), VC_EBML_ID_VOID);
		size = vc_ebml_rd_size(&r);
		assert_int_equal(size, vc_rd_left(&r));
	}
	r = vc_rd_over(NULL, 0);
	assert_int_equal(vc_ebml_rd_id(&r), 0);
	assert_true(r.bad);
}

static void what_is_no_ebml_is_bad(void **state)
{
	static const struct {
		const char *p;
		size_t len;
	} rows[] = {
		{ "\x00", 1 },
		{ "\x0f\xff\xff\xff\xff", 5 },
		{ "\x1a\x45", 2 },
	};
	struct vc_rd r;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		r = vc_rd_over(rows[i].p, rows[i].len);
		vc_ebml_rd_id(&r);
		assert_true(r.bad);
	}
	r = vc_rd_over("\x00\x81", 2);
	vc_ebml_rd_size(&r);
	assert_true(r.bad);
	r = vc_rd_over("\x01\x02\x03\x04\x05\x06\x07\x08\x09", 9);
	assert_true(vc_ebml_rd_uint(&r, 9) == 0);
	assert_true(r.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_take_the_fewest_octets),
		cmocka_unit_test(sizes_that_do_not_fit_are_bad),
		cmocka_unit_test(unknown_is_all_ones),
		cmocka_unit_test(numbers_take_the_fewest_octets),
		cmocka_unit_test(masters_hold_what_is_between),
		cmocka_unit_test(voids_fill_exactly),
		cmocka_unit_test(what_is_no_ebml_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

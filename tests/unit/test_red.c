/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "wire/red.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

/* hostile.md P3. 'n' 0: refused. */
static const struct {
	const char *what;
	const uint8_t *p;
	size_t len, n;
	unsigned int offset, first_len, primary_len;
} rows[] = {
	{ "empty", BYTES(""), 0, 0, 0, 0 },
	{ "primary alone, empty", BYTES("\x6f"), 1, 0, 0, 0 },
	{ "primary alone",
	  BYTES("\x6f"
		"abc"),
	  1, 0, 3, 3 },
	{ "header cut after 1", BYTES("\xef"), 0, 0, 0, 0 },
	{ "header cut after 3", BYTES("\xef\x0f\0"), 0, 0, 0, 0 },
	{ "no primary", BYTES("\xef\x0f\x00\x00"), 0, 0, 0, 0 },
	{ "two",
	  BYTES("\xef\x0f\x00\x02\x6f"
		"xxab"),
	  2, 960, 2, 2 },
	{ "two, primary empty",
	  BYTES("\xef\x0f\x00\x02\x6f"
		"xx"),
	  2, 960, 2, 0 },
	{ "length 1 more than there is",
	  BYTES("\xef\x0f\x00\x02\x6f"
		"x"),
	  0, 0, 0, 0 },
	{ "length 1023",
	  BYTES("\xef\x0f\x03\xff\x6f"
		"xxab"),
	  0, 0, 0, 0 },
	{ "offset 16383",
	  BYTES("\xef\xff\xfc\x00\x6f"
		"ab"),
	  2, 16383, 0, 2 },
	/* RFC 2198 section 4: LPC of 14 octets before DVI4. */
	{ "example",
	  BYTES("\x87\x02\x80\x0e\x05"
		"llllllllllllllDDDD"),
	  2, 160, 14, 4 },
};

static void blocks_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_red red;
		int err = vc_red_parse(&red, rows[i].p, rows[i].len);

		if (err != (rows[i].n ? 0 : -EBADMSG))
			fail_msg("%s: %d", rows[i].what, err);
		assert_int_equal(red.n, rows[i].n);
		if (err)
			continue;
		assert_int_equal(red.blocks[0].ts_offset, rows[i].offset);
		assert_int_equal(red.blocks[0].len, rows[i].first_len);
		assert_int_equal(red.blocks[red.n - 1].len,
				 rows[i].primary_len);
		assert_ptr_equal(red.blocks[red.n - 1].p + rows[i].primary_len,
				 rows[i].p + rows[i].len);
	}
}

static void there_are_32_blocks_at_most(void **state)
{
	uint8_t buf[4 * 33 + 1];
	struct vc_red red;

	(void)state;
	for (size_t n = 30; n <= 33; n++) {
		memset(buf, 0, sizeof(buf));
		for (size_t i = 0; i < n - 1; i++)
			buf[4 * i] = 0x80 | 111;
		assert_int_equal(vc_red_parse(&red, buf, 4 * (n - 1) + 1),
				 n <= 32 ? 0 : -EBADMSG);
		assert_int_equal(red.n, n <= 32 ? n : 0);
	}
	/* Nothing but headers of more. */
	memset(buf, 0xff, sizeof(buf));
	assert_int_equal(vc_red_parse(&red, buf, sizeof(buf)), -EBADMSG);
}

static void what_is_written_is_read(void **state)
{
	static const uint8_t data[1024] = { 1, 2, 3 };
	const struct {
		struct vc_red red;
		size_t cap;
		bool is_bad;
	} writes[] = {
		{ { 1, { { 111, 0, data, 80 } } }, 81, false },
		{ { 1, { { 111, 0, data, 80 } } }, 80, true },
		{ { 2, { { 111, 960, data, 1023 }, { 111, 0, data, 9 } } },
		  2000,
		  false },
		{ { 2, { { 111, 960, data, 1024 }, { 111, 0, data, 9 } } },
		  2000,
		  true },
		{ { 2, { { 111, 16383, data, 1 }, { 111, 0, data, 0 } } },
		  6,
		  false },
		{ { 2, { { 111, 16384, data, 1 }, { 111, 0, data, 0 } } },
		  6,
		  true },
		{ { 0, { { 111, 0, data, 1 } } }, 6, true },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(writes); i++) {
		uint8_t buf[2000];
		struct vc_wr w = vc_wr_over(buf, writes[i].cap);
		struct vc_red red;

		vc_red_write(&w, &writes[i].red);
		assert_int_equal(w.bad, writes[i].is_bad);
		if (w.bad)
			continue;
		assert_int_equal(vc_red_parse(&red, buf, vc_wr_len(&w)), 0);
		assert_int_equal(red.n, writes[i].red.n);
		for (size_t k = 0; k < red.n; k++) {
			const struct vc_red_block *b = &writes[i].red.blocks[k];

			assert_int_equal(red.blocks[k].pt, b->pt);
			assert_int_equal(red.blocks[k].ts_offset, b->ts_offset);
			assert_int_equal(red.blocks[k].len, b->len);
			if (b->len)
				assert_memory_equal(red.blocks[k].p, b->p,
						    b->len);
		}
	}
}

/* With CSRC, extension and padding: what comes out is what went in. */
static void wrapping_is_undone(void **state)
{
	static const uint8_t p[] = "\xb1\xe0\0\1\0\0\0\2\0\0\0\3"
				   "\0\0\0\4" /* CSRC */
				   "\xbe\xde\0\1\x10\x55\0\0"
				   "payload"
				   "\0\0\3";
	const size_t len = sizeof(p) - 1;
	uint8_t red[64], back[64];
	struct vc_wr w = vc_wr_over(red, sizeof(red));
	struct vc_wr v = vc_wr_over(back, sizeof(back));
	struct vc_red blocks;
	struct vc_rtp rtp;

	(void)state;
	assert_int_equal(vc_rtp_parse(&rtp, p, len), 0);
	vc_red_wrap(&w, p, p + 12, len - 12, rtp.header_len, 120);
	assert_false(w.bad);
	assert_int_equal(vc_wr_len(&w), len + 1);
	assert_int_equal(vc_rtp_parse(&rtp, red, len + 1), 0);
	assert_int_equal(rtp.pt, 120);
	assert_true(rtp.marker);
	assert_int_equal(rtp.pad_len, 3);
	assert_int_equal(vc_red_parse(&blocks, rtp.payload, rtp.payload_len),
			 0);
	assert_int_equal(blocks.n, 1);
	assert_int_equal(blocks.blocks[0].pt, 96);
	vc_red_unwrap(&v, red, &rtp, &blocks.blocks[0]);
	assert_int_equal(vc_wr_len(&v), len);
	assert_memory_equal(back, p, len);
	w = vc_wr_over(red, len);
	vc_red_wrap(&w, p, p + 12, len - 12, 24, 120);
	assert_true(w.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_checked),
		cmocka_unit_test(there_are_32_blocks_at_most),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(wrapping_is_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

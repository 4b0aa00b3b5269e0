/* SPDX-License-Identifier: MIT */
/* The formats of parity packets, and sums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "wire/fec.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

#define ULP_TOP "\x01\x60\xff\xfe\0\0\0\5\0\4"
#define FLEX_TOP "\x01\x60\0\4\0\0\0\5\1\0\0\0\0\0\0\7\xff\xfe"

static const struct {
	const char *what;
	enum vc_fec_format format;
	const uint8_t *p;
	size_t len;
	int err;
	unsigned int n, first, last; /* places */
	size_t body_len;
} rows[] = {
	{ "ulp: empty", VC_FEC_ULP, BYTES(""), -EBADMSG, 0, 0, 0, 0 },
	{ "ulp: no level", VC_FEC_ULP, BYTES(ULP_TOP), -EBADMSG, 0, 0, 0, 0 },
	{ "ulp: mask cut", VC_FEC_ULP, BYTES(ULP_TOP "\0\0\x80"), -EBADMSG, 0,
	  0, 0, 0 },
	{ "ulp: 16, no body", VC_FEC_ULP, BYTES(ULP_TOP "\0\0\x80\1"), 0, 2, 0,
	  15, 0 },
	{ "ulp: 16", VC_FEC_ULP, BYTES(ULP_TOP "\0\4\x40\0abcd"), 0, 1, 1, 1,
	  4 },
	{ "ulp: empty mask", VC_FEC_ULP, BYTES(ULP_TOP "\0\4\0\0abcd"),
	  -EBADMSG, 0, 0, 0, 0 },
	{ "ulp: length over", VC_FEC_ULP, BYTES(ULP_TOP "\0\5\x40\0abcd"),
	  -EBADMSG, 0, 0, 0, 0 },
	{ "ulp: 65535", VC_FEC_ULP, BYTES(ULP_TOP "\xff\xff\x40\0abcd"),
	  -EBADMSG, 0, 0, 0, 0 },
	{ "ulp: a second level", VC_FEC_ULP, BYTES(ULP_TOP "\0\3\x40\0abcd"),
	  -ENOTSUP, 0, 0, 0, 0 },
	{ "ulp: E", VC_FEC_ULP,
	  BYTES("\x81\x60\xff\xfe\0\0\0\5\0\4\0\4\x40\0abcd"), -ENOTSUP, 0, 0,
	  0, 0 },
	{ "ulp: 48", VC_FEC_ULP,
	  BYTES("\x41\x60\xff\xfe\0\0\0\5\0\4\0\4\x80\0\0\0\0\1abcd"), 0, 2, 0,
	  47, 4 },
	{ "ulp: 48, cut", VC_FEC_ULP,
	  BYTES("\x41\x60\xff\xfe\0\0\0\5\0\4\0\0\x80\0\0\0\0"), -EBADMSG, 0, 0,
	  0, 0 },
	{ "flex: empty", VC_FEC_FLEX, BYTES(""), -EBADMSG, 0, 0, 0, 0 },
	{ "flex: no mask", VC_FEC_FLEX, BYTES(FLEX_TOP), -EBADMSG, 0, 0, 0, 0 },
	{ "flex: 15", VC_FEC_FLEX, BYTES(FLEX_TOP "\xc0\1abcd"), 0, 2, 0, 14,
	  4 },
	{ "flex: 15, empty mask", VC_FEC_FLEX, BYTES(FLEX_TOP "\x80\0abcd"),
	  -EBADMSG, 0, 0, 0, 0 },
	{ "flex: 46", VC_FEC_FLEX, BYTES(FLEX_TOP "\x20\0\x80\0\0\1ab"), 0, 2,
	  1, 45, 2 },
	{ "flex: 46, cut", VC_FEC_FLEX, BYTES(FLEX_TOP "\x20\0\x80\0\0"),
	  -EBADMSG, 0, 0, 0, 0 },
	{ "flex: 109", VC_FEC_FLEX,
	  BYTES(FLEX_TOP "\0\0\0\0\0\1\x80\0\0\0\0\0\0\1"), 0, 2, 45, 108, 0 },
	{ "flex: 109, cut", VC_FEC_FLEX,
	  BYTES(FLEX_TOP "\0\0\0\0\0\1\x80\0\0\0\0\0\0"), -EBADMSG, 0, 0, 0,
	  0 },
	{ "flex: no end of the mask", VC_FEC_FLEX,
	  BYTES(FLEX_TOP "\x20\0\0\0\0\1\0\0\0\0\0\0\0\1"), -EBADMSG, 0, 0, 0,
	  0 },
	{ "flex: no SSRC", VC_FEC_FLEX,
	  BYTES("\1\x60\0\4\0\0\0\5\0\0\0\0\0\0\0\7\0\0\xc0\0"), -EBADMSG, 0, 0,
	  0, 0 },
	{ "flex: two SSRCs", VC_FEC_FLEX,
	  BYTES("\1\x60\0\4\0\0\0\5\2\0\0\0\0\0\0\7\0\0\xc0\0\0\0\0\1\0\0\xc0"
		"\0"),
	  -ENOTSUP, 0, 0, 0, 0 },
	{ "flex: 255 SSRCs", VC_FEC_FLEX,
	  BYTES("\1\x60\0\4\0\0\0\5\xff\0\0\0\0\0\0\7\0\0\xc0\0"), -ENOTSUP, 0,
	  0, 0, 0 },
	{ "flex: R", VC_FEC_FLEX,
	  BYTES("\x81\x60\0\4\0\0\0\5\1\0\0\0\0\0\0\7\0\0\xc0\0"), -ENOTSUP, 0,
	  0, 0, 0 },
	{ "flex: F", VC_FEC_FLEX,
	  BYTES("\x41\x60\0\4\0\0\0\5\1\0\0\0\0\0\0\7\0\0\xc0\0"), -ENOTSUP, 0,
	  0, 0, 0 },
};

/* What was read, written again, is the same octets. */
static void write_again(const struct vc_fec *fec, size_t i)
{
	uint8_t buf[64];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	vc_fec_write(&w, rows[i].format, fec);
	assert_false(w.bad);
	assert_int_equal(vc_wr_len(&w), rows[i].len - rows[i].body_len);
	assert_int_equal(vc_fec_header_len(rows[i].format, rows[i].last + 1),
			 vc_wr_len(&w));
	assert_memory_equal(buf, rows[i].p, vc_wr_len(&w));
}

static void headers_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_fec fec;
		int err = vc_fec_parse(&fec, rows[i].format, rows[i].p,
				       rows[i].len);

		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].what, err);
		if (err)
			continue;
		assert_int_equal(vc_fec_mask_n(&fec.mask), rows[i].n);
		assert_int_equal(vc_fec_mask_next(&fec.mask, 0), rows[i].first);
		assert_true(vc_fec_mask_has(&fec.mask, rows[i].last));
		assert_int_equal(vc_fec_mask_next(&fec.mask, rows[i].last + 1),
				 128);
		assert_int_equal(fec.base, 65534);
		assert_int_equal(fec.sum.first, 1);
		assert_int_equal(fec.sum.second, 0x60);
		assert_int_equal(fec.sum.length, 4);
		assert_int_equal(fec.sum.ts, 5);
		assert_int_equal(fec.ssrc,
				 rows[i].format == VC_FEC_FLEX ? 7 : 0);
		assert_int_equal(fec.body_len, rows[i].body_len);
		write_again(&fec, i);
	}
}

static void masks_that_do_not_fit_are_refused(void **state)
{
	static const struct {
		enum vc_fec_format format;
		unsigned int place;
		bool is_bad;
	} places[] = {
		{ VC_FEC_ULP, 47, false },   { VC_FEC_ULP, 48, true },
		{ VC_FEC_FLEX, 108, false }, { VC_FEC_FLEX, 109, true },
		{ VC_FEC_FLEX, 127, true },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(places); i++) {
		uint8_t buf[VC_FEC_HEADER_MAX];
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));
		struct vc_fec fec = { .base = 0 };

		vc_fec_mask_set(&fec.mask, places[i].place);
		vc_fec_write(&w, places[i].format, &fec);
		assert_int_equal(w.bad, places[i].is_bad);
	}
}

/* RFC 5109 section 10.1. */
static void sums_are_those_of_the_standard(void **state)
{
	static const struct {
		uint16_t seq;
		uint32_t ts;
		uint8_t pt;
		size_t len;
	} media[] = {
		{ 8, 3, 11, 200 },
		{ 9, 5, 18, 140 },
		{ 10, 7, 11, 100 },
		{ 11, 9, 18, 340 },
	};
	uint8_t body[400], rest[400], xored[400] = { 0 };
	struct vc_fec_sum sum = { .body = body, .cap = sizeof(body) };

	(void)state;
	memset(body, 0xee, sizeof(body));
	for (size_t i = 0; i < VC_COUNT(media); i++) {
		struct vc_rtp rtp = { .pt = media[i].pt,
				      .seq = media[i].seq,
				      .ts = media[i].ts };
		uint8_t head[VC_RTP_HEADER];
		struct vc_wr w = vc_wr_over(head, sizeof(head));

		assert_int_equal(vc_rtp_write(&w, &rtp), 0);
		for (size_t k = 0; k < media[i].len; k++) {
			rest[k] = (uint8_t)(k * 7 + i * 31);
			xored[k] ^= rest[k];
		}
		assert_true(vc_fec_sum_add(&sum, head, rest, media[i].len, 0));
	}
	assert_int_equal(sum.first, 0);
	assert_int_equal(sum.second, 0);
	assert_int_equal(sum.ts, 8);
	assert_int_equal(sum.length, 372);
	assert_int_equal(sum.len, 340);
	assert_memory_equal(body, xored, 340);
	assert_int_equal(body[340], 0xee);
}

static void what_is_too_long_is_not_added(void **state)
{
	uint8_t body[8] = { 0 }, rest[9] = { 1 };
	struct vc_fec_sum sum = { .body = body, .cap = 8 };
	const uint8_t head[VC_RTP_HEADER] = { 0x80, 96 };

	(void)state;
	assert_false(vc_fec_sum_add(&sum, head, rest, 9, 0));
	assert_int_equal(sum.second, 0);
	assert_true(vc_fec_sum_add(&sum, head, rest, 8, 0));
	assert_true(vc_fec_sum_add(&sum, head, rest, 0, 0));
	assert_int_equal(sum.second, 0);
	assert_int_equal(sum.length, 8);
}

/* Ids 2 and 3 count as zeros, in either form, and nothing else does. */
static void volatile_extensions_are_left_out(void **state)
{
	static const struct {
		uint8_t first;
		const uint8_t *rest;
		size_t len;
		uint8_t zero_at, zero_n;
	} exts[] = {
		{ 0x90,
		  BYTES("\xbe\xde\0\3\x10\x55\x22\1\2\3\x31\7\x8\0\0\0zz"), 7,
		  3 },
		{ 0x90, BYTES("\x10\0\0\2\1\1\x55\2\3\1\2\3zz"), 9, 3 },
		{ 0x90, BYTES("\xbe\xde\xff\xff\x31\7\x8\0"), 0, 0 },
		{ 0x90, BYTES("\xbe\xde"), 0, 0 },
		{ 0x9f, BYTES("\xbe\xde\0\1\x31\7\x8\0"), 0, 0 },
		{ 0x80, BYTES("\xbe\xde\0\1\x31\7\x8\0"), 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(exts); i++) {
		uint8_t body[32] = { 0 }, want[32] = { 0 };
		struct vc_fec_sum sum = { .body = body, .cap = sizeof(body) };
		const uint8_t head[VC_RTP_HEADER] = { exts[i].first, 96 };

		memcpy(want, exts[i].rest, exts[i].len);
		memset(want + exts[i].zero_at, 0, exts[i].zero_n);
		if (i == 0)
			memset(want + 11, 0, 2); /* id 3 */
		assert_true(vc_fec_sum_add(&sum, head, exts[i].rest,
					   exts[i].len, 1 << 2 | 1 << 3));
		assert_memory_equal(body, want, exts[i].len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_checked),
		cmocka_unit_test(masks_that_do_not_fit_are_refused),
		cmocka_unit_test(sums_are_those_of_the_standard),
		cmocka_unit_test(what_is_too_long_is_not_added),
		cmocka_unit_test(volatile_extensions_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

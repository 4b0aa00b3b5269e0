/* SPDX-License-Identifier: MIT */
/* Text as it is typed: what comes through, and what comes of losses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/t140.h"

#define PT 117
#define LOST "\xef\xbf\xbd"

/* P6: the control set of T.140 only, and UTF-8. */
static const struct {
	const char *in, *out;
} texts[] = {
	{ "", "" },
	{ "abc", "abc" },
	{ "\xef\xbb\xbf"
	  "abc",
	  "abc" }, /* BOM */
	{ "a\xe2\x80\xa8"
	  "b",
	  "a\nb" }, /* U+2028 */
	{ "a\r\nb\rc\nd\r\r\n", "a\nb\nc\nd\n\n" },
	{ "a\tb", "a b" },
	{ "\a\b", "\a\b" },
	{ "a\x1b"
	  "ab",
	  "ab" }, /* INT */
	{ "a\x1b[31mb", "a[31mb" },
	{ "a\xc2\x9b"
	  "31;1mb",
	  "ab" }, /* SGR */
	{ "a\xc2\x98secret\xc2\x9c"
	  "b",
	  "ab" }, /* SOS ... ST */
	{ "a\x7f\x01\x1f\xc2\x85\xc2\x9d"
	  "b",
	  "ab" },
	{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "a\xed\xa0\x80"
	  "b",
	  "a" LOST "b" }, /* lone surrogate */
	{ "a\xc0\xaf"
	  "b",
	  "a" LOST LOST "b" }, /* overlong */
	{ "a\xe0\x80\xaf"
	  "b",
	  "a" LOST "b" },
	{ "a\xf4\x90\x80\x80"
	  "b",
	  "a" LOST "b" },
	{ "a\xff\xfe"
	  "b",
	  "a" LOST LOST "b" },
	{ "a\x80"
	  "b",
	  "a" LOST "b" },
	{ "a\xe2\x82"
	  "b",
	  "a" LOST "b" },
	{ "a\xe2\xe2\x82\xac", "a" LOST "\xe2\x82\xac" },
	{ "a\xe2\x82", "a" LOST },
};

/* Whole, and cut at every place. */
static void text_is_filtered(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(texts); i++) {
		size_t len = strlen(texts[i].in);

		for (size_t cut = 0; cut <= len; cut++) {
			struct vc_t140_filter f = { .line = '\n' };
			const uint8_t *in = (const uint8_t *)texts[i].in;
			char out[200];
			struct vc_wr w = vc_wr_over(out, sizeof(out) - 1);

			vc_t140_filter(&f, in, cut, &w);
			vc_t140_filter(&f, in + cut, len - cut, &w);
			vc_t140_finish(&f, &w);
			assert_false(w.bad);
			*w.p = 0;
			assert_string_equal(out, texts[i].out);
		}
	}
}

/* A sequence without end does not take all that follows. */
static void sequences_are_bounded(void **state)
{
	struct vc_t140_filter f = { .line = '\n' };
	uint8_t in[1000], out[4000];
	struct vc_wr w = vc_wr_over(out, sizeof(out));

	(void)state;
	memset(in, 'x', sizeof(in));
	vc_t140_filter(&f, (const uint8_t *)"\xc2\x98", 2, &w);
	vc_t140_filter(&f, in, sizeof(in), &w);
	assert_true(vc_wr_len(&w) >= 700 && vc_wr_len(&w) < 1000);
}

static void red_is_checked(void **state)
{
#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1
	static const struct {
		const uint8_t *p;
		size_t len;
		int n; /* blocks; -1: refused */
	} rows[] = {
		{ BYTES(""), -1 },
		{ BYTES("\x75"), 1 },
		{ BYTES("\x75"
			"abc"),
		  1 },
		{ BYTES("\xf5\x04\xb0\x02\x75"
			"aabc"),
		  2 },
		{ BYTES("\xf5\x04\xb0\x02\x75"
			"a"),
		  -1 },
		{ BYTES("\xf5\x04\xb0\x02\x74"
			"aabc"),
		  -1 }, /* another type */
		{ BYTES("\xf4\x04\xb0\x02\x75"
			"aabc"),
		  -1 },
		{ BYTES("\xf5\x09\x60\x01\xf5\x04\xb0\x01\x75"
			"abc"),
		  3 },
		/* the older one later */
		{ BYTES("\xf5\x04\xb0\x01\xf5\x09\x60\x01\x75"
			"abc"),
		  -1 },
	};
	struct vc_red red;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int err = vc_t140_red_parse(&red, rows[i].p, rows[i].len, PT);

		assert_int_equal(err, rows[i].n < 0 ? -EBADMSG : 0);
		if (!err)
			assert_int_equal(red.n, rows[i].n);
	}
}

/*
 * "abcdefghij", and a euro sign cut in two, a packet each; those at an 'x' are
 * lost. 'plain' and 'red': what is read without redundancy and with two
 * generations.
 */
static void losses_are_filled_or_marked(void **state)
{
	static const struct {
		const char *fate, *plain, *red;
		unsigned int filled, lost;
	} rows[] = {
		{ "..........",
		  "abc\xe2\x82\xac"
		  "fghij",
		  "abc\xe2\x82\xac"
		  "fghij",
		  0, 0 },
		{ ".x........",
		  "a" LOST "c\xe2\x82\xac"
		  "fghij",
		  "abc\xe2\x82\xac"
		  "fghij",
		  1, 0 },
		{ ".xx.......",
		  "a" LOST "\xe2\x82\xac"
		  "fghij",
		  "abc\xe2\x82\xac"
		  "fghij",
		  2, 0 },
		{ ".xxx......", "a" LOST "fghij",
		  "a" LOST "c\xe2\x82\xac"
		  "fghij",
		  2, 1 },
		{ "...x......", "abc" LOST "fghij",
		  "abc\xe2\x82\xac"
		  "fghij",
		  1, 0 },
		{ "....x.....", "abc" LOST "fghij",
		  "abc\xe2\x82\xac"
		  "fghij",
		  1, 0 },
		{ "xxx.......",
		  "\xe2\x82\xac"
		  "fghij",
		  "\xe2\x82\xac"
		  "fghij",
		  0, 0 },
		{ "...xxxxx..", "abc" LOST "ij", "abc" LOST "ghij", 2, 3 },
	};
	static const char *const blocks[] = { "a", "b", "c", "\xe2", "\x82\xac",
					      "f", "g", "h", "i",    "j" };

	(void)state;
	for (size_t i = 0; i < 2 * VC_COUNT(rows); i++) {
		bool is_red = i & 1;
		struct vc_t140rx rx;
		char out[200];
		struct vc_wr w = vc_wr_over(out, sizeof(out) - 1);

		vc_t140rx_init(&rx);
		for (size_t k = 0; k < 10; k++) {
			struct vc_red red = { .n = 0 };
			uint16_t seq = (uint16_t)(65533 + k);
			uint8_t payload[64];
			struct vc_wr pw = vc_wr_over(payload, sizeof(payload));

			for (size_t b = k < 2 ? 0 : k - 2; b <= k; b++) {
				red.blocks[red.n] = (struct vc_red_block){
					.pt = PT,
					.ts_offset = (uint16_t)(300 * (k - b)),
					.p = (const uint8_t *)blocks[b],
					.len = strlen(blocks[b]),
				};
				red.n++;
			}
			vc_red_write(&pw, &red);
			if (rows[i / 2].fate[k] == 'x')
				continue;
			assert_int_equal(
				is_red ? vc_t140rx_put_red(&rx, seq, payload,
							   vc_wr_len(&pw), PT,
							   &w) :
					 vc_t140rx_put(
						 &rx, seq,
						 (const uint8_t *)blocks[k],
						 strlen(blocks[k]), &w),
				0);
		}
		vc_t140rx_end(&rx, &w);
		*w.p = 0;
		assert_string_equal(out, is_red ? rows[i / 2].red :
						  rows[i / 2].plain);
		if (!is_red)
			continue;
		assert_int_equal(rx.counts.filled, rows[i / 2].filled);
		assert_int_equal(rx.counts.lost, rows[i / 2].lost);
	}
}

static void nothing_is_said_twice(void **state)
{
	static const struct {
		uint16_t seq;
		const char *p;
	} in[] = {
		{ 10, "a" },	{ 11, "b" },	{ 11, "b" },
		{ 10, "a" },	{ 12, "c" },	{ 65000, "d" }, /* began anew */
		{ 65001, "e" }, { 64990, "x" },
	};
	struct vc_t140rx rx;
	char out[100];
	struct vc_wr w = vc_wr_over(out, sizeof(out) - 1);

	(void)state;
	vc_t140rx_init(&rx);
	for (size_t i = 0; i < VC_COUNT(in); i++)
		vc_t140rx_put(&rx, in[i].seq, (const uint8_t *)in[i].p, 1, &w);
	assert_int_equal(vc_t140rx_put_red(&rx, 65002, (const uint8_t *)"", 0,
					   PT, &w),
			 -EBADMSG);
	*w.p = 0;
	assert_string_equal(out, "abcde");
	assert_int_equal(rx.counts.late, 3);
	assert_int_equal(rx.counts.malformed, 1);
}

/* All that a sender writes until it is silent, to a receiver. */
static size_t send_all(struct vc_t140tx *tx, struct vc_t140rx *rx,
		       uint16_t *seq, struct vc_wr *w, int64_t *now)
{
	uint8_t payload[VC_T140_PAYLOAD_MAX];
	int64_t next;
	size_t n = 0;

	while ((next = vc_t140tx_next(tx)) != INT64_MAX) {
		bool marker;
		size_t len;

		if (next > *now)
			*now = next;
		len = vc_t140tx_get(tx, *now, (uint32_t)(*now / VC_MS), payload,
				    &marker);
		assert_true(len);
		assert_int_equal(marker, !n);
		assert_int_equal(vc_t140tx_get(tx, *now + VC_T140_INTERVAL - 1,
					       0, payload + len, &marker),
				 0);
		if (tx->generations)
			assert_int_equal(vc_t140rx_put_red(rx, *seq, payload,
							   len, PT, w),
					 0);
		else
			vc_t140rx_put(rx, *seq, payload, len, w);
		(*seq)++;
		n++;
	}
	return n;
}

static void what_is_typed_is_read(void **state)
{
	(void)state;
	for (unsigned int generations = 0; generations < 3; generations++) {
		static struct vc_t140tx tx;
		struct vc_t140rx rx;
		char out[3000];
		struct vc_wr w = vc_wr_over(out, sizeof(out) - 1);
		uint16_t seq = 65530;
		int64_t now = VC_SEC;

		vc_t140tx_init(&tx, generations, PT, 0);
		vc_t140rx_init(&rx);
		assert_true(vc_t140tx_next(&tx) == INT64_MAX);
		assert_int_equal(vc_t140tx_type(&tx, "Gr\xc3", 3, now), 3);
		assert_true(vc_t140tx_next(&tx) == now);
		assert_int_equal(vc_t140tx_type(&tx, "\xbc\xc3\x9f\n", 4, now),
				 4);
		/* Its text, and as often without. */
		assert_int_equal(send_all(&tx, &rx, &seq, &w, &now),
				 1 + generations);
		now += 20 * VC_SEC; /* beyond what RED can say */
		for (int i = 0; i < 100; i++)
			assert_int_equal(
				vc_t140tx_type(&tx, "\xe2\x82\xac", 3, now), 3);
		assert_int_equal(send_all(&tx, &rx, &seq, &w, &now),
				 2 + generations);
		vc_t140rx_end(&rx, &w);
		*w.p = 0;
		assert_int_equal(
			strncmp(out, "Gr\xc3\xbc\xc3\x9f\n\xe2\x82", 9), 0);
		assert_int_equal(strlen(out), 7 + 300);
		assert_int_equal(rx.counts.lost + rx.counts.filled, 0);
	}
}

/* 30 characters a second over 10 s. */
static void typing_is_paced(void **state)
{
	static struct vc_t140tx tx;
	static char text[6000], out[8000];
	struct vc_wr w = vc_wr_over(out, sizeof(out));
	struct vc_t140rx rx;
	int64_t now = 0;
	uint16_t seq = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	vc_t140tx_init(&tx, 0, PT, VC_T140_CPS);
	vc_t140rx_init(&rx);
	assert_int_equal(vc_t140tx_type(&tx, text, 1500, now), 1500);
	send_all(&tx, &rx, &seq, &w, &now);
	assert_int_equal(vc_wr_len(&w), 1500);
	assert_true(now >= 30 * VC_SEC && now < 42 * VC_SEC);
	/* The queue is bounded. */
	assert_int_equal(vc_t140tx_type(&tx, text, 6000, now), 6000);
	assert_true(vc_t140tx_type(&tx, text, 6000, now) < 2500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_filtered),
		cmocka_unit_test(sequences_are_bounded),
		cmocka_unit_test(red_is_checked),
		cmocka_unit_test(losses_are_filled_or_marked),
		cmocka_unit_test(nothing_is_said_twice),
		cmocka_unit_test(what_is_typed_is_read),
		cmocka_unit_test(typing_is_paced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

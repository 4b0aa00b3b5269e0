/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <errno.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/time.h"
#include "wire/twcc.h"

#define MISS (-1)

/* FCI octets to arrival times in ticks of 250 us. */
static const struct {
	const char *what;
	const char *fci;
	size_t len;
	int err;
	uint16_t base;
	size_t n;
	int64_t ticks[16];
} rows[] = {
	{ "a run of small deltas, from 64 ms",
	  "\0\5\0\3\0\0\1\7\x20\3\4\x8\0\0\0\0",
	  16,
	  0,
	  5,
	  3,
	  { 260, 268, 268 } },
	{ "14 of one bit, across the wrap of the number",
	  "\xff\xff\0\3\0\0\0\0\xa8\0\1\2",
	  12,
	  0,
	  65535,
	  3,
	  { 1, MISS, 3 } },
	{ "7 of two bits: a large one back",
	  "\0\0\0\4\0\0\1\0\xd8\x40\4\xff\xfd\5",
	  14,
	  0,
	  0,
	  4,
	  { 260, 257, MISS, 262 } },
	{ "the reference's highest value",
	  "\0\0\0\1\xff\xff\xff\0\x20\1\1\0",
	  12,
	  0,
	  0,
	  1,
	  { (int64_t)0xffffff * 256 + 1 } },
	{ "runs of none are passed",
	  "\0\0\0\1\0\0\0\0\0\0\0\0\x20\1\1\0",
	  16,
	  0,
	  0,
	  1,
	  { 1 } },
	{ "a run longer than the count",
	  "\0\0\0\2\0\0\0\0\x3f\xff\1\2",
	  12,
	  0,
	  0,
	  2,
	  { 1, 3 } },
	{ "none came", "\0\0\0\2\0\0\0\0\0\2\0\0", 12, 0, 0, 2, { MISS, MISS } },
	{ "nothing at all", "", 0, -EBADMSG, 0, 0, { 0 } },
	{ "short header", "\0\0\0\1\0\0\0", 7, -EBADMSG, 0, 0, { 0 } },
	{ "no number", "\0\0\0\0\0\0\0\0\x20\1\1\0", 12, -EBADMSG, 0, 0, { 0 } },
	{ "65535 numbers, no chunk",
	  "\0\0\xff\xff\0\0\0\0",
	  8,
	  -EBADMSG,
	  0,
	  0,
	  { 0 } },
	{ "65535 numbers came, no delta",
	  "\0\0\xff\xff\0\0\0\0\x3f\xff\x3f\xff\x3f\xff\x3f\xff\x3f\xff"
	  "\x3f\xff\x3f\xff\x3f\xff\x3f\xff",
	  26,
	  -EBADMSG,
	  0,
	  0,
	  { 0 } },
	{ "chunks end before the count does",
	  "\0\0\0\x10\0\0\0\0\x80\0",
	  10,
	  -EBADMSG,
	  0,
	  0,
	  { 0 } },
	{ "a delta is missing",
	  "\0\0\0\3\0\0\0\0\x20\3\1\1",
	  12,
	  -EBADMSG,
	  0,
	  0,
	  { 0 } },
	{ "half of a large delta",
	  "\0\0\0\1\0\0\0\0\x40\1\1",
	  11,
	  -EBADMSG,
	  0,
	  0,
	  { 0 } },
	{ "a reserved symbol in a run",
	  "\0\0\0\1\0\0\0\0\x60\1\1\1",
	  12,
	  -EBADMSG,
	  0,
	  0,
	  { 0 } },
	{ "a reserved symbol in a vector",
	  "\0\0\0\2\0\0\0\0\xdc\0\1\1",
	  12,
	  -EBADMSG,
	  0,
	  0,
	  { 0 } },
	{ "one behind the count does not matter",
	  "\0\0\0\1\0\0\0\0\xdc\0\1\0",
	  12,
	  0,
	  0,
	  1,
	  { 1 } },
};

static struct vc_rtcp_fb feedback(const void *fci, size_t len)
{
	return (struct vc_rtcp_fb){
		.pt = VC_RTCP_RTPFB,
		.fmt = VC_RTCP_FB_TWCC,
		.fci = fci,
		.fci_len = len,
	};
}

static void octets_to_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_rtcp_fb fb = feedback(rows[i].fci, rows[i].len);
		struct vc_twcc_packet pkt;
		struct vc_twcc t;
		size_t n = 0;

		if (vc_twcc_parse(&t, &fb) != rows[i].err)
			fail_msg("%s", rows[i].what);
		if (rows[i].err)
			continue;
		for (; vc_twcc_next(&t, &pkt); n++) {
			assert_int_equal(pkt.seq, (uint16_t)(rows[i].base + n));
			assert_int_equal(pkt.is_received,
					 rows[i].ticks[n] != MISS);
			if (pkt.is_received)
				assert_int_equal(pkt.at, rows[i].ticks[n] *
								 VC_TWCC_TICK);
		}
		assert_int_equal(n, rows[i].n);
	}
}

static void another_type_is_refused(void **state)
{
	struct vc_rtcp_fb fb = feedback(rows[0].fci, rows[0].len);
	struct vc_twcc t;

	(void)state;
	fb.fmt = VC_RTCP_FB_NACK;
	assert_int_equal(vc_twcc_parse(&t, &fb), -EBADMSG);
	fb.fmt = VC_RTCP_FB_TWCC;
	fb.pt = VC_RTCP_PSFB;
	assert_int_equal(vc_twcc_parse(&t, &fb), -EBADMSG);
}

/* Nothing came for the longest report there is: it is walked through. */
static void all_65535_lost(void **state)
{
	uint8_t fci[26] = { 0, 0, 0xff, 0xff };
	struct vc_rtcp_fb fb = feedback(fci, sizeof(fci));
	struct vc_twcc_packet pkt;
	struct vc_twcc t;
	unsigned int n = 0;

	(void)state;
	for (size_t i = 8; i < sizeof(fci); i += 2) {
		fci[i] = 0x1f;
		fci[i + 1] = 0xff;
	}
	assert_int_equal(vc_twcc_parse(&t, &fb), 0);
	while (vc_twcc_next(&t, &pkt)) {
		assert_false(pkt.is_received);
		n++;
	}
	assert_int_equal(n, 65535);
}

/* What is written is read: in whole ticks, none drifts. */
static void check_written(uint16_t base, const int64_t *at, size_t n,
			  size_t want)
{
	uint8_t buf[VC_TWCC_LEN(VC_TWCC_WRITE_MAX, VC_TWCC_WRITE_MAX)];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	struct vc_twcc_packet pkt;
	struct vc_rtcp_fb fb;
	struct vc_rtcp rtcp;
	struct vc_twcc t;
	struct vc_rd rd;
	size_t i = 0, came = 0;

	assert_int_equal(vc_twcc_write(&w, 1, 2, 3, base, at, n), want);
	assert_false(w.bad);
	assert_int_equal(vc_rtcp_check_reduced(buf, vc_wr_len(&w)), 0);
	rd = vc_rd_over(buf, vc_wr_len(&w));
	assert_true(vc_rtcp_next(&rd, &rtcp));
	assert_int_equal(vc_rtcp_parse_fb(&fb, &rtcp), 0);
	assert_int_equal(vc_twcc_parse(&t, &fb), 0);
	assert_int_equal(t.fb_seq, 3);
	assert_int_equal(t.media, 2);
	assert_int_equal(fb.sender, 1);
	for (; vc_twcc_next(&t, &pkt); i++) {
		assert_int_equal(pkt.seq, (uint16_t)(base + i));
		assert_int_equal(pkt.is_received, at[i] != VC_TIME_NONE);
		came += pkt.is_received;
		if (pkt.is_received)
			assert_int_equal(pkt.at / VC_TWCC_TICK,
					 at[i] % VC_TWCC_PERIOD / VC_TWCC_TICK);
	}
	assert_int_equal(i, want);
	assert_true(vc_wr_len(&w) <= VC_TWCC_LEN(n, came));
}

static void what_is_written_is_read(void **state)
{
	static int64_t at[VC_TWCC_WRITE_MAX];
	struct vc_rand rand;
	uint64_t k = 0;

	(void)state;
	vc_rand_init(&rand, 1, "test", "twcc");
	for (unsigned int round = 0; round < 2000; round++) {
		size_t n = 1 + vc_rand_u32(&rand, "n", round) %
				       (round % 8 ? 60 : VC_TWCC_WRITE_MAX);
		uint32_t loss = vc_rand_u32(&rand, "loss", round) % 3 * 30;
		uint32_t step = round % 3 ? 2000 : 200000;
		int64_t t = 1000 * VC_SEC;

		for (size_t i = 0; i < n; i++) {
			uint32_t v = vc_rand_u32(&rand, "step", k++);

			t += (int64_t)(v % step) * VC_US -
			     (v >> 24 ? 0 : 30 * VC_MS);
			at[i] = i && (v >> 8) % 100 < loss ? VC_TIME_NONE : t;
		}
		check_written((uint16_t)(65530 + round), at, n, n);
	}
}

static void edges_of_writing(void **state)
{
	int64_t at[64], lost[40];

	(void)state;
	for (size_t i = 0; i < 64; i++)
		at[i] = VC_VIRTUAL_EPOCH + (int64_t)i * 63750 * VC_US;
	check_written(0, at, 64, 64); /* 255 ticks each */
	for (size_t i = 0; i < 40; i++)
		lost[i] = VC_TIME_NONE;
	lost[39] = 100 * VC_SEC; /* the first did not come */
	check_written(65530, lost, 40, 40);
	/* 8.19 s is the most that a delta tells */
	lost[38] = lost[39] - 8191 * VC_MS;
	check_written(65530, lost, 40, 40);
	lost[38] = lost[39] - 8192 * VC_MS;
	check_written(65530, lost, 40, 39);
	/* just before the clock wraps */
	at[0] = VC_TWCC_PERIOD - 1;
	check_written(1, at, 1, 1);
}

static void no_room_is_seen(void **state)
{
	int64_t at[20] = { 0 };

	(void)state;
	for (size_t cap = 0; cap < 44; cap++) {
		uint8_t buf[44];
		struct vc_wr w = vc_wr_over(buf, cap);

		(void)vc_twcc_write(&w, 1, 2, 3, 0, at, 20);
		assert_true(w.bad);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_to_times),
		cmocka_unit_test(another_type_is_refused),
		cmocka_unit_test(all_65535_lost),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(edges_of_writing),
		cmocka_unit_test(no_room_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

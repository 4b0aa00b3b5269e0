/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "wire/remb.h"
#include "wire/rtcpxr.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1
#define Z4 "\0\0\0\0"
#define Z8 Z4 Z4
#define Z32 Z8 Z8 Z8 Z8

static void blocks_are_checked(void **state)
{
	static const struct {
		const char *what;
		const uint8_t *p;
		size_t len;
		bool ok;
	} rows[] = {
		{ "no block", BYTES("\x80\xcf\0\1\0\0\0\7"), true },
		{ "no author", BYTES("\x80\xcf\0\0"), false },
		{ "RRT", BYTES("\x80\xcf\0\4\0\0\0\7\4\0\0\2" Z8), true },
		{ "RRT, short", BYTES("\x80\xcf\0\3\0\0\0\7\4\0\0\1" Z4),
		  false },
		{ "RRT, long", BYTES("\x80\xcf\0\5\0\0\0\7\4\0\0\3" Z8 Z4),
		  false },
		{ "over the end", BYTES("\x80\xcf\0\3\0\0\0\7\xff\0\0\2" Z4),
		  false },
		{ "65535 words", BYTES("\x80\xcf\0\2\0\0\0\7\xff\0\xff\xff"),
		  false },
		{ "DLRR, none", BYTES("\x80\xcf\0\2\0\0\0\7\5\0\0\0"), true },
		{ "DLRR, one", BYTES("\x80\xcf\0\5\0\0\0\7\5\0\0\3" Z8 Z4),
		  true },
		{ "DLRR, a half", BYTES("\x80\xcf\0\4\0\0\0\7\5\0\0\2" Z8),
		  false },
		{ "summary", BYTES("\x80\xcf\0\xb\0\0\0\7\6\xff\0\x9" Z32 Z4),
		  true },
		{ "summary, short",
		  BYTES("\x80\xcf\0\xa\0\0\0\7\6\xff\0\x8" Z32), false },
		{ "VoIP", BYTES("\x80\xcf\0\xa\0\0\0\7\7\0\0\x8" Z32), true },
		{ "VoIP, long", BYTES("\x80\xcf\0\xb\0\0\0\7\7\0\0\x9" Z32 Z4),
		  false },
		{ "RLE", BYTES("\x80\xcf\0\4\0\0\0\7\1\0\0\2" Z8), true },
		{ "RLE, short", BYTES("\x80\xcf\0\3\0\0\0\7\1\0\0\1" Z4),
		  false },
		{ "unknown ones",
		  BYTES("\x80\xcf\0\4\0\0\0\7\0\0\0\0\xff\0\0"
			"\1" Z4),
		  true },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_rd rd = vc_rd_over(rows[i].p, rows[i].len);
		struct vc_xr_block b;
		struct vc_rtcp pkt;
		uint32_t ssrc;

		if (!vc_rtcp_check_reduced(rows[i].p, rows[i].len) !=
		    rows[i].ok)
			fail_msg("%s", rows[i].what);
		if (!rows[i].ok)
			continue;
		assert_true(vc_rtcp_next(&rd, &pkt));
		assert_true(vc_xr_over(&pkt, &ssrc, &rd));
		assert_int_equal(ssrc, 7);
		while (vc_xr_next(&rd, &b))
			;
		assert_false(rd.bad);
	}
}

static const struct vc_xr_summary summary = {
	.ssrc = 8,
	.begin = 65535,
	.end = 3,
	.has_lost = true,
	.has_dup = true,
	.has_jitter = true,
	.hops = VC_XR_HOP_LIMIT,
	.lost = 1,
	.dup = 2,
	.jitter_min = 3,
	.jitter_max = UINT32_MAX,
	.jitter_mean = 5,
	.jitter_dev = 6,
	.hops_min = 7,
	.hops_max = 255,
	.hops_mean = 9,
	.hops_dev = 10,
};

static const struct vc_xr_voip voip = {
	.ssrc = 8,
	.loss = 255,
	.discard = 1,
	.burst_density = 2,
	.gap_density = 3,
	.burst_ms = 65535,
	.gap_ms = 5,
	.rtt_ms = 6,
	.end_system_ms = 7,
	.signal_dbm = -30,
	.noise_dbm = VC_XR_NONE,
	.rerl_db = VC_XR_NONE,
	.gmin = 16,
	.r = 93,
	.ext_r = VC_XR_NONE,
	.mos_lq = 41,
	.mos_cq = 42,
	.plc = VC_XR_PLC_STANDARD,
	.jba = VC_XR_JBA_ADAPTIVE,
	.jb_rate = 15,
	.jb_nominal_ms = 40,
	.jb_max_ms = 60,
	.jb_abs_max_ms = 500,
};

static void assert_voip(const struct vc_xr_block *b)
{
	struct vc_xr_voip v;
	uint8_t again[36];
	struct vc_wr w = vc_wr_over(again, sizeof(again));

	assert_int_equal(vc_xr_parse_voip(&v, b), 0);
	assert_int_equal(v.signal_dbm, -30);
	assert_int_equal(v.burst_ms, 65535);
	assert_int_equal(v.plc, VC_XR_PLC_STANDARD);
	assert_int_equal(v.jb_abs_max_ms, 500);
	vc_xr_write_voip(&w, &v);
	assert_memory_equal(again + 4, b->body, b->len);
}

static void assert_summary(const struct vc_xr_block *b)
{
	struct vc_xr_summary s;
	uint8_t again[40];
	struct vc_wr w = vc_wr_over(again, sizeof(again));

	assert_int_equal(vc_xr_parse_summary(&s, b), 0);
	assert_int_equal(s.begin, 65535);
	assert_int_equal(s.jitter_max, UINT32_MAX);
	assert_int_equal(s.hops_max, 255);
	assert_int_equal(s.hops, VC_XR_HOP_LIMIT);
	vc_xr_write_summary(&w, &s);
	assert_memory_equal(again, b->body - 4, sizeof(again));
}

static void blocks_are_read_as_written(void **state)
{
	const struct vc_xr_dlrr d[2] = { { 1, 2, 3 },
					 { UINT32_MAX, 0, UINT32_MAX } };
	uint8_t buf[200];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	uint8_t *head = vc_xr_open(&w, 7);
	struct vc_xr_dlrr got;
	struct vc_xr_block b;
	struct vc_rtcp pkt;
	struct vc_rd rd;
	uint32_t ssrc;
	uint64_t ntp;

	(void)state;
	vc_xr_write_rrt(&w, UINT64_C(0x0123456789abcdef));
	vc_xr_write_dlrr(&w, d, 2);
	vc_xr_write_summary(&w, &summary);
	vc_xr_write_voip(&w, &voip);
	vc_xr_close(&w, head);
	assert_false(w.bad);
	assert_int_equal(vc_rtcp_check_reduced(buf, vc_wr_len(&w)), 0);
	rd = vc_rd_over(buf, vc_wr_len(&w));
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_true(vc_xr_over(&pkt, &ssrc, &rd));
	assert_int_equal(ssrc, 7);
	assert_true(vc_xr_next(&rd, &b));
	assert_int_equal(vc_xr_parse_rrt(&ntp, &b), 0);
	assert_int_equal(ntp, UINT64_C(0x0123456789abcdef));
	assert_false(vc_xr_dlrr_at(&b, 0, &got));
	assert_true(vc_xr_next(&rd, &b));
	assert_int_equal(vc_xr_parse_rrt(&ntp, &b), -EBADMSG);
	assert_true(vc_xr_dlrr_at(&b, 1, &got));
	assert_int_equal(got.ssrc, UINT32_MAX);
	assert_int_equal(got.lrr, 0);
	assert_int_equal(got.dlrr, UINT32_MAX);
	assert_false(vc_xr_dlrr_at(&b, 2, &got));
	assert_true(vc_xr_next(&rd, &b));
	assert_summary(&b);
	assert_true(vc_xr_next(&rd, &b));
	assert_voip(&b);
	assert_false(vc_xr_next(&rd, &b));
	assert_false(rd.bad);
	w = vc_wr_over(buf, 20);
	head = vc_xr_open(&w, 7);
	vc_xr_write_voip(&w, &voip);
	vc_xr_close(&w, head);
	assert_true(w.bad);
}

/* What a flag denies is not passed on. */
static void flags_of_a_summary_count(void **state)
{
	uint8_t body[36];
	struct vc_xr_block b = { VC_XR_SUMMARY, 0, body, sizeof(body) };
	struct vc_xr_summary s;

	(void)state;
	memset(body, 0xff, sizeof(body));
	assert_int_equal(vc_xr_parse_summary(&s, &b), 0);
	assert_int_equal(s.lost | s.dup | s.jitter_max | s.hops_max, 0);
	b.specific = 0x08;
	assert_int_equal(vc_xr_parse_summary(&s, &b), 0);
	assert_int_equal(s.hops, VC_XR_TTL);
	assert_int_equal(s.hops_max, 255);
	assert_int_equal(s.jitter_max, 0);
}

static void runs_are_read(void **state)
{
	static const uint8_t body[] = { 0,    0, 0,    8, 0xff, 0xff, 0, 40,
					0x40, 5, 0x00, 3, 0xff, 0xfe, 0, 0 };
	const struct vc_xr_block b = { VC_XR_LOSS_RLE, 0xf3, body,
				       sizeof(body) };
	struct vc_xr_rle rle;
	struct vc_xr_chunk c;

	(void)state;
	assert_int_equal(vc_xr_parse_rle(&rle, &b), 0);
	assert_int_equal(rle.ssrc, 8);
	assert_int_equal(rle.thinning, 3);
	assert_int_equal(rle.begin, 65535);
	assert_int_equal(rle.end, 40);
	assert_true(vc_xr_rle_at(&rle, 0, &c));
	assert_true(c.received && !c.is_vector);
	assert_int_equal(c.len, 5);
	assert_true(vc_xr_rle_at(&rle, 1, &c));
	assert_false(c.received || c.is_vector);
	assert_int_equal(c.len, 3);
	assert_true(vc_xr_rle_at(&rle, 2, &c));
	assert_true(c.is_vector);
	assert_int_equal(c.bits, 0x7ffe);
	assert_int_equal(c.len, 15);
	assert_false(vc_xr_rle_at(&rle, 3, &c));
	assert_false(vc_xr_rle_at(&rle, 4, &c));
}

static void remb_is_read_as_written(void **state)
{
	static const struct {
		uint64_t in, out;
	} rows[] = {
		{ 0, 0 },
		{ 1, 1 },
		{ 262143, 262143 },
		{ 262144, 262144 },
		{ 262145, 262144 },
		{ 1000000, 1000000 },
		{ 123456789, 123456512 },
		{ UINT64_MAX, UINT64_C(0xffffc00000000000) },
	};
	const uint32_t ssrcs[2] = { 5, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint8_t buf[64];
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));
		struct vc_rtcp pkt;
		struct vc_rtcp_fb fb;
		struct vc_remb r;
		struct vc_rd rd;

		vc_remb_write(&w, 7, rows[i].in, ssrcs, 2);
		assert_int_equal(vc_wr_len(&w), 28);
		assert_int_equal(vc_rtcp_check_reduced(buf, 28), 0);
		rd = vc_rd_over(buf, 28);
		assert_true(vc_rtcp_next(&rd, &pkt));
		assert_int_equal(vc_rtcp_parse_fb(&fb, &pkt), 0);
		assert_int_equal(vc_remb_parse(&r, &fb), 0);
		assert_int_equal(fb.sender, 7);
		assert_int_equal(r.bps, rows[i].out);
		assert_int_equal(r.n, 2);
		assert_int_equal(vc_remb_ssrc(&r, 1), UINT32_MAX);
	}
}

static void bad_remb_is_refused(void **state)
{
	static const struct {
		const uint8_t *fci;
		size_t len;
		int err;
		uint64_t bps;
	} rows[] = {
		{ BYTES("REMB\0\0\0\0"), 0, 0 },
		{ BYTES("REMB\0\xff\xff\xff"), 0, UINT64_MAX }, /* 2^81 */
		{ BYTES("REMB\0\xfc\0\0"), 0, 0 },
		{ BYTES("REMB\0\xfc\0\1"), 0, UINT64_C(1) << 63 },
		{ BYTES("REMB\1\0\0\1\0\0\0\5"), 0, 1 },
		{ BYTES("REMB\1\0\0\1"), -EBADMSG, 0 },
		{ BYTES("REMB\0\0\0\1\0\0\0\5"), -EBADMSG, 0 },
		{ BYTES("REMB\xff\0\0\1\0\0\0\5"), -EBADMSG, 0 },
		{ BYTES("REMA\0\0\0\1"), -EBADMSG, 0 },
		{ BYTES("REMB"), -EBADMSG, 0 },
		{ BYTES(""), -EBADMSG, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_rtcp_fb fb = { .pt = VC_RTCP_PSFB,
					 .fmt = VC_RTCP_FB_ALFB,
					 .fci = rows[i].fci,
					 .fci_len = rows[i].len };
		struct vc_remb r;

		assert_int_equal(vc_remb_parse(&r, &fb), rows[i].err);
		if (!rows[i].err)
			assert_int_equal(r.bps, rows[i].bps);
		fb.pt = VC_RTCP_RTPFB;
		assert_int_equal(vc_remb_parse(&r, &fb), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_checked),
		cmocka_unit_test(blocks_are_read_as_written),
		cmocka_unit_test(flags_of_a_summary_count),
		cmocka_unit_test(runs_are_read),
		cmocka_unit_test(remb_is_read_as_written),
		cmocka_unit_test(bad_remb_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/rtp.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1
#define HEAD(first) first "\x6f\x12\x34\x00\x00\x00\x01\xca\xfe\xba\xbe"

/* hostile.md H1 to H4; payload -1: refused. */
static const struct {
	const char *what;
	const uint8_t *p;
	size_t len;
	int payload;
	size_t pad;
} packets[] = {
	{ "empty", BYTES(""), -1, 0 },
	{ "11 octets", BYTES("\x80\x6f\x12\x34\0\0\0\1\xca\xfe\xba"), -1, 0 },
	{ "header alone", BYTES(HEAD("\x80")), 0, 0 },
	{ "one octet", BYTES(HEAD("\x80") "x"), 1, 0 },
	{ "version 0", BYTES(HEAD("\x00") "x"), -1, 0 },
	{ "version 1", BYTES(HEAD("\x40") "x"), -1, 0 },
	{ "version 3", BYTES(HEAD("\xc0") "x"), -1, 0 },
	{ "15 CSRCs in 12 octets", BYTES(HEAD("\x8f")), -1, 0 },
	{ "CSRC", BYTES(HEAD("\x81") "\0\0\0\1xy"), 2, 0 },
	{ "CSRC, 3 octets", BYTES(HEAD("\x81") "\0\0\0"), -1, 0 },
	{ "extension, 0 octets", BYTES(HEAD("\x90")), -1, 0 },
	{ "extension, 1 octet", BYTES(HEAD("\x90") "\xbe"), -1, 0 },
	{ "extension, 2 octets", BYTES(HEAD("\x90") "\xbe\xde"), -1, 0 },
	{ "extension, 3 octets", BYTES(HEAD("\x90") "\xbe\xde\0"), -1, 0 },
	{ "extension of 65535", BYTES(HEAD("\x90") "\xbe\xde\xff\xff\0\0\0\0"),
	  -1, 0 },
	{ "extension to the end",
	  BYTES(HEAD("\x90") "\xbe\xde\0\1\x10\xff\0\0"), 0, 0 },
	{ "extension of none", BYTES(HEAD("\x90") "\xbe\xde\0\0z"), 1, 0 },
	{ "padding 0", BYTES(HEAD("\xa0") "xy\0"), -1, 0 },
	{ "padding 1", BYTES(HEAD("\xa0") "xy\1"), 2, 1 },
	{ "padding over", BYTES(HEAD("\xa0") "xy\4"), -1, 0 },
	{ "padding alone", BYTES(HEAD("\xa0") "\0\0\3"), 0, 3 },
	{ "padding, no octet", BYTES(HEAD("\xa0")), -1, 0 },
	{ "padding into extension", BYTES(HEAD("\xb0") "\xbe\xde\0\1\0\0\0\2"),
	  -1, 0 },
};

static void headers_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(packets); i++) {
		struct vc_rtp rtp = { .pt = 200 };
		int err = vc_rtp_parse(&rtp, packets[i].p, packets[i].len);

		if (err != (packets[i].payload < 0 ? -EBADMSG : 0))
			fail_msg("%s: %d", packets[i].what, err);
		if (err) {
			assert_int_equal(rtp.pt, 200);
			continue;
		}
		assert_int_equal(rtp.payload_len, packets[i].payload);
		assert_int_equal(rtp.pad_len, packets[i].pad);
		assert_ptr_equal(rtp.payload, packets[i].p + rtp.header_len);
		assert_int_equal(rtp.header_len + rtp.payload_len + rtp.pad_len,
				 packets[i].len);
		assert_int_equal(rtp.seq, 0x1234);
		assert_int_equal(rtp.ts, 1);
		assert_int_equal(rtp.ssrc, 0xcafebabe);
		assert_int_equal(rtp.pt, 111);
	}
}

static void what_is_written_is_read(void **state)
{
	struct vc_rtp in = {
		.pt = 127, .marker = true, .seq = 65535, .ts = UINT32_MAX,
		.ssrc = 0, .n_csrc = 15, .has_ext = true,
		.ext_profile = VC_RTP_EXT_ONE,
		.ext = (const uint8_t *)"\x10\x85\x20", .ext_len = 3,
	}, out;
	uint8_t buf[128];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	(void)state;
	for (unsigned int i = 0; i < in.n_csrc; i++)
		in.csrc[i] = UINT32_MAX - i;
	assert_int_equal(vc_rtp_write(&w, &in), 0);
	assert_false(w.bad);
	assert_int_equal(vc_wr_len(&w), 12 + 60 + 8);
	vc_wr_bytes(&w, "pay", 3);
	assert_int_equal(vc_rtp_parse(&out, buf, vc_wr_len(&w)), 0);
	assert_int_equal(out.pt, 127);
	assert_true(out.marker);
	assert_int_equal(out.seq, 65535);
	assert_int_equal(out.ts, UINT32_MAX);
	assert_int_equal(out.ssrc, 0);
	assert_int_equal(out.n_csrc, 15);
	assert_memory_equal(out.csrc, in.csrc, sizeof(in.csrc));
	assert_int_equal(out.ext_profile, VC_RTP_EXT_ONE);
	assert_int_equal(out.ext_len, 4);
	assert_memory_equal(out.ext, "\x10\x85\x20\0", 4);
	assert_memory_equal(out.payload, "pay", 3);

	w = vc_wr_over(buf, 79);
	assert_int_equal(vc_rtp_write(&w, &in), 0);
	assert_true(w.bad);
	in.pt = 128;
	assert_int_equal(vc_rtp_write(&w, &in), -EINVAL);
	in.pt = 0;
	in.n_csrc = 16;
	assert_int_equal(vc_rtp_write(&w, &in), -EINVAL);
	in.n_csrc = 0;
	in.ext_len = 4 * 65535 + 1;
	assert_int_equal(vc_rtp_write(&w, &in), -EINVAL);
}

static void packets_are_changed_in_place(void **state)
{
	uint8_t p[] = HEAD("\x82") "\xca\xfe\xba\xbe\0\0\0\7";

	(void)state;
	vc_rtp_set_pt(p, 255);
	assert_int_equal(vc_rtp_get_pt(p), 127);
	assert_false(vc_rtp_get_marker(p));
	vc_rtp_set_marker(p, true);
	vc_rtp_set_pt(p, 0);
	assert_true(vc_rtp_get_marker(p));
	assert_int_equal(vc_rtp_get_pt(p), 0);
	vc_rtp_set_marker(p, false);
	assert_false(vc_rtp_get_marker(p));
	vc_rtp_set_seq(p, 0xfffe);
	vc_rtp_set_ts(p, 0xdeadbeef);
	assert_int_equal(vc_rtp_get_seq(p), 0xfffe);
	assert_int_equal(vc_rtp_get_ts(p), 0xdeadbeef);
	vc_rtp_remap(p, 0xcafebabe, 9);
	assert_int_equal(vc_rtp_get_ssrc(p), 9);
	assert_int_equal(vc_get_u32(p + 12), 9);
	assert_int_equal(vc_get_u32(p + 16), 7);
	vc_rtp_set_ssrc(p, 5);
	assert_int_equal(vc_rtp_get_ssrc(p), 5);
	assert_int_equal(p[0], 0x82);
}

static void sequence_numbers_wrap(void **state)
{
	static const struct {
		uint16_t a, b;
		int diff;
		bool before;
	} rows[] = {
		{ 1, 2, 1, true },
		{ 2, 1, -1, false },
		{ 7, 7, 0, false },
		{ 65535, 0, 1, true },
		{ 0, 65535, -1, false },
		{ 0, 32767, 32767, true },
		{ 0, 32768, -32768, false },
		{ 32768, 0, -32768, false },
		{ 65535, 32766, 32767, true },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint32_t a = (uint32_t)rows[i].a << 16;
		uint32_t b = (uint32_t)rows[i].b << 16;

		assert_int_equal(vc_seq_diff(rows[i].a, rows[i].b),
				 rows[i].diff);
		assert_int_equal(vc_seq_before(rows[i].a, rows[i].b),
				 rows[i].before);
		assert_int_equal(vc_ts_diff(a, b), rows[i].diff * 65536);
		assert_int_equal(vc_ts_before(a, b), rows[i].before);
	}
}

/* hostile.md H7: wraps, reordering, gaps. */
static void numbers_are_extended_both_ways(void **state)
{
	static const struct {
		uint16_t seq;
		int64_t is;
	} rows[] = {
		{ 65534, 65534 },  { 65535, 65535 }, { 0, 65536 },
		{ 65535, 65535 },  { 1, 65537 },     { 3001, 68537 },
		{ 1, 65537 },	   { 32768, 98304 }, { 65535, 131071 },
		{ 0, 131072 },	   { 32768, 98304 }, { 0, 65536 },
		{ 32769, 32769 },  { 1, 1 },	     { 65535, -1 },
		{ 40000, -25536 },
	};
	struct vc_seq_ext seq = { .set = false };
	struct vc_ts_ext ts = { .set = false };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint32_t t = (uint32_t)rows[i].seq << 16;

		assert_int_equal(vc_seq_extend(&seq, rows[i].seq), rows[i].is);
		assert_true(vc_ts_extend(&ts, t) == rows[i].is * 65536);
	}
}

/* hostile.md H2, H6. */
static enum vc_demux demux_of(unsigned int first)
{
	if (first <= 3)
		return VC_DEMUX_STUN;
	if (first >= 16 && first <= 19)
		return VC_DEMUX_ZRTP;
	if (first >= 20 && first <= 63)
		return VC_DEMUX_DTLS;
	if (first >= 64 && first <= 79)
		return VC_DEMUX_TURN;
	if (first >= 128 && first <= 191)
		return VC_DEMUX_RTP;
	return VC_DEMUX_OTHER;
}

static void datagrams_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(vc_demux(NULL, 0), VC_DEMUX_OTHER);
	for (unsigned int i = 0; i < 256; i++) {
		uint8_t p[2] = { (uint8_t)i, 0 };

		assert_int_equal(vc_demux(p, 1), demux_of(i));
		assert_int_equal(vc_demux(p, 2), demux_of(i));
		p[0] = 0x80;
		p[1] = (uint8_t)i;
		assert_int_equal(vc_demux(p, 2), i >= 192 && i <= 223 ?
							 VC_DEMUX_RTCP :
							 VC_DEMUX_RTP);
		p[0] = 3;
		assert_int_equal(vc_demux(p, 2), VC_DEMUX_STUN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_checked),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(packets_are_changed_in_place),
		cmocka_unit_test(sequence_numbers_wrap),
		cmocka_unit_test(numbers_are_extended_both_ways),
		cmocka_unit_test(datagrams_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

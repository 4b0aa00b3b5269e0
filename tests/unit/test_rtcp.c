/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/rtcp.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

#define Z4 "\0\0\0\0"
#define Z24 Z4 Z4 Z4 Z4 Z4 Z4
#define RR0 "\x80\xc9\0\1\0\0\0\7"
#define SR0 "\x80\xc8\0\6" Z24

/* hostile.md C1 to C5, C8. */
static const struct {
	const char *what;
	const uint8_t *p;
	size_t len;
	bool full;    /* as a compound */
	bool reduced; /* where reduced size was agreed on */
} compounds[] = {
	{ "empty", BYTES(""), false, false },
	{ "1 octet", BYTES("\x80"), false, false },
	{ "3 octets", BYTES("\x80\xc9\0"), false, false },
	{ "RR", BYTES(RR0), true, true },
	{ "SR", BYTES(SR0), true, true },
	{ "version 1", BYTES("\x40\xc9\0\1\0\0\0\7"), false, false },
	{ "RR of length 0", BYTES("\x80\xc9\0\0"), false, false },
	{ "odd datagram", BYTES(RR0 "\0"), false, false },
	{ "longer than datagram", BYTES("\x80\xc9\0\2\0\0\0\7"), false, false },
	{ "length 65535", BYTES("\x80\xc9\xff\xff\0\0\0\7"), false, false },
	{ "second is cut", BYTES(RR0 "\x81\xca"), false, false },
	{ "first is SDES", BYTES("\x80\xca\0\0"), false, true },
	{ "first is APP", BYTES("\x80\xcc\0\2\0\0\0\7name"), false, true },
	{ "first is unknown", BYTES("\x80\xc1\0\0"), false, true },
	{ "unknown later", BYTES(RR0 "\x9f\xd3\0\0"), true, true },
	{ "padded last", BYTES("\xa0\xc9\0\2\0\0\0\7\0\0\0\4"), true, true },
	{ "padded, not last", BYTES("\xa0\xc9\0\2\0\0\0\7\0\0\0\4" RR0), false,
	  false },
	{ "padding 0", BYTES("\xa0\xc9\0\2\0\0\0\7\0\0\0\0"), false, false },
	{ "padding 3", BYTES("\xa0\xc9\0\2\0\0\0\7\0\0\0\3"), false, false },
	{ "padding over", BYTES("\xa0\xc9\0\2\0\0\0\7\0\0\0\x0c"), false,
	  false },
	{ "padding, no body", BYTES("\xa0\xc9\0\0"), false, false },
	{ "padding eats the SSRC", BYTES("\xa0\xc9\0\1\0\0\0\4"), false,
	  false },
	{ "SR of 24 octets", BYTES("\x80\xc8\0\5" Z4 Z4 Z4 Z4 Z4), false,
	  false },
	{ "RR, 31 blocks, room for 1", BYTES("\x9f\xc9\0\7" Z4 Z24), false,
	  false },
	{ "RR, 1 block", BYTES("\x81\xc9\0\7" Z4 Z24), true, true },
	{ "RR, 1 block and more", BYTES("\x81\xc9\0\x08" Z4 Z24 Z4), true,
	  true },
	{ "SR, 1 block missing", BYTES("\x81\xc8\0\6" Z24), false, false },
	{ "RR, then SR", BYTES(RR0 SR0), true, true },
	{ "SDES of 12, no items", BYTES(RR0 "\x81\xca\0\2\0\0\0\7" Z4), true,
	  true },
	{ "SDES, no chunk", BYTES(RR0 "\x81\xca\0\0"), false, false },
	{ "SDES, chunk without end", BYTES(RR0 "\x81\xca\0\1\0\0\0\7"), false,
	  false },
	{ "SDES, 31 of which 1", BYTES(RR0 "\x9f\xca\0\2\0\0\0\7\1\0\0\0"),
	  false, false },
	{ "SDES, CNAME", BYTES(RR0 "\x81\xca\0\2\0\0\0\7\1\1a\0"), true, true },
	{ "SDES, no zero", BYTES(RR0 "\x81\xca\0\2\0\0\0\7\1\2ab"), false,
	  false },
	{ "SDES, item of 255",
	  BYTES(RR0 "\x81\xca\0\2\0\0\0\7\1\xff"
		    "a\0"),
	  false, false },
	{ "SDES, PRIV", BYTES(RR0 "\x81\xca\0\3\0\0\0\7\x08\4\3abc\0\0"), true,
	  true },
	{ "SDES, PRIV prefix over",
	  BYTES(RR0 "\x81\xca\0\3\0\0\0\7\x08\4\4abc\0\0"), false, false },
	{ "SDES, PRIV empty", BYTES(RR0 "\x81\xca\0\2\0\0\0\7\x08\0\0\0"),
	  false, false },
	{ "BYE, none", BYTES(RR0 "\x80\xcb\0\0"), true, true },
	{ "BYE, 31", BYTES(RR0 "\x9f\xcb\0\1\0\0\0\7"), false, false },
	{ "BYE", BYTES(RR0 "\x81\xcb\0\1\0\0\0\7"), true, true },
	{ "BYE, reason", BYTES(RR0 "\x81\xcb\0\2\0\0\0\7\3abc"), true, true },
	{ "BYE, reason over", BYTES(RR0 "\x81\xcb\0\2\0\0\0\7\4abc"), false,
	  false },
	{ "NACK", BYTES(RR0 "\x81\xcd\0\3" Z4 Z4 "\0\1\xff\xff"), true, true },
	{ "NACK of nothing", BYTES(RR0 "\x81\xcd\0\2" Z4 Z4), false, false },
	{ "NACK, short", BYTES(RR0 "\x81\xcd\0\1" Z4), false, false },
	{ "PLI", BYTES(RR0 "\x81\xce\0\2" Z4 Z4), true, true },
	{ "PLI with more", BYTES(RR0 "\x81\xce\0\3" Z4 Z4 Z4), false, false },
	{ "PLI, short", BYTES(RR0 "\x81\xce\0\1" Z4), false, false },
	{ "FIR", BYTES(RR0 "\x84\xce\0\4" Z4 Z4 Z4 Z4), true, true },
	{ "FIR, half an entry", BYTES(RR0 "\x84\xce\0\3" Z4 Z4 Z4), false,
	  false },
	{ "TMMBR", BYTES(RR0 "\x83\xcd\0\4" Z4 Z4 Z4 Z4), true, true },
	{ "TMMBR of nothing", BYTES(RR0 "\x83\xcd\0\2" Z4 Z4), false, false },
	{ "TMMBR, half an entry", BYTES(RR0 "\x83\xcd\0\3" Z4 Z4 Z4), false,
	  false },
	{ "TWCC, no deltas", BYTES(RR0 "\x8f\xcd\0\4" Z4 Z4 "\0\0\xff\xff" Z4),
	  true, true },
	{ "unknown feedback", BYTES(RR0 "\x9e\xce\0\2" Z4 Z4), true, true },
	{ "APP, short", BYTES(RR0 "\x80\xcc\0\1" Z4), false, false },
	{ "XR", BYTES(RR0 "\x80\xcf\0\1" Z4), true, true },
	{ "XR, short", BYTES(RR0 "\x80\xcf\0\0"), false, false },
};

static void compounds_are_checked_as_a_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(compounds); i++) {
		const uint8_t *p = compounds[i].p;
		size_t len = compounds[i].len;

		if (vc_rtcp_check(p, len) != (compounds[i].full ? 0 : -EBADMSG))
			fail_msg("%s", compounds[i].what);
		if (vc_rtcp_check_reduced(p, len) !=
		    (compounds[i].reduced ? 0 : -EBADMSG))
			fail_msg("%s, reduced", compounds[i].what);
	}
}

/* hostile.md C2: the most reports that a packet can hold, and end. */
static void many_reports_end(void **state)
{
	uint8_t buf[1472];
	struct vc_rd rd = vc_rd_over(buf, sizeof(buf));
	struct vc_rtcp pkt;
	unsigned int n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(buf); i += 8)
		memcpy(buf + i, RR0, 8);
	assert_int_equal(vc_rtcp_check(buf, sizeof(buf)), 0);
	while (vc_rtcp_next(&rd, &pkt))
		n++;
	assert_int_equal(n, sizeof(buf) / 8);
	assert_false(rd.bad);
}

static struct vc_rtcp first_of(const uint8_t *p, size_t len)
{
	struct vc_rd rd = vc_rd_over(p, len);
	struct vc_rtcp pkt;

	assert_true(vc_rtcp_next(&rd, &pkt));
	return pkt;
}

/* hostile.md C7. */
static void reports_are_read_as_written(void **state)
{
	static const struct vc_rtcp_report in[] = {
		{ 1, 0, 0, 0, 0, 0, 0 },
		{ 0xffffffff, 255, -1, 0xffff0000, 1, 2, 3 },
		{ 2, 128, 0x7fffff, UINT32_MAX, UINT32_MAX, UINT32_MAX,
		  UINT32_MAX },
		{ 3, 1, -0x800000, 65536, 0, 0, 1 },
	};
	const struct vc_rtcp_sr sr = { 9, UINT64_C(0x0123456789abcdef), 7, 8,
				       UINT32_MAX };
	uint8_t buf[512];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	struct vc_rtcp_sr got;
	struct vc_rtcp_report rep;
	struct vc_rtcp pkt;
	uint32_t ssrc;

	(void)state;
	vc_rtcp_write_sr(&w, &sr, in, VC_COUNT(in));
	assert_false(w.bad);
	assert_int_equal(vc_rtcp_check(buf, vc_wr_len(&w)), 0);
	pkt = first_of(buf, vc_wr_len(&w));
	assert_int_equal(vc_rtcp_parse_sr(&got, &pkt), 0);
	assert_int_equal(got.ssrc, sr.ssrc);
	assert_true(got.ntp == sr.ntp);
	assert_int_equal(got.rtp_ts, sr.rtp_ts);
	assert_int_equal(got.packets, sr.packets);
	assert_int_equal(got.octets, sr.octets);
	assert_int_equal(pkt.count, VC_COUNT(in));
	for (unsigned int i = 0; i < VC_COUNT(in); i++) {
		assert_int_equal(vc_rtcp_parse_report(&rep, &pkt, i), 0);
		assert_int_equal(rep.ssrc, in[i].ssrc);
		assert_int_equal(rep.fraction, in[i].fraction);
		assert_int_equal(rep.lost, in[i].lost);
		assert_int_equal(rep.highest, in[i].highest);
		assert_int_equal(rep.jitter, in[i].jitter);
		assert_int_equal(rep.lsr, in[i].lsr);
		assert_int_equal(rep.dlsr, in[i].dlsr);
	}
	assert_int_equal(vc_rtcp_parse_report(&rep, &pkt, VC_COUNT(in)),
			 -EBADMSG);
	assert_int_equal(vc_rtcp_parse_rr(&ssrc, &pkt), -EBADMSG);

	w = vc_wr_over(buf, sizeof(buf));
	vc_rtcp_write_rr(&w, 77, in, 2);
	pkt = first_of(buf, vc_wr_len(&w));
	assert_int_equal(vc_rtcp_parse_rr(&ssrc, &pkt), 0);
	assert_int_equal(ssrc, 77);
	assert_int_equal(vc_rtcp_parse_report(&rep, &pkt, 1), 0);
	assert_int_equal(rep.lost, -1);
	assert_int_equal(vc_rtcp_parse_sr(&got, &pkt), -EBADMSG);
}

/* All lengths, so that each padding is there; hostile.md C3. */
static void sdes_is_read_as_written(void **state)
{
	static const char nasty[] = "\x1b[2J\n\xff\xe2\x80\xae/../x";
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 7 ? 'a' : '\0';
	for (size_t n = 1; n <= 260; n++) {
		struct vc_sdes_chunk in[2] = {
			{ 5, vc_str_of(text, n), vc_str_c(NULL) },
			{ 6, vc_str_c("b"),
			  vc_str_of(nasty, sizeof(nasty) - 1) },
		};
		size_t cut = n < 255 ? n : 255;
		uint8_t buf[700];
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));
		struct vc_sdes_item item;
		struct vc_sdes_iter it;
		struct vc_rtcp pkt;

		vc_rtcp_write_sdes(&w, in, 2);
		assert_false(w.bad);
		assert_int_equal(vc_rtcp_check_reduced(buf, vc_wr_len(&w)), 0);
		pkt = first_of(buf, vc_wr_len(&w));
		it = vc_sdes_over(&pkt);
		assert_true(vc_sdes_next(&it, &item));
		assert_int_equal(item.ssrc, 5);
		assert_int_equal(item.type, VC_SDES_CNAME);
		assert_true(vc_str_eq(item.text, vc_str_of(text, cut)));
		assert_true(vc_sdes_next(&it, &item));
		assert_int_equal(item.ssrc, 6);
		assert_true(vc_str_is(item.text, "b"));
		assert_true(vc_sdes_next(&it, &item));
		assert_int_equal(item.type, VC_SDES_NAME);
		assert_true(vc_str_eq(item.text, in[1].name));
		assert_false(vc_sdes_next(&it, &item));
		assert_false(it.rd.bad);
	}
}

/* hostile.md C4. */
static void bye_is_read_as_written(void **state)
{
	static const char *const reasons[] = { "", "a", "abc", "abcd",
					       "going home" };
	uint32_t ssrcs[31];

	(void)state;
	for (unsigned int i = 0; i < 31; i++)
		ssrcs[i] = UINT32_MAX - i;
	for (unsigned int n = 0; n <= 31; n++) {
		const char *reason = reasons[n % VC_COUNT(reasons)];
		uint8_t buf[256];
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));
		struct vc_rtcp_bye bye;
		struct vc_rtcp pkt;

		vc_rtcp_write_bye(&w, ssrcs, n, vc_str_c(reason));
		assert_false(w.bad);
		pkt = first_of(buf, vc_wr_len(&w));
		assert_int_equal(vc_rtcp_parse_bye(&bye, &pkt), 0);
		assert_int_equal(bye.n, n);
		for (unsigned int i = 0; i < n; i++)
			assert_int_equal(vc_rtcp_bye_ssrc(&bye, i), ssrcs[i]);
		assert_true(vc_str_is(bye.reason, reason));
	}
}

static void feedback_is_read_as_written(void **state)
{
	static const struct vc_rtcp_nack nacks[] = { { 65535, 0xffff },
						     { 0, 1 } };
	static const struct vc_rtcp_fir firs[] = { { 3, 255 }, { 4, 0 } };
	uint8_t buf[256];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	struct vc_rtcp_nack nack;
	struct vc_rtcp_fir fir;
	struct vc_rtcp_fb fb;
	struct vc_rtcp pkt;
	struct vc_rd rd;

	(void)state;
	vc_rtcp_write_rr(&w, 1, NULL, 0);
	vc_rtcp_write_pli(&w, 1, 2);
	vc_rtcp_write_nack(&w, 1, 2, nacks, 2);
	vc_rtcp_write_fir(&w, 1, firs, 2);
	assert_false(w.bad);
	assert_int_equal(vc_rtcp_check(buf, vc_wr_len(&w)), 0);
	rd = vc_rd_over(buf, vc_wr_len(&w));
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_int_equal(vc_rtcp_parse_fb(&fb, &pkt), -EBADMSG);
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_int_equal(vc_rtcp_parse_fb(&fb, &pkt), 0);
	assert_int_equal(fb.fmt, VC_RTCP_FB_PLI);
	assert_int_equal(fb.sender, 1);
	assert_int_equal(fb.media, 2);
	assert_false(vc_rtcp_nack_at(&fb, 0, &nack));
	assert_false(vc_rtcp_fir_at(&fb, 0, &fir));
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_int_equal(vc_rtcp_parse_fb(&fb, &pkt), 0);
	assert_true(vc_rtcp_nack_at(&fb, 0, &nack));
	assert_int_equal(nack.pid, 65535);
	assert_int_equal(nack.blp, 0xffff);
	assert_true(vc_rtcp_nack_at(&fb, 1, &nack));
	assert_int_equal(nack.pid, 0);
	assert_false(vc_rtcp_nack_at(&fb, 2, &nack));
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_int_equal(vc_rtcp_parse_fb(&fb, &pkt), 0);
	assert_true(vc_rtcp_fir_at(&fb, 1, &fir));
	assert_int_equal(fir.ssrc, 4);
	assert_int_equal(fir.seq, 0);
	assert_false(vc_rtcp_fir_at(&fb, 2, &fir));
	assert_false(vc_rtcp_next(&rd, &pkt));
}

/* hostile.md C5: 0, and more than 64 bits hold. */
static void limits_are_read(void **state)
{
	static const struct {
		const char *entry; /* after the SSRC */
		uint64_t bps;
		uint16_t overhead;
	} rows[] = {
		{ "\0\0\0\0", 0, 0 },
		{ "\0\0\2\x28", 1, 40 },
		{ "\x1f\xff\xff\xff", UINT64_C(131071) << 7, 511 },
		{ "\xbf\xff\xfe\0", UINT64_C(131071) << 47, 0 },
		{ "\xc3\xff\xfe\0", UINT64_MAX, 0 },
		{ "\xff\xff\xff\xff", UINT64_MAX, 511 },
		{ "\xfc\0\0\0", 0, 0 },
		{ "\xfc\0\2\0", UINT64_C(1) << 63, 0 },
	};
	struct vc_rtcp_tmmbr t;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint8_t fci[15] = { 0xff, 0xff, 0xff, 0xfe };
		struct vc_rtcp_fb fb = { .pt = VC_RTCP_RTPFB,
					 .fmt = VC_RTCP_FB_TMMBR,
					 .fci = fci,
					 .fci_len = sizeof(fci) };

		memcpy(fci + 4, rows[i].entry, 4);
		assert_true(vc_rtcp_tmmbr_at(&fb, 0, &t));
		assert_int_equal(t.ssrc, 0xfffffffe);
		assert_true(t.bps == rows[i].bps);
		assert_int_equal(t.overhead, rows[i].overhead);
		assert_false(vc_rtcp_tmmbr_at(&fb, 1, &t));
		fb.pt = VC_RTCP_PSFB;
		assert_false(vc_rtcp_tmmbr_at(&fb, 0, &t));
	}
}

/* A compound that names 7 and 8 everywhere. */
static size_t write_all(uint8_t *buf, size_t cap)
{
	const struct vc_rtcp_sr sr = { .ssrc = 7, .ntp = 7, .rtp_ts = 7 };
	const struct vc_rtcp_report reps[2] = { { .ssrc = 7, .highest = 7 },
						{ .ssrc = 8 } };
	const struct vc_sdes_chunk sdes[2] = {
		{ 8, vc_str_of("\0\0\0\7", 4), vc_str_c(NULL) },
		{ 7, vc_str_c("x"), vc_str_c("y") },
	};
	const uint32_t byes[2] = { 7, 8 };
	const struct vc_rtcp_fir fir = { 7, 1 };
	const struct vc_rtcp_nack nack = { 0, 7 };
	struct vc_wr w = vc_wr_over(buf, cap);

	vc_rtcp_write_sr(&w, &sr, reps, 2);
	vc_rtcp_write_rr(&w, 7, reps, 2);
	vc_rtcp_write_sdes(&w, sdes, 2);
	vc_rtcp_write_bye(&w, byes, 2, vc_str_of("\0\0\0\7", 4));
	vc_rtcp_write_pli(&w, 8, 7);
	vc_rtcp_write_nack(&w, 7, 7, &nack, 1);
	vc_rtcp_write_fir(&w, 8, &fir, 1);
	vc_wr_bytes(&w, "\x80\xcc\0\2\0\0\0\7name", 12);
	assert_false(w.bad);
	assert_int_equal(vc_rtcp_check(buf, vc_wr_len(&w)), 0);
	return vc_wr_len(&w);
}

static void an_ssrc_is_remapped_everywhere(void **state)
{
	uint8_t buf[512], was[512];
	size_t len = write_all(buf, sizeof(buf));

	(void)state;
	memcpy(was, buf, len);
	/* SR 2, RR 2, SDES 1, BYE 1, PLI 1, NACK 2, FIR 1, APP 1. */
	assert_int_equal(vc_rtcp_remap(buf, len, 7, 0xabcdef01), 11);
	assert_int_equal(vc_rtcp_remap(buf, len, 7, 9), 0);
	assert_int_equal(vc_rtcp_check(buf, len), 0);
	assert_int_equal(vc_rtcp_remap(buf, len, 0xabcdef01, 7), 11);
	assert_memory_equal(buf, was, len);
}

static void a_stream_gets_what_belongs_into_it(void **state)
{
	uint8_t buf[512], out[512];
	size_t len = write_all(buf, sizeof(buf));
	struct vc_wr w = vc_wr_over(out, sizeof(out));
	struct vc_rd rd;
	struct vc_rtcp pkt;

	(void)state;
	vc_rtcp_write_stripped(&w, buf, len);
	assert_false(w.bad);
	assert_int_equal(vc_rtcp_check(out, vc_wr_len(&w)), 0);
	rd = vc_rd_over(out, vc_wr_len(&w));
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_int_equal(pkt.pt, VC_RTCP_SR);
	assert_int_equal(pkt.count, 0);
	assert_int_equal(pkt.len, 24);
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_int_equal(pkt.pt, VC_RTCP_SDES);
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_int_equal(pkt.pt, VC_RTCP_BYE);
	assert_true(vc_rtcp_next(&rd, &pkt));
	assert_int_equal(pkt.pt, VC_RTCP_APP);
	assert_false(vc_rtcp_next(&rd, &pkt));
}

static void a_receivers_names_stay_a_compound(void **state)
{
	static const char names[] = RR0 "\xa1\xca\0\3\0\0\0\7\1\1a\0\0\0\0\4";
	uint8_t out[64];
	struct vc_wr w = vc_wr_over(out, sizeof(out));

	(void)state;
	vc_rtcp_write_stripped(&w, BYTES(names));
	assert_int_equal(vc_wr_len(&w), 20);
	assert_memory_equal(out, RR0 "\x81\xca\0\2\0\0\0\7\1\1a\0", 20);
	assert_int_equal(vc_rtcp_check(out, 20), 0);
	w = vc_wr_over(out, sizeof(out));
	vc_rtcp_write_stripped(&w, BYTES(RR0 "\x81\xce\0\2" Z4 Z4));
	assert_int_equal(vc_wr_len(&w), 0);
	w = vc_wr_over(out, 19);
	vc_rtcp_write_stripped(&w, BYTES(names));
	assert_true(w.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compounds_are_checked_as_a_whole),
		cmocka_unit_test(many_reports_end),
		cmocka_unit_test(reports_are_read_as_written),
		cmocka_unit_test(sdes_is_read_as_written),
		cmocka_unit_test(bye_is_read_as_written),
		cmocka_unit_test(feedback_is_read_as_written),
		cmocka_unit_test(limits_are_read),
		cmocka_unit_test(an_ssrc_is_remapped_everywhere),
		cmocka_unit_test(a_stream_gets_what_belongs_into_it),
		cmocka_unit_test(a_receivers_names_stay_a_compound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

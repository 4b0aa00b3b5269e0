/* SPDX-License-Identifier: MIT */
/* Captures as sources of datagrams: files that are cut, damaged or strange. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "unit/capfile.h"

static const struct {
	const char *scheme;
	const char *p;
	size_t len;
	int err;
} strangers[] = {
	{ "", "", 0, -EBADMSG },
	{ "pcap:", "", 0, -EBADMSG },
	{ "pcap:", "hello", 5, -EBADMSG },
	{ "", "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", 31, -EBADMSG },
	{ "pcap:", "#!rtpplay1.0 10.0.0.1/5004\n", 27, -EBADMSG },
	{ "mjr:", "\xa1\xb2\xc3\xd4\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1",
	  24, -EBADMSG },
	{ "pcap:", "\xa1\xb2\xc3\xd4\0\3\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1",
	  24, -EPROTONOSUPPORT },
	{ "pcap:", "\xa1\xb2\xc3\xd4\0\2\0\4\0\0\0", 11, -EBADMSG },
	{ "pcap:", "\xa1\xb2\xc3\xd4\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1",
	  24, 0 },
	{ "", "MJR00003\0\2{}", 12, -EPROTONOSUPPORT },
	{ "", "MJR00002\0\2{}", 12, -EBADMSG },
	{ "", "MJR00002\0\2{x", 12, -EBADMSG },
	{ "", "MJR00002\0\x14{\"t\":\"d\",\"c\":\"text\"}", 30,
	  -EPROTONOSUPPORT },
	{ "", "MJR00002\0\x15{\"t\":\"a\",\"c\":\"what\"}x", 31, -EBADMSG },
	{ "", "MJR00002\0\x14{\"t\":\"a\",\"c\":\"what\"}", 30,
	  -EPROTONOSUPPORT },
};

static void strangers_are_refused(void **state)
{
	struct run r;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(strangers); i++) {
		run_octets(&r, strangers[i].p, strangers[i].len,
			   strangers[i].scheme, &found_ops);
		if (r.seen.err != strangers[i].err || r.seen.n)
			fail_msg("row %zu: %d", i, r.seen.err);
	}
}

/* Whatever is missing at the end, what came before is given, and the file is
 * fine if its header was. */
static void cut_at_every_octet(void **state)
{
	struct file f;
	struct run r;
	unsigned int n = 0;

	(void)state;
	begin_pcap(&f);
	for (uint16_t i = 0; i < 3; i++)
		add_rtp(&f, T0 + i, 1, 2, i);
	for (size_t len = 1; len < vc_wr_len(&f.w); len++) {
		run_octets(&r, f.p, len, "pcap:", &wanted_ops);
		assert_int_equal(r.seen.err, len < 24 ? -EBADMSG : 0);
		assert_true(r.seen.n >= n);
		n = r.seen.n;
		if (len >= 24) {
			assert_int_equal(n, (len - 24) / 64);
			assert_int_equal(r.counts.is_cut_short,
					 (len - 24) % 64 != 0);
		}
	}
}

static void damage_is_counted(void **state)
{
	struct file f;
	struct run r;
	uint8_t p[20];

	(void)state;
	begin_pcap(&f);
	for (uint16_t i = 0; i < 8; i++) {
		rtp_octets(p, 1, i);
		/* Cut within RTP, or within UDP's header. */
		add_cut(&f, T0 + i, 1, 5004, 2, 6000, p, 20, i < 4 ? 4 : 0);
	}
	add_cut(&f, T0 + 8, 1, 5004, 2, 6000, p, 20, 20);
	f.w.p -= 4;
	vc_put_u32(f.w.p - 32, 24);
	add(&f, T0 + 9, 1, 5004, 2, 6000, p, 20);
	f.w.p[-42] = 0x20; /* more fragments */
	add(&f, T0 + 9, 1, 5004, 2, 6000, p, 20);
	f.w.p[-48] = 0x15; /* IP version 1 */
	add(&f, T0 + 9, 1, 5004, 2, 6000, p, 20);
	f.w.p[-39] = 132; /* SCTP */
	vc_wr_bytes(&f.w, "\0\0\0\0\0\0\0\0\xff\xff\xff\xff\0\0\0\0", 16);
	run_file(&r, &f, "pcap:", &found_ops);
	assert_int_equal(r.seen.err, 0);
	assert_int_equal(r.seen.n, 8);
	assert_int_equal(r.seen.n_cut, 4);
	assert_int_equal(r.counts.cut, 1);
	assert_int_equal(r.counts.bad, 1);
	assert_int_equal(r.counts.fragments, 1);
	assert_int_equal(r.counts.other, 1);
	assert_true(r.counts.is_broken);
}

/* Far into the future and back: no time that a stream cannot say. */
static void times_that_leap(void **state)
{
	struct run r = { 0 };
	struct file f;
	char path[64];
	int fd;

	(void)state;
	begin_pcap(&f);
	add_rtp(&f, 0, 1, 2, 0);
	add_rtp(&f, UINT32_MAX * VC_SEC, 1, 2, 1);
	add_rtp(&f, 5, 1, 2, 2);
	fd = temp_file(f.p, vc_wr_len(&f.w), path, sizeof(path));
	run_place(&r, path, &wanted_ops, false, true);
	close(fd);
	assert_int_equal(r.seen.n, 3);
	assert_int_equal(r.seen.last, VC_VIRTUAL_EPOCH + 5);
	assert_true(r.end <= INT64_MAX / 2);
}

static void dumps_and_recordings(void **state)
{
	static const char info[] = "{\"t\":\"v\",\"c\":\"vp8\",\"s\":1,"
				   "\"u\":1700000000000000}";
	struct file f;
	struct run r;
	uint8_t p[20];

	(void)state;
	f.w = vc_wr_over(f.p, sizeof(f.p));
	vc_wr_bytes(&f.w, "#!rtpplay1.0 10.0.0.1/5004\n", 27);
	vc_wr_u32(&f.w, 1700000000);
	vc_wr_u64(&f.w, 0);
	vc_wr_u32(&f.w, 0);
	for (uint16_t i = 0; i < 3; i++) {
		rtp_octets(p, 1, i);
		vc_wr_u16(&f.w, 28);
		vc_wr_u16(&f.w, 20);
		vc_wr_u32(&f.w, i * 20u);
		vc_wr_bytes(&f.w, p, 20);
	}
	run_file(&r, &f, "", &found_ops);
	assert_int_equal(r.seen.err, 0);
	assert_int_equal(r.seen.n, 3);
	assert_int_equal(r.seen.last, T0 + 40 * VC_MS);

	for (int version = 1; version <= 2; version++) {
		f.w = vc_wr_over(f.p, sizeof(f.p));
		vc_wr_bytes(&f.w, version == 1 ? "MJR00001" : "MJR00002", 8);
		vc_wr_u16(&f.w, sizeof(info) - 1);
		vc_wr_bytes(&f.w, info, sizeof(info) - 1);
		for (uint16_t i = 0; i < 3; i++) {
			rtp_octets(p, 1, i);
			vc_wr_bytes(&f.w, "MEETECHO", version == 1 ? 8 : 4);
			if (version == 2)
				vc_wr_u32(&f.w, i * 10u);
			vc_wr_u16(&f.w, 20);
			vc_wr_bytes(&f.w, p, 20);
		}
		run_file(&r, &f, "mjr:", &found_ops);
		assert_int_equal(r.seen.err, 0);
		assert_int_equal(r.seen.n, 3);
		assert_int_equal(r.seen.start, T0);
		/* 960 units of 90 kHz, where no time is written. */
		assert_int_equal(r.seen.last,
				 version == 1 ? T0 + 1920 * VC_SEC / 90000 :
						T0 + 20 * VC_MS);
		assert_non_null(strstr(r.seen.sdp, "m=video"));
		assert_non_null(strstr(r.seen.sdp, "a=rtpmap:111 VP8/90000"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strangers_are_refused),
		cmocka_unit_test(cut_at_every_octet),
		cmocka_unit_test(damage_is_counted),
		cmocka_unit_test(times_that_leap),
		cmocka_unit_test(dumps_and_recordings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Captures as sources of datagrams: clocks, pipes, and what is found in them. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "unit/capfile.h"
#include "unit/ownnet.h"

/* Ten packets each way, 20 ms apart, with other things between them. */
static void call_file(struct file *f)
{
	static const uint8_t rr[] = "\x80\xc9\0\1\0\0\0\7";

	begin_pcap(f);
	for (uint16_t i = 0; i < 10; i++) {
		int64_t t = T0 + i * 20 * VC_MS;

		add_rtp(f, t, 1, 2, i);
		add(f, t + 1, 1, 53, 2, 53, "\x12\x34", 2);
		add_rtp(f, t + 2, 2, 1, (uint16_t)(65530 + i));
	}
	add(f, T0 + VC_SEC, 1, 5005, 2, 6001, rr, 8);
}

/* Both flows whole and in order. */
static void expect_call(const struct seen *s)
{
	assert_int_equal(s->n_of[1], 10);
	assert_int_equal(s->n_of[2], 10);
	for (uint16_t i = 0; i < 10; i++) {
		assert_int_equal(s->seq[1][i], i);
		assert_int_equal(s->seq[2][i], (uint16_t)(65530 + i));
	}
}

static void rtp_is_found_on_the_recorded_clock(void **state)
{
	static const char *const schemes[] = { "", "pcap:" };
	struct file f;
	struct run r;

	(void)state;
	call_file(&f);
	for (size_t i = 0; i < VC_COUNT(schemes); i++) {
		run_file(&r, &f, schemes[i], &found_ops);
		assert_int_equal(r.seen.err, 0);
		assert_int_equal(r.kind, VC_FILEKIND_PCAP);
		expect_call(&r.seen);
		assert_int_equal(r.seen.n_rtcp, 1);
		assert_int_equal(r.seen.starts, 1);
		assert_int_equal(r.seen.start, T0);
		assert_int_equal(r.seen.last, T0 + VC_SEC);
		assert_true(r.is_virtual);
		assert_int_equal(r.seen.ticks, 20);
		assert_int_equal(r.counts.packets, 31);
		assert_int_equal(r.counts.datagrams, 31);
		assert_int_equal(r.counts.given, 21);
		assert_int_equal(r.counts.not_rtp, 10);
		assert_false(r.counts.is_cut_short || r.counts.is_broken);
	}
}

static void what_is_wanted_is_given_at_once(void **state)
{
	struct file f;
	struct run r;

	(void)state;
	call_file(&f);
	run_file(&r, &f, "pcap:", &wanted_ops);
	expect_call(&r.seen);
	assert_int_equal(r.seen.n, 20);
	assert_int_equal(r.seen.n_rtcp, 0);
	assert_int_equal(r.counts.not_rtp, 11);
}

static void pipes_are_read_as_they_come(void **state)
{
	struct file f;
	struct run r = { .seen = { .feed = &f, .fed = PCAP_HEADER } };
	char place[32];
	int fds[2];

	(void)state;
	begin_pcap(&f);
	for (uint16_t i = 0; i < 10; i++) {
		add_rtp(&f, T0 + i * 20 * VC_MS, 1, 2, i);
		add_rtp(&f, T0 + i * 20 * VC_MS, 2, 1, (uint16_t)(65530 + i));
	}
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], f.p, PCAP_HEADER), PCAP_HEADER);
	r.seen.feed_fd = fds[1];
	feed_next(&r.seen);
	snprintf(place, sizeof(place), "pcap:fd:%d", fds[0]);
	run_place(&r, place, &wanted_ops, false, false);
	close(fds[0]);
	expect_call(&r.seen);
	assert_true(r.is_virtual);
}

static void played_live_at_its_own_pace(void **state)
{
	struct run r = { 0 };
	int64_t before = vc_mono_now();
	struct file f;
	char path[64];
	int fd;

	(void)state;
	call_file(&f);
	fd = temp_file(f.p, vc_wr_len(&f.w) - 16 - 36, path, sizeof(path));
	run_place(&r, path, &found_ops, true, false);
	close(fd);
	expect_call(&r.seen);
	assert_false(r.is_virtual);
	assert_int_equal(r.seen.start, T0);
	/* on_msg() has looked that none came before its time. */
	assert_true(vc_mono_now() - before >= 180 * VC_MS);
	assert_true(r.end >= T0 + 180 * VC_MS);
}

static void rebased_to_the_virtual_epoch(void **state)
{
	struct run r = { 0 };
	struct file f;
	char path[64];
	int fd;

	(void)state;
	call_file(&f);
	fd = temp_file(f.p, vc_wr_len(&f.w), path, sizeof(path));
	run_place(&r, path, &found_ops, false, true);
	close(fd);
	expect_call(&r.seen);
	assert_int_equal(r.seen.start, VC_VIRTUAL_EPOCH);
	assert_int_equal(r.seen.last, VC_VIRTUAL_EPOCH + VC_SEC);
}

/* --- calls --- */

#define SIP_HEAD                                                 \
	"From: <sip:alice@h>;tag=a\r\nTo: <sip:bob@h>;tag=b\r\n" \
	"Call-ID: call-1\r\nCSeq: 1 INVITE\r\n"                  \
	"Content-Type: application/sdp\r\n\r\n"                  \
	"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n"

static const char invite[] =
	"INVITE sip:bob@h SIP/2.0\r\n" SIP_HEAD
	"c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/SAVP 111\r\n"
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA\r\n";
static const char ok[] =
	"SIP/2.0 200 OK\r\n" SIP_HEAD
	"c=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 6000 RTP/SAVP 111\r\n"
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:BBBB\r\n";

static void calls_are_learnt_from_sip(void **state)
{
	struct file f;
	struct run r;

	(void)state;
	begin_pcap(&f);
	add(&f, T0, 1, 5060, 2, 5060, invite, sizeof(invite) - 1);
	add(&f, T0 + 1, 2, 5060, 1, 5060, ok, sizeof(ok) - 1);
	add(&f, T0 + 2, 2, 5060, 1, 5060, "ACK sip:bob@h SIP/2.0\r\n\r\n", 25);
	/* One packet is enough: SIP told where it is due. */
	add_rtp(&f, T0 + 3, 1, 2, 7);
	run_file(&r, &f, "pcap:", &found_ops);
	assert_int_equal(r.seen.n, 1);
	assert_string_equal(r.seen.call, "call-1");
	assert_string_equal(r.seen.key,
			    "1 AES_CM_128_HMAC_SHA1_80 inline:AAAA");
	assert_int_equal(r.counts.sip, 3);
	assert_int_equal(r.counts.sip_bad, 1);
}

static void a_stop_is_kept_to(void **state)
{
	struct run r = { .seen = { .stop_at = 5 } };
	struct file f;
	char path[64];
	int fd;

	(void)state;
	call_file(&f);
	fd = temp_file(f.p, vc_wr_len(&f.w), path, sizeof(path));
	run_place(&r, path, &wanted_ops, false, false);
	close(fd);
	assert_int_equal(r.seen.n, 5);
	assert_int_equal(r.seen.err, 0);
}

static void send_rtp(void *ctx, int64_t now)
{
	struct seen *s = ctx;
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(6000),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	s->start = now;
	for (uint16_t i = 0; i < 5; i++) {
		uint8_t p[20];

		rtp_octets(p, 1, i);
		assert_int_equal(sendto(fd, p, sizeof(p), 0,
					(struct sockaddr *)&in, sizeof(in)),
				 sizeof(p));
	}
	close(fd);
}

/* The clock stays live, and those of before it was clear come as well. */
static void an_interface_is_live(void **state)
{
	struct seen s = { .stop_at = 5 };
	struct vc_capture_conf conf = { .iface = "lo",
					.filter = "udp",
					.loop = vc_loop_new(),
					.pool = vc_pool_new() };
	struct vc_udp_io *io;
	char why[256];

	(void)state;
	assert_int_equal(own_network(), 0);
	s.loop = conf.loop;
	conf.io = io = vc_udp_io_new(conf.pool);
	assert_int_equal(vc_capture_new(&s.c, &conf, &found_ops, &s, why,
					sizeof(why)),
			 0);
	s.tick = (struct vc_timer){ .fn = send_rtp, .ctx = &s };
	vc_timer_arm(s.loop, &s.tick, vc_loop_now(s.loop));
	vc_loop_run(s.loop);
	assert_int_equal(s.n_of[1], 5);
	assert_int_equal(s.starts, 0);
	assert_false(vc_loop_is_virtual(s.loop));
	assert_true(s.last >= s.start);
	assert_int_equal(vc_capture_counts(s.c).dropped, 0);
	vc_capture_free(s.c);
	conf.filter = "no such word";
	assert_int_equal(vc_capture_new(&s.c, &conf, &found_ops, &s, why,
					sizeof(why)),
			 -EINVAL);
	assert_true(why[0]);
	vc_udp_io_free(io);
	vc_pool_free(conf.pool);
	vc_loop_free(conf.loop);
}

static void places_that_do_not_open(void **state)
{
	struct vc_place where;
	struct vc_capture_conf conf = { .where = &where,
					.loop = vc_loop_new(),
					.pool = vc_pool_new() };
	struct vc_capture *c;
	char why[256];

	(void)state;
	vc_place_parse(&where, "pcap:/none/at.all", false, why, sizeof(why));
	assert_int_equal(vc_capture_new(&c, &conf, &found_ops, NULL, why,
					sizeof(why)),
			 -ENOENT);
	assert_true(why[0]);
	vc_pool_free(conf.pool);
	vc_loop_free(conf.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rtp_is_found_on_the_recorded_clock),
		cmocka_unit_test(what_is_wanted_is_given_at_once),
		cmocka_unit_test(pipes_are_read_as_they_come),
		cmocka_unit_test(played_live_at_its_own_pace),
		cmocka_unit_test(rebased_to_the_virtual_epoch),
		cmocka_unit_test(calls_are_learnt_from_sip),
		cmocka_unit_test(a_stop_is_kept_to),
		cmocka_unit_test(places_that_do_not_open),
		cmocka_unit_test(an_interface_is_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

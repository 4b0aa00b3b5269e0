/* SPDX-License-Identifier: MIT */
/* SIP and RTSP in TCP connections: channels, formats; cut anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/tcpcalls.h"

#define L(s) s, sizeof(s) - 1
#define RTP "\x80\x60\0\1\0\0\0\2\0\0\0\3"

/* --- RTSP --- */

#define SDP                                                            \
	"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nt=0 0\r\n"           \
	"a=control:*\r\nm=video 0 RTP/AVP 96\r\n"                      \
	"a=rtpmap:96 H264/90000\r\na=control:1\r\nm=audio 0 RTP/AVP "  \
	"96\r\na=rtpmap:96 opus/48000/2\r\na=control:rtsp://h/1/1\r\n" \
	"m=audio 0 RTP/AVP 8\r\na=control:/x\r\n"

static const struct vc_netaddr camera = { .ip = { 10, 0, 0, 1 }, .port = 554 },
			       viewer = { .ip = { 10, 0, 0, 2 }, .port = 4000 };

static int told(struct vc_rtspcalls *calls, bool by_camera, const char *first,
		const char *rest)
{
	char text[2048];
	int n = snprintf(text, sizeof(text), "%s RTSP/1.0\r\n%s", first, rest);

	if (!strncmp(first, "RTSP", 4))
		n = snprintf(text, sizeof(text), "%s\r\n%s", first, rest);
	return vc_rtspcalls_take(calls, by_camera ? &camera : &viewer,
				 by_camera ? &viewer : &camera, text,
				 (size_t)n);
}

static int described(struct vc_rtspcalls *calls, bool by_camera,
		     const char *first)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "Content-Type: application/SDP;charset=utf-8\r\n"
		 "Content-Length: %zu\r\n\r\n%s",
		 strlen(SDP), SDP);
	return told(calls, by_camera, first, text);
}

static void check_lane(struct vc_rtspcalls *calls, uint8_t channel,
		       uint16_t lane, enum vc_codec codec)
{
	uint16_t is = vc_rtspcalls_lane(calls, &camera, &viewer, channel);
	const struct vc_rtspcall *c =
		vc_rtspcalls_find(calls, &camera, &viewer);
	const struct vc_sipend *end;

	assert_int_equal(is, lane);
	assert_int_equal(vc_rtspcalls_lane(calls, &viewer, &camera, channel),
			 lane);
	assert_non_null(c);
	end = vc_rtspcall_section(c, lane);
	assert_int_equal(end ? end->formats[0].codec : VC_CODEC_NONE, codec);
}

static void channels_are_of_sections(void **state)
{
	struct vc_rtspcalls *calls = vc_rtspcalls_new();
	struct vc_netaddr other = viewer;

	(void)state;
	assert_int_equal(vc_rtspcalls_lane(calls, &camera, &viewer, 255), 255);
	assert_null(vc_rtspcalls_find(calls, &camera, &viewer));
	assert_int_equal(described(calls, true, "RTSP/1.0 200 OK"), 1);
	/* In pairs, as long as nobody says so. */
	check_lane(calls, 3, 3, VC_CODEC_OPUS);
	check_lane(calls, 8, 9, VC_CODEC_NONE);
	/* The longest control counts, and an answer is known by its number. */
	told(calls, false, "SETUP rtsp://h/1/1", "CSeq: 5\r\n\r\n");
	told(calls, false, "SETUP rtsp://h/1/", "CSeq: 6\r\n\r\n");
	assert_int_equal(told(calls, true, "RTSP/1.0 404 no",
			      "CSeq: 6\r\nTransport: interleaved=9\r\n\r\n"),
			 0);
	assert_int_equal(told(calls, true, "RTSP/1.0 200 OK",
			      "CSeq: 6\r\nTransport: interleaved=5-2\r\n\r\n"),
			 2);
	assert_int_equal(told(calls, true, "RTSP/1.0 200 OK",
			      "CSeq: 5\r\nTransport: interleaved=0-1\r\n\r\n"),
			 2);
	check_lane(calls, 2, 6, VC_CODEC_H264);
	check_lane(calls, 5, 6, VC_CODEC_H264);
	check_lane(calls, 1, 1, VC_CODEC_OPUS);
	/* Whose URL fits none is of the next one; what was not asked, too. */
	told(calls, false, "SETUP rtsp://h/what", "CSeq: 7\r\n\r\n");
	told(calls, true, "RTSP/1.0 200 OK",
	     "CSeq: 7\r\nTransport: interleaved=8-9\r\n\r\n");
	check_lane(calls, 9, 9, VC_CODEC_PCMA);
	/* From that host to the other it holds for all; back for nothing. */
	other.port++;
	assert_non_null(vc_rtspcalls_find(calls, &camera, &other));
	assert_null(vc_rtspcalls_find(calls, &viewer, &camera));
	vc_rtspcalls_free(calls);
}

static void who_announces_sends(void **state)
{
	struct vc_rtspcalls *calls = vc_rtspcalls_new();

	(void)state;
	assert_int_equal(described(calls, true, "ANNOUNCE rtsp://h/"), 1);
	told(calls, true, "SETUP rtsp://h/1", "CSeq: 2\r\n\r\n");
	told(calls, false, "RTSP/1.0 200 OK",
	     "CSeq: 2\r\nTransport: RTP/AVP/TCP;interleaved=4-5\r\n\r\n");
	check_lane(calls, 4, 5, VC_CODEC_H264);
	/* Nothing but these two is a description of what is sent. */
	assert_int_equal(described(calls, false, "SET_PARAMETER rtsp://h/"), 0);
	vc_rtspcalls_free(calls);
}

static void the_oldest_connection_goes(void **state)
{
	struct vc_rtspcalls *calls = vc_rtspcalls_new();
	struct vc_netaddr a = camera;

	(void)state;
	for (unsigned int i = 0; i <= VC_RTSPCALLS_MAX; i++) {
		const char *text = "SETUP rtsp://h/1 RTSP/1.0\r\n\r\n";

		a.port = (uint16_t)i;
		assert_int_equal(vc_rtspcalls_take(calls, &viewer, &a, text,
						   strlen(text)),
				 0);
	}
	assert_int_equal(described(calls, true, "RTSP/1.0 200 OK"), 1);
	check_lane(calls, 0, 1, VC_CODEC_H264);
	vc_rtspcalls_free(calls);
}

/* --- connections --- */

struct heard {
	unsigned int sip, told, packets;
	int64_t t;
	struct vc_netpkt last;
};

static void on_sip(void *ctx, const char *text, size_t len)
{
	struct heard *h = ctx;

	assert_true(len > 10 && text[0] != '\r');
	h->sip++;
}

static void on_packet(void *ctx, const struct vc_netpkt *net, int64_t t)
{
	struct heard *h = ctx;

	assert_int_equal(net->caplen, net->len);
	h->packets++;
	h->last = *net;
	h->t = t;
}

static void on_told(void *ctx)
{
	struct heard *h = ctx;

	h->told++;
}

static void say(struct vc_tcpcalls *c, bool by_camera, uint32_t *seq,
		const char *p, size_t len, size_t size, int64_t t)
{
	struct vc_netpkt s = { .src = by_camera ? camera : viewer,
			       .dst = by_camera ? viewer : camera,
			       .dscp = 46,
			       .ttl = 9,
			       .flags = VC_TCP_ACK };

	for (size_t at = 0; at < len; at += size) {
		size_t n = len - at < size ? len - at : size;

		s.seq = *seq;
		s.payload = (const uint8_t *)p + at;
		s.caplen = s.len = n;
		vc_tcpcalls_take(c, &s, t + (int64_t)at);
		*seq += (uint32_t)n;
	}
}

static void cut_anywhere_it_is_the_same(void **state)
{
	static const char video[] = "$\4\0\x0c" RTP "$\5\0\x08\x80\xc9\0\1\0\0"
				    "\0\1\r\n$\4\0\0$\4\0\x0c" RTP;
	static const char setup[] =
		"SETUP rtsp://h/1 RTSP/1.0\r\nCSeq: 2\r\n\r\n";
	static const char ok[] =
		"RTSP/1.0 200 OK\r\nCSeq: 2\r\nTransport: "
		"RTP/AVP/TCP;interleaved=4-5\r\nSession: 1\r\n\r\n";
	char answer[2048];

	(void)state;
	snprintf(answer, sizeof(answer),
		 "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Type: "
		 "application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
		 strlen(SDP), SDP);
	for (size_t size = 1; size < 100; size++) {
		struct heard h = { 0 };
		const struct vc_tcpcalls_conf conf = { .sip = on_sip,
						       .packet = on_packet,
						       .told = on_told,
						       .ctx = &h };
		struct vc_tcpcalls *c = vc_tcpcalls_new(&conf);
		uint32_t there = UINT32_MAX - 50, back = UINT32_MAX - 300;
		struct vc_netpkt syn = { .src = viewer,
					 .dst = camera,
					 .seq = there,
					 .flags = VC_TCP_SYN };

		vc_tcpcalls_take(c, &syn, 0);
		syn.src = camera;
		syn.dst = viewer;
		syn.seq = back;
		vc_tcpcalls_take(c, &syn, 0);
		there++;
		back++;
		say(c, false, &there,
		    L("DESCRIBE rtsp://h/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"), size,
		    0);
		say(c, true, &back, answer, strlen(answer), size, 0);
		say(c, false, &there, L(setup), size, 0);
		say(c, true, &back, L(ok), size, 0);
		say(c, true, &back, L(video), size, 1000);
		assert_int_equal(h.told, 2);
		assert_int_equal(h.packets, 4);
		/* When the last of it came. */
		assert_int_equal(h.t, 1000 + (sizeof(video) - 2) / size * size);
		assert_int_equal(h.last.src.lane, 5);
		assert_int_equal(h.last.dst.lane, 5);
		assert_int_equal(h.last.dscp, 46);
		assert_int_equal(h.last.ttl, 9);
		assert_int_equal(h.last.len, 12);
		assert_int_equal(vc_tcpcalls_counts(c).connections, 1);
		assert_int_equal(vc_tcpcalls_counts(c).bad, 0);
		assert_int_equal(vc_tcpcalls_counts(c).interleaved, 4);
		vc_tcpcalls_free(c);
	}
}

static void what_is_neither_is_left_alone(void **state)
{
	static char junk[4096];
	struct heard h = { 0 };
	const struct vc_tcpcalls_conf conf = { .packet = on_packet, .ctx = &h };
	struct vc_tcpcalls *c = vc_tcpcalls_new(&conf);
	uint32_t seq = 5;

	(void)state;
	memset(junk, '.', sizeof(junk));
	say(c, true, &seq, L("$\0\0\x0c" RTP), 100, 0);
	say(c, true, &seq, junk, 200, 100, 0);
	assert_int_equal(vc_tcpcalls_counts(c).bad, 1);
	/* It goes on where a unit begins. */
	say(c, true, &seq, L("..$\0\0\x0c" RTP "$\0\0\x0c" RTP), 100, 0);
	assert_int_equal(h.packets, 3);
	/* SIP is of no interest to this one. */
	say(c, true, &seq, L("SIP/2.0 200 OK\n\n$\0\0\x0c" RTP), 100, 0);
	assert_int_equal(h.packets, 4);
	/* A megabyte without a unit is something else. */
	for (int i = 0; i < 260; i++)
		say(c, true, &seq, junk, sizeof(junk), sizeof(junk), 0);
	assert_true(vc_tcpcalls_counts(c).segments < 265);
	vc_tcpcalls_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(channels_are_of_sections),
		cmocka_unit_test(who_announces_sends),
		cmocka_unit_test(the_oldest_connection_goes),
		cmocka_unit_test(cut_anywhere_it_is_the_same),
		cmocka_unit_test(what_is_neither_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

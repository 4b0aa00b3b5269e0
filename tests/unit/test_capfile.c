/* SPDX-License-Identifier: MIT */
/* A stream's packets as captures, against the readers of captures. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/capfile.h"
#include "engine/outfile.h"
#include "wire/frame.h"
#include "wire/netpkt.h"
#include "wire/pcap.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/rtpdump.h"

#define T0 (INT64_C(1700000000) * VC_SEC + 123456789)

static uint8_t room[1 << 20];
static int fd = -1;
static struct vc_outfile *out;

static struct vc_capfile *begin(enum vc_capfile_kind kind)
{
	struct vc_capfile *f;

	fd = memfd_create("capture", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(vc_outfile_wrap(fd, &out), 0);
	f = vc_capfile_new(kind, out);
	assert_non_null(f);
	return f;
}

/* Its octets are in 'room'. */
static size_t end(struct vc_capfile *f)
{
	ssize_t n;

	vc_capfile_free(f);
	assert_int_equal(vc_outfile_finish(out), 0);
	n = pread(fd, room, sizeof(room), 0);
	close(fd);
	assert_true(n >= 0);
	return (size_t)n;
}

static void put_time(struct vc_capfile *f, enum vc_frame_time kind, int64_t t)
{
	uint8_t frame[VC_FRAME_TIME_SIZE];

	vc_frame_time_write(frame, kind, t);
	assert_int_equal(vc_capfile_put(f, frame + 2, sizeof(frame) - 2), 0);
}

static void put_rtp(struct vc_capfile *f, uint32_t ssrc, uint16_t seq,
		    size_t len)
{
	static uint8_t packet[VC_FRAME_RTP_MAX];
	struct vc_rtp rtp = { .pt = 111, .seq = seq, .ssrc = ssrc };
	struct vc_wr w = vc_wr_over(packet, sizeof(packet));

	vc_rtp_write(&w, &rtp);
	memset(w.p, seq, len);
	assert_int_equal(vc_capfile_put(f, packet, vc_wr_len(&w) + len), 0);
}

static void put_name(struct vc_capfile *f, uint32_t ssrc, const char *name)
{
	const struct vc_sdes_chunk chunk = { .ssrc = ssrc,
					     .cname = vc_str_c("c"),
					     .name = vc_str_c(name) };
	const struct vc_rtcp_sr sr = { .ssrc = ssrc };
	uint8_t packet[256];
	struct vc_wr w = vc_wr_over(packet, sizeof(packet));

	vc_rtcp_write_sr(&w, &sr, NULL, 0);
	vc_rtcp_write_sdes(&w, &chunk, 1);
	assert_false(w.bad);
	assert_int_equal(vc_capfile_put(f, packet, vc_wr_len(&w)), 0);
}

static void put_text(struct vc_capfile *f, const char *text)
{
	assert_int_equal(vc_capfile_put(f, (const uint8_t *)text, strlen(text)),
			 0);
}

/* The next packet of the capture. */
static bool next(struct vc_pcap *pc, size_t *at, size_t len,
		 struct vc_piece *piece, struct vc_netpkt *net)
{
	while (*at < len) {
		assert_int_equal(vc_pcap_next(pc, room + *at, len - *at, piece),
				 1);
		*at += piece->size;
		assert_int_not_equal(piece->kind, VC_PIECE_BAD);
		if (piece->kind != VC_PIECE_PACKET)
			continue;
		assert_int_equal(piece->link, VC_LINK_RAW);
		assert_int_equal(vc_netpkt_parse(net, piece->link, piece->data,
						 piece->caplen, piece->len),
				 VC_NETPKT_UDP);
		return true;
	}
	return false;
}

static void packets_have_their_times_and_addresses(void **state)
{
	struct vc_capfile *f = begin(VC_CAPFILE_PCAPNG);
	struct vc_pcap pc = { 0 };
	struct vc_piece piece;
	struct vc_netpkt net;
	size_t at = 0, len;

	(void)state;
	put_text(f, "v=0\r\n");
	put_time(f, VC_TIME_STREAM, T0);
	put_name(f, 7, "Ann\x1b");
	put_rtp(f, 7, 1, 100);
	put_time(f, VC_TIME_ARRIVAL, T0 - 5);
	put_rtp(f, 8, 2, 0);
	put_text(f, "{\"ev\":\"source\",\"ssrc\":7,\"addr\":\"10.1.2.3:400\","
		    "\"name\":\"Annabel\"}");
	put_text(f, "{\"ev\":\"source\",\"ssrc\":8,"
		    "\"addr\":\"[2001:db8::7]:9\"}");
	put_text(f, "{\"ev\":\"source\",\"ssrc\":9,\"addr\":\"[::1%lo]:9\"}");
	put_time(f, VC_TIME_STREAM, T0 + 1);
	put_rtp(f, 7, 3, 1);
	put_rtp(f, 8, 4, 9000);
	put_rtp(f, 9, 5, 3);
	len = end(f);

	assert_non_null(memmem(room, len, "\1\0\x07\0Ann\\x1b\0", 12));
	assert_non_null(memmem(room, len, "\1\0\7\0Annabel\0", 12));
	assert_true(next(&pc, &at, len, &piece, &net));
	assert_int_equal(piece.time, T0);
	assert_memory_equal(net.src.ip, "\xc0\0\2\1", 4);
	assert_memory_equal(net.dst.ip, "\xc6\x33\x64\1", 4);
	assert_int_equal(net.src.port, 5004);
	assert_int_equal(net.dst.port, 5004);
	assert_true(next(&pc, &at, len, &piece, &net));
	assert_int_equal(net.len, 112);
	assert_int_equal(net.payload[111], 1);
	assert_memory_equal(net.src.ip, "\xc0\0\2\1", 4);
	assert_true(next(&pc, &at, len, &piece, &net));
	assert_int_equal(piece.time, T0 - 5);
	assert_int_equal(net.len, 12);
	assert_memory_equal(net.src.ip, "\xc0\0\2\2", 4);
	assert_true(next(&pc, &at, len, &piece, &net));
	assert_int_equal(piece.time, T0 + 1);
	assert_memory_equal(net.src.ip, "\x0a\1\2\3", 4);
	assert_int_equal(net.src.port, 400);
	assert_true(next(&pc, &at, len, &piece, &net));
	assert_true(net.src.is_ip6 && net.dst.is_ip6);
	assert_int_equal(net.src.ip[15], 7);
	assert_int_equal(net.src.port, 9);
	assert_int_equal(net.len, 9012);
	assert_true(next(&pc, &at, len, &piece, &net));
	assert_memory_equal(net.src.ip, "\xc0\0\2\3", 4);
	assert_false(next(&pc, &at, len, &piece, &net));
}

static void many_sources_have_an_address_each(void **state)
{
	struct vc_capfile *f = begin(VC_CAPFILE_PCAPNG);
	static uint8_t seen[256][64];
	struct vc_pcap pc = { 0 };
	struct vc_piece piece;
	struct vc_netpkt net;
	size_t at = 0, len, n = 0;

	(void)state;
	for (uint32_t i = 0; i < VC_CAPFILE_SOURCES + 100; i++)
		put_rtp(f, i * UINT32_C(2654435761), 1, 1);
	len = end(f);
	while (next(&pc, &at, len, &piece, &net)) {
		uint8_t *s = &seen[net.src.ip[3]][(net.src.port - 5004) / 2];

		if (n < VC_CAPFILE_SOURCES)
			assert_int_equal(*s, 0);
		(*s)++;
		n++;
	}
	assert_int_equal(n, VC_CAPFILE_SOURCES + 100);
}

static void rtpdump_is_read_again(void **state)
{
	struct vc_capfile *f = begin(VC_CAPFILE_RTPDUMP);
	struct vc_rtpdump rd = { 0 };
	struct vc_piece piece;
	size_t at = 0, len, n = 0;

	(void)state;
	put_time(f, VC_TIME_STREAM, T0);
	put_name(f, 7, "Ann");
	put_time(f, VC_TIME_STREAM, T0 + 1500 * VC_MS);
	put_rtp(f, 7, 1, 100);
	put_time(f, VC_TIME_ARRIVAL, T0 - VC_SEC);
	put_rtp(f, 7, 2, 9000);
	len = end(f);
	while (at < len) {
		assert_int_equal(
			vc_rtpdump_next(&rd, room + at, len - at, &piece), 1);
		at += piece.size;
		if (piece.kind != VC_PIECE_PACKET)
			continue;
		n++;
		assert_int_equal(piece.len, n == 1 ? piece.caplen :
					    n == 2 ? 112 :
						     9012);
		assert_int_equal(piece.time,
				 T0 - T0 % VC_US + (n == 2 ? 1500 * VC_MS : 0));
	}
	assert_int_equal(n, 3);
	assert_int_equal(rd.addr.port, 5004);
	assert_memory_equal(room, "#!rtpplay1.0 198.51.100.1/5004\n", 31);
}

/* What another program says that sums are. */
static void sums_are_right(void **state)
{
	const struct vc_netaddr a = { .ip = { 192, 0, 2, 1 }, .port = 5004 },
				b = { .ip = { 198, 51, 100, 1 }, .port = 5004 };
	struct vc_netaddr six = { .is_ip6 = true };
	uint8_t p[64];
	struct vc_wr w = vc_wr_over(p, sizeof(p));
	uint32_t sum = 0;

	(void)state;
	vc_netpkt_write(&w, &a, &b, (const uint8_t *)"abc", 3);
	assert_int_equal(vc_wr_len(&w), 31);
	for (size_t i = 0; i < 20; i += 2)
		sum += vc_get_u16(p + i);
	assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
	/* Addresses, protocol, length, header with its sum, octets. */
	sum = 17 + 11;
	for (size_t i = 12; i < 30; i += 2)
		sum += vc_get_u16(p + i);
	sum += (uint32_t)p[30] << 8;
	assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
	vc_netpkt_write(&w, &a, &six, p, 1);
	assert_true(w.bad);
}

static void what_is_malformed_is_left_out(void **state)
{
	struct vc_capfile *f = begin(VC_CAPFILE_PCAPNG);

	(void)state;
	put_text(f, "");
	put_text(f, "\x80");
	put_text(f, "\x80\xc8");
	put_text(f, "T");
	put_text(f, "{\"source\"");
	put_text(f, "{\"ev\":\"source\",\"ssrc\":-1}");
	put_text(f, "{\"ev\":\"source\",\"ssrc\":1,\"addr\":\":\"}");
	put_text(f, "{\"ev\":\"source\",\"ssrc\":1,\"addr\":\"[:1\"}");
	put_text(f, "?");
	assert_int_equal(end(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_have_their_times_and_addresses),
		cmocka_unit_test(many_sources_have_an_address_each),
		cmocka_unit_test(rtpdump_is_read_again),
		cmocka_unit_test(sums_are_right),
		cmocka_unit_test(what_is_malformed_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

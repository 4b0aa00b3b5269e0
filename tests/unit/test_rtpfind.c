/* SPDX-License-Identifier: MIT */
/* RTP among other datagrams, and what only looks like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/rand.h"
#include "session/rtpfind.h"

struct world {
	struct vc_pool *pool;
	struct vc_rtpfind *f;
	struct vc_rtpflow *flow;
	char says[256]; /* a letter each: n, m, R, C */
	size_t n;
};

static void begin(struct world *w)
{
	*w = (struct world){ .pool = vc_pool_new(), .f = vc_rtpfind_new() };
	assert_non_null(w->f);
}

/* Nothing is left behind. */
static void end(struct world *w)
{
	vc_rtpfind_free(w->f);
	assert_int_equal(vc_pool_used(w->pool), 0);
	vc_pool_free(w->pool);
}

static struct vc_netaddr at(unsigned int host, unsigned int port)
{
	return (struct vc_netaddr){ .ip = { 10, (uint8_t)(host >> 16),
					    (uint8_t)(host >> 8),
					    (uint8_t)host },
				    .port = (uint16_t)port };
}

static enum vc_rtpfind_says give(struct world *w, struct vc_netaddr src,
				 struct vc_netaddr dst, const uint8_t *p,
				 size_t len)
{
	struct vc_packet *pkt = vc_packet_new(w->pool, len);
	enum vc_rtpfind_says says;

	memcpy(pkt->data, p, len);
	pkt->len = len;
	says = vc_rtpfind_take(w->f, &src, &dst, pkt, &w->flow);
	vc_packet_unref(pkt);
	if (w->n < sizeof(w->says) - 1)
		w->says[w->n++] = "nmRC"[says];
	return says;
}

struct sent {
	uint32_t ssrc;
	uint8_t pt;
	uint16_t seq;
	uint32_t ts;
};

static void rtp_octets(uint8_t p[static 20], const struct sent *s)
{
	memset(p, 0xaa, 20);
	p[0] = 0x80;
	p[1] = s->pt;
	vc_put_u16(p + 2, s->seq);
	vc_put_u32(p + 4, s->ts);
	vc_put_u32(p + 8, s->ssrc);
}

static const struct {
	const char *name;
	size_t n;
	struct sent p[9];
	const char *says;
} rows[] = {
	{ "in a row",
	  5,
	  { { 1, 0, 7, 0 },
	    { 1, 0, 8, 160 },
	    { 1, 0, 9, 320 },
	    { 1, 0, 10, 480 },
	    { 1, 0, 11, 640 } },
	  "mmmRR" },
	{ "across both wraps",
	  4,
	  { { 1, 0, 65534, UINT32_MAX - 200 },
	    { 1, 0, 65535, UINT32_MAX - 40 },
	    { 1, 0, 0, 119 },
	    { 1, 0, 1, 279 } },
	  "mmmR" },
	{ "two lost, one doubled, one late",
	  6,
	  { { 1, 0, 7, 0 },
	    { 1, 0, 10, 480 },
	    { 1, 0, 10, 480 },
	    { 1, 0, 9, 320 },
	    { 1, 0, 11, 640 },
	    { 1, 0, 12, 800 } },
	  "mmmmmR" },
	{ "two sources in turn",
	  8,
	  { { 1, 0, 7, 0 },
	    { 2, 96, 500, 9 },
	    { 1, 0, 8, 160 },
	    { 2, 96, 501, 9 },
	    { 1, 0, 9, 320 },
	    { 2, 96, 502, 9 },
	    { 1, 0, 10, 480 },
	    { 2, 96, 503, 9 } },
	  "mmmmmmRR" },
	{ "the payload type changes",
	  4,
	  { { 1, 0, 7, 0 },
	    { 1, 0, 8, 160 },
	    { 1, 1, 9, 320 },
	    { 1, 1, 10, 480 } },
	  "mmmR" },
	{ "padding that probes, with time stamps of its own, beside pictures",
	  8,
	  { { 1, 97, 51, 0 },
	    { 2, 96, 600, 0xeb000000 },
	    { 1, 98, 52, 0xeb000000 },
	    { 1, 98, 53, 0xeb000000 },
	    { 3, 111, 22, 0xca000000 },
	    { 2, 96, 601, 0xeb000500 },
	    { 1, 97, 54, 0xeb000600 },
	    { 1, 98, 55, 0xeb000000 } },
	  "mmmmmmmR" },
	{ "numbers that stand still",
	  5,
	  { { 1, 0, 7, 0 },
	    { 1, 0, 7, 160 },
	    { 1, 0, 7, 320 },
	    { 1, 0, 7, 480 },
	    { 1, 0, 7, 640 } },
	  "mmmmm" },
	{ "numbers that leap",
	  5,
	  { { 1, 0, 7, 0 },
	    { 1, 0, 107, 160 },
	    { 1, 0, 207, 320 },
	    { 1, 0, 307, 480 },
	    { 1, 0, 407, 640 } },
	  "mmmmm" },
	{ "timestamps that leap",
	  5,
	  { { 1, 0, 7, 0 },
	    { 1, 0, 8, 0x40000000 },
	    { 1, 0, 9, 0x10 },
	    { 1, 0, 10, 0x70000000 },
	    { 1, 0, 11, 0 } },
	  "mmmmm" },
	{ "five sources in turn: more than are looked at",
	  9,
	  { { 1, 0, 7, 0 },
	    { 2, 0, 7, 0 },
	    { 3, 0, 7, 0 },
	    { 4, 0, 7, 0 },
	    { 5, 0, 7, 0 },
	    { 1, 0, 8, 0 },
	    { 2, 0, 8, 0 },
	    { 3, 0, 8, 0 },
	    { 4, 0, 8, 0 } },
	  "mmmmmmmmm" },
};

static void rows_make_rtp(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct world w;

		begin(&w);
		for (size_t k = 0; k < rows[i].n; k++) {
			uint8_t p[20];

			rtp_octets(p, &rows[i].p[k]);
			give(&w, at(1, 5004), at(2, 5006), p, sizeof(p));
		}
		if (strcmp(w.says, rows[i].says))
			fail_msg("%s: %s", rows[i].name, w.says);
		end(&w);
	}
}

static void held_packets_come_in_order(void **state)
{
	struct world w;
	struct vc_packet *pkt;

	(void)state;
	begin(&w);
	for (uint16_t k = 0; k < 4; k++) {
		struct sent s = { 1, 0, (uint16_t)(65534 + k), 0 };
		uint8_t p[20];

		rtp_octets(p, &s);
		give(&w, at(1, 5004), at(2, 5006), p, sizeof(p));
	}
	assert_string_equal(w.says, "mmmR");
	for (uint16_t k = 0; k < 3; k++) {
		pkt = vc_rtpfind_pop(w.flow);
		assert_int_equal(vc_get_u16(pkt->data + 2),
				 (uint16_t)(65534 + k));
		vc_packet_unref(pkt);
	}
	assert_null(vc_rtpfind_pop(w.flow));
	assert_int_equal(vc_rtpfind_counts(w.f)->rtp, 1);
	end(&w);
}

static void make_rtp(struct world *w, struct vc_netaddr src,
		     struct vc_netaddr dst)
{
	for (uint16_t k = 0; k < VC_RTPFIND_ROW; k++) {
		struct sent s = { 1, 0, k, k * 160u };
		uint8_t p[20];

		rtp_octets(p, &s);
		give(w, src, dst, p, sizeof(p));
	}
}

static const struct {
	unsigned int src, src_port, dst, dst_port;
	bool is_rtcp;
} partners[] = {
	{ 1, 5004, 2, 6000, true }, /* on one port (RFC 5761) */
	{ 1, 5005, 2, 6001, true }, /* the next */
	{ 1, 9999, 2, 6001, true }, /* from anywhere */
	{ 2, 6001, 1, 5005, true }, /* reports back */
	{ 2, 6000, 1, 5004, true },
	{ 1, 5005, 2, 6002, false }, /* another port */
	{ 1, 5005, 2, 5999, false },
	{ 2, 9999, 1, 5005, false },
	{ 3, 5005, 2, 6001, false }, /* somebody else */
	{ 1, 5005, 3, 6001, false },
};

static void rtcp_is_where_rtp_is(void **state)
{
	static const uint8_t rr[] = "\x80\xc9\0\1\0\0\0\7";
	static const struct {
		const uint8_t *p;
		size_t len;
	} no[] = {
		{ rr, 7 },					/* short */
		{ (const uint8_t *)"\x80\xc9\0\2\0\0\0\7", 8 }, /* longer */
		{ (const uint8_t *)"\x80\xc3\0\1\0\0\0\7", 8 }, /* type 195 */
		{ (const uint8_t *)"\x40\xc9\0\1\0\0\0\7", 8 }, /* version */
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(partners); i++) {
		struct vc_netaddr src =
			at(partners[i].src, partners[i].src_port);
		struct vc_netaddr dst =
			at(partners[i].dst, partners[i].dst_port);
		struct world w;

		begin(&w);
		assert_int_equal(give(&w, src, dst, rr, 8), VC_RTPFIND_NO);
		make_rtp(&w, at(1, 5004), at(2, 6000));
		for (size_t k = 0; k < VC_COUNT(no); k++)
			assert_int_not_equal(give(&w, src, dst, no[k].p,
						  no[k].len),
					     VC_RTPFIND_RTCP);
		if ((give(&w, src, dst, rr, 8) == VC_RTPFIND_RTCP) !=
		    partners[i].is_rtcp)
			fail_msg("row %zu", i);
		end(&w);
	}
}

/* Names come before the first RTP, and from a compound nothing else is made. */
static void announcements_come_first(void **state)
{
	uint8_t p[40] = { 0x80, 200, 0, 6 };
	struct world w;

	(void)state;
	begin(&w);
	assert_int_equal(give(&w, at(1, 5004), at(2, 6000), p, 28),
			 VC_RTPFIND_NO);
	memcpy(p + 28, "\x81\xca\0\2\0\0\0\0\1\1a", 12);
	assert_int_equal(give(&w, at(1, 5004), at(2, 6000), p, 39),
			 VC_RTPFIND_NO);
	assert_int_equal(give(&w, at(1, 5004), at(2, 6000), p, 40),
			 VC_RTPFIND_RTCP);
	end(&w);
}

/* SRTP: what is behind the header is noise, padding and extensions too. */
static void encrypted_packets_are_rtp(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	for (uint16_t k = 0; k < VC_RTPFIND_ROW; k++) {
		struct sent s = { 1, 0, k, 0 };
		uint8_t p[20];

		rtp_octets(p, &s);
		p[0] = 0xb0; /* P and X */
		vc_put_u16(p + 14, 1);
		give(&w, at(1, 5004), at(2, 5006), p, sizeof(p));
	}
	assert_string_equal(w.says, "mmmR");
	end(&w);
}

/* --- what only looks like it --- */

/* DNS: a new id for each question, which may look like version 2. */
static size_t dns(uint8_t *p, const struct vc_rand *r, uint32_t i)
{
	memset(p, 0, 64);
	vc_put_u16(p, (uint16_t)(0x8000 | (vc_rand_u32(r, "id", i) & 0x3fff)));
	p[2] = 1;
	p[5] = 1;
	memcpy(p + 12, "\3www\7example\3com\0\0\1\0\1", 21);
	return 33;
}

/* QUIC with the fixed bit greased (RFC 9287): a connection id that stands
 * still, noise behind it. */
static size_t quic(uint8_t *p, const struct vc_rand *r, uint32_t i)
{
	memset(p, 0x5c, 64);
	p[0] = 0x80 | (vc_rand_u32(r, "head", i) & 0x3f);
	for (uint32_t k = 9; k < 64; k++)
		p[k] = (uint8_t)vc_rand_u32(r, "noise", i * 64 + k);
	return 64;
}

static size_t noise(uint8_t *p, const struct vc_rand *r, uint32_t i)
{
	for (uint32_t k = 0; k < 64; k++)
		p[k] = (uint8_t)vc_rand_u32(r, "noise", i * 64 + k);
	return vc_rand_u32(r, "len", i) % 64;
}

/* Counters, and else the same octets: no SSRC in sight where one is due. */
static size_t counter(uint8_t *p, const struct vc_rand *r, uint32_t i)
{
	(void)r;
	memset(p, 0x80, 64);
	vc_put_u32(p + 8, i);
	vc_put_u16(p + 2, (uint16_t)i);
	return 64;
}

static size_t text(uint8_t *p, const struct vc_rand *r, uint32_t i)
{
	(void)r;
	memset(p, ' ', 64);
	p[0] = (uint8_t)('0' + i % 10);
	return 64;
}

static void others_are_not_taken_for_it(void **state)
{
	static size_t (*const makers[])(uint8_t *, const struct vc_rand *,
					uint32_t) = { dns, quic, noise, counter,
						      text };
	struct vc_rand r;

	(void)state;
	vc_rand_init(&r, 1, "test", "rtpfind");
	for (size_t k = 0; k < VC_COUNT(makers); k++) {
		struct world w;

		begin(&w);
		for (uint32_t i = 0; i < 20000; i++) {
			uint8_t p[64];
			size_t len = makers[k](p, &r, i);
			enum vc_rtpfind_says says =
				give(&w, at(1, 5004), at(2, 53), p, len);

			if (says == VC_RTPFIND_RTP || says == VC_RTPFIND_RTCP)
				fail_msg("maker %zu, datagram %u", k, i);
		}
		end(&w);
	}
}

/* A flood of flows pushes out its like, and not what is RTP. */
static void flows_have_a_cap(void **state)
{
	struct world w;
	size_t used;

	(void)state;
	begin(&w);
	make_rtp(&w, at(1, 5004), at(2, 6000));
	for (unsigned int i = 0; i < 5000; i++) {
		struct sent s = { i, 0, 0, 0 };
		uint8_t p[20];

		rtp_octets(p, &s);
		assert_int_equal(give(&w, at(1000 + i, 1), at(2, 6000), p,
				      sizeof(p)),
				 VC_RTPFIND_MAYBE);
	}
	used = vc_pool_used(w.pool);
	assert_true(used <= VC_RTPFIND_FLOWS + VC_RTPFIND_HELD);
	assert_int_equal(vc_rtpfind_counts(w.f)->forgotten,
			 5001 - VC_RTPFIND_FLOWS);
	w.n = 0;
	make_rtp(&w, at(1, 5004), at(2, 6000));
	assert_memory_equal(w.says, "RRRR", 4);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_make_rtp),
		cmocka_unit_test(held_packets_come_in_order),
		cmocka_unit_test(rtcp_is_where_rtp_is),
		cmocka_unit_test(announcements_come_first),
		cmocka_unit_test(encrypted_packets_are_rtp),
		cmocka_unit_test(others_are_not_taken_for_it),
		cmocka_unit_test(flows_have_a_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

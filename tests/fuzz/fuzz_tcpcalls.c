/* SPDX-License-Identifier: MIT */
/*
 * Segments of a connection of SIP and RTSP, both ways: for each an octet of
 * flags, how far from where it belongs it lies (two octets), and its length,
 * then its octets. What is given lies within, and memory is bounded.
 */
#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "session/sipcalls.h"
#include "session/tcpcalls.h"
#include "session/tcpflow.h"
#include "wire/textunit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum flag {
	BACK = 1,
	STAYS = 2, /* the next one lies as if this had not been */
	IS_CUT = 4,
	SYN = 8,
	RST = 16,
	ACKS = 32,
	OTHER = 64, /* of another connection */
	LATER = 128,
};

struct heard {
	struct vc_sipcalls *calls;
	uint64_t packets, sip;
	uint8_t sum; /* so that they are read */
};

static void on_sip(void *ctx, const char *text, size_t len)
{
	struct heard *h = ctx;

	assert(len <= VC_TEXTUNIT_MAX);
	vc_sipcalls_take(h->calls, text, len);
	h->sip++;
}

static void on_packet(void *ctx, const struct vc_netpkt *net, int64_t t)
{
	struct heard *h = ctx;

	assert(net->len == net->caplen && net->len <= 65535 && t >= 0);
	assert(net->src.lane && net->src.lane == net->dst.lane &&
	       net->src.lane <= 256);
	for (size_t i = 0; i < net->len; i++)
		h->sum ^= net->payload[i];
	h->packets++;
}

static void on_told(void *ctx)
{
	(void)ctx;
}

static void look(const struct vc_tcpcalls *c, const struct vc_netpkt *s)
{
	const struct vc_rtspcall *call =
		vc_rtspcalls_find(vc_tcpcalls_rtsp(c), &s->src, &s->dst);

	if (!call)
		return;
	assert(call->n && call->n <= VC_RTSPCALL_SECTIONS);
	for (uint16_t lane = 1; lane <= 256; lane++)
		vc_rtspcall_section(call, lane);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard h = { .calls = vc_sipcalls_new() };
	const struct vc_tcpcalls_conf conf = { .sip = on_sip,
					       .packet = on_packet,
					       .told = on_told,
					       .ctx = &h };
	struct vc_tcpcalls *c = vc_tcpcalls_new(&conf);
	struct vc_rd rd = vc_rd_over(data, size);
	uint32_t at[2] = { UINT32_MAX - 100, 1000 };
	uint64_t segments = 0;
	int64_t t = 0;

	while (vc_rd_left(&rd)) {
		uint8_t flags = vc_rd_u8(&rd);
		int16_t off = (int16_t)vc_rd_u16(&rd);
		size_t len = vc_rd_u16(&rd);
		unsigned int way = flags & BACK;
		struct vc_netpkt s = { 0 };

		if (len > vc_rd_left(&rd))
			len = vc_rd_left(&rd);
		s.src.port = way ? 2 : 1;
		s.dst.port = way ? 1 : 2;
		s.src.ip[3] = s.dst.ip[3] = flags & OTHER;
		s.seq = at[way] + (uint32_t)off;
		s.ack = at[!way];
		s.flags = (flags & SYN ? VC_TCP_SYN : 0) |
			  (flags & RST ? VC_TCP_RST : 0) |
			  (flags & ACKS ? VC_TCP_ACK : 0);
		s.payload = vc_rd_bytes(&rd, len);
		s.caplen = flags & IS_CUT ? len / 2 : len;
		s.len = len;
		if (!(flags & STAYS))
			at[way] += (uint32_t)len + !!(flags & SYN);
		t += flags & LATER ? VC_TCPFLOW_WAIT / 2 : 1;
		segments += vc_tcpcalls_take(c, &s, t);
		look(c, &s);
	}
	vc_tcpcalls_end(c);
	assert(vc_tcpcalls_counts(c).segments == segments);
	assert(vc_tcpcalls_counts(c).interleaved == h.packets);
	vc_tcpcalls_free(c);
	vc_sipcalls_free(h.calls);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Capture files of all kinds, known by content, piece by piece, down to UDP
 * and the search for RTP; cut anywhere they ask for more than there is. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "session/rtpfind.h"
#include "wire/filekind.h"
#include "wire/mjr.h"
#include "wire/netpkt.h"
#include "wire/pcap.h"
#include "wire/rtpdump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct readers {
	enum vc_filekind kind;
	struct vc_pcap pcap;
	struct vc_rtpdump rtpdump;
	struct vc_mjr mjr;
	struct vc_pool *pool;
	struct vc_rtpfind *find;
};

static int next(struct readers *r, const uint8_t *p, size_t len,
		struct vc_piece *out)
{
	switch (r->kind) {
	case VC_FILEKIND_RTPDUMP:
		return vc_rtpdump_next(&r->rtpdump, p, len, out);
	case VC_FILEKIND_MJR:
		return vc_mjr_next(&r->mjr, p, len, out);
	default:
		return vc_pcap_next(&r->pcap, p, len, out);
	}
}

static void look_for_rtp(struct readers *r, const struct vc_netpkt *pkt)
{
	size_t len = pkt->caplen < 2048 ? pkt->caplen : 2048;
	struct vc_packet *p = vc_packet_new(r->pool, 2048);
	struct vc_rtpflow *flow;

	memcpy(p->data, pkt->payload, len);
	p->len = len;
	if (vc_rtpfind_take(r->find, &pkt->src, &pkt->dst, p, &flow) !=
	    VC_RTPFIND_RTP) {
		vc_packet_unref(p);
		return;
	}
	while (p) {
		vc_packet_unref(p);
		p = vc_rtpfind_pop(flow);
	}
}

static void look(struct readers *r, const struct vc_piece *piece)
{
	static const unsigned int links[] = { 0,   1,	12,  101, 108,
					      113, 228, 229, 276 };
	struct vc_netpkt pkt;

	assert(piece->time >= 0 || piece->time == INT64_MIN);
	for (size_t i = 0; i <= sizeof(links) / sizeof(links[0]); i++) {
		unsigned int link = i ? links[i - 1] : piece->link;

		if (vc_netpkt_parse(&pkt, link, piece->data, piece->caplen,
				    piece->len))
			continue;
		assert(pkt.caplen <= pkt.len && pkt.len <= piece->len);
		assert(pkt.payload >= piece->data &&
		       pkt.payload + pkt.caplen <= piece->data + piece->caplen);
		look_for_rtp(r, &pkt);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct readers *r = calloc(1, sizeof(*r));
	struct vc_piece piece;
	size_t at = 0;

	r->kind = vc_filekind_of(data, size);
	r->pool = vc_pool_new();
	r->find = vc_rtpfind_new();
	while (at < size) {
		int got = next(r, data + at, size - at, &piece);

		assert(got != 0 || piece.size > size - at);
		if (got != 1)
			break;
		assert(piece.size > 0);
		if (piece.data) {
			assert(piece.data >= data + at &&
			       piece.data + piece.caplen <= data + size &&
			       piece.caplen <= piece.len);
		}
		if (piece.kind == VC_PIECE_PACKET)
			look(r, &piece);
		if (piece.size > size - at)
			break;
		at += piece.size;
	}
	vc_rtpfind_free(r->find);
	assert(!vc_pool_used(r->pool));
	vc_pool_free(r->pool);
	free(r);
	return 0;
}

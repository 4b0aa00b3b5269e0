/* SPDX-License-Identifier: MIT */
/*
 * Captures down to packets and flows: what is given is RTP or RTCP of a
 * stream's size, with the flow it is of, and the counts add up.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "tool/capscan.h"
#include "wire/frame.h"
#include "wire/pcap.h"
#include "wire/rtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_packet(void *ctx, const struct vc_capscan_packet *p)
{
	uint64_t *given = ctx;
	char text[VC_NETADDR_TEXT];
	enum vc_demux is = vc_demux(p->pkt->data, p->pkt->len);

	if (p->pkt->len < 4 || p->pkt->len > VC_FRAME_RTP_MAX || !p->flow ||
	    (is != VC_DEMUX_RTP && is != VC_DEMUX_RTCP) ||
	    p->is_rtcp != (is == VC_DEMUX_RTCP) ||
	    (!p->is_rtcp && !p->flow->is_rtp))
		abort();
	if (p->flow->call && p->flow->call->n_formats > VC_SIPCALL_FORMATS)
		abort();
	vc_netaddr_text(text, sizeof(text), p->to);
	++*given;
}

static bool wants(void *ctx, uint16_t port)
{
	(void)ctx;
	return port & 2;
}

static void play(const uint8_t *data, size_t size, bool by_port,
		 struct vc_pool *pool)
{
	uint64_t given = 0, packets = 0;
	const struct vc_capscan_conf conf = {
		.kind = VC_FILEKIND_PCAP,
		.pool = pool,
		.packet = on_packet,
		.wants = by_port ? wants : NULL,
		.ctx = &given,
	};
	struct vc_capscan *s = vc_capscan_new(&conf);
	struct vc_capscan_counts n;
	struct vc_pcap pcap;
	struct vc_piece p;

	memset(&pcap, 0, sizeof(pcap));
	while (s && size && vc_pcap_next(&pcap, data, size, &p) == 1) {
		if (p.kind == VC_PIECE_PACKET) {
			vc_capscan_take(s, &p, p.time);
			packets++;
		}
		if (p.size > size)
			break;
		data += p.size;
		size -= p.size;
	}
	if (!s)
		return;
	vc_capscan_end(s);
	n = vc_capscan_counts(s);
	if (n.given != given || n.packets != packets ||
	    n.packets != n.datagrams + n.tcp.segments + n.bad + n.other +
				 n.fragments + n.cut)
		abort();
	vc_capscan_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_pool *pool = vc_pool_new();

	play(data, size, false, pool);
	play(data, size, true, pool);
	if (vc_pool_used(pool))
		abort();
	vc_pool_free(pool);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Flows lie in an array, found by hash chains. A datagram that does not look
 * like RTP or RTCP by its header costs a few comparisons and leaves nothing.
 * What looks like it by chance (QUIC's connection ids stand still where RTP's
 * numbers rise, DNS's change where its SSRC stands still) makes no row.
 */
#include <string.h>
#include <stdlib.h>

#include "base/mem.h"
#include "session/rtpfind.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

#define BUCKETS 1024 /* a power of two */
#define SOURCES 4    /* of a flow that are looked at */
#define STEP_MAX 16  /* numbers that may be lost or out of order */
#define LEAP_MAX (1 << 27)
#define NONE UINT16_MAX

struct row {
	uint32_t ssrc;
	uint32_t ts;
	uint16_t seq;
	uint8_t len; /* 0: free */
};

struct vc_rtpflow {
	struct vc_netaddr src;
	struct vc_netaddr dst;
	uint64_t stamp; /* when it was seen, as a count */
	uint16_t next;	/* in the chain */
	bool is_rtp;
	bool is_rtcp;
	unsigned int next_row; /* to be overwritten */
	struct row rows[SOURCES];
	unsigned int n_held;
	struct vc_packet *held[VC_RTPFIND_HELD];
};

struct vc_rtpfind {
	struct vc_rtpflow *flows;
	unsigned int n;
	uint64_t stamp;
	uint16_t buckets[BUCKETS];
	struct vc_rtpfind_counts counts;
};

struct vc_rtpfind *vc_rtpfind_new(void)
{
	struct vc_rtpfind *f = vc_try_alloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->flows = vc_try_alloc(VC_RTPFIND_FLOWS, sizeof(*f->flows));
	if (!f->flows) {
		free(f);
		return NULL;
	}
	for (size_t i = 0; i < BUCKETS; i++)
		f->buckets[i] = NONE;
	return f;
}

struct vc_packet *vc_rtpfind_pop(struct vc_rtpflow *flow)
{
	struct vc_packet *pkt = flow->held[0];

	if (!flow->n_held)
		return NULL;
	flow->n_held--;
	memmove(flow->held, flow->held + 1,
		flow->n_held * sizeof(flow->held[0]));
	return pkt;
}

static void drop_held(struct vc_rtpflow *flow)
{
	while (flow->n_held)
		vc_packet_unref(vc_rtpfind_pop(flow));
}

void vc_rtpfind_free(struct vc_rtpfind *f)
{
	if (!f)
		return;
	for (unsigned int i = 0; i < f->n; i++)
		drop_held(&f->flows[i]);
	free(f->flows);
	free(f);
}

const struct vc_rtpfind_counts *vc_rtpfind_counts(const struct vc_rtpfind *f)
{
	return &f->counts;
}

/* --- flows --- */

static uint32_t mix(uint32_t h, const struct vc_netaddr *a)
{
	for (size_t i = 0; i < sizeof(a->ip); i++)
		h = (h ^ a->ip[i]) * 16777619u;
	h = (h ^ a->port) * 16777619u;
	return h ^ h >> 15;
}

static uint16_t *bucket(struct vc_rtpfind *f, const struct vc_netaddr *src,
			const struct vc_netaddr *dst)
{
	return &f->buckets[mix(mix(2166136261u, src), dst) & (BUCKETS - 1)];
}

static struct vc_rtpflow *find(struct vc_rtpfind *f,
			       const struct vc_netaddr *src,
			       const struct vc_netaddr *dst)
{
	uint16_t i = *bucket(f, src, dst);

	while (i != NONE && !(vc_netaddr_eq(&f->flows[i].src, src) &&
			      vc_netaddr_eq(&f->flows[i].dst, dst)))
		i = f->flows[i].next;
	return i == NONE ? NULL : &f->flows[i];
}

static bool is_known(const struct vc_rtpflow *flow)
{
	return flow->is_rtp || flow->is_rtcp;
}

/* The one to be forgotten. */
static struct vc_rtpflow *oldest(struct vc_rtpfind *f)
{
	struct vc_rtpflow *old = &f->flows[0];

	for (unsigned int i = 1; i < f->n; i++) {
		struct vc_rtpflow *flow = &f->flows[i];

		if (is_known(flow) != is_known(old) ? is_known(old) :
						      flow->stamp < old->stamp)
			old = flow;
	}
	return old;
}

static void forget(struct vc_rtpfind *f, struct vc_rtpflow *flow)
{
	uint16_t *at = bucket(f, &flow->src, &flow->dst);

	while (&f->flows[*at] != flow)
		at = &f->flows[*at].next;
	*at = flow->next;
	drop_held(flow);
	f->counts.forgotten++;
}

static struct vc_rtpflow *flow_of(struct vc_rtpfind *f,
				  const struct vc_netaddr *src,
				  const struct vc_netaddr *dst)
{
	struct vc_rtpflow *flow = find(f, src, dst);
	uint16_t *at;

	f->stamp++;
	if (flow) {
		flow->stamp = f->stamp;
		return flow;
	}
	if (f->n < VC_RTPFIND_FLOWS) {
		flow = &f->flows[f->n];
		f->n++;
	} else {
		flow = oldest(f);
		forget(f, flow);
	}
	at = bucket(f, src, dst);
	*flow = (struct vc_rtpflow){ .src = *src,
				     .dst = *dst,
				     .stamp = f->stamp,
				     .next = *at };
	*at = (uint16_t)(flow - f->flows);
	return flow;
}

/* --- RTP --- */

/* Padding may be encrypted: only what is before the payload is looked at. */
static bool looks_like_rtp(const uint8_t *p, size_t len)
{
	size_t at;

	if (vc_demux(p, len) != VC_DEMUX_RTP || len < VC_RTP_HEADER)
		return false;
	at = VC_RTP_HEADER + (size_t)(p[0] & 15) * 4;
	if (p[0] & 0x10) {
		if (len < at + 4)
			return false;
		at += 4 + (size_t)vc_get_u16(p + at + 2) * 4;
	}
	return at <= len;
}

static struct row *row_of(struct vc_rtpflow *flow, uint32_t ssrc)
{
	struct row *row = NULL;

	for (unsigned int i = 0; i < SOURCES; i++) {
		if (flow->rows[i].len && flow->rows[i].ssrc == ssrc)
			return &flow->rows[i];
	}
	row = &flow->rows[flow->next_row];
	flow->next_row = (flow->next_row + 1) % SOURCES;
	*row = (struct row){ .ssrc = ssrc };
	return row;
}

/* Whether the row is long enough with this packet. */
static bool extend(struct row *row, const uint8_t *p)
{
	int step = vc_seq_diff(row->seq, vc_rtp_get_seq(p));
	int32_t leap = vc_ts_diff(row->ts, vc_rtp_get_ts(p));

	if (row->len && step <= 0 && step >= -STEP_MAX)
		return false;
	if (row->len && step > 0 && step <= STEP_MAX && leap < LEAP_MAX &&
	    leap > -LEAP_MAX)
		row->len++;
	else
		row->len = 1;
	row->seq = vc_rtp_get_seq(p);
	row->ts = vc_rtp_get_ts(p);
	return row->len >= VC_RTPFIND_ROW;
}

static void hold(struct vc_rtpflow *flow, struct vc_packet *pkt)
{
	if (flow->n_held == VC_RTPFIND_HELD)
		vc_packet_unref(vc_rtpfind_pop(flow));
	flow->held[flow->n_held] = vc_packet_ref(pkt);
	flow->n_held++;
}

/* --- RTCP --- */

/* Only the first header is in clear when it is SRTCP. */
static bool looks_like_rtcp(const uint8_t *p, size_t len)
{
	return vc_demux(p, len) == VC_DEMUX_RTCP && len >= 8 && p[1] >= 200 &&
	       p[1] <= 207 && ((size_t)vc_get_u16(p + 2) + 1) * 4 <= len;
}

static bool same_host(const struct vc_netaddr *a, const struct vc_netaddr *b)
{
	struct vc_netaddr c = *b;

	c.port = a->port;
	return vc_netaddr_eq(a, &c);
}

/* On the port of RTP or the next one, in the same direction or back. */
static bool is_beside(const struct vc_rtpflow *rtp,
		      const struct vc_netaddr *src,
		      const struct vc_netaddr *dst)
{
	if (same_host(&rtp->src, src) && same_host(&rtp->dst, dst))
		return dst->port == rtp->dst.port ||
		       dst->port == rtp->dst.port + 1;
	return same_host(&rtp->src, dst) && same_host(&rtp->dst, src) &&
	       (src->port == rtp->dst.port || src->port == rtp->dst.port + 1);
}

static bool has_partner(const struct vc_rtpfind *f,
			const struct vc_netaddr *src,
			const struct vc_netaddr *dst)
{
	for (unsigned int i = 0; i < f->n; i++) {
		if (f->flows[i].is_rtp && is_beside(&f->flows[i], src, dst))
			return true;
	}
	return false;
}

/* A valid compound of a sender report and names is nothing else by chance. */
static bool is_announcement(const struct vc_packet *pkt)
{
	struct vc_rd rd = vc_rd_over(pkt->data, pkt->len);
	struct vc_rtcp first, second;

	return !vc_rtcp_check(pkt->data, pkt->len) &&
	       vc_rtcp_next(&rd, &first) && first.pt == VC_RTCP_SR &&
	       vc_rtcp_next(&rd, &second) && second.pt == VC_RTCP_SDES;
}

static enum vc_rtpfind_says take_rtcp(struct vc_rtpfind *f,
				      const struct vc_netaddr *src,
				      const struct vc_netaddr *dst,
				      const struct vc_packet *pkt,
				      struct vc_rtpflow **flow)
{
	struct vc_rtpflow *known = find(f, src, dst);

	if (!(known && is_known(known)) && !has_partner(f, src, dst) &&
	    !is_announcement(pkt))
		return VC_RTPFIND_NO;
	*flow = flow_of(f, src, dst);
	(*flow)->is_rtcp = true;
	return VC_RTPFIND_RTCP;
}

enum vc_rtpfind_says vc_rtpfind_take(struct vc_rtpfind *f,
				     const struct vc_netaddr *src,
				     const struct vc_netaddr *dst,
				     struct vc_packet *pkt,
				     struct vc_rtpflow **flow)
{
	if (looks_like_rtcp(pkt->data, pkt->len))
		return take_rtcp(f, src, dst, pkt, flow);
	if (!looks_like_rtp(pkt->data, pkt->len))
		return VC_RTPFIND_NO;
	*flow = flow_of(f, src, dst);
	if ((*flow)->is_rtp)
		return VC_RTPFIND_RTP;
	if (!extend(row_of(*flow, vc_rtp_get_ssrc(pkt->data)), pkt->data)) {
		hold(*flow, pkt);
		return VC_RTPFIND_MAYBE;
	}
	(*flow)->is_rtp = true;
	f->counts.rtp++;
	return VC_RTPFIND_RTP;
}

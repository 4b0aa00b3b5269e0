/* SPDX-License-Identifier: MIT */
/*
 * RTCP as it passes: to each source what is said by it and about it, and at its
 * sender reports how far picture and sound are apart.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "lips.h"
#include "probe.h"
#include "session/rtcpwatch.h"
#include "wire/ntp.h"
#include "wire/rtcp.h"
#include "wire/rtcpxr.h"

#define RTT_MAX (60 * VC_SEC)

/* The meter of a source that is here; NULL: none of it came. */
static struct meter *meter_of(const struct probe *p, uint32_t ssrc)
{
	struct meter *m = meter_find(p, ssrc);

	return m && m->src ? m : NULL;
}

static struct vc_rtcpwatch *watch_of(struct meter *m)
{
	if (m->rtcp)
		return m->rtcp;
	m->rtcp = vc_try_alloc(1, sizeof(*m->rtcp));
	if (m->rtcp)
		vc_rtcpwatch_init(m->rtcp, m->rx.rate_hz);
	return m->rtcp;
}

static void take_sr(struct probe *p, const struct vc_rtcp_sr *sr, int64_t now)
{
	struct meter *m = meter_of(p, sr->ssrc);
	struct vc_rtcpwatch *w = m ? watch_of(m) : NULL;
	struct vc_rtcpwatch_media media;

	if (!w)
		return;
	media.expected = vc_rxstats_expected(&m->rx);
	media.ts = m->rx.last_ts;
	media.arrival = m->rx.last_arrival;
	vc_rtcpwatch_sr(w, sr, &media, now);
	lips_look(p, m, now);
}

static void near(struct probe *p, uint32_t ssrc, int64_t rtt)
{
	struct meter *m = meter_of(p, ssrc);
	struct vc_rtcpwatch *w = m ? watch_of(m) : NULL;

	if (w)
		vc_rtcpwatch_time(&w->near, rtt);
}

static void take_reports(struct probe *p, const struct vc_rtcp *r,
			 uint32_t author, int64_t now)
{
	struct vc_rtcp_report rep;

	for (unsigned int i = 0; i < r->count; i++) {
		struct meter *m;
		struct vc_rtcpwatch *w;
		int64_t rtt;

		if (vc_rtcp_parse_report(&rep, r, i))
			return;
		m = meter_of(p, rep.ssrc);
		w = m ? watch_of(m) : NULL;
		if (w && vc_rtcpwatch_report(w, &rep, now, &rtt))
			near(p, author, rtt);
	}
}

/* --- extended reports --- */

static void take_dlrr(struct probe *p, const struct vc_xr_block *b,
		      uint32_t author, int64_t now)
{
	struct vc_xr_dlrr e;

	for (size_t i = 0; vc_xr_dlrr_at(b, i, &e); i++) {
		for (unsigned int k = 0; k < MAX_RRTS && e.lrr; k++) {
			const struct rrt *r = &p->rrts[k];
			int64_t rtt = now - r->at - vc_ntp_short_to_ns(e.dlrr);

			if (r->at && r->ssrc == e.ssrc && r->mid == e.lrr &&
			    rtt >= 0 && rtt <= RTT_MAX)
				near(p, author, rtt);
		}
	}
}

static void take_xr(struct probe *p, const struct vc_rtcp *r, int64_t now)
{
	struct vc_xr_block b;
	struct vc_rd rd;
	uint32_t author;
	uint64_t ntp;

	if (!vc_xr_over(r, &author, &rd))
		return;
	while (vc_xr_next(&rd, &b)) {
		if (b.bt == VC_XR_RRT && !vc_xr_parse_rrt(&ntp, &b)) {
			p->rrts[p->n_rrts % MAX_RRTS] =
				(struct rrt){ author, vc_ntp_mid(ntp), now };
			p->n_rrts++;
		} else if (b.bt == VC_XR_DLRR) {
			take_dlrr(p, &b, author, now);
		}
	}
}

void meter_rtcp(struct probe *p, const struct vc_packet *pkt)
{
	struct vc_rd rd = vc_rd_over(pkt->data, pkt->len);
	struct vc_rtcp r;

	p->has_rtcp = true;
	while (vc_rtcp_next(&rd, &r)) {
		struct vc_rtcp_sr sr;
		uint32_t author;

		if (!vc_rtcp_parse_sr(&sr, &r)) {
			take_sr(p, &sr, pkt->arrival);
			take_reports(p, &r, sr.ssrc, pkt->arrival);
		} else if (!vc_rtcp_parse_rr(&author, &r)) {
			take_reports(p, &r, author, pkt->arrival);
		} else if (r.pt == VC_RTCP_XR) {
			take_xr(p, &r, pkt->arrival);
		}
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * What a sender needs to know to find out how much the path carries: which of
 * its packets came, and when (session/twccrx.h), by transport-wide numbers or
 * as RFC 8888 has it. Each peer has a log of its own, made when its first
 * packet with a number comes, and a timer; it shares the budget of what may be
 * sent to that peer with all other RTCP, which goes first.
 */
#include "base/mem.h"
#include "base/time.h"
#include "link/rtprx_internal.h"
#include "session/twccrx.h"
#include "wire/remb.h"
#include "wire/rtpext.h"
#include "wire/sdp.h"

#define RESERVE 100 /* octets that are left for reports and requests */
#define AGAIN (50 * VC_MS)

/* --- formats --- */

/* The id of the numbers, as described or by default; 0: it is another's. */
static uint8_t number_id(const struct vc_sdp *sdp)
{
	uint8_t id = vc_sdp_ext_id(sdp, VC_EXT_URI_TWCC);

	if (id)
		return id;
	return vc_sdp_ext_uri(sdp, VC_EXT_TWCC).len ? 0 : VC_EXT_TWCC;
}

void vc_rtprx_learn_cc(struct endpoint *ep, const struct vc_sdp *sdp)
{
	unsigned int fb = 0;

	for (unsigned int pt = 0; pt < 128; pt++)
		fb |= ep->formats[pt].fb;
	ep->cc = RX_CC_OFF;
	ep->number_id = number_id(sdp);
	if (vc_rtprx_has_feedback(ep->r, VC_FEEDBACK_CCFB, fb & VC_FB_CCFB))
		ep->cc = RX_CC_RFC8888;
	else if (ep->number_id && vc_rtprx_has_feedback(ep->r, VC_FEEDBACK_TWCC,
							fb & VC_FB_TWCC))
		ep->cc = RX_CC_TWCC;
}

/* --- packets --- */

static void arm(struct peer *p, int64_t at)
{
	if (at >= p->cc_at)
		return;
	p->cc_at = at;
	vc_timer_arm(p->ep->r->loop, &p->cc_timer, at);
}

/* NULL: nothing can be said there, or there is no memory for it. */
static struct vc_twccrx *log_of(struct peer *p)
{
	if (!p->cc && vc_port_can_send(p->ep->port))
		p->cc = vc_twccrx_new(p->ep->cc == RX_CC_RFC8888);
	return p->cc;
}

void vc_rtprx_note(struct endpoint *ep, const struct vc_port_msg *m,
		   struct peer *p, const struct vc_packet *pkt,
		   const struct vc_rtp *rtp)
{
	uint16_t seq = rtp->seq;

	if (ep->cc == RX_CC_TWCC && !vc_ext_twcc(rtp, ep->number_id, &seq))
		return;
	if (!p || p->key != m->peer)
		p = vc_rtprx_peer_find(ep, m);
	if (!p || !log_of(p))
		return;
	vc_twccrx_packet(p->cc, rtp->ssrc, seq, pkt->len + UDP_IP,
			 pkt->arrival);
	arm(p, vc_twccrx_next(p->cc));
}

/* --- reports --- */

/* False: not yet. */
static bool send_feedback(struct peer *p, int64_t now)
{
	struct vc_rtprx *r = p->ep->r;
	uint8_t buf[COMPOUND];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	if (!p->ep->is_rsize) {
		vc_rtcp_write_rr(&w, r->ssrc, NULL, 0);
		vc_rtprx_write_sdes(r, &w, false);
	}
	if (vc_wr_len(&w) + vc_twccrx_room(p->cc) + RESERVE >
	    vc_rtprx_allowance(p))
		return false;
	if (!vc_twccrx_write(p->cc, &w, r->ssrc, now))
		return true;
	if (vc_rtprx_send_rtcp(p, &w))
		return true;
	if (p->ep->cc == RX_CC_RFC8888)
		r->counts.ccfb_out++;
	else
		r->counts.twcc_out++;
	return true;
}

void vc_rtprx_cc_due(void *ctx, int64_t now)
{
	struct peer *p = ctx;
	int64_t at = vc_twccrx_next(p->cc);

	p->cc_at = INT64_MAX;
	if (at <= now) {
		bool is_sent = send_feedback(p, now);

		at = vc_twccrx_next(p->cc);
		if (!is_sent || at <= now)
			at = now + AGAIN;
	}
	if (at != INT64_MAX)
		arm(p, at);
}

bool vc_rtprx_write_remb(struct peer *p, struct vc_wr *w)
{
	uint32_t ssrcs[VC_RTCP_COUNT_MAX];
	struct vc_rtprx *r = p->ep->r;
	uint8_t n = 0;

	if (!r->conf.max_bps)
		return false;
	for (const struct rxsrc *s = p->sources; s && n < VC_COUNT(ssrcs);
	     s = s->next_of_peer)
		ssrcs[n++] = s->src->ssrc;
	vc_remb_write(w, r->ssrc, r->conf.max_bps, ssrcs, n);
	return true;
}

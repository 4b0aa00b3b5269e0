/* SPDX-License-Identifier: MIT */
#include "session/rtpcheck.h"

#include "wire/rtp.h"

#define STEP_MAX (UINT32_C(1) << 24) /* 350 s at 48 kHz: no gap, a restart */

static void picture(struct vc_rtpcheck *c, const struct vc_rtpcheck_packet *pkt)
{
	int32_t step = vc_ts_diff(c->last.ts, pkt->ts);

	c->marker_errors += (step != 0) != c->last.marker;
	c->ts_back += step < 0 && !c->may_reorder;
}

/* What the packet before held. */
static uint32_t held(const struct vc_rtpcheck *c)
{
	return c->last.units ? c->last.units : c->usual;
}

static void go_on(struct vc_rtpcheck *c, uint32_t step,
		  const struct vc_rtpcheck_packet *pkt)
{
	uint32_t due = held(c);

	c->units += step;
	if (c->last.is_silent) {
		c->silent += step;
		return;
	}
	if (!due) {
		c->usual = pkt->marker ? 0 : step;
		return;
	}
	if (step == due) {
		c->marker_errors += pkt->marker;
		return;
	}
	if (step > due)
		c->silent += step - due;
	c->ts_steps += step < due || (step % due && !pkt->marker);
}

static void sound(struct vc_rtpcheck *c, const struct vc_rtpcheck_packet *pkt)
{
	int32_t step = vc_ts_diff(c->last.ts, pkt->ts);

	if (c->last.is_event || pkt->is_event)
		return;
	if (step <= 0)
		c->ts_back++;
	else if ((uint32_t)step > STEP_MAX)
		c->ts_steps++;
	else
		go_on(c, (uint32_t)step, pkt);
}

void vc_rtpcheck_put(struct vc_rtpcheck *c,
		     const struct vc_rtpcheck_packet *pkt)
{
	c->packets++;
	c->markers += pkt->marker;
	if (c->has_last && (uint16_t)(c->last.seq + 1) == pkt->seq) {
		if (c->is_video)
			picture(c, pkt);
		else
			sound(c, pkt);
	}
	c->has_last = true;
	c->last = *pkt;
}

void vc_rtpcheck_restart(struct vc_rtpcheck *c)
{
	c->has_last = false;
}

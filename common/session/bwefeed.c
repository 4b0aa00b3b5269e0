/* SPDX-License-Identifier: MIT */
/*
 * Feedback of either kind becomes the same thing: a packet of the history came
 * at a time of the receiver's clock, or did not come. A number is believed
 * once: what came has come, what is told lost may still come. Packets that no
 * report speaks of, because one was lost itself, are added to the size of the
 * next one that came, so that the rate has no holes.
 */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/bwe_internal.h"
#include "wire/ccfb.h"
#include "wire/rtcp.h"
#include "wire/twcc.h"

#define SSRC_SLOTS (VC_BWE_HISTORY / 2)
#define JUMP (600 * VC_SEC)
#define TIME_MAX (INT64_MAX / 4)

static struct vc_bwe_entry *entry_of(struct vc_bwe *b, uint16_t tseq)
{
	struct vc_bwe_entry *e = &b->history[tseq % VC_BWE_HISTORY];
	uint16_t age = (uint16_t)(b->next - tseq);

	if (!age || age > VC_BWE_HISTORY || e->fate == VC_BWE_FREE)
		return NULL;
	return e;
}

static struct vc_bwe_ssrc *find_ssrc(const struct vc_bwe *b, uint32_t ssrc)
{
	for (size_t i = 0; i < VC_BWE_SSRC_MAX && b->ssrcs[i]; i++) {
		if (b->ssrcs[i]->ssrc == ssrc)
			return b->ssrcs[i];
	}
	return NULL;
}

/* A free place, or that of the SSRC that was silent for longest. */
static struct vc_bwe_ssrc *new_ssrc(struct vc_bwe *b, uint32_t ssrc)
{
	struct vc_bwe_ssrc **place = &b->ssrcs[0];

	for (size_t i = 0; i < VC_BWE_SSRC_MAX; i++) {
		if (!b->ssrcs[i]) {
			place = &b->ssrcs[i];
			break;
		}
		if (b->ssrcs[i]->used < (*place)->used)
			place = &b->ssrcs[i];
	}
	if (!*place)
		*place = vc_try_alloc(1, sizeof(**place));
	if (*place)
		(*place)->ssrc = ssrc;
	return *place;
}

void vc_bwe_index(struct vc_bwe *b, uint32_t ssrc, uint16_t seq, uint16_t tseq,
		  int64_t now)
{
	struct vc_bwe_ssrc *s = find_ssrc(b, ssrc);

	if (!s)
		s = new_ssrc(b, ssrc);
	if (!s)
		return;
	s->used = now;
	s->tseq[seq % SSRC_SLOTS] = tseq;
}

/* Octets sent in (told, tseq) that nobody spoke of. */
static size_t unspoken(struct vc_bwe *b, uint16_t tseq)
{
	size_t octets = 0;

	if (!b->has_told || !vc_seq_before(b->told, tseq))
		return 0;
	for (uint16_t i = (uint16_t)(b->told + 1); i != tseq; i++) {
		struct vc_bwe_entry *e = entry_of(b, i);

		if (e && e->fate == VC_BWE_FLYING)
			octets += e->octets;
	}
	return octets;
}

static void take_received(struct vc_bwe *b, uint16_t tseq,
			  struct vc_bwe_entry *e, int64_t arrival)
{
	size_t more = unspoken(b, tseq);

	if (e->fate == VC_BWE_FLYING) {
		b->report.n++;
		vc_bwe_probe_result(&b->probe, e->cluster, true, e->sent,
				    arrival, e->octets);
	}
	e->fate = VC_BWE_ACKED;
	vc_bwe_rate_add(&b->acked, e->octets + more, arrival);
	vc_bwe_trend_packet(&b->trend, e->sent, arrival);
	if (e->sent > b->report.newest_sent)
		b->report.newest_sent = e->sent;
}

/* It went while nothing was heard, and the path was perhaps not there. */
static bool went_in_silence(const struct vc_bwe *b,
			    const struct vc_bwe_entry *e)
{
	return b->backed != VC_TIME_NONE || e->sent < b->resumed;
}

static void take_lost(struct vc_bwe *b, struct vc_bwe_entry *e)
{
	b->stats.lost++;
	if (!went_in_silence(b, e)) {
		b->report.n++;
		b->report.lost++;
	}
	e->fate = VC_BWE_LOST;
	vc_bwe_probe_result(&b->probe, e->cluster, false, 0, 0, e->octets);
}

static void take(struct vc_bwe *b, uint16_t tseq, bool is_received,
		 int64_t arrival)
{
	struct vc_bwe_entry *e = entry_of(b, tseq);

	if (!e)
		return;
	if (is_received && e->fate != VC_BWE_ACKED)
		take_received(b, tseq, e, arrival);
	else if (!is_received && e->fate == VC_BWE_FLYING)
		take_lost(b, e);
	if (!b->has_told || vc_seq_before(b->told, tseq))
		b->told = tseq;
	b->has_told = true;
}

/*
 * 'at', known modulo 'period', next to the last time of the receiver. A clock
 * that jumps begins anew, so that no sum of jumps can leave the range.
 */
static int64_t unwrap(struct vc_bwe *b, int64_t at, int64_t period)
{
	int64_t d = (at - b->time) % period;

	if (d > period / 2)
		d -= period;
	if (d < -period / 2)
		d += period;
	if (!b->has_time || d > JUMP || d < -JUMP || b->time > TIME_MAX ||
	    b->time < -TIME_MAX)
		b->time = at;
	else
		b->time += d;
	b->has_time = true;
	return b->time;
}

static int feed_twcc(struct vc_bwe *b, const struct vc_rtcp_fb *fb)
{
	struct vc_twcc_packet pkt;
	int64_t offset;
	struct vc_twcc t;
	int err = vc_twcc_parse(&t, fb);

	if (err)
		return err;
	offset = unwrap(b, t.at, VC_TWCC_PERIOD) - t.at;
	while (vc_twcc_next(&t, &pkt))
		take(b, pkt.seq, pkt.is_received, pkt.at + offset);
	return 0;
}

/* The range of numbers that a report speaks of. */
struct range {
	bool set;
	uint16_t first;
	uint16_t last;
};

static void note(struct vc_bwe *b, struct range *r,
		 const struct vc_ccfb_packet *pkt, int64_t offset)
{
	const struct vc_bwe_ssrc *s = find_ssrc(b, pkt->ssrc);
	struct vc_bwe_entry *e;
	uint16_t tseq;

	if (!s || (pkt->is_received && !pkt->has_time))
		return;
	tseq = s->tseq[pkt->seq % SSRC_SLOTS];
	e = entry_of(b, tseq);
	if (!e || e->ssrc != pkt->ssrc || e->seq != pkt->seq)
		return;
	e->said = pkt->is_received ? VC_BWE_ACKED : VC_BWE_LOST;
	e->arrival = pkt->at + offset;
	if (!r->set || vc_seq_before(tseq, r->first))
		r->first = tseq;
	if (!r->set || vc_seq_before(r->last, tseq))
		r->last = tseq;
	r->set = true;
}

/* SSRC by SSRC it comes; in the order of sending it is taken. */
static int feed_ccfb(struct vc_bwe *b, const struct vc_rtcp_fb *fb)
{
	struct range r = { 0 };
	struct vc_ccfb_packet pkt;
	struct vc_ccfb c;
	int64_t offset;
	int err = vc_ccfb_parse(&c, fb);

	if (err)
		return err;
	offset = unwrap(b, c.at, VC_CCFB_PERIOD) - c.at;
	while (vc_ccfb_next(&c, &pkt))
		note(b, &r, &pkt, offset);
	for (uint16_t i = r.first; r.set; i++) {
		struct vc_bwe_entry *e = entry_of(b, i);

		if (e && e->said)
			take(b, i, e->said == VC_BWE_ACKED, e->arrival);
		if (e)
			e->said = VC_BWE_FREE;
		r.set = i != r.last;
	}
	return 0;
}

int vc_bwe_feed(struct vc_bwe *b, const struct vc_rtcp_fb *fb, int64_t now)
{
	int64_t rtt;
	int err;

	b->report = (struct vc_bwe_report){ .newest_sent = VC_TIME_NONE };
	if (fb->pt == VC_RTCP_RTPFB && fb->fmt == VC_RTCP_FB_TWCC)
		err = feed_twcc(b, fb);
	else if (fb->pt == VC_RTCP_RTPFB && fb->fmt == VC_RTCP_FB_CCFB)
		err = feed_ccfb(b, fb);
	else
		return -EOPNOTSUPP;
	if (err || b->report.newest_sent == VC_TIME_NONE)
		return err;
	rtt = now - b->report.newest_sent;
	b->rtt = b->rtt < 0 ? rtt : b->rtt + (rtt - b->rtt) / 8;
	return 0;
}

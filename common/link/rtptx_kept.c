/* SPDX-License-Identifier: MIT */
/*
 * What was sent of late, for rtptx_repair.c. It is kept once for each source, as
 * it came, however many it goes to: a stream only remembers by how much its
 * numbers and times differ from those of its source, and since when; so that
 * with a thousand of them nothing more is done for a packet. Where that changes
 * (another source is behind it, or packets were not for it for a while, which
 * nobody must get by asking) a part ends and another begins. Which packets were
 * for it is known by when they were kept, as on the way to us they may have
 * overtaken each other.
 *
 * Streams with redundancy send what no other one does: these keep their own.
 *
 * Who never speaks RTCP asks for nothing: where no destination has, nothing is
 * kept after a while, for it costs the cache. Once one has, all is.
 */
#include <string.h>

#include "base/mem.h"
#include "link/rtptx_repair.h"
#include "session/history.h"

#define VIDEO 512 /* packets */
#define OTHER 128
#define OCTETS ((size_t)1 << 20)
#define ALL ((size_t)32 << 20) /* of all sources */
#define REACH 8192	       /* numbers: nothing is kept for so many */
/* RFC 8083, 4.3: three intervals of reports without one, of 5 s each. */
#define UNHEARD (15 * VC_SEC)

static struct vc_history *history_new(struct vc_rtptx *s, int kind)
{
	const struct vc_history_conf conf = {
		.packets = kind == VC_VIDEO ? VIDEO : OTHER,
		.octets = OCTETS,
		.budget = &s->history_budget,
	};

	s->history_budget.max = ALL;
	return vc_history_new(&conf);
}

void vc_txkept_begin(struct stream *st)
{
	if (st->fec && vc_txrepair_is_wanted(st->tx))
		st->history = history_new(st->tx, st->kind);
}

void vc_txkept_end(struct stream *st)
{
	vc_history_unref(st->history);
	st->history = NULL;
	for (size_t i = 0; i < VC_COUNT(st->parts); i++)
		vc_history_unref(st->parts[i].history);
	memset(st->parts, 0, sizeof(st->parts));
}

/* --- parts --- */

void vc_txkept_away(struct stream *st)
{
	struct txpart *p = st->parts;

	if (p->history && p->until == VC_TX_OPEN)
		p->until = vc_history_mark(p->history);
}

VC_COLD static void begin_part(struct stream *st, struct txsrc *tx,
			       const struct vc_rtp *in,
			       const struct vc_rtp *out)
{
	struct txpart *p = st->parts;
	const size_t last = VC_COUNT(st->parts) - 1;

	vc_txkept_away(st);
	if (!tx->history)
		tx->history = history_new(st->tx, st->kind);
	if (!tx->history)
		return;
	vc_history_unref(p[last].history);
	memmove(p + 1, p, last * sizeof(*p));
	*p = (struct txpart){ .history = vc_history_ref(tx->history),
			      .since = vc_history_mark(tx->history),
			      .until = VC_TX_OPEN,
			      .first = out->seq,
			      .seq_off = (uint16_t)(out->seq - in->seq),
			      .ts_off = out->ts - in->ts };
}

static bool is_of(const struct txpart *p, const struct txsrc *tx,
		  const struct vc_rtp *in, const struct vc_rtp *out)
{
	return p->history && p->history == tx->history &&
	       p->until == VC_TX_OPEN &&
	       p->seq_off == (uint16_t)(out->seq - in->seq) &&
	       p->ts_off == out->ts - in->ts;
}

void vc_txkept_sent(struct stream *st, struct txsrc *tx,
		    const struct vc_rtp *in, const struct vc_rtp *out)
{
	struct txpart *p = st->parts;

	if (st->fec || !vc_txrepair_is_wanted(st->tx))
		return;
	if (!is_of(p, tx, in, out))
		begin_part(st, tx, in, out);
	else if (vc_seq_diff(p->first, out->seq) > 2 * REACH)
		/* Or numbers behind it would seem to be before it. */
		p->first = (uint16_t)(out->seq - REACH);
}

/* --- what is kept --- */

void vc_txkept_greet(struct vc_rtptx *s, int64_t now)
{
	if (s->keeps_until < now + UNHEARD)
		s->keeps_until = now + UNHEARD;
}

void vc_txkept_heard(struct vc_rtptx *s)
{
	s->keeps_until = INT64_MAX;
}

void vc_txkept_source(const struct vc_rtptx *s, struct txsrc *tx,
		      const struct vc_packet *pkt, const struct vc_rtp *rtp,
		      int64_t now)
{
	uint8_t head[VC_RTP_HEADER];

	if (!tx->history || now > s->keeps_until)
		return;
	/* A stream's may have been written there meanwhile. */
	memcpy(head, pkt->data, sizeof(head));
	vc_rtp_set_seq(head, rtp->seq);
	vc_rtp_set_ts(head, rtp->ts);
	vc_history_put(tx->history, pkt, head, now);
}

void vc_txkept_own(struct stream *st, const struct vc_packet *pkt,
		   const uint8_t *head)
{
	int64_t now = vc_loop_now(st->tx->loop);

	if (!st->history || now > st->tx->keeps_until)
		return;
	if (!head)
		head = pkt->data;
	/* Parity has an SSRC of its own. */
	if (vc_rtp_get_ssrc(head) == st->splice.sender.ssrc)
		vc_history_put(st->history, pkt, head, now);
}

void vc_txkept_rtt(struct stream *st, int64_t rtt, int64_t now)
{
	struct vc_history *h = st->history ? st->history : st->parts[0].history;

	if (h)
		vc_history_rtt(h, rtt, now);
}

/* --- asking --- */

/* What is before the first number came too late for it to be sent at all. */
static bool has(const struct txpart *p, uint16_t seq, int64_t now,
		struct vc_history_item *i)
{
	return p->history && !vc_seq_before(seq, p->first) &&
	       vc_history_get(p->history, (uint16_t)(seq - p->seq_off), now,
			      i) &&
	       i->at >= p->since && i->at < p->until;
}

bool vc_txkept_find(const struct stream *st, uint16_t seq, int64_t now,
		    struct txkept *out)
{
	const struct txpart *p = st->parts;
	const struct txpart *end = p + VC_COUNT(st->parts);
	struct vc_history_item i;
	uint32_t ts_off = 0;

	if (st->history) {
		if (!vc_history_get(st->history, seq, now, &i))
			return false;
	} else {
		while (p < end && !has(p, seq, now, &i))
			p++;
		if (p == end)
			return false;
		ts_off = p->ts_off;
	}
	*out = (struct txkept){ .data = i.data,
				.len = i.len,
				.pt = vc_rtp_get_pt(i.data),
				.seq = seq,
				.ts_off = ts_off };
	return true;
}

struct vc_packet *vc_txkept_packet(const struct stream *st,
				   const struct txkept *k)
{
	struct vc_packet *pkt =
		vc_packet_new(vc_tool_pool(st->tx->tool), k->len);

	if (!pkt)
		return NULL;
	memcpy(pkt->data, k->data, k->len);
	vc_rtp_set_seq(pkt->data, k->seq);
	vc_rtp_set_ts(pkt->data, vc_rtp_get_ts(k->data) + k->ts_off);
	vc_rtp_set_ssrc(pkt->data, st->splice.sender.ssrc);
	pkt->len = k->len;
	return pkt;
}

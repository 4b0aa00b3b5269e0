/* SPDX-License-Identifier: MIT */
/*
 * Which packet goes into which stream. Destinations of one name are a group; a
 * group gets what is routed to it. Destinations without a name get each source
 * as a stream of its own. Named ones get the first stream of a medium that is
 * free: its source is not for them any more, says BYE or has gone; so whoever is
 * sent one source at a time gets one continuous stream.
 *
 * The header of a packet is written once for each group, and what follows it
 * is shared by all.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "link/rtptx_repair.h"
#include "wire/keystart.h"

/* --- streams --- */

void vc_group_free_streams(struct group *g)
{
	while (g->streams) {
		struct stream *st = g->streams;
		struct txsrc *tx = st->src ? st->src->user : NULL;

		if (tx)
			tx->ways[g->index].st = NULL;
		vc_txstream_free(st);
	}
}

/* A stream keeps the CNAME it began with; until it has one it is ours. */
static void set_name(struct vc_rtptx *s, struct stream *st)
{
	const struct vc_source *src = st->src;
	bool is_same = !strcmp(st->splice.sender.cname, src->cname);

	if (st->group->name[0] && st->is_named && !is_same)
		return;
	st->is_named = src->cname[0];
	vc_splice_name(&st->splice,
		       src->cname[0] ? src->cname : vc_tool_cname(s->tool),
		       src->name);
}

static void attach(struct vc_rtptx *s, struct stream *st, struct vc_source *src)
{
	const struct txsrc *tx = src->user;
	bool shares_clock = src->cname[0] &&
			    !strcmp(src->cname, st->splice.sender.cname);

	vc_txkept_away(st);
	st->src = src;
	st->is_left_out = false;
	st->awaits_key = st->splice.has_sent && src->kind == VC_VIDEO &&
			 vc_keystart_knows((enum vc_codec)src->codec);
	vc_splice_source(&st->splice, &tx->line, shares_clock);
	st->splice.codec = (enum vc_codec)src->codec;
	set_name(s, st);
	if (st->awaits_key)
		vc_in_keyframe(s->in, src->ssrc);
}

/* Groups come while sources are there. */
static bool has_room(struct txsrc *tx, size_t n)
{
	struct txway *ways;

	if (n <= tx->cap)
		return true;
	ways = vc_try_alloc(n, sizeof(*ways));
	if (!ways)
		return false;
	if (tx->cap)
		memcpy(ways, tx->ways, tx->cap * sizeof(*ways));
	free(tx->ways);
	tx->ways = ways;
	tx->cap = n;
	return true;
}

VC_COLD static void look_up_routes(struct vc_rtptx *s,
				   const struct vc_source *src,
				   struct txsrc *tx)
{
	if (!has_room(tx, s->n_groups))
		return;
	for (const struct group *g = s->groups; g; g = g->next) {
		struct txway *way = &tx->ways[g->index];

		way->is_routed = vc_in_is_routed(s->in, src->ssrc, g->name);
		if (!way->st)
			continue;
		if (!way->is_routed)
			vc_txkept_away(way->st);
		else if (way->st->awaits_key)
			vc_in_keyframe(s->in, src->ssrc);
	}
	tx->routes_seen = s->routes + vc_in_routes(s->in);
}

static bool is_routed(struct vc_rtptx *s, struct group *g,
		      const struct vc_source *src)
{
	struct txsrc *tx = src->user;

	if (tx->routes_seen != s->routes + vc_in_routes(s->in))
		look_up_routes(s, src, tx);
	return g->index < tx->cap && tx->ways[g->index].is_routed &&
	       (g->media & 1u << src->kind);
}

/* One whose source is no longer for this group. */
static struct stream *free_stream(struct vc_rtptx *s, struct group *g,
				  const struct vc_source *src)
{
	uint32_t rate = src->play->map.rate_hz;

	for (struct stream *st = g->streams; st; st = st->next) {
		struct txsrc *old = st->src ? st->src->user : NULL;

		if (st->kind != src->kind || st->splice.sender.rate_hz != rate)
			continue;
		if (old && !st->src->has_bye && is_routed(s, g, st->src))
			continue;
		if (old)
			old->ways[g->index].st = NULL;
		return st;
	}
	return NULL;
}

static struct stream *stream_of(struct vc_rtptx *s, struct group *g,
				struct vc_source *src)
{
	struct txsrc *tx = src->user;
	struct stream *st = tx->ways[g->index].st;

	if (st)
		return st;
	if (g->name[0])
		st = free_stream(s, g, src);
	if (!st)
		st = vc_txstream_new(s, g, src);
	if (!st)
		return NULL;
	attach(s, st, src);
	tx->ways[g->index].st = st;
	return st;
}

/* --- packets --- */

void vc_txstream_put(struct stream *st, struct vc_packet *pkt,
		     const uint8_t *head)
{
	const struct group *g = st->group;

	vc_txkept_own(st, pkt, head);
	for (struct vc_dest *d = g->dests; d; d = d->next_alike) {
		if (!(d->media & 1u << st->kind))
			continue;
		vc_dest_put(d, pkt, head, d->dscp.of[st->kind]);
		vc_txrepair_sent(d, pkt->len);
	}
}

static void send_one(struct vc_rtptx *s, struct stream *st,
		     struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	uint8_t head[VC_RTP_HEADER];
	struct vc_rtp out;

	if (st->awaits_key && !vc_keystart((enum vc_codec)st->src->codec,
					   rtp->payload, rtp->payload_len)) {
		vc_splice_skip(&st->splice, rtp);
		return;
	}
	if (st->awaits_key || st->is_left_out)
		vc_splice_resume(&st->splice, rtp);
	st->awaits_key = st->is_left_out = false;
	if (!vc_splice_map(&st->splice, rtp, pkt->arrival, &out))
		return;
	vc_txkept_sent(st, st->src->user, rtp, &out);
	if (!st->has_begun) {
		st->has_begun = true;
		vc_txstream_announce(st);
		vc_sdpout_used(s, rtp->pt);
	}
	memcpy(head, pkt->data, sizeof(head));
	vc_rtp_set_seq(head, out.seq);
	vc_rtp_set_ts(head, out.ts);
	vc_rtp_set_ssrc(head, out.ssrc);
	vc_txfec_send(s, st, pkt, head, rtp);
}

/* The report may have come before the source was one. */
static void settle_line(const struct vc_source *src, struct txsrc *tx,
			uint32_t ts, int64_t arrival)
{
	const struct vc_tsmap *map = &src->play->map;

	if (tx->line.is_set)
		return;
	if (!tx->line.rate_hz)
		vc_srcline_init(&tx->line, map->rate_hz);
	if (map->has_sr) {
		tx->line.is_set = tx->line.by_report = true;
		tx->line.ts = map->ref_ts;
		tx->line.ns = map->ref_ns;
		tx->line.arrival = map->sr_arrival;
	}
	vc_srcline_packet(&tx->line, ts, arrival);
}

/* What groups further on need is fetched meanwhile: with many of them it is in
 * no cache. */
static void fetch(const struct txsrc *tx, const struct group *g,
		  unsigned int step)
{
	const struct stream *st = NULL;
	const struct vc_dest *d = g->dests;

	if (step == 0) {
		vc_fetch(g, 1);
		return;
	}
	if (g->index < tx->cap)
		st = tx->ways[g->index].st;
	if (step == 1) {
		vc_fetch(d, offsetof(struct vc_dest, counts));
		if (st)
			vc_fetch(st, sizeof(*st));
		return;
	}
	vc_fetch(d->queue + ((d->head + d->n) & (d->cap - 1)),
		 sizeof(*d->queue));
	vc_fetch(d->srtp, 1);
	vc_fetch(d->repair, 1); /* its budget */
	if (st && st->history)
		vc_history_fetch(st->history);
}

static void fetch_ahead(const struct txsrc *tx, const struct group *g)
{
	for (unsigned int i = 3; g && i > 0; g = g->next)
		fetch(tx, g, --i);
}

/*
 * It is not for this group now. If it was, its numbers go on where they were
 * when it is again: nothing is lost. Pictures go on with one that needs none of
 * those; where that cannot be told, the hole in the numbers says it.
 */
static void leave_out(const struct group *g, const struct vc_source *src,
		      const struct vc_rtp *rtp)
{
	const struct txsrc *tx = src->user;
	struct stream *st = g->index < tx->cap ? tx->ways[g->index].st : NULL;

	if (!st)
		return;
	if (src->kind == VC_VIDEO) {
		if (!vc_keystart_knows((enum vc_codec)src->codec))
			return;
		st->awaits_key = st->splice.has_sent;
	}
	st->is_left_out = true;
	vc_splice_skip(&st->splice, rtp);
}

void vc_rtptx_rtp(void *ctx, struct vc_source *src, struct vc_packet *pkt,
		  const struct vc_rtp *rtp)
{
	struct vc_rtptx *s = ctx;
	struct txsrc *tx = src->user;
	bool has_gone = false;

	if (!tx || src->kind < 0)
		return;
	settle_line(src, tx, rtp->ts, pkt->arrival);
	if (src->rid[0])
		vc_layer_packet(&tx->layer, (enum vc_codec)src->codec, rtp,
				pkt->arrival);
	for (struct group *g = s->groups; g; g = g->next) {
		struct stream *st;

		fetch_ahead(tx, g->next);
		if (!is_routed(s, g, src)) {
			leave_out(g, src, rtp);
			continue;
		}
		st = stream_of(s, g, src);
		if (!st)
			continue;
		send_one(s, st, pkt, rtp);
		has_gone = true;
	}
	s->unrouted += !has_gone;
	if (has_gone)
		vc_txkept_source(s, tx, pkt, rtp, vc_loop_now(s->loop));
}

/* --- the roster's calls --- */

void vc_rtptx_begin(void *ctx, struct vc_source *src)
{
	struct txsrc *tx = vc_try_alloc(1, sizeof(*tx));

	(void)ctx;
	if (tx)
		tx->layer = (struct vc_layer){ .src = src, .owner = tx };
	src->user = tx;
}

void vc_rtptx_change(void *ctx, struct vc_source *src,
		     struct vc_participant *was)
{
	struct vc_rtptx *s = ctx;
	struct txsrc *tx = src->user;

	(void)was;
	for (size_t i = 0; tx && i < tx->cap; i++) {
		if (tx->ways[i].st)
			set_name(s, tx->ways[i].st);
	}
}

void vc_rtptx_gone(void *ctx, struct vc_source *src, enum vc_leave why)
{
	struct txsrc *tx = src->user;

	(void)ctx;
	(void)why;
	if (!tx)
		return;
	for (size_t i = 0; i < tx->cap; i++) {
		struct stream *st = tx->ways[i].st;

		if (!st)
			continue;
		st->src = NULL;
		if (st->group->name[0])
			continue;
		vc_txstream_bye(st);
		vc_txstream_free(st);
	}
	src->user = NULL;
	vc_history_unref(tx->history);
	free(tx->ways);
	free(tx);
}

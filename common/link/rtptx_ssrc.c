/* SPDX-License-Identifier: MIT */
/*
 * Streams, and the SSRCs that they have: nobody else's whom we know of. After a
 * collision (RFC 3550 section 8.2) a stream goes on under another one.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "link/rtptx_repair.h"

#define REDRAW_INTERVAL (10 * VC_SEC)

static bool has_ssrc(const struct group *g, uint32_t ssrc)
{
	for (const struct stream *st = g->streams; st; st = st->next) {
		if (st->splice.sender.ssrc == ssrc ||
		    vc_txfec_has_ssrc(st, ssrc))
			return true;
	}
	return false;
}

struct stream *vc_group_find(const struct group *g, uint32_t ssrc)
{
	struct stream *st = g->streams;

	while (st && st->splice.sender.ssrc != ssrc)
		st = st->next;
	return st;
}

bool vc_rtptx_is_taken(const struct vc_rtptx *s, uint32_t ssrc)
{
	for (const struct vc_dest *d = s->dests; d; d = d->next) {
		if (vc_txrepair_has_ssrc(d, ssrc))
			return true;
	}
	for (const struct group *g = s->groups; g; g = g->next) {
		if (has_ssrc(g, ssrc))
			return true;
	}
	return false;
}

/* With --keep-ssrc two destinations may have the same. */
static bool is_taken_from(const struct vc_rtptx *s, const struct group *g,
			  uint32_t ssrc)
{
	return s->conf.keep_ssrc ? has_ssrc(g, ssrc) :
				   vc_rtptx_is_taken(s, ssrc);
}

/*
 * Equal seeds and inputs give equal numbers; but where they are sealed, numbers
 * that no run and no other group has (they make the key stream).
 */
static void set_purpose(struct vc_rtptx *s, struct stream *st,
			const struct vc_source *src)
{
	const struct group *g = st->group;
	const bool is_sealed = vc_keychain_is_on(s->conf.keychain);
	char text[512];

	if (is_sealed)
		snprintf(text, sizeof(text), "%" PRIu64, s->streams_made++);
	else
		snprintf(text, sizeof(text), "%s/%s/%" PRIx32, g->name,
			 vc_kind_name((enum vc_kind)st->kind),
			 g->name[0] ? g->n_streams : src->ssrc);
	snprintf(st->purpose, sizeof(st->purpose), "stream %016" PRIx64,
		 vc_hash_str(text));
}

/* Another one each time; 'kept' is the first, if it is not NULL. */
static void draw(struct vc_rtptx *s, struct stream *st, uint32_t rate_hz,
		 const uint32_t *kept)
{
	const struct group *g = st->group;
	struct vc_splice fresh;

	do {
		vc_splice_init(&fresh, vc_rtptx_rand(s), st->purpose, st->draws,
			       rate_hz);
		if (kept && !st->draws)
			fresh.sender.ssrc = *kept;
		st->draws++;
	} while (is_taken_from(s, g, fresh.sender.ssrc) ||
		 vc_group_claim(g, fresh.sender.ssrc) == -EADDRINUSE);
	st->splice = fresh;
}

/* It has its SSRC; loses it. */
static void begin(struct vc_rtptx *s, struct stream *st)
{
	const struct vc_rtptx_own *own = &s->conf.own;

	vc_txfec_begin(s, st);
	vc_txkept_begin(st);
	if (own->tell)
		own->tell(own->ctx, st->splice.sender.ssrc, true);
}

static void end(struct vc_rtptx *s, struct stream *st)
{
	const struct vc_rtptx_own *own = &s->conf.own;

	if (own->tell)
		own->tell(own->ctx, st->splice.sender.ssrc, false);
	vc_txfec_end(s, st);
	/* A source that comes again would bring its SSRC, and its numbers. */
	if (!s->conf.keep_ssrc || st->draws > 1)
		vc_group_forget(st->group, st->splice.sender.ssrc);
	vc_txrepair_end(st);
}

struct stream *vc_txstream_new(struct vc_rtptx *s, struct group *g,
			       const struct vc_source *src)
{
	struct stream **last = &g->streams;
	struct stream *st = vc_try_alloc(1, sizeof(*st));

	if (!st)
		return NULL;
	st->tx = s;
	st->group = g;
	st->kind = src->kind;
	st->redrawn = VC_TIME_NONE;
	set_purpose(s, st, src);
	draw(s, st, src->rate_hz ? src->rate_hz : src->play->map.rate_hz,
	     s->conf.keep_ssrc ? &src->ssrc : NULL);
	begin(s, st);
	g->n_streams++;
	while (*last)
		last = &(*last)->next;
	*last = st;
	return st;
}

void vc_txstream_free(struct stream *st)
{
	struct stream **p = &st->group->streams;

	while (*p != st)
		p = &(*p)->next;
	*p = st->next;
	end(st->tx, st);
	free(st);
}

/* What it sends goes on under another SSRC. */
static void redraw(struct vc_rtptx *s, struct stream *st)
{
	const struct vc_splice was = st->splice;

	vc_txstream_bye(st);
	end(s, st);
	draw(s, st, was.sender.rate_hz, NULL);
	begin(s, st);
	vc_splice_name(&st->splice, was.sender.cname, was.sender.name);
	st->splice.codec = was.codec;
	vc_splice_source(&st->splice, &was.line, false);
	if (st->src && st->kind == VC_VIDEO)
		vc_in_keyframe(s->in, st->src->ssrc);
}

void vc_rtptx_collided(struct vc_rtptx *s, uint32_t ssrc)
{
	int64_t now = vc_loop_now(s->loop);

	for (struct group *g = s->groups; g; g = g->next) {
		struct stream *st = vc_group_find(g, ssrc);

		if (!st || (st->redrawn != VC_TIME_NONE &&
			    now - st->redrawn < REDRAW_INTERVAL))
			continue;
		st->redrawn = now;
		redraw(s, st);
	}
}

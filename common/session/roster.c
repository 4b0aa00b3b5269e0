/* SPDX-License-Identifier: MIT */
/*
 * What RTP and RTCP do to the table of sources (session/sources.c), to the
 * candidates for it (session/candidates.c) and to the participants
 * (session/identity.c).
 */
#include "session/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/time.h"
#include "session/candidates.h"
#include "session/identity.h"
#include "session/ownssrc.h"
#include "session/sources.h"
#include "wire/rtp.h"

#define BYE_LINGER (2 * VC_SEC)
#define BYE_TRAIL (500 * VC_MS)

struct vc_roster {
	struct vc_roster_conf conf;
	struct vc_identity identity;
	struct vc_candidates candidates;
	struct vc_sources sources;
	struct vc_ownssrc own;
	struct vc_roster_counts counts;
};

struct vc_roster *vc_roster_new(const struct vc_roster_conf *conf)
{
	struct vc_roster *r = vc_try_alloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->conf = *conf;
	if (!r->conf.max_sources)
		r->conf.max_sources = VC_ROSTER_MAX_SOURCES;
	if (vc_sources_init(&r->sources, r->conf.max_sources) ||
	    vc_identity_init(&r->identity, r->sources.n_buckets,
			     r->conf.latency) ||
	    vc_candidates_init(&r->candidates)) {
		vc_roster_free(r);
		return NULL;
	}
	return r;
}

void vc_roster_free(struct vc_roster *r)
{
	if (!r)
		return;
	vc_sources_clear(&r->sources);
	vc_candidates_clear(&r->candidates);
	vc_identity_clear(&r->identity);
	vc_ownssrc_clear(&r->own);
	free(r);
}

int vc_roster_reserve(struct vc_roster *r, const char *word)
{
	return vc_identity_reserve(&r->identity, word);
}

/* 'who' may be left without sources: then it ends. */
static void release(struct vc_roster *r, struct vc_participant *who)
{
	if (who->n_sources)
		return;
	if (r->conf.who_end)
		r->conf.who_end(r->conf.ctx, who);
	vc_identity_drop(&r->identity, who);
}

/* Sources share a clock by equal CNAMEs on one input only. */
static void join(struct vc_source *src)
{
	uint64_t clock = 0;

	if (src->cname[0])
		clock = vc_hash_str(src->cname) * 2 + 1 +
			((uint64_t)(uint32_t)src->input << 40);
	vc_playout_join(&src->who->playout, src->play, clock);
}

/* The words of 'src' changed: puts it, and whom it displaces, in place. */
static void replace(struct vc_roster *r, struct vc_source *src)
{
	struct vc_participant *was = src->who;
	bool displaces = false;

	vc_playout_leave(src->play);
	/* Out of memory: it stays where it was. */
	(void)vc_identity_place(&r->identity, src, &displaces);
	join(src);
	if (r->conf.change)
		r->conf.change(r->conf.ctx, src, was);
	if (was != src->who)
		release(r, was);
	if (!displaces)
		return;
	for (struct vc_source *o = r->sources.first; o; o = o->next)
		if (o->who == src->who && o->id_by < src->who->id_by)
			replace(r, o);
}

/* Makes a source of a candidate, of which it takes copies only. */
static int admit(struct vc_roster *r, const struct vc_origin *origin,
		 const struct vc_candidate *c, const struct vc_rtp *rtp,
		 int64_t now, struct vc_source **out)
{
	struct vc_source *o,
		*src = vc_source_new(origin, c, r->conf.is_untimed, now);
	bool displaces = false;
	int err;

	if (!src)
		return -ENOMEM;
	err = vc_identity_place(&r->identity, src, &displaces);
	if (err) {
		vc_source_free(src);
		return err;
	}
	for (o = r->sources.first; o && displaces; o = o->next)
		if (o->who == src->who && o->id_by < src->id_by)
			replace(r, o);
	vc_sources_link(&r->sources, src);
	if (r->conf.begin)
		r->conf.begin(r->conf.ctx, src, rtp);
	vc_playout_source_init(src->play, src->rate_hz ? src->rate_hz : 8000);
	join(src);
	if (c->has_sr)
		(void)vc_playout_sr(src->play, c->sr_ntp, c->sr_ts,
				    c->sr_arrival);
	*out = src;
	return 0;
}

/* A packet of a source that is here already. */
static int known_rtp(struct vc_roster *r, struct vc_source *src,
		     const struct vc_origin *origin, int64_t now)
{
	if (!vc_source_may_send(src, origin)) {
		src->collisions++;
		r->counts.collisions++;
		return -EADDRINUSE;
	}
	if (src->peer != origin->peer) {
		/* It moved, and proved that it is the same (or need not). */
		if (origin->authenticated)
			vc_sources_vouch(&r->sources, src);
		vc_sources_rehost(&r->sources, src, origin->host);
		vc_source_take_origin(src, origin);
	}
	if (src->has_bye && now - src->bye_arrival > BYE_TRAIL)
		src->has_bye = src->has_eof = false;
	src->last_arrival = now;
	src->last_heard = now;
	return 0;
}

/* A source that has said BYE and announced itself anew: another begins, so that
 * its numbers are compared with none from before. */
static int begin_anew(struct vc_roster *r, const struct vc_origin *origin,
		      const struct vc_rtp *rtp, int64_t now,
		      struct vc_source **src)
{
	struct vc_source *old = *src;
	struct vc_participant *who = old->who;
	struct vc_candidate c = { .ssrc = old->ssrc,
				  .is_vouched = old->is_vouched,
				  .has_sr = true,
				  .sr_ntp = old->back_ntp,
				  .sr_ts = old->back_ts,
				  .sr_arrival = old->back_arrival };
	int err;

	vc_strlcpy(c.cname, old->cname, sizeof(c.cname));
	vc_strlcpy(c.name, old->name, sizeof(c.name));
	/* Nobody leaves. */
	who->n_sources++;
	old->has_bye = true;
	vc_roster_end(r, old, VC_LEAVE_BYE);
	*src = NULL;
	err = admit(r, origin, &c, rtp, now, src);
	who->n_sources--;
	release(r, who);
	return err;
}

int vc_roster_check_own(struct vc_roster *r, const struct vc_origin *origin,
			uint32_t ssrc, int64_t now)
{
	int err;

	if (!vc_ownssrc_is(&r->own, ssrc))
		return 0;
	err = vc_ownssrc_met(&r->own, origin->peer, now);
	r->counts.own++;
	r->counts.loops += err == -EALREADY;
	return err;
}

/* May a candidate of 'origin' become a source now? */
static int may_enter(struct vc_roster *r, const struct vc_origin *origin,
		     const struct vc_candidate *c)
{
	if (r->sources.n >= r->conf.max_sources) {
		r->counts.full++;
		return -ENOSPC;
	}
	if (!origin->host || c->is_vouched || origin->authenticated)
		return 0;
	if (vc_sources_unvouched(&r->sources, origin->host) >=
	    VC_ROSTER_UNVOUCHED) {
		r->counts.host_full++;
		return -EDQUOT;
	}
	return 0;
}

static int candidate_rtp(struct vc_roster *r, const struct vc_origin *origin,
			 const struct vc_rtp *rtp, struct vc_packet *pkt,
			 int64_t now, struct vc_source **src,
			 struct vc_packet **held)
{
	struct vc_candidate *c = vc_candidates_get(
		&r->candidates, origin->input, rtp->ssrc, origin->host);
	unsigned int row, needed = r->conf.probation;
	int err;

	if (!c) {
		r->counts.collisions++;
		return -EADDRINUSE;
	}
	if (c->is_vouched || origin->authenticated)
		needed = 0;
	row = vc_candidate_row(c, rtp->seq);
	if (row < needed) {
		vc_candidate_hold(c, row == 1, held ? pkt : NULL);
		r->counts.candidates++;
		return -EAGAIN;
	}
	err = may_enter(r, origin, c);
	if (!err)
		err = admit(r, origin, c, rtp, now, src);
	if (err)
		return err;
	if (held) {
		*held = c->held;
		c->held = NULL;
	}
	vc_candidates_drop(&r->candidates, c);
	return 0;
}

int vc_roster_rtp(struct vc_roster *r, const struct vc_origin *origin,
		  const struct vc_rtp *rtp, struct vc_packet *pkt, int64_t now,
		  struct vc_source **src, struct vc_packet **held)
{
	int err = vc_roster_check_own(r, origin, rtp->ssrc, now);

	*src = NULL;
	if (held)
		*held = NULL;
	if (err)
		return err;
	*src = vc_sources_find(&r->sources, origin->input, rtp->ssrc);
	if (!*src)
		return candidate_rtp(r, origin, rtp, pkt, now, src, held);
	err = known_rtp(r, *src, origin, now);
	if (err)
		*src = NULL;
	else if ((*src)->is_back)
		err = begin_anew(r, origin, rtp, now, src);
	return err;
}

static struct vc_source *speaker(struct vc_roster *r,
				 const struct vc_origin *origin, uint32_t ssrc)
{
	struct vc_source *src =
		vc_sources_find(&r->sources, origin->input, ssrc);

	return src && vc_source_may_speak(src, origin) ? src : NULL;
}

static void sdes_of_candidate(struct vc_roster *r,
			      const struct vc_origin *origin, uint32_t ssrc,
			      struct vc_str cname, struct vc_str name)
{
	struct vc_candidate *c;

	if (vc_ownssrc_is(&r->own, ssrc))
		return;
	c = vc_candidates_get(&r->candidates, origin->input, ssrc,
			      origin->host);
	if (!c)
		return;
	(void)vc_roster_text(c->cname, cname);
	(void)vc_roster_text(c->name, name);
	if (c->cname[0])
		vc_candidates_vouch(&r->candidates, c);
}

/* RFC 3550 8.2: the same name from elsewhere is his own packets that took
 * another way, another name somebody with the same SSRC. */
static void count_foreign(struct vc_roster *r, struct vc_source *src,
			  struct vc_str cname)
{
	if (!cname.len || !src->cname[0])
		return;
	if (vc_str_is(cname, src->cname)) {
		r->counts.loops++;
		return;
	}
	src->collisions++;
	r->counts.collisions++;
}

void vc_roster_sdes(struct vc_roster *r, const struct vc_origin *origin,
		    uint32_t ssrc, struct vc_str cname, struct vc_str name,
		    int64_t now)
{
	struct vc_source *src =
		vc_sources_find(&r->sources, origin->input, ssrc);
	bool is_new;

	if (!src) {
		sdes_of_candidate(r, origin, ssrc, cname, name);
		return;
	}
	if (!vc_source_may_speak(src, origin)) {
		count_foreign(r, src, cname);
		return;
	}
	src->last_heard = now;
	is_new = vc_source_text(src, 0, cname);
	is_new |= vc_source_text(src, 1, name);
	if (src->cname[0])
		vc_sources_vouch(&r->sources, src);
	if (is_new)
		replace(r, src);
}

struct vc_source *vc_roster_sr(struct vc_roster *r,
			       const struct vc_origin *origin, uint32_t ssrc,
			       uint64_t ntp, uint32_t ts, int64_t now)
{
	struct vc_source *src = speaker(r, origin, ssrc);
	struct vc_candidate *c;

	if (src && src->has_bye && !src->has_eof) {
		src->is_back = true;
		src->back_ntp = ntp;
		src->back_ts = ts;
		src->back_arrival = now;
	} else if (src) {
		(void)vc_playout_sr(src->play, ntp, ts, now);
	}
	if (src) {
		src->last_heard = now;
		return src;
	}
	if (vc_sources_find(&r->sources, origin->input, ssrc) ||
	    vc_ownssrc_is(&r->own, ssrc))
		return NULL;
	c = vc_candidates_get(&r->candidates, origin->input, ssrc,
			      origin->host);
	if (c) {
		c->has_sr = true;
		c->sr_ntp = ntp;
		c->sr_ts = ts;
		c->sr_arrival = now;
	}
	return NULL;
}

struct vc_source *vc_roster_bye(struct vc_roster *r,
				const struct vc_origin *origin, uint32_t ssrc,
				int64_t now)
{
	struct vc_source *src = speaker(r, origin, ssrc);

	if (!src)
		return NULL;
	if (!src->has_bye)
		src->bye_arrival = now;
	src->has_bye = true;
	src->is_back = false;
	return src;
}

void vc_roster_eof(struct vc_roster *r, int input, int64_t now)
{
	for (struct vc_source *s = r->sources.first; s; s = s->next) {
		if (s->input != input || s->has_bye)
			continue;
		s->has_bye = s->has_eof = true;
		s->bye_arrival = now;
	}
}

void vc_roster_end(struct vc_roster *r, struct vc_source *src,
		   enum vc_leave why)
{
	struct vc_participant *who = src->who;

	if (src->has_bye)
		why = src->has_eof ? VC_LEAVE_EOF : VC_LEAVE_BYE;
	if (r->conf.end)
		r->conf.end(r->conf.ctx, src, why);
	vc_playout_leave(src->play);
	vc_sources_unlink(&r->sources, src);
	vc_source_free(src);
	who->n_sources--;
	release(r, who);
}

void vc_roster_end_all(struct vc_roster *r, int input, enum vc_leave why)
{
	for (struct vc_source *src = r->sources.first, *next; src; src = next) {
		next = src->next;
		if (input < 0 || src->input == input)
			vc_roster_end(r, src, why);
	}
}

/* When 'src' ends if nothing more is heard of it. */
static int64_t end_of(const struct vc_roster *r, const struct vc_source *src)
{
	int64_t at = INT64_MAX;

	if (r->conf.timeout)
		at = src->last_heard + r->conf.timeout;
	if (src->has_bye && src->bye_arrival + BYE_LINGER < at)
		at = src->bye_arrival + BYE_LINGER;
	return at;
}

int64_t vc_roster_tick(struct vc_roster *r, int64_t now)
{
	struct vc_source *src, *next;
	int64_t at, soonest = INT64_MAX;

	for (src = r->sources.first; src; src = next) {
		next = src->next;
		at = end_of(r, src);
		if (at <= now)
			vc_roster_end(r, src, VC_LEAVE_TIMEOUT);
		else if (at < soonest)
			soonest = at;
	}
	return soonest;
}

void vc_roster_own(struct vc_roster *r, uint32_t ssrc, bool is_own)
{
	vc_ownssrc_set(&r->own, ssrc, is_own);
}

bool vc_roster_is_own(const struct vc_roster *r, uint32_t ssrc)
{
	return vc_ownssrc_is(&r->own, ssrc);
}

struct vc_source *vc_roster_find(const struct vc_roster *r, int input,
				 uint32_t ssrc)
{
	return vc_sources_find(&r->sources, input, ssrc);
}

struct vc_participant *vc_roster_who(const struct vc_roster *r, const char *id)
{
	return vc_identity_find(&r->identity, id);
}

struct vc_source *vc_roster_first(const struct vc_roster *r)
{
	return r->sources.first;
}

struct vc_participant *vc_roster_first_who(const struct vc_roster *r)
{
	return r->identity.first;
}

unsigned int vc_roster_n(const struct vc_roster *r)
{
	return r->sources.n;
}

const struct vc_roster_counts *vc_roster_counts(struct vc_roster *r)
{
	r->counts.evicted = r->candidates.evicted;
	return &r->counts;
}

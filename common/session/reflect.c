/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/reflect.h"

#define BURST_MIN (64 * 1024)
/* A HELLO that nothing followed, which may be an old one sent again, keeps its
 * place against others no longer. */
#define UNCONFIRMED (5 * VC_SEC)
#define SEEN 64 /* indices behind the highest that are remembered */

size_t vc_reflect_burst(uint64_t max_bps)
{
	uint64_t burst = max_bps / 8 / 50;

	return burst > BURST_MIN ? (size_t)burst : BURST_MIN;
}

int vc_reflect_init(struct vc_reflect *r, const struct vc_reflect_conf *conf)
{
	*r = (struct vc_reflect){ .conf = *conf };
	r->session = vc_try_alloc(conf->max_sessions, sizeof(*r->session));
	if (!r->session)
		return -ENOMEM;
	vc_pace_init(&r->pace, conf->max_bps, vc_reflect_burst(conf->max_bps));
	return 0;
}

static void end(struct vc_reflect *r, struct vc_reflect_session *s)
{
	if (r->conf.forget)
		r->conf.forget(r->conf.ctx, s);
	*s = (struct vc_reflect_session){ 0 };
}

void vc_reflect_clear(struct vc_reflect *r)
{
	for (size_t i = 0; r->session && i < r->conf.max_sessions; i++) {
		if (r->session[i].is_used)
			end(r, &r->session[i]);
	}
	free(r->session);
	r->session = NULL;
}

static struct vc_reflect_session *find(const struct vc_reflect *r,
				       uint32_t ssrc)
{
	for (size_t i = 0; i < r->conf.max_sessions; i++) {
		struct vc_reflect_session *s = &r->session[i];

		if (s->is_used && s->ssrc == ssrc)
			return s;
	}
	return NULL;
}

static int64_t patience(const struct vc_reflect *r,
			const struct vc_reflect_session *s)
{
	return s->is_confirmed || UNCONFIRMED > r->conf.idle ? r->conf.idle :
							       UNCONFIRMED;
}

size_t vc_reflect_expire(struct vc_reflect *r, int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < r->conf.max_sessions; i++) {
		struct vc_reflect_session *s = &r->session[i];

		if (s->is_used && !s->has_later &&
		    now - s->last >= patience(r, s))
			end(r, s);
		n += s->is_used;
	}
	return n;
}

/* A new one, or NULL. */
static struct vc_reflect_session *begin(struct vc_reflect *r, uint32_t ssrc,
					int64_t now)
{
	if (vc_reflect_expire(r, now) == r->conf.max_sessions)
		return NULL;
	for (size_t i = 0; i < r->conf.max_sessions; i++) {
		struct vc_reflect_session *s = &r->session[i];

		if (s->is_used)
			continue;
		s->is_used = true;
		s->ssrc = ssrc;
		s->last = now;
		s->token = vc_rand_u64(&r->conf.rand, "token", r->draws) | 1;
		r->draws++;
		r->counts.sessions++;
		return s;
	}
	return NULL;
}

/* It comes from where it comes from: authentic, and no repetition. */
static void take_address(struct vc_reflect *r, struct vc_reflect_session *s,
			 const struct vc_reflect_in *in)
{
	bool is_other = s->port != in->port ||
			memcmp(s->addr, in->addr, sizeof(s->addr));

	if (is_other && s->port) {
		s->rebinds++;
		r->counts.rebinds++;
	}
	memcpy(s->addr, in->addr, sizeof(s->addr));
	s->port = in->port;
}

static void count_media(struct vc_reflect_session *s, uint32_t index)
{
	uint32_t ahead = index - s->highest;

	s->received++;
	if (!s->has_media || (ahead && ahead < UINT32_C(1) << 31)) {
		s->came = s->has_media && ahead < SEEN ? s->came << ahead : 0;
		s->came |= 1;
		s->highest = index;
		s->has_media = true;
		return;
	}
	s->reordered++;
	if (s->highest - index < SEEN)
		s->came |= UINT64_C(1) << (s->highest - index);
}

static void fill(struct vc_path_answer *a, const struct vc_reflect_session *s,
		 const struct vc_reflect_in *in)
{
	const struct vc_path_probe *q = in->probe;

	*a = (struct vc_path_answer){
		.type = q->type,
		.flags = q->flags,
		.probe_dscp = in->dscp < 0 ? VC_PATH_UNKNOWN :
					     (uint8_t)in->dscp,
		.probe_ttl = in->ttl < 0 ? VC_PATH_UNKNOWN : (uint8_t)in->ttl,
		/* As the probe set out, whatever became of that. */
		.dscp = q->dscp,
		.token = s->token,
		.index = q->index,
		.count = s->count,
		.arrived = in->arrived,
		.received = s->received,
		.duplicates = s->duplicates,
		.reordered = s->reordered,
		.highest = s->highest,
		.came = s->came,
		.capped = s->capped,
		.port = in->port,
	};
	memcpy(a->addr, in->addr, sizeof(a->addr));
}

static bool may_go(struct vc_reflect *r, size_t len, int64_t now)
{
	if (vc_pace_next(&r->pace, now) > now)
		return false;
	vc_pace_sent(&r->pace, len + VC_REFLECT_OVERHEAD, now);
	return true;
}

static int later(struct vc_reflect *r, struct vc_reflect_session *s,
		 const struct vc_reflect_in *in, int64_t now, size_t len)
{
	uint32_t ms = in->probe->delay_ms;

	if (s->has_later) {
		r->counts.capped++;
		return -EBUSY;
	}
	s->has_later = true;
	s->later = now + VC_MS * (ms < VC_REFLECT_LATER_MAX_MS ?
					  ms :
					  VC_REFLECT_LATER_MAX_MS);
	s->waiting_len = len;
	fill(&s->waiting, s, in);
	return -EINPROGRESS;
}

/* Whose it is; NULL and '*err'. */
static struct vc_reflect_session *session_of(struct vc_reflect *r,
					     const struct vc_reflect_in *in,
					     int64_t now, int *err)
{
	struct vc_reflect_session *s = find(r, in->ssrc);
	bool is_hello = in->probe->type == VC_PATH_HELLO;

	if (!s && is_hello) {
		s = begin(r, in->ssrc, now);
		r->counts.full += !s;
		*err = -ENOSPC;
		return s;
	}
	if (s && (is_hello || s->token == in->probe->token)) {
		s->is_confirmed |= !is_hello;
		return s;
	}
	r->counts.strays++;
	*err = -ENOENT;
	return NULL;
}

int vc_reflect_take(struct vc_reflect *r, const struct vc_reflect_in *in,
		    int64_t now, struct vc_reflect_out *out)
{
	const struct vc_path_probe *q = in->probe;
	size_t len = q->flags & VC_PATH_SMALL ? VC_PATH_ANSWER_LEN : in->len;
	struct vc_reflect_session *s;
	int err = 0;

	r->counts.probes++;
	if (in->len < VC_PATH_ANSWER_LEN) {
		r->counts.too_short++;
		return -EMSGSIZE;
	}
	s = session_of(r, in, now, &err);
	if (!s)
		return err;
	s->last = now;
	s->duplicates = in->duplicates;
	take_address(r, s, in);
	if (q->type == VC_PATH_MEDIA)
		count_media(s, q->index);
	if (q->type == VC_PATH_LATER)
		return later(r, s, in, now, len);
	if (!may_go(r, len, now)) {
		s->capped += q->type == VC_PATH_MEDIA;
		r->counts.capped++;
		return -EBUSY;
	}
	s->count += q->type == VC_PATH_MEDIA;
	r->counts.answers++;
	*out = (struct vc_reflect_out){ .session = s, .len = len };
	fill(&out->answer, s, in);
	return 0;
}

bool vc_reflect_due(struct vc_reflect *r, int64_t now,
		    struct vc_reflect_out *out)
{
	for (size_t i = 0; i < r->conf.max_sessions; i++) {
		struct vc_reflect_session *s = &r->session[i];

		if (!s->is_used || !s->has_later || s->later > now)
			continue;
		s->has_later = false;
		s->last = now;
		if (!may_go(r, s->waiting_len, now)) {
			r->counts.capped++;
			continue;
		}
		r->counts.answers++;
		*out = (struct vc_reflect_out){ .session = s,
						.answer = s->waiting,
						.len = s->waiting_len };
		return true;
	}
	return false;
}

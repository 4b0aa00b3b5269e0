/* SPDX-License-Identifier: MIT */
/*
 * A source's packets are kept, 16 octets each, for which of them was the
 * quickest is known at the end only; of all sources no more than a file of acts
 * may have.
 */
#include "acts_out.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/impairacts.h"
#include "tool/place.h"
#include "wire/codec.h"

#define JUMP 3000 /* sequence numbers: more is a new beginning, not loss */
#define FIRST_ROOM 16
#define SOURCES_MAX 4096
#define DELAY_MAX (3600 * VC_SEC) /* acts that say more are not read */

struct came {
	int64_t number;	 /* from 1 on; of one that overtook the first, less */
	int64_t transit; /* arrival less the sender's time */
};

struct acts_source {
	struct acts_source *next;
	unsigned int kind;    /* a bit of vc_impair_what */
	uint32_t ordinal;     /* of those of its kind */
	uint32_t rate_hz;     /* 0: nothing is known of time */
	int64_t highest;      /* number */
	uint16_t highest_seq; /* its sequence number */
	uint32_t last_ts;
	int64_t ts; /* of last_ts, unwrapped */
	struct came *v;
	size_t n, cap;
};

struct acts_out {
	struct vc_tool *tool;
	FILE *f;
	struct acts_source *first, *last;
	uint32_t ordinals[VC_OTHER + 1];
	size_t n_sources;
	size_t n; /* packets kept */
	size_t n_written;
	uint64_t too_many; /* not kept */
	char text[512];	   /* of the place */
};

struct acts_out *acts_out_new(struct vc_tool *t, const char *place)
{
	struct acts_out *a = vc_alloc(1, sizeof(*a));
	struct vc_place p;
	char why[256];
	int err, fd = -1;

	a->tool = t;
	if (vc_place_parse(&p, place, false, why, sizeof(why)))
		vc_tool_usage(t, "--impair-out: %s: %s", p.text, why);
	memcpy(a->text, p.text, sizeof(a->text));
	err = vc_place_open_write(t, &p, &fd);
	a->f = err ? NULL : fdopen(fd, "w");
	if (!a->f)
		vc_tool_usage(t, "--impair-out: %s: open: %s", p.text,
			      err ? vc_place_why(&p, err) : strerror(errno));
	return a;
}

static struct acts_source *begin(struct acts_out *a,
				 const struct vc_source *src,
				 const struct vc_rtp *rtp)
{
	static const unsigned int bits[] = {
		[VC_AUDIO] = VC_IMPAIR_AUDIO,
		[VC_VIDEO] = VC_IMPAIR_VIDEO,
		[VC_TEXT] = VC_IMPAIR_TEXT,
		[VC_OTHER] = VC_IMPAIR_OTHER,
	};
	enum vc_kind kind = src->kind < 0 ? VC_OTHER : (enum vc_kind)src->kind;
	struct acts_source *s;

	if (a->n_sources == SOURCES_MAX)
		return NULL;
	s = vc_try_alloc(1, sizeof(*s));
	if (!s)
		return NULL;
	a->n_sources++;
	a->ordinals[kind]++;
	s->kind = bits[kind];
	s->ordinal = a->ordinals[kind];
	s->rate_hz = src->rate_hz;
	s->highest_seq = (uint16_t)(rtp->seq - 1);
	s->last_ts = rtp->ts;
	if (a->last)
		a->last->next = s;
	else
		a->first = s;
	a->last = s;
	return s;
}

static bool has_room(struct acts_out *a, struct acts_source *s)
{
	size_t cap = s->cap ? 2 * s->cap : FIRST_ROOM;
	struct came *v;

	if (a->n == VC_IMPAIR_ACTS_MAX)
		return false;
	if (s->n < s->cap)
		return true;
	v = vc_try_alloc(cap, sizeof(*v));
	if (!v)
		return false;
	if (s->n)
		memcpy(v, s->v, s->n * sizeof(*v));
	free(s->v);
	s->v = v;
	s->cap = cap;
	return true;
}

/* Its number; a jump is the next one. */
static int64_t number_of(struct acts_source *s, uint16_t seq)
{
	int ahead = (int16_t)(uint16_t)(seq - s->highest_seq);

	if (ahead > JUMP || ahead < -JUMP)
		ahead = 1;
	else if (ahead <= 0)
		return s->highest + ahead;
	s->highest += ahead;
	s->highest_seq = seq;
	return s->highest;
}

static int64_t transit(struct acts_source *s, const struct vc_packet *pkt,
		       uint32_t ts)
{
	if (!s->rate_hz)
		return 0;
	s->ts += (int32_t)(ts - s->last_ts);
	s->last_ts = ts;
	return pkt->arrival - (int64_t)((__int128)s->ts * VC_SEC / s->rate_hz);
}

void acts_out_rtp(struct acts_out *a, struct acts_source **own,
		  const struct vc_source *src, const struct vc_packet *pkt,
		  const struct vc_rtp *rtp)
{
	struct acts_source *s = *own;

	if (!s)
		s = *own = begin(a, src, rtp);
	if (!s || !has_room(a, s)) {
		a->too_many++;
		return;
	}
	s->v[s->n] = (struct came){
		.number = number_of(s, rtp->seq),
		.transit = transit(s, pkt, rtp->ts),
	};
	s->n++;
	a->n++;
}

static int by_number(const void *a, const void *b)
{
	const struct came *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->transit < y->transit ? -1 : x->transit > y->transit;
}

static void put_act(struct acts_out *a, const struct vc_impair_act *act)
{
	char line[VC_IMPAIR_ACT_TEXT];
	size_t len = vc_impair_act_write(line, VC_IMPAIR_UP, act);

	/* A stranger's numbers can say that thousands were lost before each
	 * packet. */
	if (a->n_written == VC_IMPAIR_ACTS_MAX) {
		a->too_many++;
		return;
	}
	a->n_written++;
	fwrite(line, 1, len, a->f);
}

static void put_lost(struct acts_out *a, const struct vc_impair_act *like,
		     int64_t from, int64_t to)
{
	struct vc_impair_act act = *like;

	act.fate = VC_FATE_LOSS;
	for (int64_t i = from; i < to; i++) {
		if (a->n_written == VC_IMPAIR_ACTS_MAX) {
			a->too_many += (uint64_t)(to - i);
			return;
		}
		act.number = (uint64_t)i;
		put_act(a, &act);
	}
}

static void put_source(struct acts_out *a, struct acts_source *s)
{
	struct vc_impair_act act = {
		.stream = (uint64_t)s->kind << 32 | s->ordinal,
		.bit = -1,
	};
	int64_t least = INT64_MAX, first = 1, next = 1;

	if (!s->n)
		return;
	qsort(s->v, s->n, sizeof(*s->v), by_number);
	for (size_t i = 0; i < s->n; i++)
		least = s->v[i].transit < least ? s->v[i].transit : least;
	/* The first that came may have overtaken others. */
	first = next = s->v[0].number;
	for (size_t i = 0; i < s->n; i++) {
		int64_t number = s->v[i].number;

		act.is_copy = i && number == s->v[i - 1].number;
		if (act.is_copy && i > 1 && number == s->v[i - 2].number)
			continue; /* one copy is all that acts know */
		put_lost(a, &act, next - first + 1, number - first + 1);
		next = number + 1;
		act.number = (uint64_t)(number - first + 1);
		act.delay = s->v[i].transit - least;
		if (act.delay > DELAY_MAX)
			act.delay = DELAY_MAX;
		put_act(a, &act);
	}
}

void acts_out_close(struct acts_out *a)
{
	bool is_bad;

	if (!a)
		return;
	fputs(VC_IMPAIR_ACTS_HEAD, a->f);
	while (a->first) {
		struct acts_source *s = a->first;

		put_source(a, s);
		a->first = s->next;
		free(s->v);
		free(s);
	}
	is_bad = ferror(a->f);
	if (fclose(a->f) || is_bad)
		vc_tool_fail(a->tool, VC_EXIT_FAIL,
			     "--impair-out: %s: write: failed", a->text);
	if (a->too_many)
		vc_tool_warn(a->tool,
			     "--impair-out: %s: of %llu packets nothing is "
			     "written: too many, or no memory",
			     a->text, (unsigned long long)a->too_many);
	free(a);
}

/* SPDX-License-Identifier: MIT */
/*
 * --marks: what the marks in a decoded source say (media/mark.h,
 * media/chirp.h), for each id in it.
 * With each sound mark the newest picture of the same id is looked up: that is
 * one sample of the A/V offset.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "decode.h"
#include "media/mark.h"
#include "probe.h"
#include "record.h"
#include "sightings.h"
#include "tally.h"

#define STALE VC_SEC /* a picture that no sound is compared with */

struct eyes {
	const struct probe *p;
	const struct meter *m;
	bool is_video;
	uint64_t n_pictures;
	struct sightings sightings;
	struct tally tally[VC_MARK_MAX];
	struct tally *offset[VC_MARK_MAX]; /* |A/V offset|; or NULL */
	size_t n;
};

static struct tally *tally_of(struct eyes *e, uint16_t id)
{
	struct tally *t;

	for (size_t i = 0; i < e->n; i++) {
		if (e->tally[i].id == id)
			return &e->tally[i];
	}
	if (e->n == VC_MARK_MAX)
		return NULL;
	t = &e->tally[e->n];
	if (tally_init(t, id, e->is_video ? VC_MARK_FRAMES : 256))
		return NULL;
	e->n++;
	return t;
}

/* Whose picture it is that sound mark 'id' of 'of' goes with; or NULL. */
static const struct tally *picture_of(const struct probe *p,
				      const struct meter *of, uint16_t id)
{
	const struct tally *best = NULL;

	for (const struct meter *m = p->first; m; m = m->next) {
		const struct eyes *e = decoder_eyes(m->decoder);

		/* His own picture rather than one he is in. */
		if (!e || !e->is_video || (best && strcmp(m->id, of->id)))
			continue;
		for (size_t i = 0; i < e->n; i++) {
			if (e->tally[i].read && (e->tally[i].id & 0xff) == id)
				best = &e->tally[i];
		}
	}
	return best;
}

static void compare(struct eyes *e, const struct tally *t, int64_t at)
{
	const struct tally *pic = picture_of(e->p, e->m, t->id);
	size_t i = (size_t)(t - e->tally);
	int64_t offset;

	if (!pic || at - pic->last_at > STALE)
		return;
	if (!e->offset[i]) {
		e->offset[i] = vc_try_alloc(1, sizeof(*e->offset[i]));
		if (!e->offset[i])
			return;
		if (tally_init(e->offset[i], t->id, 1)) {
			free(e->offset[i]);
			e->offset[i] = NULL;
			return;
		}
	}
	offset = pic->last_delay - t->last_delay;
	tally_put(e->offset[i], 0, 0, offset < 0 ? -offset : offset, at);
	fit_put(&e->offset[i]->signed_fit, at, offset);
}

static void tell(void *ctx, const struct sighting *s)
{
	struct eyes *e = ctx;
	struct tally *t = tally_of(e, s->id);

	if (!t)
		return;
	if (s->number < 0) {
		t->unreadable += (uint64_t)s->unread;
		return;
	}
	tally_put(t, s->number, s->unread, s->at - s->made, s->at);
	if (!e->is_video)
		compare(e, t, s->at);
}

void eyes_free(struct eyes *e)
{
	if (!e)
		return;
	sightings_clear(&e->sightings);
	for (size_t i = 0; i < e->n; i++) {
		tally_clear(&e->tally[i]);
		if (e->offset[i])
			tally_clear(e->offset[i]);
		free(e->offset[i]);
	}
	free(e);
}

struct eyes *eyes_new(const struct probe *p, const struct meter *m,
		      bool is_video)
{
	struct eyes *e = vc_try_alloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->p = p;
	e->m = m;
	e->is_video = is_video;
	e->sightings.tell = tell;
	e->sightings.ctx = e;
	if (!sightings_init(&e->sightings, is_video ? VC_VIDEO : VC_AUDIO))
		return e;
	eyes_free(e);
	return NULL;
}

void eyes_see(struct eyes *e, const struct vc_mark_reader *r, int64_t now)
{
	e->n_pictures++;
	sightings_see(&e->sightings, r, now);
}

void eyes_hear(struct eyes *e, const struct chain_sound *s)
{
	sightings_hear(&e->sightings, s);
}

void eyes_end(struct eyes *e, const struct vc_mark_reader *r)
{
	sightings_end(&e->sightings, r);
}

/* --- the report --- */

/* The participant whose name has that id; NULL: nobody, or several. */
static const char *who_has(const struct probe *p, const struct eyes *e,
			   uint16_t id)
{
	unsigned int mask = e->is_video ? 0xffff : 0xff;
	const char *who = NULL;

	for (const struct meter *m = p->first; m; m = m->next) {
		const char *name = m->name[0] ? m->name : m->cname;

		if (!name[0] || (vc_mark_id(name) & mask) != id)
			continue;
		if (who && strcmp(who, name))
			return NULL;
		who = name;
	}
	return who;
}

/* The A/V offset of an id, in ms; NAN: not measured. */
struct offset {
	double median, p95, drift;
};

/* How much later the picture of sound mark 'i' was than the sound. */
static struct offset offset_of(const struct eyes *e, size_t i)
{
	struct offset o = { NAN, NAN, NAN };
	const struct tally *t = &e->tally[i], *best;

	if (e->is_video || !t->read)
		return o;
	best = picture_of(e->p, e->m, t->id);
	if (best)
		o.median = ms(tally_delay(best, 50) - tally_delay(t, 50));
	if (e->offset[i]) {
		o.p95 = ms(tally_delay(e->offset[i], 95));
		o.drift = fit_per_min(&e->offset[i]->signed_fit);
	}
	return o;
}

/* Of two, the one that is farther from 0. */
static double worse(double a, double b)
{
	return isnan(a) || fabs(b) > fabs(a) ? b : a;
}

static void set_offset(struct vc_json *o, const struct offset *of)
{
	vc_json_set_real(o, "av_offset_ms", of->median, 3);
	vc_json_set_real(o, "av_offset_p95_ms", of->p95, 3);
	vc_json_set_real(o, "av_offset_drift", of->drift, 3);
}

static void set_counts(struct vc_json *o, const struct eyes *e,
		       const struct tally *t, double drift)
{
	struct vc_json *delay = vc_json_object();
	uint64_t tried = t->read + t->unreadable;
	bool any = t->read > 0;

	vc_json_set_int(o, "read", (int64_t)t->read);
	if (e->is_video)
		vc_json_set_int(o, "unreadable", (int64_t)t->unreadable);
	else
		vc_json_set_null(o, "unreadable");
	vc_json_set_real(o, "unreadable_share",
			 e->is_video && tried ?
				 (double)t->unreadable / (double)tried :
				 NAN,
			 6);
	vc_json_set_int(o, "missing", (int64_t)t->missing);
	vc_json_set_int(o, "repeated", (int64_t)t->repeated);
	vc_json_set_int(o, "disorder", (int64_t)t->disorder);
	vc_json_set_real(delay, "min", any ? ms(t->min) : NAN, 3);
	vc_json_set_real(delay, "median", any ? ms(tally_delay(t, 50)) : NAN,
			 3);
	vc_json_set_real(delay, "p95", any ? ms(tally_delay(t, 95)) : NAN, 3);
	vc_json_set_real(delay, "max", any ? ms(t->max) : NAN, 3);
	vc_json_set(o, "delay_ms", delay);
	vc_json_set_real(o, "delay_drift", drift, 3);
}

static struct vc_json *id_record(const struct eyes *e, size_t i)
{
	struct vc_json *o = vc_json_object(), *gaps = vc_json_array();
	const struct tally *t = &e->tally[i];
	const char *who = who_has(e->p, e, t->id);
	struct offset offset = offset_of(e, i);
	char id[8];

	snprintf(id, sizeof(id), e->is_video ? "%04x" : "%02x", t->id);
	vc_json_set_str(o, "id", id);
	record_set_word(o, "who", who ? who : "");
	set_counts(o, e, t, fit_per_min(&t->fit));
	for (size_t k = 0; k < t->gaps && k < TALLY_GAPS; k++) {
		struct vc_json *gap = vc_json_object();

		vc_json_set_real(gap, "at_s",
				 ms(t->gap[k].at - e->p->start) / 1e3, 3);
		vc_json_set_int(gap, "missing", t->gap[k].missing);
		vc_json_add(gaps, gap);
	}
	vc_json_set(o, "gaps", gaps);
	set_offset(o, &offset);
	return o;
}

struct vc_json *eyes_record(const struct eyes *e)
{
	struct offset worst = { NAN, NAN, NAN };
	struct vc_json *o, *ids;
	double drift = NAN;
	struct tally sum;

	if (!e || tally_init(&sum, 0, 1))
		return NULL;
	o = vc_json_object();
	ids = vc_json_array();
	for (size_t i = 0; i < e->n; i++) {
		struct offset each = offset_of(e, i);

		tally_add(&sum, &e->tally[i]);
		vc_json_add(ids, id_record(e, i));
		worst.median = worse(worst.median, each.median);
		worst.p95 = worse(worst.p95, each.p95);
		worst.drift = worse(worst.drift, each.drift);
		drift = worse(drift, fit_per_min(&e->tally[i].fit));
	}
	record_set_count(o, "pictures",
			 e->is_video ? (int64_t)e->n_pictures : UNSAID);
	set_counts(o, e, &sum, drift);
	vc_json_set_int(o, "gaps", (int64_t)sum.gaps);
	set_offset(o, &worst);
	vc_json_set(o, "ids", ids);
	tally_clear(&sum);
	return o;
}

void eyes_delay(const struct eyes *e, struct eyes_delay *out)
{
	struct tally sum;

	*out = (struct eyes_delay){ NAN, NAN, NAN };
	if (!e || tally_init(&sum, 0, 1))
		return;
	for (size_t i = 0; i < e->n; i++)
		tally_add(&sum, &e->tally[i]);
	if (sum.read) {
		out->p50 = ms(tally_delay(&sum, 50));
		out->p95 = ms(tally_delay(&sum, 95));
		out->max = ms(sum.max);
	}
	tally_clear(&sum);
}

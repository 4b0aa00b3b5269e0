/* SPDX-License-Identifier: MIT */
/*
 * --marks: a source is decoded and its marks are read (media/mark.h,
 * media/chirp.h), for each id in it.
 *
 * Both have a line to stream time of their own, so that lips are not put in
 * sync before it is measured whether they are. A picture has arrived with the
 * last packet that it needed. Sound is read on a grid of 20 ms, LATENCY after
 * its quickest packets brought it, and that is taken off again; so is what it is
 * played before or behind its place.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "engine/audiorx.h"
#include "engine/videorx.h"
#include "media/chirp.h"
#include "media/mark.h"
#include "probe.h"
#include "tally.h"

#define STEP (20 * VC_MS)
#define STEP_SAMPLES (VC_AUDIORX_RATE / 50)
#define LATENCY (100 * VC_MS)
#define STALL (10 * VC_SEC) /* sound that is skipped, not read later */
#define EARLY 64	    /* steps, more than a mark takes */
#define AWAY 90		    /* pictures: a mark that was not there */

struct eyes {
	struct vc_playout home;
	struct vc_playout_source play;
	struct vc_videorx *video; /* one of the two, NULL once it has gone */
	struct vc_audiorx *audio;
	bool is_video;
	struct vc_mark_reader pictures;
	uint64_t n_pictures;
	int64_t now; /* of the packet in hand */
	struct vc_chirp_reader *chirps;
	int64_t next;	      /* the grid; VC_TIME_NONE: not begun */
	int64_t fed;	      /* samples */
	int64_t early[EARLY]; /* by how much steps were played, a ring */
	struct tally tally[VC_MARK_MAX];
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

/* The same picture of somebody may be shown twice. */
static bool is_second(const struct vc_mark_reader *r, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (r->found[k].is_read &&
		    r->found[k].mark.id == r->found[i].mark.id)
			return true;
	}
	return false;
}

static void see(void *ctx, const struct vc_image *img, int64_t time)
{
	struct eyes *e = ctx;
	struct vc_mark_reader *r = &e->pictures;

	(void)time;
	vc_mark_read(r, img);
	e->n_pictures++;
	for (size_t i = 0; i < r->n; i++) {
		const struct vc_mark_found *f = &r->found[i];
		int failed = f->failed <= AWAY ? (int)f->failed : 0;
		struct tally *t;

		if (!f->is_read || is_second(r, i))
			continue;
		t = tally_of(e, f->mark.id);
		if (t)
			tally_put(t, f->mark.frame, failed,
				  e->now - vc_mark_taken(&f->mark, e->now),
				  e->now);
	}
}

struct eyes *eyes_new(const struct probe *p, struct vc_source *src)
{
	enum vc_codec codec = (enum vc_codec)src->codec;
	struct eyes *e = vc_try_alloc(1, sizeof(*e));
	int err;

	if (!e)
		return NULL;
	e->is_video = src->kind == VC_VIDEO;
	e->next = VC_TIME_NONE;
	vc_playout_source_init(&e->play, src->rate_hz);
	vc_playout_init(&e->home, e->is_video ? 0 : LATENCY);
	vc_playout_join(&e->home, &e->play, 0);
	if (e->is_video) {
		e->video = vc_videorx_new(codec, &e->play, VC_IMAGE_MAX,
					  VC_IMAGE_MAX, &err);
	} else {
		e->audio = vc_audiorx_new(codec, src->rate_hz, &e->play, &err);
		e->chirps = vc_chirp_reader_new();
	}
	if (e->video) {
		vc_videorx_set_fmtp(e->video, vc_in_fmtp(p->in, src));
		vc_videorx_watch(e->video, see, e);
		return e;
	}
	if (e->audio && e->chirps)
		return e;
	eyes_free(e);
	return NULL;
}

void eyes_free(struct eyes *e)
{
	if (!e)
		return;
	vc_videorx_free(e->video);
	vc_audiorx_free(e->audio);
	vc_chirp_reader_free(e->chirps);
	for (size_t i = 0; i < e->n; i++)
		tally_clear(&e->tally[i]);
	free(e);
}

void eyes_put(struct eyes *e, struct vc_packet *pkt, const struct vc_rtp *rtp,
	      int64_t now)
{
	vc_playout_packet(&e->play, rtp->ts, pkt->arrival);
	if (e->audio)
		vc_audiorx_put(e->audio, pkt, rtp);
	if (!e->video)
		return;
	e->now = now;
	vc_videorx_put(e->video, pkt, rtp);
	vc_videorx_pull(e->video, pkt->arrival);
}

/* Marks in the sound up to 'due', of sample number 'fed'. */
static void take_chirps(struct eyes *e, int64_t due)
{
	struct vc_chirp_mark m;

	while (vc_chirp_next(e->chirps, &m)) {
		int64_t ago = e->fed * VC_SEC / VC_AUDIORX_RATE - m.at;
		int64_t step = m.at > 0 ? m.at / STEP : 0;
		int64_t at = due - ago - LATENCY + e->early[step % EARLY];
		struct tally *t = tally_of(e, m.id);

		if (t)
			tally_put(t, m.second, 0,
				  at - vc_chirp_made(m.id, m.second, at), at);
	}
}

void eyes_tick(struct eyes *e, int64_t now)
{
	int16_t pcm[STEP_SAMPLES];

	if (e->video)
		vc_videorx_pull(e->video, now);
	if (!e->audio)
		return;
	if (e->next == VC_TIME_NONE || now - e->next > STALL)
		e->next = now;
	for (; e->next <= now; e->next += STEP) {
		e->early[e->fed / STEP_SAMPLES % EARLY] =
			vc_audiorx_early(e->audio, e->next);
		vc_audiorx_pull(e->audio, e->next, pcm, STEP_SAMPLES);
		vc_chirp_feed(e->chirps, pcm, STEP_SAMPLES);
		e->fed += STEP_SAMPLES;
		take_chirps(e, e->next + STEP);
	}
}

void eyes_end(struct eyes *e)
{
	if (!e)
		return;
	if (e->video) {
		vc_videorx_end(e->video);
		vc_videorx_pull(e->video, e->now + VC_SEC);
	}
	vc_videorx_free(e->video);
	vc_audiorx_free(e->audio);
	e->video = NULL;
	e->audio = NULL;
	/* What was seen and never read again. */
	for (size_t i = 0; i < e->pictures.n; i++) {
		const struct vc_mark_found *f = &e->pictures.found[i];
		struct tally *t = tally_of(e, f->mark.id);

		if (!f->is_read && t)
			t->unreadable += f->seen;
	}
}

bool eyes_held(const struct eyes *e)
{
	return e && ((e->audio && vc_audiorx_held(e->audio)) ||
		     (e->video && vc_videorx_held(e->video)));
}

/* --- the report --- */

static double ms(int64_t ns)
{
	return (double)ns / 1e6;
}

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

/* How much later the picture of sound mark 'id' was than the sound; NAN. */
static double av_offset(const struct probe *p, const struct meter *of,
			const struct tally *t)
{
	const struct tally *best = NULL;

	for (const struct meter *m = p->first; m && t->read; m = m->next) {
		const struct eyes *e = m->eyes;

		/* His own picture rather than one he is in. */
		if (!e || !e->is_video || (best && strcmp(m->id, of->id)))
			continue;
		for (size_t i = 0; i < e->n; i++) {
			if (e->tally[i].read &&
			    (e->tally[i].id & 0xff) == t->id)
				best = &e->tally[i];
		}
	}
	return best ? ms(tally_delay(best, 50) - tally_delay(t, 50)) : NAN;
}

static void set_counts(struct vc_json *o, const struct eyes *e,
		       const struct tally *t)
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
}

static struct vc_json *id_record(const struct probe *p, const struct meter *m,
				 const struct tally *t, double offset)
{
	struct vc_json *o = vc_json_object(), *gaps = vc_json_array();
	const char *who = who_has(p, m->eyes, t->id);
	char id[8];

	snprintf(id, sizeof(id), m->eyes->is_video ? "%04x" : "%02x", t->id);
	vc_json_set_str(o, "id", id);
	if (who)
		vc_json_set_str(o, "who", who);
	else
		vc_json_set_null(o, "who");
	set_counts(o, m->eyes, t);
	for (size_t i = 0; i < t->gaps && i < TALLY_GAPS; i++) {
		struct vc_json *gap = vc_json_object();

		vc_json_set_real(gap, "at_s", ms(t->gap[i].at - p->start) / 1e3,
				 3);
		vc_json_set_int(gap, "missing", t->gap[i].missing);
		vc_json_add(gaps, gap);
	}
	vc_json_set(o, "gaps", gaps);
	vc_json_set_real(o, "av_offset_ms", offset, 3);
	return o;
}

struct vc_json *eyes_record(const struct probe *p, const struct meter *m)
{
	const struct eyes *e = m->eyes;
	struct vc_json *o, *ids;
	double worst = NAN;
	struct tally sum;

	if (!e || tally_init(&sum, 0, 1))
		return NULL;
	o = vc_json_object();
	ids = vc_json_array();
	for (size_t i = 0; i < e->n; i++) {
		const struct tally *t = &e->tally[i];
		double offset = e->is_video ? NAN : av_offset(p, m, t);

		tally_add(&sum, t);
		vc_json_add(ids, id_record(p, m, t, offset));
		if (isnan(worst) || fabs(offset) > fabs(worst))
			worst = offset;
	}
	if (e->is_video)
		vc_json_set_int(o, "pictures", (int64_t)e->n_pictures);
	else
		vc_json_set_null(o, "pictures");
	set_counts(o, e, &sum);
	vc_json_set_int(o, "gaps", (int64_t)sum.gaps);
	vc_json_set_real(o, "av_offset_ms", worst, 3);
	vc_json_set(o, "ids", ids);
	tally_clear(&sum);
	return o;
}

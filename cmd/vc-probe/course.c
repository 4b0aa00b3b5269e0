/* SPDX-License-Identifier: MIT */
#include "course.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "tool/expect.h"

#define CAP_FIRST 32

const char *const course_paths[COURSE_N][COURSE_PATHS] = {
	[COURSE_LOSS] = { "loss" },
	[COURSE_JITTER] = { "jitter_ms" },
	[COURSE_DELAY] = { "delay_ms", "latency_ms", "rtt_ms" },
	[COURSE_RATE] = { "rate_bps" },
	[COURSE_FPS] = { "fps" },
	[COURSE_MOS] = { "mos_lq", "mos" },
};

/* --- points --- */

/* 'a' stands for 'n' intervals and 'b' for 'm'. */
static void join_value(struct course_value *a, unsigned int n,
		       const struct course_value *b, unsigned int m)
{
	if (isnan(b->mean))
		return;
	if (isnan(a->mean)) {
		*a = *b;
		return;
	}
	a->mean = (a->mean * (float)n + b->mean * (float)m) / (float)(n + m);
	a->min = fminf(a->min, b->min);
	a->max = fmaxf(a->max, b->max);
}

static void join(struct course_point *a, unsigned int n,
		 const struct course_point *b, unsigned int m)
{
	a->at_s = b->at_s;
	for (int k = 0; k < COURSE_N; k++)
		join_value(&a->v[k], n, &b->v[k], m);
}

static void halve(struct course_track *t)
{
	for (size_t i = 0; i < t->n / 2; i++) {
		struct course_point p = t->point[2 * i];

		join(&p, 1, &t->point[2 * i + 1], 1);
		t->point[i] = p;
	}
	t->n /= 2;
	t->merged *= 2;
}

static bool make_room(struct course_track *t)
{
	size_t cap = t->cap ? 2 * t->cap : CAP_FIRST;
	struct course_point *more;

	if (t->n == COURSE_POINTS)
		halve(t);
	if (t->n < t->cap)
		return true;
	more = realloc(t->point, cap * sizeof(*more));
	if (!more)
		return false;
	t->point = more;
	t->cap = cap;
	return true;
}

static void put(struct course_track *t, const struct course_point *p)
{
	if (t->pending)
		join(&t->last, t->pending, p, 1);
	else
		t->last = *p;
	t->pending++;
	if (t->pending < t->merged)
		return;
	if (make_room(t)) {
		/* Room may have been made by merging. */
		if (t->pending < t->merged)
			return;
		t->point[t->n] = t->last;
		t->n++;
	}
	t->pending = 0;
}

/* --- records --- */

static void copy_word(char *out, size_t cap, const struct vc_json *row,
		      const char *key)
{
	const char *s = vc_json_get_str(row, key);

	vc_strlcpy(out, s ? s : "", cap);
}

static void name(struct course_track *t, const struct vc_json *row)
{
	copy_word(t->id, sizeof(t->id), row, "id");
	copy_word(t->who, sizeof(t->who), row, "who");
	copy_word(t->kind, sizeof(t->kind), row, "kind");
	copy_word(t->rid, sizeof(t->rid), row, "rid");
	copy_word(t->codec, sizeof(t->codec), row, "codec");
}

/* The one of that source, or a new one; NULL: there are too many. */
static struct course_track *find(struct course *c, const struct vc_json *row)
{
	struct course_track **at = &c->first;
	const char *id = vc_json_get_str(row, "id");
	int64_t ssrc = -1;

	vc_json_get_int(row, "ssrc", &ssrc);
	while (*at && ((*at)->ssrc != ssrc ||
		       strncmp((*at)->id, id ? id : "", sizeof((*at)->id) - 1)))
		at = &(*at)->next;
	if (!*at && c->n_tracks < COURSE_TRACKS)
		*at = vc_try_alloc(1, sizeof(**at));
	else
		return *at;
	if (!*at)
		return NULL;
	(*at)->ssrc = ssrc;
	(*at)->merged = 1;
	c->n_tracks++;
	return *at;
}

static void read_values(struct course_track *t, struct course_point *p,
			const struct vc_json *row)
{
	for (int k = 0; k < COURSE_N; k++) {
		double v = NAN;

		for (int i = 0; i < COURSE_PATHS && isnan(v); i++) {
			const char *path = course_paths[k][i];

			if (path)
				vc_json_number(vc_expect_find(row, path), &v);
		}
		p->v[k].mean = p->v[k].min = p->v[k].max = (float)v;
		t->has[k] |= !isnan(v);
	}
}

void course_add(struct course *c, const struct vc_json *line, double span_s)
{
	const struct vc_json *sources = vc_json_get(line, "sources"), *row;
	struct course_track *t;
	struct course_point p;
	double at;

	/* What is left at the end is too short to be set beside the others. */
	if (!vc_json_get_real(line, "at_s", &at) || span_s < c->step_s / 2)
		return;
	if (!c->has_any)
		c->begin_s = at - span_s;
	c->has_any = true;
	c->end_s = at;
	if (span_s > c->step_s)
		c->step_s = span_s;
	for (size_t i = 0; (row = vc_json_at(sources, i)); i++) {
		t = find(c, row);
		if (!t) {
			c->left_out++;
			continue;
		}
		name(t, row);
		p.at_s = (float)at;
		read_values(t, &p, row);
		put(t, &p);
	}
}

void course_end(struct course *c)
{
	for (struct course_track *t = c->first; t; t = t->next) {
		if (t->pending && make_room(t)) {
			t->point[t->n] = t->last;
			t->n++;
		}
		t->pending = 0;
	}
}

void course_clear(struct course *c)
{
	while (c->first) {
		struct course_track *t = c->first;

		c->first = t->next;
		free(t->point);
		free(t);
	}
	*c = (struct course){ 0 };
}

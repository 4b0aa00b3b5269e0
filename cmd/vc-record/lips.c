/* SPDX-License-Identifier: MIT */
/*
 * Of each place it is asked how much later than by its author's clock the unit
 * is. The clock's line is straight, so that hardly changes while a recording is
 * right, and between sound and pictures, which one clock times, there is no
 * difference. Only the line behind the last step of a clock is known.
 */
#include "lips.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

#define MOST (1u << 20)
#define LATE (2 * VC_SEC) /* stream time may be so far behind its arrival */
#define NEAR (5 * VC_SEC) /* sound of about then */
#define BOUND (40 * VC_MS)
#define ONE_CLOCK (2 * VC_SEC) /* further apart: two; session/playout.h */

/* --- what the sidecar says --- */

/* Room for one more in an array, or NULL. */
static void *grow(void *v, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap ? 2 * *cap : 64;
	void *grown;

	if (n < *cap)
		return v;
	grown = more <= MOST ? realloc(v, more * size) : NULL;
	if (grown)
		*cap = more;
	return grown;
}

static bool get_us(const struct vc_json *j, const char *key, int64_t *ns)
{
	if (!vc_json_get_int(j, key, ns) || *ns < 0 || *ns > INT64_MAX / VC_US)
		return false;
	*ns *= VC_US;
	return true;
}

static bool get_u32(const struct vc_json *j, const char *key, int64_t *n)
{
	return vc_json_get_int(j, key, n) && *n >= 0 && *n <= UINT32_MAX;
}

static bool read_place(const struct vc_json *j, struct lips_place *p)
{
	int64_t rtp;
	double at;

	if (!vc_json_get_int(j, "track", &p->track) ||
	    !vc_json_get_int(j, "unit", &p->unit) ||
	    !get_u32(j, "ssrc", &p->ssrc) || !get_u32(j, "rtp", &rtp) ||
	    !get_us(j, "t", &p->t) || !vc_json_get_real(j, "at_ms", &at) ||
	    !(at >= 0 && at < 1e12))
		return false;
	p->rtp = (uint32_t)rtp;
	p->at = (int64_t)(at * 1e6);
	p->real = -1;
	return true;
}

static bool read_line(const struct vc_json *j, struct lips_line *c)
{
	const char *by = vc_json_get_str(j, "by");
	int64_t rtp;

	c->since = INT64_MIN;
	if (!by || !get_u32(j, "ssrc", &c->ssrc) ||
	    !get_u32(j, "rate_hz", &c->rate_hz) || !c->rate_hz ||
	    !get_u32(j, "rtp", &rtp) || !get_us(j, "t", &c->t) ||
	    !get_us(j, "author", &c->author) ||
	    !vc_json_get_real(j, "ppm", &c->ppm) || !(fabs(c->ppm) < 1e5))
		return false;
	c->rtp = (uint32_t)rtp;
	c->is_arrival = !strcmp(by, "arrival");
	(void)get_us(j, "since", &c->since);
	return true;
}

static void take_place(struct lips *l, const struct vc_json *j)
{
	struct lips_place p, *v;

	if (!read_place(j, &p))
		return;
	v = grow(l->v, l->n, &l->cap, sizeof(*v));
	l->is_full |= !v;
	if (!v)
		return;
	l->v = v;
	l->v[l->n] = p;
	l->n++;
}

static void take_line(struct lips *l, const struct vc_json *j)
{
	struct lips_line c, *v;

	if (!read_line(j, &c))
		return;
	v = grow(l->lines, l->n_lines, &l->cap_lines, sizeof(*v));
	l->is_full |= !v;
	if (!v)
		return;
	l->lines = v;
	l->lines[l->n_lines] = c;
	l->n_lines++;
}

void lips_line(struct lips *l, const char *line, size_t len)
{
	struct vc_json *j;
	const char *ev;

	/* Most are of something else. */
	if (!memmem(line, len, "\"place\"", 7) &&
	    !memmem(line, len, "\"clock\"", 7))
		return;
	j = vc_json_parse(line, len, NULL);
	ev = j ? vc_json_get_str(j, "ev") : NULL;
	if (ev && !strcmp(ev, "place"))
		take_place(l, j);
	else if (ev && !strcmp(ev, "clock"))
		take_line(l, j);
	vc_json_free(j);
}

static int compare(const void *a, const void *b)
{
	const struct lips_place *x = a, *y = b;

	if (x->track != y->track)
		return x->track < y->track ? -1 : 1;
	return (x->unit > y->unit) - (x->unit < y->unit);
}

void lips_ready(struct lips *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare);
}

void lips_unit(struct lips *l, uint64_t track, uint64_t unit, int64_t time)
{
	const struct lips_place key = { .track = (int64_t)track,
					.unit = (int64_t)unit };
	struct lips_place *p;

	p = l->n ? bsearch(&key, l->v, l->n, sizeof(*l->v), compare) : NULL;
	if (p)
		p->real = time;
}

/* --- what it comes to --- */

/* A track's places: those of it that lie one behind the other. */
struct run {
	const struct lips_place *v;
	size_t n;
	int64_t rate_hz;
};

static struct run run_of(const struct lips *l, const struct vc_json *track)
{
	struct run r = { 0 };
	int64_t number;

	if (!vc_json_get_int(track, "track", &number) ||
	    !vc_json_get_int(track, "rate_hz", &r.rate_hz))
		return r;
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].track != number)
			continue;
		if (!r.n)
			r.v = &l->v[i];
		r.n++;
	}
	return r;
}

/* Of its source at that time; NULL: nothing is known that helps. */
static const struct lips_line *line_of(const struct lips *l,
				       const struct lips_place *p,
				       int64_t rate_hz)
{
	for (size_t i = 0; i < l->n_lines; i++) {
		const struct lips_line *c = &l->lines[i];

		if (c->ssrc == p->ssrc && c->rate_hz == rate_hz &&
		    p->t <= c->t + LATE)
			return c->is_arrival || p->t < c->since ? NULL : c;
	}
	return NULL;
}

/* RTP time from there to here, by as many wraps as fit. */
static int64_t units_from(const struct lips_line *c, const struct lips_place *p)
{
	const int64_t wrap = INT64_C(1) << 32;
	int64_t units = (int32_t)(p->rtp - c->rtp);
	double expected = (double)(p->t - c->t) * (double)c->rate_hz / 1e9;

	return units +
	       wrap * (int64_t)round((expected - (double)units) / (double)wrap);
}

/* How much later it is than by its author's clock, ns; false: not known. */
static bool lag_of(const struct lips *l, const struct run *r,
		   const struct lips_place *p, int64_t *lag)
{
	const struct lips_line *c = line_of(l, p, r->rate_hz);
	double since;

	if (!c || p->real < 0)
		return false;
	since = (double)units_from(c, p) * 1e9 / (double)c->rate_hz /
		(1 + c->ppm / 1e6);
	*lag = p->t + (p->real - p->at) - c->author - (int64_t)since;
	return true;
}

/* The lag of the sound of about that time. */
static bool lag_near(const struct lips *l, const struct run *sound, int64_t t,
		     int64_t *lag)
{
	size_t low = 0, high = sound->n;
	int64_t best = NEAR;
	bool is_known = false;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (sound->v[mid].t < t)
			low = mid + 1;
		else
			high = mid;
	}
	for (size_t i = low ? low - 1 : 0; i < sound->n && i <= low; i++) {
		int64_t apart = llabs(sound->v[i].t - t), one;

		if (apart > best || !lag_of(l, sound, &sound->v[i], &one))
			continue;
		best = apart;
		*lag = one;
		is_known = true;
	}
	return is_known;
}

static bool offset_at(const struct lips *l, const struct run *sound,
		      const struct run *pictures, size_t i, int64_t *offset)
{
	int64_t ours, theirs;

	if (!lag_of(l, pictures, &pictures->v[i], &ours) ||
	    !lag_near(l, sound, pictures->v[i].t, &theirs))
		return false;
	*offset = ours - theirs;
	return llabs(*offset) <= ONE_CLOCK;
}

static void note(struct lips_pair *p, const struct lips_place *at,
		 int64_t offset)
{
	int64_t worst = llabs(p->least) > llabs(p->most) ? llabs(p->least) :
							   llabs(p->most);

	if (!p->n)
		p->start = p->least = p->most = offset;
	if (!p->n || llabs(offset) > worst)
		p->worst_at = at->real;
	p->n++;
	p->end = offset;
	if (offset < p->least)
		p->least = offset;
	if (offset > p->most)
		p->most = offset;
}

static void compare_all(const struct lips *l, const struct run *sound,
			const struct run *pictures, struct lips_pair *p)
{
	int64_t first = 0, last = 0, offset, middle, best = INT64_MAX;

	for (size_t i = 0; i < pictures->n; i++) {
		if (!offset_at(l, sound, pictures, i, &offset))
			continue;
		last = pictures->v[i].t;
		first = p->n ? first : last;
		note(p, &pictures->v[i], offset);
	}
	middle = first + (last - first) / 2;
	for (size_t i = 0; i < pictures->n; i++) {
		int64_t apart = llabs(pictures->v[i].t - middle);

		if (apart >= best || !offset_at(l, sound, pictures, i, &offset))
			continue;
		best = apart;
		p->middle = offset;
	}
}

/* --- who belongs together --- */

static bool is_kind(const struct vc_json *track, const char *kind)
{
	const char *said = vc_json_get_str(track, "kind");

	return said && !strcmp(said, kind);
}

static bool is_same(const struct vc_json *a, const struct vc_json *b)
{
	const char *x = vc_json_get_str(a, "cname");
	const char *y = vc_json_get_str(b, "cname");

	return x && y && x[0] && !strcmp(x, y);
}

static bool is_guess(const struct vc_json *manifest, int64_t track)
{
	const struct vc_json *all = vc_json_get(manifest, "guessed");

	for (size_t i = 0; all && i < vc_json_len(all); i++) {
		const struct vc_json *g = vc_json_at(all, i);
		const char *what = vc_json_get_str(g, "what");
		int64_t n;

		if (what &&
		    (!strcmp(what, "offset") || !strcmp(what, "participant")) &&
		    vc_json_get_int(g, "track", &n) && n == track)
			return true;
	}
	return false;
}

static void add_pair(struct lips *l, const struct vc_json *manifest,
		     const struct vc_json *sound,
		     const struct vc_json *pictures)
{
	struct run s = run_of(l, sound), v = run_of(l, pictures);
	struct lips_pair p = { 0 }, *grown;
	const char *name = vc_json_get_str(pictures, "name");

	if (s.n && v.n)
		compare_all(l, &s, &v, &p);
	if (!p.n)
		return;
	if (!name || !name[0])
		name = vc_json_get_str(pictures, "cname");
	vc_escape(p.name, sizeof(p.name), name, strlen(name));
	p.sound = s.v->track;
	p.pictures = v.v->track;
	p.is_guessed = is_guess(manifest, p.sound) ||
		       is_guess(manifest, p.pictures);
	grown = realloc(l->pairs, (l->n_pairs + 1) * sizeof(*grown));
	if (!grown)
		return;
	l->pairs = grown;
	l->pairs[l->n_pairs] = p;
	l->n_pairs++;
}

const char *lips_pair_up(struct lips *l, const struct vc_json *manifest)
{
	const struct vc_json *all = vc_json_get(manifest, "tracks");
	size_t n = all && vc_json_is_array(all) ? vc_json_len(all) : 0;
	bool has_two = false;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			const struct vc_json *sound = vc_json_at(all, i);
			const struct vc_json *pictures = vc_json_at(all, k);

			if (!is_kind(sound, "audio") ||
			    !is_kind(pictures, "video") ||
			    !is_same(sound, pictures))
				continue;
			has_two = true;
			add_pair(l, manifest, sound, pictures);
		}
	if (l->n_pairs)
		return NULL;
	return l->is_full ? "there is too much to look at" :
	       has_two	  ? "too little is told of their clocks" :
			    "no sound and pictures of one person";
}

/* --- judging --- */

static double ms(int64_t ns)
{
	return (double)ns / 1e6;
}

static int64_t worst(const struct lips_pair *p)
{
	return llabs(p->least) > llabs(p->most) ? p->least : p->most;
}

bool lips_is_guessed(const struct lips *l)
{
	for (size_t i = 0; i < l->n_pairs; i++)
		if (!l->pairs[i].is_guessed)
			return false;
	return true;
}

bool lips_judge(const struct lips *l, char *text, size_t cap)
{
	const struct lips_pair *bad = NULL;
	size_t n = 0;

	for (size_t i = 0; i < l->n_pairs; i++) {
		const struct lips_pair *p = &l->pairs[i];

		n += p->n;
		/* What was not guessed counts first. */
		if (!bad || bad->is_guessed > p->is_guessed ||
		    (bad->is_guessed == p->is_guessed &&
		     llabs(worst(p)) > llabs(worst(bad))))
			bad = p;
	}
	snprintf(text, cap, "%zu places, %.1f ms at most, %s at %.3f s", n,
		 fabs(ms(worst(bad))), bad->name, ms(bad->worst_at) / 1e3);
	return llabs(worst(bad)) <= BOUND;
}

void lips_print(const struct lips *l)
{
	for (size_t i = 0; i < l->n_pairs; i++) {
		const struct lips_pair *p = &l->pairs[i];

		printf("%7stracks %" PRId64 " and %" PRId64
		       ": pictures after their sound by %.1f ms at the start, "
		       "%.1f in the middle, %.1f at the end; changes by %.1f%s\n",
		       "", p->sound, p->pictures, ms(p->start), ms(p->middle),
		       ms(p->end), ms(p->most - p->least),
		       p->is_guessed ? "; guessed" : "");
	}
}

struct vc_json *lips_json(const struct lips *l)
{
	struct vc_json *all = vc_json_array();

	for (size_t i = 0; i < l->n_pairs; i++) {
		const struct lips_pair *p = &l->pairs[i];
		struct vc_json *j = vc_json_object();

		vc_json_set_str(j, "name", p->name);
		vc_json_set_int(j, "sound", p->sound);
		vc_json_set_int(j, "pictures", p->pictures);
		vc_json_set_int(j, "places", (int64_t)p->n);
		vc_json_set_real(j, "start_ms", ms(p->start), 3);
		vc_json_set_real(j, "middle_ms", ms(p->middle), 3);
		vc_json_set_real(j, "end_ms", ms(p->end), 3);
		vc_json_set_real(j, "worst_ms", ms(worst(p)), 3);
		vc_json_set_real(j, "change_ms", ms(p->most - p->least), 3);
		vc_json_set_bool(j, "guessed", p->is_guessed);
		vc_json_add(all, j);
	}
	return all;
}

void lips_clear(struct lips *l)
{
	free(l->v);
	free(l->lines);
	free(l->pairs);
	*l = (struct lips){ 0 };
}

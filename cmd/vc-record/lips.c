/* SPDX-License-Identifier: MIT */
/*
 * Of each place it is asked how much later than by its author's clock the unit
 * is. The clock's line is straight, so that hardly changes while a recording is
 * right, and between sound and pictures, which one clock times, there is no
 * difference. Only the line behind the last step of a clock is known.
 */
#include "lips.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "tally.h"
#include "wire/frame.h"
#include "wire/ntp.h"

#define MOST (1u << 20)
#define WORK (4u << 20)	  /* places and guesses, each once for each pair */
#define LATE (2 * VC_SEC) /* stream time may be so far behind its arrival */
#define NEAR (5 * VC_SEC) /* sound of about then */
#define ONE_CLOCK (2 * VC_SEC) /* further apart: two; session/playout.h */

/* Times are at most VC_FRAME_TIME_MAX; what is added to them is at most this,
 * so that sums of two of each fit. */
#define FAR (VC_FRAME_TIME_MAX / 4)

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
	if (!vc_json_get_int(j, key, ns) || *ns < 0 ||
	    *ns > VC_FRAME_TIME_MAX / VC_US)
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
	    c->rate_hz > VC_RTP_RATE_MAX || !get_u32(j, "rtp", &rtp) ||
	    !get_us(j, "t", &c->t) || !get_us(j, "author", &c->author) ||
	    !vc_json_get_real(j, "ppm", &c->ppm) || !(fabs(c->ppm) < 1e5))
		return false;
	c->rtp = (uint32_t)rtp;
	c->is_arrival = !strcmp(by, "arrival");
	return !vc_json_get(j, "since") || get_us(j, "since", &c->since);
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

static int compare_places(const void *a, const void *b)
{
	const struct lips_place *x = a, *y = b;

	if (x->track != y->track)
		return x->track < y->track ? -1 : 1;
	return (x->unit > y->unit) - (x->unit < y->unit);
}

static int compare_times(const void *a, const void *b)
{
	const struct lips_place *x = a, *y = b;

	return (x->t > y->t) - (x->t < y->t);
}

static int compare_lines(const void *a, const void *b)
{
	const struct lips_line *x = a, *y = b;

	if (x->ssrc != y->ssrc)
		return x->ssrc < y->ssrc ? -1 : 1;
	if (x->rate_hz != y->rate_hz)
		return x->rate_hz < y->rate_hz ? -1 : 1;
	return (x->t > y->t) - (x->t < y->t);
}

/* How many of 'n' things, which are sorted, are before 'key'. */
static size_t before(const void *key, const void *v, size_t n, size_t size,
		     int (*compare)(const void *, const void *))
{
	size_t low = 0;

	while (low < n) {
		size_t mid = low + (n - low) / 2;

		if (compare((const char *)v + mid * size, key) < 0)
			low = mid + 1;
		else
			n = mid;
	}
	return low;
}

void lips_ready(struct lips *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare_places);
	if (l->n_lines)
		qsort(l->lines, l->n_lines, sizeof(*l->lines), compare_lines);
}

void lips_unit(struct lips *l, uint64_t track, uint64_t unit, int64_t time)
{
	const struct lips_place key = { .track = (int64_t)track,
					.unit = (int64_t)unit };
	struct lips_place *p;

	p = l->n ? bsearch(&key, l->v, l->n, sizeof(*l->v), compare_places) :
		   NULL;
	if (p && time <= FAR)
		p->real = time;
}

/* --- what it comes to --- */

/* A track's places: those of it that lie one behind the other. */
struct run {
	const struct lips_place *v;
	size_t n;
	int64_t rate_hz;
};

/* Where the first place of that track is, or would be. */
static size_t start_of(const struct lips *l, int64_t track)
{
	const struct lips_place key = { .track = track, .unit = INT64_MIN };

	return before(&key, l->v, l->n, sizeof(key), compare_places);
}

/* Of that number in the manifest. No two have the same, so that each place is
 * in one run. */
static struct run run_of(const struct lips *l, const struct vc_json *track,
			 int64_t number)
{
	struct run r = { 0 };
	size_t start = start_of(l, number);
	int64_t said;

	if (!l->n || !vc_json_get_int(track, "track", &said) ||
	    said != number || !vc_json_get_int(track, "rate_hz", &r.rate_hz))
		return r;
	r.v = l->v + start;
	r.n = start_of(l, number + 1) - start;
	return r;
}

/* Of its source at that time; NULL: nothing is known that helps. */
static const struct lips_line *line_of(const struct lips *l,
				       const struct lips_place *p,
				       int64_t rate_hz)
{
	const struct lips_line key = { .ssrc = p->ssrc,
				       .rate_hz = rate_hz,
				       .t = p->t - LATE };
	size_t i =
		before(&key, l->lines, l->n_lines, sizeof(key), compare_lines);
	const struct lips_line *c = i < l->n_lines ? &l->lines[i] : NULL;

	if (!c || c->ssrc != p->ssrc || c->rate_hz != rate_hz)
		return NULL;
	return c->is_arrival || p->t < c->since ? NULL : c;
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
	if (fabs(since) > (double)FAR)
		return false;
	*lag = p->t - c->author + (p->real - p->at) - (int64_t)since;
	return llabs(*lag) <= VC_FRAME_TIME_MAX;
}

/* The lag of the sound of about that time. */
static bool lag_near(const struct lips *l, const struct run *sound, int64_t t,
		     int64_t *lag)
{
	const struct lips_place key = { .t = t };
	size_t low =
		before(&key, sound->v, sound->n, sizeof(key), compare_times);
	int64_t best = NEAR;
	bool is_known = false;

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

/* 'sound' and 'pictures' are their places in the manifest's tracks. */
static void add_pair(struct lips *l, const struct vc_json *manifest,
		     size_t sound, size_t pictures)
{
	const struct vc_json *tracks = vc_json_get(manifest, "tracks");
	const struct vc_json *shown = vc_json_at(tracks, pictures);
	struct run s = run_of(l, vc_json_at(tracks, sound), (int64_t)sound + 1);
	struct run v = run_of(l, shown, (int64_t)pictures + 1);
	struct lips_pair p = { 0 }, *grown;
	const char *name = vc_json_get_str(shown, "name");

	if (!s.n || !v.n)
		return;
	l->work += v.n + vc_json_len(vc_json_get(manifest, "guessed"));
	l->is_full |= l->work > WORK;
	if (!l->is_full)
		compare_all(l, &s, &v, &p);
	if (!p.n)
		return;
	if (!name || !name[0])
		name = vc_json_get_str(shown, "cname");
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

	l->is_full |= n > TALLY_TRACKS;
	for (size_t i = 0; i < n && n <= TALLY_TRACKS; i++)
		for (size_t k = 0; k < n; k++) {
			const struct vc_json *sound = vc_json_at(all, i);
			const struct vc_json *pictures = vc_json_at(all, k);

			if (!is_kind(sound, "audio") ||
			    !is_kind(pictures, "video") ||
			    !is_same(sound, pictures))
				continue;
			has_two = true;
			add_pair(l, manifest, i, k);
		}
	if (l->n_pairs)
		return NULL;
	return l->is_full ? "there is too much to look at" :
	       has_two	  ? "too little is told of their clocks" :
			    "no sound and pictures of one person";
}

void lips_clear(struct lips *l)
{
	free(l->v);
	free(l->lines);
	free(l->pairs);
	*l = (struct lips){ 0 };
}

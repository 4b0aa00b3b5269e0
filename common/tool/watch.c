/* SPDX-License-Identifier: MIT */
/*
 * A source of the records is known again by what does not change of it; sources
 * come in the same order in each record, so that the next one is looked for
 * where the last one was found. The whole stream is a source like others, of
 * rules of its own.
 */
#include "tool/watch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "tool/watch_track.h"

struct watched {
	struct watched *next;
	bool is_total;
	bool is_here; /* in the sample at hand */
	bool is_new;
	double ssrc; /* NAN: it has none, then id and kind */
	double begin;
	struct vc_json *name;	 /* what rows say of it */
	struct vc_track track[]; /* one a rule */
};

/* What is known of a rule besides its tracks. */
struct rule {
	struct vc_json *rows; /* of sources that left */
	size_t n_kept[2];     /* of them; that held: [1] */
	uint64_t n_more[2];
	bool is_known, held; /* of `any`: what was said last */
};

struct vc_rulewatch {
	const struct vc_expect *e;
	size_t n;
	int64_t interval;
	void (*changed)(void *ctx, const struct vc_rulewatch_change *c);
	void *ctx;
	struct watched *first;
	size_t octets;
	uint64_t unwatched;
	struct rule rule[];
};

struct vc_rulewatch *vc_rulewatch_new(
	const struct vc_expect *rules, size_t n, int64_t interval,
	void (*changed)(void *ctx, const struct vc_rulewatch_change *c),
	void *ctx)
{
	struct vc_rulewatch *w;

	w = vc_alloc(1, sizeof(*w) + n * sizeof(w->rule[0]));
	w->e = rules;
	w->n = n;
	w->interval = interval;
	w->changed = changed;
	w->ctx = ctx;
	return w;
}

/* --- sources --- */

static size_t room_of(const struct vc_rulewatch *w)
{
	size_t octets = sizeof(struct watched) + 512;

	for (size_t i = 0; i < w->n; i++)
		octets += sizeof(struct vc_track) +
			  (vc_expect_is_over_time(&w->e[i]) ?
				   vc_track_room(&w->e[i], w->interval) :
				   0);
	return octets;
}

static void name_it(struct watched *s, const struct vc_json *source)
{
	static const char *const keys[] = { "id", "ssrc", "kind", "who" };
	const char *old = vc_json_get_str(s->name, "id");
	const char *id = vc_json_get_str(source, "id");

	if (s->name && (s->is_total || (old && id && !strcmp(old, id))))
		return;
	vc_json_free(s->name);
	s->name = vc_json_object();
	for (size_t i = 0; !s->is_total && i < VC_COUNT(keys); i++) {
		const struct vc_json *j = vc_json_get(source, keys[i]);

		if (j)
			vc_json_set(s->name, keys[i], vc_json_copy(j));
	}
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool is_it(const struct watched *s, const struct vc_json *source,
		  double ssrc, double begin)
{
	if (s->is_total || isnan(s->ssrc) != isnan(ssrc))
		return false;
	if (!isnan(ssrc))
		return !(s->ssrc < ssrc) && !(s->ssrc > ssrc) &&
		       !(s->begin < begin) && !(s->begin > begin);
	return is_same(vc_json_get_str(s->name, "id"),
		       vc_json_get_str(source, "id")) &&
	       is_same(vc_json_get_str(s->name, "kind"),
		       vc_json_get_str(source, "kind"));
}

static struct watched *begin_it(struct vc_rulewatch *w, struct watched **at)
{
	struct watched *s = NULL;

	if (w->octets + room_of(w) <= VC_WATCH_OCTETS)
		s = vc_try_alloc(1, sizeof(*s) + w->n * sizeof(s->track[0]));
	if (!s) {
		w->unwatched++;
		return NULL;
	}
	w->octets += room_of(w);
	s->next = *at;
	s->is_new = true;
	*at = s;
	return s;
}

static double number(const struct vc_json *source, const char *key)
{
	double v;

	return vc_json_get_real(source, key, &v) ? v : NAN;
}

/* '*at' is where to look first, and behind it afterwards. */
static struct watched *find(struct vc_rulewatch *w,
			    const struct vc_json *source, struct watched ***at)
{
	double ssrc = number(source, "ssrc"), begin = number(source, "begin_s");
	struct watched **p = *at, *s;

	if (isnan(begin))
		begin = 0;
	while (*p && !is_it(*p, source, ssrc, begin))
		p = &(*p)->next;
	if (!*p) {
		s = begin_it(w, *at);
		if (!s)
			return NULL;
		s->ssrc = ssrc;
		s->begin = begin;
		p = *at;
	}
	s = *p;
	*at = &s->next;
	name_it(s, source);
	return s;
}

static struct watched *find_total(struct vc_rulewatch *w)
{
	struct watched **p = &w->first, *s;

	while (*p && !(*p)->is_total)
		p = &(*p)->next;
	if (!*p) {
		s = begin_it(w, p);
		if (!s)
			return NULL;
		s->is_total = true;
		s->is_new = false;
		name_it(s, NULL);
	}
	return *p;
}

/* --- samples --- */

static bool is_asked(const struct vc_expect *e, const struct watched *s,
		     const struct vc_json *source)
{
	if (!vc_expect_is_over_time(e))
		return false;
	if (s->is_total || !strcmp(e->scope, "total"))
		return s->is_total && !strcmp(e->scope, "total");
	return vc_expect_asks(e, source);
}

static void tell(struct vc_rulewatch *w, const struct vc_expect *e,
		 const struct vc_track *t, bool held,
		 const struct vc_json *source)
{
	const struct vc_rulewatch_change c = { .rule = e,
					       .held = held,
					       .measured = t->figure,
					       .from = t->from,
					       .to = t->to,
					       .source = source };

	if (w->changed)
		w->changed(w->ctx, &c);
}

static void sample_one(struct vc_rulewatch *w, struct watched *s,
		       const struct vc_json *source,
		       const struct vc_track_time *time)
{
	bool is_whole = !s->is_new && !vc_json_str(vc_json_get(source, "left"));
	int err;

	s->is_here = true;
	for (size_t i = 0; i < w->n; i++) {
		const struct vc_expect *e = &w->e[i];
		struct vc_track *t = &s->track[i];
		bool was_known = t->is_known, held = t->held;

		if (!is_asked(e, s, source))
			continue;
		if (!vc_track_put(t, e, source, time, is_whole, &err)) {
			w->unwatched += err != 0;
			continue;
		}
		t->is_known = true;
		/* At first a rule is taken to hold. */
		if (e->whom != VC_WHOM_ANY &&
		    (was_known ? held : true) != t->held)
			tell(w, e, t, t->held, s->is_total ? NULL : s->name);
	}
	s->is_new = false;
}

/* Of `any` the best one speaks for all. */
static void look_at_any(struct vc_rulewatch *w, size_t i)
{
	const struct vc_expect *e = &w->e[i];
	const struct vc_track *best = NULL;
	struct rule *r = &w->rule[i];
	const struct watched *of = NULL;

	for (const struct watched *s = w->first; s; s = s->next) {
		const struct vc_track *t = &s->track[i];

		if (!t->is_known || !s->is_here)
			continue;
		if (best && !vc_expect_is_worse(e, best->figure, t->figure))
			continue;
		best = t;
		of = s;
	}
	if (!best)
		return;
	if ((r->is_known ? r->held : true) != best->held)
		tell(w, e, best, best->held, of->name);
	r->is_known = true;
	r->held = best->held;
}

/* --- ends --- */

static void keep_row(struct rule *r, struct vc_json *row, bool ok)
{
	if (r->n_kept[ok] == VC_WATCH_ROWS) {
		r->n_more[ok]++;
		vc_json_free(row);
		return;
	}
	if (!r->rows)
		r->rows = vc_json_array();
	vc_json_add(r->rows, row);
	r->n_kept[ok]++;
}

static void end_it(struct vc_rulewatch *w, struct watched *s)
{
	for (size_t i = 0; i < w->n; i++) {
		struct vc_json *row;
		bool ok;

		row = vc_track_row(&s->track[i], &w->e[i], s->name, &ok);
		if (row)
			keep_row(&w->rule[i], row, ok);
		vc_track_clear(&s->track[i]);
	}
	vc_json_free(s->name);
	w->octets -= room_of(w);
	free(s);
}

static void end_those_gone(struct vc_rulewatch *w)
{
	struct watched **p = &w->first, *s;

	while (*p) {
		s = *p;
		if (s->is_here) {
			p = &s->next;
			continue;
		}
		*p = s->next;
		end_it(w, s);
	}
}

void vc_rulewatch_sample(struct vc_rulewatch *w, const struct vc_json *record,
			 int64_t at, int64_t span, int64_t took)
{
	const struct vc_track_time time = { at, span, took, w->interval };
	const struct vc_json *all = vc_json_get(record, "sources"), *source;
	const struct vc_json *total = vc_json_get(record, "total");
	struct watched **next, *s;

	for (s = w->first; s; s = s->next)
		s->is_here = false;
	s = find_total(w);
	if (s)
		sample_one(w, s, total ? total : record, &time);
	next = &w->first;
	for (size_t i = 0; (source = vc_json_at(all, i)); i++) {
		s = find(w, source, &next);
		if (s)
			sample_one(w, s, source, &time);
	}
	for (size_t i = 0; i < w->n; i++) {
		if (w->e[i].whom == VC_WHOM_ANY)
			look_at_any(w, i);
	}
	end_those_gone(w);
}

/* --- the verdict --- */

/* Of `any` the one row that is best, the others are let go. */
static void take_best(const struct vc_expect *e, const struct vc_json *rows,
		      struct vc_json *results)
{
	const struct vc_json *row, *best = NULL;
	bool ok, best_ok = false;
	double v, best_v = 0;

	for (size_t i = 0; (row = vc_json_at(rows, i)); i++) {
		ok = false;
		vc_json_get_bool(row, "ok", &ok);
		v = number(row, "measured");
		if (best &&
		    (ok < best_ok ||
		     (ok == best_ok && !vc_expect_is_worse(e, best_v, v))))
			continue;
		best = row;
		best_ok = ok;
		best_v = v;
	}
	if (best)
		vc_json_add(results, vc_json_copy(best));
}

static void add_more(const struct vc_expect *e, bool ok, uint64_t n,
		     const char *key, struct vc_json *results)
{
	struct vc_json *row;

	if (!n)
		return;
	row = vc_expect_row(e->text, e->unit, ok, NULL);
	vc_json_set_int(row, key, (int64_t)n);
	vc_json_add(results, row);
}

bool vc_rulewatch_judge(struct vc_rulewatch *w, size_t i,
			struct vc_json *results)
{
	const struct vc_expect *e = &w->e[i];
	struct rule *r = &w->rule[i];
	struct vc_json *rows = r->rows ? vc_json_copy(r->rows) :
					 vc_json_array();
	uint64_t n[2] = { r->n_kept[0] + r->n_more[0],
			  r->n_kept[1] + r->n_more[1] };
	const struct vc_json *row;
	bool any_asked = false;

	for (const struct watched *s = w->first; s; s = s->next) {
		bool ok = false;
		struct vc_json *own =
			vc_track_row(&s->track[i], e, s->name, &ok);

		any_asked |= vc_expect_asks(e, s->name);
		if (!own)
			continue;
		vc_json_add(rows, own);
		n[ok]++;
	}
	if (e->whom == VC_WHOM_ANY)
		take_best(e, rows, results);
	for (size_t k = 0;
	     e->whom != VC_WHOM_ANY && (row = vc_json_at(rows, k)); k++)
		vc_json_add(results, vc_json_copy(row));
	vc_json_free(rows);
	if (!n[0] && !n[1])
		vc_json_add(results, vc_expect_unmeasured(e, any_asked));
	if (e->whom != VC_WHOM_ANY) {
		add_more(e, true, r->n_more[1], "more", results);
		add_more(e, false, r->n_more[0], "more", results);
	}
	add_more(e, false, w->unwatched, "unwatched", results);
	return !w->unwatched && n[1] && (e->whom == VC_WHOM_ANY || !n[0]);
}

uint64_t vc_rulewatch_unwatched(const struct vc_rulewatch *w)
{
	return w->unwatched;
}

void vc_rulewatch_free(struct vc_rulewatch *w)
{
	if (!w)
		return;
	for (struct watched *s = w->first, *next; s; s = next) {
		next = s->next;
		end_it(w, s);
	}
	for (size_t i = 0; i < w->n; i++)
		vc_json_free(w->rule[i].rows);
	free(w);
}

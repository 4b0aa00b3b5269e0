/* SPDX-License-Identifier: MIT */
/*
 * What stands before the operator is looked up in the tool's table of metrics,
 * so that a slip is found before the run and not after it: as it is, without a
 * scope, by another word for it, without the units that names end with, and
 * all of this again without the aggregate behind it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/near.h"
#include "base/num.h"
#include "tool/expect_internal.h"

/* --- paths --- */

/*
 * The next part of a path: up to a dot, or what is in brackets, where dots are
 * letters like others: "heard[a.b].x" is "heard", "a.b", "x".
 */
static struct vc_str next_part(struct vc_str *path)
{
	struct vc_str part = *path;
	size_t n = 0;

	if (part.len && part.p[0] == '[') {
		*path = vc_str_of(part.p + 1, part.len - 1);
		part = vc_str_cut(path, ']');
	} else {
		while (n < part.len && part.p[n] != '.' && part.p[n] != '[')
			n++;
		*path = vc_str_of(part.p + n, part.len - n);
		part.len = n;
	}
	if (path->len && path->p[0] == '.')
		*path = vc_str_of(path->p + 1, path->len - 1);
	return part;
}

const struct vc_json *vc_expect_find(const struct vc_json *j, const char *path)
{
	struct vc_str rest = vc_str_c(path);
	char key[128];

	while (j && rest.len) {
		vc_str_copy(key, sizeof(key), next_part(&rest));
		j = vc_json_get(j, key);
	}
	return j;
}

/* "jitter_ms" without its unit. */
static bool is_without_unit(struct vc_str a, struct vc_str metric)
{
	static const char *const ends[] = { "_ms", "_s",   "_bps", "_dbov",
					    "_us", "_ppm", "_hz",  "_percent" };

	for (size_t i = 0; i < VC_COUNT(ends); i++) {
		size_t len = strlen(ends[i]);

		if (metric.len == a.len + len &&
		    !memcmp(metric.p, a.p, a.len) &&
		    !memcmp(metric.p + a.len, ends[i], len))
			return true;
	}
	return false;
}

/* "heard[NAME]" in the table stands for any name. */
static bool matches(struct vc_str a, const char *metric, bool without_units)
{
	struct vc_str b = vc_str_c(metric);

	while (a.len && b.len) {
		bool is_any = b.p[0] == '[' && a.p[0] == '[';
		struct vc_str pa = next_part(&a), pb = next_part(&b);

		if (is_any ? !pa.len : !vc_str_eq(pa, pb)) {
			if (is_any || !without_units || !pa.len ||
			    !is_without_unit(pa, pb))
				return false;
		}
	}
	return !a.len && !b.len;
}

static const struct vc_metric *find_row(struct vc_str path,
					const struct vc_metrics *t,
					bool without_units)
{
	for (size_t i = 0; i < t->n; i++) {
		if (matches(path, t->row[i].path, without_units))
			return &t->row[i];
	}
	return NULL;
}

/* '*path' becomes that of the table, unless there is a name in it. */
static const struct vc_metric *find(struct vc_str *path,
				    const struct vc_metrics *t)
{
	const struct vc_metric *m = find_row(*path, t, false);

	for (size_t i = 0; !m && i < t->n_aliases; i++) {
		if (!vc_str_is(*path, t->alias[i].word))
			continue;
		m = find_row(vc_str_c(t->alias[i].path), t, false);
		if (m)
			*path = vc_str_c(m->path);
	}
	if (m || memchr(path->p, '[', path->len))
		return m;
	m = find_row(*path, t, true);
	if (m)
		*path = vc_str_c(m->path);
	return m;
}

/* The last part of a path is what people remember of it. */
static const char *nearest(const char *path, const struct vc_metrics *t)
{
	const char *best = NULL;
	unsigned int least = 99;

	for (size_t i = 0; i < t->n + t->n_aliases; i++) {
		const char *known = i < t->n ? t->row[i].path :
					       t->alias[i - t->n].word;
		const char *dot = strrchr(known, '.');
		const char *ways[] = { known, dot ? dot + 1 : known };

		for (size_t k = 0; k < VC_COUNT(ways); k++) {
			unsigned int d = vc_near_distance(path, ways[k]);

			if (d < least && vc_near_is(path, ways[k])) {
				least = d;
				best = known;
			}
		}
	}
	return best;
}

struct vc_trait vc_metrics_trait(const struct vc_metrics *t, const char *path)
{
	for (size_t i = 0; i < t->n_traits; i++) {
		if (matches(vc_str_c(path), t->trait[i].path, false))
			return t->trait[i];
	}
	return (struct vc_trait){ .path = path };
}

const char *vc_metrics_stray(const struct vc_metrics *t)
{
	for (size_t i = 0; i < t->n_traits + t->n_aliases; i++) {
		const char *path = i < t->n_traits ?
					   t->trait[i].path :
					   t->alias[i - t->n_traits].path;

		if (!find_row(vc_str_c(path), t, false))
			return path;
	}
	return NULL;
}

/* --- aggregates --- */

bool vc_expect_agg(struct vc_expect *e, struct vc_str word)
{
	static const struct {
		const char *word;
		enum vc_agg agg;
		double quantile;
	} rows[] = {
		{ "min", VC_AGG_MIN, 0 },
		{ "mean", VC_AGG_MEAN, 0 },
		{ "max", VC_AGG_MAX, 0 },
		{ "last", VC_AGG_LAST, 0 },
		{ "p1", VC_AGG_QUANTILE, 0.01 },
		{ "p5", VC_AGG_QUANTILE, 0.05 },
		{ "p50", VC_AGG_QUANTILE, 0.5 },
		{ "p95", VC_AGG_QUANTILE, 0.95 },
		{ "p99", VC_AGG_QUANTILE, 0.99 },
	};

	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		if (!vc_str_is(word, rows[i].word))
			continue;
		e->agg = rows[i].agg;
		e->quantile = rows[i].quantile;
		return true;
	}
	return false;
}

/* Takes ".p95" off the end of '*path', into 'e'. */
static bool cut_agg(struct vc_expect *e, struct vc_str *path)
{
	size_t at = path->len;

	while (at > 0 && path->p[at - 1] != '.' && path->p[at - 1] != ']')
		at--;
	if (at < 2 || path->p[at - 1] != '.' ||
	    !vc_expect_agg(e, vc_str_of(path->p + at, path->len - at)))
		return false;
	path->len = at - 1;
	return true;
}

/* --- the metric --- */

static const char *const scopes[] = { "total", "audio", "video", "text",
				      "slides" };

/* With or without a scope before it, which is cut off '*path' then. */
static const struct vc_metric *find_scoped(struct vc_expect *e,
					   struct vc_str *path,
					   const struct vc_metrics *t)
{
	struct vc_str rest = *path, scope = vc_str_cut(&rest, '.');
	/* A path of the table comes first, whatever it begins with. */
	const struct vc_metric *m = find(path, t);

	for (size_t i = 0; !m && rest.len && i < VC_COUNT(scopes); i++) {
		if (!vc_str_is(scope, scopes[i]))
			continue;
		vc_strlcpy(e->scope, scopes[i], sizeof(e->scope));
		*path = rest;
		m = find(path, t);
	}
	return m;
}

/* A metric that is there, behind a scope that is not: the scope that was meant,
 * or NULL. */
static const char *near_scope(const char *path, const struct vc_metrics *t)
{
	struct vc_str rest = vc_str_c(path);
	char word[16];
	struct vc_near near = { .word = word };

	if (vc_str_copy(word, sizeof(word), vc_str_cut(&rest, '.')) >=
		    sizeof(word) ||
	    !rest.len || !find(&rest, t))
		return NULL;
	for (size_t i = 0; i < VC_COUNT(scopes); i++)
		vc_near_try(&near, scopes[i]);
	return near.best;
}

static int no_such(const char *path, const struct vc_metrics *t, char *why,
		   size_t cap)
{
	const char *near = nearest(path, t), *scope = near_scope(path, t);
	char safe[VC_ESCAPE_CAP(sizeof(((struct vc_expect *)0)->path))];

	vc_escape(safe, sizeof(safe), path, strlen(path));
	if (scope)
		return vc_expect_no(why, cap,
				    "no such metric: %s; did you mean %s%s?",
				    safe, scope, strchr(path, '.'));
	return vc_expect_no(why, cap, "no such metric: %s%s%s%s", safe,
			    near ? "; did you mean " : "", near ? near : "",
			    near ? "?" : " (--list-metrics has them)");
}

int vc_expect_metric(struct vc_expect *e, struct vc_str path,
		     const struct vc_metrics *metrics,
		     const struct vc_metric **found, char *why, size_t cap)
{
	char whole[sizeof(e->path)];
	struct vc_str at = path;

	if (!path.len)
		return vc_expect_no(why, cap, "no metric before %s", e->op);
	if (path.len >= sizeof(whole))
		return vc_expect_no(why, cap, "metric too long");
	*found = find_scoped(e, &at, metrics);
	/* What is wrong is said of the path without a scope. */
	vc_str_copy(whole, sizeof(whole), at);
	if (!*found && !e->agg && cut_agg(e, &path)) {
		at = path;
		*found = find_scoped(e, &at, metrics);
		if (!*found)
			vc_str_copy(whole, sizeof(whole), at);
	}
	if (*found) {
		vc_str_copy(e->path, sizeof(e->path), at);
		e->trait = vc_metrics_trait(metrics, e->path);
		return 0;
	}
	return no_such(whole, metrics, why, cap);
}

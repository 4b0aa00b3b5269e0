/* SPDX-License-Identifier: MIT */
/* Sources are matched first, then each metric is looked up in both. */
#include "tool/baseline.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "tool/expect_internal.h"

/* What looks worse by rounding only. */
#define NOTHING 1e-9
#define MISSING_MAX 64 /* sources that are named */

/* --- tolerances --- */

static int parse_share(const char *text, double *share)
{
	char number[32];
	size_t len = strlen(text);

	if (!len || text[len - 1] != '%' || len > sizeof(number))
		return -EINVAL;
	vc_str_copy(number, sizeof(number), vc_str_of(text, len - 1));
	if (vc_num_real(number, 0, 1e6, share))
		return -EINVAL;
	*share /= 100;
	return 0;
}

/* "METRIC=VALUE" */
static int parse_own(struct vc_tolerances *t, struct vc_str item,
		     const struct vc_metrics *metrics, char *why, size_t cap)
{
	struct vc_expect e = { .op = "=" };
	struct vc_tolerance own = { 0 };
	struct vc_str path = vc_str_cut(&item, '=');

	if (t->n == VC_TOLERANCES)
		return vc_expect_no(why, cap, "at most %d metrics",
				    VC_TOLERANCES);
	if (vc_expect_metric(&e, path, metrics, &own.metric, why, cap))
		return -EINVAL;
	if (e.scope[0] || e.agg)
		return vc_expect_no(why, cap,
				    "a metric without more around "
				    "it is needed");
	if (!e.trait.better)
		return vc_expect_no(why, cap, "%s is neither better nor worse",
				    own.metric->path);
	if (vc_str_copy(e.word, sizeof(e.word), item) >= sizeof(e.word))
		return vc_expect_no(why, cap, "value too long");
	own.is_off = !strcmp(e.word, "off");
	own.is_share = !own.is_off && !parse_share(e.word, &own.by);
	if (!own.is_off && !own.is_share) {
		if (vc_expect_value(&e, own.metric, why, cap))
			return -EINVAL;
		if (e.is_word || e.value < 0)
			return vc_expect_no(why, cap, "a number is needed");
		own.by = e.value;
	}
	t->own[t->n] = own;
	t->n++;
	return 0;
}

int vc_tolerances_parse(struct vc_tolerances *t, const char *text,
			const struct vc_metrics *metrics, char *why, size_t cap)
{
	struct vc_str rest = vc_str_c(text);
	char share[64];

	do {
		struct vc_str item = vc_str_cut(&rest, ',');

		if (memchr(item.p, '=', item.len)) {
			if (parse_own(t, item, metrics, why, cap))
				return -EINVAL;
			continue;
		}
		if (vc_str_copy(share, sizeof(share), item) >= sizeof(share) ||
		    parse_share(share, &t->share))
			return vc_expect_no(why, cap,
					    "5%% or METRIC=VALUE is needed");
	} while (rest.len);
	return 0;
}

/* False: it is not looked at. */
static bool bound_of(const struct vc_tolerances *t, const struct vc_metric *m,
		     char better, double was, double *bound)
{
	double by = t->share * fabs(was);

	for (size_t i = 0; i < t->n; i++) {
		const struct vc_tolerance *own = &t->own[i];

		if (own->metric != m)
			continue;
		if (own->is_off)
			return false;
		by = own->is_share ? own->by * fabs(was) : own->by;
	}
	*bound = better == '>' ? was - by :
		 better == '<' ? was + by :
				 fabs(was) + by;
	return true;
}

/* --- figures --- */

/* One comparison of two records. */
struct look {
	const struct vc_metrics *metrics;
	const struct vc_tolerances *t;
	const struct vc_json *was, *is; /* two sources */
	struct vc_json *results;
	int64_t n;
	bool is_well;
};

static void say(struct look *l, const struct vc_metric *m, const char *path,
		char better, double was, double bound,
		const struct vc_json *measured)
{
	const bool is_share = !strcmp(m->unit, "share");
	const double scale = is_share ? 100 : 1;
	const char *unit = is_share ? "%" : "";
	char safe[256], text[512];
	struct vc_json *row;

	vc_escape(safe, sizeof(safe), path, strlen(path));
	snprintf(text, sizeof(text), "%s%s%s %s %.6g%s (baseline %.6g%s)",
		 better == '|' ? "|" : "", safe, better == '|' ? "|" : "",
		 better == '>' ? ">=" : "<=", bound * scale, unit, was * scale,
		 unit);
	row = vc_expect_row(text, m->unit, false, l->is);
	if (measured)
		vc_json_set(row, "measured", vc_json_copy(measured));
	vc_json_set_str(row, "metric", path);
	vc_json_set_real(row, "baseline", was, 6);
	vc_json_set_real(row, "bound", bound, 6);
	vc_json_add(l->results, row);
	l->is_well = false;
}

static void compare(struct look *l, const struct vc_metric *m, const char *path,
		    char better)
{
	const struct vc_json *j = vc_expect_find(l->is, path);
	double was, is, bound;
	bool is_well = false;

	if (!vc_json_number(vc_expect_find(l->was, path), &was) ||
	    !bound_of(l->t, m, better, was, &bound))
		return;
	l->n++;
	if (vc_json_number(j, &is))
		is_well = better == '>' ? is >= bound - NOTHING :
			  better == '<' ? is <= bound + NOTHING :
					  fabs(is) <= bound + NOTHING;
	if (!is_well)
		say(l, m, path, better, was, bound, j);
}

/* "heard[NAME]": of each name. */
static void compare_named(struct look *l, const struct vc_metric *m,
			  char better)
{
	const struct vc_json *all;
	const char *name;
	char path[512];
	struct vc_str rest = vc_str_c(m->path), key = vc_str_cut(&rest, '[');

	vc_str_copy(path, sizeof(path), key);
	all = vc_json_get(l->was, path);
	for (size_t i = 0; vc_json_member(all, i, &name); i++) {
		int n = snprintf(path, sizeof(path), "%.*s[%s]",
				 VC_STR_ARGS(key), name);

		if (n > 0 && (size_t)n < sizeof(path) && !strchr(name, ']'))
			compare(l, m, path, better);
	}
}

static void compare_all(struct look *l)
{
	for (size_t i = 0; i < l->metrics->n; i++) {
		const struct vc_metric *m = &l->metrics->row[i];
		char better = vc_metrics_trait(l->metrics, m->path).better;

		if (better && strchr(m->path, '['))
			compare_named(l, m, better);
		else if (better)
			compare(l, m, m->path, better);
	}
}

/* --- sources --- */

static bool is_alike(const struct vc_json *a, const struct vc_json *b,
		     const char *key)
{
	const char *x = vc_json_get_str(a, key), *y = vc_json_get_str(b, key);

	return x && y ? !strcmp(x, y) : x == y;
}

/* The first that is left over; 'n' where there is none. */
static size_t match(const struct vc_json *was, const struct vc_json *sources,
		    const bool *is_used, size_t n, bool by_id)
{
	for (size_t i = 0; i < n; i++) {
		const struct vc_json *is = vc_json_at(sources, i);

		if (!is_used[i] && is_alike(was, is, "kind") &&
		    is_alike(was, is, "rid") &&
		    (!by_id || is_alike(was, is, "id")))
			return i;
	}
	return n;
}

static void escape_to(char *out, size_t cap, const char *s, size_t most)
{
	size_t len = strlen(s);

	vc_escape(out, cap, s, len < most ? len : most);
}

static void say_more(struct look *l, int64_t n)
{
	struct vc_json *row = vc_expect_row(
		"all sources are there, as in the baseline", "", false, NULL);

	vc_json_set_int(row, "more", n);
	vc_json_add(l->results, row);
}

static void say_missing(struct look *l, const struct vc_json *was)
{
	const char *id = vc_json_get_str(was, "id");
	const char *kind = vc_json_get_str(was, "kind");
	char safe[VC_ESCAPE_CAP(128)], safe_kind[VC_ESCAPE_CAP(16)], text[700];

	escape_to(safe, sizeof(safe), id ? id : "", 128);
	escape_to(safe_kind, sizeof(safe_kind), kind ? kind : "source", 16);
	snprintf(text, sizeof(text), "%s of %s is there, as in the baseline",
		 safe_kind, safe);
	vc_json_add(l->results, vc_expect_row(text, "", false, NULL));
	l->is_well = false;
}

static void compare_sources(struct look *l, const struct vc_json *before,
			    const struct vc_json *now, size_t *to, bool *used)
{
	size_t n_before = vc_json_len(before), n_now = vc_json_len(now);
	int64_t n_missing = 0;

	for (size_t i = 0; i < 2 * n_before; i++) {
		size_t k = i % n_before;
		bool by_id = i < n_before;

		if (!by_id && to[k] < n_now)
			continue;
		to[k] = match(vc_json_at(before, k), now, used, n_now, by_id);
		if (to[k] < n_now)
			used[to[k]] = true;
	}
	for (size_t i = 0; i < n_before; i++) {
		l->was = vc_json_at(before, i);
		l->is = vc_json_at(now, to[i]);
		if (l->is)
			compare_all(l);
		else if (n_missing++ < MISSING_MAX)
			say_missing(l, l->was);
	}
	if (n_missing > MISSING_MAX)
		say_more(l, n_missing - MISSING_MAX);
}

bool vc_baseline_judge(const struct vc_metrics *metrics,
		       const struct vc_tolerances *t,
		       const struct vc_json *baseline,
		       const struct vc_json *record, struct vc_json *results)
{
	const struct vc_json *before = vc_json_get(baseline, "sources");
	const struct vc_json *now = vc_json_get(record, "sources");
	struct look l = { .metrics = metrics,
			  .t = t,
			  .results = results,
			  .is_well = true };
	size_t *to = vc_try_alloc(vc_json_len(before) + 1, sizeof(*to));
	bool *used = vc_try_alloc(vc_json_len(now) + 1, sizeof(*used));
	struct vc_json *row;
	char text[64];

	if (to && used)
		compare_sources(&l, before, now, to, used);
	free(to);
	free(used);
	if (!l.is_well)
		return false;
	/* Where nothing was compared nothing is known to be well. */
	snprintf(text, sizeof(text), "as good as the baseline");
	row = vc_expect_row(text, "", l.n > 0, NULL);
	if (l.n)
		vc_json_set_int(row, "compared", l.n);
	vc_json_add(results, row);
	return l.n > 0;
}

/* SPDX-License-Identifier: MIT */
/* Judging walks the path of a rule through the record of each source. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "tool/expect.h"

static bool compares(const struct vc_expect *e, int order)
{
	switch (e->op[0]) {
	case '<':
		return order < 0 || (e->op[1] && !order);
	case '>':
		return order > 0 || (e->op[1] && !order);
	case '=':
		return !order;
	default:
		return order;
	}
}

bool vc_expect_holds(const struct vc_expect *e, double measured)
{
	return compares(e, measured < e->value ? -1 : measured > e->value);
}

bool vc_expect_is_worse(const struct vc_expect *e, double a, double b)
{
	switch (e->op[0]) {
	case '<':
		return a > b;
	case '>':
		return a < b;
	case '=':
		return fabs(a - e->value) > fabs(b - e->value);
	default:
		return fabs(a - e->value) < fabs(b - e->value);
	}
}

bool vc_expect_asks(const struct vc_expect *e, const struct vc_json *source)
{
	const char *kind = vc_json_get_str(source, "kind");
	const char *id = vc_json_get_str(source, "id");
	const char *who = vc_json_get_str(source, "who");

	if (e->scope[0] && (!kind || strcmp(kind, e->scope)))
		return false;
	return e->whom != VC_WHOM_GLOB || (id && vc_glob(e->glob, id)) ||
	       (who && vc_glob(e->glob, who));
}

/* True when the metric was there; then '*ok', and it goes into 'row'. */
static bool measure(const struct vc_expect *e, const struct vc_json *source,
		    struct vc_json *row, bool *ok, double *v)
{
	const struct vc_json *j = vc_expect_find(source, e->path);
	const char *word = vc_json_str(j);

	*v = 0;
	if (word) {
		*ok = compares(e, strcmp(word, e->word)) &&
		      (e->op[0] == '=' || e->op[0] == '!');
		vc_json_set_str(row, "measured", word);
		return true;
	}
	if (e->is_word || !vc_json_number(j, v))
		return false;
	*ok = vc_expect_holds(e, *v);
	vc_json_set(row, "measured", vc_json_copy(j));
	return true;
}

struct vc_json *vc_expect_row(const char *text, const char *unit, bool ok,
			      const struct vc_json *source)
{
	const struct vc_json *name = vc_json_get(source, "id");
	const char *kind = vc_json_get_str(source, "kind");
	const char *who = vc_json_get_str(source, "who");
	struct vc_json *row = vc_json_object();

	if (!name)
		name = vc_json_get(source, "ssrc");
	vc_json_set_str(row, "expect", text);
	vc_json_set_bool(row, "ok", ok);
	vc_json_set_null(row, "measured");
	if (name)
		vc_json_set(row, "source", vc_json_copy(name));
	else
		vc_json_set_null(row, "source");
	if (who)
		vc_json_set_str(row, "who", who);
	if (kind)
		vc_json_set_str(row, "kind", kind);
	if (unit[0])
		vc_json_set_str(row, "unit", unit);
	return row;
}

struct vc_json *vc_expect_unmeasured(const struct vc_expect *e, bool any_asked)
{
	struct vc_json *row = vc_expect_row(e->text, e->unit, false, NULL);

	if (e->whom == VC_WHOM_GLOB && !any_asked)
		vc_json_set_str(row, "nobody", e->glob);
	return row;
}

/* What the sources that were asked came to. */
struct judged {
	size_t n;
	bool all_ok, any_ok;
	struct vc_json *best; /* of `any`: its row */
	double best_v;
};

static void take_row(const struct vc_expect *e, struct judged *j,
		     struct vc_json *row, bool ok, double v,
		     struct vc_json *results)
{
	bool is_best = !j->n || (ok && !j->any_ok) ||
		       (ok == j->any_ok && vc_expect_is_worse(e, j->best_v, v));

	j->n++;
	j->all_ok &= ok;
	j->any_ok |= ok;
	vc_json_set_bool(row, "ok", ok);
	if (e->whom != VC_WHOM_ANY) {
		vc_json_add(results, row);
	} else if (is_best) {
		vc_json_free(j->best);
		j->best = row;
		j->best_v = v;
	} else {
		vc_json_free(row);
	}
}

/* A row for one source, if it has the metric. */
static void judge_one(const struct vc_expect *e, const struct vc_json *source,
		      struct judged *j, struct vc_json *results)
{
	struct vc_json *row = vc_expect_row(e->text, e->unit, false, source);
	bool ok = false;
	double v;

	if (measure(e, source, row, &ok, &v))
		take_row(e, j, row, ok, v, results);
	else
		vc_json_free(row);
}

bool vc_expect_judge(const struct vc_expect *e, const struct vc_json *record,
		     struct vc_json *results)
{
	const struct vc_json *sources = vc_json_get(record, "sources"), *s;
	const struct vc_json *total = vc_json_get(record, "total");
	struct judged j = { .all_ok = true };
	bool any_asked = false;

	if (!strcmp(e->scope, "total")) {
		judge_one(e, total ? total : record, &j, results);
	} else {
		for (size_t i = 0; (s = vc_json_at(sources, i)); i++) {
			if (!vc_expect_asks(e, s))
				continue;
			any_asked = true;
			judge_one(e, s, &j, results);
		}
	}
	if (j.best)
		vc_json_add(results, j.best);
	if (!j.n)
		vc_json_add(results, vc_expect_unmeasured(e, any_asked));
	return j.n && (e->whom == VC_WHOM_ANY ? j.any_ok : j.all_ok);
}

/* SPDX-License-Identifier: MIT */
/*
 * A rule is cut at its operator; what stands before is looked up in the tool's
 * table of metrics, so that a slip is found before the run and not after it,
 * and tells the unit in which VALUE is meant. Judging walks the path through
 * the record of each source.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/near.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"
#include "tool/expect.h"
#include "tool/internal.h"

static int no(char *why, size_t cap, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int no(char *why, size_t cap, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, cap, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

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

/* "heard[NAME]" in the table stands for any name. */
static bool matches(const char *path, const char *metric)
{
	struct vc_str a = vc_str_c(path), b = vc_str_c(metric);

	while (a.len && b.len) {
		bool is_any = b.p[0] == '[' && a.p[0] == '[';
		struct vc_str pa = next_part(&a), pb = next_part(&b);

		if (is_any ? !pa.len : !vc_str_eq(pa, pb))
			return false;
	}
	return !a.len && !b.len;
}

static const struct vc_metric *find(const char *path,
				    const struct vc_metric *metrics, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (matches(path, metrics[i].path))
			return &metrics[i];
	}
	return NULL;
}

/* The last part of a path is what people remember of it. */
static const struct vc_metric *nearest(const char *path,
				       const struct vc_metric *metrics,
				       size_t n)
{
	const struct vc_metric *best = NULL;
	unsigned int least = 4;

	for (size_t i = 0; i < n; i++) {
		const char *dot = strrchr(metrics[i].path, '.');
		unsigned int d = vc_near_distance(path, metrics[i].path);

		if (dot && vc_near_distance(path, dot + 1) < d)
			d = vc_near_distance(path, dot + 1);
		if (d < least) {
			least = d;
			best = &metrics[i];
		}
	}
	return best;
}

/* --- parsing --- */

static bool is_time_unit(const char *unit)
{
	return !strcmp(unit, "s") || !strcmp(unit, "ms") || !strcmp(unit, "us");
}

static double from_ns(int64_t ns, const char *unit)
{
	int64_t size = !strcmp(unit, "s")  ? VC_SEC :
		       !strcmp(unit, "ms") ? VC_MS :
					     VC_US;

	return (double)ns / (double)size;
}

static int parse_share(struct vc_expect *e, char *why, size_t cap)
{
	size_t len = strlen(e->word);
	bool is_percent = len && e->word[len - 1] == '%';
	char text[sizeof(e->word)];

	vc_str_copy(text, sizeof(text), vc_str_of(e->word, len - is_percent));
	if (vc_num_real(text, 0, 1e9, &e->value))
		return no(why, cap, "a share is needed, as 1%% or 0.01");
	if (is_percent)
		e->value /= 100;
	else if (e->value >= 1)
		return no(why, cap, "%.20s%% or %g%%?", text, e->value * 100);
	return 0;
}

/* "jitter_ms" and "delay_ms.p95" say their unit. */
static bool says_unit(const char *path, const char *unit)
{
	size_t len = strlen(unit);

	for (const char *at = strchr(path, '_'); at; at = strchr(at + 1, '_')) {
		if (!strncmp(at + 1, unit, len) &&
		    (!at[1 + len] || at[1 + len] == '.'))
			return true;
	}
	return false;
}

static int parse_time(struct vc_expect *e, const struct vc_metric *m, char *why,
		      size_t cap)
{
	int64_t ns;
	int err = vc_num_time(e->word, &ns);

	if (!err) {
		e->value = from_ns(ns, m->unit);
		return 0;
	}
	if (says_unit(m->path, m->unit) &&
	    !vc_num_real(e->word, -1e12, 1e12, &e->value))
		return 0;
	if (err == -EDOM)
		return no(why, cap, "%.20sms or %.20ss?", e->word, e->word);
	return no(why, cap, "a time is needed, as 20ms or 1.5s");
}

static int parse_value(struct vc_expect *e, const struct vc_metric *m,
		       char *why, size_t cap)
{
	if (!e->word[0])
		return no(why, cap, "no value after %s", e->op);
	if (!strcmp(m->unit, "share"))
		return parse_share(e, why, cap);
	if (is_time_unit(m->unit))
		return parse_time(e, m, why, cap);
	if (!vc_num_real(e->word, -1e18, 1e18, &e->value))
		return 0;
	if (m->unit[0] && strcmp(m->unit, "word"))
		return no(why, cap, "a number is needed (%s)", m->unit);
	if (strcmp(e->op, "==") && strcmp(e->op, "!="))
		return no(why, cap, "words compare with == and != only");
	e->is_word = true;
	return 0;
}

static int parse_metric(struct vc_expect *e, struct vc_str path,
			const struct vc_metric *metrics, size_t n,
			const struct vc_metric **found, char *why, size_t cap)
{
	static const char *const scopes[] = { "total", "audio", "video", "text",
					      "slides" };
	char whole[sizeof(e->path)], safe[sizeof(e->path)];
	struct vc_str rest = path, scope = vc_str_cut(&rest, '.');
	const struct vc_metric *near;

	if (!path.len)
		return no(why, cap, "no metric before %s", e->op);
	if (vc_str_copy(whole, sizeof(whole), path) >= sizeof(whole))
		return no(why, cap, "metric too long");
	/* A path of the table comes first, whatever it begins with. */
	*found = find(whole, metrics, n);
	for (size_t i = 0; !*found && rest.len && i < VC_COUNT(scopes); i++) {
		if (!vc_str_is(scope, scopes[i]))
			continue;
		vc_strlcpy(e->scope, scopes[i], sizeof(e->scope));
		vc_str_copy(whole, sizeof(whole), rest);
		*found = find(whole, metrics, n);
	}
	vc_strlcpy(e->path, whole, sizeof(e->path));
	if (*found)
		return 0;
	near = nearest(whole, metrics, n);
	vc_escape(safe, sizeof(safe), whole, strlen(whole));
	return no(why, cap, "no such metric: %s%s%s%s", safe,
		  near ? "; did you mean " : "", near ? near->path : "",
		  near ? "?" : " (--list-metrics has them)");
}

int vc_expect_parse(struct vc_expect *e, const char *text,
		    const struct vc_metric *metrics, size_t n_metrics,
		    char *why, size_t cap)
{
	const struct vc_metric *m;
	struct vc_str path, value;
	size_t at = 0, op_len;
	int depth = 0, err;

	memset(e, 0, sizeof(*e));
	vc_escape(e->text, sizeof(e->text), text, strlen(text));
	/* Names in brackets may hold anything. */
	for (; text[at] && (depth || !strchr("<>=!", text[at])); at++)
		depth += text[at] == '[' ? 1 : text[at] == ']' ? -1 : 0;
	op_len = text[at] && text[at + 1] == '=' ? 2 : 1;
	if (!text[at] || depth || (op_len == 1 && !strchr("<>", text[at])))
		return no(why, cap, "needs one of < <= > >= == !=");
	memcpy(e->op, text + at, op_len);
	path = vc_str_of(text, at);
	value = vc_str_c(text + at + op_len);
	while (path.len && path.p[path.len - 1] == ' ')
		path.len--;
	while (value.len && value.p[0] == ' ')
		value = vc_str_of(value.p + 1, value.len - 1);
	if (vc_str_copy(e->word, sizeof(e->word), value) >= sizeof(e->word))
		return no(why, cap, "value too long");
	err = parse_metric(e, path, metrics, n_metrics, &m, why, cap);
	return err ? err : parse_value(e, m, why, cap);
}

/* --- judging --- */

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

/* True when the metric was there; then '*ok', and it goes into 'row'. */
static bool measure(const struct vc_expect *e, const struct vc_json *source,
		    struct vc_json *row, bool *ok)
{
	const struct vc_json *j = vc_expect_find(source, e->path);
	const char *word = vc_json_str(j);
	double v;

	if (word) {
		*ok = compares(e, strcmp(word, e->word)) &&
		      (e->op[0] == '=' || e->op[0] == '!');
		vc_json_set_str(row, "measured", word);
		return true;
	}
	if (e->is_word || !vc_json_number(j, &v))
		return false;
	*ok = compares(e, v < e->value ? -1 : v > e->value);
	vc_json_set(row, "measured", vc_json_copy(j));
	return true;
}

static const struct vc_json *name_of(const struct vc_json *source)
{
	const struct vc_json *j = vc_json_get(source, "id");

	return j ? j : vc_json_get(source, "ssrc");
}

/* A row for one source, if it has the metric. */
static void judge_one(const struct vc_expect *e, const struct vc_json *source,
		      struct vc_json *results, size_t *n, bool *all_ok)
{
	struct vc_json *row = vc_json_object();
	bool ok = false;

	vc_json_set_str(row, "expect", e->text);
	vc_json_set_bool(row, "ok", false);
	if (!measure(e, source, row, &ok)) {
		vc_json_free(row);
		return;
	}
	vc_json_set_bool(row, "ok", ok);
	if (name_of(source))
		vc_json_set(row, "source", vc_json_copy(name_of(source)));
	else
		vc_json_set_null(row, "source");
	if (vc_json_get_str(source, "kind"))
		vc_json_set_str(row, "kind", vc_json_get_str(source, "kind"));
	vc_json_add(results, row);
	(*n)++;
	*all_ok &= ok;
}

bool vc_expect_judge(const struct vc_expect *e, const struct vc_json *record,
		     struct vc_json *results)
{
	const struct vc_json *sources = vc_json_get(record, "sources"), *s;
	const struct vc_json *total = vc_json_get(record, "total");
	bool all_ok = true;
	struct vc_json *row;
	size_t n = 0;

	if (!strcmp(e->scope, "total")) {
		judge_one(e, total ? total : record, results, &n, &all_ok);
	} else {
		for (size_t i = 0; (s = vc_json_at(sources, i)); i++) {
			const char *kind = vc_json_get_str(s, "kind");

			if (!e->scope[0] || (kind && !strcmp(kind, e->scope)))
				judge_one(e, s, results, &n, &all_ok);
		}
	}
	if (n)
		return all_ok;
	row = vc_json_object();
	vc_json_set_str(row, "expect", e->text);
	vc_json_set_bool(row, "ok", false);
	vc_json_set_null(row, "measured");
	vc_json_set_null(row, "source");
	vc_json_add(results, row);
	return false;
}

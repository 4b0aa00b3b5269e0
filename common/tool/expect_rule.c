/* SPDX-License-Identifier: MIT */
/*
 * A rule is cut at its operator. Behind it stands the value, which is one word
 * (or a number and its unit), and then clauses, in any order and each once:
 * when, and of whom.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/near.h"
#include "base/num.h"
#include "base/time.h"
#include "tool/expect_internal.h"

static const char *const clauses[] = { "after", "before", "from",
				       "for",	"any",	  "every" };

int vc_expect_no(char *why, size_t cap, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, cap, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* --- words --- */

static struct vc_str trim_left(struct vc_str s)
{
	while (s.len && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = vc_str_of(s.p + 1, s.len - 1);
	return s;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * The next word; one in quotes may have blanks in it. False: a quote is open.
 */
static bool next_word(struct vc_str *rest, struct vc_str *word, bool *quoted)
{
	struct vc_str s = trim_left(*rest);
	const char *end;
	size_t n = 0;

	*quoted = s.len && (s.p[0] == '"' || s.p[0] == '\'');
	if (*quoted) {
		end = memchr(s.p + 1, s.p[0], s.len - 1);
		if (!end)
			return false;
		n = (size_t)(end - s.p);
		*word = vc_str_of(s.p + 1, n - 1);
		n++;
	} else {
		while (n < s.len && !is_blank(s.p[n]))
			n++;
		*word = vc_str_of(s.p, n);
	}
	*rest = vc_str_of(s.p + n, s.len - n);
	return true;
}

static bool is_range(struct vc_str word)
{
	for (size_t i = 1; i + 1 < word.len; i++) {
		if (word.p[i] == '.' && word.p[i + 1] == '.')
			return true;
	}
	return false;
}

static bool is_clause(struct vc_str word)
{
	for (size_t i = 0; i < VC_COUNT(clauses); i++) {
		if (vc_str_is(word, clauses[i]))
			return true;
	}
	return is_range(word);
}

/* --- clauses --- */

static int take_time(struct vc_str word, int64_t *t, char *why, size_t cap)
{
	char text[24], safe[VC_ESCAPE_CAP(sizeof(text))];
	int err = -EINVAL;

	if (vc_str_copy(text, sizeof(text), word) < sizeof(text))
		err = vc_num_time(text, t);
	vc_escape(safe, sizeof(safe), text, strlen(text));
	if (err == -EDOM)
		return vc_expect_no(why, cap, "%sms or %ss?", safe, safe);
	if (err)
		return vc_expect_no(why, cap, "%s%sa time is needed, as 5s",
				    safe, safe[0] ? ": " : "");
	return 0;
}

/* What is measured is between both, on the stream's clock. */
static int set_window(struct vc_expect *e, int64_t from, int64_t to, char *why,
		      size_t cap)
{
	if (e->has_window)
		return vc_expect_no(why, cap, "one part of the time at most");
	if (from >= to)
		return vc_expect_no(why, cap,
				    "a time that ends before it "
				    "begins");
	e->has_window = true;
	e->from = from;
	e->to = to;
	return 0;
}

static int take_range(struct vc_expect *e, struct vc_str word, char *why,
		      size_t cap)
{
	struct vc_str first = word, second;
	int64_t from, to;
	size_t at = 1;
	int err;

	while (word.p[at] != '.' || word.p[at + 1] != '.')
		at++;
	first.len = at;
	second = vc_str_of(word.p + at + 2, word.len - at - 2);
	err = take_time(first, &from, why, cap);
	err = err ? err : take_time(second, &to, why, cap);
	return err ? err : set_window(e, from, to, why, cap);
}

static int set_whom(struct vc_expect *e, enum vc_whom whom, char *why,
		    size_t cap)
{
	if (e->whom != VC_WHOM_EVERY || !strcmp(e->scope, "total"))
		return vc_expect_no(why, cap, "%s",
				    e->whom ?
					    "once of whom" :
					    "the whole stream has no sources");
	e->whom = whom;
	return 0;
}

/* "every source", "every", "any source", "any": what is left is in 'rest'. */
static void skip_source(struct vc_str *rest)
{
	struct vc_str after = *rest, word;
	bool quoted;

	if (next_word(&after, &word, &quoted) && !quoted &&
	    vc_str_is(word, "source"))
		*rest = after;
}

/* `for`: a time, everybody, anybody, or who. */
static int take_for(struct vc_expect *e, struct vc_str *rest, char *why,
		    size_t cap)
{
	struct vc_str word;
	bool quoted;

	if (!next_word(rest, &word, &quoted))
		return vc_expect_no(why, cap, "a quote is open");
	if (!word.len)
		return vc_expect_no(why, cap, "for how long, or for whom?");
	if (!quoted && vc_str_is(word, "every")) {
		skip_source(rest);
		return 0;
	}
	if (!quoted && vc_str_is(word, "any")) {
		skip_source(rest);
		return set_whom(e, VC_WHOM_ANY, why, cap);
	}
	if (!quoted && word.p[0] >= '0' && word.p[0] <= '9') {
		if (e->each)
			return vc_expect_no(why, cap, "for how long: once");
		if (take_time(word, &e->each, why, cap))
			return -EINVAL;
		return e->each ? 0 : vc_expect_no(why, cap, "for no time?");
	}
	if (vc_str_copy(e->glob, sizeof(e->glob), word) >= sizeof(e->glob))
		return vc_expect_no(why, cap, "a name too long");
	return set_whom(e, VC_WHOM_GLOB, why, cap);
}

/* `from T to T`, after its first word. */
static int take_from(struct vc_expect *e, struct vc_str *rest, char *why,
		     size_t cap)
{
	struct vc_str a = { 0 }, to = { 0 }, b = { 0 };
	bool quoted;
	int64_t from, until;
	int err;

	next_word(rest, &a, &quoted);
	next_word(rest, &to, &quoted);
	if (!vc_str_is(to, "to"))
		return vc_expect_no(why, cap,
				    "from when to when? as from 5s "
				    "to 10s");
	next_word(rest, &b, &quoted);
	err = take_time(a, &from, why, cap);
	err = err ? err : take_time(b, &until, why, cap);
	return err ? err : set_window(e, from, until, why, cap);
}

static int unknown(struct vc_str word, char *why, size_t cap)
{
	char text[64], safe[VC_ESCAPE_CAP(63)];
	struct vc_near near = { .word = text };

	vc_str_copy(text, sizeof(text), word);
	for (size_t i = 0; i < VC_COUNT(clauses); i++)
		vc_near_try(&near, clauses[i]);
	vc_escape(safe, sizeof(safe), text, strlen(text));
	return vc_expect_no(why, cap, "%s?%s%s%s", safe,
			    near.best ? " Did you mean " : "",
			    near.best ? near.best : "", near.best ? "?" : "");
}

static int take_clause(struct vc_expect *e, struct vc_str word,
		       struct vc_str *rest, char *why, size_t cap)
{
	struct vc_str arg = { 0 };
	bool quoted;
	int64_t t;

	if (vc_str_is(word, "after") || vc_str_is(word, "before")) {
		next_word(rest, &arg, &quoted);
		if (take_time(arg, &t, why, cap))
			return -EINVAL;
		return word.p[0] == 'a' ?
			       set_window(e, t, INT64_MAX, why, cap) :
			       set_window(e, 0, t, why, cap);
	}
	if (vc_str_is(word, "from"))
		return take_from(e, rest, why, cap);
	if (vc_str_is(word, "for"))
		return take_for(e, rest, why, cap);
	if (vc_str_is(word, "any")) {
		skip_source(rest);
		return set_whom(e, VC_WHOM_ANY, why, cap);
	}
	if (is_range(word))
		return take_range(e, word, why, cap);
	return unknown(word, why, cap);
}

/* --- the rule --- */

/*
 * "0.5 s": the number and its unit, as one word. False, and nothing is changed:
 * what comes next is no such unit.
 */
static bool take_with_unit(struct vc_expect *e, struct vc_str *rest,
			   const struct vc_metric *m)
{
	struct vc_str after = *rest, word;
	struct vc_expect joined = *e;
	size_t len = strlen(e->word);
	bool quoted;
	char why[8];

	if (!len || e->word[len - 1] < '0' || e->word[len - 1] > '9' ||
	    !next_word(&after, &word, &quoted) || quoted || !word.len ||
	    is_clause(word) || len + word.len >= sizeof(e->word))
		return false;
	vc_str_copy(joined.word + len, sizeof(joined.word) - len, word);
	if (vc_expect_value(&joined, m, why, sizeof(why)) || joined.is_word)
		return false;
	*e = joined;
	*rest = after;
	return true;
}

/* What is before the operator: "audio.mos p5" is "audio.mos.p5". */
static int take_path(struct vc_expect *e, struct vc_str path,
		     const struct vc_metrics *metrics,
		     const struct vc_metric **m, char *why, size_t cap)
{
	size_t at = path.len;
	struct vc_str last;

	while (at > 0 && !is_blank(path.p[at - 1]) && path.p[at - 1] != ']')
		at--;
	if (at > 0 && is_blank(path.p[at - 1])) {
		last = vc_str_of(path.p + at, path.len - at);
		if (!vc_expect_agg(e, last))
			return vc_expect_no(why, cap,
					    "min, mean, max, p1, p5, p50, p95, "
					    "p99 or last before %s",
					    e->op);
		path = vc_str_trim(vc_str_of(path.p, at));
	}
	return vc_expect_metric(e, path, metrics, m, why, cap);
}

static int take_value(struct vc_expect *e, struct vc_str *rest,
		      const struct vc_metric *m, char *why, size_t cap)
{
	struct vc_str word;
	bool quoted;

	if (!next_word(rest, &word, &quoted))
		return vc_expect_no(why, cap, "a quote is open");
	if (vc_str_copy(e->word, sizeof(e->word), word) >= sizeof(e->word))
		return vc_expect_no(why, cap, "value too long");
	if (!quoted && take_with_unit(e, rest, m))
		return 0;
	return vc_expect_value(e, m, why, cap);
}

int vc_rule_parse(struct vc_expect *e, const char *text,
		  const struct vc_metrics *metrics, char *why, size_t cap)
{
	const struct vc_metric *m = NULL;
	size_t at = 0, op_len;
	struct vc_str rest, word;
	int depth = 0, err;
	bool quoted;

	memset(e, 0, sizeof(*e));
	e->to = INT64_MAX;
	vc_escape(e->text, sizeof(e->text), text, strlen(text));
	/* Names in brackets may hold anything. */
	for (; text[at] && (depth || !strchr("<>=!", text[at])); at++)
		depth += text[at] == '[' ? 1 : text[at] == ']' ? -1 : 0;
	op_len = text[at] && text[at + 1] == '=' ? 2 : 1;
	if (!text[at] || depth || (op_len == 1 && !strchr("<>", text[at])))
		return vc_expect_no(why, cap, "needs one of < <= > >= == !=");
	memcpy(e->op, text + at, op_len);
	err = take_path(e, vc_str_trim(vc_str_of(text, at)), metrics, &m, why,
			cap);
	if (err)
		return err;
	if (strcmp(m->unit, "word"))
		vc_strlcpy(e->unit, m->unit, sizeof(e->unit));
	rest = vc_str_trim(vc_str_c(text + at + op_len));
	err = take_value(e, &rest, m, why, cap);
	while (!err && next_word(&rest, &word, &quoted) && word.len)
		err = quoted ? unknown(word, why, cap) :
			       take_clause(e, word, &rest, why, cap);
	if (!err && trim_left(rest).len)
		err = vc_expect_no(why, cap, "a quote is open");
	if (!err && e->is_word && vc_expect_is_over_time(e))
		err = vc_expect_no(why, cap, "words are not sampled over time");
	return err;
}

int vc_expect_parse(struct vc_expect *e, const char *text,
		    const struct vc_metric *metrics, size_t n_metrics,
		    char *why, size_t cap)
{
	const struct vc_metrics all = { .row = metrics, .n = n_metrics };
	int err = vc_rule_parse(e, text, &all, why, cap);

	if (!err && vc_expect_is_over_time(e))
		err = vc_expect_no(why, cap,
				   "nothing is sampled over time "
				   "here");
	return err;
}

bool vc_expect_is_over_time(const struct vc_expect *e)
{
	return e->agg || e->has_window || e->each;
}

/* In the unit in which it is a whole number. */
static void write_time(char *out, size_t cap, int64_t t)
{
	if (t % VC_SEC)
		snprintf(out, cap, "%gms", (double)t / (double)VC_MS);
	else
		snprintf(out, cap, "%llds", (long long)(t / VC_SEC));
}

int vc_expect_check_interval(const struct vc_expect *e, int64_t interval,
			     char *why, size_t cap)
{
	const int64_t times[] = { e->from, e->to, e->each };
	char time[40], step[40];

	if (e->each / interval > VC_EXPECT_STEPS)
		return vc_expect_no(why, cap,
				    "for at most %d intervals "
				    "(--interval)",
				    VC_EXPECT_STEPS);
	for (size_t i = 0; i < VC_COUNT(times); i++) {
		if (times[i] == INT64_MAX || times[i] % interval == 0)
			continue;
		write_time(time, sizeof(time), times[i]);
		write_time(step, sizeof(step), interval);
		return vc_expect_no(why, cap,
				    "%s is no whole number of intervals of %s "
				    "(--interval)",
				    time, step);
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Expectations: --expect 'audio.loss<1%'. A rule is
 *
 *   PATH OP VALUE [over time] [of whom]
 *
 * where PATH is a path in a JSON record, with .min .mean .max .p1 .p5 .p50 .p95
 * .p99 or .last behind it an aggregate of its samples over time, and OP one of
 * < <= > >= == !=. VALUE: a number with or without the metric's unit, N% (a
 * share: N/100), a time (10ms, compared in the metric's unit), a rate (2Mbit/s),
 * or a word for strings. Over time: `after T`, `before T`, `from T to T`, `T..T`,
 * `for T`. Of whom: `for every source` (the default: every one that has the
 * metric), `any`, `for GLOB`. What nothing has fails as not measured.
 *
 * Final figures are judged here; what is over time, by tool/watch.h.
 */
#ifndef VC_TOOL_EXPECT_H
#define VC_TOOL_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_json;

#define VC_EXPECT_STEPS 3600 /* samples in a window of `for T`, at most */

/* What can be expected: a table of the tool, for --list-metrics too. */
struct vc_metric {
	const char *path;    /* "net.loss", "heard[NAME]" */
	const char *unit;    /* "share", "ms", "packets", "1/s", "" */
	const char *formula; /* one line, with its RFC */
};

/* What a sample of a metric is made of, from a record at its time. */
enum vc_over {
	VC_OVER_STANDS, /* the figure as it stands then */
	VC_OVER_COUNT,	/* by how much 'part' has grown since the last one */
	VC_OVER_SHARE,	/* growth of 'part' / growth of 'whole' */
	VC_OVER_RATE,	/* 'scale' x growth of 'part' / time */
};

/* More of a metric: a second table, for those that are not alike. */
struct vc_trait {
	const char *path;
	char better; /* '<': less of it, '>': more, '|': nearer to 0; 0: none */
	enum vc_over over;
	const char *part; /* NULL: the metric itself */
	const char *whole;
	double scale;
};

/* Another word for a path. */
struct vc_alias {
	const char *word;
	const char *path;
};

struct vc_metrics {
	const struct vc_metric *row;
	size_t n;
	const struct vc_trait *trait;
	size_t n_traits;
	const struct vc_alias *alias;
	size_t n_aliases;
};

enum vc_agg {
	VC_AGG_NONE,
	VC_AGG_MIN,
	VC_AGG_MEAN,
	VC_AGG_MAX,
	VC_AGG_LAST,
	VC_AGG_QUANTILE,
};

enum vc_whom {
	VC_WHOM_EVERY,
	VC_WHOM_ANY,
	VC_WHOM_GLOB,
};

struct vc_expect {
	char text[256]; /* as written, escaped */
	char scope[16]; /* "audio", "video", "" (every source), "total" */
	char path[128]; /* "net.loss" */
	char op[3];
	double value;
	char word[64];
	bool is_word;
	enum vc_agg agg;
	double quantile;
	bool has_window;
	int64_t from, to; /* ns since the beginning; INT64_MAX: to its end */
	int64_t each;	  /* must hold in each window of that length; 0: none */
	enum vc_whom whom;
	char glob[64];
	struct vc_trait trait;
	char unit[16]; /* of its metric; "": none, or words */
};

/* -EINVAL with a reason. Unknown metrics are refused, with the nearest one. */
int vc_rule_parse(struct vc_expect *e, const char *text,
		  const struct vc_metrics *metrics, char *why, size_t cap);
/* The same where nothing is sampled: a rule over time is refused. */
int vc_expect_parse(struct vc_expect *e, const char *text,
		    const struct vc_metric *metrics, size_t n_metrics,
		    char *why, size_t cap);

/* Does it take samples to judge it? */
bool vc_expect_is_over_time(const struct vc_expect *e);
/* -EINVAL with a reason: its times are no whole steps of 'interval'. */
int vc_expect_check_interval(const struct vc_expect *e, int64_t interval,
			     char *why, size_t cap);

/* What is known of the metric 'path' besides its row; zeros where nothing is. */
struct vc_trait vc_metrics_trait(const struct vc_metrics *metrics,
				 const char *path);

/* A path of a trait or an alias that no row has; NULL: there is none. */
const char *vc_metrics_stray(const struct vc_metrics *metrics);

/* What is at 'path' ("net.loss", "heard[Ann]") below 'j', or NULL. */
const struct vc_json *vc_expect_find(const struct vc_json *j, const char *path);

/* Is 'source', one of a record, one that the rule asks? */
bool vc_expect_asks(const struct vc_expect *e, const struct vc_json *source);
/* Does 'measured' satisfy it? */
bool vc_expect_holds(const struct vc_expect *e, double measured);
/* Whether 'a' is nearer to failing than 'b', or further beyond. */
bool vc_expect_is_worse(const struct vc_expect *e, double a, double b);

/*
 * A row of results: {"expect","ok","measured":null,"source"(id or ssrc),
 * "kind"(where it has one),"unit"(unless "")}; 'source' NULL: of no source.
 */
struct vc_json *vc_expect_row(const char *text, const char *unit, bool ok,
			      const struct vc_json *source);

/* The row of a rule that no source was asked: "nobody" has the name that it is
 * for, where it is for one and 'any_asked' is false. */
struct vc_json *vc_expect_unmeasured(const struct vc_expect *e, bool any_asked);

/*
 * Judges 'record' ({"sources":[{"kind":...,...}],...}), by a rule that is not
 * over time; appends a row for each source to the array 'results' ("measured":
 * null: not measured); of `any` one row, of the source that is best.
 * True when it held.
 */
bool vc_expect_judge(const struct vc_expect *e, const struct vc_json *record,
		     struct vc_json *results);

#endif

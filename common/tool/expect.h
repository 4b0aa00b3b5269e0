/* SPDX-License-Identifier: MIT */
/*
 * Expectations: --expect 'audio.loss<1%'. A rule is PATH OP VALUE, where PATH
 * is a path in a JSON record and OP one of < <= > >= == !=. It must hold for
 * every source that has the metric; one that nothing has fails as not
 * measured. VALUE: a number, N% (a share: N/100), a time (10ms, compared in
 * the metric's unit), or a word for strings.
 */
#ifndef VC_TOOL_EXPECT_H
#define VC_TOOL_EXPECT_H

#include <stdbool.h>
#include <stddef.h>

struct vc_json;

/* What can be expected: a table of the tool, for --list-metrics too. */
struct vc_metric {
	const char *path;    /* "net.loss", "heard[NAME]" */
	const char *unit;    /* "share", "ms", "packets", "1/s", "" */
	const char *formula; /* one line, with its RFC */
};

struct vc_expect {
	char text[256]; /* as written, escaped */
	char scope[16]; /* "audio", "video", "" (every source), "total" */
	char path[128]; /* "net.loss" */
	char op[3];
	double value;
	char word[64];
	bool is_word;
};

/* -EINVAL with a reason. Unknown metrics are refused, with the nearest one. */
int vc_expect_parse(struct vc_expect *e, const char *text,
		    const struct vc_metric *metrics, size_t n_metrics,
		    char *why, size_t cap);

/* What is at 'path' ("net.loss", "heard[Ann]") below 'j', or NULL. */
const struct vc_json *vc_expect_find(const struct vc_json *j, const char *path);

/*
 * Judges 'record' ({"sources":[{"kind":...,...}],...}); appends {"expect",
 * "ok","measured"(null: not measured),"source","kind"(of that)} to the array
 * 'results'.
 * True when it held.
 */
bool vc_expect_judge(const struct vc_expect *e, const struct vc_json *record,
		     struct vc_json *results);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * --baseline: a former report, the whole file or the last such line in it, so
 * that what --interval and rules over time write before it does no harm.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "probe.h"
#include "tool/place.h"

#define FILE_MAX (64u << 20)
#define TOLERANCE 0.05

static struct vc_json *report_of(const char *text, size_t len)
{
	struct vc_json *j = vc_json_parse_large(text, len, FILE_MAX, NULL);
	const char *schema = vc_json_get_str(j, "schema");

	if (schema && !strcmp(schema, "vc.probe/1"))
		return j;
	vc_json_free(j);
	return NULL;
}

static struct vc_json *last_line(struct vc_str text)
{
	struct vc_json *found = NULL;

	while (text.len && !found) {
		size_t at = text.len;

		while (at > 0 && text.p[at - 1] != '\n')
			at--;
		found = report_of(text.p + at, text.len - at);
		text.len = at > 0 ? at - 1 : 0;
	}
	return found;
}

void baseline_open(struct probe *p)
{
	const struct vc_metrics known = metrics_known();
	const struct probe_options *o = p->opt;
	char why[256], safe[200], *text;
	struct vc_place place;
	size_t len;
	int err;

	p->tolerances.share = TOLERANCE;
	for (size_t i = 0; i < o->tolerances.n; i++) {
		if (vc_tolerances_parse(&p->tolerances, o->tolerances.v[i],
					&known, why, sizeof(why)))
			vc_tool_usage(p->tool, "--tolerance %s: %s",
				      o->tolerances.v[i], why);
	}
	if (!o->baseline) {
		if (o->tolerances.n)
			vc_tool_usage(p->tool, "--tolerance: of --baseline, "
					       "which is not given");
		return;
	}
	vc_escape(safe, sizeof(safe), o->baseline, strlen(o->baseline));
	if (vc_place_parse(&place, o->baseline, false, why, sizeof(why)))
		vc_tool_usage(p->tool, "--baseline %s: %s", safe, why);
	err = vc_place_slurp(&place, FILE_MAX, &text, &len);
	if (err)
		vc_tool_usage(p->tool, "--baseline %s: %s", safe,
			      strerror(-err));
	p->baseline = report_of(text, len);
	if (!p->baseline)
		p->baseline = last_line(vc_str_of(text, len));
	free(text);
	if (!p->baseline)
		vc_tool_usage(p->tool,
			      "--baseline %s: no report of vc-probe "
			      "--json is in it",
			      safe);
	if (vc_json_len(vc_json_get(p->baseline, "sources")) > MAX_METERS)
		vc_tool_usage(p->tool, "--baseline %s: at most %d sources",
			      safe, MAX_METERS);
}

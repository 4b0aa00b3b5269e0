/* SPDX-License-Identifier: MIT */
/*
 * A run that never ends, or a capture of a million calls, is told source by
 * source. What all of them come to stays in the totals.
 */
#include "calls.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/time.h"
#include "probe.h"
#include "record.h"

void calls_check(const struct probe *p)
{
	const struct probe_options *o = p->opt;

	if (!o->calls)
		return;
	if (!o->json)
		vc_tool_usage(p->tool, "--calls: with --json");
	if (o->expect.n || o->expect_files.n || o->baseline || o->html ||
	    o->packets)
		vc_tool_usage(p->tool,
			      "--calls: not with --expect, --baseline, --html, "
			      "--packets: what has left is not kept");
}

void calls_end(struct probe *p, struct meter *m)
{
	struct vc_json *o = record_source(p, m);
	const char *tag = vc_tool_options(p->tool)->tag;
	char *text;

	vc_json_set_str(o, "schema", "vc.probe.source/1");
	record_set_word(o, "tag", tag ? tag : "");
	record_set_count(o, "t",
			 m->rx.last_arrival == VC_TIME_NONE ?
				 UNSAID :
				 m->rx.last_arrival / VC_US);
	text = vc_json_text(o);
	if (text)
		fprintf(p->report, "%s\n", text);
	free(text);
	vc_json_free(o);
	meter_drop(p, m);
	p->told++;
}

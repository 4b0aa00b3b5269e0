/* SPDX-License-Identifier: MIT */
/*
 * Rules over time in a stream: sampled at each step of the series. A rule that
 * begins to fail, or holds again, is a line at once: among the lines of the
 * report where it has some, else on stderr; and an event of the control socket.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/time.h"
#include "probe.h"
#include "tool/control.h"

#define STEP VC_SEC /* where --interval says nothing */

/* Which of the two that depends on what the report is. */
static FILE *lines_of(const struct probe *p)
{
	bool has_rows = p->opt->interval && !p->opt->series && !p->opt->csv;

	return p->opt->json || (has_rows && !p->opt->tap && !p->opt->packets) ?
		       p->report :
		       stderr;
}

static void changed(void *ctx, const struct vc_rulewatch_change *c)
{
	struct probe *p = ctx;
	struct vc_json *o = vc_json_event("expect", p->start + c->to), *row;
	char *text;

	/* As it will be in the verdict. */
	row = vc_expect_row(c->rule->text, c->rule->unit, c->held, c->source);
	vc_json_set_str(o, "expect", c->rule->text);
	vc_json_set_bool(o, "held", c->held);
	vc_json_set_real(o, "measured", c->measured, 6);
	vc_json_set(o, "source", vc_json_copy(vc_json_get(row, "source")));
	if (vc_json_get_str(row, "kind"))
		vc_json_set_str(o, "kind", vc_json_get_str(row, "kind"));
	vc_json_set_real(o, "from_s", (double)c->from / (double)VC_SEC, 3);
	vc_json_set_real(o, "to_s", (double)c->to / (double)VC_SEC, 3);
	vc_control_event(p->tool, o);
	text = vc_json_text(o);
	if (text)
		fprintf(lines_of(p), "%s\n", text);
	free(text);
	vc_json_free(row);
	vc_json_free(o);
}

void overtime_begin(struct probe *p)
{
	int64_t step = p->every ? p->every : STEP;
	char why[256];

	for (size_t i = 0; i < p->n_expect; i++) {
		const struct vc_expect *e = &p->expect[i];

		if (!vc_expect_is_over_time(e))
			continue;
		if (vc_expect_check_interval(e, step, why, sizeof(why)))
			vc_tool_usage(p->tool, "--expect '%s': %s", e->text,
				      why);
		p->every = step;
	}
	if (p->opt->series)
		p->every = step;
	for (size_t i = 0; i < p->n_expect && !p->watch; i++) {
		if (vc_expect_is_over_time(&p->expect[i]))
			p->watch = vc_rulewatch_new(p->expect, p->n_expect,
						    step, changed, p);
	}
}

void overtime_step(struct probe *p, int64_t now, int64_t due, int64_t took)
{
	int64_t span = due - p->stepped;
	uint64_t unwatched;
	struct vc_json *o;

	p->stepped = due;
	if (!p->watch)
		return;
	unwatched = vc_rulewatch_unwatched(p->watch);
	o = record_sample(p, now);
	vc_rulewatch_sample(p->watch, o, due - p->start, span, took);
	vc_json_free(o);
	if (!unwatched && vc_rulewatch_unwatched(p->watch))
		vc_tool_warn(p->tool, "expect: too many sources for rules over "
				      "time: not all of them are watched");
}

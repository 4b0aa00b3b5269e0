/* SPDX-License-Identifier: MIT */
/* vc-probe diff: options, and reading both sides. */
#include "diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "active.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "tool/reading.h"
#include "verbs.h"

#define WINDOW (10 * VC_SEC)
/* Of marks: those of sound come late, and come round after four minutes. */
#define MARKS_MIN (4 * VC_SEC)
#define MARKS_MAX (120 * VC_SEC)

enum {
	KEY_MATCH = VC_KEY_OWN,
	KEY_CLOCKS,
	KEY_WINDOW,
};

struct diff_options {
	struct active_rules rules;
	int match, clocks;
	int64_t window;
};

static const struct argp_option options[] = {
	{ "match", KEY_MATCH, "auto|rtp|payload|marks", 0,
	  "the same packet: by SSRC, number and payload; by payload alone; "
	  "auto: the second where A's SSRC is not in B; marks: the same "
	  "pictures and sound, by the marks of a test source",
	  0 },
	{ "clocks", KEY_CLOCKS, "auto|same|apart", 0,
	  "whether times of A and B are of one clock (auto: of virtual "
	  "streams)",
	  0 },
	{ "window", KEY_WINDOW, "T", 0,
	  "how long a packet is looked for (default 10s)", 0 },
	ACTIVE_EXPECT_OPTIONS,
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const matches[] = { "auto", "rtp", "payload",
					       "marks", NULL };
	static const char *const clocks[] = { "auto", "same", "apart", NULL };
	struct diff_options *o = state->input;

	switch (key) {
	case KEY_MATCH:
		return vc_opt_word(state, arg, matches, &o->match);
	case KEY_CLOCKS:
		return vc_opt_word(state, arg, clocks, &o->clocks);
	case KEY_WINDOW:
		if (vc_opt_time(state, arg, &o->window))
			return EINVAL;
		if (o->window < 10 * VC_MS || o->window > 600 * VC_SEC)
			argp_error(state, "--window %s: 10ms to 10m", arg);
		return 0;
	}
	return active_rules_opt(key, arg, &o->rules, diff_metrics,
				n_diff_metrics);
}

const struct vc_tool_info diff_info = {
	.name = "vc-probe diff",
	.sentence = "compares the packets of two places: loss, delay, jitter "
		    "and reordering between them",
	.args_doc = "A B",
	.io_doc = "Reads A and B, captures or vc streams, and writes a report "
		  "to stdout.",
	.examples = "vc-probe diff near.pcap far.pcap\n"
		    "vc-probe diff -e 'diff.loss<1%' near.pcap far.pcap\n"
		    "vc-probe diff --match payload before.pcap after.pcap\n"
		    "vc-probe diff --match marks sent.vcrtp mixed.vcrtp\n",
	.groups = 0,
	.sandbox = VC_SANDBOX_ON,
	.options = options,
	.parse = parse,
};

static void say_if_strange(const struct diff *d)
{
	if (diff_has_pairs(d) || d->match == DIFF_RTP || d->match == DIFF_MARKS)
		return;
	vc_tool_warn(d->tool,
		     "no packet of A is in B: what was encoded anew between "
		     "them is known by its marks, if it is of a test source: "
		     "--match marks");
}

static void say_if_empty(const struct diff *d, int i)
{
	const struct diff_side *s = &d->side[i];
	const char *place = diff_reader_place(s->reader);

	if (s->packets)
		return;
	if (!diff_reader_has_rtp(s->reader))
		vc_tool_fail(d->tool, VC_EXIT_NO_MEDIA, "%s: no media came",
			     place);
	else if (!diff_marks_any(s->marks))
		vc_tool_fail(d->tool, VC_EXIT_NO_MEDIA,
			     "%s: nothing in it can be decoded", place);
	else
		vc_tool_fail(d->tool, VC_EXIT_NO_MEDIA,
			     "%s: no marks in its pictures and sound (a test "
			     "source has them: vc-capture test:)",
			     place);
}

static void run(struct diff *d, struct diff_options *o)
{
	struct vc_json *record;

	while (!d->side[0].is_over || !d->side[1].is_over) {
		int side = diff_next(d);

		if (!diff_reader_step(d->side[side].reader)) {
			diff_marks_end(d->side[side].marks);
			d->side[side].is_over = true;
		}
	}
	diff_end(d);
	for (int i = 0; i < 2; i++)
		say_if_empty(d, i);
	if (!d->side[0].packets && !d->side[1].packets)
		return;
	if (d->side[0].packets && d->side[1].packets)
		say_if_strange(d);
	record = diff_record(d);
	active_report(&o->rules, d->tool, record, diff_table);
	vc_json_free(record);
}

int diff_run(int argc, char **argv)
{
	struct diff *d = vc_alloc(1, sizeof(*d));
	struct vc_tool *t = vc_tool_new(&diff_info);
	struct diff_options own = { .window = WINDOW };
	const struct vc_words *args = &vc_tool_options(t)->args;
	int code, err;

	d->tool = t;
	vc_tool_parse(t, argc, argv, &own);
	if (args->n != 2)
		vc_tool_usage(t, "A and B, two captures or streams");
	d->match = (enum diff_match)own.match;
	d->clocks = (enum diff_clocks)own.clocks;
	d->window = own.window;
	if (d->match == DIFF_MARKS &&
	    (own.window < MARKS_MIN || own.window > MARKS_MAX))
		vc_tool_usage(t, "--match marks: --window of 4s to 2m");
	vc_reading_note(t, args, false);
	active_rules_parse(&own.rules, t, diff_metrics, n_diff_metrics);
	err = diff_begin(d);
	if (err)
		vc_tool_fail(t, VC_EXIT_FAIL, "%s", strerror(-err));
	else if (!diff_reader_open(d, 0, args->v[0]) &&
		 !diff_reader_open(d, 1, args->v[1]) && !vc_tool_start(t))
		run(d, &own);
	diff_clear(d);
	active_rules_clear(&own.rules);
	code = vc_tool_end(t);
	free(d);
	return code;
}

/* SPDX-License-Identifier: MIT */
/* The options of vc-probe where it reads a stream, and what --help says. */
#include <errno.h>

#include "base/num.h"
#include "base/str.h"
#include "base/time.h"
#include "probe.h"
#include "verbs.h"

enum {
	KEY_JSON = VC_KEY_OWN,
	KEY_CSV,
	KEY_HTML,
	KEY_METRICS,
	KEY_TOP,
	KEY_PASS,
	KEY_REPORT,
	KEY_HEARD,
	KEY_SEEN,
	KEY_MARKS,
	KEY_DECODE,
	KEY_REF,
	KEY_VMAF,
	KEY_VISQOL,
	KEY_PACKETS,
	KEY_LIST,
	KEY_INTERVAL,
	KEY_SERIES,
	KEY_BASELINE,
	KEY_TOLERANCE,
	KEY_PART,
	KEY_EXPECT_FILE,
	KEY_JUNIT,
	KEY_TAP,
	KEY_BUFFER,
	KEY_IFACE,
	KEY_FILTER,
	KEY_HEURISTIC,
	KEY_CALLS,
	KEY_IMPAIR_OUT,
};

static const struct argp_option options[] = {
	{ "expect", 'e', "RULE", 0,
	  "exit 3 unless RULE holds for every source that has the metric, as "
	  "'audio.loss<1%' (repeatable)",
	  0 },
	{ "json", KEY_JSON, NULL, 0, "report as one JSON object", 0 },
	{ "html", KEY_HTML, "FILE", 0,
	  "write a page with plots there, beside the report", 0 },
	{ "top", KEY_TOP, NULL, 0,
	  "show the sources on the whole terminal while they run", 0 },
	{ "marks", KEY_MARKS, NULL, 0,
	  "decode, and read the marks in picture and sound", 0 },
	{ "decode", KEY_DECODE, NULL, 0,
	  "decode, and measure what is heard and seen", 0 },
	{ "pass", KEY_PASS, NULL, 0,
	  "copy the stream to stdout; the report goes to stderr", 0 },
	{ NULL, 0, NULL, 0, "Judging:", 0 },
	{ "expect-file", KEY_EXPECT_FILE, "PLACE", 0,
	  "rules from there, one a line (repeatable)", 0 },
	{ "baseline", KEY_BASELINE, "PLACE", 0,
	  "exit 3 where it is worse than this former --json report", 0 },
	{ "tolerance", KEY_TOLERANCE, "N%|METRIC=N%|METRIC=VALUE|METRIC=off", 0,
	  "by more than that (5%; repeatable, or with commas)", 0 },
	{ "junit", KEY_JUNIT, "PLACE", 0,
	  "write what was judged there, as JUnit XML", 0 },
	{ "tap", KEY_TAP, NULL, 0,
	  "report what was judged, as TAP (Test Anything Protocol)", 0 },
	{ "list-metrics", KEY_LIST, NULL, 0,
	  "what --expect knows: path, unit, formula", 0 },
	{ NULL, 0, NULL, 0, "The report:", 0 },
	{ "report", KEY_REPORT, "PLACE", 0, "write the report there", 0 },
	{ "csv", KEY_CSV, NULL, 0, "report as CSV, a row a source", 0 },
	{ "calls", KEY_CALLS, NULL, 0,
	  "with --json: a line for each source as it ends, which is then not "
	  "kept",
	  0 },
	{ "interval", KEY_INTERVAL, "T", 0, "figures of each T as well", 0 },
	{ "series", KEY_SERIES, "PLACE", 0,
	  "write the figures of each interval (1s) there, as JSON lines", 0 },
	{ "metrics", KEY_METRICS, "[ADDR]:PORT", 0,
	  "answer Prometheus there while it runs", 0 },
	{ "packets", KEY_PACKETS, "json", OPTION_ARG_OPTIONAL,
	  "a line a frame instead of the report", 0 },
	{ "impair-out", KEY_IMPAIR_OUT, "PLACE", 0,
	  "write what the network did, for vc-impair --replay", 0 },
	{ NULL, 0, NULL, 0, "What is measured:", 0 },
	{ "part", KEY_PART, "FROM-TO", 0,
	  "measure only this part of the stream", 0 },
	{ "heard", KEY_HEARD, "NAME[,NAME...]", 0,
	  "listen for these participants' tones (repeatable)", 0 },
	{ "seen", KEY_SEEN, "NAME[,NAME...]", 0,
	  "look for these participants' marks in pictures (repeatable)", 0 },
	{ "ref", KEY_REF, "FILE", 0,
	  "decode, and compare pictures with this Y4M file", 0 },
	{ "vmaf", KEY_VMAF, "EXE", 0,
	  "decode, and have pictures judged by this program, libvmaf's vmaf",
	  0 },
	{ "visqol", KEY_VISQOL, "EXE", 0,
	  "decode, and have the test sound judged by this program, ViSQOL", 0 },
	{ "buffer", KEY_BUFFER, "T[,T...]", 0,
	  "count packets that come too late for a jitter buffer of T", 0 },
	{ NULL, 0, NULL, 0, "Captures:", 0 },
	{ "iface", KEY_IFACE, "IFACE", 0,
	  "measure what this interface sees, as one of `ip link`, or any "
	  "(needs CAP_NET_RAW)",
	  0 },
	{ "filter", KEY_FILTER, "EXPR", 0,
	  "with --iface: take what pcap-filter(7) lets through", 0 },
	{ "heuristic", KEY_HEURISTIC, NULL, 0,
	  "captures: take what SIP tells and what looks like RTP, also where "
	  "--sdp names ports",
	  0 },
	{ 0 },
};

static void take_buffers(struct argp_state *state, struct probe_options *o,
			 const char *arg)
{
	struct vc_str rest = vc_str_c(arg);

	do {
		struct vc_str each = vc_str_cut(&rest, ',');

		if (probe_add_buffer(o, each))
			argp_error(state,
				   "--buffer %s: at most %d times above 0, as "
				   "60ms,200ms",
				   arg, MAX_BUFFERS);
	} while (rest.len);
}

/* What is read, or nothing is. */
static error_t parse_input(int key, const char *arg, struct probe_options *o)
{
	switch (key) {
	case KEY_IFACE:
		o->iface = arg;
		return 0;
	case KEY_FILTER:
		o->filter = arg;
		return 0;
	case KEY_HEURISTIC:
		o->heuristic = true;
		return 0;
	case KEY_CALLS:
		o->calls = true;
		return 0;
	case KEY_LIST:
		o->list = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* What the report looks like, and where it goes. */
static error_t parse_report(struct probe_options *o, int key, char *arg)
{
	switch (key) {
	case KEY_JSON:
		o->json = true;
		return 0;
	case KEY_CSV:
		o->csv = true;
		return 0;
	case KEY_TOP:
		o->top = true;
		return 0;
	case KEY_TAP:
		o->tap = true;
		return 0;
	case KEY_HTML:
		o->html = arg;
		return 0;
	case KEY_JUNIT:
		o->junit = arg;
		return 0;
	case KEY_METRICS:
		o->metrics = arg;
		return 0;
	case KEY_REPORT:
		o->report = arg;
		return 0;
	case KEY_IMPAIR_OUT:
		o->impair_out = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* What is decoded, and for what. */
static error_t parse_decoded(int key, char *arg, struct probe_options *o)
{
	switch (key) {
	case KEY_HEARD:
		vc_words_add(&o->heard, arg);
		return 0;
	case KEY_SEEN:
		vc_words_add(&o->seen, arg);
		return 0;
	case KEY_MARKS:
		o->marks = true;
		return 0;
	case KEY_REF:
		o->ref = arg;
		return 0;
	case KEY_VMAF:
		o->vmaf = arg;
		return 0;
	case KEY_VISQOL:
		o->visqol = arg;
		return 0;
	case KEY_DECODE:
		o->decode = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	static const char *const forms[] = { "json", NULL };
	struct probe_options *o = state->input;
	int form;

	switch (key) {
	case 'e':
		vc_words_add(&o->expect, arg);
		return 0;
	case KEY_EXPECT_FILE:
		vc_words_add(&o->expect_files, arg);
		return 0;
	case KEY_PASS:
		o->pass = true;
		return 0;
	case KEY_BASELINE:
		o->baseline = arg;
		return 0;
	case KEY_TOLERANCE:
		vc_words_add(&o->tolerances, arg);
		return 0;
	case KEY_SERIES:
		o->series = arg;
		return 0;
	case KEY_PACKETS:
		o->packets = arg ? 2 : 1;
		return arg ? vc_opt_word(state, arg, forms, &form) : 0;
	case KEY_BUFFER:
		take_buffers(state, o, arg);
		return 0;
	case KEY_PART:
		if (vc_num_range(arg, &o->from, &o->to))
			argp_error(state, "--part %s: FROM-TO, as 2s-5s", arg);
		return 0;
	case KEY_INTERVAL:
		if (vc_opt_time(state, arg, &o->interval))
			return EINVAL;
		if (o->interval < 10 * VC_MS)
			argp_error(state, "--interval %s: at least 10ms", arg);
		return 0;
	}
	if (!parse_input(key, arg, o) || !parse_decoded(key, arg, o))
		return 0;
	return parse_report(o, key, arg);
}

static const struct vc_tool_verb verbs[] = {
	{ &path_info, path_run },     { &reflect_info, reflect_run },
	{ &diff_info, diff_run },     { &load_info, load_run },
	{ &doctor_info, doctor_run }, { 0 },
};

const struct vc_tool_info probe_info = {
	.name = "vc-probe",
	.sentence = "measures a vc stream: loss, jitter, frames, freezes, "
		    "speech quality, who is heard; and judges it",
	.args_doc = "[INPUT]",
	.io_doc =
		"Reads INPUT (default stdin), a stream or a capture (pcap:FILE, "
		"rtpdump:FILE, mjr:FILE), or --iface, and writes a report to stdout, "
		"or with --pass the stream to stdout and the report to "
		"stderr.",
	.examples = "vc-capture --virtual -t 10s test: | vc-probe\n"
		    "vc-probe --json call.vcrtp | jq '.sources[].loss'\n"
		    "vc-probe -e 'audio.loss<1%' -e 'fps>25' call.vcrtp\n",
	.groups = VC_OPT_READ | VC_OPT_TLS | VC_OPT_TIME | VC_OPT_SELECT |
		  VC_OPT_SOURCES | VC_OPT_CONTROL | VC_OPT_STATS | VC_OPT_READY,
	.sandbox = VC_SANDBOX_ON,
	.options = options,
	.parse = parse,
	.verbs = verbs,
};

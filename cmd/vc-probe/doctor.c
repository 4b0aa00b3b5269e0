/* SPDX-License-Identifier: MIT */
/* vc-probe doctor: runs the checks, and says what is to be done. */
#include "doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "verbs.h"

enum { KEY_JSON = VC_KEY_OWN, KEY_NEED };

static const char *const groups[DOCTOR_GROUPS + 1] = {
	[DOCTOR_LIVE] = "live",	      [DOCTOR_SECURE] = "secure",
	[DOCTOR_FAST] = "fast",	      [DOCTOR_CAPTURE] = "capture",
	[DOCTOR_DEVICES] = "devices", [DOCTOR_TESTS] = "tests",
};

struct doctor {
	bool json;
	bool needs[DOCTOR_GROUPS];
	bool has_need;
	size_t lacks; /* of what is needed */
	struct vc_json *checks;
};

static const struct argp_option options[] = {
	{ "need", KEY_NEED, "WHAT[,WHAT...]", 0,
	  "exit 3 if one of live, secure, fast, capture, devices, tests lacks "
	  "something (default live,secure; repeatable)",
	  0 },
	{ "json", KEY_JSON, NULL, 0, "report as one JSON object", 0 },
	{ 0 },
};

static error_t need(struct argp_state *state, const char *arg, struct doctor *d)
{
	struct vc_str rest = vc_str_c(arg);
	char word[32];
	error_t err = 0;
	int i;

	do {
		vc_str_copy(word, sizeof(word), vc_str_cut(&rest, ','));
		err = vc_opt_word(state, word, groups, &i);
		if (!err)
			d->needs[i] = d->has_need = true;
	} while (!err && rest.len);
	return err;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct doctor *d = state->input;

	switch (key) {
	case KEY_JSON:
		d->json = true;
		return 0;
	case KEY_NEED:
		return need(state, arg, d);
	}
	return ARGP_ERR_UNKNOWN;
}

const struct vc_tool_info doctor_info = {
	.name = "vc-probe doctor",
	.sentence = "tries what calls need of this machine, and says how to "
		    "mend what it lacks",
	.args_doc = "",
	.io_doc = "Writes a report to stdout.",
	.examples = "vc-probe doctor\n"
		    "vc-probe doctor --need live,devices\n"
		    "vc-probe doctor --json | jq '.checks[] | "
		    "select(.ok | not)'\n",
	.options = options,
	.parse = parse,
};

static void write_row(const struct doctor_check *c,
		      const struct doctor_found *f, bool is_needed)
{
	printf("%-6s %-15s %-8s %s",
	       f->ok	 ? "ok" :
	       is_needed ? "LACKS" :
			   "no",
	       c->name, groups[c->group], f->found);
	if (!f->ok && f->wants[0])
		printf(" (wanted: %s)", f->wants);
	putchar('\n');
	if (!f->ok && f->mend[0])
		printf("%-6s %s\n", "", f->mend);
}

static void add_check(struct doctor *d, const struct doctor_check *c,
		      const struct doctor_found *f, bool is_needed)
{
	struct vc_json *o = vc_json_object();

	vc_json_set_str(o, "name", c->name);
	vc_json_set_str(o, "group", groups[c->group]);
	vc_json_set_bool(o, "ok", f->ok);
	vc_json_set_bool(o, "needed", is_needed);
	vc_json_set_str(o, "found", f->found);
	if (f->wants[0])
		vc_json_set_str(o, "wants", f->wants);
	else
		vc_json_set_null(o, "wants");
	if (!f->ok && f->mend[0])
		vc_json_set_str(o, "mend", f->mend);
	else
		vc_json_set_null(o, "mend");
	vc_json_add(d->checks, o);
}

static void look(struct doctor *d, const struct doctor_check *checks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct doctor_check *c = &checks[i];
		bool is_needed = d->needs[c->group];
		struct doctor_found f = { 0 };

		c->look(&f);
		d->lacks += is_needed && !f.ok;
		if (d->json)
			add_check(d, c, &f, is_needed);
		else
			write_row(c, &f, is_needed);
	}
}

static void write_json(struct doctor *d)
{
	struct vc_json *o = vc_json_object();
	char *text;

	vc_json_set_str(o, "schema", "vc.probe.doctor/1");
	vc_json_set_bool(o, "ok", !d->lacks);
	vc_json_set_int(o, "lacks", (int64_t)d->lacks);
	vc_json_set(o, "checks", d->checks);
	text = vc_json_text(o);
	if (text)
		printf("%s\n", text);
	free(text);
	vc_json_free(o);
}

int doctor_run(int argc, char **argv)
{
	struct vc_tool *t = vc_tool_new(&doctor_info);
	struct doctor d = { 0 };

	vc_tool_parse(t, argc, argv, &d);
	if (vc_tool_options(t)->args.n)
		vc_tool_usage(t, "it is of this machine: no operand");
	if (!d.has_need)
		d.needs[DOCTOR_LIVE] = d.needs[DOCTOR_SECURE] = true;
	d.checks = vc_json_array();
	look(&d, doctor_net, n_doctor_net);
	look(&d, doctor_host, n_doctor_host);
	if (d.json)
		write_json(&d);
	else
		vc_json_free(d.checks);
	if (fflush(stdout) && errno != EPIPE)
		vc_tool_fail(t, VC_EXIT_FAIL, "report: write: %s",
			     strerror(errno));
	if (d.lacks)
		vc_tool_fail(t, VC_EXIT_EXPECT, "%zu needed %s", d.lacks,
			     d.lacks == 1 ? "thing lacks" : "things lack");
	return vc_tool_end(t);
}

/* SPDX-License-Identifier: MIT */
/* Where the report goes, its lines, and what is said of expectations. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "probe.h"
#include "tool/place.h"

int report_open(struct probe *p)
{
	const char *text = p->opt->report;
	struct vc_place place;
	char why[256];
	int fd, err;

	p->report = p->opt->pass ? stderr : stdout;
	if (!text)
		return 0;
	if (vc_place_parse(&place, text, false, why, sizeof(why)))
		vc_tool_usage(p->tool, "--report %s: %s", text, why);
	if (place.kind == VC_PLACE_STDIO) {
		if (p->opt->pass)
			vc_tool_usage(p->tool, "--report -: the stream goes "
					       "there, by --pass");
		p->report = stdout;
		return 0;
	}
	err = vc_place_open_write(&place, &fd);
	if (!err) {
		p->report = fdopen(fd, "w");
		if (p->report)
			return 0;
		err = -errno;
		close(fd);
	}
	p->report = NULL;
	vc_tool_fail(p->tool, VC_EXIT_FAIL, "%s: open: %s", place.text,
		     strerror(-err));
	return err;
}

void report_close(struct probe *p)
{
	if (p->report && p->report != stdout && p->report != stderr &&
	    fclose(p->report))
		vc_tool_fail(p->tool, VC_EXIT_FAIL, "report: close: %s",
			     strerror(errno));
}

static void write_json(struct probe *p, const struct vc_json *j)
{
	char *text = vc_json_text(j);

	if (text)
		fprintf(p->report, "%s\n", text);
	free(text);
}

/* Also before the loop sleeps: lines are to be seen when they are there. */
void report_check(void *ctx)
{
	struct probe *p = ctx;
	int err = fflush(p->report) ? errno : ferror(p->report) ? EIO : 0;

	if (!err)
		return;
	/* Nobody reads any more; what went wrong is said at the end. */
	if (p->report == stdout) {
		vc_tool_stop(p->tool, "eof");
		return;
	}
	clearerr(p->report);
	vc_tool_fail(p->tool, VC_EXIT_FAIL, "report: write: %s", strerror(err));
}

static void say_failed(struct probe *p, const struct vc_json *record,
		       const struct vc_json *row)
{
	const char *rule = vc_json_get_str(row, "expect");
	const struct vc_json *j = vc_json_get(row, "source");
	const char *name = table_who(record, vc_json_str(j));
	char who[VC_ESCAPE_CAP(VC_ROSTER_TEXT)];
	bool ok = false;
	double v;

	vc_json_get_bool(row, "ok", &ok);
	if (ok)
		return;
	vc_escape(who, sizeof(who), name, strlen(name));
	j = vc_json_get(row, "measured");
	if (vc_json_number(j, &v))
		vc_tool_fail(p->tool, VC_EXIT_EXPECT,
			     "expected %s: failed: %s%s%.6g", rule, who,
			     who[0] ? ": " : "", v);
	else
		vc_tool_fail(p->tool, VC_EXIT_EXPECT, "expected %s: failed: %s",
			     rule,
			     vc_json_str(j) ? "another word" : "not measured");
}

/* The failed ones go to stderr, unless the table is shown beside them. */
static void judge(struct probe *p, struct vc_json *record)
{
	bool is_shown = !p->opt->json && !p->opt->packets &&
			isatty(fileno(p->report)) && isatty(STDERR_FILENO);
	struct vc_json *results = vc_json_array();
	bool all_ok = true;

	for (size_t i = 0; i < p->n_expect; i++)
		all_ok &= vc_expect_judge(&p->expect[i], record, results);
	if (!all_ok)
		vc_tool_set_exit(p->tool, VC_EXIT_EXPECT);
	for (size_t i = 0; !is_shown && i < vc_json_len(results); i++)
		say_failed(p, record, vc_json_at(results, i));
	vc_json_set(record, "expect", results);
}

void report_interval(struct probe *p, int64_t now)
{
	struct vc_json *line = record_interval(p, now, now - p->timed);

	p->timed = now;
	if (p->opt->json) {
		write_json(p, line);
	} else {
		table_rows(p->report, line, !p->has_rows);
		p->has_rows = true;
	}
	vc_json_free(line);
	report_check(p);
}

void report_write(struct probe *p, int64_t now)
{
	struct vc_json *record = record_make(p, now);

	judge(p, record);
	if (p->opt->packets) {
		report_check(p);
	} else if (p->opt->json) {
		write_json(p, record);
	} else {
		if (p->has_rows)
			fputc('\n', p->report);
		table_write(p->report, record);
	}
	vc_json_free(record);
	report_check(p);
}

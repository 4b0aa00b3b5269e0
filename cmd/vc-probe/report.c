/* SPDX-License-Identifier: MIT */
/* Where the report goes, and its lines. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "html.h"
#include "judge.h"
#include "media/charwidth.h"
#include "probe.h"
#include "serve.h"
#include "top.h"
#include "tool/place.h"

static FILE *open_place(struct probe *p, const char *option, const char *text)
{
	struct vc_place place;
	char why[256];
	FILE *f = NULL;
	int fd, err;

	if (vc_place_parse(&place, text, false, why, sizeof(why)))
		vc_tool_usage(p->tool, "%s %s: %s", option, text, why);
	if (place.kind == VC_PLACE_STDIO)
		return stdout;
	err = vc_place_open_write(p->tool, &place, &fd);
	if (!err) {
		f = fdopen(fd, "w");
		if (f)
			return f;
		err = -errno;
		close(fd);
	}
	vc_tool_fail(p->tool, VC_EXIT_FAIL, "%s: open: %s", place.text,
		     strerror(-err));
	return NULL;
}

int report_open(struct probe *p)
{
	const struct probe_options *o = p->opt;

	p->widths = vc_charwidth_new();
	p->report = o->pass ? stderr : stdout;
	if (o->report)
		p->report = open_place(p, "--report", o->report);
	if (p->report == stdout && o->pass)
		vc_tool_usage(p->tool, "--report -: the stream goes there, by "
				       "--pass");
	if (p->report && o->junit) {
		p->junit = open_place(p, "--junit", o->junit);
		if (p->junit == stdout && (o->pass || p->report == stdout))
			vc_tool_usage(p->tool, "--junit -: %s goes there",
				      o->pass ? "the stream" : "the report");
	}
	if (p->report && o->series) {
		p->series = open_place(p, "--series", o->series);
		if (p->series == stdout &&
		    (o->pass || p->report == stdout || p->junit == stdout))
			vc_tool_usage(p->tool, "--series -: %s goes there",
				      o->pass ? "the stream" : "the report");
	}
	if (!p->report || (o->junit && !p->junit) || (o->series && !p->series))
		return -EIO;
	if (o->html && html_open(&p->html, p, o->html))
		return -EIO;
	return o->metrics ? serve_open(&p->serve, p, o->metrics) : 0;
}

static void close_place(struct probe *p, FILE *f, const char *what)
{
	bool is_own = f && f != stdout && f != stderr;

	if (f && (is_own ? fclose(f) : fflush(f)))
		vc_tool_fail(p->tool, VC_EXIT_FAIL, "%s: close: %s", what,
			     strerror(errno));
}

void report_close(struct probe *p)
{
	if (p->report && p->report != stdout && p->report != stderr)
		close_place(p, p->report, "report");
	close_place(p, p->junit, "junit");
	html_free(p->html);
	close_place(p, p->series, "series");
	serve_free(p->serve);
	vc_charwidth_free(p->widths);
}

static void write_json(FILE *f, const struct vc_json *j)
{
	char *text = vc_json_text(j);

	if (text)
		fprintf(f, "%s\n", text);
	free(text);
}

/* Also before the loop sleeps: lines are to be seen when they are there. */
void report_check(void *ctx)
{
	struct probe *p = ctx;
	int err = fflush(p->report) ? errno : ferror(p->report) ? EIO : 0;

	if (p->series && fflush(p->series)) {
		clearerr(p->series);
		vc_tool_fail(p->tool, VC_EXIT_FAIL, "series: write: %s",
			     strerror(errno));
	}

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

static void write_line(struct probe *p, const struct vc_json *line)
{
	/* Where the screen is now. */
	if (p->top && isatty(fileno(p->report)))
		return;
	if (p->opt->json)
		write_json(p->report, line);
	else if (p->opt->csv)
		csv_rows(p->report, line, !p->has_rows);
	else
		table_rows(p->report, p->widths, line, !p->has_rows);
	p->has_rows = true;
}

void report_interval(struct probe *p, int64_t now, int64_t due)
{
	struct vc_json *line;
	int64_t span = now - p->timed;

	if (span > 0) {
		line = record_interval(p, now, span);
		if (p->series)
			write_json(p->series, line);
		else if (p->opt->interval)
			write_line(p, line);
		if (p->html)
			html_interval(p->html, line, span);
		if (p->top)
			top_interval(p->top, line);
		else
			vc_json_free(line);
	}
	p->timed = now;
	overtime_step(p, now, due, span);
	report_check(p);
}

/* There was a stream, and the part that was asked for has no packet of it. */
static bool is_empty_part(const struct probe *p)
{
	uint64_t packets = p->past.packets;

	for (const struct meter *m = p->first; m; m = m->next)
		packets += m->rx.packets;
	return !packets && (p->opt->from || p->opt->to) && !p->opt->packets;
}

void report_write(struct probe *p, int64_t now)
{
	bool is_empty = is_empty_part(p), is_broken;
	struct vc_json *record;

	judge_all(p);
	is_broken = vc_tool_has_failed(p->tool);
	if (is_empty)
		vc_tool_fail(p->tool, VC_EXIT_NO_MEDIA,
			     "--part: no media came in it");
	if (is_empty && p->opt->tap) {
		report_nothing(p);
		return;
	}
	record = record_make(p, now);
	verdict_judge(p, record);
	vc_tool_wipe(p->tool);
	if (p->opt->tap) {
		verdict_tap(p->report, record, is_broken);
	} else if (p->opt->packets) {
		report_check(p);
	} else if (p->opt->json) {
		write_json(p->report, record);
	} else if (p->opt->csv) {
		/* Of a series the rows are there, and one table a file. */
		if (!p->opt->interval || p->series)
			csv_write(p->report, record);
	} else {
		if (p->has_rows)
			fputc('\n', p->report);
		table_write(p->report, p->widths, record);
	}
	if (p->junit && is_empty)
		verdict_nothing(p->tool, NULL, p->junit);
	else if (p->junit)
		verdict_junit(p->junit, vc_tool_options(p->tool)->tag, record,
			      is_broken);
	if (p->html)
		html_write(p->html, p, record, is_broken);
	vc_json_free(record);
	report_check(p);
}

void report_nothing(struct probe *p)
{
	verdict_nothing(p->tool, p->opt->tap ? p->report : NULL, p->junit);
}

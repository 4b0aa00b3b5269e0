/* SPDX-License-Identifier: MIT */
/*
 * The page is made at the end, in memory, and put into its place whole. That it
 * can be written is seen to at the start, when somebody still looks. It has a
 * policy that forbids everything but its own style, so that nothing in it can
 * ask a network for anything.
 */
#include "html.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "course.h"
#include "engine/outfile.h"
#include "probe.h"
#include "tool/reading.h"
#include "tool/sandbox.h"
#include "tool/xml.h"

struct html {
	const char *path;
	struct course course;
};

/* --- life --- */

static void say(struct probe *p, const char *path, const char *what, int err)
{
	char safe[VC_ESCAPE_CAP(256)];

	vc_escape(safe, sizeof(safe), path, strnlen(path, 256));
	vc_tool_fail(p->tool, VC_EXIT_FAIL, "%s: %s: %s", safe, what,
		     err == -EEXIST ? "its .part is there" : strerror(-err));
}

int html_open(struct html **out, struct probe *p, const char *path)
{
	struct vc_outfile *o;
	struct stat st;
	int err = !stat(path, &st) && S_ISDIR(st.st_mode) ? -EISDIR : 0;

	char safe[256];

	vc_escape(safe, sizeof(safe), path, strlen(path));
	if (!err)
		err = vc_reading_check_path(p->tool, path, safe);
	if (!err)
		err = vc_outfile_open(path, &o);
	if (err) {
		say(p, path, "open", err);
		return err;
	}
	vc_outfile_abandon(o);
	vc_sandbox_allow(p->tool, path, VC_ALLOW_WRITE);
	*out = vc_alloc(1, sizeof(**out));
	(*out)->path = path;
	return 0;
}

void html_free(struct html *h)
{
	if (!h)
		return;
	course_clear(&h->course);
	free(h);
}

void html_interval(struct html *h, const struct vc_json *line, int64_t span)
{
	course_add(&h->course, line, (double)span / 1e9);
}

/* --- the page --- */

static void put_time(FILE *f, double s)
{
	long whole = (long)s;

	if (s < 60)
		fprintf(f, "%.2f<small> s</small>", s);
	else if (s < 3600)
		fprintf(f, "%ld:%02ld<small> min</small>", whole / 60,
			whole % 60);
	else
		fprintf(f, "%ld:%02ld:%02ld<small> h</small>", whole / 3600,
			whole / 60 % 60, whole % 60);
}

static void put_title(FILE *f, const struct vc_json *record)
{
	const char *tag = vc_json_get_str(record, "tag");

	if (tag)
		vc_xml_put(f, tag);
	else
		fputs("Media report", f);
}

static void put_head(FILE *f, const struct vc_json *record)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head>"
	      "<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\""
	      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
	      "form-action 'none'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, "
	      "initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      "<meta name=\"generator\" content=\"vc-probe " VC_VERSION "\">\n"
	      "<title>",
	      f);
	put_title(f, record);
	fputs("</title>\n<style>\n", f);
	fputs(html_style, f);
	fputs("</style></head>\n<body>\n", f);
}

static void put_when(FILE *f, const struct vc_json *record)
{
	const char *clock = vc_json_get_str(record, "clock");
	char text[40];
	struct tm tm;
	int64_t t;
	time_t s;

	if (!strcmp(clock, "none")) {
		fputs("<p class=\"dim\">Packets without times", f);
	} else {
		fprintf(f, "<p class=\"dim\">%c%s stream", clock[0] - 'a' + 'A',
			clock + 1);
		if (vc_json_get_int(record, "t", &t)) {
			s = (time_t)(t / 1000000);
			if (gmtime_r(&s, &tm) &&
			    strftime(text, sizeof(text), "%F %T UTC", &tm))
				fprintf(f, ", until %s", text);
		}
	}
	fputs(", measured by vc-probe</p>\n", f);
}

static void put_verdict(FILE *f, const struct vc_json *record, bool is_broken)
{
	const struct vc_json *all = vc_json_get(record, "expect");
	size_t n = vc_json_len(all), failed = 0;
	bool ok;

	for (size_t i = 0; i < n; i++)
		failed += !(vc_json_get_bool(vc_json_at(all, i), "ok", &ok) &&
			    ok);
	if (failed)
		fprintf(f,
			"<p class=\"verdict bad\">Failed: %zu of %zu check%s "
			"did not hold</p>\n",
			failed, n, n == 1 ? "" : "s");
	else if (n && !is_broken)
		fprintf(f,
			"<p class=\"verdict ok\">Passed: %s%zu check%s "
			"held</p>\n",
			n == 1 ? "" : "all ", n, n == 1 ? "" : "s");
	else if (!n && !is_broken)
		fputs("<p class=\"verdict\">Measured; nothing was expected"
		      "</p>\n",
		      f);
	if (is_broken)
		fputs("<p class=\"verdict bad\">Not whole: the run failed, or "
		      "its input broke off; what came before is below</p>\n",
		      f);
}

static void put_tile(FILE *f, const struct vc_json *total, const char *key,
		     const char *what, const char *unit, double scale,
		     int decimals)
{
	double v;

	if (!vc_json_get_real(total, key, &v))
		return;
	fprintf(f, "<div><dt>%s</dt><dd>%.*f<small> %s</small></dd></div>\n",
		what, decimals, scale * v, unit);
}

static void put_tiles(FILE *f, const struct vc_json *record)
{
	const struct vc_json *total = vc_json_get(record, "total");
	double v;

	fputs("<dl class=\"tiles\">\n", f);
	if (vc_json_get_real(total, "duration_s", &v)) {
		fputs("<div><dt>duration</dt><dd>", f);
		put_time(f, v);
		fputs("</dd></div>\n", f);
	}
	put_tile(f, total, "participants", "participants", "", 1, 0);
	put_tile(f, total, "sources", "sources", "", 1, 0);
	put_tile(f, total, "packets", "packets", "", 1, 0);
	put_tile(f, total, "rate_bps", "rate", "kbit/s", 1e-3, 1);
	put_tile(f, total, "loss", "loss", "%", 100, 2);
	if (vc_json_get_real(total, "malformed", &v) && v > 0)
		put_tile(f, total, "malformed", "malformed", "packets", 1, 0);
	fputs("</dl>\n", f);
}

static void put_page(FILE *f, const struct html *h,
		     const struct vc_json *record, bool is_broken)
{
	put_head(f, record);
	fputs("<header><h1>", f);
	put_title(f, record);
	fputs("</h1>\n", f);
	put_when(f, record);
	put_verdict(f, record, is_broken);
	put_tiles(f, record);
	fputs("</header>\n<main>\n", f);
	html_expect(f, record);
	html_people(f, record);
	html_sources(f, record);
	html_heard(f, record);
	html_course(f, &h->course);
	html_figures(f, record);
	fprintf(f,
		"</main>\n<footer>vc-probe %s \xc2\xb7 schema %s \xc2\xb7 "
		"\xe2\x80\x93: not measured. Names were chosen by those who "
		"have them.</footer>\n</body></html>\n",
		VC_VERSION, vc_json_get_str(record, "schema"));
}

static int write_file(const char *path, const char *text, size_t len)
{
	mode_t mask = umask(0);
	struct vc_outfile *o;
	int err, end;

	umask(mask);
	err = vc_outfile_open(path, &o);
	if (err)
		return err;
	err = vc_outfile_write(o, text, len);
	if (!err)
		err = vc_outfile_give(o, 0666 & (int)~mask, (gid_t)-1);
	if (err) {
		vc_outfile_abandon(o);
		return err;
	}
	end = vc_outfile_finish(o);
	return end;
}

void html_write(struct html *h, struct probe *p, const struct vc_json *record,
		bool is_broken)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int err = f ? 0 : -ENOMEM;

	course_end(&h->course);
	if (f) {
		put_page(f, h, record, is_broken);
		if (fclose(f))
			err = -ENOMEM;
	}
	if (!err)
		err = write_file(h->path, text, len);
	if (err)
		say(p, h->path, "write", err);
	free(text);
}

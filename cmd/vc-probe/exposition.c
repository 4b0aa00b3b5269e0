/* SPDX-License-Identifier: MIT */
/*
 * A family a metric, a sample a source. Names follow from paths and units: base
 * units, counters end with _total; "media.jitter_ms" becomes
 * vc_probe_media_jitter_seconds. What is the same as another metric is left
 * out, and so is what was not measured. Labels are foreign: escaped as
 * everywhere, and then as the format wants it.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "net/httpd.h"
#include "probe.h"
#include "record.h"
#include "serve.h"

#define PREFIX "vc_probe_"

struct unit {
	const char *unit;
	const char *suffix;
	double scale;
};

static const struct unit units[] = {
	{ "ms", "seconds", 1e-3 },
	{ "us", "seconds", 1e-6 },
	{ "s", "seconds", 1 },
	{ "octets", "bytes", 1 },
	{ "bit/s", "bits_per_second", 1 },
	{ "share", "ratio", 1 },
	{ "%", "ratio", 1e-2 },
	{ "packets", "packets", 1 },
	{ "frames", "frames", 1 },
	{ "freezes", "freezes", 1 },
	{ "pixels", "pixels", 1 },
	{ "pictures", "pictures", 1 },
	{ "marks", "marks", 1 },
	{ "gaps", "gaps", 1 },
};

/* They never fall while a source lasts. */
static const char *const counters[] = {
	"packets",	    "octets",		"media.expected",
	"media.duplicates", "media.reordered",	"media.late",
	"media.bad",	    "media.resyncs",	"net.received",
	"net.octets",	    "net.expected",	"net.duplicates",
	"net.reordered",    "net.late",		"net.overflow",
	"net.auth_failed",  "net.won",		"frames",
	"key_frames",	    "broken",		"waiting",
	"freezes.count",    "freezes.total_ms", "marks.read",
	"marks.pictures",   "marks.unreadable", "marks.missing",
	"marks.repeated",   "marks.disorder",	"marks.gaps",
	"malformed",
};

struct family {
	char name[128];
	bool is_counter;
	double scale;
};

struct shown {
	const struct vc_json *row;
	char *labels; /* all but the closing brace */
};

/* What is longer ends with the family that went over it. */
#define PAGE_MAX (32 << 20) /* octets */

/* --- names --- */

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end) &&
	       (n == m || s[n - m - 1] == '_');
}

static void drop_end(char *s, const char *end)
{
	if (ends_with(s, end) && strlen(s) > strlen(end))
		s[strlen(s) - strlen(end) - 1] = '\0';
}

/* "marks.delay_ms.p95": "marks_delay_p95"; units are said by the suffix. */
static void spell(char *out, size_t cap, const char *path)
{
	const char *s = path;
	size_t n = 0;

	while (*s && *s != '[' && n + sizeof("bytes") < cap) {
		if ((*s == '_' || *s == '.') &&
		    vc_str_starts(vc_str_c(s + 1), "ms") &&
		    (!s[3] || s[3] == '.')) {
			s += strlen("_ms");
		} else if (vc_str_starts(vc_str_c(s), "octets")) {
			memcpy(out + n, "bytes", 5);
			n += strlen("bytes");
			s += strlen("octets");
		} else {
			out[n] = *s;
			if (!isalnum((unsigned char)*s))
				out[n] = '_';
			n++;
			s++;
		}
	}
	out[n] = '\0';
}

static bool is_counter(const char *path)
{
	for (size_t i = 0; i < VC_COUNT(counters); i++) {
		if (!strcmp(counters[i], path))
			return true;
	}
	return false;
}

static void make_family(struct family *f, const struct vc_metric *m)
{
	char word[96];
	const char *suffix = NULL;

	f->is_counter = is_counter(m->path);
	f->scale = 1;
	spell(word, sizeof(word), m->path);
	for (size_t i = 0; i < VC_COUNT(units); i++) {
		if (strcmp(units[i].unit, m->unit))
			continue;
		suffix = units[i].suffix;
		f->scale = units[i].scale;
	}
	drop_end(word, "bps");
	drop_end(word, "s");
	drop_end(word, "percent");
	drop_end(word, "share");
	drop_end(word, "count");
	drop_end(word, "total");
	if (suffix && strstr(word, suffix))
		suffix = NULL;
	snprintf(f->name, sizeof(f->name), PREFIX "%s%s%s%s", word,
		 suffix ? "_" : "", suffix ? suffix : "",
		 f->is_counter ? "_total" : "");
}

/* --- lines --- */

static void put_help(FILE *f, const struct family *fam, const char *help)
{
	fprintf(f, "# HELP %s ", fam->name);
	for (const char *s = help; *s; s++)
		fprintf(f, *s == '\\' ? "\\\\" : "%c", *s);
	fprintf(f, "\n# TYPE %s %s\n", fam->name,
		fam->is_counter ? "counter" : "gauge");
}

static void put_label(FILE *f, const char *name, const char *value)
{
	char safe[VC_ESCAPE_CAP(VC_ROSTER_TEXT)];

	vc_escape(safe, sizeof(safe), value ? value : "",
		  value ? strlen(value) : 0);
	fprintf(f, "%s=\"", name);
	for (const char *s = safe; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', f);
		fputc(*s, f);
	}
	fputc('"', f);
}

static void put_source(FILE *f, const char *name, const struct shown *s)
{
	fprintf(f, "%s%s", name, s->labels);
}

static void put_value(FILE *f, double v)
{
	fprintf(f, "} %.15g\n", v);
}

/* One of the stream, or of this server. */
static void put_plain(FILE *f, const char *name, bool is_count,
		      const char *help, double v)
{
	struct family fam = { .is_counter = is_count };

	snprintf(fam.name, sizeof(fam.name), PREFIX "%s", name);
	put_help(f, &fam, help);
	fprintf(f, "%s %.15g\n", fam.name, v);
}

/* --- families --- */

static void put_metric(FILE *f, const struct vc_metric *m,
		       const struct shown *shown, size_t n)
{
	bool has_head = false;
	struct family fam;
	double v;

	make_family(&fam, m);
	for (size_t i = 0; i < n; i++) {
		if (!vc_json_number(vc_expect_find(shown[i].row, m->path), &v))
			continue;
		if (!has_head)
			put_help(f, &fam, m->formula);
		has_head = true;
		put_source(f, fam.name, &shown[i]);
		put_value(f, fam.scale * v);
	}
}

/* "heard[NAME]": the name is one label more. */
static void put_named(FILE *f, const struct vc_metric *m,
		      const struct shown *shown, size_t n)
{
	const struct vc_json *j;
	bool has_head = false;
	struct family fam;
	const char *name;
	char key[32];
	double v;

	make_family(&fam, m);
	vc_str_copy(key, sizeof(key),
		    vc_str_of(m->path,
			      (size_t)(strchr(m->path, '[') - m->path)));
	for (size_t i = 0; i < n; i++) {
		const struct vc_json *all = vc_json_get(shown[i].row, key);

		for (size_t k = 0; (j = vc_json_member(all, k, &name)); k++) {
			if (!vc_json_number(j, &v))
				continue;
			if (!has_head)
				put_help(f, &fam, m->formula);
			has_head = true;
			put_source(f, fam.name, &shown[i]);
			fputc(',', f);
			put_label(f, "name", name);
			put_value(f, fam.scale * v);
		}
	}
}

static void put_info(FILE *f, const struct shown *shown, size_t n)
{
	static const char *const keys[] = { "codec", "rid", "id_by", "left" };
	struct family fam = { .name = PREFIX "source_info" };

	if (n)
		put_help(f, &fam, "1; what is known of a source in words");
	for (size_t i = 0; i < n; i++) {
		put_source(f, fam.name, &shown[i]);
		for (size_t k = 0; k < VC_COUNT(keys); k++) {
			fputc(',', f);
			put_label(f, keys[k],
				  vc_json_get_str(shown[i].row, keys[k]));
		}
		put_value(f, 1);
	}
}

static void put_whole(FILE *f, const struct probe *p,
		      const struct vc_httpd_counts *counts, size_t n_shown,
		      size_t n_hidden)
{
	put_plain(f, "sources", false, "sources in the stream so far",
		  (double)p->n_meters + (double)p->forgotten);
	put_plain(f, "sources_shown", false,
		  "sources below; who left is shown for a minute",
		  (double)n_shown);
	put_plain(f, "sources_hidden", false,
		  "sources above 512, of which nothing is shown",
		  (double)n_hidden);
	put_plain(f, "malformed_packets_total", true,
		  "RTP or RTCP that is none", (double)p->malformed);
	put_plain(f, "http_requests_total", true, "answered",
		  (double)counts->requests);
	put_plain(f, "http_refused_total", true,
		  "requests of something else (404, 405, 503)",
		  (double)counts->refused);
	put_plain(f, "http_cut_total", true, "connections that became too old",
		  (double)counts->cut);
}

/* --- sources --- */

/* Once, as they are written again with each metric. NULL when out of memory. */
static char *make_labels(const struct probe *p, const struct meter *m)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	fputc('{', f);
	put_label(f, "id", m->id);
	fputc(',', f);
	put_label(f, "who", record_who(p, m));
	fputc(',', f);
	put_label(f, "kind", record_kind(m));
	fprintf(f, ",ssrc=\"%08x\"", (unsigned int)m->ssrc);
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}

/* Of those with one SSRC, in several flows or one after the other, the newest
 * that is there, or else that was, so that no sample is there twice. */
static bool is_shown(const struct probe *p, const struct meter *m, int64_t now)
{
	const struct meter *newest = meter_find(p, m->ssrc);

	if (m->is_gone && m != newest)
		return false;
	for (const struct meter *x = newest; x; x = x->next_ssrc) {
		if (x->ssrc == m->ssrc && !x->is_gone)
			return x == m;
	}
	return m->rx.last_arrival != VC_TIME_NONE &&
	       now - m->rx.last_arrival < EXPOSED_FOR;
}

static size_t choose(const struct probe *p, struct shown *shown, int64_t now,
		     size_t *n_hidden)
{
	size_t n = 0;

	*n_hidden = 0;
	for (const struct meter *m = p->first; m; m = m->next) {
		if (n == EXPOSED_MAX) {
			*n_hidden += !m->is_gone;
			continue;
		}
		if (!is_shown(p, m, now))
			continue;
		shown[n].labels = make_labels(p, m);
		if (!shown[n].labels)
			continue;
		shown[n].row = record_source(p, m);
		n++;
	}
	return n;
}

static void put_all(FILE *f, const struct shown *shown, size_t n)
{
	put_info(f, shown, n);
	for (size_t i = 0; i < probe_n_metrics && ftell(f) < PAGE_MAX; i++) {
		const struct vc_metric *m = &probe_metrics[i];

		if (metrics_is_total(m->path) ||
		    vc_str_starts(vc_str_c(m->formula), "the same as "))
			continue;
		if (strchr(m->path, '['))
			put_named(f, m, shown, n);
		else
			put_metric(f, m, shown, n);
	}
}

char *exposition_make(const struct probe *p,
		      const struct vc_httpd_counts *counts, int64_t now,
		      size_t *len)
{
	struct shown *shown = vc_try_alloc(EXPOSED_MAX, sizeof(*shown));
	char *text = NULL;
	size_t n, n_hidden;
	FILE *f;

	f = shown ? open_memstream(&text, len) : NULL;
	if (!f) {
		free(shown);
		return NULL;
	}
	n = choose(p, shown, now, &n_hidden);
	put_whole(f, p, counts, n, n_hidden);
	put_all(f, shown, n);
	while (n > 0) {
		n--;
		vc_json_free((struct vc_json *)(uintptr_t)shown[n].row);
		free(shown[n].labels);
	}
	free(shown);
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}

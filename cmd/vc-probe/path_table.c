/* SPDX-License-Identifier: MIT */
/* The record of a path for people: a table a leg, a column a direction. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "path.h"
#include "probe.h"

#define CELL 24

struct row {
	const char *head;
	const char *path[3]; /* into one of "up" and "down" */
	double scale;
	int decimals;
	const char *unit;
};

static const struct row rows[] = {
	{ "sent", { "sent" }, 1, 0, "" },
	{ "received", { "received" }, 1, 0, "" },
	{ "lost", { "lost" }, 1, 0, "" },
	{ "loss", { "loss" }, 100, 2, " %" },
	{ "longest loss", { "burst_longest" }, 1, 0, "" },
	{ "reordered", { "reordered" }, 1, 0, "" },
	{ "duplicates", { "duplicates" }, 1, 0, "" },
	{ "delay", { "delay_ms", "p50" }, 1, 2, " ms" },
	{ "variation p95", { "variation_ms", "p95" }, 1, 2, " ms" },
	{ "variation max", { "variation_ms", "max" }, 1, 2, " ms" },
	{ "jitter", { "jitter_ms" }, 1, 2, " ms" },
	{ "MTU", { "mtu" }, 1, 0, " octets" },
	{ "DSCP sent", { "dscp", "sent" }, 1, 0, "" },
	{ "DSCP arrived", { "dscp", "arrived" }, 1, 0, "" },
	{ "DSCP kept", { "dscp", "kept" }, 100, 0, " %" },
	{ "TTL left", { "ttl" }, 1, 0, "" },
};

static const struct vc_json *at(const struct vc_json *o, const char *a,
				const char *b)
{
	o = vc_json_get(o, a);
	return b ? vc_json_get(o, b) : o;
}

static const char *cell(char buf[CELL], const struct vc_json *v, double scale,
			int decimals, const char *unit)
{
	double x;

	if (vc_json_number(v, &x))
		snprintf(buf, CELL, "%.*f%s", decimals, x * scale, unit);
	else
		vc_strlcpy(buf, "-", CELL);
	return buf;
}

static void ways(FILE *f, const struct vc_json *path)
{
	const struct vc_json *up = vc_json_get(path, "up");
	const struct vc_json *down = vc_json_get(path, "down");
	char a[CELL], b[CELL];

	fprintf(f, "  %-16s %14s %14s\n", "", "up", "down");
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct row *r = &rows[i];

		fprintf(f, "  %-16s %14s %14s\n", r->head,
			cell(a, at(up, r->path[0], r->path[1]), r->scale,
			     r->decimals, r->unit),
			cell(b, at(down, r->path[0], r->path[1]), r->scale,
			     r->decimals, r->unit));
	}
}

static void spread(FILE *f, const char *head, const struct vc_json *s)
{
	char a[CELL], b[CELL], c[CELL], d[CELL], e[CELL];

	fprintf(f, "  %-16s min %s, mean %s, p50 %s, p95 %s, max %s ms\n", head,
		cell(a, vc_json_get(s, "min"), 1, 2, ""),
		cell(b, vc_json_get(s, "mean"), 1, 2, ""),
		cell(c, vc_json_get(s, "p50"), 1, 2, ""),
		cell(d, vc_json_get(s, "p95"), 1, 2, ""),
		cell(e, vc_json_get(s, "max"), 1, 2, ""));
}

static const char *yes(const struct vc_json *o, const char *key, const char *is,
		       const char *is_not)
{
	bool v;

	return !vc_json_get_bool(o, key, &v) ? "not known" : v ? is : is_not;
}

static void clock_and_nat(FILE *f, const struct vc_json *path)
{
	const struct vc_json *c = vc_json_get(path, "clock");
	const struct vc_json *n = vc_json_get(path, "nat");
	const char *public = vc_json_get_str(n, "public");
	char a[CELL], b[CELL], d[CELL];
	double idle;

	fprintf(f, "  %-16s %s ms, +-%s ms (delays are by this); skew %s ppm\n",
		"clock offset", cell(a, vc_json_get(c, "offset_ms"), 1, 3, ""),
		cell(b, vc_json_get(c, "error_ms"), 1, 3, ""),
		cell(d, vc_json_get(c, "skew_ppm"), 1, 1, ""));
	fprintf(f, "  %-16s %s, seen as %s: %s; rebinds %s\n", "address",
		vc_json_get_str(n, "local"), public ? public : "-",
		yes(n, "translated", "translated", "as it is"),
		cell(a, vc_json_get(n, "rebinds"), 1, 0, ""));
	if (vc_json_get_real(n, "idle_s", &idle))
		fprintf(f, "  %-16s %s in, %s out\n", "after silence",
			yes(n, "kept_in", "kept", "forgotten"),
			yes(n, "kept_out", "the same", "another"));
}

static void rate(FILE *f, const struct vc_json *r)
{
	char a[CELL], b[CELL], c[CELL], d[CELL];

	if (!r)
		return;
	fprintf(f, "  rate %-11s %s, %s %% lost, queueing %s, in %s; %s, %s\n",
		vc_json_get_str(r, "way"),
		cell(a, vc_json_get(r, "bps"), 1e-6, 3, " Mbit/s"),
		cell(b, vc_json_get(r, "loss"), 100, 2, ""),
		cell(c, vc_json_get(r, "queueing_ms"), 1, 1, " ms"),
		cell(d, vc_json_get(r, "took_s"), 1, 1, " s"),
		yes(r, "limited", "more is too much", "or more"),
		yes(r, "held", "held", "not seen to hold"));
}

/* What came back, or what the far end said. */
static void foreign(FILE *f, const struct vc_json *path)
{
	static const struct row of[] = {
		{ "sent", { "sent" }, 1, 0, "" },
		{ "came back", { "received" }, 1, 0, "" },
		{ "reordered", { "reordered" }, 1, 0, "" },
		{ "duplicates", { "duplicates" }, 1, 0, "" },
		{ "jitter", { "jitter_ms" }, 1, 2, " ms" },
		{ "reports", { "far", "reports" }, 1, 0, "" },
		{ "lost there", { "far", "lost" }, 1, 0, "" },
		{ "loss there", { "far", "loss" }, 100, 2, " %" },
		{ "jitter there", { "far", "jitter_ms" }, 1, 2, " ms" },
	};
	char a[CELL];

	for (size_t i = 0; i < VC_COUNT(of); i++) {
		const struct vc_json *v =
			at(path, of[i].path[0], of[i].path[1]);

		if (v)
			fprintf(f, "  %-16s %s\n", of[i].head,
				cell(a, v, of[i].scale, of[i].decimals,
				     of[i].unit));
	}
}

static void leg(FILE *f, const struct vc_json *o)
{
	const struct vc_json *path = vc_json_get(o, "path");
	bool answers = false;
	char a[CELL];

	vc_json_get_bool(o, "answers", &answers);
	fprintf(f, "%s %s%s\n", vc_json_get_str(o, "id"),
		vc_json_get_str(o, "to"), answers ? "" : ": no answer");
	if (!answers)
		return;
	spread(f, "round trip", vc_json_get(path, "rtt_ms"));
	if (vc_json_get(path, "loss"))
		fprintf(f, "  %-16s %s\n", "without answer",
			cell(a, vc_json_get(path, "loss"), 100, 2, " %"));
	if (!vc_json_get(path, "up")) {
		foreign(f, path);
		return;
	}
	ways(f, path);
	clock_and_nat(f, path);
	rate(f, vc_json_get(path, "rate"));
}

void path_table(FILE *f, const struct vc_json *record)
{
	const struct vc_json *sources = vc_json_get(record, "sources"), *o;
	const struct vc_json *over =
		at(vc_json_get(record, "total"), "ipv6_over_ipv4", NULL);
	char a[CELL], b[CELL];

	for (size_t i = 0; (o = vc_json_at(sources, i)); i++)
		leg(f, o);
	if (over)
		fprintf(f, "IPv6 over IPv4: round trip %s, loss %s\n",
			cell(a, vc_json_get(over, "rtt_ms"), 1, 2, " ms"),
			cell(b, vc_json_get(over, "loss"), 100, 2, " %"));
	verdict_list(f, vc_json_get(record, "expect"));
}

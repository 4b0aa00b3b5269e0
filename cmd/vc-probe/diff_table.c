/* SPDX-License-Identifier: MIT */
/* What two sides have in common and what not, for people. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "cells.h"
#include "diff.h"
#include "media/charwidth.h"
#include "probe.h"

static const char *cell(char *out, size_t cap, const struct vc_json *o,
			const char *key, double scale, int decimals)
{
	double v;

	if (vc_json_get_real(o, key, &v))
		snprintf(out, cap, "%.*f", decimals, v * scale);
	else
		snprintf(out, cap, "-");
	return out;
}

/* A row of the record as it is shown; the caller's. */
static struct vc_json *shown(const struct vc_json *source)
{
	struct vc_json *o = vc_json_copy(source);
	const char *who = vc_json_get_str(o, "who");
	const char *first = vc_json_get_str(o, "first");

	if (!who)
		who = strchr(vc_json_get_str(o, "id"), ':') + 1;
	vc_json_set_str(o, "source", who);
	if (first && !strcmp(first, "b"))
		vc_json_set_str(o, "turned", "B");
	return o;
}

static void sources_table(FILE *f, const struct vc_json *sources)
{
	static const struct column columns[] = {
		{ "source", "source", CELL_TEXT, 0, 0, 0 },
		{ "kind", "kind", CELL_KIND, 0, 0, 1 },
		{ "both", "diff.both", CELL_NUMBER, 0, 0, 0 },
		{ "lost", "diff.lost", CELL_NUMBER, 0, 0, 0 },
		{ "loss %", "diff.loss", CELL_PERCENT, 2, 0, 0 },
		{ "burst", "diff.burst_max", CELL_NUMBER, 0, 0, 4 },
		{ "B only", "diff.b_only", CELL_NUMBER, 0, 0, 2 },
		{ "reord", "diff.reordered", CELL_NUMBER, 0, 0, 3 },
		{ "min", "diff.delay_ms.min", CELL_NUMBER, 2, 0, 5 },
		{ "p50", "diff.delay_ms.p50", CELL_NUMBER, 2, 0, 0 },
		{ "p95", "diff.delay_ms.p95", CELL_NUMBER, 2, 0, 0 },
		{ "jitter", "diff.jitter_ms", CELL_NUMBER, 2, 0, 0 },
		{ "first", "turned", CELL_TEXT, 0, 0, 1 },
		{ 0 },
	};
	size_t n = vc_json_len(sources);
	struct vc_json **rows = vc_try_alloc(n + 1, sizeof(*rows));
	struct vc_charwidth *widths = vc_charwidth_new();
	struct page page;

	page_open(&page, f, widths);
	for (size_t i = 0; rows && i < n; i++)
		rows[i] = shown(vc_json_at(sources, i));
	if (rows)
		cells_draw(&page, "sources (delays in ms)", columns,
			   (const struct vc_json *const *)rows, n);
	for (size_t i = 0; rows && i < n; i++)
		vc_json_free(rows[i]);
	free(rows);
	vc_charwidth_free(widths);
}

static void clocks_told(FILE *f, const struct vc_json *clocks, const char *unit)
{
	const char *by = vc_json_get_str(clocks, "by");
	char a[32];
	double drift;

	if (!by) {
		fprintf(f, "no %s of A is in B\n", unit);
		return;
	}
	if (!strcmp(by, "same"))
		fputs("delays by one clock", f);
	else
		fprintf(f, "delays without the clocks' offset of %s ms (%s)",
			cell(a, sizeof(a), clocks, "offset_ms", 1, 3),
			strcmp(by, "both") ?
				"the smallest delay counts as none" :
				"half way between the smallest delays of both "
				"ways");
	if (vc_json_get_real(clocks, "drift_ppm", &drift))
		fprintf(f, ", drift %.2f ppm", drift);
	fputc('\n', f);
}

void diff_table(FILE *f, const struct vc_json *record)
{
	const struct vc_json *sources = vc_json_get(record, "sources");
	static const char *const keys[] = { "a", "b" };
	const char *unit = vc_json_get_str(record, "unit");
	char text[32];

	for (size_t i = 0; i < 2; i++) {
		const struct vc_json *o = vc_json_get(record, keys[i]);

		fprintf(f, "%c: %s, %s %ss\n", 'A' + (int)i,
			vc_json_get_str(o, "place"),
			cell(text, sizeof(text), o, "packets", 1, 0), unit);
	}
	clocks_told(f, vc_json_get(record, "clocks"), unit);
	sources_table(f, sources);
	verdict_list(f, vc_json_get(record, "expect"));
}

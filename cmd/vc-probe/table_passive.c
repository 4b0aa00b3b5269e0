/* SPDX-License-Identifier: MIT */
/*
 * Blocks of the table that stand there only where there is something to say:
 * of each source in which something is as it should not be.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "cells.h"
#include "probe.h"
#include "table_passive.h"
#include "tool/expect.h"

#define SKEW_PPM 50 /* less is any quartz */

static const struct column arrivals[] = {
	{ "who", "who", CELL_TEXT, 0, 0, 0 },
	{ "kind", "kind", CELL_KIND, 0, 0, 0 },
	{ "bursts", "burst.count", CELL_NUMBER, 0, 0, 0 },
	{ "of ms", "burst.ms", CELL_NUMBER, 0, 0, 1 },
	{ "loss %", "burst.density", CELL_PERCENT, 0, 0, 2 },
	{ "delay p95", "delay_ms.p95", CELL_NUMBER, 1, 0, 0 },
	{ "gap max", "delta_ms.max", CELL_NUMBER, 1, 0, 1 },
	{ "skew ppm", "clock.skew_ppm", CELL_NUMBER, 1, 0, 0 },
	{ "marker err", "marker_errors", CELL_NUMBER, 0, 0, 0 },
	{ "ts err", "ts_errors", CELL_NUMBER, 0, 0, 0 },
	{ 0 },
};

#define ARRIVALS (VC_COUNT(arrivals) - 1)

_Static_assert(ARRIVALS + MAX_BUFFERS <= CELL_COLUMNS, "columns");

static double number(const struct vc_json *row, const char *path)
{
	double v;

	return vc_json_number(vc_expect_find(row, path), &v) ? v : 0;
}

/* Somebody asked for it: by --buffer. */
static bool has_late(const struct vc_json *row)
{
	const struct vc_json *late = vc_json_get(row, "late");

	return vc_json_is_object(late) && vc_json_len(late);
}

static bool is_notable(const struct vc_json *row)
{
	return number(row, "burst.count") > 0 ||
	       number(row, "marker_errors") > 0 ||
	       number(row, "ts_errors") > 0 || number(row, "clock.steps") > 0 ||
	       fabs(number(row, "clock.skew_ppm")) >= SKEW_PPM || has_late(row);
}

/* A column for each --buffer, the same ones of every source. */
struct late {
	char head[MAX_BUFFERS][32], path[MAX_BUFFERS][32];
	struct column columns[CELL_COLUMNS + 1];
};

static void set_columns(struct late *l, const struct vc_json *row)
{
	const struct vc_json *late = vc_json_get(row, "late");
	const char *key;
	size_t i;

	memcpy(l->columns, arrivals, sizeof(arrivals));
	for (i = 0; i < MAX_BUFFERS && vc_json_member(late, i, &key); i++) {
		snprintf(l->head[i], sizeof(l->head[i]), "late %s %%", key);
		snprintf(l->path[i], sizeof(l->path[i]), "late[%s]", key);
		l->columns[ARRIVALS + i] =
			(struct column){ l->head[i], l->path[i], CELL_PERCENT,
					 2,	     0,		 0 };
	}
	l->columns[ARRIVALS + i] = (struct column){ 0 };
}

void table_arrivals(const struct page *page, const struct vc_json *sources)
{
	size_t n = vc_json_len(sources), used = 0;
	const struct vc_json **rows = vc_try_alloc(n + 1, sizeof(*rows));
	struct late late;

	for (size_t i = 0; rows && i < n; i++) {
		rows[used] = vc_json_at(sources, i);
		used += is_notable(rows[used]);
	}
	if (used) {
		set_columns(&late, rows[0]);
		cells_draw(page, "how packets arrived (ms)", late.columns, rows,
			   used);
	}
	free(rows);
}

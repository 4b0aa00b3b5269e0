/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "probe.h"
#include "record.h"
#include "top.h"

struct row {
	const struct vc_json *json;
	const char *name, *kind;
	double key; /* the least first */
	size_t i;
};

static double key_of(const struct vc_json *row, enum top_order order)
{
	static const char *const paths[] = {
		[TOP_LOSS] = "loss",
		[TOP_JITTER] = "jitter_ms",
		[TOP_RATE] = "rate_bps",
		[TOP_MOS] = "mos_lq",
	};
	double v;

	if (order == TOP_NAME)
		return 0;
	if (!vc_json_get_real(row, paths[order], &v))
		return INFINITY;
	return order == TOP_MOS ? v : -v;
}

static int compare(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;
	int order = (a->key > b->key) - (a->key < b->key);

	if (!order)
		order = strcmp(a->name, b->name);
	if (!order)
		order = strcmp(a->kind, b->kind);
	return order ? order : (a->i > b->i) - (a->i < b->i);
}

const struct vc_json **top_sort(const struct vc_json *line,
				enum top_order order, size_t *n)
{
	const struct vc_json *sources = vc_json_get(line, "sources");
	const struct vc_json **out;
	struct row *rows;

	*n = vc_json_len(sources);
	rows = *n ? vc_try_alloc(*n, sizeof(*rows)) : NULL;
	out = rows ? vc_try_alloc(*n, sizeof(*out)) : NULL;
	for (size_t i = 0; out && i < *n; i++) {
		const struct vc_json *j = vc_json_at(sources, i);
		const char *name = vc_json_get_str(j, "who");
		const char *kind = vc_json_get_str(j, "kind");

		rows[i] = (struct row){ .json = j,
					.name = name ? name : "",
					.kind = kind ? kind : "",
					.key = key_of(j, order),
					.i = i };
	}
	if (out)
		qsort(rows, *n, sizeof(*rows), compare);
	for (size_t i = 0; out && i < *n; i++)
		out[i] = rows[i].json;
	if (!out)
		*n = 0;
	free(rows);
	return out;
}

static const char *state_of(const struct vc_json *row,
			    const struct vc_json *all)
{
	const char *left = vc_json_get_str(all, "left");
	double v;

	if (left)
		return left;
	if (vc_json_get_real(row, "frozen_ms", &v) && v > 0)
		return "frozen";
	if (vc_json_get_real(row, "packets", &v) && v <= 0)
		return "silent";
	return "on";
}

struct vc_json *top_complete(const struct probe *p, const struct vc_json *row)
{
	struct vc_json *whole = vc_json_copy(row), *all = NULL;
	int64_t ssrc = 0;
	const struct meter *m;

	vc_json_get_int(row, "ssrc", &ssrc);
	m = meter_find(p, (uint32_t)ssrc);
	if (m)
		all = record_source(p, m);
	vc_json_set_str(whole, "state", state_of(row, all));
	if (all)
		vc_json_set(whole, "all", all);
	return whole;
}

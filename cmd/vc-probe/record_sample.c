/* SPDX-License-Identifier: MIT */
/*
 * What rules over time look at. Counts stand as in the report, and whoever
 * samples takes differences; what is no count and changes with the time is that
 * of the last step. A source that has gone is there once more, with why.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "probe.h"
#include "record.h"

static void set_freezes(struct vc_json *o, const struct meter *m, int64_t now)
{
	const struct vc_framestat_counts *c = vc_framestat_counts(m->video);
	int64_t so_far = vc_framestat_frozen(m->video, now);
	struct vc_json *f = vc_json_object();

	vc_json_set_int(f, "count", (int64_t)c->freezes + (so_far > 0));
	vc_json_set_real(f, "total_ms", ms(c->frozen + so_far), 3);
	vc_json_set_real(f, "longest_ms",
			 ms(so_far > c->longest ? so_far : c->longest), 3);
	vc_json_set(o, "freezes", f);
}

static struct vc_json *source_of(const struct probe *p, const struct meter *m,
				 int64_t now)
{
	struct vc_json *o = record_source(p, m);

	if (m->video && vc_framestat_counts(m->video)->frames)
		set_freezes(o, m, now);
	if (m->kind == VC_AUDIO) {
		vc_json_set_real(o, "r", m->mark.r, 2);
		vc_json_set_real(o, "mos_lq", m->mark.mos_lq, 3);
		vc_json_set_real(o, "mos_cq", m->mark.mos_cq, 3);
	}
	return o;
}

/* What a share of loss over time is worked out from. */
static void set_lost(const struct probe *p, struct vc_json *total)
{
	int64_t lost = p->past.lost, expected = (int64_t)p->past.expected;
	struct vc_json *media = vc_json_object();

	for (const struct meter *m = p->first; m; m = m->next) {
		lost += vc_rxstats_lost(&m->rx);
		expected += (int64_t)vc_rxstats_expected(&m->rx);
	}
	vc_json_set_int(media, "lost", lost);
	vc_json_set_int(media, "expected", expected);
	vc_json_set(total, "media", media);
}

static int by_id(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* How many different ids; sorts them. */
static int64_t distinct(const char **ids, size_t n)
{
	int64_t sum = n > 0;

	qsort(ids, n, sizeof(*ids), by_id);
	for (size_t i = 1; i < n; i++)
		sum += strcmp(ids[i - 1], ids[i]) != 0;
	return sum;
}

/*
 * Those who are there, or took leave since the last sample. After all have taken
 * leave it is over, and nobody is missed: not measured.
 */
static void set_present(const struct probe *p, struct vc_json *total)
{
	const char **ids = vc_try_alloc(p->n_meters + 1, sizeof(*ids));
	bool is_over = p->last_why == VC_LEAVE_BYE ||
		       p->last_why == VC_LEAVE_EOF;
	size_t n = 0;

	for (const struct meter *m = p->first; m && ids; m = m->next) {
		if (m->is_gone && (m->is_sampled || (m->why != VC_LEAVE_BYE &&
						     m->why != VC_LEAVE_EOF)))
			continue;
		ids[n] = m->id;
		n++;
	}
	record_set_count(total, "sources",
			 ids && (n || !is_over) ? (int64_t)n : UNSAID);
	record_set_count(total, "participants",
			 ids && (n || !is_over) ? distinct(ids, n) : UNSAID);
	free(ids);
}

struct vc_json *record_sample(struct probe *p, int64_t now)
{
	struct vc_json *o = vc_json_object(), *sources = vc_json_array();
	struct vc_json *total = record_total(p, 0, now);

	set_present(p, total);
	set_lost(p, total);
	for (struct meter *m = p->first; m; m = m->next) {
		if (m->is_gone && m->is_sampled)
			continue;
		m->is_sampled = m->is_gone;
		vc_json_add(sources, source_of(p, m, now));
	}
	vc_json_set(o, "total", total);
	vc_json_set(o, "sources", sources);
	return o;
}

/* SPDX-License-Identifier: MIT */
/*
 * What packets come to once their fate is decided: losses in the order of A,
 * delays and reordering in that of B.
 */
#include "diff.h"

#include "base/time.h"

static void line_put(struct diff_line *l, int64_t t, int64_t delay)
{
	int64_t i;

	if (!l->pairs || delay < l->min)
		l->min = delay;
	if (!l->pairs || delay > l->max)
		l->max = delay;
	if (!l->pairs) {
		l->start = t;
		l->width = VC_SEC;
		for (size_t k = 0; k < DIFF_BUCKETS; k++)
			l->low[k] = INT64_MAX;
	}
	l->pairs++;
	if (t < l->start || t - l->start > INT64_MAX / 4)
		return;
	while ((i = (t - l->start) / l->width) >= DIFF_BUCKETS) {
		for (size_t k = 0; k < DIFF_BUCKETS; k++) {
			int64_t *two = &l->low[2 * k];

			l->low[k] = 2 * k + 1 >= DIFF_BUCKETS ? INT64_MAX :
				    two[0] < two[1]	      ? two[0] :
								two[1];
		}
		l->width *= 2;
	}
	if (delay < l->low[i])
		l->low[i] = delay;
	if ((unsigned int)i >= l->n)
		l->n = (unsigned int)i + 1;
}

/*
 * Silence is the same everywhere: equal payloads are of one source where their
 * numbers go side by side.
 */
static bool is_one(const struct diff_source *a)
{
	return !a->by_payload || 2 * a->steady >= a->pairs || a->packets == 1 ||
	       a->peer->packets == 1;
}

/* A pair, when its turn in the order of B has come. */
static void pair_told(struct diff *d, const struct diff_entry *b)
{
	struct diff_source *src = b->src->peer;
	int64_t delay = b->t - b->pair_t, step;

	if (is_one(src))
		line_put(&d->line[src->group == 1], b->pair_t, delay);
	if (!src->delay.n) {
		src->base = src->last = src->min = src->max = delay;
	} else {
		step = delay > src->last ? delay - src->last :
					   src->last - delay;
		src->jitter += ((double)step - src->jitter) / 16;
		src->jitter_sum += src->jitter;
		src->steps++;
		if (src->jitter > src->jitter_max)
			src->jitter_max = src->jitter;
	}
	src->last = delay;
	if (delay < src->min)
		src->min = delay;
	if (delay > src->max)
		src->max = delay;
	vc_quantile_put(&src->delay, (double)(delay - src->base) / 1e6);
	if (b->pair < src->highest) {
		src->reordered++;
		if (src->highest - b->pair > src->reorder_max)
			src->reorder_max = src->highest - b->pair;
	} else {
		src->highest = b->pair;
	}
}

static void burst_ends(struct diff_source *src)
{
	if (!src->run)
		return;
	if (src->has_pair) {
		src->lost += src->run;
		src->bursts++;
		if (src->run > src->burst_max)
			src->burst_max = src->run;
	} else {
		src->before += src->run;
	}
	src->run = 0;
}

void diff_fate(struct diff *d, int side, const struct diff_entry *e)
{
	struct diff_source *src = e->src;

	if (e->is_duplicate)
		return;
	if (!e->is_paired) {
		src->only++;
		src->run += side == 0;
		return;
	}
	src->both++;
	if (side == 1) {
		pair_told(d, e);
		return;
	}
	burst_ends(src);
	src->has_pair = true;
}

/* It was chance: they are two sources. */
static void part(struct diff_source *a)
{
	struct diff_source *b = a->peer;

	a->only += a->both;
	b->only += b->both;
	a->both = b->both = a->steps = a->lost = a->bursts = 0;
	vc_quantile_clear(&a->delay);
	a->has_hops = false;
	a->peer = b->peer = NULL;
}

void diff_fates_end(struct diff *d)
{
	for (unsigned int i = 0; i < d->side[0].n_sources; i++) {
		struct diff_source *src = &d->side[0].sources[i];

		if (src->has_pair)
			src->after = src->run;
		else
			src->before = src->run;
		src->run = 0;
		if (src->peer && !is_one(src))
			part(src);
	}
}

bool diff_has_pairs(const struct diff *d)
{
	return d->line[0].pairs || d->line[1].pairs;
}

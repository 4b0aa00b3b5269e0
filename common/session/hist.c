/* SPDX-License-Identifier: MIT */
/*
 * Page 0 has the values 0 to 63. Page k has those of k + 6 significant bits,
 * of which the upper seven are told apart: the highest is always set, so that
 * 64 bins are left.
 */
#include "session/hist.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"

#define BINS 64
#define BITS 6

static const unsigned int per_1000[VC_HIST_QUANTILES] = {
	[VC_HIST_P5] = 50,
	[VC_HIST_P50] = 500,
	[VC_HIST_P95] = 950,
	[VC_HIST_P99] = 990,
};

static unsigned int page_of(uint64_t v)
{
	return v < BINS ? 0 : 64 - BITS - (unsigned int)__builtin_clzll(v);
}

/* The middle of a bin. */
static int64_t value_of(unsigned int page, unsigned int bin)
{
	unsigned int shift = page ? page - 1 : 0;

	if (!page)
		return bin;
	return ((int64_t)(BINS + bin) << shift) + ((INT64_C(1) << shift) >> 1);
}

static uint32_t *get_page(struct vc_hist *h, unsigned int page)
{
	if (!h->page[page])
		h->page[page] = vc_try_alloc(BINS, sizeof(uint32_t));
	return h->page[page];
}

void vc_hist_put(struct vc_hist *h, int64_t v)
{
	uint64_t cut;
	unsigned int page;
	uint32_t *bins;

	if (v > VC_HIST_MAX)
		v = VC_HIST_MAX;
	if (!h->n || v < h->min)
		h->min = v;
	if (!h->n || v > h->max)
		h->max = v;
	h->n++;
	h->sum += v;
	if (h->is_closed)
		return;
	cut = v < 0 ? 0 : (uint64_t)v;
	page = page_of(cut);
	bins = get_page(h, page);
	if (!bins)
		return;
	cut = page ? cut >> (page - 1) : cut;
	if (bins[cut % BINS] == UINT32_MAX)
		return;
	bins[cut % BINS]++;
	h->binned++;
}

bool vc_hist_quantile(const struct vc_hist *h, enum vc_hist_q q, int64_t *out)
{
	uint64_t due = (h->binned * per_1000[q] + 999) / 1000, sum = 0;

	if (h->is_closed)
		*out = h->closed[q];
	if (h->is_closed || !h->binned)
		return h->binned > 0;
	for (unsigned int i = 0; i < VC_HIST_PAGES; i++) {
		for (unsigned int k = 0; h->page[i] && k < BINS; k++) {
			sum += h->page[i][k];
			if (sum < due)
				continue;
			*out = value_of(i, k);
			if (*out < h->min)
				*out = h->min;
			if (*out > h->max)
				*out = h->max;
			return true;
		}
	}
	return false;
}

static void free_pages(struct vc_hist *h)
{
	for (unsigned int i = 0; i < VC_HIST_PAGES; i++) {
		free(h->page[i]);
		h->page[i] = NULL;
	}
}

void vc_hist_close(struct vc_hist *h)
{
	int64_t v[VC_HIST_QUANTILES] = { 0 };

	for (unsigned int i = 0; i < VC_HIST_QUANTILES; i++)
		vc_hist_quantile(h, (enum vc_hist_q)i, &v[i]);
	for (unsigned int i = 0; i < VC_HIST_QUANTILES; i++)
		h->closed[i] = v[i];
	h->is_closed = true;
	free_pages(h);
}

void vc_hist_clear(struct vc_hist *h)
{
	free_pages(h);
	*h = (struct vc_hist){ 0 };
}

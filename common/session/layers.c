/* SPDX-License-Identifier: MIT */
#include "session/layers.h"

#include "session/roster.h"
#include "wire/keystart.h"

void vc_layer_packet(struct vc_layer *l, enum vc_codec codec,
		     const struct vc_rtp *rtp, int64_t arrival)
{
	unsigned int width, height;

	if (!l->is_heard || arrival > l->heard)
		l->heard = arrival;
	l->is_heard = true;
	if (!vc_keystart_size(codec, rtp->payload, rtp->payload_len, &width,
			      &height))
		return;
	l->width = width;
	l->height = height;
}

void vc_layers_clear(struct vc_layer *l)
{
	l->src->who->user = NULL;
	l->is_grouped = l->is_extra = false;
	l->next = l->last = NULL;
}

void vc_layers_link(struct vc_layer *l)
{
	struct vc_layer *first = l->src->who->user;

	if (!first) {
		l->src->who->user = l;
		l->last = l;
		return;
	}
	first->last->next = l;
	first->last = l;
}

static bool is_alike(const struct vc_source *a, const struct vc_source *b)
{
	return a->kind == b->kind && a->section == b->section;
}

size_t vc_layers_group(struct vc_layer *l,
		       struct vc_layer *out[static VC_LAYERS_MAX])
{
	size_t n = 0;

	if (l->is_grouped)
		return 0;
	for (struct vc_layer *o = l; o; o = o->next) {
		if (o->is_grouped || !is_alike(o->src, l->src))
			continue;
		o->is_grouped = true;
		o->is_extra = n == VC_LAYERS_MAX;
		if (!o->is_extra)
			out[n++] = o;
	}
	return n;
}

static bool fills(const struct vc_layer *l, unsigned int width,
		  unsigned int height)
{
	return l->width >= width || l->height >= height;
}

/* Is 'a' to be taken rather than 'b'? */
static bool is_better(const struct vc_layer *a, const struct vc_layer *b,
		      unsigned int width, unsigned int height)
{
	uint64_t area_a = (uint64_t)a->width * a->height;
	uint64_t area_b = (uint64_t)b->width * b->height;

	if (!area_a || !area_b)
		return area_a > area_b;
	if (fills(a, width, height) != fills(b, width, height))
		return fills(a, width, height);
	return fills(a, width, height) ? area_a < area_b : area_a > area_b;
}

int vc_layers_pick(struct vc_layer *const *l, size_t n, unsigned int width,
		   unsigned int height)
{
	int64_t newest = INT64_MIN;
	int best = -1, best_rank = -1;

	for (size_t i = 0; i < n; i++)
		if (l[i]->is_heard && l[i]->heard > newest)
			newest = l[i]->heard;
	for (size_t i = 0; i < n; i++) {
		bool is_sent = l[i]->is_heard &&
			       newest - l[i]->heard <= VC_LAYER_SILENCE;
		int rank = is_sent + (is_sent && !l[i]->is_over);

		if (rank < best_rank ||
		    (rank == best_rank &&
		     !is_better(l[i], l[best], width, height)))
			continue;
		best = (int)i;
		best_rank = rank;
	}
	return best;
}

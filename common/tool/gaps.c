/* SPDX-License-Identifier: MIT */
/* A short table without order. */
#include "tool/gaps.h"

struct vc_gap *vc_gaps_find(struct vc_gaps *g, uint32_t ssrc)
{
	for (size_t i = 0; i < g->n; i++) {
		if (g->gap[i].ssrc == ssrc)
			return &g->gap[i];
	}
	return NULL;
}

void vc_gaps_remove(struct vc_gaps *g, struct vc_gap *gap)
{
	g->n--;
	*gap = g->gap[g->n];
}

void vc_gaps_note(struct vc_gaps *g, uint32_t ssrc, int64_t time, uint16_t seq,
		  bool awaits_key)
{
	struct vc_gap *gap = vc_gaps_find(g, ssrc);

	if (!gap) {
		if (g->n == VC_GAPS_MAX)
			vc_gaps_remove(g, &g->gap[0]);
		gap = &g->gap[g->n];
		g->n++;
		*gap = (struct vc_gap){ .ssrc = ssrc,
					.from = time,
					.seq_from = seq };
	}
	gap->to = time;
	gap->seq_to = seq;
	gap->awaits_key = awaits_key;
}

/* SPDX-License-Identifier: MIT */
/* What a slow reader lost, a gap for each source. Used by tool/reader.c. */
#ifndef VC_TOOL_GAPS_H
#define VC_TOOL_GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_GAPS_MAX 64

struct vc_gap {
	uint32_t ssrc;
	int64_t from, to;
	uint16_t seq_from, seq_to;
	bool awaits_key;
};

struct vc_gaps {
	struct vc_gap gap[VC_GAPS_MAX];
	size_t n;
};

/* The gap of a source, or NULL. Valid until the next note or removal. */
struct vc_gap *vc_gaps_find(struct vc_gaps *g, uint32_t ssrc);

/* A packet of 'ssrc' was dropped. The table full: one report is lost. */
void vc_gaps_note(struct vc_gaps *g, uint32_t ssrc, int64_t time, uint16_t seq,
		  bool awaits_key);

void vc_gaps_remove(struct vc_gaps *g, struct vc_gap *gap);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Reads an IVF file (wire/ivf.h) front to back, as wire/webmread.h does WebM:
 * its pictures are track 1, each frame a block. Of AV1 the temporal delimiter
 * is left out, as RTP and Matroska do. Pure.
 */
#ifndef VC_WIRE_IVFREAD_H
#define VC_WIRE_IVFREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ivf.h"
#include "wire/webmread.h"

/* Zero it before the first call; the reader's own. */
struct vc_ivfread {
	bool has_head;
	bool is_av1;
	struct vc_ivf ivf;
	uint64_t frames;
	uint64_t ticks; /* of the latest frame */
};

/* The next item at 'buf', as vc_webmread_next(). */
int vc_ivfread_next(struct vc_ivfread *r, const uint8_t *buf, size_t len,
		    struct vc_webmread_item *out);

/* What the file says it lasts, ns; 0: nothing, or it counts frames. */
int64_t vc_ivfread_duration(const struct vc_ivfread *r);

/* May the file end here, or has it been cut? (Nothing may be left over.) */
bool vc_ivfread_is_whole(const struct vc_ivfread *r);

#endif

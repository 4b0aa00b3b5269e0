/* SPDX-License-Identifier: MIT */
/*
 * MP4 in fragments (wire/mp4read.h) as the items that a WebM file has: tracks,
 * and blocks of one frame each. So whoever reads the one reads the other. Part
 * of engine/filepump.h.
 */
#ifndef VC_ENGINE_MP4PUMP_H
#define VC_ENGINE_MP4PUMP_H

#include <stddef.h>
#include <stdint.h>

#include "wire/mp4read.h"
#include "wire/webmread.h"

struct vc_mp4pump {
	struct vc_mp4read read;
	struct vc_mp4read_item item;
	struct vc_mp4read_walk walk;
};

/*
 * The box at 'buf': as vc_mp4read_next(), what it has goes to 'take' before it
 * returns, by way of 'room'; also what that returned. '*size': octets to step
 * over.
 */
int vc_mp4pump_next(struct vc_mp4pump *m, const uint8_t *buf, size_t len,
		    int (*take)(void *ctx, const struct vc_webmread_item *item),
		    void *ctx, struct vc_webmread_item *room, uint64_t *size);

#endif

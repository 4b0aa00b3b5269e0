/* SPDX-License-Identifier: MIT */
/*
 * The noise that a packet of comfort noise (wire/cn.h) describes: of its level
 * and spectrum, without end. The same for the same packets.
 */
#ifndef VC_MEDIA_COMFORT_H
#define VC_MEDIA_COMFORT_H

#include <stddef.h>
#include <stdint.h>

#include "wire/cn.h"

/* It is never louder: who wants to be heard sends sound. */
#define VC_COMFORT_LOUDEST 30 /* -dBov */

/* Zeros: silence. */
struct vc_comfort {
	uint32_t state;
	int32_t amp; /* of the noise that is filtered, times 256 */
	unsigned int n;
	int32_t k[VC_CN_ORDER];
	int64_t back[VC_CN_ORDER + 1]; /* of the lattice, times 256 */
};

/* From now on; what it sounds like goes on from before. */
void vc_comfort_set(struct vc_comfort *c, const struct vc_cn *cn);
void vc_comfort_next(struct vc_comfort *c, int16_t *pcm, size_t n);

#endif

/* SPDX-License-Identifier: MIT */
/* What session/framepack.c and its payload formats share. */
#ifndef VC_SESSION_FRAMEPACK_INTERNAL_H
#define VC_SESSION_FRAMEPACK_INTERNAL_H

#include "session/framepack.h"

struct vc_framepack_ops {
	/* 'conf', 'p', 'end' and 'left' are set, the rest is 0. As
	 * vc_framepack_init(). */
	int (*init)(struct vc_framepack *pk);
	size_t (*next)(struct vc_framepack *pk, uint8_t *out, bool *marker);
};

extern const struct vc_framepack_ops vc_framepack_vp8;
extern const struct vc_framepack_ops vc_framepack_vp9;
extern const struct vc_framepack_ops vc_framepack_h264;
extern const struct vc_framepack_ops vc_framepack_av1;

/*
 * Takes 1/n of what is left and of 'extra' octets that go with it to 'out':
 * parts of equal size rather than full ones and a rest, lest a queue treat the
 * last packet differently.
 */
size_t vc_framepack_cut(struct vc_framepack *pk, uint8_t *out, size_t extra);

#endif

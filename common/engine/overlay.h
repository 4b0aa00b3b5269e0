/* SPDX-License-Identifier: MIT */
/*
 * Octets that go over those of a file whose own octets stay as they are: what
 * was written last counts. For a file that is encrypted front to back.
 */
#ifndef VC_ENGINE_OVERLAY_H
#define VC_ENGINE_OVERLAY_H

#include <stddef.h>
#include <stdint.h>

#define VC_OVERLAY_MAX (64u << 20) /* octets, and so many pieces at most */

struct vc_overlay_piece {
	uint64_t at;
	size_t len;
	size_t octets; /* where they lie */
};

/* Embedded; zero it. */
struct vc_overlay {
	struct vc_overlay_piece *pieces; /* in order, none over another */
	size_t n, cap;
	uint8_t *octets;
	size_t used, room;
};

void vc_overlay_clear(struct vc_overlay *o);

/* -ENOMEM, -E2BIG. */
int vc_overlay_put(struct vc_overlay *o, uint64_t at, const uint8_t *p,
		   size_t len);

/* Over the 'len' octets of the file from 'at' on. */
void vc_overlay_apply(const struct vc_overlay *o, uint64_t at, uint8_t *p,
		      size_t len);

#endif

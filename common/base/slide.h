/* SPDX-License-Identifier: MIT */
/*
 * Octets that come in pieces and are items of a file, one behind the other:
 * what is not whole yet is kept, and what an item is larger than what is there
 * is stepped over as it comes.
 */
#ifndef VC_BASE_SLIDE_H
#define VC_BASE_SLIDE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Embedded; zero it. All but 'next' and 'ctx', which the caller sets, its own.
 */
struct vc_slide {
	/*
	 * The item at 'p', of which 'len' octets are here, at least one. 1: it
	 * was taken, and '*size' octets are to be stepped over; 0: more are
	 * needed; or an error, which ends it.
	 */
	int (*next)(void *ctx, const uint8_t *p, size_t len, uint64_t *size);
	void *ctx;
	uint8_t *buf; /* what is kept */
	size_t len, cap;
	uint64_t skip; /* octets to come that are stepped over */
	int err;
};

/* The next octets. 0, -ENOMEM or what 'next' returned. Errors last. */
int vc_slide_put(struct vc_slide *s, const uint8_t *p, size_t len);

/* So many of the octets that are kept have been taken. */
void vc_slide_pass(struct vc_slide *s, size_t n);

void vc_slide_clear(struct vc_slide *s);

#endif

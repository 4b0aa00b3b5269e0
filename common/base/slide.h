/* SPDX-License-Identifier: MIT */
/*
 * Octets that come in pieces and are items of a file, one behind the other:
 * what is not whole yet is kept, and what an item is larger than what is there
 * is stepped over as it comes.
 */
#ifndef VC_BASE_SLIDE_H
#define VC_BASE_SLIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The item at 'p', of which 'len' octets are here, at least one. 1: it was
 * taken, and '*size' octets are to be stepped over; 0: more are needed; or an
 * error, which ends it.
 */
typedef int vc_slide_next(void *ctx, const uint8_t *p, size_t len,
			  uint64_t *size);

/*
 * Embedded; zero it. All but 'next' and 'ctx', which the caller sets, its own.
 */
struct vc_slide {
	vc_slide_next *next;
	void *ctx;
	uint8_t *buf; /* what is kept */
	size_t len, cap;
	uint64_t skip; /* octets to come that are stepped over */
	int err;
};

/* The next octets. 0, -ENOMEM or what 'next' returned. Errors last. */
int vc_slide_put(struct vc_slide *s, const uint8_t *p, size_t len);

/*
 * No more come: what is kept, if anything is, is given to 'last', whose size is
 * within it. As above.
 */
int vc_slide_end(struct vc_slide *s, vc_slide_next *last);

/* Nothing is kept, nothing to come stepped over, and there was no error. */
bool vc_slide_is_empty(const struct vc_slide *s);

void vc_slide_clear(struct vc_slide *s);

#endif

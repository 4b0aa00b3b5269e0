/* SPDX-License-Identifier: MIT */
/*
 * The largest packet that a path takes whole, by trying: the usual sizes first,
 * then by halves. A size has failed when it was refused at once, or when
 * several of them in a row were not answered.
 */
#ifndef VC_SESSION_PATHMTU_H
#define VC_SESSION_PATHMTU_H

#include <stdbool.h>
#include <stdint.h>

#define VC_PATHMTU_TRIES 3

struct vc_pathmtu {
	uint32_t fits;	/* 0: nothing so far */
	uint32_t fails; /* the smallest that did */
	uint32_t size;	/* at hand */
	uint32_t max;	/* no larger one can be tried */
	unsigned int usual;
	unsigned int tries;
};

/* Octets of IP packets: 'min' is known to fit, 'max' is the largest that can be
 * tried. */
void vc_pathmtu_init(struct vc_pathmtu *m, uint32_t min, uint32_t max);

/* What to try now; 0: 'fits' is the answer. */
uint32_t vc_pathmtu_size(const struct vc_pathmtu *m);

/* One of that size came; it was refused; or it was not answered in time. */
void vc_pathmtu_came(struct vc_pathmtu *m, uint32_t size);
void vc_pathmtu_refused(struct vc_pathmtu *m, uint32_t size);
void vc_pathmtu_silent(struct vc_pathmtu *m, uint32_t size);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Bursts and gaps of RFC 3611 section 4.7.2. A burst begins and ends with a
 * packet that was lost or discarded, and has no VC_XR_GMIN good ones in a row;
 * a loss alone between so many is the gap's. Constant memory, integers only.
 */
#ifndef VC_SESSION_XRBURSTS_H
#define VC_SESSION_XRBURSTS_H

#include <stdbool.h>
#include <stdint.h>

#define VC_XR_GMIN 16

/* Places counted; what is good and bad is of bursts, or of gaps. */
struct vc_xrspan {
	uint64_t places;
	uint64_t bad;
	uint64_t n; /* bursts, gaps */
};

/* Start with zeros. 'burst' and 'gap' may be read after vc_xrbursts_end(). */
struct vc_xrbursts {
	uint64_t good_row;   /* since the last bad one */
	uint64_t run_places; /* from the first bad one of a run to its last */
	uint64_t run_bad;
	bool gap_open; /* the last span counted was a gap */
	struct vc_xrspan burst;
	struct vc_xrspan gap;
};

/* The next place, in order. */
void vc_xrbursts_put(struct vc_xrbursts *b, bool is_bad);

/* What is not known to be over is. */
void vc_xrbursts_end(struct vc_xrbursts *b);

#endif

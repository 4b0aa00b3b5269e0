/* SPDX-License-Identifier: MIT */
/*
 * Round trips by extended reports (RFC 3611 sections 4.4 and 4.5), for who
 * sends no media and so gets no report blocks: he writes his clock (RRT), and
 * whoever sends media answers how long ago that came (DLRR).
 */
#ifndef VC_SESSION_XR_H
#define VC_SESSION_XR_H

#include <stdint.h>

#include "base/bytes.h"

struct vc_xr_dlrr;

#define VC_XR_SENT 8   /* clocks that answers may be about */
#define VC_XR_PEERS 16 /* that are answered at a time */

/* The receiver's part, one for each peer. Start with zeros. */
struct vc_xrclock {
	unsigned int n; /* sent so far */
	struct {
		uint32_t mid; /* of the NTP time */
		int64_t at;
	} sent[VC_XR_SENT];
};

/* Appends an RRT block; between vc_xr_open() and vc_xr_close(). */
void vc_xrclock_write(struct vc_xrclock *c, struct vc_wr *w, int64_t now);

/*
 * The round-trip time by an entry for our SSRC that came at 'now', ns; -1 when
 * it is about no clock that we wrote of late, or gives more than 60 s.
 */
int64_t vc_xrclock_rtt(const struct vc_xrclock *c,
		       const struct vc_xr_dlrr *entry, int64_t now);

/* The sender's part, one for each peer: who is to be answered. Start with
 * zeros. The one heard longest ago goes first. */
struct vc_xrpeers {
	unsigned int n;
	struct {
		uint32_t ssrc;
		uint32_t mid;
		int64_t arrival;
	} a[VC_XR_PEERS];
};

/* An RRT block of 'ssrc' came. NTP 0, "no clock", is not answered. */
void vc_xrpeers_heard(struct vc_xrpeers *p, uint32_t ssrc, uint64_t ntp,
		      int64_t now);

/* Appends a DLRR block for all that were heard since the last one; nothing
 * when nobody was. How many they are. */
unsigned int vc_xrpeers_write(struct vc_xrpeers *p, struct vc_wr *w,
			      int64_t now);

#endif

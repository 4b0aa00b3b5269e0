/* SPDX-License-Identifier: MIT */
/* --dscp: which class of service each kind of media is sent with. */
#ifndef VC_LINK_DSCP_H
#define VC_LINK_DSCP_H

#include <stdint.h>

#include "wire/codec.h"

/* By enum vc_kind; 0, best effort, where nothing was said. */
struct vc_dscp {
	uint8_t of[VC_OTHER + 1];
};

/*
 * "EF" for all kinds, or "audio=EF,video=AF41" for those. A class is a name of
 * RFC 2474, 2597, 3246, 5865 or 8622 (CS0 to CS7, AF11 to AF43, EF, VA, LE),
 * in either case, or a number from 0 to 63. 0 or -EINVAL, and '*d' is as it
 * was.
 */
int vc_dscp_parse(struct vc_dscp *d, const char *text);

/* What RTCP is sent with: as what it reports on, sound before pictures. */
uint8_t vc_dscp_rtcp(const struct vc_dscp *d);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What RTSP servers of a capture said their payload types mean: answers to
 * DESCRIBE that came in one segment of TCP. It holds for all that goes from
 * that host to the one that asked. Used by tool/capscan.c only.
 */
#ifndef VC_TOOL_CAPRTSP_H
#define VC_TOOL_CAPRTSP_H

#include <stdbool.h>

#include "tool/capscan.h"

#define VC_CAPRTSP_MAX 64 /* pairs of hosts; then the oldest goes */

/* An array of VC_CAPRTSP_MAX, zeros at first. */
struct vc_caprtsp {
	uint64_t stamp; /* 0: free */
	struct vc_netaddr server, client;
	struct vc_capcall told;
};

/* A segment. True: it was such an answer, with a description. */
bool vc_caprtsp_take(struct vc_caprtsp *all, const struct vc_netpkt *net);
/* Of a flow between two hosts; NULL: nothing was said. */
const struct vc_caprtsp *vc_caprtsp_find(const struct vc_caprtsp *all,
					 const struct vc_netaddr *src,
					 const struct vc_netaddr *dst);

#endif

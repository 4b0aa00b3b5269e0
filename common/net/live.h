/* SPDX-License-Identifier: MIT */
/*
 * Packets from a network interface (libpcap): what others say to each other,
 * or what reaches a port that is not ours. Takes CAP_NET_RAW to open; the
 * descriptor then serves the loop like a socket's.
 */
#ifndef VC_NET_LIVE_H
#define VC_NET_LIVE_H

#include <stddef.h>
#include <stdint.h>

#include "wire/piece.h"

struct vc_live;

struct vc_live_counts {
	uint64_t received;
	uint64_t dropped; /* by the kernel: we were too slow */
};

/*
 * 'iface' as of `ip link`, which becomes promiscuous, or "any"; 'filter' as in pcap-filter(7), NULL:
 * everything. 0, or a negative errno with a reason for people in 'why':
 * -ENODEV no such interface, -EPERM, -EINVAL the filter, -ENETDOWN, or -EIO.
 */
int vc_live_open(struct vc_live **out, const char *iface, const char *filter,
		 char *why, size_t cap);
/* NULL is fine. */
void vc_live_close(struct vc_live *live);

int vc_live_fd(const struct vc_live *live);

/*
 * Gives what is there, a batch at most, to 'fn': packets, which are borrowed
 * during the call, stamped by the kernel in the loop's time. How many, 0 none
 * (the interface may have gone down), or -EIO.
 */
int vc_live_read(struct vc_live *live,
		 void (*fn)(void *ctx, const struct vc_piece *packet),
		 void *ctx);

struct vc_live_counts vc_live_counts(struct vc_live *live);

#endif

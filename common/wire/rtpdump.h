/* SPDX-License-Identifier: MIT */
/*
 * The dump format of rtptools ("#!rtpplay1.0 ADDR/PORT"): packets of one
 * address, RTP and RTCP, with milliseconds since the beginning.
 */
#ifndef VC_WIRE_RTPDUMP_H
#define VC_WIRE_RTPDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/netpkt.h"
#include "wire/piece.h"
#include "wire/rtp.h"

#define VC_RTPDUMP_LINE_MAX 256

/* Zero it before the first call. */
struct vc_rtpdump {
	bool is_begun;
	struct vc_netaddr addr; /* where it was received; may be 0.0.0.0 */
	int64_t start;		/* ns */
	struct vc_ts_ext offset;
};

/* The piece at 'buf', as wire/piece.h says. A packet of which not even the
 * length is kept whole has a 'len' over its 'caplen'. */
int vc_rtpdump_next(struct vc_rtpdump *rd, const uint8_t *buf, size_t len,
		    struct vc_piece *out);

#define VC_RTPDUMP_HEAD_CAP 96
#define VC_RTPDUMP_RECORD_HEAD 8
#define VC_RTPDUMP_PACKET_MAX (UINT16_MAX - VC_RTPDUMP_RECORD_HEAD)

/* The line and the header. 'start' is kept to the microsecond. */
void vc_rtpdump_begin(struct vc_wr *w, const struct vc_netaddr *addr,
		      int64_t start);

/* A packet, 'offset' ns after the start, which is kept to the millisecond. */
void vc_rtpdump_packet(struct vc_wr *w, int64_t offset, bool is_rtcp,
		       const uint8_t *p, size_t len);

#endif

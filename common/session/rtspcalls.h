/* SPDX-License-Identifier: MIT */
/*
 * What RTSP told in a capture of the media of its sessions: the formats, by the
 * descriptions in answers to DESCRIBE and in ANNOUNCE, and which channel of the
 * connection has which of them, by the answers to SETUP. Who sends a
 * description sends the media. It holds for all that goes from that host to the
 * other one, and before that for what goes by the same connection.
 *
 * At most VC_RTSPCALLS_MAX connections, the least recently spoken of is
 * forgotten first.
 */
#ifndef VC_SESSION_RTSPCALLS_H
#define VC_SESSION_RTSPCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/sipcalls.h"
#include "wire/netpkt.h"

#define VC_RTSPCALLS_MAX 256
#define VC_RTSPCALL_SECTIONS 8
#define VC_RTSPCALL_TEXT 256

struct vc_rtspcall {
	struct vc_netaddr src, dst; /* of the media, and of the connection */
	uint64_t stamp;		    /* when it was spoken of, as a count */
	unsigned int n;		    /* 0: nobody described it */
	/* Kinds and formats; of addresses and keys RTSP tells nothing here. */
	struct vc_sipend sections[VC_RTSPCALL_SECTIONS];

	/* the module's own */
	char control[VC_RTSPCALL_SECTIONS][VC_RTSPCALL_TEXT];
	unsigned int n_setups;
	struct {
		bool is_there;
		uint32_t cseq;
		unsigned int section;
	} asked[VC_RTSPCALL_SECTIONS]; /* the last ones, in a ring */
	struct {
		bool is_there;
		uint8_t rtp, rtcp;
	} channels[VC_RTSPCALL_SECTIONS];
};

struct vc_rtspcalls;

/* NULL: out of memory. */
struct vc_rtspcalls *vc_rtspcalls_new(void);
/* NULL is fine. */
void vc_rtspcalls_free(struct vc_rtspcalls *calls);

/*
 * A message (VC_TEXTUNIT_RTSP) that went from 'src' to 'dst'. 1: it tells of
 * formats; 2: of channels; 0: of neither; -EBADMSG, -E2BIG as vc_rtsp_parse()
 * and vc_sdp_parse(), or -ENOMEM.
 */
int vc_rtspcalls_take(struct vc_rtspcalls *calls, const struct vc_netaddr *src,
		      const struct vc_netaddr *dst, const char *text,
		      size_t len);

/* The lane (wire/netpkt.h) of what goes by a channel: that of its RTP. Where no
 * SETUP told, channels go in pairs from 0 on. */
uint16_t vc_rtspcalls_lane(struct vc_rtspcalls *calls,
			   const struct vc_netaddr *src,
			   const struct vc_netaddr *dst, uint8_t channel);

/*
 * What is known of the media from 'src' to 'dst', lanes or not; NULL: nothing.
 * Borrowed until the next vc_rtspcalls_take().
 */
const struct vc_rtspcall *vc_rtspcalls_find(const struct vc_rtspcalls *calls,
					    const struct vc_netaddr *src,
					    const struct vc_netaddr *dst);

/* The section that goes by a lane; NULL: not known. */
const struct vc_sipend *vc_rtspcall_section(const struct vc_rtspcall *call,
					    uint16_t lane);

#endif

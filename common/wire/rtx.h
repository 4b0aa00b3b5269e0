/* SPDX-License-Identifier: MIT */
/*
 * Retransmission packets (RFC 4588): the header of the original with an SSRC,
 * payload type and sequence number of their own, then the original's number
 * (OSN), then its payload.
 */
#ifndef VC_WIRE_RTX_H
#define VC_WIRE_RTX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/str.h"

struct vc_rtp;
struct vc_sdp;

#define VC_RTX_OSN 2 /* octets that an RTX packet is longer by */

/* The ids of the extensions that name a layer, and the one whose packet is sent
 * again (RFC 8852); 0: not described. */
struct vc_rid_exts {
	uint8_t rid;
	uint8_t repaired;
};

struct vc_rid_exts vc_rtx_rids(const struct vc_sdp *sdp);

/* What an RTX packet is sent as. */
struct vc_rtx {
	uint32_t ssrc;
	uint8_t pt;
	uint16_t seq;
	struct vc_rid_exts ids; /* what named its layer names that repaired */
};

/*
 * Makes an RTX packet of the RTP packet [p, p + len). CSRCs and extensions are
 * kept, padding is not (RFC 4588 section 4). 0 (look at w->bad), or -EBADMSG:
 * it is no RTP packet.
 */
int vc_rtx_write(struct vc_wr *w, const struct vc_rtx *rtx, const uint8_t *p,
		 size_t len);

/* The original's number. False: it has no payload, or less than a number. */
bool vc_rtx_osn(const struct vc_rtp *rtp, uint16_t *osn);

/*
 * Makes the original of the RTX packet [p, p + *len) again, in place, with this
 * SSRC and payload type. Never apply it to its own result: an RTX packet of an
 * RTX packet is refused by whoever knows the payload types. 0,
 * -ENODATA: it has no payload (padding, a probe), or -EBADMSG; then nothing
 * was changed.
 */
int vc_rtx_unwrap(uint8_t *p, size_t *len, uint32_t ssrc, uint8_t pt);

/* apt= of the fmtp of an rtx format: whose packets it carries. */
bool vc_rtx_apt(struct vc_str fmtp, uint8_t *apt);

/* Two SSRCs in the value of a=ssrc-group (RFC 5576), "FID media rtx"; false
 * for any other group, and for what names one SSRC twice. */
bool vc_rtx_fid(struct vc_str value, uint32_t *media, uint32_t *rtx);

#endif

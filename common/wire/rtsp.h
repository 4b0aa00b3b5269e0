/* SPDX-License-Identifier: MIT */
/*
 * RTSP messages (RFC 2326, RFC 7826), as far as it takes to learn what a
 * session's media are and how they go. Not enough to speak RTSP.
 */
#ifndef VC_WIRE_RTSP_H
#define VC_WIRE_RTSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define VC_RTSP_TEXT_MAX 65535
#define VC_RTSP_LINES_MAX 256

/* Slices of the message, which is foreign: escape before showing. */
struct vc_rtsp {
	unsigned int status;  /* 0: a request */
	struct vc_str method; /* of a request, as the next one */
	struct vc_str uri;
	bool has_cseq;
	uint32_t cseq;
	struct vc_str content_type; /* without parameters */
	struct vc_str transport;
	struct vc_str body;
};

/* 0, -EBADMSG (malformed; a body shorter than Content-Length) or -E2BIG (over
 * a limit above). */
int vc_rtsp_parse(struct vc_rtsp *rtsp, const char *text, size_t len);

/* The channels of "RTP/AVP/TCP;interleaved=0-1"; of one alone both are it.
 * False: it has none. */
bool vc_rtsp_interleaved(struct vc_str transport, uint8_t *rtp, uint8_t *rtcp);

#endif

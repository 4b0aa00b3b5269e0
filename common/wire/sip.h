/* SPDX-License-Identifier: MIT */
/*
 * SIP messages (RFC 3261) in datagrams, as far as it takes to learn what calls
 * they are about: who, and the session descriptions. Not enough to speak SIP.
 */
#ifndef VC_WIRE_SIP_H
#define VC_WIRE_SIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define VC_SIP_TEXT_MAX 65535
#define VC_SIP_LINE_MAX 4096
#define VC_SIP_LINES_MAX 256

/* From or To. */
struct vc_sip_party {
	struct vc_str user; /* of the URI; a host alone: empty */
	struct vc_str host;
	struct vc_str tag; /* empty: none */
};

/* Slices of the message, which is foreign: escape before showing. */
struct vc_sip {
	unsigned int status;  /* 0: a request */
	struct vc_str method; /* of a response: its CSeq's */
	uint32_t cseq;
	struct vc_str call_id;
	struct vc_sip_party from;
	struct vc_sip_party to;
	struct vc_str content_type; /* without parameters */
	struct vc_str body;
};

/* Whether it may be SIP: begins as a request or a response does. */
bool vc_sip_looks(const uint8_t *p, size_t len);

/*
 * 0, -EBADMSG (malformed; no Call-ID, From, To or CSeq, or one of them twice;
 * a body shorter than Content-Length) or -E2BIG (over a limit above). Compact
 * names of headers are known, folded lines are joined as they are.
 */
int vc_sip_parse(struct vc_sip *sip, const char *text, size_t len);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What a payload type of captured packets means: the word of SIP for the flows
 * of its calls, unless the operator has said something; else what a description
 * says, which may be a guess (vc_formats_fits() tells); else RFC 3551.
 */
#ifndef VC_TOOL_CAPFORMAT_H
#define VC_TOOL_CAPFORMAT_H

#include <stdbool.h>
#include <stdint.h>

struct vc_capflow;
struct vc_sdp;
struct vc_source;

/*
 * Sets pt, told, is_by_call, kind, codec, format_hz, channels and section (-1:
 * of no description), and rate_hz where it is 0. 'sdp' may be NULL.
 */
void vc_capformat_set(struct vc_source *src, const struct vc_capflow *flow,
		      const struct vc_sdp *sdp, bool is_operators, uint8_t pt);

#endif

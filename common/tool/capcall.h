/* SPDX-License-Identifier: MIT */
/* What SIP or RTSP in a capture told of a flow, copied; and what its TCP was. */
#ifndef VC_TOOL_CAPCALL_H
#define VC_TOOL_CAPCALL_H

#include <stdbool.h>
#include <stdint.h>

#include "session/rtspcalls.h"
#include "session/sipcalls.h"
#include "session/tcpcalls.h"

struct vc_json;

/* What SIP told of whom a flow goes to, or RTSP of whom it comes from. */
struct vc_capcall {
	char id[VC_SIPCALL_TEXT]; /* foreign, as the next two */
	char caller[VC_SIPCALL_TEXT];
	char callee[VC_SIPCALL_TEXT];
	bool is_rtsp; /* of no call: only formats are told */
	unsigned int n_formats;
	struct vc_sipformat formats[VC_SIPCALL_FORMATS];
	enum vc_kind kinds[VC_SIPCALL_FORMATS]; /* of each */
	bool is_sealed;				/* SRTP: payloads say nothing */
};

void vc_capcall_by_sip(struct vc_capcall *to, const struct vc_sipcall *call,
		       const struct vc_sipend *end);
/* Of a lane what its section says, of datagrams (0) what all say. */
void vc_capcall_by_rtsp(struct vc_capcall *to, const struct vc_rtspcall *rtsp,
			uint16_t lane);

/* Into the record of a capture, as the pages of vc-recv and vc-probe name it. */
void vc_capcall_fill_tcp(struct vc_json *record,
			 const struct vc_tcpcalls_counts *n);

#endif

/* SPDX-License-Identifier: MIT */
/* What the .c files behind tool/capture.h and tool/capin.h share. Nobody else
 * includes this. */
#ifndef VC_TOOL_CAPTURE_INTERNAL_H
#define VC_TOOL_CAPTURE_INTERNAL_H

#include "session/rtpfind.h"
#include "session/tcpcalls.h"
#include "tool/capture.h"
#include "tool/input.h"
#include "wire/mjr.h"
#include "wire/pcap.h"
#include "wire/rtpdump.h"
#include "wire/sdp.h"

/* A Janus recording's description. */
struct vc_mjrinfo {
	enum vc_codec codec;
	char fmtp[256];
	int64_t start;	     /* ns */
	struct vc_ts_ext ts; /* of files without times */
	int64_t ts_first;
	bool is_told; /* the description was given */
};

struct vc_capture {
	struct vc_capture_conf conf;
	struct vc_capture_ops ops;
	void *ctx;
	struct vc_input in;
	struct vc_live *live; /* of an interface, or NULL */
	struct vc_watch live_watch;
	enum vc_filekind kind;
	struct vc_pcap pcap;
	struct vc_rtpdump rtpdump;
	struct vc_mjr mjr;
	struct vc_mjrinfo info;
	size_t skip; /* octets of a piece that are still to come */
	bool is_begun;
	bool has_started; /* the clock has */
	int64_t offset;	  /* of --rebase */
	int64_t last;
	struct vc_timer pace_timer;
	struct vc_timer end_timer;
	bool has_cut; /* a datagram that was not captured whole was seen */
	bool is_pumping;
	bool is_over;
	int err;
	struct vc_rtpfind *find;
	struct vc_sipcalls *calls;
	struct vc_tcpcalls *tcp;
	struct vc_capture_counts counts;
};

/* --- capture_flow.c --- */

/* A packet of the file or interface, at time 't'. */
void vc_capture_packet(struct vc_capture *c, const struct vc_piece *p,
		       int64_t t);
/* What TCP connections carry is given as datagrams. NULL: out of memory. */
struct vc_tcpcalls *vc_capture_tcp(struct vc_capture *c);

/* --- capture_mjr.c --- */

/* 0, -EBADMSG, or -EPROTONOSUPPORT: not RTP, or a codec not known. */
int vc_mjrinfo_take(struct vc_mjrinfo *info, const struct vc_piece *p);
/* When the packet came; VC_TIME_NONE: it is no RTP. */
int64_t vc_mjrinfo_time(struct vc_mjrinfo *info, const struct vc_piece *p);
/* The first packet that is RTP: its description, in slices of 'info'; is_told
 * from then on. Else false. */
bool vc_mjrinfo_sdp(struct vc_mjrinfo *info, const struct vc_piece *p,
		    struct vc_sdp *sdp);

#endif

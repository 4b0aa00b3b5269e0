/* SPDX-License-Identifier: MIT */
/*
 * A capture as the one input of a tool/in.h: read where its octets lie, or from
 * an interface; in_capture.c reads and keeps time, in_captured.c hands packets
 * over. Nobody else includes this.
 */
#ifndef VC_TOOL_IN_CAPTURE_H
#define VC_TOOL_IN_CAPTURE_H

#include "net/loop.h"
#include "tool/capscan.h"
#include "tool/capture_internal.h"
#include "tool/in_internal.h"

#define VC_IN_PORTS 64 /* of a description, that are wanted */

struct vc_live;

struct vc_in_capture {
	struct vc_in *in;
	struct feed *f; /* NULL: of an interface */
	enum vc_filekind kind;
	struct vc_pcap pcap;
	struct vc_rtpdump rtpdump;
	struct vc_mjr mjr;
	struct vc_mjrinfo info;
	struct vc_capscan *scan;
	struct vc_sdp *sdp; /* with 'sdp_text'; NULL: not described yet */
	char *sdp_text;
	struct vc_live *live;
	struct vc_watch live_watch;
	struct vc_timer live_timer; /* it begins */
	size_t skip;		    /* octets of a piece still to come */
	bool is_begun;		    /* with what is a capture */
	bool is_broken;
	int64_t last; /* time of the packet before */
	int64_t offset;
	unsigned int n_ports;
	uint16_t ports[VC_IN_PORTS];
	uint64_t bad; /* pieces of the file */
	uint64_t malformed;
	uint64_t unfit;
	const struct vc_capscan_packet *now; /* the one that is given */
};

/* --- in_captured.c --- */

/* A packet of RTP or RTCP. */
void vc_in_captured_packet(void *ctx, const struct vc_capscan_packet *p);
/* What 'pt' means where it comes from; else false. */
bool vc_in_captured_format(const struct vc_in *in, struct vc_source *src,
			   uint8_t pt);

#endif

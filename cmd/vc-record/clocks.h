/* SPDX-License-Identifier: MIT */
/*
 * How a source's RTP clock runs: beside its author's clock by all its sender
 * reports, and beside ours by arrival.
 */
#ifndef VC_RECORD_CLOCKS_H
#define VC_RECORD_CLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "session/clockfit.h"

struct vc_json;
struct vc_playout_source;
struct vc_rtp;
struct vc_sdp;

struct clocks {
	struct vc_clockfit reports;   /* or what packets say of their capture */
	bool has_report;	      /* one came: then it counts alone */
	int64_t captured;	      /* when a packet's was taken into it */
	struct vc_clockfit_line line; /* through them: for timelines */
	int64_t drawn;		      /* when it was */
	struct vc_clockfit arrival;
	bool has_packet; /* the newest */
	uint32_t ts;
	int64_t at;
};

void clocks_init(struct clocks *c, uint32_t rate_hz);

/*
 * A packet of media. As long as no report came, what it says of when it was
 * captured (abs-capture-time) is as good as one; 'play' learns that, too.
 */
void clocks_packet(struct clocks *c, const struct vc_sdp *sdp,
		   struct vc_playout_source *play, const struct vc_rtp *rtp,
		   int64_t arrival);

void clocks_report(struct clocks *c, uint64_t ntp, uint32_t ts,
		   int64_t arrival);

/* An event that says it, or NULL: too little is known. */
struct vc_json *clocks_event(const struct clocks *c, uint32_t ssrc);

#endif

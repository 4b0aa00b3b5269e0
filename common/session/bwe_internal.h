/* SPDX-License-Identifier: MIT */
/* What the parts of session/bwe share: the state, and reading feedback. */
#ifndef VC_SESSION_BWE_INTERNAL_H
#define VC_SESSION_BWE_INTERNAL_H

#include "session/bwe.h"
#include "session/bweaimd.h"
#include "session/bwerate.h"
#include "session/bwetrend.h"
#include "wire/rtp.h"

enum vc_bwe_fate {
	VC_BWE_FREE,
	VC_BWE_FLYING,
	VC_BWE_LOST, /* told so; it may come yet */
	VC_BWE_ACKED,
};

/* A packet that was sent; what a report says waits in it for its turn. */
struct vc_bwe_entry {
	int64_t sent;
	int64_t arrival;
	uint32_t ssrc;
	uint16_t seq;
	uint16_t octets;
	uint8_t cluster;
	uint8_t fate;
	uint8_t said; /* VC_BWE_FREE: nothing */
};

/* RTP sequence numbers of one SSRC to transport-wide ones. */
struct vc_bwe_ssrc {
	uint32_t ssrc;
	int64_t used;
	uint16_t tseq[VC_BWE_HISTORY / 2];
};

/* What one report adds. */
struct vc_bwe_report {
	uint64_t n;
	uint64_t lost;
	int64_t newest_sent; /* of those that came; VC_TIME_NONE */
};

struct vc_bwe {
	struct vc_bwe_conf conf;
	uint16_t next; /* transport-wide */
	uint64_t n_sent;
	struct vc_bwe_entry history[VC_BWE_HISTORY];
	struct vc_bwe_ssrc *ssrcs[VC_BWE_SSRC_MAX];
	bool has_told;
	uint16_t told; /* the newest number told of */
	bool has_time;
	int64_t time; /* of the receiver, unwrapped */
	struct vc_bwe_report report;

	struct vc_bwe_rate sent;
	struct vc_bwe_rate acked;
	struct vc_bwe_trend trend;
	struct vc_bwe_aimd aimd;
	struct vc_bwe_loss loss;
	struct vc_bwe_probe probe;
	uint16_t last_probe; /* the newest number of a cluster */

	int64_t rtt; /* -1 */
	uint64_t remb;
	int64_t last_sent;
	int64_t heard;	 /* last feedback; VC_TIME_NONE */
	int64_t backed;	 /* last time that silence took the rate down */
	int64_t resumed; /* when the last silence ended; VC_TIME_NONE */
	int64_t due;

	bool is_draining;
	int64_t drain_end;
	bool is_starting;      /* probing upwards from the start */
	unsigned int failures; /* probes in a row that showed nothing */
	int64_t probed;	       /* the last result */
	int64_t limited;       /* application limited since; VC_TIME_NONE */
	double before_silence; /* the estimate then; 0: none to return to */
	struct vc_bwe_stats stats;
};

/* --- bwefeed.c --- */

/* Takes what a report says into history, rates, trend and probe; b->report
 * is what it added. As vc_bwe_feedback(). */
int vc_bwe_feed(struct vc_bwe *b, const struct vc_rtcp_fb *fb, int64_t now);

/* Remembers where a packet of an SSRC is to be found. */
void vc_bwe_index(struct vc_bwe *b, uint32_t ssrc, uint16_t seq, uint16_t tseq,
		  int64_t now);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What one source's packets say beyond loss and jitter, without a look at the
 * media: how they arrive, what stands in their headers, and what is wrong
 * there. meter_passive.c fills it, record_passive.c tells it.
 */
#ifndef VC_PROBE_PASSIVE_H
#define VC_PROBE_PASSIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "latency.h"
#include "session/flow.h"
#include "session/rtpcheck.h"
#include "session/rxstats.h"

#define SEEN_PTS 16
#define SEEN_EXTS 16 /* ids that are told apart */
#define LOSS_SPAN (5 * VC_SEC)

struct meter;
struct probe;
struct vc_json;
struct vc_packet;
struct vc_rtp;
struct vc_source;

/* Packets of one payload type. */
struct seen_pt {
	uint8_t pt;
	int codec;
	uint64_t packets;
	uint64_t octets;
};

struct seen_ext {
	uint8_t id;
	uint64_t packets;
};

struct passive {
	struct vc_flow flow;
	struct vc_rtpcheck check;
	/* in order of arrival; what has no room is in 'other' */
	struct seen_pt pt[SEEN_PTS];
	unsigned int n_pts, pt_at;
	struct seen_ext ext[SEEN_EXTS];
	unsigned int n_exts;
	uint64_t other_pts, other_exts;
	struct latency latency;
	/* what never came of each LOSS_SPAN, in millionths */
	struct vc_hist loss;
	int64_t loss_end;
	int64_t loss_expected, loss_missing; /* at the beginning of this one */
};

/* --- meter_passive.c --- */

/* A packet that is not VC_RX_BAD; NULL memory is no error: not measured. */
void passive_rtp(const struct probe *p, struct meter *m,
		 const struct vc_source *src, const struct vc_packet *pkt,
		 const struct vc_rtp *rtp, enum vc_rx rx);
/* Its source ends: memory that figures do not need goes. */
void passive_end(struct meter *m);
void passive_free(struct passive *x);

/* --- record_passive.c --- */

/* Adds what is known of the packets of 'm' to the record of its source. */
void record_passive(struct vc_json *o, const struct probe *p,
		    const struct meter *m);
/* The share of its time that was not sent or sent as silence; NAN. */
double record_dtx(const struct meter *m);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Whether the path is used beyond what it carries, seen from delays alone:
 * the slope of the one-way delay over the last groups of packets (a line
 * fitted by least squares), held against a threshold that adapts to how much
 * delays vary anyway. draft-ietf-rmcat-gcc-02 sections 5.2 to 5.4 with the
 * line in place of its Kalman filter. A part of session/bwe.
 */
#ifndef VC_SESSION_BWETREND_H
#define VC_SESSION_BWETREND_H

#include <stdbool.h>
#include <stdint.h>

#define VC_BWE_TREND_N 20

enum vc_bwe_use {
	VC_BWE_NORMAL,
	VC_BWE_OVER,
	VC_BWE_UNDER, /* queues drain */
};

/* A group: packets sent within 5 ms, or that came as one burst. */
struct vc_bwe_group {
	bool set;
	int64_t first_sent;
	int64_t last_sent;
	int64_t first_arrival;
	int64_t last_arrival;
};

struct vc_bwe_trend {
	struct vc_bwe_group group;
	struct vc_bwe_group before;
	int64_t origin; /* arrival that the samples count from */
	double sum_ms;	/* of the delay's changes */
	double smooth_ms;
	unsigned int n_deltas;
	struct {
		double at_ms;
		double delay_ms;
	} samples[VC_BWE_TREND_N];
	unsigned int n;
	double trend;
	double threshold;
	double over_ms;
	unsigned int n_over;
	int64_t updated;
	enum vc_bwe_use use;
	bool was_over; /* since vc_bwe_trend_use() */

	int64_t base[2]; /* least delay of this and the last window */
	int64_t base_end;
	int64_t recent[2]; /* the same in short: least delay of late */
	int64_t recent_end;
};

void vc_bwe_trend_init(struct vc_bwe_trend *t);

/*
 * A packet came: when it was sent by our clock and when it came by the
 * receiver's, whose distance does not matter. In order of sending.
 */
void vc_bwe_trend_packet(struct vc_bwe_trend *t, int64_t sent, int64_t arrival);

/* What the path was since the last call: over-used, if it was that at all. */
enum vc_bwe_use vc_bwe_trend_use(struct vc_bwe_trend *t);

/* How long packets wait in queues of late, as far as delays tell; >= 0. */
int64_t vc_bwe_trend_queue(const struct vc_bwe_trend *t);

#endif

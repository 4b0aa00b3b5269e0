/* SPDX-License-Identifier: MIT */
/*
 * From capture to arrival here, by abs-capture-time. Both times are of clocks
 * that may be apart; what is known of that is told beside the figures.
 */
#ifndef VC_PROBE_LATENCY_H
#define VC_PROBE_LATENCY_H

#include <stdbool.h>

#include "session/hist.h"

struct meter;
struct probe;
struct vc_json;
struct vc_packet;
struct vc_rtp;

struct latency {
	struct vc_hist by; /* ns */
	int pt;		   /* whose extension 'id' is; -1: of none yet */
	unsigned char id;  /* 0: it is not described */
	bool is_host;	   /* the source is on this machine */
};

/* A packet with header extensions. */
void latency_put(const struct probe *p, struct meter *m,
		 const struct vc_packet *pkt, const struct vc_rtp *rtp);

/* The median in ms, where both clocks are one; else NAN. */
double latency_known(const struct probe *p, const struct meter *m);

/* What it comes to in ms; false: nothing was measured, or clocks are apart. */
bool latency_tell(const struct probe *p, const struct meter *m, double *p50,
		  double *p95, double *max);

/* Adds "captured". */
void latency_record(struct vc_json *o, const struct probe *p,
		    const struct meter *m);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Probing: short clusters of packets at a rate above the present estimate, to
 * learn at once what climbing would take many seconds to find. Says when and
 * how fast, and what a cluster showed. A part of session/bwe.
 */
#ifndef VC_SESSION_BWEPROBE_H
#define VC_SESSION_BWEPROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_BWE_CLUSTER_MAX 64 /* packets that are looked at */

/* A cluster to send: 'octets' at 'bps', whatever packets these are. */
struct vc_bwe_cluster {
	uint8_t id; /* 1 to 255; 0: no cluster */
	uint64_t bps;
	size_t octets;
};

struct vc_bwe_probe {
	struct vc_bwe_cluster cluster; /* the present one; id 0: none yet */
	bool is_wanted;		       /* not handed out yet */
	bool is_open;		       /* its result is awaited */
	int64_t asked;
	unsigned int n;	     /* packets that came */
	unsigned int n_lost; /* that did not */
	size_t octets_sent;
	size_t octets_told; /* of both kinds */
	struct {
		int64_t sent;
		int64_t arrival;
		size_t octets;
	} packets[VC_BWE_CLUSTER_MAX];
};

/* Asks for a cluster at 'bps', unless one is open. */
void vc_bwe_probe_ask(struct vc_bwe_probe *p, double bps, int64_t now);

/* True when a cluster is to be sent now; it is handed out once. */
bool vc_bwe_probe_take(struct vc_bwe_probe *p, struct vc_bwe_cluster *out);

/* A packet of cluster 'id' was sent; its fate is known. */
void vc_bwe_probe_sent(struct vc_bwe_probe *p, uint8_t id, size_t octets);
void vc_bwe_probe_result(struct vc_bwe_probe *p, uint8_t id, bool is_received,
			 int64_t sent, int64_t arrival, size_t octets);

/*
 * True, once, when the open cluster is over: its packets were told of, or
 * 'is_past' says that later ones were and nothing more is to come. '*bps' is what the path
 * let through of it (0: too little came to say), '*is_full' whether that is
 * less than what was sent, so that it is what the path carries.
 */
bool vc_bwe_probe_done(struct vc_bwe_probe *p, bool is_past, double *bps,
		       bool *is_full, int64_t now);

#endif

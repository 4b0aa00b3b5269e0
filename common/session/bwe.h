/* SPDX-License-Identifier: MIT */
/*
 * What the path to one destination carries, estimated by its sender from the
 * feedback of its receiver: draft-ietf-rmcat-gcc-02 (delays and loss; a line
 * fitted to the delays in place of its Kalman filter), with probing.
 *
 * The sender's loop: each packet that goes out is told by vc_bwe_sent() and
 * gets its transport-wide number from it; feedback goes to vc_bwe_feedback();
 * at vc_bwe_next() call vc_bwe_due(). After either ask vc_bwe_target() how
 * fast media may be, and vc_bwe_probe() whether a probe is to be sent now.
 * Sizes are as they are on the wire: count IP and UDP with them.
 */
#ifndef VC_SESSION_BWE_H
#define VC_SESSION_BWE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/bweprobe.h"

struct vc_rtcp_fb;

/* What is told of a packet is known for this many packets after it. */
#define VC_BWE_HISTORY 4096

/* Streams whose feedback by SSRC (RFC 8888) is understood. */
#define VC_BWE_SSRC_MAX 32

struct vc_bwe_conf {
	uint64_t start_bps;
	uint64_t min_bps; /* at least 1 */
	uint64_t max_bps;
	bool by_ssrc; /* feedback is RFC 8888: streams are kept apart */
};

struct vc_bwe_stats {
	uint64_t target_bps;
	uint64_t acked_bps; /* of late; 0: not known */
	uint64_t loss_bps;  /* limit from loss; 0: none */
	double loss;	    /* of the last interval, 0..1 */
	int64_t rtt;	    /* -1: not known */
	int64_t queue;	    /* how long packets wait on the path */
	uint64_t feedback;  /* reports taken */
	uint64_t malformed; /* and not */
	uint64_t lost;	    /* packets that were told lost */
	uint64_t overuses;  /* times that the rate went down */
	uint64_t probes;
	uint64_t timeouts; /* feedback failed to come */
};

struct vc_bwe;

/* About 140 kB, and 4 kB an SSRC with by_ssrc. NULL when out of memory. min <= start <= max. */
struct vc_bwe *vc_bwe_new(const struct vc_bwe_conf *conf, int64_t now);
void vc_bwe_free(struct vc_bwe *b);

/*
 * A packet goes out: its SSRC and RTP sequence number (for RFC 8888), its
 * octets, the cluster it belongs to (0: none). Returns its transport-wide
 * sequence number.
 */
uint16_t vc_bwe_sent(struct vc_bwe *b, uint32_t ssrc, uint16_t seq,
		     size_t octets, uint8_t cluster, int64_t now);

/*
 * Feedback came, TWCC or RFC 8888. 0; -EOPNOTSUPP, it is something else;
 * -EBADMSG, malformed.
 */
int vc_bwe_feedback(struct vc_bwe *b, const struct vc_rtcp_fb *fb, int64_t now);

/*
 * Something else of the receiver came (RTCP of any kind), so that the path is
 * there: after a silence it goes on, as by feedback, at the start's rate but
 * with no more than before the silence, and the next feedback will find what
 * is there now.
 */
void vc_bwe_heard(struct vc_bwe *b, int64_t now);

/* The receiver's own estimate (REMB) is a limit; 0: no more. */
void vc_bwe_remb(struct vc_bwe *b, uint64_t bps);

/* When to call vc_bwe_due(). */
int64_t vc_bwe_next(const struct vc_bwe *b);
void vc_bwe_due(struct vc_bwe *b, int64_t now);

/* Bits a second that may be sent, everything counted. */
uint64_t vc_bwe_target(const struct vc_bwe *b);

/* True when a probe is to be sent now: packets, RTX or padding, each told to
 * vc_bwe_sent() with its id. */
bool vc_bwe_probe(struct vc_bwe *b, struct vc_bwe_cluster *out);

struct vc_bwe_stats vc_bwe_stats(const struct vc_bwe *b);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Of a transmitter (link/rtptx_internal.h): how fast it may send to each
 * destination, and whether at all.
 */
#ifndef VC_LINK_RTPTX_CC_H
#define VC_LINK_RTPTX_CC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/circuit.h"

struct feedback;
struct txcc;
struct vc_dest;
struct vc_json;
struct vc_packet;
struct vc_rtcp_fb;
struct vc_rtcp_report;
struct vc_rtptx;
struct vc_sdp;

/* The circuit breaker of a destination: its streams share the path, so they
 * are judged together, by the mean of one. */
struct tx_breaker {
	bool is_on;
	bool is_strict; /* silence counts, also if he never said anything */
	bool has_heard;
	struct vc_circuit circuit;
	enum vc_circuit_state told;
	enum vc_circuit_why told_why;
	unsigned int n_streams;
	uint64_t packets; /* of media, that it was told of */
	uint64_t octets;
	uint64_t stopped; /* packets that did not go */
	/* Of the report that is being read: */
	unsigned int n_blocks;
	uint64_t advance; /* of the highest sequence numbers */
	uint64_t lost;	  /* of these, in 256ths */
	uint8_t worst;
	int64_t rtt;
	uint32_t highest; /* all advances */
	/* Open, it is tried now and then whether somebody is there again: */
	int64_t try_at;
	size_t try_left; /* octets */
};

/* --- rtptx_cc.c --- */

/* The session begins: an estimate of its own, if that is wanted. */
void vc_txcc_begin(struct vc_dest *d);
void vc_txcc_free(struct vc_dest *d);
/* RTP that wants to go there waits for its turn. */
void vc_txcc_hold(struct vc_dest *d, struct vc_packet *pkt, const uint8_t *head,
		  uint8_t dscp);
/* Queues what may go now, and arms the timer for the next. */
void vc_txcc_release(struct vc_dest *d, int64_t now);
bool vc_txcc_is_busy(const struct vc_dest *d);
/* What waits is dropped. */
void vc_txcc_give_up(struct vc_dest *d);
/* The breaker is closed again: the path is there, perhaps another one. */
void vc_txcc_resume(struct vc_dest *d);
/* The breaker's word: no more than that, 0: any rate. */
void vc_txcc_limit(struct vc_dest *d, uint64_t bps);
/* The peer's word, which holds for a while: no more than that. */
void vc_txcc_wish(struct vc_dest *d, uint64_t bps);
/* Feedback on the path came. */
void vc_txcc_feedback(struct vc_dest *d, const struct vc_rtcp_fb *fb);
/* It has an estimate, for which no feedback has come yet. */
bool vc_txcc_is_unheard(const struct vc_dest *d);
/* What pictures of one stream may take, bits a second of their payloads; 0:
 * there is no limit. */
uint64_t vc_txcc_share(const struct vc_dest *d);
/* The latest round trip, -1: not known. */
int64_t vc_txcc_rtt(const struct vc_dest *d);
/* "bwe" of a destination. */
void vc_txcc_fill_stats(const struct vc_dest *d, struct vc_json *j);

/* --- rtptx_rate.c --- */

/* The description of what goes out: which ids its extensions have. */
void vc_txrate_desc(struct vc_rtptx *s, const struct vc_sdp *sdp);
/* Adds extensions and feedback to one for others. */
void vc_txrate_describe(const struct vc_rtptx *s, struct vc_sdp *sdp);
/*
 * The packet as it goes out where it is numbered: with this header, a
 * transport-wide number and the time of sending, both still to be written to
 * data + at[0] and data + at[1]. 'rtp' is the header of the result. NULL: it
 * cannot be.
 */
struct vc_packet *vc_txrate_number(struct vc_rtptx *s,
				   const struct vc_packet *pkt,
				   const uint8_t *head, size_t at[static 2]);
/* A report came: says so once if feedback does not, after some of them. */
void vc_txrate_reported(struct vc_dest *d);
/* Producers are told what their pictures may take: from now on, again and
 * again. */
void vc_txrate_begin(struct vc_rtptx *s);
void vc_txrate_end(struct vc_rtptx *s);

/* --- rtptx_breaker.c --- */

/* The session begins. */
void vc_breaker_begin(struct vc_dest *d);
/* Each second. */
void vc_breaker_tick(struct vc_dest *d, int64_t now);
/* May 'len' octets of RTP go there? Else they are counted. */
bool vc_breaker_lets(struct vc_dest *d, size_t len);
/* A report block about a stream, before 'f' has what it says; then the
 * compound that it was in is over (or had none). */
void vc_breaker_block(struct vc_dest *d, const struct feedback *f,
		      const struct vc_rtcp_report *rep);
void vc_breaker_heard(struct vc_dest *d);
/* Somebody has decided so. False: it is too early. */
bool vc_breaker_reset(struct vc_dest *d);
/* "breaker" of a destination. */
void vc_breaker_fill_stats(const struct vc_dest *d, struct vc_json *j);

#endif

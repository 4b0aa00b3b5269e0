/* SPDX-License-Identifier: MIT */
/*
 * Who answers probes (wire/pathpkt.h), and how much. What comes here was
 * authentic. A session is an SSRC, begins with a HELLO and has a token that is
 * drawn for it: whoever records the probes of a session and sends them again
 * later, from an address that is forged, gets one answer to its HELLO and none
 * to the rest. An answer is never longer than its probe, there is one for each,
 * and all together stay below a rate.
 */
#ifndef VC_SESSION_REFLECT_H
#define VC_SESSION_REFLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rand.h"
#include "session/pace.h"
#include "wire/pathpkt.h"

#define VC_REFLECT_LATER_MAX_MS \
	600000		       /* of a probe that is to be answered later */
#define VC_REFLECT_OVERHEAD 48 /* octets of IPv6 and UDP, which count */

struct vc_reflect_session {
	uint32_t ssrc; /* of the probes */
	/* Of the answers; the caller's, all three. */
	bool has_own;
	uint16_t own_seq;
	uint32_t own_ssrc;
	bool is_used;
	bool is_confirmed; /* a probe had its token */
	bool has_later;
	bool has_media;
	uint64_t token;
	int64_t last;
	uint8_t addr[16]; /* the newest that it came from */
	uint16_t port;
	uint64_t rebinds; /* that it changed */
	uint32_t received, reordered, highest, capped, count;
	uint64_t came;
	uint32_t duplicates;
	int64_t later; /* when the probe that waits is to be answered */
	struct vc_path_answer waiting;
	size_t waiting_len;
};

struct vc_reflect_counts {
	uint64_t probes, answers;
	uint64_t strays;    /* of no session, or without its token */
	uint64_t full;	    /* no room for one more session */
	uint64_t capped;    /* over the rate */
	uint64_t too_short; /* for an answer that is not longer */
	uint64_t sessions;  /* that began */
	uint64_t rebinds;
};

struct vc_reflect_conf {
	size_t max_sessions;
	int64_t idle;	  /* silent for so long, a session is over */
	uint64_t max_bps; /* of all answers, with their headers; 0: no limit */
	/* A session is over: its own_ssrc is free. */
	void (*forget)(void *ctx, struct vc_reflect_session *s);
	void *ctx;
	struct vc_rand rand; /* tokens come from: secret */
};

struct vc_reflect {
	struct vc_reflect_conf conf;
	struct vc_reflect_session *session;
	struct vc_pace pace;
	uint64_t draws;
	struct vc_reflect_counts counts;
};

/* A probe, and how it came. */
struct vc_reflect_in {
	const struct vc_path_probe *probe;
	uint32_t ssrc;
	size_t len; /* octets of its RTP payload */
	uint8_t addr[16];
	uint16_t port;
	int64_t arrived;
	int dscp, ttl;	     /* -1: not known */
	uint32_t duplicates; /* of this SSRC, so far */
};

/* What is to be said: 'answer' but its time of departure, in 'len' octets. */
struct vc_reflect_out {
	struct vc_reflect_session *session;
	struct vc_path_answer answer;
	size_t len;
};

/* Octets that may go at once: 20 ms of the rate, as many send at the same time. */
size_t vc_reflect_burst(uint64_t max_bps);

/* 'conf' is copied. 0 or -ENOMEM. */
int vc_reflect_init(struct vc_reflect *r, const struct vc_reflect_conf *conf);
void vc_reflect_clear(struct vc_reflect *r);

/*
 * 0 and '*out': answer it now, to where it came from. Else nothing is to be
 * sent: -EINPROGRESS (it will be due later), -ENOENT, -ENOSPC, -EBUSY (over the
 * rate), -EMSGSIZE (it is too short): counted.
 */
int vc_reflect_take(struct vc_reflect *r, const struct vc_reflect_in *in,
		    int64_t now, struct vc_reflect_out *out);

/* An answer that was to wait until 'now' or before: true and '*out'; it goes to
 * out->answer.addr and port. To be asked until there is none. */
bool vc_reflect_due(struct vc_reflect *r, int64_t now,
		    struct vc_reflect_out *out);

/* Sessions that are silent end. How many there are. */
size_t vc_reflect_expire(struct vc_reflect *r, int64_t now);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * vc-impair: what its parts share. A way is one direction of a bad network
 * (way.c): packets are put in, a timer takes them out. The filter (filter.c)
 * has one, from its input to its output; the relay (relay.c) has two, between
 * its clients and the far address.
 */
#ifndef VC_IMPAIR_OWN_H
#define VC_IMPAIR_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/addrrule.h"
#include "session/impair.h"
#include "tool/tool.h"

struct impair;
struct relay;
struct vc_in;
struct vc_json;
struct vc_out;
struct vc_udp_msg;

enum { UP, DOWN };

struct way {
	struct impair *im;
	struct vc_impair_conf conf; /* as it is now */
	struct vc_impair *net;	    /* NULL: the clock does not run yet */
	struct vc_timer timer;
	/* A packet came out at 'due'; its reference is taken over. */
	void (*out)(struct impair *im, struct vc_packet *pkt, int64_t due,
		    uint64_t tag);
	/* There is no more for now. May be NULL. */
	void (*flush)(struct impair *im);
};

enum only { ONLY_RTP, ONLY_RTCP, ONLY_ALL };

struct impair {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct way way[2];
	size_t n_ways; /* 1: a filter */

	/* options */
	const char *listen; /* --relay, or NULL: a filter */
	struct vc_words up, down, rebind;
	struct vc_words lines; /* for --at, of 'rebind'; ours */
	int only;
	int64_t max_clients;
	int64_t timeout;	    /* of silent clients */
	struct vc_addr_rules rules; /* who may be one */

	/* filter */
	struct vc_in *in;
	struct vc_out *out;

	struct relay *relay;
};

/* --- grammar.c --- */

/* The name of setting i, as of its option and command; NULL after the last. */
const char *grammar_name(size_t i);

/*
 * Changes one setting. 0, or -EINVAL with a reason for people in 'why' and
 * 'conf' as it was.
 */
int grammar_set(struct vc_impair_conf *conf, const char *name,
		const char *value, char *why, size_t cap);

/* --- way.c --- */

/* The clock runs. 0 or -ENOMEM. */
int way_start(struct way *way, int64_t now);
void way_stop(struct way *way);
/* Packets that came at pkt->arrival; then way_pump(). */
void way_put(struct way *way, struct vc_packet *pkt, uint64_t tag);
/* Takes out what is due and waits for the next. */
void way_pump(struct way *way);
/* As grammar_set(); 'blackout T' is one from now on. */
int way_set(struct way *way, const char *name, const char *value, char *why,
	    size_t cap);
void way_fill_stats(const struct way *way, struct vc_json *record);

/* --- filter.c --- */

/* Opens; wrong usage ends the program. 0, or an error that was said. */
int filter_open(struct impair *im);
void filter_close(struct impair *im);
/* Asks the producer of 'ssrc', NULL: of all, for a key frame. */
void filter_keyframe(struct impair *im, const uint32_t *ssrc);

/* --- relay.c --- */

/* As above. */
int relay_open(struct impair *im);
/* The tool has started. 0, or an error that was said. */
int relay_start(struct impair *im);
void relay_close(struct impair *im);
/* The packets of all clients come from other ports from now on. 0 or -errno. */
int relay_rebind(struct impair *im);
void relay_fill_stats(const struct impair *im, struct vc_json *record);

#endif

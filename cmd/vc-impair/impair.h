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
#include <stdio.h>

#include "link/addrrule.h"
#include "session/impair.h"
#include "session/impairacts.h"
#include "session/impairkind.h"
#include "session/impairplan.h"
#include "tool/tool.h"

struct impair;
struct relay;
struct trace;
struct vc_in;
struct vc_json;
struct vc_out;
struct vc_udp_msg;

enum { UP, DOWN };

struct way {
	struct impair *im;
	struct vc_impair_plan plan; /* what was said of it */
	struct vc_impair_kinds kinds;
	struct vc_impair *net; /* NULL: the clock does not run yet */
	int64_t begin;
	size_t corrupt_from;
	struct vc_timer timer;
	struct {
		uint64_t by_200us, by_1ms; /* packets; in the first, too */
		int64_t most;
	} late; /* against when they were to come out, on the machine's clock */
	/* A packet came out at 'due'; its reference is taken over. */
	void (*out)(struct impair *im, struct vc_packet *pkt, int64_t due,
		    uint64_t tag);
	/* There is no more for now. May be NULL. */
	void (*flush)(struct impair *im);
};

struct impair {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct way way[2];
	size_t n_ways; /* 1: a filter */

	/* options */
	struct vc_words rules;	   /* operands */
	struct vc_words endpoints; /* operands; none: a filter */
	struct vc_words up, down;
	const char *preset;	 /* or NULL */
	const char *acts_path;	 /* or NULL */
	const char *replay_path; /* or NULL */
	int64_t max_clients;
	int64_t timeout;	      /* of silent clients */
	struct vc_addr_rules allowed; /* who may be one */

	/* files.c */
	struct trace *traces;
	bool has_started;
	FILE *acts;			 /* or NULL */
	struct vc_impair_acts script[2]; /* with replay_path */

	/* filter */
	struct vc_in *in;
	struct vc_out *out;

	struct relay *relay;
};

/* --- rules.c --- */

/* Reads what was said on the command line; wrong usage ends the program. */
void rules_read(struct impair *im);
/* The commands of the control socket; before vc_tool_start(). */
void rules_commands(struct impair *im);

/* For people: none was given, so this one was drawn. */
void rules_tell_seed(struct impair *im);

/* --- files.c --- */

/* As vc_impair_words has it; a file that cannot be read ends the program. */
const struct vc_impair_trace *files_trace(void *ctx, const char *path,
					  bool are_opportunities,
					  const char **wrong);
/* --acts and --replay; wrong usage ends the program. */
void files_open(struct impair *im);
/* Writes one; 'ctx' is its way. */
void files_act(void *ctx, const struct vc_impair_act *act);
void files_close(struct impair *im);

/* --- way.c --- */

/* The clock runs. 0 or -ENOMEM. */
int way_start(struct way *way, int64_t now);
void way_stop(struct way *way);
/* Packets that came at pkt->arrival; then way_pump(). */
void way_put(struct way *way, struct vc_packet *pkt,
	     const struct vc_impair_what *what, uint64_t tag);
/* Takes out what is due and waits for the next. */
void way_pump(struct way *way);
/* Its plan has changed. */
void way_replan(struct way *way);
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
/* The plans have changed: rebind= may have. */
void relay_replan(struct impair *im);
void relay_fill_stats(const struct impair *im, struct vc_json *record);

#endif

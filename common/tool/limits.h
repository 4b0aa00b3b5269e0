/* SPDX-License-Identifier: MIT */
/*
 * When a reader of streams has had enough: -t, --wait, --idle-timeout and
 * --stop-on, on the loop's clock. Used by tool/in.c and by vc-recv, whose
 * input are sockets.
 */
#ifndef VC_TOOL_LIMITS_H
#define VC_TOOL_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"

struct vc_tool;
struct vc_roster;
struct vc_source;

struct vc_limits {
	struct vc_tool *tool;
	struct vc_roster *roster;
	/* Enough: end in order. 'why' is a word of vc_tool_stop(). */
	void (*enough)(void *ctx, const char *why);
	void *ctx;
	struct vc_timer timer;
	int64_t started;
	int64_t first;	     /* time of the first packet; VC_TIME_NONE: none */
	int64_t first_now;   /* the same by the loop's clock, as the packet's */
	int64_t last_now;    /* may be another machine's */
	int64_t empty_since; /* VC_TIME_NONE: somebody is here */
	bool had_source;
	bool stop_on_bye;
	int64_t last_bye; /* that a source left by; VC_TIME_NONE, as the next */
	int64_t last_heard; /* of those that left without */
	bool stop_on_first_frame;
	int64_t stop_on_empty; /* 0: not */
	bool is_over;
};

/* Reads the options; wrong --stop-on words are usage errors. */
void vc_limits_init(struct vc_limits *l, struct vc_tool *t,
		    void (*enough)(void *ctx, const char *why), void *ctx);

/* The clock runs; 'roster' may be NULL. */
void vc_limits_start(struct vc_limits *l, struct vc_roster *roster,
		     int64_t now);

/* A packet of media with time 't'. False: it is past -t, do not take it. */
bool vc_limits_packet(struct vc_limits *l, int64_t t);

/* A source leaves the roster. */
void vc_limits_left(struct vc_limits *l, const struct vc_source *src);

void vc_limits_stop(struct vc_limits *l);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The queue before a destination's socket: decides what goes next and when.
 * Sound goes first, then packets sent again, then pictures; RTCP does not pass
 * here. Without a rate everything goes at once, in that order. Packets wait no
 * longer than a limit: then the oldest picture's stream loses what it has here
 * up to its next key frame. Probe clusters run at their own rate.
 *
 * Items are the caller's, of one size, copied in and handed out by address.
 * The loop of a sender:
 *
 *	while ((item = vc_pacer_take(p, now, &cluster)))
 *		send it
 *	if (vc_pacer_padding(p, now, &cluster))
 *		send padding, vc_pacer_padded(p, its octets, now)
 *	arm a timer at vc_pacer_next(p, now)
 */
#ifndef VC_SESSION_PACER_H
#define VC_SESSION_PACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/bweprobe.h"

enum vc_pacer_class {
	VC_PACER_AUDIO,
	VC_PACER_REPAIR, /* sent again, FEC */
	VC_PACER_VIDEO,
	VC_PACER_CLASSES,
};

struct vc_pacer_conf {
	size_t item_size;
	size_t cap;	  /* items of a class; a power of two */
	int64_t max_wait; /* of pictures and repair; 0: for ever */
	bool holds_audio; /* else it goes at once, and is counted */
	void (*drop)(void *ctx, void *item);
	void *ctx;
};

struct vc_pacer;

/* What is asked of vc_pacer_put(). */
struct vc_pacer_what {
	enum vc_pacer_class class;
	uint32_t ssrc;
	size_t octets; /* on the wire */
	bool is_key;   /* a picture's stream can begin here */
};

/* 'conf' is copied. NULL when out of memory. */
struct vc_pacer *vc_pacer_new(const struct vc_pacer_conf *conf);

/* Drops what waits. */
void vc_pacer_free(struct vc_pacer *p);

/* 0: no limit. 'burst' octets may go at once. What has gone too early by a
 * lower rate before is waited for at this one. */
void vc_pacer_rate(struct vc_pacer *p, uint64_t bps, size_t burst, int64_t now);

/*
 * Takes a copy of 'item'. False: the item was dropped (by conf.drop), as the
 * stream of its picture waits for a key frame. To make room older items may
 * be dropped.
 */
bool vc_pacer_put(struct vc_pacer *p, const struct vc_pacer_what *what,
		  const void *item, int64_t now);

/*
 * The next item that may go at 'now', counted as sent, and in '*cluster' the
 * probe it belongs to or 0; NULL: none. It is valid until the next put.
 */
void *vc_pacer_take(struct vc_pacer *p, int64_t now, uint8_t *cluster);

/* A probe begins; what was left of one before is over. */
void vc_pacer_probe(struct vc_pacer *p, const struct vc_bwe_cluster *c);

/* Octets that would best be sent as padding now, for the probe in '*cluster';
 * 0: none. */
size_t vc_pacer_padding(const struct vc_pacer *p, int64_t now,
			uint8_t *cluster);
void vc_pacer_padded(struct vc_pacer *p, size_t octets, int64_t now);

/* When to take next; INT64_MAX: nothing waits. */
int64_t vc_pacer_next(const struct vc_pacer *p, int64_t now);

/* True, and an SSRC whose pictures were dropped so that it needs a key frame:
 * once a second for as long as none comes. */
bool vc_pacer_wants_key(struct vc_pacer *p, uint32_t *ssrc, int64_t now);

/* Everything of these classes (a bit each) goes. */
void vc_pacer_drop(struct vc_pacer *p, unsigned int classes);

struct vc_pacer_stats {
	size_t n;	  /* items that wait */
	size_t octets;	  /* of them */
	int64_t waited;	  /* the longest that any has waited */
	uint64_t dropped; /* all that were */
};

struct vc_pacer_stats vc_pacer_stats(const struct vc_pacer *p);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * When a live tool does well to sleep before it looks for more, so that the
 * next packets come as one batch (--batch in vc-recv(1)); the loop's own part.
 * Waking up costs some 10 us, a packet in a batch below one.
 */
#ifndef VC_NET_BATCH_H
#define VC_NET_BATCH_H

#include <stdbool.h>
#include <stdint.h>

struct vc_batch {
	int64_t max; /* the longest sleep, ns; 0: never */
	int64_t since;
	unsigned int packets; /* since then */
	unsigned int turns;   /* in which they came */
	double rate;	      /* packets a second */
	bool has_slept;	      /* in this turn */
	unsigned int turn;    /* packets of this turn so far */
	double unslept;	      /* packets a turn, where none was slept */
	unsigned int sleeps;  /* since the last turn without */
	unsigned int learnt;  /* turns without, of this flow; few are enough */
};

/* 'packets' were handled at 'now'. */
void vc_batch_count(struct vc_batch *b, unsigned int packets, int64_t now);

/* A turn begins at 'now': how long to sleep, 0: not. */
int64_t vc_batch_turn(struct vc_batch *b, int64_t now);

#endif

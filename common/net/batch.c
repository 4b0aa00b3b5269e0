/* SPDX-License-Identifier: MIT */
/*
 * A sleep pays where packets come fast but one by one. Where a turn without
 * sleep finds a batch already (the writer of a pipe has slept, or we are
 * busy), it would only be delay. So now and then a turn goes without, and what
 * it finds is compared with what a sleep would gather; and no sleep is longer
 * than a good batch takes to fill.
 */
#include "base/time.h"
#include "net/batch.h"

#define WINDOW (50 * VC_MS)
#define SILENCE (4 * WINDOW)
#define SHORT VC_MS    /* of a flow that begins */
#define MANY 32	       /* packets, that it is to bring, */
#define TIMES 8	       /* in so many turns at least */
#define MIN_RATE 1000  /* packets a second: below, a sleep ends with one */
#define GOOD_BATCH 100 /* packets; more save next to nothing */
#define GAIN 3	       /* a sleep is to gather so many times more */
#define PROBE 64       /* every so many turns one goes without, at last */
#define LEARNT 8       /* turns without, that are remembered */

/* What came before a silence says nothing about what comes after it. */
static void forget(struct vc_batch *b)
{
	b->rate = 0;
	b->packets = b->turns = 0;
}

void vc_batch_count(struct vc_batch *b, unsigned int packets, int64_t now)
{
	const double was = b->rate;
	const bool is_known = was >= MIN_RATE;
	int64_t span = now - b->since;

	if (span >= SILENCE) {
		forget(b);
		b->since = now;
		return;
	}
	b->packets += packets;
	b->turns += packets > 0;
	b->turn += packets;
	/* After a silence each packet is a turn of its own until it is known. */
	if (span < (is_known ? WINDOW : SHORT) ||
	    (span < WINDOW && (b->packets < MANY || b->turns < TIMES)))
		return;
	b->rate = (double)b->packets * 1e9 / (double)span;
	if (b->rate > 2 * was) /* it is new, and not known yet */
		b->learnt = b->sleeps = 0;
	b->packets = b->turns = 0;
	b->since = now;
}

/*
 * What a turn without sleep found. A lot at once was late for a reason of its
 * own, and says no more than that a sleep would have brought nothing. Before a
 * flow is known nothing is learnt: its writer does not sleep yet, either.
 */
static void learn(struct vc_batch *b, double gathered)
{
	double found = b->turn;

	if (b->has_slept || !b->turn || b->rate < MIN_RATE)
		return;
	if (found > gathered)
		found = gathered;
	b->learnt += b->learnt < LEARNT;
	b->unslept += (found - b->unslept) / b->learnt;
}

/* The less is known, the sooner. */
static bool is_due_without(struct vc_batch *b)
{
	const unsigned int often = 1u << b->learnt;

	if (++b->sleeps <= (often < PROBE ? often : PROBE))
		return false;
	b->sleeps = 0;
	return true;
}

int64_t vc_batch_turn(struct vc_batch *b, int64_t now)
{
	double gathered;
	int64_t ns = b->max;

	if (now - b->since >= SILENCE)
		forget(b);
	if (b->rate * (double)ns > GOOD_BATCH * 1e9)
		ns = (int64_t)(GOOD_BATCH * 1e9 / b->rate);
	gathered = b->rate * (double)ns / 1e9;
	learn(b, gathered);
	b->turn = 0;
	b->has_slept = false;
	if (!ns || b->rate < MIN_RATE)
		return 0;
	if (b->unslept * GAIN > gathered || is_due_without(b))
		return 0;
	b->has_slept = true;
	return ns;
}

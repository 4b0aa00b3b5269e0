/* SPDX-License-Identifier: MIT */
/*
 * Loss in bursts of a mean length is Gilbert's model: a good state without
 * loss, a bad one that loses all. From bad to good it goes with r = 1 / (mean
 * burst), from good to bad with r * p / (1 - p), so that the share of the bad
 * state is p. The four states are: 0 passes in a gap, 1 passes in a burst, 2
 * is lost in a burst, 3 is lost alone; a packet meets the state after the step.
 */
#include "session/impair_loss.h"

#define ONE (UINT64_C(1) << 32)

enum { GAP_PASSES, BURST_PASSES, BURST_LOST, ALONE_LOST };

/* Whether a roll of 32 bits is within a share. */
static bool within(uint64_t roll, uint64_t share)
{
	return roll * VC_IMPAIR_ALL < share * ONE;
}

/* The state of packet n, from that of the one before. */
static bool gilbert(struct vc_impair_lossy *l, const struct vc_impair_conf *c,
		    uint64_t n)
{
	uint64_t roll = vc_rand_at(&l->step, n) >> 32;
	uint64_t leave = ONE * 1000 / c->burst_milli;
	uint64_t good = VC_IMPAIR_ALL - c->loss_share;

	if (!good)
		return true;
	if (l->is_bad)
		l->is_bad = roll >= leave;
	else
		l->is_bad = roll < leave * c->loss_share / good;
	return l->is_bad;
}

static bool gemodel(struct vc_impair_lossy *l, const struct vc_impair_conf *c,
		    uint64_t n)
{
	const uint32_t *p = c->chain.p;
	uint64_t roll = vc_rand_at(&l->step, n) >> 32;
	uint32_t share;

	if (within(roll, p[l->is_bad ? VC_GE_GOOD : VC_GE_BAD]))
		l->is_bad = !l->is_bad;
	share = p[l->is_bad ? VC_GE_LOST_BAD : VC_GE_LOST_GOOD];
	return within(vc_rand_at(&l->lost, n) >> 32, share);
}

static bool four_states(struct vc_impair_lossy *l,
			const struct vc_impair_conf *c, uint64_t n)
{
	const uint32_t *p = c->chain.p;
	uint64_t roll = vc_rand_at(&l->step, n) >> 32;

	switch (l->state) {
	case GAP_PASSES:
		if (within(roll, p[VC_STATE_14]))
			l->state = ALONE_LOST;
		else if (within(roll,
				(uint64_t)p[VC_STATE_14] + p[VC_STATE_13]))
			l->state = BURST_LOST;
		break;
	case BURST_PASSES:
		if (within(roll, p[VC_STATE_23]))
			l->state = BURST_LOST;
		break;
	case BURST_LOST:
		if (within(roll, p[VC_STATE_32]))
			l->state = BURST_PASSES;
		else if (within(roll,
				(uint64_t)p[VC_STATE_32] + p[VC_STATE_31]))
			l->state = GAP_PASSES;
		break;
	default:
		l->state = GAP_PASSES;
		break;
	}
	return l->state >= BURST_LOST;
}

/* By the number among its kind, of which a packet may have several. */
static bool is_listed(const struct vc_impair_lossy *l,
		      const struct vc_impair_conf *c, uint64_t n,
		      const struct vc_impair_what *what)
{
	for (size_t i = 0; i < c->n_lost; i++) {
		const struct vc_impair_range *r = &c->lost[i];
		uint64_t k = n;

		if (r->kind && (!what || !(what->is & r->kind)))
			continue;
		if (r->kind == VC_IMPAIR_KEY)
			k = what->key;
		else if (r->kind)
			k = l->n_kind[__builtin_ctz(r->kind)];
		if (k >= r->first && k <= r->last &&
		    (r->step < 2 || (k - r->first) % r->step == 0))
			return true;
	}
	return false;
}

static bool is_unlucky(struct vc_impair_lossy *l,
		       const struct vc_impair_conf *c, uint64_t n)
{
	switch (c->loss) {
	case VC_LOSS_NONE:
		return false;
	case VC_LOSS_RANDOM:
		return within(vc_rand_at(&l->random, n) >> 32, c->loss_share);
	case VC_LOSS_GILBERT:
		return gilbert(l, c, n);
	case VC_LOSS_GEMODEL:
		return gemodel(l, c, n);
	case VC_LOSS_STATE:
		return four_states(l, c, n);
	}
	return false;
}

void vc_impair_lossy_init(struct vc_impair_lossy *l, const struct vc_rand *r)
{
	*l = (struct vc_impair_lossy){ .state = GAP_PASSES };
	vc_rand_line(&l->random, r, "loss");
	vc_rand_line(&l->step, r, "gilbert");
	vc_rand_line(&l->lost, r, "lost");
}

bool vc_impair_is_lost(struct vc_impair_lossy *l,
		       const struct vc_impair_conf *c, uint64_t n,
		       const struct vc_impair_what *what)
{
	bool is_lost;

	for (unsigned int bits = what ? what->is : 0; bits; bits &= bits - 1)
		l->n_kind[__builtin_ctz(bits)]++;
	is_lost = is_unlucky(l, c, n); /* whatever the list says */
	return is_listed(l, c, n, what) || is_lost;
}

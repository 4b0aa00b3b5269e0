/* SPDX-License-Identifier: MIT */
/* What a bad network may be like; see session/impair.h. */
#include "base/mem.h"
#include "base/time.h"
#include "session/impair.h"

void vc_impair_conf_init(struct vc_impair_conf *conf)
{
	*conf = (struct vc_impair_conf){
		.queue_time = 200 * VC_MS,
		.overhead = 28,
		.max_octets = 64u << 20,
	};
}

static bool is_time(int64_t t)
{
	return t >= 0 && t <= VC_IMPAIR_TIME_MAX;
}

static const char *check_loss(const struct vc_impair_conf *c)
{
	uint64_t p = c->loss_share, good = VC_IMPAIR_ALL - p;

	if (p > VC_IMPAIR_ALL)
		return "more than all cannot be lost";
	if (c->loss == VC_LOSS_GILBERT &&
	    (c->burst_milli < 1000 || c->burst_milli > 1000000000))
		return "a burst is at least one packet long";
	/* From good to bad at most always. */
	if (c->loss == VC_LOSS_GILBERT && p < VC_IMPAIR_ALL &&
	    p * 1000 > good * c->burst_milli)
		return "so many are not lost in bursts that short";
	for (size_t i = 0; i < VC_COUNT(c->chain.p); i++) {
		if (c->chain.p[i] > VC_IMPAIR_ALL)
			return "a probability is at most 100%";
	}
	/* What leaves one state leaves it for one other. */
	if (c->loss == VC_LOSS_STATE &&
	    ((uint64_t)c->chain.p[VC_STATE_13] + c->chain.p[VC_STATE_14] >
		     VC_IMPAIR_ALL ||
	     (uint64_t)c->chain.p[VC_STATE_31] + c->chain.p[VC_STATE_32] >
		     VC_IMPAIR_ALL))
		return "P13 and P14, P31 and P32 are at most 100% together";
	if (c->n_lost > VC_IMPAIR_RANGES)
		return "too many packets in the list";
	return NULL;
}

static const char *check_dark(const struct vc_impair_conf *c)
{
	if (c->n_dark > VC_IMPAIR_WINDOWS)
		return "too many blackouts";
	for (size_t i = 0; i < c->n_dark; i++) {
		const struct vc_impair_dark *d = &c->dark[i];

		if (d->from < 0 || d->span <= 0 || d->to <= d->from)
			return "a blackout ends before it begins";
		if (d->every < 0 || (d->every && d->span >= d->every))
			return "a blackout is shorter than its period";
	}
	return NULL;
}

const char *vc_impair_check(const struct vc_impair_conf *c)
{
	const char *why = check_loss(c);

	if (!why)
		why = check_dark(c);
	if (why)
		return why;
	if (!is_time(c->delay) || !is_time(c->jitter) ||
	    !is_time(c->reorder_time) || !is_time(c->queue_time))
		return "at most 10 minutes";
	if (c->reorder_share > VC_IMPAIR_ALL ||
	    c->duplicate_share > VC_IMPAIR_ALL ||
	    c->corrupt_share > VC_IMPAIR_ALL)
		return "at most 100%";
	if (c->skew_ppb > VC_IMPAIR_SKEW_MAX ||
	    c->skew_ppb < -VC_IMPAIR_SKEW_MAX)
		return "a skew of at most 10000 ppm";
	if (c->reorder_by > VC_IMPAIR_PLACES_MAX)
		return "at most 1000 packets late";
	if (c->rate_bps && (c->rate_bps < VC_IMPAIR_RATE_MIN ||
			    c->rate_bps > VC_IMPAIR_RATE_MAX))
		return "a rate from 1k to 100G";
	if (c->queue_octets > 1u << 30)
		return "a queue of at most 1 GiB";
	if (c->overhead > 65535 || c->mtu > 65535)
		return "at most 65535 octets";
	return NULL;
}

const char *vc_impair_fate_name(enum vc_impair_fate fate)
{
	static const char *const names[VC_FATES] = {
		[VC_FATE_PASSES] = "passed",	 [VC_FATE_LOSS] = "loss",
		[VC_FATE_BLACKOUT] = "blackout", [VC_FATE_QUEUE] = "queue",
		[VC_FATE_CODEL] = "codel",	 [VC_FATE_MTU] = "mtu",
		[VC_FATE_FULL] = "full",
	};

	return names[fate];
}

/* SPDX-License-Identifier: MIT */
/*
 * The bucket is kept as a point in time: 'free_at' is when everything sent so
 * far would have drained at the rate. A packet may go when that is at most the
 * burst ahead of now. The remainder of each division is carried, so that the
 * rate is exact over any number of packets.
 */
#include "session/pace.h"

#include "base/time.h"

static int64_t burst_time(uint64_t rate_bps, size_t burst)
{
	if (!rate_bps)
		return 0;
	return (int64_t)((uint64_t)burst * 8 * (uint64_t)VC_SEC / rate_bps);
}

void vc_pace_init(struct vc_pace *p, uint64_t rate_bps, size_t burst)
{
	*p = (struct vc_pace){
		.rate_bps = rate_bps,
		.burst_ns = burst_time(rate_bps, burst),
		.free_at = VC_TIME_NONE,
	};
}

void vc_pace_rate(struct vc_pace *p, uint64_t rate_bps, size_t burst)
{
	p->rate_bps = rate_bps;
	p->burst_ns = burst_time(rate_bps, burst);
	p->frac = 0;
}

void vc_pace_rise(struct vc_pace *p, uint64_t rate_bps, size_t burst,
		  int64_t now)
{
	double left;

	if (rate_bps == p->rate_bps) {
		p->burst_ns = burst_time(rate_bps, burst);
		return;
	}
	if (!rate_bps) {
		p->free_at = VC_TIME_NONE;
	} else if (p->free_at > now && rate_bps > p->rate_bps) {
		left = (double)(p->free_at - now) * (double)p->rate_bps /
		       (double)rate_bps;
		p->free_at = now + (int64_t)left;
	}
	vc_pace_rate(p, rate_bps, burst);
}

int64_t vc_pace_next(const struct vc_pace *p, int64_t now)
{
	if (!p->rate_bps || p->free_at == VC_TIME_NONE)
		return now;
	if (p->free_at - p->burst_ns <= now)
		return now;
	return p->free_at - p->burst_ns;
}

void vc_pace_sent(struct vc_pace *p, size_t len, int64_t now)
{
	uint64_t bits_ns;

	if (!p->rate_bps)
		return;
	if (p->free_at < now) {
		p->free_at = now;
		p->frac = 0;
	}
	bits_ns = (uint64_t)len * 8 * (uint64_t)VC_SEC + p->frac;
	p->free_at += (int64_t)(bits_ns / p->rate_bps);
	p->frac = bits_ns % p->rate_bps;
}

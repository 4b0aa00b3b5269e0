/* SPDX-License-Identifier: MIT */
/*
 * Places are judged in order, as they leave the window or the interval ends.
 */
#include "session/xrstats.h"

#include <assert.h>

#include "base/time.h"
#include "session/rxstats.h"
#include "wire/ntp.h"
#include "wire/rtp.h"

#define MAX_PER_PACKET VC_SEC

/* --- places --- */

static uint64_t bit(int64_t seq)
{
	return UINT64_C(1) << ((uint64_t)seq % 64);
}

static unsigned int word(int64_t seq)
{
	return (unsigned int)((uint64_t)seq % VC_XR_WINDOW / 64);
}

/* All places before 'end'. */
static void judge(struct vc_xrstats *x, int64_t end)
{
	for (; x->next < end; x->next++) {
		bool came = x->came[word(x->next)] & bit(x->next);
		bool is_waste = x->discarded[word(x->next)] & bit(x->next);

		x->came[word(x->next)] &= ~bit(x->next);
		x->discarded[word(x->next)] &= ~bit(x->next);
		x->n_lost += !came;
		x->n_discarded += is_waste;
		vc_xrbursts_put(&x->bursts, !came || is_waste);
	}
}

static void spread(struct vc_xrspread *s, uint32_t v)
{
	if (!s->n || v < s->min)
		s->min = v;
	if (!s->n || v > s->max)
		s->max = v;
	s->n++;
	s->sum += v;
	/* Far beyond any real jitter: the deviation is cut. */
	if (v > UINT16_MAX * 16u)
		v = UINT16_MAX * 16u;
	s->sum_sq += (uint64_t)v * v;
}

/* The difference in transit to the packet before, RTP units (RFC 3550 6.4.1:
 * D), and how much media a packet has. */
static void times(struct vc_xrstats *x, uint32_t ts, int64_t seq_by,
		  int64_t arrival)
{
	int64_t step = vc_ts_diff(x->last_ts, ts), d;

	if (x->has_ts) {
		d = vc_rtp_from_ns(arrival - x->last_arrival, x->rate_hz) -
		    step;
		d = d < 0 ? -d : d;
		spread(&x->jitter, d > UINT32_MAX ? UINT32_MAX : (uint32_t)d);
		d = vc_rtp_to_ns(step, x->rate_hz);
		if (seq_by == 1 && d > 0 && d < MAX_PER_PACKET &&
		    (!x->per_packet || d < x->per_packet))
			x->per_packet = d;
	}
	x->has_ts = true;
	x->last_ts = ts;
	x->last_arrival = arrival;
}

static void begin(struct vc_xrstats *x, int64_t seq)
{
	x->is_started = true;
	x->begin = x->next = seq;
	x->highest = seq - 1;
}

void vc_xrstats_packet(struct vc_xrstats *x, int64_t seq, uint32_t ts,
		       uint32_t rate_hz, int hops, int64_t arrival)
{
	if (!x->is_started)
		begin(x, seq);
	assert(seq - x->highest < VC_RX_DROPOUT);
	if (rate_hz != x->rate_hz) {
		x->rate_hz = rate_hz;
		x->has_ts = false;
		x->per_packet = 0;
	}
	if (rate_hz)
		times(x, ts, seq - x->highest, arrival);
	if (hops >= 0)
		spread(&x->hops, (uint32_t)hops & 0xff);
	while (x->highest < seq) {
		x->highest++;
		judge(x, x->highest - VC_XR_WINDOW + 1);
	}
	if (seq >= x->next)
		x->came[word(seq)] |= bit(seq);
}

void vc_xrstats_duplicate(struct vc_xrstats *x)
{
	x->n_dup++;
}

void vc_xrstats_discarded(struct vc_xrstats *x, int64_t seq)
{
	if (x->is_started && seq >= x->next && seq <= x->highest)
		x->discarded[word(seq)] |= bit(seq);
}

void vc_xrstats_restart(struct vc_xrstats *x)
{
	if (!x->is_started)
		return;
	judge(x, x->highest + 1);
	x->is_started = false;
	x->has_ts = false;
}

/* --- the end of an interval --- */

/* Rounded to nearest. */
static uint32_t mean(const struct vc_xrspread *s)
{
	return s->n ? (uint32_t)((s->sum + s->n / 2) / s->n) : 0;
}

static uint32_t root(uint64_t v)
{
	uint64_t lo = 0, hi = UINT32_MAX;

	while (lo < hi) {
		uint64_t mid = (lo + hi + 1) / 2;

		if (mid <= v / mid)
			lo = mid;
		else
			hi = mid - 1;
	}
	return (uint32_t)lo;
}

static uint32_t deviation(const struct vc_xrspread *s)
{
	uint64_t m = mean(s), sq = s->n ? s->sum_sq / s->n : 0;

	return sq > m * m ? root(sq - m * m) : 0;
}

static uint32_t clamp32(uint64_t v)
{
	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static void fill_summary(const struct vc_xrstats *x, struct vc_xr_summary *s,
			 int64_t end)
{
	s->begin = (uint16_t)x->begin;
	s->end = (uint16_t)end;
	s->has_lost = s->has_dup = true;
	s->lost = clamp32(x->n_lost);
	s->dup = clamp32(x->n_dup);
	s->has_jitter = x->jitter.n;
	s->jitter_min = x->jitter.min;
	s->jitter_max = x->jitter.max;
	s->jitter_mean = mean(&x->jitter);
	s->jitter_dev = deviation(&x->jitter);
	if (!x->hops.n)
		s->hops = VC_XR_NO_HOPS;
	s->hops_min = (uint8_t)x->hops.min;
	s->hops_max = (uint8_t)x->hops.max;
	s->hops_mean = (uint8_t)mean(&x->hops);
	s->hops_dev = (uint8_t)deviation(&x->hops);
}

/* RFC 3611 4.7.1: the fraction of 256, 255 at most. */
static uint8_t share(uint64_t part, uint64_t of)
{
	uint64_t v = of ? part * 256 / of : 0;

	return v > 255 ? 255 : (uint8_t)v;
}

static uint16_t mean_ms(const struct vc_xrspan *s, int64_t per_packet)
{
	uint64_t us = s->places * (uint64_t)(per_packet / VC_US);
	uint64_t ms = s->n ? us / s->n / 1000 : 0;

	return ms > UINT16_MAX ? UINT16_MAX : (uint16_t)ms;
}

static void fill_voip(const struct vc_xrstats *x, struct vc_xr_voip *v,
		      uint64_t expected)
{
	const struct vc_xrbursts *b = &x->bursts;

	*v = (struct vc_xr_voip){
		.loss = share(x->n_lost, expected),
		.discard = share(x->n_discarded, expected),
		.burst_density = share(b->burst.bad, b->burst.places),
		.gap_density = share(b->gap.bad, b->gap.places),
		.burst_ms = mean_ms(&b->burst, x->per_packet),
		.gap_ms = mean_ms(&b->gap, x->per_packet),
		.signal_dbm = VC_XR_NONE,
		.noise_dbm = VC_XR_NONE,
		.rerl_db = VC_XR_NONE,
		.gmin = VC_XR_GMIN,
		.r = VC_XR_NONE,
		.ext_r = VC_XR_NONE,
		.mos_lq = VC_XR_NONE,
		.mos_cq = VC_XR_NONE,
	};
}

bool vc_xrstats_take(struct vc_xrstats *x, struct vc_xr_summary *summary,
		     struct vc_xr_voip *voip)
{
	const struct vc_xrspread none = { 0 };
	int64_t end = x->highest + 1;
	struct vc_xrbursts *b = &x->bursts;
	uint64_t expected;

	if (x->is_started)
		judge(x, end);
	vc_xrbursts_end(b);
	expected = b->gap.places + b->burst.places;
	if (!expected)
		return false;
	fill_summary(x, summary, end);
	if (voip)
		fill_voip(x, voip, expected);
	x->begin = end;
	x->n_lost = x->n_dup = x->n_discarded = 0;
	*b = (struct vc_xrbursts){ 0 };
	x->jitter = x->hops = none;
	return true;
}

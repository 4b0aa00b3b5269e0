/* SPDX-License-Identifier: MIT */
/*
 * Both controllers are the draft's, with its constants but for STEP_LEAST.
 */
#include "session/bweaimd.h"

#include "base/time.h"

#define BETA 0.85
#define GROWTH 0.08	/* a second */
#define STEP_LEAST 0.04 /* a second, near the limit */
#define PACKET_BITS (1200.0 * 8)
#define FRAME_RATE 30.0
#define ACKED_FACTOR 1.5
#define ACKED_MORE 10000.0
#define VARIANCE 0.4 /* least; 2.5 is the most */
#define VARIANCE_MAX 2.5
#define LOSS_HIGH 0.10
#define LOSS_LOW 0.02
#define LOSS_PACKETS 20
#define LOSS_INTERVAL (200 * VC_MS)

void vc_bwe_aimd_init(struct vc_bwe_aimd *a, double bps, int64_t now)
{
	*a = (struct vc_bwe_aimd){
		.bps = bps,
		.variance = VARIANCE,
		.updated = now,
		.decreased = VC_TIME_NONE,
	};
}

void vc_bwe_aimd_set(struct vc_bwe_aimd *a, double bps, int64_t now)
{
	a->bps = bps;
	a->updated = now;
}

/* Three standard deviations from the mean, squared. */
static double spread(const struct vc_bwe_aimd *a)
{
	return 9 * a->variance * a->capacity;
}

bool vc_bwe_aimd_is_beyond(const struct vc_bwe_aimd *a, double bps)
{
	double d = bps / 1000 - a->capacity;

	return !a->has_capacity || (d > 0 && d * d > spread(a));
}

void vc_bwe_aimd_learn(struct vc_bwe_aimd *a, double bps)
{
	double kbps = bps / 1000, d = kbps - a->capacity;

	/* Far below what it was: another path, or another time. */
	if (!a->has_capacity || d * d > spread(a)) {
		a->has_capacity = true;
		a->capacity = kbps;
		a->variance = VARIANCE;
		return;
	}
	a->capacity += 0.05 * d;
	d = kbps - a->capacity;
	a->variance = 0.95 * a->variance +
		      0.05 * d * d / (a->capacity > 1 ? a->capacity : 1);
	if (a->variance < VARIANCE)
		a->variance = VARIANCE;
	if (a->variance > VARIANCE_MAX)
		a->variance = VARIANCE_MAX;
}

/*
 * Near the limit: half a packet for each response time, as in the draft; over
 * long round trips that would take too long to find what has become free.
 */
static double step(const struct vc_bwe_aimd *a, int64_t rtt, double dt)
{
	double bits = a->bps / FRAME_RATE;
	double packets = bits / PACKET_BITS;
	double response = (double)(rtt + 100 * VC_MS) / (double)VC_SEC;
	double n = packets > 1 ? (double)(int)(packets + 0.999) : 1;
	double a_second = 0.5 * bits / n / response;

	if (a_second < a->bps * STEP_LEAST)
		a_second = a->bps * STEP_LEAST;
	return a_second * dt;
}

static void increase(struct vc_bwe_aimd *a, double acked, int64_t rtt,
		     int64_t now)
{
	double dt = (double)(now - a->updated) / (double)VC_SEC;
	double bps = a->bps, most = ACKED_FACTOR * acked + ACKED_MORE;

	if (dt > 1)
		dt = 1;
	if (vc_bwe_aimd_is_beyond(a, bps) || bps < BETA * 1000 * a->capacity)
		bps += bps * GROWTH * dt + 1000 * dt;
	else
		bps += step(a, rtt, dt);
	if (acked && bps > most)
		bps = most;
	if (bps > a->bps)
		a->bps = bps;
}

static bool decrease(struct vc_bwe_aimd *a, double acked, bool is_full,
		     int64_t rtt, int64_t now)
{
	double bps;

	/* What arrives now was sent before the last time. */
	if (a->decreased != VC_TIME_NONE &&
	    now - a->decreased < rtt + 100 * VC_MS)
		return false;
	if (!acked)
		acked = a->bps;
	/* A large frame alone does not show that the path carries less. */
	if (!is_full && a->has_capacity && acked < a->capacity * 1000)
		acked = a->capacity * 1000;
	else
		vc_bwe_aimd_learn(a, acked);
	bps = BETA * acked;
	if (bps > a->bps)
		bps = is_full ? BETA * a->bps : a->bps;
	a->bps = bps;
	a->decreased = now;
	return true;
}

bool vc_bwe_aimd_update(struct vc_bwe_aimd *a, enum vc_bwe_use use,
			double acked, bool is_full, int64_t rtt, int64_t now)
{
	bool is_down = false;

	if (use == VC_BWE_OVER)
		is_down = decrease(a, acked, is_full, rtt, now);
	else if (use == VC_BWE_NORMAL)
		increase(a, acked, rtt, now);
	a->updated = now;
	return is_down;
}

void vc_bwe_loss_init(struct vc_bwe_loss *l)
{
	*l = (struct vc_bwe_loss){
		.since = VC_TIME_NONE,
		.decreased = VC_TIME_NONE,
	};
}

static void limit_down(struct vc_bwe_loss *l, double bps, int64_t rtt,
		       int64_t now)
{
	if (l->decreased != VC_TIME_NONE &&
	    now - l->decreased < rtt + 300 * VC_MS)
		return;
	if (!l->limit || l->limit > bps)
		l->limit = bps;
	l->limit *= 1 - 0.5 * l->fraction;
	l->decreased = now;
}

void vc_bwe_loss_update(struct vc_bwe_loss *l, uint64_t n, uint64_t lost,
			double bps, int64_t rtt, int64_t now)
{
	double dt;

	if (l->since == VC_TIME_NONE)
		l->since = now;
	l->n += n;
	l->lost += lost;
	if (l->n < LOSS_PACKETS || now - l->since < LOSS_INTERVAL)
		return;
	dt = (double)(now - l->since) / (double)VC_SEC;
	l->fraction = (double)l->lost / (double)l->n;
	l->n = 0;
	l->lost = 0;
	l->since = now;
	if (l->fraction > LOSS_HIGH)
		limit_down(l, bps, rtt, now);
	else if (l->fraction < LOSS_LOW)
		l->limit *= 1 + GROWTH * (dt < 1 ? dt : 1);
	/* Far above what is sent it says nothing any more. */
	if (l->limit > 2 * bps)
		l->limit = 0;
}

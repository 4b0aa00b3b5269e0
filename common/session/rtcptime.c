/* SPDX-License-Identifier: MIT */
/*
 * RFC 3550 A.7 in integers. "Reconsideration" is: when the time has come, draw
 * the interval again for as many members as there are by now, and send only if
 * the new time has come too. That spreads the reports of a crowd which joins
 * at once.
 */
#include "session/rtcptime.h"

#include <assert.h>

#include "base/time.h"

#define MIN_INTERVAL (5 * VC_SEC)
#define MIN_RTCP_BPS 64
#define MAX_MEMBERS 65535u
#define BYE_AT_ONCE 50
#define LEAST_BPS 64000
#define SHARE 20 /* RTCP's of the media: 5 % */
/* Early feedback may be ahead of its bandwidth by so much. */
#define ADVANCE VC_SEC
/* e - 3/2: reconsideration sends too seldom by this factor. */
#define COMPENSATION_NUM 100000
#define COMPENSATION_DEN 121828

static int64_t calculated(const struct vc_rtcptime *t)
{
	uint64_t bps = t->conf.rtcp_bps;
	uint64_t n = t->members;
	uint64_t bits_x16, bps_x2;
	int64_t min = t->conf.min, interval;

	if (t->is_initial)
		min /= 2;
	/* Senders share a quarter, as long as they are no more than that; where
	 * there are none it stays free for them. */
	if ((uint64_t)t->senders * 4 <= t->members) {
		bps = t->we_sent ? bps / 4 : bps - bps / 4;
		n = t->we_sent ? t->senders : n - t->senders;
	}
	if (bps < MIN_RTCP_BPS)
		bps = MIN_RTCP_BPS;
	if (n > MAX_MEMBERS)
		n = MAX_MEMBERS;
	/* n * avg * 8 bits / bps seconds, avg in 16ths: halves of a second */
	bits_x16 = n * t->avg_x16;
	bps_x2 = bps * 2;
	interval = (int64_t)(bits_x16 / bps_x2 * (uint64_t)VC_SEC +
			     bits_x16 % bps_x2 * (uint64_t)VC_SEC / bps_x2);
	return interval > min ? interval : min;
}

static int64_t drawn(struct vc_rtcptime *t)
{
	int64_t td = calculated(t);
	uint32_t x = vc_rand_u32(&t->rand, "rtcp", t->draws);

	t->draws++;
	/* 0.5 to 1.5 of it */
	td = td / 2 + td / 65536 * (int64_t)(x >> 16);
	return td / COMPENSATION_DEN * COMPENSATION_NUM;
}

void vc_rtcptime_init(struct vc_rtcptime *t,
		      const struct vc_rtcptime_conf *conf,
		      const struct vc_rand *rand, int64_t now)
{
	*t = (struct vc_rtcptime){
		.conf = *conf,
		.rand = *rand,
		.members = 1,
		.pmembers = 1,
		.is_initial = true,
		.avg_x16 = (uint32_t)conf->first_len * 16,
		.tp = now,
		.paid = now,
		.may_early = true,
		.early_at = VC_TIME_NONE,
	};
	if (!t->conf.min)
		t->conf.min = MIN_INTERVAL;
	t->tn = conf->unicast ? now : now + drawn(t);
}

void vc_rtcptime_rate(struct vc_rtcptime *t, uint64_t media_bps)
{
	uint64_t bps = media_bps < LEAST_BPS ? LEAST_BPS : media_bps;
	int64_t min = (int64_t)(360000 * (uint64_t)VC_SEC / bps);

	if (min > MIN_INTERVAL)
		min = MIN_INTERVAL;
	if (!t->conf.keeps_min)
		t->conf.min = min < VC_SEC ? VC_SEC : min;
	bps /= SHARE;
	t->conf.rtcp_bps = bps > UINT32_MAX ? UINT32_MAX : (uint32_t)bps;
}

int64_t vc_rtcptime_next(const struct vc_rtcptime *t)
{
	return t->tn;
}

int64_t vc_rtcptime_interval(const struct vc_rtcptime *t)
{
	struct vc_rtcptime other = *t;

	other.is_initial = false;
	other.we_sent = false;
	if (other.conf.min < MIN_INTERVAL)
		other.conf.min = MIN_INTERVAL;
	return calculated(&other);
}

bool vc_rtcptime_due(struct vc_rtcptime *t, int64_t now)
{
	int64_t tn;

	if (now < t->tn)
		return false;
	if (t->is_initial && t->conf.unicast && !t->is_leaving)
		return true;
	tn = t->tp + drawn(t);
	t->pmembers = t->members;
	if (tn <= now)
		return true;
	t->tn = tn;
	return false;
}

static void average(struct vc_rtcptime *t, size_t len)
{
	assert(len <= 65535 + 60);
	t->avg_x16 = (uint32_t)((len * 16 + (uint64_t)t->avg_x16 * 15) / 16);
}

/* How long our half of the bandwidth takes for it. */
static void pay(struct vc_rtcptime *t, size_t len, int64_t now)
{
	uint64_t bps = t->conf.rtcp_bps / 2;

	if (bps < MIN_RTCP_BPS)
		bps = MIN_RTCP_BPS;
	if (t->paid < now)
		t->paid = now;
	t->paid += (int64_t)(len * 8 * (uint64_t)VC_SEC / bps);
}

void vc_rtcptime_sent(struct vc_rtcptime *t, size_t len, int64_t now)
{
	average(t, len);
	pay(t, len, now);
	t->may_early = true;
	t->early_at = VC_TIME_NONE;
	t->is_initial = false;
	t->tp = now;
	t->pmembers = t->members;
	t->tn = now + drawn(t);
}

void vc_rtcptime_received(struct vc_rtcptime *t, size_t len)
{
	/* While leaving, only BYEs count (6.3.7). */
	if (!t->is_leaving)
		average(t, len);
}

/* 'd' * num / den, num <= den. */
static int64_t scaled(int64_t d, unsigned int num, unsigned int den)
{
	return d / den * num + d % den * num / den;
}

void vc_rtcptime_members(struct vc_rtcptime *t, unsigned int members,
			 unsigned int senders, bool we_sent, int64_t now)
{
	if (t->is_leaving)
		return;
	if (!members)
		members = 1;
	t->members = members;
	t->senders = senders;
	t->we_sent = we_sent;
	if (members >= t->pmembers)
		return;
	if (t->tn > now)
		t->tn = now + scaled(t->tn - now, members, t->pmembers);
	t->tp = now - scaled(now - t->tp, members, t->pmembers);
	t->pmembers = members;
}

/* RFC 4585 3.4 e): half the interval, in a group. */
static int64_t dither(const struct vc_rtcptime *t)
{
	return (t->tn - t->tp) / 2;
}

int64_t vc_rtcptime_early(struct vc_rtcptime *t, int64_t now)
{
	uint32_t x;

	if (t->is_leaving)
		return INT64_MAX;
	if (t->members <= 2)
		return t->paid <= now + ADVANCE ? now : t->paid - ADVANCE;
	if (t->early_at != VC_TIME_NONE)
		return t->early_at;
	if (!t->may_early || now + dither(t) > t->tn)
		return t->tn > now ? t->tn : now + VC_MS;
	x = vc_rand_u32(&t->rand, "rtcp", t->draws);
	t->draws++;
	t->early_at = now + dither(t) / 65536 * (int64_t)(x >> 16);
	return t->early_at;
}

void vc_rtcptime_early_sent(struct vc_rtcptime *t, size_t len, int64_t now)
{
	int64_t interval = t->tn - t->tp;

	average(t, len);
	pay(t, len, now);
	t->early_at = VC_TIME_NONE;
	if (t->members <= 2)
		return;
	/* It takes the place of the next report (3.5.2). */
	t->may_early = false;
	t->tp = t->tn;
	t->tn += interval;
}

void vc_rtcptime_early_drop(struct vc_rtcptime *t)
{
	t->early_at = VC_TIME_NONE;
}

bool vc_rtcptime_leave(struct vc_rtcptime *t, size_t len, int64_t now)
{
	if (t->members <= BYE_AT_ONCE)
		return true;
	t->tp = now;
	t->members = 1;
	t->pmembers = 1;
	t->senders = 0;
	t->we_sent = false;
	t->is_initial = true;
	t->is_leaving = true;
	t->avg_x16 = (uint32_t)len * 16;
	t->tn = now + drawn(t);
	return false;
}

void vc_rtcptime_bye_heard(struct vc_rtcptime *t, size_t len)
{
	if (!t->is_leaving)
		return;
	t->members++;
	average(t, len);
}

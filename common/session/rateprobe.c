/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/quantile.h"
#include "base/time.h"
#include "session/rateprobe.h"

#define CLIMB (200 * VC_MS)
#define MEASURE (500 * VC_MS)
#define HOLD VC_SEC
#define PACKETS_MIN 12 /* of a step */
#define SPACING (10 * VC_MS)
#define SLACK (120 * VC_MS) /* for what comes late, over the round trip */
#define DRAIN_MAX (1500 * VC_MS)
#define MIN_BPS 20000 /* no call takes less */

/* What a step comes to. */
struct step {
	double loss;
	int64_t queueing;  /* p95 */
	int64_t last;	   /* queueing at its end */
	uint64_t arriving; /* bit/s in its second half; 0: too few */
	uint64_t leaving;
	uint32_t lost;
};

static void begin(struct vc_rateprobe *p, enum vc_rateprobe_state state,
		  uint64_t bps, int64_t duration, int64_t now)
{
	const struct vc_rateprobe_conf *c = &p->conf;
	uint64_t octets, n;

	if (bps > c->max_bps)
		bps = c->max_bps;
	octets = bps * (SPACING / VC_US) / 8 / 1000000;
	octets = octets < c->min_octets ? c->min_octets :
		 octets > c->max_octets ? c->max_octets :
					  octets;
	n = bps * (uint64_t)(duration / VC_US) / 8 / 1000000 / octets;
	n = n < PACKETS_MIN	     ? PACKETS_MIN :
	    n > VC_RATEPROBE_PACKETS ? VC_RATEPROBE_PACKETS :
				       n;
	p->state = state;
	p->bps = bps;
	p->octets = (uint32_t)octets;
	p->first += p->n;
	p->n = (uint32_t)n;
	p->sent = p->arrived = 0;
	p->start = now;
	p->ended = VC_TIME_NONE;
	p->result.steps++;
	for (uint32_t i = 0; i < p->n; i++)
		p->packet[i].sent = p->packet[i].arrived = VC_TIME_NONE;
}

int vc_rateprobe_init(struct vc_rateprobe *p,
		      const struct vc_rateprobe_conf *conf, int64_t now)
{
	*p = (struct vc_rateprobe){ .conf = *conf,
				    .begun = now,
				    .least = VC_TIME_NONE };
	p->packet = vc_try_alloc(VC_RATEPROBE_PACKETS, sizeof(*p->packet));
	p->sorted = vc_try_alloc(VC_RATEPROBE_PACKETS, sizeof(*p->sorted));
	if (!p->packet || !p->sorted) {
		vc_rateprobe_clear(p);
		return -ENOMEM;
	}
	begin(p, VC_RATEPROBE_CLIMB, conf->min_bps, CLIMB, now);
	return 0;
}

void vc_rateprobe_clear(struct vc_rateprobe *p)
{
	free(p->packet);
	free(p->sorted);
	p->packet = NULL;
	p->sorted = NULL;
	p->state = VC_RATEPROBE_DONE;
}

static int64_t due_at(const struct vc_rateprobe *p, uint32_t i)
{
	return p->start +
	       (int64_t)((double)i * p->octets * 8e9 / (double)p->bps);
}

static bool is_sending(const struct vc_rateprobe *p)
{
	return p->state != VC_RATEPROBE_DRAIN &&
	       p->state != VC_RATEPROBE_DONE && p->sent < p->n;
}

bool vc_rateprobe_due(struct vc_rateprobe *p, int64_t now, uint32_t *index,
		      uint32_t *octets)
{
	if (!is_sending(p) || due_at(p, p->sent) > now)
		return false;
	*index = p->first + p->sent;
	*octets = p->octets;
	p->result.octets += p->octets;
	p->sent++;
	if (p->sent == p->n)
		p->ended = now;
	return true;
}

void vc_rateprobe_sent(struct vc_rateprobe *p, uint32_t index, int64_t at)
{
	if (index - p->first < p->n)
		p->packet[index - p->first].sent = at;
}

void vc_rateprobe_arrived(struct vc_rateprobe *p, uint32_t index, int64_t at)
{
	struct vc_rateprobe_packet *k;

	if (!p->packet || index - p->first >= p->n)
		return;
	k = &p->packet[index - p->first];
	if (k->sent == VC_TIME_NONE || k->arrived != VC_TIME_NONE)
		return;
	k->arrived = at;
	p->arrived++;
	if (p->least == VC_TIME_NONE || at - k->sent < p->least)
		p->least = at - k->sent;
}

/* --- what a step comes to --- */

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static uint64_t rate_of(uint64_t octets, int64_t span)
{
	return span > 0 ? (uint64_t)(8e9 * (double)octets / (double)span) : 0;
}

/* The second half: from its first packet that arrived to its last one. */
static void rates(const struct vc_rateprobe *p, struct step *s)
{
	int64_t left = 0, came = 0, left_last = 0, came_last = 0;
	uint32_t n = 0;

	for (uint32_t i = p->n / 2; i < p->n; i++) {
		const struct vc_rateprobe_packet *k = &p->packet[i];

		if (k->arrived == VC_TIME_NONE)
			continue;
		if (!n) {
			left = k->sent;
			came = k->arrived;
		}
		left_last = k->sent;
		came_last = k->arrived;
		n++;
	}
	if (n < PACKETS_MIN / 3)
		return;
	s->arriving = rate_of((uint64_t)(n - 1) * p->octets, came_last - came);
	s->leaving = rate_of((uint64_t)(n - 1) * p->octets, left_last - left);
}

static void look(const struct vc_rateprobe *p, struct step *s)
{
	uint32_t n = 0;

	*s = (struct step){ .loss = 1 };
	for (uint32_t i = 0; i < p->n; i++) {
		const struct vc_rateprobe_packet *k = &p->packet[i];

		if (k->arrived == VC_TIME_NONE)
			continue;
		s->last = k->arrived - k->sent - p->least;
		p->sorted[n] = s->last;
		n++;
	}
	s->lost = p->n - n;
	s->loss = (double)s->lost / p->n;
	if (!n)
		return;
	qsort(p->sorted, n, sizeof(*p->sorted), by_size);
	s->queueing = p->sorted[vc_quantile_rank(n, 0.95) - 1];
	rates(p, s);
}

/* A packet alone may be lost by accident; while climbing that ends nothing. */
static bool is_over(const struct step *s)
{
	return (s->loss >= VC_RATEPROBE_LOSS && s->lost > 1) ||
	       s->queueing >= VC_RATEPROBE_QUEUE ||
	       (double)s->arriving < 0.85 * (double)s->leaving;
}

static bool is_within(const struct step *s)
{
	return s->loss < VC_RATEPROBE_LOSS &&
	       s->queueing < VC_RATEPROBE_QUEUE && s->arriving > 0;
}

/* --- from step to step --- */

static void finish(struct vc_rateprobe *p, int64_t now)
{
	if (!p->result.is_held && p->holds)
		p->result.bps = 0;
	p->state = VC_RATEPROBE_DONE;
	p->result.took = now - p->begun;
}

static void held(struct vc_rateprobe *p, const struct step *s)
{
	p->result.bps = p->bps;
	p->result.is_held = true;
	p->result.loss = s->loss;
	p->result.queueing = s->queueing;
}

static void hold_at(struct vc_rateprobe *p, uint64_t bps, int64_t wait,
		    int64_t now)
{
	p->bps = bps < 1000 ? 1000 : bps;
	p->state = VC_RATEPROBE_DRAIN;
	p->until = now + (wait > DRAIN_MAX ? DRAIN_MAX : wait);
}

static void after_climb(struct vc_rateprobe *p, const struct step *s,
			int64_t now)
{
	uint64_t next = 2 * p->bps;

	if (is_over(s)) {
		p->measured = s->arriving ? s->arriving : p->bps / 2;
		begin(p, VC_RATEPROBE_MEASURE, p->measured + p->measured / 4,
		      MEASURE, now);
		return;
	}
	held(p, s);
	p->result.is_held = false;
	if (p->bps >= p->conf.max_bps)
		hold_at(p, p->bps, 0, now);
	else
		begin(p, VC_RATEPROBE_CLIMB,
		      next < p->conf.max_bps ? next : p->conf.max_bps, CLIMB,
		      now);
}

static void after_measure(struct vc_rateprobe *p, const struct step *s,
			  int64_t now)
{
	/* It took all of that: what looked like its end was none. */
	if (!is_over(s) && (double)s->arriving > 0.97 * (double)s->leaving &&
	    p->bps < p->conf.max_bps) {
		begin(p, VC_RATEPROBE_CLIMB,
		      p->bps + p->bps / 2 < p->conf.max_bps ?
			      p->bps + p->bps / 2 :
			      p->conf.max_bps,
		      CLIMB, now);
		return;
	}
	p->result.is_limit = true;
	if (s->arriving)
		p->measured = s->arriving;
	if (p->measured > p->conf.max_bps)
		p->measured = p->conf.max_bps;
	hold_at(p, p->measured / 100 * 97, s->last + 30 * VC_MS, now);
}

/* Nearly there at first; further down where that was not it. */
static uint64_t lower(const struct vc_rateprobe *p)
{
	static const unsigned int percent[] = { 95, 95, 85, 70 };
	unsigned int i = p->holds - 1;

	return p->bps / 100 * (i < VC_COUNT(percent) ? percent[i] : 50);
}

static void after_hold(struct vc_rateprobe *p, const struct step *s,
		       int64_t now)
{
	p->holds++;
	if (is_within(s)) {
		held(p, s);
		finish(p, now);
		return;
	}
	p->result.is_limit = true;
	p->result.loss = s->loss;
	p->result.queueing = s->queueing;
	if (p->bps > MIN_BPS)
		hold_at(p, lower(p), s->last + 30 * VC_MS, now);
	else
		finish(p, now);
}

static void step_over(struct vc_rateprobe *p, int64_t now)
{
	struct step s;

	look(p, &s);
	if (p->state == VC_RATEPROBE_CLIMB)
		after_climb(p, &s, now);
	else if (p->state == VC_RATEPROBE_MEASURE)
		after_measure(p, &s, now);
	else
		after_hold(p, &s, now);
}

/* Out of time. What was measured and not tried yet is said as such; what was
 * tried and did not hold is no answer. */
static void give_up(struct vc_rateprobe *p, int64_t now)
{
	p->result.bps = p->holds ? 0 : p->measured;
	finish(p, now);
}

void vc_rateprobe_tick(struct vc_rateprobe *p, int64_t now)
{
	int64_t late;

	if (p->state == VC_RATEPROBE_DONE)
		return;
	if (now - p->begun >= p->conf.budget) {
		give_up(p, now);
		return;
	}
	if (p->state == VC_RATEPROBE_DRAIN) {
		if (now >= p->until)
			begin(p, VC_RATEPROBE_HOLD, p->bps, HOLD, now);
		return;
	}
	if (p->ended == VC_TIME_NONE)
		return;
	late = p->state == VC_RATEPROBE_MEASURE ? MEASURE : SLACK;
	if (p->arrived == p->n || now >= p->ended + p->conf.rtt + late)
		step_over(p, now);
}

int64_t vc_rateprobe_next(const struct vc_rateprobe *p, int64_t now)
{
	if (is_sending(p))
		return due_at(p, p->sent);
	if (p->state == VC_RATEPROBE_DRAIN)
		return p->until;
	return now + 5 * VC_MS;
}

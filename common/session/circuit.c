/* SPDX-License-Identifier: MIT */
/*
 * With Td the deterministic and Tdr the observed reporting interval, Tr the
 * round trip: no RTCP for 3 Td opens it; so do MEDIA_TIMEOUT = 5 max(Tr, Tdr)
 * / Tdr reports that do not advance. Loss is averaged over CB_INTERVAL =
 * min(max(10 Tr, 3 Tdr), max(15 s, 3 Td)) / Tdr reports, one such span after
 * the other, and held against TCP's throughput s / (Tr sqrt(2 p / 3)): more
 * than ten times that first reduces the rate to a tenth, and opens it when the
 * next span is no better. Tdr counts as a second at least, so that nobody opens
 * it sooner by reporting more.
 */
#include "session/circuit.h"

#include "base/time.h"
#include "wire/rtp.h"

#define TD_MIN (5 * VC_SEC)
#define TDR_MIN VC_SEC /* a flood of reports is no more word than one */
#define SILENT_INTERVALS 3
#define STALLED_REPORTS 5
#define SPAN_MAX (15 * VC_SEC)
#define USELESS 0.8
#define TCP_TIMES 10.0

static void begin_window(struct vc_circuit *c, int64_t now)
{
	c->window = now;
	c->n = 0;
	c->loss_time = 0;
	c->octets = 0;
	c->packets = 0;
}

void vc_circuit_init(struct vc_circuit *c, int64_t td, int64_t now)
{
	*c = (struct vc_circuit){
		.td = td > TD_MIN ? td : TD_MIN,
		.heard = now,
		.last_sent = VC_TIME_NONE,
		.reported = VC_TIME_NONE,
	};
	begin_window(c, now);
}

static void close_it(struct vc_circuit *c, int64_t now)
{
	c->state = VC_CIRCUIT_CLOSED;
	c->why = VC_CIRCUIT_FINE;
	c->limit_bps = 0;
	c->stalled = 0;
	c->advanced = now;
	c->heard = now;
	begin_window(c, now);
}

static void open_it(struct vc_circuit *c, enum vc_circuit_why why, int64_t took,
		    int64_t now)
{
	c->state = VC_CIRCUIT_OPEN;
	c->why = why;
	c->limit_bps = 0;
	c->opened = now;
	c->took = took;
	c->trips++;
}

bool vc_circuit_reset(struct vc_circuit *c, int64_t now)
{
	if (c->state == VC_CIRCUIT_OPEN && now - c->opened < c->took)
		return false;
	close_it(c, now);
	return true;
}

void vc_circuit_sent(struct vc_circuit *c, uint64_t packets, uint64_t octets,
		     int64_t now)
{
	/* Silence counts from where somebody had something to report. */
	if (c->last_sent == VC_TIME_NONE || now - c->last_sent > c->td)
		c->heard = now;
	c->last_sent = now;
	if (c->state == VC_CIRCUIT_OPEN)
		return;
	c->has_sent = true;
	c->octets += octets;
	c->packets += packets;
}

void vc_circuit_heard(struct vc_circuit *c, int64_t now)
{
	c->heard = now;
	if (c->state == VC_CIRCUIT_OPEN && c->why == VC_CIRCUIT_RTCP)
		close_it(c, now);
}

int64_t vc_circuit_next(const struct vc_circuit *c)
{
	if (c->last_sent == VC_TIME_NONE || c->state == VC_CIRCUIT_OPEN)
		return INT64_MAX;
	return c->heard + SILENT_INTERVALS * c->td;
}

void vc_circuit_due(struct vc_circuit *c, int64_t now)
{
	if (now < vc_circuit_next(c))
		return;
	if (now - c->last_sent > c->td) {
		c->last_sent = VC_TIME_NONE;
		return;
	}
	open_it(c, VC_CIRCUIT_RTCP, now - c->heard, now);
}

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t tdr_of(const struct vc_circuit *c)
{
	return greater(c->tdr, TDR_MIN);
}

/* 4.2; true when it opened. */
static bool is_stalled(struct vc_circuit *c, uint32_t highest, int64_t rtt,
		       int64_t now)
{
	bool advances = !c->has_report || vc_ts_before(c->highest, highest);

	c->highest = highest;
	c->has_report = true;
	if (advances || !c->has_sent) {
		c->stalled = 0;
		c->advanced = now;
		return false;
	}
	c->stalled++;
	if (c->stalled < STALLED_REPORTS ||
	    now - c->advanced < STALLED_REPORTS * greater(rtt, tdr_of(c)))
		return false;
	open_it(c, VC_CIRCUIT_MEDIA, now - c->advanced, now);
	return true;
}

static int64_t span_of(const struct vc_circuit *c, int64_t rtt)
{
	int64_t least = greater(10 * rtt, 3 * tdr_of(c));
	int64_t most = greater(SPAN_MAX, 3 * c->td);

	return least < most ? least : most;
}

/* 4.3: 'p' is the mean loss over 'time'. */
static void judge(struct vc_circuit *c, double p, int64_t rtt, int64_t time,
		  int64_t now)
{
	double secs = (double)time / (double)VC_SEC;
	double rate = (double)c->octets / secs;
	double size = (double)c->octets / (double)c->packets;
	double tr = (double)rtt / (double)VC_SEC;
	/* rate > 10 size / (tr sqrt(2 p / 3)), squared */
	double left = rate * tr / TCP_TIMES / size;

	if (left * left * 2 * p / 3 <= 1) {
		if (c->state == VC_CIRCUIT_REDUCED)
			close_it(c, now);
	} else if (c->state == VC_CIRCUIT_REDUCED) {
		open_it(c, VC_CIRCUIT_CONGESTION, time, now);
	} else {
		c->state = VC_CIRCUIT_REDUCED;
		c->why = VC_CIRCUIT_CONGESTION;
		c->limit_bps = (uint64_t)(rate * 8 / TCP_TIMES);
	}
}

static void average(struct vc_circuit *c, uint8_t fraction, int64_t dt,
		    int64_t rtt, int64_t now)
{
	int64_t time = now - c->window;
	double p;

	c->n++;
	c->loss_time += (double)fraction / 256 * (double)dt;
	if (!c->tdr || time < span_of(c, rtt) || c->n < 3)
		return;
	p = c->loss_time / (double)time;
	if (c->packets && p > USELESS)
		open_it(c, VC_CIRCUIT_USELESS, time, now);
	else if (c->packets && rtt > 0)
		judge(c, p, rtt, time, now);
	begin_window(c, now);
}

void vc_circuit_report(struct vc_circuit *c, const struct vc_rtcp_report *rep,
		       int64_t rtt, int64_t now)
{
	int64_t dt = c->reported == VC_TIME_NONE ? now - c->window :
						   now - c->reported;

	vc_circuit_heard(c, now);
	if (c->state == VC_CIRCUIT_OPEN)
		return;
	if (c->reported != VC_TIME_NONE)
		c->tdr = c->tdr ? c->tdr + (dt - c->tdr) / 4 : dt;
	c->reported = now;
	/* From before the window began it says nothing about it. */
	if (dt > now - c->window)
		dt = now - c->window;
	if (!is_stalled(c, rep->highest, rtt, now))
		average(c, rep->fraction, dt, rtt, now);
	c->has_sent = false;
}

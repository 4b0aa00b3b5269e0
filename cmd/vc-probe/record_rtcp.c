/* SPDX-License-Identifier: MIT */
/* What RTCP said by and about a source, as a member of its record. */
#include <math.h>

#include "base/json.h"
#include "base/rand.h"
#include "base/time.h"
#include "probe.h"
#include "record.h"
#include "session/rtcptime.h"
#include "session/rtcpwatch.h"

#define RARE 5 /* intervals: then a source is given up (RFC 3550 6.3.5) */

/* RFC 3550's interval without randomness, for as many as there are here. */
static int64_t due(const struct probe *p, int64_t span)
{
	struct vc_rtcptime_conf conf = { .unicast = true, .first_len = 100 };
	struct vc_rtcptime t;
	struct vc_rand r;

	vc_rand_init(&r, 1, "probe", "rtcp");
	conf.rtcp_bps = 3200;
	vc_rtcptime_init(&t, &conf, &r, 0);
	if (span)
		vc_rtcptime_rate(&t, (uint64_t)rate(p->octets, span));
	vc_rtcptime_members(&t, p->n_meters + 1, p->n_meters, false, 0);
	return vc_rtcptime_interval(&t);
}

/* The longest time without a sender report while media came. */
static int64_t longest(const struct meter *m, const struct vc_rtcpwatch *w)
{
	int64_t first = m->rx.first_arrival, last = m->rx.last_arrival;
	int64_t most = w ? w->longest : 0;

	if (!w || !w->srs)
		return last - first;
	if (w->first_sr - first > most)
		most = w->first_sr - first;
	return last - w->last_sr > most ? last - w->last_sr : most;
}

static void add_time(struct vc_json *o, const char *key,
		     const struct vc_rtcpwatch_time *t)
{
	vc_json_set_real(o, key, t && t->n ? ms(t->last) : NAN, 3);
}

static void add_reports(struct vc_json *o, const struct meter *m,
			const struct vc_rtcpwatch *w)
{
	struct vc_json *f = vc_json_object();
	double unit = m->rx.rate_hz ? 1e3 / m->rx.rate_hz : NAN;

	record_set_count(f, "reports", w ? (int64_t)w->reports : UNSAID);
	if (w && !w->reports)
		w = NULL;
	vc_json_set_real(f, "loss", w ? w->fraction / 256.0 : NAN, 6);
	vc_json_set_real(f, "loss_max", w ? w->fraction_max / 256.0 : NAN, 6);
	record_set_count(f, "lost", w ? w->lost : UNSAID);
	vc_json_set_real(f, "jitter_ms", w ? w->jitter * unit : NAN, 4);
	vc_json_set_real(f, "jitter_max_ms", w ? w->jitter_max * unit : NAN, 4);
	vc_json_set(o, "far", f);
}

static void add_trips(struct vc_json *o, const struct vc_rtcpwatch *w)
{
	bool is_both = w && w->far.n && w->near.n;

	add_time(o, "rtt_far_ms", w ? &w->far : NULL);
	add_time(o, "rtt_near_ms", w ? &w->near : NULL);
	vc_json_set_real(o, "rtt_ms",
			 is_both ? ms(w->far.last + w->near.last) : NAN, 3);
	vc_json_set_real(o, "rtt_min_ms",
			 is_both ? ms(w->far.min + w->near.min) : NAN, 3);
	vc_json_set_real(o, "rtt_max_ms",
			 is_both ? ms(w->far.max + w->near.max) : NAN, 3);
}

void record_rtcp(struct vc_json *o, const struct probe *p,
		 const struct meter *m)
{
	const struct vc_rtcpwatch *w = m->rtcp;
	struct vc_json *r = vc_json_object();
	struct vc_clockfit_line line;
	int64_t span = record_span(p, m), every = due(p, span);
	bool has_times = p->has_rtcp && span;
	bool has_mean = w && w->srs > 1;
	bool has_line = w && vc_rtcpwatch_line(w, &line);

	record_set_count(r, "srs",
			 p->has_rtcp ? (w ? (int64_t)w->srs : 0) : UNSAID);
	vc_json_set_real(r, "interval_s",
			 has_mean ? ms(w->last_sr - w->first_sr) / 1e3 /
					    (double)(w->srs - 1) :
				    NAN,
			 3);
	vc_json_set_real(r, "interval_max_s",
			 has_times ? ms(longest(m, w)) / 1e3 : NAN, 3);
	vc_json_set_real(r, "due_s", has_times ? ms(every) / 1e3 : NAN, 3);
	record_set_count(r, "too_rare",
			 has_times ? longest(m, w) > RARE * every : UNSAID);
	if (w && !w->srs)
		w = NULL;
	record_set_count(r, "wrong_counts",
			 w ? (int64_t)w->wrong_counts : UNSAID);
	record_set_count(r, "wrong_times",
			 w ? (int64_t)w->wrong_times : UNSAID);
	vc_json_set_real(r, "off_media_ms", w ? ms(w->off_max) : NAN, 3);
	record_set_count(r, "ntp_steps", w ? (int64_t)w->ntp_steps : UNSAID);
	vc_json_set_real(r, "skew_ppm", has_line ? line.ppm : NAN, 3);
	add_reports(r, m, m->rtcp);
	add_trips(r, m->rtcp);
	vc_json_set(o, "rtcp", r);
}

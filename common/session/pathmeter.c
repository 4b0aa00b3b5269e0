/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/quantile.h"
#include "base/time.h"
#include "session/pathmeter.h"

#define CLOCK_HZ 1000000
#define SKEW_SPAN (10 * VC_SEC) /* less says nothing of skew */
#define SKEW_MAX 1000.0		/* ppm; no clock is as bad as that */
#define JITTER_MAX (60 * VC_SEC)
#define DSCPS 64

struct sample {
	int64_t t; /* t1, from the first */
	int64_t up, down, rtt;
};

struct jitter {
	bool is_set;
	int64_t transit, x16, max;
	double sum;
	uint64_t n;
};

struct way {
	uint64_t dscp[DSCPS];
	uint64_t dscp_known, dscp_kept;
	int ttl;
	struct jitter jitter;
	struct vc_clockfit fit;
	uint8_t *came; /* a bit a place */
};

struct vc_pathmeter {
	uint64_t sent, answered, down_reordered;
	uint64_t dscp_sent[DSCPS];
	struct {
		int64_t at;
		uint32_t index;
		bool is_open; /* not answered yet */
	} recent[VC_PATHMETER_RECENT];
	struct sample *sample;
	size_t n, every, skipped;
	int64_t t0;
	bool is_begun;
	bool is_final;
	uint32_t highest_count; /* of answers */
	uint32_t down_duplicates;
	struct vc_path_answer last; /* with the highest count of received */
	int64_t rtt_min, offset;
	int64_t offset_t; /* of the probe that said so */
	struct way up, down;
	int64_t *sorted;
};

void vc_pathmeter_free(struct vc_pathmeter *m)
{
	if (!m)
		return;
	free(m->sample);
	free(m->sorted);
	free(m->up.came);
	free(m->down.came);
	free(m);
}

struct vc_pathmeter *vc_pathmeter_new(void)
{
	struct vc_pathmeter *m = vc_try_alloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->every = 1;
	m->rtt_min = m->offset = VC_TIME_NONE;
	m->up.ttl = m->down.ttl = -1;
	vc_clockfit_init(&m->up.fit, CLOCK_HZ);
	vc_clockfit_init(&m->down.fit, CLOCK_HZ);
	m->sample = vc_try_alloc(VC_PATHMETER_SAMPLES, sizeof(*m->sample));
	m->sorted = vc_try_alloc(VC_PATHMETER_SAMPLES, sizeof(*m->sorted));
	m->up.came = vc_try_alloc(VC_PATHMETER_PLACES / 8, 1);
	m->down.came = vc_try_alloc(VC_PATHMETER_PLACES / 8, 1);
	if (m->sample && m->sorted && m->up.came && m->down.came)
		return m;
	vc_pathmeter_free(m);
	return NULL;
}

void vc_pathmeter_sent(struct vc_pathmeter *m, uint32_t index, int64_t at,
		       uint8_t dscp)
{
	size_t i = index % VC_PATHMETER_RECENT;

	if (!m->is_begun)
		m->t0 = at;
	m->is_begun = true;
	m->recent[i].at = at;
	m->recent[i].index = index;
	m->recent[i].is_open = true;
	m->dscp_sent[dscp % DSCPS]++;
	m->sent++;
}

/* --- answers --- */

static void mark(struct way *w, uint32_t place)
{
	if (place < VC_PATHMETER_PLACES)
		w->came[place / 8] |= (uint8_t)(1 << place % 8);
}

static void take_jitter(struct jitter *j, int64_t transit)
{
	int64_t d = transit - j->transit;

	j->transit = transit;
	if (!j->is_set) {
		j->is_set = true;
		return;
	}
	d = d < 0 ? -d : d;
	d = d > JITTER_MAX ? JITTER_MAX : d;
	j->x16 += d - ((j->x16 + 8) >> 4);
	j->sum += (double)(j->x16 >> 4);
	j->n++;
	if (j->x16 >> 4 > j->max)
		j->max = j->x16 >> 4;
}

static void take_class(struct way *w, int dscp, int sent, int ttl)
{
	if (ttl >= 0)
		w->ttl = ttl;
	if (dscp < 0 || dscp >= DSCPS)
		return;
	w->dscp[dscp]++;
	w->dscp_known++;
	w->dscp_kept += dscp == sent;
}

static void keep(struct vc_pathmeter *m, const struct sample *s)
{
	if (m->skipped + 1 < m->every) {
		m->skipped++;
		return;
	}
	m->skipped = 0;
	if (m->n == VC_PATHMETER_SAMPLES) {
		for (size_t i = 0; i < m->n / 2; i++)
			m->sample[i] = m->sample[2 * i];
		m->n /= 2;
		m->every *= 2;
	}
	m->sample[m->n] = *s;
	m->n++;
}

/* So that differences are times, too. */
static bool is_time(int64_t t)
{
	return t >= 0 && t < INT64_MAX / 2;
}

static void take_times(struct vc_pathmeter *m, int64_t t1,
		       const struct vc_path_answer *a, int64_t t4)
{
	struct sample s;

	if (!is_time(a->arrived) || !is_time(a->departed))
		return;
	s = (struct sample){
		.t = t1 - m->t0,
		.up = a->arrived - t1,
		.down = t4 - a->departed,
		.rtt = (t4 - t1) - (a->departed - a->arrived),
	};
	/* A far end that says anything. */
	if (s.rtt < 0 || s.rtt > t4 - t1)
		return;
	if (m->rtt_min == VC_TIME_NONE || s.rtt < m->rtt_min) {
		m->rtt_min = s.rtt;
		m->offset = s.up - s.rtt / 2;
		m->offset_t = s.t;
	}
	take_jitter(&m->up.jitter, s.up);
	take_jitter(&m->down.jitter, s.down);
	vc_clockfit_arrival(&m->up.fit, (uint32_t)(t1 / VC_US), a->arrived);
	vc_clockfit_arrival(&m->down.fit, (uint32_t)(a->departed / VC_US), t4);
	keep(m, &s);
}

/* The newest word of what came there. */
static void take_counts(struct vc_pathmeter *m, const struct vc_path_answer *a)
{
	if (a->received >= m->last.received)
		m->last = *a;
	m->is_final |= a->type == VC_PATH_END;
	for (uint32_t i = 0; a->received && i < 64 && i <= a->highest; i++) {
		if (a->came >> i & 1)
			mark(&m->up, a->highest - i);
	}
}

void vc_pathmeter_answer(struct vc_pathmeter *m, const struct vc_path_answer *a,
			 const struct vc_pathmeter_in *in)
{
	size_t i = a->index % VC_PATHMETER_RECENT;

	take_counts(m, a);
	if (in->duplicates > m->down_duplicates)
		m->down_duplicates = in->duplicates;
	if (a->type != VC_PATH_MEDIA || !a->count || a->index >= m->sent)
		return;
	m->answered++;
	if (a->count < m->highest_count)
		m->down_reordered++;
	else
		m->highest_count = a->count;
	mark(&m->up, a->index);
	mark(&m->down, a->count - 1);
	take_class(&m->up,
		   a->probe_dscp == VC_PATH_UNKNOWN ? -1 : a->probe_dscp,
		   a->dscp,
		   a->probe_ttl == VC_PATH_UNKNOWN ? -1 : a->probe_ttl);
	take_class(&m->down, in->dscp, a->dscp, in->ttl);
	if (!m->recent[i].is_open || m->recent[i].index != a->index)
		return;
	m->recent[i].is_open = false;
	take_times(m, m->recent[i].at, a, in->at);
}

int64_t vc_pathmeter_rtt(const struct vc_pathmeter *m)
{
	return m->rtt_min;
}

/* --- results --- */

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Of what is in m->sorted. */
static struct vc_path_spread spread(struct vc_pathmeter *m)
{
	struct vc_path_spread s = { VC_TIME_NONE, VC_TIME_NONE, VC_TIME_NONE,
				    VC_TIME_NONE, VC_TIME_NONE, VC_TIME_NONE };
	const size_t n = m->n;
	double sum = 0;

	if (!n)
		return s;
	qsort(m->sorted, n, sizeof(*m->sorted), by_size);
	for (size_t i = 0; i < n; i++)
		sum += (double)m->sorted[i];
	s.min = m->sorted[0];
	s.mean = (int64_t)(sum / (double)n);
	s.p50 = m->sorted[vc_quantile_rank(n, 0.50) - 1];
	s.p95 = m->sorted[vc_quantile_rank(n, 0.95) - 1];
	s.p99 = m->sorted[vc_quantile_rank(n, 0.99) - 1];
	s.max = m->sorted[n - 1];
	return s;
}

static struct vc_path_spread less(const struct vc_path_spread *s, int64_t base)
{
	if (s->min == VC_TIME_NONE)
		return *s;
	return (struct vc_path_spread){ s->min - base, s->mean - base,
					s->p50 - base, s->p95 - base,
					s->p99 - base, s->max - base };
}

static void find_skew(const struct vc_pathmeter *m, struct vc_path_result *out)
{
	struct vc_clockfit_line up, down;

	vc_clockfit_line(&m->up.fit, &up);
	vc_clockfit_line(&m->down.fit, &down);
	out->has_skew = up.is_known && down.is_known && up.span >= SKEW_SPAN &&
			down.span >= SKEW_SPAN;
	/* What the path does goes into both alike; skew with two signs. */
	out->skew_ppm = out->has_skew ? (down.ppm - up.ppm) / 2 : 0;
	out->has_skew &= fabs(out->skew_ppm) < SKEW_MAX;
}

static void find_bursts(const struct way *w, uint64_t places,
			struct vc_path_way *out)
{
	uint64_t run = 0;

	for (uint64_t i = 0; i < places && i < VC_PATHMETER_PLACES; i++) {
		run = w->came[i / 8] >> i % 8 & 1 ? 0 : run + 1;
		out->bursts += run == 1;
		if (run > out->burst_longest)
			out->burst_longest = run;
	}
}

static int most(const uint64_t n[static DSCPS])
{
	int best = -1;

	for (int i = 0; i < DSCPS; i++) {
		if (n[i] && (best < 0 || n[i] > n[best]))
			best = i;
	}
	return best;
}

static void fill_way(const struct vc_pathmeter *m, const struct way *w,
		     struct vc_path_way *out)
{
	const struct jitter *j = &w->jitter;

	out->lost = out->sent > out->received ? out->sent - out->received : 0;
	out->jitter = out->jitter_max = VC_TIME_NONE;
	if (j->n) {
		out->jitter = (int64_t)(j->sum / (double)j->n);
		out->jitter_max = j->max;
	}
	out->dscp_known = w->dscp_known;
	out->dscp_kept = w->dscp_kept;
	out->dscp_sent = most(m->dscp_sent);
	out->dscp_arrived = most(w->dscp);
	out->ttl = w->ttl;
	if (out->lost)
		find_bursts(w, out->sent, out);
}

static int64_t drift(const struct vc_path_result *r, int64_t t)
{
	return r->has_skew ? (int64_t)(r->skew_ppm * 1e-6 * (double)t) : 0;
}

/* 'is_up': the delays of that direction, by the offset and without skew. */
static void fill_delay(struct vc_pathmeter *m, const struct vc_path_result *r,
		       bool is_up, struct vc_path_way *out)
{
	struct vc_path_spread raw;
	int64_t offset = 0;

	for (size_t i = 0; i < m->n; i++) {
		const struct sample *s = &m->sample[i];

		m->sorted[i] = is_up ? s->up - drift(r, s->t) :
				       s->down + drift(r, s->t);
	}
	raw = spread(m);
	if (m->n)
		offset = r->offset - drift(r, m->offset_t);
	out->variation = less(&raw, raw.min);
	out->delay = less(&raw, is_up ? offset : -offset);
}

void vc_pathmeter_result(struct vc_pathmeter *m, struct vc_path_result *out)
{
	*out = (struct vc_path_result){ .is_final = m->is_final,
					.capped = m->last.capped,
					.offset = m->offset };
	out->offset_error = m->offset == VC_TIME_NONE ? VC_TIME_NONE :
							m->rtt_min / 2;
	find_skew(m, out);
	out->up.sent = m->sent;
	out->up.received = m->last.received;
	out->up.duplicates = m->last.duplicates;
	out->up.reordered = m->last.reordered;
	out->down.sent = m->last.count > m->highest_count ? m->last.count :
							    m->highest_count;
	out->down.received = m->answered;
	out->down.duplicates = m->down_duplicates;
	out->down.reordered = m->down_reordered;
	fill_way(m, &m->up, &out->up);
	fill_way(m, &m->down, &out->down);
	for (size_t i = 0; i < m->n; i++)
		m->sorted[i] = m->sample[i].rtt;
	out->rtt = spread(m);
	fill_delay(m, out, true, &out->up);
	fill_delay(m, out, false, &out->down);
}

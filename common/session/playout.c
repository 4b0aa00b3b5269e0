/* SPDX-License-Identifier: MIT */
/*
 * The window of minima is a ring of buckets of 500 ms, so that an old minimum
 * falls out after 10 s and the cost a packet is constant. When sender reports
 * move the line of a source, its minima move with it: they are differences
 * against that line.
 *
 * Each source's spread is taken against its own transit, so what another one
 * does cannot spoil it; the latency is the largest need of all. The spread
 * follows its line upwards only: a way that became shorter has the jitter it
 * had, until units say otherwise. A quantile cannot be quick and small at once,
 * hence VC_PLAYOUT_BURST: that many units over it in a second are news, fewer
 * are the ones that may be late.
 */
#include "session/playout.h"

#include <assert.h>

#include "base/json.h"
#include "base/time.h"

#define BUCKET (500 * VC_MS)
#define LATE (500 * VC_MS)
#define MIN_PACKETS 3
#define SPREAD (2 * VC_SEC)
/* More sources than this of one CNAME are not looked at for its delay. */
#define MAX_LOOKED_AT 32
#define NO_MIN INT64_MAX
/* Readers play up to 10 ms early, and look every 10 ms. */
#define MARGIN (10 * VC_MS)
/* A little less than may be late: bins round up, what comes may be worse. */
#define AIM (VC_PLAYOUT_LATE * 9 / 10)
#define LOOK (100 * VC_MS)
#define BURST_WITHIN VC_SEC
#define HOLD (10 * VC_SEC)
#define SHRINK 50 /* by 1/50 of the time that passes */

void vc_playout_init(struct vc_playout *p, int64_t latency)
{
	*p = (struct vc_playout){ .latency = latency, .target = latency };
	if (latency == VC_PLAYOUT_AUTO) {
		p->is_auto = true;
		p->latency = VC_PLAYOUT_MIN;
		p->target = VC_PLAYOUT_MIN;
	}
}

void vc_playout_repair(struct vc_playout *p, int64_t round_trip)
{
	p->round_trip = round_trip;
}

static void clear_window(struct vc_playout_source *s)
{
	for (unsigned int i = 0; i < VC_PLAYOUT_BUCKETS; i++)
		s->bucket_min[i] = NO_MIN;
}

void vc_playout_source_init(struct vc_playout_source *s, uint32_t rate_hz)
{
	if (!s)
		return;
	*s = (struct vc_playout_source){ 0 };
	vc_tsmap_init(&s->map, rate_hz);
	clear_window(s);
}

void vc_playout_join(struct vc_playout *p, struct vc_playout_source *s,
		     uint64_t clock)
{
	struct vc_playout_source **at = &p->first;

	if (!s)
		return;
	vc_playout_leave(s);
	while (*at)
		at = &(*at)->next;
	*at = s;
	s->home = p;
	s->clock = clock;
}

void vc_playout_leave(struct vc_playout_source *s)
{
	struct vc_playout_source **at;

	if (!s || !s->home)
		return;
	at = &s->home->first;
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	s->next = NULL;
	s->home = NULL;
}

static void find_transit(struct vc_playout_source *s)
{
	int64_t min = NO_MIN;

	for (unsigned int i = 0; i < VC_PLAYOUT_BUCKETS; i++)
		if (s->bucket_min[i] < min)
			min = s->bucket_min[i];
	s->has_transit = min != NO_MIN;
	if (s->has_transit)
		s->transit = min;
}

/* Closes the newest bucket; true when all of it was late, and is followed. */
static bool close_bucket(struct vc_playout_source *s)
{
	int64_t min = s->bucket_min[s->bucket];
	bool is_late = s->has_transit && s->bucket_n >= MIN_PACKETS &&
		       min != NO_MIN && min > s->transit + LATE;

	if (is_late) {
		clear_window(s);
		s->bucket_min[s->bucket] = min;
		s->resyncs++;
	}
	s->bucket = (s->bucket + 1) % VC_PLAYOUT_BUCKETS;
	s->bucket_min[s->bucket] = NO_MIN;
	s->bucket_n = 0;
	return is_late;
}

static bool advance(struct vc_playout_source *s, int64_t arrival)
{
	int64_t n = (arrival - s->bucket_start) / BUCKET;
	bool followed = false;

	if (!s->has_transit) {
		s->bucket_start = arrival;
		return false;
	}
	if (n <= 0)
		return false;
	s->bucket_start += n * BUCKET;
	for (int64_t i = 0; i < n && i < VC_PLAYOUT_BUCKETS; i++)
		followed |= close_bucket(s);
	find_transit(s);
	return followed;
}

static bool is_related(const struct vc_playout_source *a,
		       const struct vc_playout_source *b)
{
	int64_t d = a->transit - b->transit;

	return a->clock == b->clock && b->map.has_sr && b->has_transit &&
	       d <= SPREAD && d >= -SPREAD;
}

/* The transit that 's' is placed by. */
static int64_t line_of(const struct vc_playout_source *s)
{
	const struct vc_playout_source *o;
	int64_t transit = s->transit;
	unsigned int n = 0;

	if (!s->home || !s->clock || !s->map.has_sr)
		return transit;
	for (o = s->home->first; o && n < MAX_LOOKED_AT; o = o->next, n++)
		if (o->transit > transit && !o->is_aside && is_related(s, o))
			transit = o->transit;
	return transit;
}

int64_t vc_playout_time(const struct vc_playout_source *s, uint32_t ts)
{
	assert(s->has_transit);
	return vc_tsmap_ns(&s->map, ts) + line_of(s);
}

int64_t vc_playout_due(const struct vc_playout_source *s, uint32_t ts)
{
	return vc_playout_time(s, ts) + (s->home ? s->home->latency : 0);
}

/* --- the adaptive latency --- */

static int64_t bounded(int64_t latency)
{
	if (latency < VC_PLAYOUT_MIN)
		return VC_PLAYOUT_MIN;
	return latency < VC_PLAYOUT_MAX ? latency : VC_PLAYOUT_MAX;
}

static int64_t need_of(const struct vc_playout_source *s)
{
	return s->transit + vc_spread_quantile(&s->spread, AIM) + MARGIN -
	       line_of(s);
}

/* Looks at all sources: grows at once, shrinks by the time that passed. */
static void look(struct vc_playout *p, int64_t now)
{
	const struct vc_playout_source *s = p->first;
	int64_t passed = p->has_looked ? now - p->looked_at : 0;
	int64_t need = p->round_trip ? p->round_trip + MARGIN : 0;

	for (unsigned int n = 0; s && n < MAX_LOOKED_AT; s = s->next, n++)
		if (s->has_transit && !s->is_aside && need_of(s) > need)
			need = need_of(s);
	p->target = bounded(need);
	if (passed < 0 || passed > VC_SEC)
		passed = passed < 0 ? 0 : VC_SEC;
	if (p->latency > p->target && now >= p->hold_until)
		p->latency -= passed / SHRINK;
	if (p->latency < p->target)
		p->latency = p->target;
	p->has_looked = true;
	p->looked_at = now;
}

/* One more unit needs 'need': a burst of them is answered at once. */
static void note_over(struct vc_playout *p, int64_t need, int64_t now)
{
	unsigned int i = (unsigned int)(p->n_over % VC_PLAYOUT_BURST);
	int64_t most = need;

	p->over[i].at = now;
	p->over[i].need = need;
	p->n_over++;
	for (i = 0; i < VC_PLAYOUT_BURST; i++) {
		if (i >= p->n_over || now - p->over[i].at > BURST_WITHIN)
			return;
		if (p->over[i].need > most)
			most = p->over[i].need;
	}
	most = bounded(most);
	if (p->latency < most)
		p->latency = most;
	p->hold_until = now + HOLD;
}

/* 'line' moved: latency takes it up, so that what is due stays due. */
static void keep_due(struct vc_playout_source *s, int64_t by)
{
	struct vc_playout *p = s->home;

	if (p && p->is_auto && !s->is_aside)
		p->latency = bounded(p->latency - by);
}

static void measure(struct vc_playout_source *s, uint32_t ts, int64_t arrival)
{
	struct vc_playout *p = s->home;
	bool is_new = !s->spread.has_unit || s->spread.ts != ts;
	int64_t late;

	vc_spread_add(&s->spread, ts,
		      arrival - vc_tsmap_ns(&s->map, ts) - s->transit, arrival);
	if (!p || s->is_aside)
		return;
	if (is_new) {
		p->units++;
		s->is_late = false;
		s->is_over = false;
	}
	late = arrival - vc_playout_due(s, ts);
	if (late > 0 && !s->is_late) {
		s->is_late = true;
		p->late++;
	}
	if (!p->is_auto)
		return;
	if (late + MARGIN > 0 && !s->is_over) {
		s->is_over = true;
		note_over(p, p->latency + late + MARGIN, arrival);
	}
	if (!p->has_looked || arrival - p->looked_at >= LOOK ||
	    arrival < p->looked_at)
		look(p, arrival);
}

void vc_playout_missed(struct vc_playout_source *s, uint32_t ts, int64_t by,
		       int64_t arrival)
{
	struct vc_playout *p = s->home;
	int64_t own = arrival - vc_tsmap_ns(&s->map, ts) - s->transit;
	int64_t early = vc_playout_due(s, ts) - arrival;

	if (!p || !p->is_auto || early < MARGIN)
		return;
	vc_spread_add(&s->spread, ts, own + early + by, arrival);
	note_over(p, p->latency + by + MARGIN, arrival);
}

/* True when the line of 's' broke. */
static bool place(struct vc_playout_source *s, uint32_t ts, int64_t arrival)
{
	bool jumped = vc_tsmap_packet(&s->map, ts, arrival);
	int64_t transit = arrival - vc_tsmap_ns(&s->map, ts);
	bool followed = advance(s, arrival);

	if (jumped)
		s->resyncs++;
	if (transit < s->bucket_min[s->bucket])
		s->bucket_min[s->bucket] = transit;
	s->bucket_n++;
	if (!s->has_transit || transit < s->transit)
		s->transit = transit;
	s->has_transit = true;
	return jumped || followed;
}

bool vc_playout_packet(struct vc_playout_source *s, uint32_t ts,
		       int64_t arrival)
{
	bool had_line = s->has_transit;
	int64_t line = line_of(s), transit = s->transit;
	bool is_broken = place(s, ts, arrival);

	if (had_line && !is_broken) {
		keep_due(s, line_of(s) - line);
		if (s->transit > transit)
			vc_spread_lower(&s->spread, s->transit - transit);
	}
	measure(s, ts, arrival);
	return is_broken;
}

int vc_playout_sr(struct vc_playout_source *s, uint64_t ntp, uint32_t ts,
		  int64_t arrival)
{
	bool had_line = s && s->map.has_line;
	int64_t before = had_line ? vc_tsmap_ns(&s->map, ts) : 0;
	int err = s ? vc_tsmap_sr(&s->map, ntp, ts, arrival) : 0;
	int64_t moved;

	if (!had_line || !s->map.has_line)
		return err;
	moved = vc_tsmap_ns(&s->map, ts) - before;
	for (unsigned int i = 0; i < VC_PLAYOUT_BUCKETS; i++)
		if (s->bucket_min[i] != NO_MIN)
			s->bucket_min[i] -= moved;
	s->transit -= moved;
	return err;
}

/* --- statistics --- */

static void set_ms(struct vc_json *j, const char *key, int64_t ns)
{
	vc_json_set_real(j, key, (double)(ns / VC_US) / 1000, 1);
}

void vc_playout_stats(const struct vc_playout_source *s, struct vc_json *j)
{
	if (s->home) {
		set_ms(j, "latency_ms", s->home->latency);
		set_ms(j, "target_ms", s->home->target);
	}
	if (!s->spread.sum) {
		vc_json_set_null(j, "delay_p50_ms");
		vc_json_set_null(j, "delay_p95_ms");
		return;
	}
	set_ms(j, "delay_p50_ms", vc_spread_quantile(&s->spread, 5000));
	set_ms(j, "delay_p95_ms", vc_spread_quantile(&s->spread, 500));
}

void vc_playout_reclock(struct vc_playout_source *s, uint32_t rate_hz,
			uint32_t ts, int64_t arrival)
{
	struct vc_playout *home = s->home;
	uint64_t clock = s->clock;

	vc_playout_leave(s);
	vc_playout_source_init(s, rate_hz);
	if (home)
		vc_playout_join(home, s, clock);
	(void)vc_playout_packet(s, ts, arrival);
}

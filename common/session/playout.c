/* SPDX-License-Identifier: MIT */
/*
 * The window of minima is a ring of buckets of 500 ms, so that an old minimum
 * falls out after 10 s and the cost a packet is constant. When sender reports
 * move the line of a source, its minima move with it: they are differences
 * against that line.
 */
#include "session/playout.h"

#include <assert.h>

#include "base/time.h"

#define BUCKET (500 * VC_MS)
#define LATE (500 * VC_MS)
#define MIN_PACKETS 3
#define SPREAD (2 * VC_SEC)
/* More sources than this of one CNAME are not looked at for its delay. */
#define MAX_LOOKED_AT 32
#define NO_MIN INT64_MAX

void vc_playout_init(struct vc_playout *p, int64_t latency)
{
	*p = (struct vc_playout){ .latency = latency };
}

static void clear_window(struct vc_playout_source *s)
{
	for (unsigned int i = 0; i < VC_PLAYOUT_BUCKETS; i++)
		s->bucket_min[i] = NO_MIN;
}

void vc_playout_source_init(struct vc_playout_source *s, uint32_t rate_hz)
{
	*s = (struct vc_playout_source){ 0 };
	vc_tsmap_init(&s->map, rate_hz);
	clear_window(s);
}

void vc_playout_join(struct vc_playout *p, struct vc_playout_source *s,
		     uint64_t clock)
{
	struct vc_playout_source **at = &p->first;

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

	if (!s->home)
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

bool vc_playout_packet(struct vc_playout_source *s, uint32_t ts,
		       int64_t arrival)
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

int vc_playout_sr(struct vc_playout_source *s, uint64_t ntp, uint32_t ts,
		  int64_t arrival)
{
	bool had_line = s->map.has_line;
	int64_t before = had_line ? vc_tsmap_ns(&s->map, ts) : 0;
	int err = vc_tsmap_sr(&s->map, ntp, ts, arrival);
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

static bool is_related(const struct vc_playout_source *a,
		       const struct vc_playout_source *b)
{
	int64_t d = a->transit - b->transit;

	return a->clock == b->clock && b->map.has_sr && b->has_transit &&
	       d <= SPREAD && d >= -SPREAD;
}

int64_t vc_playout_time(const struct vc_playout_source *s, uint32_t ts)
{
	const struct vc_playout_source *o;
	int64_t transit = s->transit;
	unsigned int n = 0;

	assert(s->has_transit);
	if (!s->home || !s->clock || !s->map.has_sr)
		return vc_tsmap_ns(&s->map, ts) + transit;
	for (o = s->home->first; o && n < MAX_LOOKED_AT; o = o->next, n++)
		if (o->transit > transit && is_related(s, o))
			transit = o->transit;
	return vc_tsmap_ns(&s->map, ts) + transit;
}

int64_t vc_playout_due(const struct vc_playout_source *s, uint32_t ts)
{
	return vc_playout_time(s, ts) + (s->home ? s->home->latency : 0);
}

/* SPDX-License-Identifier: MIT */
/*
 * What tests of the timeline need: a container that is a list, and simulated
 * sources, each with an author's clock, an RTP offset near the wrap and a
 * delay. Times are exact; state is the test program's.
 */
#ifndef VC_TESTS_UNIT_TIMELINE_FEED_H
#define VC_TESTS_UNIT_TIMELINE_FEED_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/timeline.h"
#include "session/playout.h"
#include "wire/ntp.h"

#define EPOCH VC_VIRTUAL_EPOCH
#define MAX_SEEN 20000

/* ---- A container that is a list ---- */

struct seen {
	unsigned int track;
	int64_t time, duration;
	bool is_key, is_last, is_jump, is_stall;
	uint32_t lost;
	uint8_t first;
};

struct list {
	unsigned int tracks, limit, ended;
	char name[8][VC_TRACK_NAME_CAP];
	unsigned int width[8];
	size_t n;
	struct seen seen[MAX_SEEN];
};

static inline int list_add(void *c, const struct vc_track_info *info,
			   unsigned int *track)
{
	struct list *l = c;

	if (l->tracks == l->limit)
		return -ENOSPC;
	*track = l->tracks++;
	l->width[*track] = info->width;
	strcpy(l->name[*track], info->name);
	return 0;
}

static inline int list_rename(void *c, unsigned int track, const char *name)
{
	struct list *l = c;

	strcpy(l->name[track], name);
	return 0;
}

static inline int list_write(void *c, const struct vc_container_unit *u)
{
	struct list *l = c;

	assert_true(l->n < MAX_SEEN);
	assert_true(u->track < l->tracks);
	l->seen[l->n++] = (struct seen){
		.track = u->track,
		.time = u->time,
		.duration = u->duration,
		.is_key = u->is_key,
		.is_last = u->is_last,
		.is_jump = u->is_jump,
		.is_stall = u->is_stall,
		.lost = u->lost,
		.first = u->data[0],
	};
	return 0;
}

static inline void list_end(void *c, unsigned int track)
{
	struct list *l = c;

	assert_true(track < l->tracks);
	l->ended++;
}

static const struct vc_container_ops list_ops = {
	.name = "list",
	.add = list_add,
	.rename = list_rename,
	.write = list_write,
	.end = list_end,
};

/* ---- Simulated sources ---- */

struct source {
	struct vc_playout_source play;
	const struct vc_clockfit_line *fit; /* or NULL */
	struct vc_timeline_track *t;
	bool is_sound;
	uint32_t offset; /* RTP time of the author's 0 */
	int64_t clock;	 /* what his clock shows at EPOCH */
	int64_t delay;	 /* of the network */
	uint32_t lost;	 /* before the next unit */
	unsigned int n;
};

static struct list list;
static struct vc_timeline *tl;
static struct vc_playout home[4];

static inline void open_timeline(unsigned int limit)
{
	memset(&list, 0, sizeof(list));
	list.limit = limit;
	tl = vc_timeline_new(&(struct vc_timeline_conf){ .ops = &list_ops,
							 .container = &list });
	assert_non_null(tl);
	for (size_t i = 0; i < VC_COUNT(home); i++)
		vc_playout_init(&home[i], 0);
}

static inline void close_timeline(void)
{
	assert_int_equal(vc_timeline_finish(tl), 0);
	assert_int_equal(vc_timeline_next(tl), INT64_MAX);
	vc_timeline_free(tl);
}

/* 'who' 0: of no participant, without a CNAME. */
static inline void join(struct source *s, bool is_sound, unsigned int who)
{
	struct vc_track_info info = {
		.kind = is_sound ? VC_TRACK_AUDIO : VC_TRACK_VIDEO,
		.codec = is_sound ? "opus" : "VP8",
		.name = "x",
		.rate_hz = is_sound ? 48000 : 90000,
		.channels = 1,
	};

	s->is_sound = is_sound;
	s->offset = is_sound ? 0xffff0000 : 0xfffff000;
	vc_playout_source_init(&s->play, info.rate_hz);
	if (who)
		vc_playout_join(&home[who], &s->play, 1000 + who);
	s->t = vc_timeline_add(tl, &s->play, s->fit, &info);
	assert_non_null(s->t);
}

static inline uint32_t rtp_time(const struct source *s, int64_t at)
{
	uint32_t rate = s->is_sound ? 48000 : 90000;

	return s->offset + (uint32_t)vc_rtp_from_ns(at, rate);
}

/* A report made at 'at' ns after EPOCH. */
static inline void report(struct source *s, int64_t at)
{
	vc_playout_sr(&s->play, vc_ntp_from_ns(EPOCH + s->clock + at),
		      rtp_time(s, at), EPOCH + at + s->delay);
}

static inline void arrive_at(struct source *s, int64_t at, bool is_key,
			     int64_t now)
{
	uint8_t octet = (uint8_t)s->n;
	const struct vc_timeline_unit u = {
		.ts = rtp_time(s, at),
		.n_ts = s->is_sound ? 960 : 0,
		.is_key = is_key || s->is_sound,
		.width = 640,
		.height = 360,
		.arrival = now,
		.lost = s->lost,
		.data = &octet,
		.len = 1,
	};

	s->n++;
	s->lost = 0;
	vc_playout_packet(&s->play, u.ts, now);
	assert_int_equal(vc_timeline_put(tl, s->t, &u, now), 0);
	assert_int_equal(vc_timeline_run(tl, now), 0);
}

/* A unit that was captured at 'at'. */
static inline void arrive(struct source *s, int64_t at, bool is_key)
{
	arrive_at(s, at, is_key, EPOCH + at + s->delay);
}

/* From 'from' to 'to' ms: sound each 20 ms, pictures each 40, key each s. */
static inline void talk(struct source *a, struct source *v, int from, int to)
{
	for (int ms = from; ms < to; ms += 20) {
		if (a && ms % 1000 == 0)
			report(a, ms * VC_MS);
		if (a)
			arrive(a, ms * VC_MS, true);
		if (v && ms % 1000 == 0)
			report(v, ms * VC_MS);
		if (v && ms % 40 == 0)
			arrive(v, ms * VC_MS, ms % 1000 == 0);
	}
}

static inline void check_order(void)
{
	int64_t last[8] = { -1, -1, -1, -1, -1, -1, -1, -1 };

	for (size_t i = 0; i < list.n; i++) {
		assert_true(list.seen[i].time > last[list.seen[i].track]);
		last[list.seen[i].track] = list.seen[i].time;
	}
}

#endif

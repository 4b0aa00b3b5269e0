/* SPDX-License-Identifier: MIT */
/*
 * The jitter buffer puts packets in order and finds frames, the assembler
 * says what they are; here is the clock of the viewer. Everything happens on
 * the arrival of packets, so that no timer is needed: a frame that is given up
 * is given up when the next packet shows that its time has passed.
 */
#include "session/framestat.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/pool.h"
#include "session/frameasm.h"
#include "session/jbuf.h"
#include "wire/ntp.h"

#define MAX_PACKETS 1024
#define MAX_OCTETS (4u << 20)
#define PACKET_COST 2048 /* octets of a buffer that may not be in use */
#define INTERVALS 30
#define INTERVAL_MAX (10 * VC_SEC)

struct vc_framestat {
	uint32_t rate_hz;
	bool knows_keys;
	struct vc_jbuf *jb;	/* NULL: it has ended */
	struct vc_frameasm *fa; /* NULL: another format, or it has ended */
	struct vc_framestat_room *room; /* or NULL */
	size_t cost;			/* of it; 0: not in its list */
	struct vc_framestat *prev, *next;
	struct vc_framestat_counts counts;
	uint32_t last_ts;
	int64_t intervals[INTERVALS]; /* a ring */
	unsigned int n_intervals;
	unsigned int at;
	int64_t sum;
	/* of formats whose key frames are not known */
	struct vc_hist octets;
	struct {
		uint32_t ts;
		size_t octets;
	} early[VC_KEY_AFTER];
	unsigned int n_early;
	bool has_key;
	uint32_t key_ts;
};

/* --- the room --- */

static void unlist(struct vc_framestat *fs)
{
	struct vc_framestat_room *room = fs->room;

	*(fs->prev ? &fs->prev->next : &room->first) = fs->next;
	*(fs->next ? &fs->next->prev : &room->last) = fs->prev;
	fs->prev = fs->next = NULL;
}

static void list(struct vc_framestat *fs)
{
	struct vc_framestat_room *room = fs->room;

	fs->prev = room->last;
	*(room->last ? &room->last->next : &room->first) = fs;
	room->last = fs;
}

/* What it holds has changed. */
static void settle(struct vc_framestat *fs)
{
	if (!fs->room)
		return;
	if (fs->cost)
		unlist(fs);
	fs->room->octets -= fs->cost;
	fs->cost = 0;
	if (fs->jb)
		fs->cost = vc_jbuf_octets(fs->jb) +
			   PACKET_COST * vc_jbuf_packets(fs->jb);
	fs->room->octets += fs->cost;
	if (fs->cost)
		list(fs);
}

/* --- life --- */

struct vc_framestat *vc_framestat_new(enum vc_codec codec, uint32_t rate_hz,
				      struct vc_framestat_room *room)
{
	struct vc_framestat *fs = vc_try_alloc(1, sizeof(*fs));
	struct vc_frameasm_conf conf = { .max_width = 16383,
					 .max_height = 16383,
					 .may_lack_sets = true };

	if (!fs)
		return NULL;
	fs->rate_hz = rate_hz;
	fs->room = room;
	fs->knows_keys = vc_frameasm_can(codec);
	fs->counts.first = VC_TIME_NONE;
	fs->counts.last = VC_TIME_NONE;
	fs->jb = vc_jbuf_new(MAX_PACKETS, MAX_OCTETS);
	fs->fa = vc_frameasm_new(codec, &conf);
	if (fs->jb && (fs->fa || !fs->knows_keys))
		return fs;
	vc_framestat_free(fs);
	return NULL;
}

static void release(struct vc_framestat *fs)
{
	vc_jbuf_free(fs->jb);
	vc_frameasm_free(fs->fa);
	fs->jb = NULL;
	fs->fa = NULL;
	settle(fs);
}

void vc_framestat_free(struct vc_framestat *fs)
{
	if (!fs)
		return;
	release(fs);
	vc_hist_clear(&fs->octets);
	vc_hist_clear(&fs->counts.key_octets);
	vc_hist_clear(&fs->counts.delta_octets);
	vc_hist_clear(&fs->counts.key_interval);
	vc_hist_clear(&fs->counts.spread);
	free(fs);
}

void vc_framestat_set_fmtp(struct vc_framestat *fs, struct vc_str fmtp)
{
	if (fs->fa)
		vc_frameasm_set_fmtp(fs->fa, fmtp);
}

/* --- freezes --- */

static void learn_interval(struct vc_framestat *fs, int64_t ns)
{
	if (ns <= 0 || ns > INTERVAL_MAX)
		return;
	fs->sum += ns - fs->intervals[fs->at];
	fs->intervals[fs->at] = ns;
	fs->at = (fs->at + 1) % INTERVALS;
	if (fs->n_intervals < INTERVALS)
		fs->n_intervals++;
}

/* The longest time without a frame that is no freeze. 'ns': by time stamps. */
static int64_t patience(const struct vc_framestat *fs, int64_t ns)
{
	int64_t mean = fs->n_intervals ? fs->sum / fs->n_intervals : ns;

	if (mean > INTERVAL_MAX)
		mean = INTERVAL_MAX;
	return 3 * mean > VC_FREEZE_MIN ? 3 * mean : VC_FREEZE_MIN;
}

static void freeze(struct vc_framestat_counts *c, int64_t gap)
{
	c->freezes++;
	c->frozen += gap;
	if (gap > c->longest)
		c->longest = gap;
}

/* A frame of use is there. */
static void show(struct vc_framestat *fs, uint32_t ts, int64_t now)
{
	struct vc_framestat_counts *c = &fs->counts;

	c->frames++;
	if (c->first == VC_TIME_NONE) {
		c->first = now;
		c->last = now;
	} else {
		int64_t ns =
			vc_rtp_to_ns(vc_ts_diff(fs->last_ts, ts), fs->rate_hz);

		if (now - c->last > patience(fs, ns))
			freeze(c, now - c->last);
		else
			learn_interval(fs, ns);
		if (now > c->last)
			c->last = now;
	}
	fs->last_ts = ts;
}

/* --- sizes --- */

static void weigh(struct vc_framestat *fs, uint32_t ts, size_t octets,
		  bool is_key)
{
	struct vc_framestat_counts *c = &fs->counts;

	if (!is_key) {
		vc_hist_put(&c->delta_octets, (int64_t)octets);
		return;
	}
	vc_hist_put(&c->key_octets, (int64_t)octets);
	if (fs->has_key && vc_ts_before(fs->key_ts, ts))
		vc_hist_put(&c->key_interval,
			    vc_rtp_to_ns(vc_ts_diff(fs->key_ts, ts),
					 fs->rate_hz));
	fs->has_key = true;
	fs->key_ts = ts;
}

static void guess_one(struct vc_framestat *fs, uint32_t ts, size_t octets,
		      int64_t median)
{
	bool is_key = (int64_t)octets > VC_KEY_TIMES * median;

	fs->counts.guessed += is_key;
	weigh(fs, ts, octets, is_key);
}

static void guess_early(struct vc_framestat *fs)
{
	int64_t median = INT64_MAX / VC_KEY_TIMES;

	vc_hist_quantile(&fs->octets, VC_HIST_P50, &median);
	for (unsigned int i = 0; i < fs->n_early; i++)
		guess_one(fs, fs->early[i].ts, fs->early[i].octets, median);
	fs->n_early = 0;
}

static void guess(struct vc_framestat *fs, uint32_t ts, size_t octets)
{
	int64_t median = INT64_MAX / VC_KEY_TIMES;

	if (fs->octets.n >= VC_KEY_AFTER) {
		vc_hist_quantile(&fs->octets, VC_HIST_P50, &median);
		guess_one(fs, ts, octets, median);
		vc_hist_put(&fs->octets, (int64_t)octets);
		return;
	}
	vc_hist_put(&fs->octets, (int64_t)octets);
	fs->early[fs->n_early].ts = ts;
	fs->early[fs->n_early].octets = octets;
	fs->n_early++;
	if (fs->n_early == VC_KEY_AFTER)
		guess_early(fs);
}

static void measure(struct vc_framestat *fs, const struct vc_jbuf_frame *f,
		    bool is_key)
{
	int64_t first = INT64_MAX, last = INT64_MIN;

	for (size_t i = 0; i < f->n; i++) {
		int64_t at = vc_jbuf_at(fs->jb, i)->pkt->arrival;

		first = at < first ? at : first;
		last = at > last ? at : last;
	}
	if (f->n)
		vc_hist_put(&fs->counts.spread, last - first);
	if (fs->fa)
		weigh(fs, f->ts, f->octets, is_key);
	else
		guess(fs, f->ts, f->octets);
}

static void resize(struct vc_framestat_counts *c,
		   const struct vc_video_frame *frame, int64_t now)
{
	if (!frame->width ||
	    (frame->width == c->width && frame->height == c->height))
		return;
	if (c->width && c->resized < VC_FRAMESTAT_SIZES)
		c->size[c->resized] =
			(struct vc_framestat_size){ now, frame->width,
						    frame->height };
	c->resized += c->width > 0;
	c->width = frame->width;
	c->height = frame->height;
}

/* --- frames --- */

static void take(struct vc_framestat *fs, const struct vc_jbuf_frame *f,
		 int64_t now)
{
	struct vc_framestat_counts *c = &fs->counts;
	struct vc_video_frame frame;
	int err;

	if (!f->octets)
		return; /* padding only */
	if (!fs->fa) {
		measure(fs, f, false);
		show(fs, f->ts, now);
		return;
	}
	err = vc_frameasm_frame(fs->fa, fs->jb, f, &frame);
	if (err == -EAGAIN || err == -ESTALE)
		c->waiting++;
	else if (err && err != -ENODATA)
		c->broken++;
	if (err)
		return;
	if (frame.is_key) {
		c->keys++;
		resize(c, &frame, now);
	}
	measure(fs, f, frame.is_key);
	show(fs, f->ts, now);
}

/* Something is missing for good in 'f', or before it. */
static void give_up(struct vc_framestat *fs, const struct vc_jbuf_frame *f,
		    int64_t now)
{
	/* A hole before a frame that is whole itself: the payload knows. */
	if (!f->has_start && f->has_end && fs->fa) {
		vc_frameasm_gap(fs->fa);
		take(fs, f, now);
		return;
	}
	if (fs->fa)
		vc_frameasm_broken(fs->fa);
	fs->counts.broken++;
}

static void drain(struct vc_framestat *fs, int64_t now, bool is_end)
{
	struct vc_jbuf_frame f;
	enum vc_jbuf_state state;

	while ((state = vc_jbuf_frame(fs->jb, &f)) != VC_JBUF_EMPTY) {
		if (state == VC_JBUF_READY)
			take(fs, &f, now);
		else if (!is_end && now - f.arrival < VC_FRAMESTAT_WAIT)
			return;
		else
			give_up(fs, &f, now);
		vc_jbuf_drop_frame(fs->jb);
	}
}

/* Whoever has been silent the longest gives way, this one last. */
static void make_room(struct vc_framestat_room *room, int64_t now)
{
	while (room && room->octets > room->max) {
		struct vc_framestat *fs = room->first;

		drain(fs, now, true);
		settle(fs);
		room->given_up++;
	}
}

void vc_framestat_put(struct vc_framestat *fs, struct vc_packet *pkt,
		      const struct vc_rtp *rtp)
{
	if (!fs->jb)
		return;
	(void)vc_jbuf_put(fs->jb, pkt, rtp);
	drain(fs, pkt->arrival, false);
	settle(fs);
	make_room(fs->room, pkt->arrival);
}

void vc_framestat_end(struct vc_framestat *fs, int64_t now)
{
	struct vc_framestat_counts *c = &fs->counts;

	if (fs->jb)
		drain(fs, now, true);
	guess_early(fs);
	release(fs);
	vc_hist_clear(&fs->octets);
	vc_hist_close(&c->key_octets);
	vc_hist_close(&c->delta_octets);
	vc_hist_close(&c->key_interval);
	vc_hist_close(&c->spread);
	if (c->first == VC_TIME_NONE || now - c->last <= patience(fs, 0))
		return;
	freeze(c, now - c->last);
	c->last = now;
}

int64_t vc_framestat_frozen(const struct vc_framestat *fs, int64_t now)
{
	const struct vc_framestat_counts *c = &fs->counts;

	if (!fs->jb || c->first == VC_TIME_NONE ||
	    now - c->last <= patience(fs, 0))
		return 0;
	return now - c->last;
}

bool vc_framestat_knows_keys(const struct vc_framestat *fs)
{
	return fs->knows_keys;
}

const struct vc_framestat_counts *vc_framestat_counts(
	const struct vc_framestat *fs)
{
	return &fs->counts;
}

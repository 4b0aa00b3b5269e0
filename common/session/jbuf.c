/* SPDX-License-Identifier: MIT */
/*
 * A ring of slots, one a place: place p lives in slot p mod capacity. 'next'
 * is the place to be given out next, 'first' the first one held, 'end' the one
 * after the last held (first == end: nothing is); next <= first <= end <= next
 * + capacity. A place is tied to a sequence number by 'delta', which a jump
 * changes: packets after it get the places after the last, so that readers see
 * one unbroken order.
 *
 * A packet outside of the window is set apart as 'stray' until its successor
 * or something else comes. LATE_RUN late packets in sequence count as a jump
 * too: else a source that restarts a little back would be mute until it caught
 * up.
 */
#include "session/jbuf.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/pool.h"

#define BEHIND 1024 /* late, when further behind a jump */
#define EARLY 100   /* how far before the first packet of all one may come */
#define LATE_RUN 16
#define ROOM_MIN 16
/* No place goes below 0 from here. */
#define PLACE_ZERO (UINT64_C(1) << 32)

struct vc_jbuf {
	struct vc_jbuf_item *slots; /* empty: pkt is NULL */
	uint64_t room;		    /* of them; a power of two */
	uint64_t cap;		    /* what it grows to */
	size_t max_octets;
	bool is_started;
	bool is_read; /* something was given out or given up since then */
	uint64_t next;
	uint64_t first;
	uint64_t end;
	uint64_t floor;	  /* nothing of this run has a place before */
	uint64_t highest; /* newest place that arrived */
	uint16_t delta;	  /* seq = place + delta, mod 2^16 */
	bool is_spliced;  /* the next one held is the first after a jump */
	size_t n;
	size_t octets;
	struct vc_jbuf_item stray;
	uint16_t late_seq; /* would continue the run */
	unsigned int late_run;
	/* of the frame at scan_first what is before 'scanned' was looked at */
	uint64_t scan_first;
	uint64_t scanned;
	size_t scan_octets;
	int64_t scan_arrival;
	struct vc_jbuf_counts counts;
};

static struct vc_jbuf_item *slot(const struct vc_jbuf *jb, uint64_t pos)
{
	return &jb->slots[pos & (jb->room - 1)];
}

struct vc_jbuf *vc_jbuf_new(size_t max_packets, size_t max_octets)
{
	struct vc_jbuf *jb = vc_try_alloc(1, sizeof(*jb));
	uint64_t cap = ROOM_MIN;

	assert(max_packets <= VC_JBUF_PACKETS_MAX);
	if (!jb)
		return NULL;
	while (cap < max_packets)
		cap *= 2;
	jb->cap = cap;
	jb->max_octets = max_octets;
	jb->room = ROOM_MIN;
	jb->slots = vc_try_alloc(ROOM_MIN, sizeof(*jb->slots));
	if (!jb->slots) {
		free(jb);
		return NULL;
	}
	jb->next = PLACE_ZERO;
	jb->first = PLACE_ZERO;
	jb->end = PLACE_ZERO;
	return jb;
}

static void drop_stray(struct vc_jbuf *jb)
{
	if (!jb->stray.pkt)
		return;
	vc_packet_unref(jb->stray.pkt);
	jb->stray.pkt = NULL;
	jb->counts.stray++;
}

/* Takes the packet out of a slot; the reference is the caller's. */
static struct vc_packet *take(struct vc_jbuf *jb, uint64_t pos)
{
	struct vc_jbuf_item *it = slot(jb, pos);
	struct vc_packet *pkt = it->pkt;

	jb->n--;
	jb->octets -= pkt->len;
	it->pkt = NULL;
	return pkt;
}

/*
 * Everything before 'pos' is past: drops what is held there. Returns how many
 * places had nothing. Walks over places that are in the window only.
 */
static uint64_t move_next(struct vc_jbuf *jb, uint64_t pos)
{
	uint64_t missing = pos - jb->next;
	uint64_t p = jb->first;

	for (; p < pos && p < jb->end; p++) {
		if (!slot(jb, p)->pkt)
			continue;
		vc_packet_unref(take(jb, p));
		missing--;
	}
	while (p < jb->end && !slot(jb, p)->pkt)
		p++;
	if (p < pos)
		p = pos;
	jb->first = p;
	if (jb->end < p)
		jb->end = p;
	jb->next = pos;
	jb->is_read = true;
	jb->counts.skipped += missing;
	return missing;
}

void vc_jbuf_reset(struct vc_jbuf *jb)
{
	(void)move_next(jb, jb->end);
	drop_stray(jb);
	jb->is_started = false;
	jb->is_spliced = false;
	jb->late_run = 0;
}

void vc_jbuf_free(struct vc_jbuf *jb)
{
	if (!jb)
		return;
	vc_jbuf_reset(jb);
	free(jb->slots);
	free(jb);
}

/*
 * Drops the oldest until 'pos' is in the window and 'len' octets fit. False
 * when 'pos' itself would be the oldest.
 */
static bool make_room(struct vc_jbuf *jb, uint64_t pos, size_t len)
{
	size_t before = jb->n;

	if (pos >= jb->next + jb->cap)
		(void)move_next(jb, pos - jb->cap + 1);
	while (jb->n && jb->octets + len > jb->max_octets && jb->first < pos)
		(void)move_next(jb, jb->first + 1);
	jb->counts.overflow += before - jb->n;
	return !jb->n || jb->octets + len <= jb->max_octets;
}

/* Most never need many slots: there are as many as were needed at once. */
static int grow(struct vc_jbuf *jb, uint64_t pos)
{
	uint64_t first = jb->n && jb->first < pos ? jb->first : pos;
	uint64_t end = jb->end > pos ? jb->end : pos + 1;
	struct vc_jbuf_item *old = jb->slots, *slots;
	uint64_t room = jb->room;

	while (room < end - first)
		room *= 2;
	if (room == jb->room)
		return 0;
	slots = vc_try_alloc(room, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (uint64_t p = jb->first; p < jb->end; p++)
		slots[p & (room - 1)] = old[p & (jb->room - 1)];
	jb->slots = slots;
	jb->room = room;
	free(old);
	return 0;
}

/* Puts a packet into its place, with the reference it comes with. */
static int hold(struct vc_jbuf *jb, uint64_t pos, struct vc_packet *pkt,
		const struct vc_rtp *rtp)
{
	struct vc_jbuf_item *it;

	if (!make_room(jb, pos, pkt->len)) {
		vc_packet_unref(pkt);
		jb->counts.late++;
		return -ETIME;
	}
	if (grow(jb, pos)) {
		vc_packet_unref(pkt);
		return -ENOMEM;
	}
	it = slot(jb, pos);
	*it = (struct vc_jbuf_item){ pkt, *rtp, pos, jb->is_spliced };
	jb->is_spliced = false;
	if (!jb->n || pos < jb->first)
		jb->first = pos;
	if (pos >= jb->end)
		jb->end = pos + 1;
	if (pos > jb->highest)
		jb->highest = pos;
	jb->n++;
	jb->octets += pkt->len;
	jb->late_run = 0;
	return 0;
}

/* The first packet of all, or after a reset. */
static int start(struct vc_jbuf *jb, struct vc_packet *pkt,
		 const struct vc_rtp *rtp)
{
	uint64_t pos = jb->end + EARLY;

	jb->floor = jb->end;
	jb->next = pos;
	jb->first = pos;
	jb->end = pos;
	jb->highest = pos;
	jb->delta = (uint16_t)(rtp->seq - pos);
	jb->is_started = true;
	jb->is_read = false;
	return hold(jb, pos, vc_packet_ref(pkt), rtp);
}

/* 'seq' gets the place after all others. */
static uint64_t splice(struct vc_jbuf *jb, uint16_t seq)
{
	jb->floor = jb->end;
	jb->highest = jb->end;
	jb->delta = (uint16_t)(seq - jb->end);
	jb->is_spliced = true;
	jb->counts.resyncs++;
	return jb->end;
}

/* Far from the window: two in a row are a jump. */
static int put_stray(struct vc_jbuf *jb, struct vc_packet *pkt,
		     const struct vc_rtp *rtp)
{
	struct vc_jbuf_item *it = &jb->stray;
	struct vc_packet *before = it->pkt;
	uint64_t pos;

	if (before && rtp->seq == it->rtp.seq)
		return -EALREADY;
	if (before && rtp->seq == (uint16_t)(it->rtp.seq + 1)) {
		it->pkt = NULL;
		pos = splice(jb, it->rtp.seq);
		(void)hold(jb, pos, before, &it->rtp);
		return hold(jb, pos + 1, vc_packet_ref(pkt), rtp);
	}
	drop_stray(jb);
	it->pkt = vc_packet_ref(pkt);
	it->rtp = *rtp;
	return 0;
}

static int put_late(struct vc_jbuf *jb, struct vc_packet *pkt,
		    const struct vc_rtp *rtp)
{
	bool goes_on = jb->late_run && rtp->seq == jb->late_seq;

	jb->late_run = goes_on ? jb->late_run + 1 : 1;
	jb->late_seq = (uint16_t)(rtp->seq + 1);
	if (jb->late_run >= LATE_RUN)
		return hold(jb, splice(jb, rtp->seq), vc_packet_ref(pkt), rtp);
	jb->counts.late++;
	return -ETIME;
}

static int put_in_window(struct vc_jbuf *jb, uint64_t pos,
			 struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	drop_stray(jb);
	if (pos < jb->end && slot(jb, pos)->pkt && slot(jb, pos)->pos == pos) {
		jb->counts.duplicates++;
		return -EALREADY;
	}
	return hold(jb, pos, vc_packet_ref(pkt), rtp);
}

int vc_jbuf_put(struct vc_jbuf *jb, struct vc_packet *pkt,
		const struct vc_rtp *rtp)
{
	uint64_t pos;
	int16_t ahead;

	jb->counts.put++;
	if (!jb->is_started)
		return start(jb, pkt, rtp);
	ahead = vc_seq_diff((uint16_t)(jb->highest + jb->delta), rtp->seq);
	pos = jb->highest + (uint64_t)(int64_t)ahead;
	if (ahead > 0 && (uint64_t)ahead >= jb->cap)
		return put_stray(jb, pkt, rtp);
	if (pos >= jb->next && pos >= jb->floor)
		return put_in_window(jb, pos, pkt, rtp);
	if (!jb->is_read && pos >= jb->floor && jb->end - pos <= jb->cap) {
		jb->next = pos;
		return put_in_window(jb, pos, pkt, rtp);
	}
	if (jb->next > pos + BEHIND)
		return put_stray(jb, pkt, rtp);
	return put_late(jb, pkt, rtp);
}

enum vc_jbuf_state vc_jbuf_peek(const struct vc_jbuf *jb,
				const struct vc_jbuf_item **item)
{
	*item = jb->n ? slot(jb, jb->first) : NULL;
	if (!jb->n)
		return VC_JBUF_EMPTY;
	return jb->first == jb->next ? VC_JBUF_READY : VC_JBUF_MISSING;
}

uint64_t vc_jbuf_hole(const struct vc_jbuf *jb)
{
	return jb->n ? jb->first - jb->next : 0;
}

struct vc_packet *vc_jbuf_pop(struct vc_jbuf *jb)
{
	struct vc_packet *pkt;

	assert(jb->n && jb->first == jb->next);
	pkt = vc_packet_ref(slot(jb, jb->next)->pkt);
	(void)move_next(jb, jb->next + 1);
	return pkt;
}

uint64_t vc_jbuf_skip(struct vc_jbuf *jb, uint64_t n)
{
	uint64_t hole = vc_jbuf_hole(jb);

	if (n > hole)
		n = hole;
	return n ? move_next(jb, jb->next + n) : 0;
}

/* Is the frame that begins at 'first' at its marker? */
static bool is_ended(const struct vc_jbuf *jb)
{
	return jb->scanned > jb->first && slot(jb, jb->scanned - 1)->rtp.marker;
}

/* Looks on from where the last look at the first frame held ended. */
static void scan(struct vc_jbuf *jb)
{
	const struct vc_jbuf_item *head = slot(jb, jb->first), *it;

	if (jb->scan_first != jb->first) {
		jb->scan_first = jb->first;
		jb->scanned = jb->first;
		jb->scan_octets = 0;
		jb->scan_arrival = INT64_MIN;
	}
	for (; jb->scanned < jb->end && !is_ended(jb); jb->scanned++) {
		it = slot(jb, jb->scanned);
		if (!it->pkt || it->rtp.ts != head->rtp.ts ||
		    (it->resync && it != head))
			break;
		jb->scan_octets += it->rtp.payload_len;
		if (it->pkt->arrival > jb->scan_arrival)
			jb->scan_arrival = it->pkt->arrival;
	}
}

enum vc_jbuf_state vc_jbuf_frame(struct vc_jbuf *jb, struct vc_jbuf_frame *f)
{
	const struct vc_jbuf_item *head, *after, *newest;

	if (!jb->n)
		return VC_JBUF_EMPTY;
	scan(jb);
	head = slot(jb, jb->first);
	newest = slot(jb, jb->end - 1);
	after = jb->scanned < jb->end ? slot(jb, jb->scanned) : NULL;
	*f = (struct vc_jbuf_frame){
		.ts = head->rtp.ts,
		.n = (size_t)(jb->scanned - jb->first),
		.octets = jb->scan_octets,
		.has_start = jb->first == jb->next,
		.resync = head->resync,
		.arrival = jb->scan_arrival,
		.followed = newest->rtp.ts != head->rtp.ts ||
			    (after && after->pkt),
	};
	f->has_end = is_ended(jb) || (after && after->pkt && !after->resync);
	return f->has_start && f->has_end ? VC_JBUF_READY : VC_JBUF_MISSING;
}

const struct vc_jbuf_item *vc_jbuf_at(const struct vc_jbuf *jb, size_t i)
{
	assert(jb->scan_first == jb->first && jb->first + i < jb->scanned);
	return slot(jb, jb->first + i);
}

uint64_t vc_jbuf_drop_frame(struct vc_jbuf *jb)
{
	const struct vc_jbuf_item *head = slot(jb, jb->first), *it;
	uint64_t past = jb->first + 1;

	if (!jb->n)
		return 0;
	for (uint64_t p = past; p < jb->end; p++) {
		it = slot(jb, p);
		if (!it->pkt)
			continue;
		if (it->rtp.ts != head->rtp.ts || it->resync)
			break;
		past = p + 1;
	}
	return move_next(jb, past);
}

size_t vc_jbuf_packets(const struct vc_jbuf *jb)
{
	return jb->n;
}

size_t vc_jbuf_octets(const struct vc_jbuf *jb)
{
	return jb->octets;
}

const struct vc_jbuf_counts *vc_jbuf_counts(const struct vc_jbuf *jb)
{
	return &jb->counts;
}

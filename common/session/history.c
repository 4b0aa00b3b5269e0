/* SPDX-License-Identifier: MIT */
/*
 * Records, each a packet, lie one behind the other in a ring of octets: 'tail'
 * is where the oldest begins, 'head' where the next will, both counted from the
 * very first. A record lies in one piece, so one without a packet may fill the
 * end of the ring. Where a sequence number's record begins says a table. What is
 * old enough, or has no place in the table any more, makes room; as long as
 * nothing does, the ring is doubled.
 *
 * Copies, and not the packets themselves: those are taken again at once, while
 * they are in the cache, and lie scattered.
 */
#include "session/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/time.h"

#define PACKETS 1024
#define PACKETS_MAX 16384
#define OCTETS ((size_t)2 << 20)
#define OCTETS_FIRST ((size_t)16 << 10) /* half of the granule of a large one */
#define AGE VC_SEC
#define AGE_MAX (5 * VC_SEC)
#define RTT_HELD (30 * VC_SEC)

struct record {
	int64_t sent;
	uint32_t size; /* with this, a multiple of it */
	uint16_t len;  /* 0: it fills the ring to its end */
	uint16_t seq;
};

struct vc_history {
	unsigned int refs;
	size_t octets; /* at most */
	struct vc_history_budget *budget;
	int64_t least_age;
	int64_t age;
	int64_t rtt; /* the longest, and when it was heard */
	int64_t rtt_at;
	bool has_any;
	uint16_t high; /* the newest number */
	int64_t last;  /* when that was put */
	uint16_t mask;
	uint64_t *where; /* its record, and 1; 0: nowhere */
	uint8_t *ring;
	size_t size;
	uint64_t tail;
	uint64_t head;
	size_t tail_at; /* where these are in the ring */
	size_t head_at;
};

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

struct vc_history *vc_history_new(const struct vc_history_conf *conf)
{
	struct vc_history *h = vc_try_alloc(1, sizeof(*h));
	unsigned int want = conf->packets ? conf->packets : PACKETS, n = 16;

	if (!h)
		return NULL;
	while (n < want && n < PACKETS_MAX)
		n *= 2;
	h->octets = conf->octets ? conf->octets : OCTETS;
	/* So that doubling it ends there. */
	h->octets = round_up(h->octets, h->octets > OCTETS_FIRST ?
						2 * OCTETS_FIRST :
						sizeof(struct record));
	h->refs = 1;
	h->budget = conf->budget;
	h->least_age = conf->age ? conf->age : AGE;
	h->age = h->least_age;
	h->mask = (uint16_t)(n - 1);
	h->where = vc_try_alloc(n, sizeof(*h->where));
	if (h->where)
		return h;
	free(h);
	return NULL;
}

struct vc_history *vc_history_ref(struct vc_history *h)
{
	h->refs++;
	return h;
}

void vc_history_unref(struct vc_history *h)
{
	if (!h || --h->refs)
		return;
	if (h->budget)
		h->budget->used -= h->size;
	free(h->where);
	free(h->ring);
	free(h);
}

void vc_history_rtt(struct vc_history *h, int64_t rtt, int64_t now)
{
	int64_t age = rtt < AGE_MAX ? rtt * 5 / 2 : AGE_MAX;

	if (rtt < h->rtt && now - h->rtt_at < RTT_HELD)
		return;
	h->rtt = rtt;
	h->rtt_at = now;
	h->age = age < h->least_age ? h->least_age : age;
	if (h->age > AGE_MAX && h->least_age < AGE_MAX)
		h->age = AGE_MAX;
}

/* --- the ring --- */

static struct record *record_at(const struct vc_history *h, size_t at)
{
	return (void *)(h->ring + at);
}

/* A record ends where the next one begins, which is never across the end. */
static void move_head(struct vc_history *h, size_t by)
{
	h->head += by;
	h->head_at += by;
	if (h->head_at == h->size)
		h->head_at = 0;
}

static void move_tail(struct vc_history *h, size_t by)
{
	h->tail += by;
	h->tail_at += by;
	if (h->tail_at == h->size)
		h->tail_at = 0;
}

static size_t next_size(const struct vc_history *h)
{
	size_t size = h->octets;

	if (h->size)
		return 2 * h->size;
	while (size > OCTETS_FIRST && size % (2 * sizeof(struct record)) == 0)
		size /= 2;
	return size;
}

static bool has_budget(const struct vc_history *h, size_t more)
{
	const struct vc_history_budget *b = h->budget;

	return !b || (b->used <= b->max && more <= b->max - b->used);
}

/* False: it must not, or there is no memory. */
VC_COLD static bool grow(struct vc_history *h)
{
	size_t size = next_size(h);
	uint8_t *ring = NULL;
	uint64_t at = h->tail;

	if (size <= h->octets && has_budget(h, size - h->size))
		ring = vc_try_alloc(1, size);
	if (!ring)
		return false;
	if (h->budget)
		h->budget->used += size - h->size;
	while (at < h->head) {
		const struct record *r = record_at(h, at % h->size);

		memcpy(ring + at % size, r, r->size);
		at += r->size;
	}
	free(h->ring);
	h->ring = ring;
	h->size = size;
	h->tail_at = h->tail % size;
	h->head_at = h->head % size;
	return true;
}

/* From head to the end of the ring, if 'need' octets do not fit there. */
static size_t gap_before(const struct vc_history *h, size_t need)
{
	size_t left = h->size - h->head_at;

	return left < need ? left : 0;
}

/* Nobody can have the oldest any more: it only filled, another one has its
 * place in the table, or it is too old. */
static bool is_past(const struct vc_history *h, int64_t now)
{
	const struct record *r = record_at(h, h->tail_at);

	return h->where[r->seq & h->mask] != h->tail + 1 ||
	       now - r->sent > h->age;
}

static bool make_room(struct vc_history *h, size_t need, int64_t now)
{
	size_t gap = gap_before(h, need);

	if (need > h->octets)
		return false;
	while (h->head + gap + need - h->tail > h->size) {
		const bool is_empty = h->tail == h->head;

		if ((is_empty || !is_past(h, now)) && grow(h)) {
			gap = gap_before(h, need);
			continue;
		}
		if (is_empty && need > h->size)
			return false;
		if (is_empty) {
			move_tail(h, h->size - h->tail_at);
			h->head = h->tail;
			h->head_at = h->tail_at;
			gap = 0;
		} else {
			move_tail(h, record_at(h, h->tail_at)->size);
		}
	}
	if (gap) {
		*record_at(h, h->head_at) =
			(struct record){ .sent = now, .size = (uint32_t)gap };
		move_head(h, gap);
	}
	return true;
}

/* The next packet's place, which was not touched for a whole turn of the ring:
 * it is fetched while others are dealt with. */
static void fetch_next(const struct vc_history *h, size_t len)
{
	const size_t left = h->size - h->head_at;

	if (len > left)
		len = left;
	vc_fetch(h->ring + h->head_at, len);
}

void vc_history_fetch(const struct vc_history *h)
{
	vc_fetch(h, sizeof(*h));
}

/* --- packets --- */

void vc_history_put(struct vc_history *h, const struct vc_packet *pkt,
		    const uint8_t head[static VC_RTP_HEADER], int64_t now)
{
	const uint16_t seq = vc_rtp_get_seq(head);
	const bool is_anew = !h->has_any || now - h->last > h->age;
	const int ahead = is_anew ? 1 : vc_seq_diff(h->high, seq);
	const size_t need = round_up(sizeof(struct record) + pkt->len,
				     sizeof(struct record));
	struct record *r;
	uint8_t *data;

	if (pkt->len < VC_RTP_HEADER || pkt->len > UINT16_MAX ||
	    ahead < -(int)h->mask || !make_room(h, need, now))
		return;
	r = record_at(h, h->head_at);
	*r = (struct record){ .sent = now,
			      .size = (uint32_t)need,
			      .len = (uint16_t)pkt->len,
			      .seq = seq };
	data = (uint8_t *)(r + 1);
	memcpy(data, head, VC_RTP_HEADER);
	memcpy(data + VC_RTP_HEADER, pkt->data + VC_RTP_HEADER,
	       pkt->len - VC_RTP_HEADER);
	h->where[seq & h->mask] = h->head + 1;
	move_head(h, need);
	h->has_any = true;
	if (ahead > 0) {
		h->high = seq;
		h->last = now;
	}
	fetch_next(h, need);
}

uint64_t vc_history_mark(const struct vc_history *h)
{
	return h->head;
}

bool vc_history_get(const struct vc_history *h, uint16_t seq, int64_t now,
		    struct vc_history_item *out)
{
	const uint64_t at = h->where[seq & h->mask];
	const struct record *r;

	if (!at || at - 1 < h->tail)
		return false;
	r = record_at(h, (at - 1) % h->size);
	if (r->seq != seq || now - r->sent > h->age)
		return false;
	*out = (struct vc_history_item){ .data = (const uint8_t *)(r + 1),
					 .len = r->len,
					 .sent = r->sent,
					 .at = at - 1 };
	return true;
}

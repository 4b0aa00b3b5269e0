/* SPDX-License-Identifier: MIT */
/*
 * Holes are an array in order of sequence numbers: new ones come at its end,
 * a filled one is found by halving. It is made when the first packet is
 * missing, and grows by doubling.
 *
 * When a hole ought to have been a packet is reckoned back from the packet
 * behind it, by the mean spacing: a pause of the sender before the gap makes
 * no hole old, and of a blackout only the end is asked for.
 *
 * Round trips are learnt from RTX answers to what was asked for once (Karn's
 * rule, RFC 6298 section 3). As long as none is known any answer is taken, from
 * when the hole was noticed: too long is better than asking too often.
 */
#include "session/nack.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/rxstats.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

#define MAX_AGE VC_SEC
#define MAX_TRIES 10
#define FIRST_CAP 8 /* that everybody has */
#define MAX_WAIT (50 * VC_MS)
#define MIN_RTT VC_MS
#define MAX_RTT (5 * VC_SEC)
#define MIN_AGAIN (10 * VC_MS)
/* Holes noticed within this go into one NACK. */
#define TOGETHER (5 * VC_MS)
#define MAX_SPACING (100 * VC_MS)
#define NACK_HEAD 12

void vc_nack_init(struct vc_nack *n, const struct vc_nack_conf *conf)
{
	*n = (struct vc_nack){
		.conf = *conf,
		.rtt = VC_NACK_RTT,
		.last_sent = VC_TIME_NONE,
		.next = INT64_MAX,
	};
	if (!n->conf.max_age)
		n->conf.max_age = MAX_AGE;
	if (!n->conf.max_tries || n->conf.max_tries > UINT8_MAX)
		n->conf.max_tries = MAX_TRIES;
	if (!n->conf.max_holes || n->conf.max_holes > VC_NACK_HOLES)
		n->conf.max_holes = VC_NACK_HOLES;
}

void vc_nack_clear(struct vc_nack *n)
{
	if (n->conf.room && n->cap)
		*n->conf.room += n->cap - FIRST_CAP;
	free(n->holes);
	n->holes = NULL;
	n->n = n->cap = 0;
}

void vc_nack_max_age(struct vc_nack *n, int64_t max_age)
{
	n->conf.max_age = max_age;
}

void vc_nack_rtt(struct vc_nack *n, int64_t rtt)
{
	n->rtt = rtt < MIN_RTT ? MIN_RTT : rtt > MAX_RTT ? MAX_RTT : rtt;
	n->has_rtt = true;
}

static void learn_rtt(struct vc_nack *n, int64_t sample)
{
	vc_nack_rtt(n, n->has_rtt ? n->rtt + (sample - n->rtt) / 8 : sample);
}

/* --- what was won --- */

static uint64_t *word(struct vc_nack *n, uint16_t seq)
{
	return &n->won[seq % VC_NACK_WINDOW / 64];
}

static uint64_t bit(uint16_t seq)
{
	return UINT64_C(1) << seq % 64;
}

/* Takes the mark away: true if it was there. */
static bool was_won(struct vc_nack *n, uint16_t seq)
{
	bool was = *word(n, seq) & bit(seq);

	*word(n, seq) &= ~bit(seq);
	return was;
}

/* --- holes --- */

static uint16_t behind(const struct vc_nack *n, uint16_t seq)
{
	return (uint16_t)(n->high - seq);
}

/* The index of the first that is not before 'seq'. */
static unsigned int place(const struct vc_nack *n, uint16_t seq)
{
	unsigned int lo = 0, hi = n->n;

	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;

		if (behind(n, n->holes[mid].seq) > behind(n, seq))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Its index, or n->n. */
static unsigned int find(const struct vc_nack *n, uint16_t seq)
{
	unsigned int i = place(n, seq);

	return i < n->n && n->holes[i].seq == seq ? i : n->n;
}

/* Others may have what is not used. */
static void give_room(struct vc_nack *n)
{
	if (!n->n && n->cap > FIRST_CAP && n->conf.room)
		vc_nack_clear(n);
}

static void remove_at(struct vc_nack *n, unsigned int i, unsigned int count)
{
	n->n -= count;
	memmove(n->holes + i, n->holes + i + count,
		(n->n - i) * sizeof(*n->holes));
	give_room(n);
}

static void give_up_oldest(struct vc_nack *n, unsigned int count)
{
	n->counts.given_up += count;
	remove_at(n, 0, count);
}

/* Makes room for one more: false when there is none. */
static bool grow(struct vc_nack *n)
{
	unsigned int cap = n->cap ? n->cap * 2 : FIRST_CAP;
	struct vc_nack_hole *more;

	if (n->n < n->cap)
		return true;
	if (n->conf.room && n->cap && *n->conf.room < n->cap)
		return false;
	more = vc_try_alloc(cap, sizeof(*more));
	if (!more)
		return false;
	if (n->n)
		memcpy(more, n->holes, n->n * sizeof(*more));
	free(n->holes);
	if (n->conf.room && n->cap)
		*n->conf.room -= n->cap;
	n->holes = more;
	n->cap = cap;
	return true;
}

/* When to do something about it: give it up, at the latest. */
static int64_t due(const struct vc_nack *n, const struct vc_nack_hole *h)
{
	int64_t end = h->since + n->conf.max_age, at = h->noticed + n->wait;
	int64_t again = n->rtt + n->rtt / 2;

	if (h->tries)
		at = h->asked + (again > MIN_AGAIN ? again : MIN_AGAIN);
	/* An answer would come too late. */
	if (n->conf.never_asks || h->tries >= n->conf.max_tries ||
	    (n->has_rtt && at + n->rtt > end))
		return end;
	return at < end ? at : end;
}

static void set_next(struct vc_nack *n, int64_t at)
{
	if (n->last_sent != VC_TIME_NONE && at < n->last_sent + TOGETHER)
		at = n->last_sent + TOGETHER;
	if (at < n->next)
		n->next = at;
}

/* The 'count' numbers before 'seq', which came at 'now', are missing. */
VC_COLD static void add_holes(struct vc_nack *n, uint16_t seq,
			      unsigned int count, int64_t step, int64_t now)
{
	unsigned int fit = count;

	n->counts.holes += count;
	if (fit > n->conf.max_holes)
		fit = n->conf.max_holes;
	if (step > 0 && fit > n->conf.max_age / step)
		fit = (unsigned int)(n->conf.max_age / step);
	n->counts.given_up += count - fit;
	if (n->n + fit > n->conf.max_holes)
		give_up_oldest(n, n->n + fit - n->conf.max_holes);
	for (unsigned int k = fit; k > 0; k--) {
		if (!grow(n) && !n->n) {
			n->counts.given_up += k;
			return;
		}
		if (n->n == n->cap)
			give_up_oldest(n, 1);
		n->holes[n->n] = (struct vc_nack_hole){
			.since = now - (int64_t)k * step,
			.noticed = now,
			.seq = (uint16_t)(seq - k),
		};
		set_next(n, due(n, &n->holes[n->n]));
		n->n++;
	}
}

/* --- packets --- */

void vc_nack_restart(struct vc_nack *n)
{
	n->counts.given_up += n->n;
	n->counts.restarts += n->is_started;
	n->n = 0;
	give_room(n);
	n->next = INT64_MAX;
	n->is_started = false;
	memset(n->won, 0, sizeof(n->won));
}

static void start(struct vc_nack *n, uint16_t seq, int64_t now)
{
	n->is_started = true;
	n->high = seq;
	n->last = now;
}

/* A hole that far back is no use, and its number might come round again. */
static void forget_far(struct vc_nack *n)
{
	unsigned int far = 0;

	while (far < n->n && behind(n, n->holes[far].seq) >= INT16_MAX / 2)
		far++;
	if (far)
		give_up_oldest(n, far);
}

static void advance(struct vc_nack *n, uint16_t seq, unsigned int by,
		    int64_t now)
{
	int64_t since = now > n->last ? now - n->last : 0;
	int64_t mean = by > 1 ? since / by : since;
	int64_t step = n->spacing && n->spacing < mean ? n->spacing : mean;
	unsigned int clear = by < VC_NACK_WINDOW ? by : VC_NACK_WINDOW;

	for (unsigned int i = 0; i < clear; i++)
		(void)was_won(n, (uint16_t)(seq - i));
	n->high = seq;
	n->last = now;
	forget_far(n);
	if (by > 1)
		add_holes(n, seq, by - 1, step, now);
	if (mean > MAX_SPACING)
		mean = MAX_SPACING;
	n->spacing = n->spacing ? n->spacing + (mean - n->spacing) / 16 : mean;
}

/* Who has been asked again was first asked a round trip ago. */
static bool is_answer(const struct vc_nack *n, const struct vc_nack_hole *h,
		      int64_t now)
{
	return n->conf.is_in_place &&
	       (h->tries > 1 || (h->tries && now - h->asked >= n->rtt / 2));
}

/* An original that was overtaken: how long does that take here? */
static void learn_wait(struct vc_nack *n, int64_t took)
{
	if (took > n->wait)
		n->wait = took + took / 4;
	else
		n->wait -= (n->wait - took) / 64;
	if (n->wait > MAX_WAIT)
		n->wait = MAX_WAIT;
}

static void fill(struct vc_nack *n, unsigned int i, enum vc_nack_how how,
		 int64_t now)
{
	const struct vc_nack_hole *h = &n->holes[i];
	bool is_won = how == VC_NACK_RTX || is_answer(n, h, now);

	if (how == VC_NACK_FEC) {
		n->counts.fec++;
	} else if (is_won) {
		n->counts.won++;
		n->wait -= n->wait / 16;
		if (how == VC_NACK_RTX && h->tries == 1)
			learn_rtt(n, now - h->asked);
		else if (how == VC_NACK_RTX && h->tries && !n->has_rtt)
			learn_rtt(n, now - h->noticed);
	} else {
		n->counts.reordered++;
		learn_wait(n, now - h->noticed);
	}
	if ((is_won || how == VC_NACK_FEC) &&
	    behind(n, h->seq) < VC_NACK_WINDOW)
		*word(n, h->seq) |= bit(h->seq);
	remove_at(n, i, 1);
}

VC_COLD static bool put_won(struct vc_nack *n, uint16_t seq,
			    enum vc_nack_how how, int64_t now)
{
	unsigned int i = find(n, seq);

	if (i == n->n) {
		n->counts.late += how == VC_NACK_RTX;
		return false;
	}
	fill(n, i, how, now);
	return true;
}

VC_COLD static bool put_original(struct vc_nack *n, uint16_t seq, int64_t now)
{
	unsigned int i = find(n, seq);

	if (i < n->n) {
		fill(n, i, VC_NACK_ORIGINAL, now);
		return true;
	}
	return behind(n, seq) >= VC_NACK_WINDOW || !was_won(n, seq);
}

bool vc_nack_put(struct vc_nack *n, uint16_t seq, enum vc_nack_how how,
		 int64_t now)
{
	int by = n->is_started ? vc_seq_diff(n->high, seq) : 0;

	if (how != VC_NACK_ORIGINAL)
		return put_won(n, seq, how, now);
	if (by >= VC_RX_DROPOUT || by <= -INT16_MAX / 2)
		vc_nack_restart(n);
	if (!n->is_started) {
		start(n, seq, now);
		return true;
	}
	if (by <= 0)
		return put_original(n, seq, now);
	advance(n, seq, (unsigned int)by, now);
	return true;
}

void vc_nack_drop_before(struct vc_nack *n, uint16_t seq)
{
	unsigned int i = n->n;

	/* From ahead of all: before it is everything. */
	if (vc_seq_diff(n->high, seq) <= 0)
		i = place(n, seq);
	if (!i)
		return;
	n->counts.needless += i;
	remove_at(n, 0, i);
}

bool vc_nack_is_won(const struct vc_nack *n, uint16_t seq)
{
	return n->is_started && behind(n, seq) < VC_NACK_WINDOW &&
	       (n->won[seq % VC_NACK_WINDOW / 64] & bit(seq));
}

bool vc_nack_is_asked(const struct vc_nack *n, uint16_t seq)
{
	unsigned int i;

	if (!n->n)
		return false;
	i = find(n, seq);
	return i < n->n && n->holes[i].tries;
}

/* --- asking --- */

int64_t vc_nack_next(const struct vc_nack *n)
{
	return n->next;
}

static void expire(struct vc_nack *n, int64_t now)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < n->n; i++) {
		if (n->holes[i].since + n->conf.max_age > now)
			n->holes[kept++] = n->holes[i];
	}
	n->counts.given_up += n->n - kept;
	n->n = kept;
	give_room(n);
}

/* Appends to the list: false when it is full. */
static bool add_entry(struct vc_rtcp_nack *list, size_t *len, size_t cap,
		      uint16_t seq)
{
	struct vc_rtcp_nack *last = *len ? &list[*len - 1] : NULL;
	uint16_t off = last ? (uint16_t)(seq - last->pid - 1) : UINT16_MAX;

	if (off < 16) {
		last->blp |= (uint16_t)(1u << off);
		return true;
	}
	if (*len == cap)
		return false;
	list[*len] = (struct vc_rtcp_nack){ .pid = seq };
	++*len;
	return true;
}

static size_t room(const struct vc_wr *w)
{
	size_t left = w->bad ? 0 : (size_t)(w->end - w->p);
	size_t n = left > NACK_HEAD ? (left - NACK_HEAD) / 4 : 0;

	return n < VC_NACK_ENTRIES ? n : VC_NACK_ENTRIES;
}

unsigned int vc_nack_write(struct vc_nack *n, struct vc_wr *w, uint32_t sender,
			   uint32_t media, int64_t now)
{
	struct vc_rtcp_nack list[VC_NACK_ENTRIES];
	size_t len = 0, cap = room(w);
	unsigned int asked = 0;

	if (now < n->next)
		return 0;
	expire(n, now);
	n->next = INT64_MAX;
	for (unsigned int i = 0; i < n->n; i++) {
		struct vc_nack_hole *h = &n->holes[i];

		if (due(n, h) <= now && add_entry(list, &len, cap, h->seq)) {
			h->tries++;
			h->asked = now;
			asked++;
		}
	}
	if (asked) {
		n->last_sent = now;
		n->counts.packets++;
		n->counts.asked += asked;
		vc_rtcp_write_nack(w, sender, media, list, len);
	}
	for (unsigned int i = 0; i < n->n; i++)
		set_next(n, due(n, &n->holes[i]));
	return asked;
}

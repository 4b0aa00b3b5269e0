/* SPDX-License-Identifier: MIT */
/*
 * A log is a ring of arrival times by sequence number, of one numbering: the
 * transport's or an SSRC's. 'begin' is the first number that the next report
 * is about, 'end' is behind the newest. Numbers that leave the ring unreported
 * are forgotten; a jump over more than the ring begins a new log.
 */
#include "session/twccrx.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/bwerate.h"
#include "wire/ccfb.h"
#include "wire/rtp.h"
#include "wire/twcc.h"

#define RING 1024
#define SSRCS 32
#define REPORT_N 400 /* packets in a report, with RFC 8888 numbers */
#define LEAST (50 * VC_MS)
#define MOST (250 * VC_MS)
#define USUAL (100 * VC_MS)
#define REPORT_BITS (70.0 * 8) /* of a usual one, with IP and UDP */
#define SHARE 0.05

_Static_assert(VC_TWCC_LEN(RING, REPORT_N) <= VC_TWCCRX_REPORT &&
		       VC_CCFB_LEN(SSRCS, REPORT_N) <= VC_TWCCRX_REPORT &&
		       RING <= VC_TWCC_WRITE_MAX,
	       "a report fits");

struct log {
	uint32_t ssrc;
	bool has_any;
	uint16_t begin;
	uint16_t end;
	int64_t used;
	int64_t at[RING];
};

struct vc_twccrx {
	bool by_ssrc;
	uint8_t fb_seq;
	uint32_t media; /* the last SSRC that came */
	int64_t first;	/* unreported packet's arrival; VC_TIME_NONE */
	int64_t sent;	/* the last report */
	size_t n_new;	/* packets since then */
	struct vc_bwe_rate rate;
	struct log *logs[SSRCS]; /* TWCC: the first alone */
};

struct vc_twccrx *vc_twccrx_new(bool by_ssrc)
{
	struct vc_twccrx *t = vc_try_alloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->by_ssrc = by_ssrc;
	t->first = VC_TIME_NONE;
	t->sent = VC_TIME_NONE;
	return t;
}

void vc_twccrx_free(struct vc_twccrx *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < SSRCS; i++)
		free(t->logs[i]);
	free(t);
}

/* A free place, or that of the SSRC that was silent for longest. */
static struct log *log_of(struct vc_twccrx *t, uint32_t ssrc)
{
	struct log **place = NULL;

	for (size_t i = 0; i < SSRCS; i++) {
		struct log *l = t->logs[i];

		if (l && (!t->by_ssrc || l->ssrc == ssrc))
			return l;
		if (!l) {
			place = &t->logs[i];
			break;
		}
		if (!place || l->used < (*place)->used)
			place = &t->logs[i];
	}
	if (!*place)
		*place = vc_try_alloc(1, sizeof(**place));
	if (*place) {
		(*place)->ssrc = ssrc;
		(*place)->has_any = false;
	}
	return *place;
}

static void log_start(struct log *l, uint16_t seq)
{
	l->has_any = true;
	l->begin = seq;
	l->end = seq;
	for (size_t i = 0; i < RING; i++)
		l->at[i] = VC_TIME_NONE;
}

static void log_put(struct log *l, uint16_t seq, int64_t arrival)
{
	uint16_t ahead = (uint16_t)(seq - l->end);
	uint16_t behind = (uint16_t)(l->end - seq);

	if (!l->has_any || (ahead >= RING && behind > RING)) {
		log_start(l, seq);
		ahead = 0;
	}
	if (ahead < RING) {
		for (; l->end != seq; l->end++)
			l->at[l->end % RING] = VC_TIME_NONE;
		l->end++;
		if ((uint16_t)(l->end - l->begin) > RING)
			l->begin = (uint16_t)(l->end - RING);
	} else if (l->at[seq % RING] != VC_TIME_NONE) {
		return;
	} else if (vc_seq_before(seq, l->begin)) {
		l->begin = seq;
	}
	l->at[seq % RING] = arrival;
	l->used = arrival;
}

void vc_twccrx_packet(struct vc_twccrx *t, uint32_t ssrc, uint16_t seq,
		      size_t len, int64_t arrival)
{
	struct log *l = log_of(t, ssrc);

	if (!l)
		return;
	log_put(l, seq, arrival);
	t->media = ssrc;
	t->n_new++;
	if (t->first == VC_TIME_NONE)
		t->first = arrival;
	vc_bwe_rate_add(&t->rate, len, arrival);
}

static int64_t interval(const struct vc_twccrx *t)
{
	double bps = vc_bwe_rate_bps(&t->rate, VC_SEC);
	double ns = bps ? REPORT_BITS / (SHARE * bps) * (double)VC_SEC :
			  (double)USUAL;

	if (ns < (double)LEAST)
		return LEAST;
	return ns > (double)MOST ? MOST : (int64_t)ns;
}

int64_t vc_twccrx_next(const struct vc_twccrx *t)
{
	int64_t at;

	if (t->first == VC_TIME_NONE)
		return INT64_MAX;
	if (t->n_new >= REPORT_N)
		return t->first;
	at = t->sent == VC_TIME_NONE ? t->first : t->sent;
	at += interval(t);
	return at > t->first ? at : t->first;
}

/*
 * The times of the numbers that a report is about: at most 'n' numbers of
 * which 'came' came. The newest of a log always came.
 */
static size_t log_span(const struct log *l, int64_t at[RING], size_t n,
		       size_t came)
{
	size_t i = 0;

	for (; i < n && (uint16_t)(l->begin + i) != l->end; i++) {
		at[i] = l->at[(uint16_t)(l->begin + i) % RING];
		if (at[i] == VC_TIME_NONE)
			continue;
		if (!came)
			break;
		came--;
	}
	return i;
}

static bool has_more(const struct vc_twccrx *t)
{
	for (size_t i = 0; i < SSRCS && t->logs[i]; i++) {
		if (t->logs[i]->begin != t->logs[i]->end)
			return true;
	}
	return false;
}

static void write_twcc(struct vc_twccrx *t, struct vc_wr *w, uint32_t sender)
{
	struct log *l = t->logs[0];
	int64_t at[RING];
	size_t n = log_span(l, at, RING, REPORT_N);

	n = vc_twcc_write(w, sender, t->media, t->fb_seq, l->begin, at, n);
	if (w->bad)
		return;
	t->fb_seq++;
	l->begin = (uint16_t)(l->begin + n);
}

static void write_ccfb(struct vc_twccrx *t, struct vc_wr *w, uint32_t sender,
		       int64_t now)
{
	uint8_t *head = vc_ccfb_open(w, sender);
	size_t left = REPORT_N;

	for (size_t i = 0; i < SSRCS && t->logs[i] && left; i++) {
		struct log *l = t->logs[i];
		int64_t at[RING];
		size_t n = log_span(l, at, left, left);

		if (!n)
			continue;
		vc_ccfb_block(w, l->ssrc, l->begin, at, n, now);
		l->begin = (uint16_t)(l->begin + n);
		left -= n;
	}
	vc_ccfb_close(w, head, now);
}

size_t vc_twccrx_room(const struct vc_twccrx *t)
{
	size_t left = REPORT_N, numbers = 0, blocks = 0, came = 0;

	for (size_t i = 0; i < SSRCS && t->logs[i] && left; i++) {
		const struct log *l = t->logs[i];
		int64_t at[RING];
		size_t n = log_span(l, at, t->by_ssrc ? left : RING, left);

		for (size_t k = 0; k < n; k++)
			came += at[k] != VC_TIME_NONE;
		numbers += n;
		blocks += n > 0;
		left -= t->by_ssrc ? n : left;
	}
	if (!numbers)
		return 0;
	return t->by_ssrc ? VC_CCFB_LEN(blocks, numbers) :
			    VC_TWCC_LEN(numbers, came);
}

bool vc_twccrx_write(struct vc_twccrx *t, struct vc_wr *w, uint32_t sender,
		     int64_t now)
{
	const struct vc_wr was = *w;
	size_t room = vc_twccrx_room(t);

	if (!room || (size_t)(w->end - w->p) < room)
		return false;
	if (t->by_ssrc)
		write_ccfb(t, w, sender, now);
	else
		write_twcc(t, w, sender);
	if (w->bad) {
		*w = was;
		return false;
	}
	t->sent = now;
	t->n_new = 0;
	t->first = VC_TIME_NONE;
	if (has_more(t)) {
		t->first = now;
		t->n_new = REPORT_N;
	}
	return true;
}

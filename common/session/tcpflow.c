/* SPDX-License-Identifier: MIT */
/*
 * A segment that is due goes to the taker where it lies; only what the taker
 * leaves, and what came too early, is copied.
 */
#include "session/tcpflow.h"

#include <stdlib.h>
#include <string.h>

#include "session/tcpflow_internal.h"

#define BUF_MIN 2048

/* --- octets that are due --- */

static void note_connection(struct vc_tcpflows *t, const struct vc_tcpflow *f)
{
	const struct vc_tcpflow *back = vc_tcptable_find(t, &f->dst, &f->src);

	t->counts.connections += !(back && back->is_known);
}

/* It is what is sought. */
static void know(struct vc_tcpflows *t, struct vc_tcpflow *f)
{
	if (f->is_known)
		return;
	vc_tcptable_know(t, f);
	note_connection(t, f);
}

static void make_gap(struct vc_tcpflows *t, struct vc_tcpflow *f)
{
	f->len = 0;
	if (f->is_known)
		t->conf.gap(t->conf.ctx, f);
}

/* To what is kept. False: there is no room for it. */
static bool append(struct vc_tcpflows *t, struct vc_tcpflow *f,
		   const uint8_t *p, size_t len)
{
	size_t cap = f->cap ? f->cap : BUF_MIN;
	uint8_t *buf;

	while (cap < f->len + len)
		cap *= 2;
	if (cap > VC_TCPFLOW_KEPT)
		return false;
	if (cap != f->cap) {
		if (!vc_tcptable_make_room(t, f, cap - f->cap))
			return false;
		buf = realloc(f->buf, cap);
		if (!buf)
			return false;
		t->octets += cap - f->cap;
		f->buf = buf;
		f->cap = cap;
	}
	memcpy(f->buf + f->len, p, len);
	f->len += len;
	return true;
}

/* The next octets, in order. False: they are not what is sought, and the flow
 * is forgotten. */
static bool give(struct vc_tcpflows *t, struct vc_tcpflow *f, const uint8_t *p,
		 size_t len)
{
	enum vc_tcpflow_looks looks = VC_TCPFLOW_YES;
	bool is_kept = f->len > 0;
	size_t used = 0;

	f->next += (uint32_t)len;
	if (is_kept && !append(t, f, p, len)) {
		make_gap(t, f);
		is_kept = false;
	}
	if (is_kept) {
		p = f->buf;
		len = f->len;
	}
	if (!f->is_known)
		looks = t->conf.looks(p, len);
	if (looks == VC_TCPFLOW_YES) {
		know(t, f);
		used = t->conf.octets(t->conf.ctx, f, p, len);
	}
	if (looks == VC_TCPFLOW_NO || used == SIZE_MAX) {
		vc_tcptable_forget(t, f);
		return false;
	}
	if (is_kept) {
		f->len = len - used;
		memmove(f->buf, f->buf + used, f->len);
	} else if (used < len && !append(t, f, p + used, len - used)) {
		make_gap(t, f);
	}
	return true;
}

/* --- octets that came too early --- */

/* Those of 'seg' from 'p' on, before '*link'. False: out of memory. */
static bool add_piece(struct vc_tcpflows *t, struct vc_tcpflow *f,
		      struct vc_tcppiece **link, const struct vc_netpkt *seg,
		      const uint8_t *p, uint32_t len, int64_t now)
{
	struct vc_tcppiece *new;

	if (!vc_tcptable_make_room(t, f, sizeof(*new) + len))
		return false;
	new = malloc(sizeof(*new) + len);
	if (!new)
		return false;
	new->next = *link;
	new->seq = seg->seq + (uint32_t)(p - seg->payload);
	new->len = len;
	new->t = now;
	new->dscp = seg->dscp;
	new->ttl = seg->ttl;
	memcpy(new->data, p, len);
	*link = new;
	if (!new->next)
		f->last = new;
	f->n_pieces++;
	f->held += len;
	t->octets += sizeof(*new) + len;
	return true;
}

/* Puts what is new of [p, p + len) between the pieces. Numbers are counted from
 * the one that is due. */
static void hold(struct vc_tcpflows *t, struct vc_tcpflow *f,
		 const struct vc_netpkt *seg, const uint8_t *p, size_t len,
		 int64_t now)
{
	uint32_t base = seg->seq + (uint32_t)(p - seg->payload) - f->next;
	uint32_t from = base, to = base + (uint32_t)len, n;
	struct vc_tcppiece **link = &f->pieces;
	bool is_repeated = false;

	if (f->last && f->last->seq + f->last->len - f->next <= from)
		link = &f->last->next;
	while (from < to) {
		const struct vc_tcppiece *at = *link;
		uint32_t start = at ? at->seq - f->next : to;

		if (at && start <= from) {
			is_repeated |= start + at->len > from;
			if (start + at->len > from)
				from = start + at->len;
			link = &(*link)->next;
			continue;
		}
		n = (start < to ? start : to) - from;
		if (!add_piece(t, f, link, seg, p + (from - base), n, now))
			return;
		from += n;
		link = &(*link)->next;
	}
	t->counts.retransmitted += f->is_known && is_repeated &&
				   p == seg->payload;
}

/* Gives what is due of the pieces; 'now': the hole before them was filled then,
 * or VC_TIME_NONE: given up. False: forgotten. */
static bool drain(struct vc_tcpflows *t, struct vc_tcpflow *f, int64_t now)
{
	while (f->pieces && f->pieces->seq == f->next) {
		struct vc_tcppiece *p = f->pieces;

		f->t = now == VC_TIME_NONE ? p->t : now;
		f->dscp = p->dscp;
		f->ttl = p->ttl;
		if (!give(t, f, p->data, p->len))
			return false;
		/* Nobody touches the pieces of a flow while it is given. */
		vc_tcptable_drop_piece(t, f);
	}
	return true;
}

static bool give_up(struct vc_tcpflows *t, struct vc_tcpflow *f)
{
	t->counts.holes += f->is_known;
	f->next = f->pieces->seq;
	make_gap(t, f);
	return drain(t, f, VC_TIME_NONE);
}

static bool is_too_much(const struct vc_tcpflow *f, int64_t now)
{
	/* Nobody knows yet that it is worth it. */
	unsigned int part = f->is_known ? 1 : 16;

	return f->pieces && (f->n_pieces > VC_TCPFLOW_PIECES / part ||
			     f->held > VC_TCPFLOW_HELD / part ||
			     now - f->pieces->t > VC_TCPFLOW_WAIT);
}

/* The other end has all before 'ack'. */
static void take_ack(struct vc_tcpflows *t, struct vc_tcpflow *f, uint32_t ack)
{
	while (f->pieces && ack - f->next <= VC_TCPFLOW_LEAP &&
	       ack - f->next >= f->pieces->seq - f->next) {
		if (!give_up(t, f))
			return;
	}
}

/* --- segments --- */

static void quiet(struct vc_tcpflows *t, struct vc_tcpflow *f)
{
	while (f->pieces)
		vc_tcptable_drop_piece(t, f);
	make_gap(t, f);
	vc_tcptable_drop_buf(t, f);
}

/* Of a segment whose first octet is due, or was. False: forgotten. */
static bool take_due(struct vc_tcpflows *t, struct vc_tcpflow *f,
		     const struct vc_netpkt *seg, const uint8_t *p, int64_t now)
{
	size_t before = (size_t)(p - seg->payload);
	uint32_t end = seg->seq + (uint32_t)seg->len;

	if (f->pieces) {
		hold(t, f, seg, p, seg->caplen - before, now);
		return drain(t, f, now);
	}
	f->t = now;
	f->dscp = seg->dscp;
	f->ttl = seg->ttl;
	if (seg->caplen > before && !give(t, f, p, seg->caplen - before))
		return false;
	if (f->next != end) {
		f->next = end;
		t->counts.holes += f->is_known;
		make_gap(t, f);
	}
	return true;
}

/* False: forgotten. */
static bool take_octets(struct vc_tcpflows *t, struct vc_tcpflow *f,
			const struct vc_netpkt *seg, int64_t now)
{
	int32_t ahead = (int32_t)(seg->seq - f->next);
	size_t old = ahead < 0 ? (size_t) - (int64_t)ahead : 0;

	if (ahead > VC_TCPFLOW_LEAP || ahead < -VC_TCPFLOW_LEAP) {
		if (t->conf.looks(seg->payload, seg->caplen) != VC_TCPFLOW_YES)
			return true;
		quiet(t, f);
		f->next = seg->seq;
		t->counts.holes += f->is_known;
		return take_due(t, f, seg, seg->payload, now);
	}
	/* One old octet: is anybody there? */
	t->counts.retransmitted += f->is_known && old > (seg->len == 1);
	if (old >= seg->len)
		return true;
	if (old > seg->caplen)
		old = seg->caplen;
	if (ahead <= 0)
		return take_due(t, f, seg, seg->payload + old, now);
	hold(t, f, seg, seg->payload, seg->caplen, now);
	while (is_too_much(f, now)) {
		if (!give_up(t, f))
			return false;
	}
	return true;
}

static struct vc_tcpflow *take_syn(struct vc_tcpflows *t, struct vc_tcpflow *f,
				   struct vc_netpkt *seg)
{
	seg->seq++;
	if (f && f->next == seg->seq)
		return f;
	if (f)
		vc_tcptable_forget(t, f);
	return vc_tcptable_new_flow(t, seg, false, seg->seq);
}

/* Of a connection that is there already, or was. */
static struct vc_tcpflow *begin_within(struct vc_tcpflows *t,
				       const struct vc_netpkt *seg)
{
	struct vc_tcpflow *f;

	if (!seg->caplen ||
	    t->conf.looks(seg->payload, seg->caplen) != VC_TCPFLOW_YES)
		return NULL;
	f = vc_tcptable_new_flow(t, seg, true, seg->seq);
	note_connection(t, f);
	return f;
}

bool vc_tcpflows_take(struct vc_tcpflows *t, const struct vc_netpkt *seg,
		      int64_t now)
{
	struct vc_netpkt s = *seg;
	struct vc_tcpflow *f = vc_tcptable_find(t, &s.dst, &s.src);

	if (f && f->pieces && s.flags & VC_TCP_ACK)
		take_ack(t, f, s.ack);
	f = vc_tcptable_find(t, &s.src, &s.dst);
	if (s.flags & VC_TCP_SYN)
		f = take_syn(t, f, &s);
	else if (!f)
		f = begin_within(t, &s);
	if (!f)
		return false;
	vc_tcptable_touch(t, f);
	if (s.flags & VC_TCP_RST)
		quiet(t, f);
	else if (s.len && !take_octets(t, f, &s, now))
		return false;
	return f->is_known;
}

void vc_tcpflows_end(struct vc_tcpflows *t)
{
	for (unsigned int i = 0; i < t->n; i++) {
		while (t->flows[i].pieces && give_up(t, &t->flows[i]))
			;
	}
}

const struct vc_tcpflow_counts *vc_tcpflows_counts(const struct vc_tcpflows *t)
{
	return &t->counts;
}

size_t vc_tcpflows_octets(const struct vc_tcpflows *t)
{
	return t->octets;
}

/* SPDX-License-Identifier: MIT */
/* Who is known, and what that costs. */
#include <stdlib.h>

#include "base/mem.h"
#include "session/tcpflow_internal.h"

/* --- the table --- */

static uint16_t *bucket(struct vc_tcpflows *t, const struct vc_netaddr *src,
			const struct vc_netaddr *dst)
{
	uint32_t w[VC_NETADDR_WORDS];

	vc_netaddr_words(w, src, dst);
	return &t->buckets[vc_hashkey_words(&t->hash, w, VC_COUNT(w),
					    VC_TCPTABLE_BITS)];
}

struct vc_tcpflow *vc_tcptable_find(struct vc_tcpflows *t,
				    const struct vc_netaddr *src,
				    const struct vc_netaddr *dst)
{
	uint16_t i = *bucket(t, src, dst);

	while (i != VC_TCPTABLE_NONE &&
	       !(vc_netaddr_eq(&t->flows[i].src, src) &&
		 vc_netaddr_eq(&t->flows[i].dst, dst)))
		i = t->flows[i].chain;
	return i == VC_TCPTABLE_NONE ? NULL : &t->flows[i];
}

static struct vc_tcplist *list_of(struct vc_tcpflows *t,
				  const struct vc_tcpflow *f)
{
	return f->is_known ? &t->known : &t->fresh;
}

static void unlist(struct vc_tcpflows *t, struct vc_tcpflow *f)
{
	struct vc_tcplist *l = list_of(t, f);

	*(f->older != VC_TCPTABLE_NONE ? &t->flows[f->older].newer :
					 &l->oldest) = f->newer;
	*(f->newer != VC_TCPTABLE_NONE ? &t->flows[f->newer].older :
					 &l->newest) = f->older;
	l->n--;
}

static void enlist(struct vc_tcpflows *t, struct vc_tcpflow *f)
{
	struct vc_tcplist *l = list_of(t, f);
	uint16_t at = (uint16_t)(f - t->flows);

	f->older = l->newest;
	f->newer = VC_TCPTABLE_NONE;
	*(l->newest != VC_TCPTABLE_NONE ? &t->flows[l->newest].newer :
					  &l->oldest) = at;
	l->newest = at;
	l->n++;
}

/* --- memory --- */

void vc_tcptable_drop_piece(struct vc_tcpflows *t, struct vc_tcpflow *f)
{
	struct vc_tcppiece *p = f->pieces;

	f->pieces = p->next;
	if (!f->pieces)
		f->last = NULL;
	f->n_pieces--;
	f->held -= p->len;
	t->octets -= sizeof(*p) + p->len;
	free(p);
}

void vc_tcptable_drop_buf(struct vc_tcpflows *t, struct vc_tcpflow *f)
{
	t->octets -= f->cap;
	free(f->buf);
	f->buf = NULL;
	f->len = f->cap = 0;
}

void vc_tcptable_forget(struct vc_tcpflows *t, struct vc_tcpflow *f)
{
	uint16_t *link = bucket(t, &f->src, &f->dst);

	while (&t->flows[*link] != f)
		link = &t->flows[*link].chain;
	*link = f->chain;
	unlist(t, f);
	while (f->pieces)
		vc_tcptable_drop_piece(t, f);
	vc_tcptable_drop_buf(t, f);
	f->chain = t->spare;
	t->spare = (uint16_t)(f - t->flows);
}

static void forget_oldest(struct vc_tcpflows *t, struct vc_tcplist *l)
{
	t->counts.forgotten += t->flows[l->oldest].is_known;
	vc_tcptable_forget(t, &t->flows[l->oldest]);
}

/* Makes room for 'n' octets of 'f', which is the newest of its list. False:
 * there is none. */
bool vc_tcptable_make_room(struct vc_tcpflows *t, struct vc_tcpflow *f,
			   size_t n)
{
	while (t->octets + n > VC_TCPFLOW_ALL) {
		struct vc_tcplist *l = t->fresh.n ? &t->fresh : &t->known;

		if (&t->flows[l->oldest] == f)
			l = &t->known;
		if (!l->n || &t->flows[l->oldest] == f)
			return false;
		forget_oldest(t, l);
	}
	return true;
}

struct vc_tcpflow *vc_tcptable_new_flow(struct vc_tcpflows *t,
					const struct vc_netpkt *seg,
					bool is_known, uint32_t next)
{
	uint16_t *link, at;

	if (!is_known && t->fresh.n == VC_TCPFLOW_FRESH)
		forget_oldest(t, &t->fresh);
	else if (t->fresh.n + t->known.n == VC_TCPFLOW_MAX)
		forget_oldest(t, t->fresh.n ? &t->fresh : &t->known);
	at = t->spare;
	if (at == VC_TCPTABLE_NONE) {
		at = (uint16_t)t->n;
		t->n++;
	} else {
		t->spare = t->flows[at].chain;
	}
	link = bucket(t, &seg->src, &seg->dst);
	t->flows[at] = (struct vc_tcpflow){ .src = seg->src,
					    .dst = seg->dst,
					    .is_known = is_known,
					    .next = next,
					    .chain = *link };
	*link = at;
	enlist(t, &t->flows[at]);
	return &t->flows[at];
}

void vc_tcptable_touch(struct vc_tcpflows *t, struct vc_tcpflow *f)
{
	if (f->newer == VC_TCPTABLE_NONE)
		return;
	unlist(t, f);
	enlist(t, f);
}

void vc_tcptable_know(struct vc_tcpflows *t, struct vc_tcpflow *f)
{
	unlist(t, f);
	f->is_known = true;
	enlist(t, f);
}

/* --- life --- */

struct vc_tcpflows *vc_tcpflows_new(const struct vc_tcpflow_conf *conf)
{
	struct vc_tcpflows *t = vc_try_alloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->conf = *conf;
	t->spare = VC_TCPTABLE_NONE;
	t->fresh = t->known = (struct vc_tcplist){ .oldest = VC_TCPTABLE_NONE,
						   .newest = VC_TCPTABLE_NONE };
	for (size_t i = 0; i < VC_COUNT(t->buckets); i++)
		t->buckets[i] = VC_TCPTABLE_NONE;
	t->flows = vc_try_alloc(VC_TCPFLOW_MAX, sizeof(*t->flows));
	if (t->flows && !vc_hashkey_init(&t->hash))
		return t;
	vc_tcpflows_free(t);
	return NULL;
}

void vc_tcpflows_free(struct vc_tcpflows *t)
{
	if (!t)
		return;
	while (t->fresh.n)
		vc_tcptable_forget(t, &t->flows[t->fresh.oldest]);
	while (t->known.n)
		vc_tcptable_forget(t, &t->flows[t->known.oldest]);
	free(t->flows);
	free(t);
}

/* SPDX-License-Identifier: MIT */
/*
 * SSRCs in an open-addressed table that grows by doubling, the one used last
 * looked at first: a destination has few, but one that gets a whole conference
 * has thousands.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "net/rocsearch.h"
#include "net/srtpin.h"
#include "net/srtpout.h"
#include "wire/rtp.h"

#define RTCP_LIFE (UINT64_C(1) << 31)

struct sender {
	bool is_used;
	bool is_reserved; /* in the keyring */
	uint32_t ssrc;
	int shelf;
	int64_t high; /* index of the newest RTP packet; -1: none */
};

struct vc_srtp_out {
	struct vc_srtp *s;
	struct vc_srtp_in *in; /* NULL: not to be told of our SSRCs */
	struct vc_srtp_out *before;
	unsigned int max_sources;
	struct vc_srtp_used used;
	uint64_t rtp_life;
	struct sender *tab;
	uint32_t mask;
	uint32_t n;
	uint32_t last; /* slot */
};

int vc_srtp_out_new(struct vc_srtp_out **out, const struct vc_srtp_key *key,
		    const struct vc_srtp_out_conf *conf)
{
	bool is_shared = conf->in && vc_srtp_in_has(conf->in, key);
	struct vc_srtp_out *o;
	int err;

	if (is_shared && !conf->is_shared)
		return -EEXIST;
	o = vc_try_alloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	o->in = is_shared ? conf->in : NULL;
	o->before = conf->before;
	o->max_sources = conf->max_sources;
	o->rtp_life = key->lifetime;
	o->mask = 3;
	o->tab = vc_try_alloc(o->mask + 1, sizeof(*o->tab));
	err = o->tab ? vc_srtp_new(&o->s, key, true) : -ENOMEM;
	if (err)
		vc_srtp_out_free(o);
	else
		*out = o;
	return err;
}

void vc_srtp_out_free(struct vc_srtp_out *o)
{
	if (!o)
		return;
	for (uint32_t i = 0; o->in && o->tab && i <= o->mask; i++) {
		if (o->tab[i].is_reserved)
			vc_srtp_in_release(o->in, o->tab[i].ssrc);
	}
	vc_srtp_free(o->s);
	free(o->tab);
	free(o);
}

/* Where an SSRC is, or where it would be put. */
static uint32_t slot_of(const struct sender *tab, uint32_t mask, uint32_t ssrc)
{
	uint32_t i = (ssrc * 0x9E3779B1u >> 8) & mask;

	while (tab[i].is_used && tab[i].ssrc != ssrc)
		i = (i + 1) & mask;
	return i;
}

static int grow(struct vc_srtp_out *o)
{
	uint32_t mask = 2 * o->mask + 1;
	struct sender *tab;

	if (2 * (o->n + 1) <= o->mask)
		return 0;
	tab = vc_try_alloc((size_t)mask + 1, sizeof(*tab));
	if (!tab)
		return -ENOMEM;
	for (uint32_t i = 0; i <= o->mask; i++) {
		if (o->tab[i].is_used)
			tab[slot_of(tab, mask, o->tab[i].ssrc)] = o->tab[i];
	}
	free(o->tab);
	o->tab = tab;
	o->mask = mask;
	return 0;
}

/* That SSRC under the key before, or NULL. */
static struct sender *earlier(const struct vc_srtp_out *o, uint32_t ssrc)
{
	const struct vc_srtp_out *b = o->before;
	struct sender *was = NULL;

	if (b)
		was = &b->tab[slot_of(b->tab, b->mask, ssrc)];
	return was && was->is_used ? was : NULL;
}

/* Nobody else's: told to the keyring by the key before, or now. */
static int reserve(struct vc_srtp_out *o, struct sender *was, uint32_t ssrc)
{
	if (!o->in || (was && was->is_reserved))
		return 0;
	return vc_srtp_in_reserve(o->in, ssrc);
}

static int add(struct vc_srtp_out *o, uint32_t ssrc)
{
	struct sender *was = earlier(o, ssrc);
	int shelf, err;

	if (o->n >= o->max_sources)
		return -ENOSPC;
	err = grow(o);
	shelf = err ? err : vc_srtp_shelf(o->s);
	if (shelf < 0)
		return shelf;
	err = reserve(o, was, ssrc);
	if (err)
		return err;
	vc_srtp_take(o->s, shelf);
	o->last = slot_of(o->tab, o->mask, ssrc);
	o->tab[o->last] = (struct sender){ .is_used = true,
					   .is_reserved = o->in,
					   .ssrc = ssrc,
					   .shelf = shelf,
					   .high = -1 };
	if (was && o->in)
		was->is_reserved = false;
	o->n++;
	return 0;
}

static int find(struct vc_srtp_out *o, uint32_t ssrc)
{
	if (!o->tab[o->last].is_used || o->tab[o->last].ssrc != ssrc)
		o->last = slot_of(o->tab, o->mask, ssrc);
	return o->tab[o->last].is_used ? 0 : add(o, ssrc);
}

int vc_srtp_out_claim(struct vc_srtp_out *o, uint32_t ssrc)
{
	uint32_t i = slot_of(o->tab, o->mask, ssrc);

	return o->tab[i].is_used ? -EADDRINUSE : add(o, ssrc);
}

void vc_srtp_out_forget(struct vc_srtp_out *o, uint32_t ssrc)
{
	uint32_t i = slot_of(o->tab, o->mask, ssrc);

	if (!o->tab[i].is_used)
		return;
	vc_srtp_drop(o->s, o->tab[i].shelf, ssrc);
	if (o->tab[i].is_reserved)
		vc_srtp_in_release(o->in, ssrc);
	o->tab[i].is_used = false;
	o->n--;
	/* Those behind it may have been put off by it. */
	for (i = (i + 1) & o->mask; o->tab[i].is_used; i = (i + 1) & o->mask) {
		struct sender moved = o->tab[i];

		o->tab[i].is_used = false;
		o->tab[slot_of(o->tab, o->mask, moved.ssrc)] = moved;
	}
}

struct vc_srtp_used *vc_srtp_out_used(struct vc_srtp_out *o)
{
	return &o->used;
}

/* The index of an RTP packet; the first one of an SSRC that was there under
 * the key before is of the count that it has reached. */
static int next_index(struct vc_srtp_out *o, struct sender *s, uint16_t seq,
		      int64_t *index)
{
	const struct sender *was = s->high < 0 ? earlier(o, s->ssrc) : NULL;

	*index = seq;
	if (s->high >= 0)
		*index = vc_roc_index(s->high, seq);
	else if (was && was->high >= 0)
		*index = vc_roc_index(was->high, seq);
	if (s->high >= 0 || *index <= UINT16_MAX)
		return 0;
	return vc_srtp_mark(o->s, s->shelf, s->ssrc, (uint32_t)(*index >> 16));
}

static int seal_rtp(struct vc_srtp_out *o, struct sender *s, uint8_t *p,
		    size_t *len)
{
	int64_t index;
	int err = next_index(o, s, vc_get_u16(p + 2), &index);

	if (!err)
		err = vc_srtp_protect(o->s, s->shelf, false, p, len);
	if (!err && index > s->high)
		s->high = index;
	return err;
}

void vc_srtp_out_fetch(const struct vc_srtp_out *o, unsigned int step)
{
	if (step == 0) {
		vc_fetch(o, sizeof(*o));
		return;
	}
	if (step == 1)
		vc_fetch(&o->tab[o->last], 1);
	vc_srtp_fetch(o->s, step - 1);
}

int vc_srtp_out_seal(struct vc_srtp_out *o, uint8_t *p, size_t *len, size_t cap)
{
	enum vc_demux kind = vc_demux(p, *len);
	bool is_rtcp = kind == VC_DEMUX_RTCP;
	uint64_t *used = is_rtcp ? &o->used.rtcp : &o->used.rtp;
	struct sender *s;
	int err;

	if ((kind != VC_DEMUX_RTP || *len < VC_RTP_HEADER) &&
	    (!is_rtcp || *len < 8))
		return -EBADMSG;
	if (cap < *len || cap - *len < VC_SRTP_TRAILER_MAX)
		return -ENOSPC;
	if (*used >= (is_rtcp ? RTCP_LIFE : o->rtp_life))
		return -EKEYEXPIRED;
	err = find(o, vc_get_u32(p + (is_rtcp ? 4 : 8)));
	if (err)
		return err;
	s = &o->tab[o->last];
	err = is_rtcp ? vc_srtp_protect(o->s, s->shelf, true, p, len) :
			seal_rtp(o, s, p, len);
	if (!err)
		++*used;
	return err;
}

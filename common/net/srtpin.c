/* SPDX-License-Identifier: MIT */
/*
 * A packet is kept as it came, since the library decrypts in place before it
 * knows; each further trial begins with those octets. The budget is time: a
 * trial costs what has to pass until the next may be.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/srtpin_internal.h"
#include "wire/rtp.h"

#define TRIAL (VC_SEC / VC_SRTP_TRIALS)
#define BURST 100 /* trials at once */

int vc_srtp_in_new(struct vc_srtp_in **out, const struct vc_srtp_in_conf *conf)
{
	struct vc_srtp_in *in = vc_try_alloc(1, sizeof(*in));
	int err;

	if (!in)
		return -ENOMEM;
	in->conf = *conf;
	in->credit_time = VC_TIME_NONE;
	err = vc_srtp_ctx_init(in);
	if (err)
		vc_srtp_in_free(in);
	else
		*out = in;
	return err;
}

void vc_srtp_in_free(struct vc_srtp_in *in)
{
	if (!in)
		return;
	vc_srtp_hunt_free(in);
	for (unsigned int i = 0; i < in->n_keys; i++) {
		vc_srtp_free(in->keys[i].s);
		free(in->keys[i].name);
	}
	free(in->keys);
	free(in->ctxs);
	free(in->heads);
	free(in->bound);
	explicit_bzero(in->saved, sizeof(in->saved));
	free(in);
}

/* --- trials --- */

/* What one purse cannot hold goes into the other. */
static void earn(struct vc_srtp_in *in, int64_t now)
{
	int64_t most = BURST / 2 * TRIAL, *c = in->credit;
	int64_t gain = 2 * most;

	if (in->credit_time != VC_TIME_NONE && now - in->credit_time < gain)
		gain = now > in->credit_time ? now - in->credit_time : 0;
	in->credit_time = now;
	for (int i = 0; i < 2; i++)
		c[i] += gain / 2;
	for (int i = 0; i < 2; i++) {
		int64_t over = c[i] > most ? c[i] - most : 0;

		c[i] -= over;
		c[!i] += over;
	}
	if (c[0] > most)
		c[0] = most;
}

bool vc_srtp_in_pay(struct vc_srtp_in *in, int64_t now, bool is_search,
		    unsigned int n)
{
	int64_t *purse = &in->credit[is_search];

	earn(in, now);
	if (*purse < n * TRIAL)
		return false;
	*purse -= n * TRIAL;
	return true;
}

int vc_srtp_in_try(struct vc_srtp_in *in, struct pkt *k, struct vc_srtp *s,
		   int shelf, uint32_t roc)
{
	int err;

	if (k->is_spoilt)
		memcpy(k->p, in->saved, k->len);
	k->is_spoilt = true;
	k->out_len = k->len;
	err = roc && !k->is_rtcp ? vc_srtp_mark(s, shelf, k->ssrc, roc) : 0;
	return err ? err :
		     vc_srtp_unprotect(s, shelf, k->is_rtcp, k->p, &k->out_len);
}

void vc_srtp_in_opened(struct vc_srtp_in *in, struct pkt *k, struct ctx *c,
		       bool is_new)
{
	struct ring_key *key = &in->keys[c->key];
	int64_t index;

	if (k->is_rtcp) {
		/* Of the octets as they came. */
		index = vc_srtp_rtcp_index(key->s, in->saved, k->len);
		if (index > c->rtcp_high)
			c->rtcp_high = index;
	} else {
		index = c->high < 0 ? (int64_t)c->start_roc << 16 | k->seq :
				      vc_roc_index(c->high, k->seq);
		if (index > c->high)
			c->high = index;
		if (is_new || c->watch.fails == VC_ROC_FAILS)
			vc_srtp_hunt_end(in, c->ssrc);
		vc_rocwatch_ok(&c->watch, k->now);
	}
	c->heard = k->now;
	key->counts.opened++;
	in->counts.opened++;
	k->got->key = (unsigned int)c->key;
	k->got->is_rtcp = k->is_rtcp;
	k->got->is_new = is_new;
	if (c->high >= 0)
		k->got->roc = (uint32_t)(c->high >> 16);
	vc_srtp_ctx_to_front(in, c);
}

int vc_srtp_in_adopt(struct vc_srtp_in *in, struct pkt *k, int key,
		     uint32_t roc)
{
	struct vc_srtp *s = in->keys[key].s;
	struct ctx *c = vc_srtp_ctx_find(in, k->ssrc, key);
	int shelf = vc_srtp_shelf(s), err;
	bool is_new = !c;

	if (shelf < 0)
		return shelf;
	err = vc_srtp_in_try(in, k, s, shelf, roc);
	if (!err && !vc_srtp_ctx_room(in, k->now))
		err = -ENOSPC;
	if (!err && !c)
		c = vc_srtp_ctx_add(in, k->ssrc, key);
	if (!err && !c)
		err = -ENOSPC;
	if (err) {
		vc_srtp_forget(s, shelf, k->ssrc);
		return err;
	}
	if (is_new)
		c->start_roc = roc;
	c->watch.since = k->now;
	vc_srtp_ctx_wake(in, c, shelf);
	if (k->host)
		vc_srtp_in_bind(in, (unsigned int)key, k->host);
	if (k->peer)
		vc_srtp_in_bind(in, (unsigned int)key, k->peer);
	vc_srtp_in_opened(in, k, c, is_new);
	return 0;
}

/* --- packets --- */

/* Whether a context, asleep or awake, has seen this or what came after. */
static bool is_old(const struct vc_srtp_in *in, const struct pkt *k,
		   const struct ctx *c)
{
	bool asleep = c->shelf < 0;

	if (k->is_rtcp)
		return vc_srtp_rtcp_index(in->keys[c->key].s, in->saved,
					  k->len) <=
		       (asleep ? c->rtcp_high : c->rtcp_floor);
	return c->high >= 0 &&
	       vc_roc_index(c->high, k->seq) <= (asleep ? c->high : c->floor);
}

/* The count a packet has by what the context knows. */
static uint32_t roc_by(const struct pkt *k, const struct ctx *c)
{
	return c->high < 0 ? c->start_roc :
			     (uint32_t)(vc_roc_index(c->high, k->seq) >> 16);
}

static int open_known(struct vc_srtp_in *in, struct pkt *k, struct ctx *c)
{
	struct vc_srtp *s = in->keys[c->key].s;
	uint32_t roc = 0;
	int err;

	if (is_old(in, k, c))
		return -EALREADY;
	if (c->shelf < 0) {
		if (!vc_srtp_in_pay(in, k->now, false, 1))
			return -EBUSY;
		in->counts.trials++;
		return vc_srtp_in_adopt(in, k, c->key, roc_by(k, c));
	}
	/* Heard by RTCP alone so far. */
	if (c->high < 0)
		roc = c->start_roc;
	err = vc_srtp_in_try(in, k, s, c->shelf, roc);
	if (!err)
		vc_srtp_in_opened(in, k, c, false);
	else if (roc && !k->is_rtcp)
		vc_srtp_unmark(s, c->shelf, k->ssrc);
	return err;
}

static int bound_to(const struct vc_srtp_in *in, uint64_t addr)
{
	const struct bound *b = &in->bound[addr & in->bound_mask];

	return addr && b->addr == addr ? b->key : -1;
}

static void add_key(const struct vc_srtp_in *in, const struct pkt *k, int key,
		    int *list, unsigned int *n)
{
	const struct vc_srtp *s = key >= 0 ? in->keys[key].s : NULL;

	if (!s || *n == VC_SRTP_KEYS_TRIED ||
	    !vc_srtp_fits(s, k->is_rtcp, in->saved, k->len) ||
	    vc_srtp_ctx_find(in, k->ssrc, key))
		return;
	for (unsigned int i = 0; i < *n; i++) {
		if (list[i] == key)
			return;
	}
	list[*n] = key;
	++*n;
}

/* The keys it may be of, the likely ones first. */
static unsigned int list_keys(struct vc_srtp_in *in, const struct pkt *k,
			      int list[static VC_SRTP_KEYS_TRIED])
{
	unsigned int n = 0, first = in->turn;

	for (unsigned int i = 0; i < in->n_keys; i++) {
		if (in->keys[i].s && vc_srtp_key_of(in->keys[i].s)->mki_len)
			add_key(in, k, (int)i, list, &n);
	}
	add_key(in, k, bound_to(in, k->peer), list, &n);
	add_key(in, k, bound_to(in, k->host), list, &n);
	for (unsigned int i = 0; i < in->n_keys; i++) {
		unsigned int at = (first + i) % in->n_keys;

		if (n == VC_SRTP_KEYS_TRIED)
			break;
		add_key(in, k, (int)at, list, &n);
		in->turn = at + 1;
	}
	return n;
}

/* Where the count of an SSRC begins under one more key: where it is, unless
 * keys begin anew. */
static uint32_t first_roc(const struct vc_srtp_in *in, const struct pkt *k)
{
	const struct ctx *c = vc_srtp_ctx_first(in, k->ssrc);

	return c && !in->conf.roc_anew ? roc_by(k, c) : in->conf.roc;
}

/* From where somebody is known to be, newcomers do not wait in one queue with
 * all the world: what is kept for searches pays for them as well. */
static bool pay_other(struct vc_srtp_in *in, const struct pkt *k)
{
	return vc_srtp_in_pay(in, k->now, false, 1) ||
	       (bound_to(in, k->peer) >= 0 &&
		vc_srtp_in_pay(in, k->now, true, 1));
}

static int open_other(struct vc_srtp_in *in, struct pkt *k,
		      int list[static VC_SRTP_KEYS_TRIED], unsigned int *n)
{
	uint32_t roc = first_roc(in, k);
	int err = -EACCES;

	/* Looking through the keys is paid as well. */
	if (!pay_other(in, k))
		return -EBUSY;
	*n = list_keys(in, k, list);
	for (unsigned int i = 0; i < *n; i++) {
		if (i && !pay_other(in, k))
			return -EBUSY;
		in->counts.trials++;
		err = vc_srtp_in_adopt(in, k, list[i], roc);
		if (err != -EACCES && err != -EALREADY)
			return err;
	}
	return err;
}

/* 'err' of the contexts there are; each tries but the first to fit is the one
 * that a search is for. */
static int open_contexts(struct vc_srtp_in *in, struct pkt *k,
			 struct ctx **failed)
{
	struct ctx *c = vc_srtp_ctx_first(in, k->ssrc);
	int err = -ENOENT;

	for (; c; c = vc_srtp_ctx_next(in, c)) {
		int one;

		if (c->key == OWN)
			return -ELOOP;
		if (!vc_srtp_fits(in->keys[c->key].s, k->is_rtcp, in->saved,
				  k->len))
			continue;
		one = open_known(in, k, c);
		if (!one || one == -ENOMEM)
			return one;
		c->bad.replayed += one == -EALREADY;
		c->bad.auth_failed += one == -EACCES;
		if (one == -EALREADY)
			in->keys[c->key].counts.replayed++;
		if (one == -EACCES)
			in->keys[c->key].counts.auth_failed++;
		if (one == -EACCES && !*failed)
			*failed = c;
		if (err != -EALREADY)
			err = one;
	}
	return err;
}

static int open_any(struct vc_srtp_in *in, struct pkt *k)
{
	int list[VC_SRTP_KEYS_TRIED], err, other;
	struct ctx *failed = NULL;
	unsigned int n = 0;

	err = open_contexts(in, k, &failed);
	if (!err || err == -ELOOP || err == -ENOMEM)
		return err;
	other = -EACCES;
	if (in->n_keys > 1 || err == -ENOENT)
		other = open_other(in, k, list, &n);
	if (other != -EACCES && other != -EALREADY && other != -EBUSY)
		return other;
	if (err == -ENOENT)
		err = other;
	if (!k->is_rtcp && (failed || n) && err != -EALREADY &&
	    !vc_srtp_hunt(in, k, failed, list, n))
		return 0;
	return err;
}

static void count(struct vc_srtp_in *in, int err)
{
	struct vc_srtp_in_counts *c = &in->counts;

	c->auth_failed += err == -EACCES;
	c->replayed += err == -EALREADY;
	c->malformed += err == -EBADMSG;
	c->limited += err == -EBUSY;
	c->full += err == -ENOSPC;
	c->reflected += err == -ELOOP;
}

int vc_srtp_in_open(struct vc_srtp_in *in, uint8_t *p, size_t *len,
		    uint64_t host, uint64_t peer, int64_t now,
		    struct vc_srtp_got *got)
{
	enum vc_demux kind = vc_demux(p, *len);
	struct pkt k = { .p = p,
			 .len = *len,
			 .is_rtcp = kind == VC_DEMUX_RTCP,
			 .host = host,
			 .peer = peer,
			 .now = now,
			 .got = got };
	int err = -EBADMSG;

	*got = (struct vc_srtp_got){ 0 };
	if ((kind == VC_DEMUX_RTP && *len >= VC_RTP_HEADER) ||
	    (kind == VC_DEMUX_RTCP && *len >= 8)) {
		k.ssrc = vc_get_u32(p + (k.is_rtcp ? 4 : 8));
		k.seq = vc_get_u16(p + 2);
		if (*len <= sizeof(in->saved)) {
			memcpy(in->saved, p, *len);
			err = open_any(in, &k);
		}
	}
	if (err)
		count(in, err);
	else
		*len = k.out_len;
	return err;
}

/* SPDX-License-Identifier: MIT */
/*
 * Three DTLS endpoints and a link in memory, which loses, doubles, swaps and
 * invents datagrams. OpenSSL's retransmission timer follows the machine's
 * clock, so the tests do, with a short one.
 */
#ifndef VC_TEST_DTLSLINK_H
#define VC_TEST_DTLSLINK_H

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/rand.h"
#include "base/time.h"
#include "net/dtls.h"
#include "net/loop.h"

#define QUEUE 256
#define ALL (VC_DTLS_GCM_128 | VC_DTLS_GCM_256 | VC_DTLS_CM_SHA1_80)

struct datagram {
	int to; /* index of an end */
	struct sockaddr_storage from;
	size_t len;
	uint8_t p[2048];
};

struct end {
	struct link *link;
	int index;
	struct vc_dtls_local *local;
	struct vc_dtls *dtls;
	struct sockaddr_storage addr;
	int up; /* times that keys came */
	int down;
	int failed;
	int err;
	int refuses;		  /* with that, who comes up */
	struct vc_dtls_peer last; /* who came up last */
	struct sockaddr_storage last_from;
	struct vc_dtls_keys keys;
	struct vc_fingerprint peers[2];
	size_t sent;
	size_t largest;
};

struct link {
	struct end ends[3];
	struct datagram queue[QUEUE];
	size_t n;
	struct vc_rand rand;
	uint64_t count;
	size_t mtu;	  /* 0: as it is */
	int64_t patience; /* before what is lost is sent again */
	bool in_pieces;	  /* hellos; their senders are let count on */
	unsigned int loss, doubled, swapped, garbage; /* percent */
};

static inline struct sockaddr_storage address(int host, int port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port) };
	struct sockaddr_storage sa = { 0 };

	in.sin_addr.s_addr = htonl(0x7f000000u + (uint32_t)host);
	memcpy(&sa, &in, sizeof(in));
	return sa;
}

static inline bool happens(struct link *l, unsigned int percent)
{
	return vc_rand_u32(&l->rand, "link", l->count++) % 100 < percent;
}

static inline void queue(struct link *l, int to,
			 const struct sockaddr_storage *from, const uint8_t *p,
			 size_t len)
{
	struct datagram *d = &l->queue[l->n];

	assert_true(l->n < QUEUE && len <= sizeof(d->p));
	d->to = to;
	d->from = *from;
	d->len = len;
	memcpy(d->p, p, len);
	l->n++;
	if (l->n > 1 && happens(l, l->swapped)) {
		struct datagram other = l->queue[l->n - 2];

		l->queue[l->n - 2] = l->queue[l->n - 1];
		l->queue[l->n - 1] = other;
	}
}

/* The record numbers in clear of a datagram, so that there is one more between. */
static inline void stretch(uint8_t *p, size_t len)
{
	for (size_t at = 0; at + 13 <= len;
	     at += 13 + vc_get_u16(p + at + 11)) {
		if (!p[at + 4])
			p[at + 10] = (uint8_t)(2 * p[at + 10]);
	}
}

/* A client's datagram; a hello as two records, each with a part of it. */
static inline void queue_pieces(struct link *l, int to,
				const struct sockaddr_storage *from,
				const uint8_t *p, size_t len)
{
	enum { HEAD = 25, FIRST = 90 }; /* of its headers; octets of its body */
	uint8_t one[2048], two[2048];

	memcpy(one, p, len);
	stretch(one, len);
	if (p[0] != 22 || p[4] || p[13] != 1) {
		queue(l, to, from, one, len);
		return;
	}
	memcpy(two, one, HEAD);
	memcpy(two + HEAD, one + HEAD + FIRST, len - HEAD - FIRST);
	two[10]++;
	vc_put_u16(one + 11, 12 + FIRST);
	vc_put_u16(one + 23, FIRST);
	vc_put_u16(two + 11, (uint16_t)(len - 13 - FIRST));
	vc_put_u16(two + 20, FIRST);
	vc_put_u16(two + 23, (uint16_t)(len - HEAD - FIRST));
	queue(l, to, from, one, HEAD + FIRST);
	queue(l, to, from, two, len - FIRST);
}

static inline void on_send(void *ctx, const struct sockaddr_storage *to,
			   const uint8_t *p, size_t len)
{
	struct end *e = ctx;
	struct link *l = e->link;
	int i = 0;

	e->sent += len;
	if (len > e->largest)
		e->largest = len;
	while (i < 3 && memcmp(&l->ends[i].addr, to, sizeof(*to)) != 0)
		i++;
	if (i == 3 || happens(l, l->loss))
		return;
	if (l->in_pieces && i == 0) {
		queue_pieces(l, i, &e->addr, p, len);
		return;
	}
	queue(l, i, &e->addr, p, len);
	if (happens(l, l->doubled))
		queue(l, i, &e->addr, p, len);
	if (happens(l, l->garbage)) {
		uint8_t bad[2048];
		size_t at = vc_rand_u32(&l->rand, "at", l->count) % len;

		memcpy(bad, p, len);
		bad[at] ^= 1 << l->count % 8;
		/* An alert in clear, and a record that is cut. */
		queue(l, i, &e->addr,
		      (const uint8_t
			       *)"\x15\xfe\xfd\0\0\0\0\0\0\0\x09\0\2\2\x28",
		      15);
		queue(l, i, &e->addr, bad, at);
	}
}

static inline int on_up(void *ctx, const struct vc_dtls_peer *peer,
			const struct vc_dtls_keys *keys)
{
	struct end *e = ctx;

	if (e->refuses)
		return e->refuses;
	e->up++;
	e->keys = *keys;
	e->last = *peer;
	e->last_from = *peer->from;
	e->last.from = &e->last_from;
	return 0;
}

static inline void on_down(void *ctx, uint64_t id, int err, const char *why)
{
	struct end *e = ctx;

	assert_true(id && why && *why);
	e->down++;
	e->err = err;
}

static inline void on_failed(void *ctx, const struct sockaddr_storage *from,
			     int err, const char *why)
{
	struct end *e = ctx;

	(void)from;
	assert_true(why && *why);
	e->failed++;
	e->err = err;
}

static inline void end_open(struct link *l, int i, unsigned int profiles)
{
	struct end *e = &l->ends[i];

	e->link = l;
	e->index = i;
	e->addr = address(i + 1, 5004 + i);
	assert_int_equal(vc_dtls_local_new(&e->local, profiles), 0);
}

/* With 'n' of e->peers; 0: anybody. */
static inline void end_listen_to(struct end *e, size_t n, bool is_active)
{
	struct vc_dtls_conf conf = { .local = e->local,
				     .peers = e->peers,
				     .n_peers = n,
				     .takes_anybody = !n,
				     .is_active = is_active,
				     .retransmit = e->link->patience,
				     .mtu = e->link->mtu,
				     .send = on_send,
				     .up = on_up,
				     .down = on_down,
				     .failed = on_failed,
				     .ctx = e };

	e->dtls = vc_dtls_new(&conf);
	assert_non_null(e->dtls);
}

static inline void end_listen(struct end *e, const struct vc_fingerprint *peer,
			      bool is_active)
{
	e->peers[0] = *peer;
	end_listen_to(e, 1, is_active);
}

/* End 0 is passive and expects end 1, which is active; end 2 is a stranger. */
static inline struct link *link_of(unsigned int passive, unsigned int active,
				   size_t mtu, int64_t patience)
{
	struct link *l = test_calloc(1, sizeof(*l));
	struct end *e = l->ends;

	l->mtu = mtu;
	l->patience = patience;
	vc_rand_init(&l->rand, 1, "test", "dtls");
	end_open(l, 0, passive);
	end_open(l, 1, active);
	end_open(l, 2, ALL);
	end_listen(&e[0], vc_dtls_local_fingerprint(e[1].local), false);
	end_listen(&e[1], vc_dtls_local_fingerprint(e[0].local), true);
	end_listen(&e[2], vc_dtls_local_fingerprint(e[0].local), true);
	return l;
}

static inline struct link *link_open(unsigned int passive, unsigned int active)
{
	/* Nothing is sent twice, however slow the machine. */
	return link_of(passive, active, 0, 60 * VC_SEC);
}

static inline void link_close(struct link *l)
{
	for (int i = 0; i < 3; i++) {
		vc_dtls_free(l->ends[i].dtls);
		vc_dtls_local_free(l->ends[i].local);
	}
	test_free(l);
}

static inline void deliver(struct link *l)
{
	while (l->n) {
		struct datagram d = l->queue[0];

		l->n--;
		memmove(&l->queue[0], &l->queue[1], l->n * sizeof(d));
		vc_dtls_put(l->ends[d.to].dtls, &d.from, d.p, d.len,
			    vc_mono_now());
	}
}

/* Until nothing is due any more, or 'end' is up. */
static inline void run(struct link *l, const struct end *end)
{
	int64_t give_up = vc_mono_now() + 30 * VC_SEC;

	deliver(l);
	while (!end->up && vc_mono_now() < give_up) {
		int64_t next = VC_DTLS_NEVER, now = vc_mono_now();

		for (int i = 0; i < 3; i++) {
			int64_t t = vc_dtls_deadline(l->ends[i].dtls);

			next = t < next ? t : next;
		}
		if (next == VC_DTLS_NEVER)
			return;
		if (next > now)
			nanosleep(&(struct timespec){ .tv_nsec = (next - now) %
								 VC_SEC },
				  NULL);
		for (int i = 0; i < 3; i++)
			vc_dtls_tick(l->ends[i].dtls, vc_mono_now());
		deliver(l);
	}
}

static inline void start(struct link *l, int i)
{
	assert_int_equal(vc_dtls_start(l->ends[i].dtls, &l->ends[0].addr,
				       vc_mono_now()),
			 0);
}

static inline void assert_same_keys(const struct link *l, unsigned int profile)
{
	const struct vc_dtls_keys *a = &l->ends[0].keys, *b = &l->ends[1].keys;

	assert_int_equal(a->profile, profile);
	assert_int_equal(b->profile, profile);
	assert_false(a->is_client);
	assert_true(b->is_client);
	assert_int_equal(a->key_len, b->key_len);
	assert_int_equal(a->salt_len, b->salt_len);
	assert_memory_equal(a->client_key, b->client_key, 32);
	assert_memory_equal(a->server_key, b->server_key, 32);
	assert_memory_equal(a->client_salt, b->client_salt, 14);
	assert_memory_equal(a->server_salt, b->server_salt, 14);
	assert_memory_not_equal(a->client_key, a->server_key, a->key_len);
	assert_memory_not_equal(a->client_salt, a->server_salt, a->salt_len);
}

#endif

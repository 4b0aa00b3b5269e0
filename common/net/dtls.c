/* SPDX-License-Identifier: MIT */
/*
 * The endpoint: which datagram belongs to which handshake. A passive one has
 * an association to spare, which looks at hellos without remembering them; when
 * one has the right cookie it moves among the pending, and another takes its
 * place. Alerts in clear are not believed: anybody could end a handshake with
 * them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/dtls_internal.h"
#include "net/udp.h"

/* In a datagram: record header, handshake header, version, random, the length
 * of the session's id. */
enum {
	AT_EPOCH = 3,
	AT_TYPE = 13,
	AT_FRAGMENT = 19,
	AT_RANDOM = 27,
	AT_SESSION = 59,
};
enum { CONTENT_ALERT = 21, CONTENT_HANDSHAKE = 22, CLIENT_HELLO = 1 };

#define BURST 10 /* a tenth of what a second allows */

/* What may be done in a second, in ns of waiting for it. */
struct purse {
	int64_t credit;
	int64_t time;
};

struct vc_dtls {
	struct vc_dtls_conf conf;
	uint8_t secret[VC_DTLS_SECRET]; /* of cookies */
	struct vc_dtls_assoc *spare;
	struct vc_dtls_assoc *pending[VC_DTLS_PENDING];
	struct vc_dtls_assoc *up; /* the newest first */
	unsigned int n_up;
	uint64_t ids;
	struct purse hellos, begins;
	struct vc_dtls_counts counts;
};

/* --- life --- */

struct vc_dtls *vc_dtls_new(const struct vc_dtls_conf *conf)
{
	struct vc_dtls *d = vc_try_alloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->conf = *conf;
	d->hellos.credit = d->begins.credit = VC_SEC / BURST;
	if (!conf->is_active)
		d->spare = vc_dtls_assoc_new(&d->conf, d->secret);
	if (RAND_bytes(d->secret, sizeof(d->secret)) == 1 &&
	    (conf->is_active || d->spare))
		return d;
	vc_dtls_free(d);
	return NULL;
}

/* Out of the list, and freed. */
static void drop(struct vc_dtls *d, struct vc_dtls_assoc **at)
{
	struct vc_dtls_assoc *a = *at;

	*at = a->next_up;
	d->n_up--;
	vc_dtls_assoc_free(a);
}

void vc_dtls_free(struct vc_dtls *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < VC_DTLS_PENDING; i++)
		vc_dtls_assoc_free(d->pending[i]);
	while (d->up)
		drop(d, &d->up);
	vc_dtls_assoc_free(d->spare);
	OPENSSL_cleanse(d->secret, sizeof(d->secret));
	free(d);
}

/* --- those who are up --- */

static struct vc_dtls_assoc **up_at(struct vc_dtls *d,
				    const struct sockaddr_storage *from)
{
	struct vc_dtls_assoc **at = &d->up;

	while (*at && !vc_udp_same(&(*at)->peer, from, true))
		at = &(*at)->next_up;
	return at;
}

static struct vc_dtls_assoc **up_of(struct vc_dtls *d, uint64_t id)
{
	struct vc_dtls_assoc **at = &d->up;

	while (*at && (*at)->id != id)
		at = &(*at)->next_up;
	return at;
}

static void retire(struct vc_dtls *d, struct vc_dtls_assoc **at, int err,
		   const char *why)
{
	uint64_t id = (*at)->id;

	drop(d, at);
	d->conf.down(d->conf.ctx, id, err, why);
}

void vc_dtls_moved(struct vc_dtls *d, uint64_t id,
		   const struct sockaddr_storage *to)
{
	struct vc_dtls_assoc **at = up_of(d, id), *a = *at;

	if (!a)
		return;
	a->peer = *to;
	/* Whoever was there before is found after it. */
	*at = a->next_up;
	a->next_up = d->up;
	d->up = a;
}

void vc_dtls_close(struct vc_dtls *d, uint64_t id)
{
	struct vc_dtls_assoc **at = up_of(d, id);

	if (!*at)
		return;
	vc_dtls_assoc_close(*at);
	drop(d, at);
}

void vc_dtls_close_all(struct vc_dtls *d)
{
	while (d->up)
		vc_dtls_close(d, d->up->id);
}

/* --- what comes of a handshake --- */

static void fail(struct vc_dtls *d, struct vc_dtls_assoc **place, int err,
		 const char *why)
{
	struct vc_dtls_assoc *a = *place;

	*place = NULL;
	d->counts.failures++;
	d->conf.failed(d->conf.ctx, &a->peer, err, why);
	vc_dtls_assoc_free(a);
}

/* An address has one, and so has who is active. */
static void replace(struct vc_dtls *d, const struct sockaddr_storage *from)
{
	struct vc_dtls_assoc **at;

	while (*(at = d->conf.is_active ? &d->up : up_at(d, from)))
		retire(d, at, -ESTALE, "it began anew");
}

static void come_up(struct vc_dtls *d, struct vc_dtls_assoc *a,
		    const struct vc_dtls_keys *keys)
{
	struct vc_dtls_peer peer = { .from = &a->peer, .which = a->which };
	int err;

	replace(d, &a->peer);
	d->ids++;
	a->id = peer.id = d->ids;
	err = vc_dtls_assoc_cert(a, &peer.cert);
	if (!err)
		err = d->conf.up(d->conf.ctx, &peer, keys);
	if (err) {
		vc_dtls_assoc_close(a);
		fail(d, &a, err, strerror(-err));
		return;
	}
	d->counts.ups++;
	a->next_up = d->up;
	d->up = a;
	d->n_up++;
}

static void shake(struct vc_dtls *d, struct vc_dtls_assoc **place,
		  const uint8_t *p, size_t len, int64_t now)
{
	struct vc_dtls_keys keys = { 0 };
	struct vc_dtls_assoc *a = *place;
	const char *why = "";
	int err = vc_dtls_assoc_shake(a, p, len, now, &keys, &why);

	if (err == -EAGAIN)
		return;
	if (err) {
		fail(d, place, err, why);
		return;
	}
	*place = NULL;
	come_up(d, a, &keys);
	OPENSSL_cleanse(&keys, sizeof(keys));
}

/* --- what comes --- */

static bool is_in_clear(const uint8_t *p, size_t len, uint8_t content)
{
	return len > AT_TYPE && p[0] == content && !p[AT_EPOCH] &&
	       !p[AT_EPOCH + 1];
}

/* Or its first piece; the others belong to what that one began. */
static bool is_hello(const uint8_t *p, size_t len)
{
	return is_in_clear(p, len, CONTENT_HANDSHAKE) &&
	       len >= AT_RANDOM + VC_DTLS_RANDOM &&
	       p[AT_TYPE] == CLIENT_HELLO && !p[AT_FRAGMENT] &&
	       !p[AT_FRAGMENT + 1] && !p[AT_FRAGMENT + 2];
}

/* Did it come of this hello? */
static bool is_of(const struct vc_dtls_assoc *a, const uint8_t *hello)
{
	return !memcmp(a->random, hello + AT_RANDOM, VC_DTLS_RANDOM);
}

/* Has he been answered, at that address? */
static bool has_cookie(const struct vc_dtls_assoc *a, const uint8_t *p,
		       size_t len)
{
	size_t at = len > AT_SESSION ? AT_SESSION + 1u + p[AT_SESSION] : len;

	return at < len && p[at] < len - at &&
	       vc_dtls_assoc_gave(a, p + at + 1, p[at]);
}

static bool pay(struct purse *purse, int64_t rate, int64_t now)
{
	int64_t price = VC_SEC / rate, gain = now - purse->time;

	purse->time = now;
	purse->credit += gain > 0 && gain < VC_SEC ? gain : gain ? VC_SEC : 0;
	if (purse->credit > VC_SEC / BURST)
		purse->credit = VC_SEC / BURST;
	if (purse->credit < price)
		return false;
	purse->credit -= price;
	return true;
}

static struct vc_dtls_assoc **place_of(struct vc_dtls *d,
				       const struct sockaddr_storage *from)
{
	for (size_t i = 0; i < VC_DTLS_PENDING; i++) {
		if (d->pending[i] &&
		    vc_udp_same(&d->pending[i]->peer, from, true))
			return &d->pending[i];
	}
	return NULL;
}

/* The place of the oldest, of that host alone or (NULL) of all; '*n' are
 * there. */
static struct vc_dtls_assoc **oldest(struct vc_dtls *d,
				     const struct sockaddr_storage *host,
				     unsigned int *n)
{
	struct vc_dtls_assoc **found = NULL;

	*n = 0;
	for (size_t i = 0; i < VC_DTLS_PENDING; i++) {
		struct vc_dtls_assoc *a = d->pending[i];

		if (!a || (host && !vc_udp_same(&a->peer, host, false)))
			continue;
		++*n;
		if (!found || a->give_up < (*found)->give_up)
			found = &d->pending[i];
	}
	return found;
}

/* A place for a new one: that of the same address, the oldest of a host that
 * has enough, a free one, the oldest's. */
static struct vc_dtls_assoc **make_room(struct vc_dtls *d,
					const struct sockaddr_storage *from)
{
	struct vc_dtls_assoc **place = place_of(d, from);
	unsigned int n;

	if (!place) {
		place = oldest(d, from, &n);
		if (n < VC_DTLS_OF_HOST)
			place = NULL;
	}
	for (size_t i = 0; i < VC_DTLS_PENDING && !place; i++) {
		if (!d->pending[i])
			return &d->pending[i];
	}
	if (!place)
		place = oldest(d, NULL, &n);
	fail(d, place, -ENOBUFS, "another one began");
	return place;
}

static void listen_to(struct vc_dtls *d, const struct sockaddr_storage *from,
		      const uint8_t *p, size_t len, int64_t now)
{
	struct vc_dtls_assoc **place;
	int ret;

	if (!d->spare)
		d->spare = vc_dtls_assoc_new(&d->conf, d->secret);
	if (!d->spare)
		return;
	d->spare->peer = *from;
	if (!(has_cookie(d->spare, p, len) ?
		      pay(&d->begins, VC_DTLS_BEGINS, now) :
		      pay(&d->hellos, VC_DTLS_HELLOS, now))) {
		d->counts.limited++;
		return;
	}
	ret = vc_dtls_assoc_listen(d->spare, p, len);
	if (!ret)
		return;
	if (ret < 0) {
		vc_dtls_assoc_free(d->spare);
		d->spare = NULL;
		return;
	}
	memcpy(d->spare->random, p + AT_RANDOM, VC_DTLS_RANDOM);
	place = make_room(d, from);
	*place = d->spare;
	d->spare = NULL;
	/* It has read the hello already. */
	shake(d, place, NULL, 0, now);
}

void vc_dtls_put(struct vc_dtls *d, const struct sockaddr_storage *from,
		 const uint8_t *p, size_t len, int64_t now)
{
	struct vc_dtls_assoc **place = place_of(d, from), **up;
	bool begins = !d->conf.is_active && is_hello(p, len);
	const char *why = "";
	int err;

	up = up_at(d, from);
	/* A hello that does not belong to the handshake under way is another
	 * try; one that has led to what is up comes late. */
	if (place && begins && !is_of(*place, p))
		place = NULL;
	d->counts.alerts += is_in_clear(p, len, CONTENT_ALERT);
	/* An empty one would be the end of all to who reads it. */
	if (len < AT_TYPE || is_in_clear(p, len, CONTENT_ALERT) ||
	    (!place && !begins && !*up) ||
	    (!place && begins && *up && is_of(*up, p))) {
		d->counts.strays++;
		return;
	}
	if (place) {
		shake(d, place, p, len, now);
		return;
	}
	if (begins) {
		listen_to(d, from, p, len, now);
		return;
	}
	err = vc_dtls_assoc_serve(*up, p, len, &why);
	if (err)
		retire(d, up, err, why);
}

int vc_dtls_start(struct vc_dtls *d, const struct sockaddr_storage *to,
		  int64_t now)
{
	struct vc_dtls_assoc *a = vc_dtls_assoc_new(&d->conf, d->secret);

	if (!a)
		return -ENOMEM;
	vc_dtls_assoc_free(d->pending[0]);
	d->pending[0] = a;
	a->peer = *to;
	shake(d, &d->pending[0], NULL, 0, now);
	return 0;
}

/* --- time --- */

int64_t vc_dtls_deadline(const struct vc_dtls *d)
{
	int64_t first = VC_DTLS_NEVER;

	for (size_t i = 0; i < VC_DTLS_PENDING; i++) {
		const struct vc_dtls_assoc *a = d->pending[i];

		if (a && a->next < first)
			first = a->next;
		if (a && a->give_up < first)
			first = a->give_up;
	}
	return first;
}

void vc_dtls_tick(struct vc_dtls *d, int64_t now)
{
	for (size_t i = 0; i < VC_DTLS_PENDING; i++) {
		const char *why;
		int err = d->pending[i] ?
				  vc_dtls_assoc_tick(d->pending[i], now, &why) :
				  0;

		if (err)
			fail(d, &d->pending[i], err, why);
	}
}

/* --- what is told --- */

unsigned int vc_dtls_n_up(const struct vc_dtls *d)
{
	return d->n_up;
}

unsigned int vc_dtls_n_pending(const struct vc_dtls *d)
{
	unsigned int n = 0;

	for (size_t i = 0; i < VC_DTLS_PENDING; i++)
		n += d->pending[i] != NULL;
	return n;
}

const struct vc_dtls_counts *vc_dtls_counts(const struct vc_dtls *d)
{
	return &d->counts;
}

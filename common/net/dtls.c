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
#include "net/dtls_internal.h"
#include "net/udp.h"

/* In a datagram: record header, handshake header, version, random. */
enum { AT_EPOCH = 3, AT_TYPE = 13, AT_RANDOM = 27 };
enum { CONTENT_ALERT = 21, CONTENT_HANDSHAKE = 22, CLIENT_HELLO = 1 };

struct vc_dtls {
	struct vc_dtls_conf conf;
	uint8_t secret[VC_DTLS_SECRET]; /* of cookies */
	struct vc_dtls_assoc *spare;
	struct vc_dtls_assoc *pending[VC_DTLS_PENDING];
	struct vc_dtls_assoc *up;
	uint64_t failures, strays;
};

/* --- life --- */

struct vc_dtls *vc_dtls_new(const struct vc_dtls_conf *conf)
{
	struct vc_dtls *d = vc_try_alloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->conf = *conf;
	if (!conf->is_active)
		d->spare = vc_dtls_assoc_new(&d->conf, d->secret);
	if (RAND_bytes(d->secret, sizeof(d->secret)) == 1 &&
	    (conf->is_active || d->spare))
		return d;
	vc_dtls_free(d);
	return NULL;
}

void vc_dtls_free(struct vc_dtls *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < VC_DTLS_PENDING; i++)
		vc_dtls_assoc_free(d->pending[i]);
	vc_dtls_assoc_free(d->spare);
	vc_dtls_assoc_free(d->up);
	OPENSSL_cleanse(d->secret, sizeof(d->secret));
	free(d);
}

/* --- what comes of a handshake --- */

static void fail(struct vc_dtls *d, struct vc_dtls_assoc **place, int err,
		 const char *why)
{
	struct vc_dtls_assoc *a = *place;

	*place = NULL;
	d->failures++;
	d->conf.failed(d->conf.ctx, &a->peer, err, why);
	vc_dtls_assoc_free(a);
}

static void shake(struct vc_dtls *d, struct vc_dtls_assoc **place,
		  const uint8_t *p, size_t len, int64_t now)
{
	struct vc_dtls_keys keys = { 0 };
	const char *why = "";
	int err = vc_dtls_assoc_shake(*place, p, len, now, &keys, &why);

	if (err == -EAGAIN)
		return;
	if (err) {
		fail(d, place, err, why);
		return;
	}
	vc_dtls_assoc_free(d->up);
	d->up = *place;
	*place = NULL;
	d->conf.keys(d->conf.ctx, &d->up->peer, &keys);
	OPENSSL_cleanse(&keys, sizeof(keys));
}

/* --- what comes --- */

static bool is_in_clear(const uint8_t *p, size_t len, uint8_t content)
{
	return len > AT_TYPE && p[0] == content && !p[AT_EPOCH] &&
	       !p[AT_EPOCH + 1];
}

static bool is_hello(const uint8_t *p, size_t len)
{
	return is_in_clear(p, len, CONTENT_HANDSHAKE) &&
	       p[AT_TYPE] == CLIENT_HELLO && len >= AT_RANDOM + VC_DTLS_RANDOM;
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

/* A place for a new one: that of the same address, a free one, the oldest's. */
static struct vc_dtls_assoc **make_room(struct vc_dtls *d,
					const struct sockaddr_storage *from)
{
	struct vc_dtls_assoc **place = place_of(d, from);
	struct vc_dtls_assoc **oldest = &d->pending[0];

	for (size_t i = 0; i < VC_DTLS_PENDING && !place; i++) {
		if (!d->pending[i])
			return &d->pending[i];
		if (d->pending[i]->give_up < (*oldest)->give_up)
			oldest = &d->pending[i];
	}
	place = place ? place : oldest;
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
	ret = vc_dtls_assoc_listen(d->spare, p, len);
	if (!ret)
		return;
	if (ret < 0) {
		vc_dtls_assoc_free(d->spare);
		d->spare = NULL;
		return;
	}
	place = make_room(d, from);
	*place = d->spare;
	d->spare = NULL;
	/* It has read the hello already. */
	shake(d, place, NULL, 0, now);
}

void vc_dtls_put(struct vc_dtls *d, const struct sockaddr_storage *from,
		 const uint8_t *p, size_t len, int64_t now)
{
	struct vc_dtls_assoc **place = place_of(d, from);
	bool begins = !d->conf.is_active && is_hello(p, len);
	const char *why = "";
	int err = 0;

	/* A hello that does not belong to the handshake under way is another
	 * try. */
	if (place && begins && !vc_dtls_assoc_is_of(*place, p + AT_RANDOM))
		place = NULL;
	if (is_in_clear(p, len, CONTENT_ALERT))
		d->strays++;
	else if (place)
		shake(d, place, p, len, now);
	else if (begins)
		listen_to(d, from, p, len, now);
	else if (d->up && vc_udp_same(&d->up->peer, from, true))
		err = vc_dtls_assoc_serve(d->up, p, len, &why);
	else
		d->strays++;
	if (err)
		fail(d, &d->up, err, why);
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

bool vc_dtls_is_up(const struct vc_dtls *d)
{
	return d->up;
}

uint64_t vc_dtls_failures(const struct vc_dtls *d)
{
	return d->failures;
}

uint64_t vc_dtls_strays(const struct vc_dtls *d)
{
	return d->strays;
}

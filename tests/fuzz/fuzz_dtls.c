/* SPDX-License-Identifier: MIT */
/*
 * The passive side of a DTLS handshake. An operation is an octet for what, one
 * for a length, and so many octets: a datagram of a stranger; one of the true
 * client, whole or with the octets laid over it, so that also what lies behind
 * the cookie is reached; time that passes.
 */
#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "net/dtls.h"

#define QUEUE 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct end {
	struct end *other;
	struct vc_dtls_local *local;
	struct vc_dtls *dtls;
	struct sockaddr_storage addr;
	uint8_t queue[QUEUE][VC_DTLS_MTU]; /* to it */
	size_t len[QUEUE];
	size_t n;
	bool is_up;
	uint64_t id; /* of the association that came last */
};

static void on_send(void *ctx, const struct sockaddr_storage *to,
		    const uint8_t *p, size_t len)
{
	struct end *e = ((struct end *)ctx)->other;

	assert(len <= VC_DTLS_MTU);
	if (memcmp(to, &e->addr, sizeof(*to)) != 0 || e->n == QUEUE)
		return;
	memcpy(e->queue[e->n], p, len);
	e->len[e->n++] = len;
}

static int on_up(void *ctx, const struct vc_dtls_peer *peer,
		 const struct vc_dtls_keys *keys)
{
	struct end *e = ctx;

	/* Whatever was laid over it: nobody else ever gets in. */
	assert(!memcmp(peer->from, &e->other->addr, sizeof(e->addr)));
	assert(!peer->which && peer->id > e->id);
	assert(keys->key_len == 16 && keys->salt_len == 12);
	e->id = peer->id;
	e->is_up = true;
	return 0;
}

static void on_down(void *ctx, uint64_t id, int err, const char *why)
{
	struct end *e = ctx;

	assert(e->is_up && id && err < 0 && why);
}

static void on_failed(void *ctx, const struct sockaddr_storage *from, int err,
		      const char *why)
{
	(void)ctx;
	(void)from;
	assert(err < 0 && why);
}

static void end_open(struct end *e, struct end *other, int port, bool is_active)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port) };
	struct vc_dtls_conf conf = { .local = e->local,
				     .is_active = is_active,
				     .send = on_send,
				     .peers = vc_dtls_local_fingerprint(
					     other->local),
				     .n_peers = 1,
				     .up = on_up,
				     .down = on_down,
				     .failed = on_failed,
				     .ctx = e };

	memset(&e->addr, 0, sizeof(e->addr));
	memcpy(&e->addr, &in, sizeof(in));
	e->other = other;
	e->n = 0;
	e->is_up = false;
	e->id = 0;
	e->dtls = vc_dtls_new(&conf);
	if (!e->dtls)
		abort();
}

/* The oldest datagram to 'e', with 'mask' laid over it from its middle on. */
static void deliver(struct end *e, const uint8_t *mask, size_t len, int64_t now)
{
	uint8_t buf[VC_DTLS_MTU];
	size_t n = e->len[0];

	if (!e->n)
		return;
	memcpy(buf, e->queue[0], n);
	for (size_t i = 0; i < len && n; i++)
		buf[(n / 2 + i) % n] ^= mask[i];
	e->n--;
	memmove(e->queue[0], e->queue[1], e->n * sizeof(e->queue[0]));
	memmove(&e->len[0], &e->len[1], e->n * sizeof(e->len[0]));
	vc_dtls_put(e->dtls, &e->other->addr, buf, n, now);
}

static void operate(struct end *ends, struct vc_rd *r, int64_t *now)
{
	unsigned int what = vc_rd_u8(r);
	size_t len = vc_rd_u8(r);
	const uint8_t *p = vc_rd_bytes(r, len);
	struct sockaddr_storage from = ends[1].addr;

	if (!p)
		return;
	switch (what % 4) {
	case 0:
		if (what & 4)
			((uint8_t *)&from)[2] = (uint8_t)(what >> 3);
		vc_dtls_put(ends[0].dtls, &from, p, len, *now);
		break;
	case 1:
		deliver(&ends[what >> 2 & 1], NULL, 0, *now);
		break;
	case 2:
		deliver(&ends[what >> 2 & 1], p, len, *now);
		break;
	default:
		*now += VC_SEC;
		vc_dtls_tick(ends[0].dtls, *now);
		vc_dtls_tick(ends[1].dtls, *now);
	}
	assert(vc_dtls_deadline(ends[0].dtls) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct end ends[2];
	struct vc_rd r = vc_rd_over(data, size);
	int64_t now = VC_SEC;

	for (int i = 0; i < 2; i++) {
		if (!ends[i].local &&
		    vc_dtls_local_new(&ends[i].local, VC_DTLS_GCM_128))
			abort();
	}
	end_open(&ends[0], &ends[1], 1, false);
	end_open(&ends[1], &ends[0], 2, true);
	vc_dtls_start(ends[1].dtls, &ends[0].addr, now);
	while (r.p < r.end && !r.bad)
		operate(ends, &r, &now);
	vc_dtls_free(ends[0].dtls);
	vc_dtls_free(ends[1].dtls);
	return 0;
}

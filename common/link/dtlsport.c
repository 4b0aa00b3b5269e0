/* SPDX-License-Identifier: MIT */
/*
 * DTLS has the machine's monotonic time, as OpenSSL does: the loop's may begin
 * anew when a recording is sent.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/time.h"
#include "link/dtlsport_internal.h"
#include "link/keychain.h"
#include "link/port.h"
#include "net/srtpin.h"

#define IDLE_S 25    /* as sources time out */
#define SILENT_S 15  /* from who was heard: has he begun anew? */
#define AGAIN VC_SEC /* after a failure */
#define SELDOM (10 * VC_SEC)
#define REJECTED_MAX 3 /* in a row: it is not whom we want */

/* --- timers --- */

static void arm(struct vc_dtlsport *dp)
{
	int64_t at = vc_dtls_deadline(dp->dtls), left = at - vc_mono_now();

	if (at == VC_DTLS_NEVER)
		vc_timer_cancel(dp->loop, &dp->timer);
	else
		vc_timer_arm(dp->loop, &dp->timer,
			     vc_loop_now(dp->loop) +
				     (left > VC_MS ? left : VC_MS));
}

static void due(void *ctx, int64_t now)
{
	struct vc_dtlsport *dp = ctx;

	(void)now;
	vc_dtls_tick(dp->dtls, vc_mono_now());
	arm(dp);
}

static int begin(struct vc_dtlsport *dp)
{
	int err = vc_dtls_start(dp->dtls, &dp->peer, vc_mono_now());

	arm(dp);
	return err;
}

static void begin_again(void *ctx, int64_t now)
{
	(void)now;
	(void)begin(ctx);
}

static void begin_in(struct vc_dtlsport *dp, int64_t wait)
{
	if (dp->terms.is_active)
		vc_timer_arm(dp->loop, &dp->again,
			     vc_loop_now(dp->loop) + wait);
}

/* Ever more seldom. */
static bool is_silent(const struct dtls_assoc *a)
{
	unsigned int n = a->silent_s / SILENT_S;

	return a->was_heard && n && a->silent_s % SILENT_S == 0 &&
	       !(n & (n - 1));
}

/* Who was heard is silent, or refuses: has he begun anew? */
static void look_after(struct vc_dtlsport *dp, const struct dtls_assoc *a)
{
	if ((dp->is_refused || is_silent(a)) && !vc_dtls_n_pending(dp->dtls))
		(void)begin(dp);
}

static void each_second(void *ctx, int64_t now)
{
	struct vc_dtlsport *dp = ctx;
	int64_t mono = vc_mono_now();

	vc_timer_arm(dp->loop, &dp->second, now + VC_SEC);
	/* A virtual second is none. */
	if (mono - dp->looked < VC_SEC / 2)
		return;
	dp->looked = mono;
	for (struct dtls_assoc *a = dp->assocs; a; a = a->next) {
		a->silent_s++;
		if (dp->terms.is_active)
			look_after(dp, a);
	}
	dp->is_refused = false;
}

/* --- associations --- */

static struct dtls_assoc *find(const struct vc_dtlsport *dp,
			       const struct sockaddr_storage *addr)
{
	struct dtls_assoc *a = dp->assocs;

	while (a && addr && !vc_udp_same(&a->addr, addr, true))
		a = a->next;
	return a;
}

static void unlink_it(struct vc_dtlsport *dp, const struct dtls_assoc *a)
{
	struct dtls_assoc **at = &dp->assocs;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	dp->n--;
}

/* Its keys are nobody's any more, before they are freed. */
static void retire(struct vc_dtlsport *dp, struct dtls_assoc *a)
{
	unlink_it(dp, a);
	dp->by_key[a->key] = NULL;
	vc_srtp_in_remove(dp->ring, a->key);
	vc_port_tell_keys(dp->conf.port);
	vc_seal_free(a->seal);
	free(a);
}

/* Room for one more: of those that are silent the one that is for longest
 * goes. */
static int make_room(struct vc_dtlsport *dp)
{
	struct dtls_assoc *idle = NULL;

	if (dp->n < dp->max)
		return 0;
	for (struct dtls_assoc *a = dp->assocs; a; a = a->next) {
		if (a->silent_s >= IDLE_S &&
		    (!idle || a->silent_s >= idle->silent_s))
			idle = a;
	}
	if (!idle)
		return -ENOSPC;
	vc_dtls_close(dp->dtls, idle->id);
	retire(dp, idle);
	return 0;
}

static uint64_t hash_of(const struct vc_dtlsport *dp,
			const struct sockaddr_storage *from, uint64_t *host)
{
	struct vc_udp_msg m = { .from = from };

	vc_udp_hash(vc_tool_udp_io(dp->tool), &m);
	*host = m.host;
	return m.peer;
}

static void make_key(struct vc_srtp_key *key, const struct vc_dtls_keys *k,
		     bool is_client)
{
	*key = (struct vc_srtp_key){ .lifetime = VC_SRTP_LIFE_MAX };
	key->suite = k->profile == VC_DTLS_GCM_128 ? VC_AEAD_AES_128_GCM :
		     k->profile == VC_DTLS_GCM_256 ? VC_AEAD_AES_256_GCM :
						     VC_AES_CM_128_HMAC_SHA1_80;
	memcpy(key->master, is_client ? k->client_key : k->server_key,
	       k->key_len);
	memcpy(key->master + k->key_len,
	       is_client ? k->client_salt : k->server_salt, k->salt_len);
}

/* In the ring and as a seal. 0 or -errno. */
static int take_keys(struct vc_dtlsport *dp, struct dtls_assoc *a,
		     const struct vc_dtls_keys *keys)
{
	struct vc_srtp_key in, out;
	uint64_t host;
	int err;

	make_key(&in, keys, !keys->is_client);
	make_key(&out, keys, keys->is_client);
	a->suite = in.suite;
	err = vc_srtp_in_add(dp->ring, &in, a->name, &a->key);
	if (!err) {
		a->seal = vc_seal_new(dp->conf.keychain, &out, dp->ring);
		err = a->seal ? 0 : -ENOMEM;
		if (err)
			vc_srtp_in_remove(dp->ring, a->key);
	}
	if (!err) {
		a->peer = hash_of(dp, &a->addr, &host);
		vc_srtp_in_bind(dp->ring, a->key, host);
		vc_srtp_in_bind(dp->ring, a->key, a->peer);
	}
	explicit_bzero(&in, sizeof(in));
	explicit_bzero(&out, sizeof(out));
	return err;
}

/* --- the endpoint's calls --- */

static void on_send(void *ctx, const struct sockaddr_storage *to,
		    const uint8_t *p, size_t len)
{
	const struct vc_dtlsport *dp = ctx;

	/* What is lost is sent again. */
	(void)vc_port_send(dp->conf.port, p, len,
			   dp->conf.is_connected ? NULL : to);
}

static int on_up(void *ctx, const struct vc_dtls_peer *peer,
		 const struct vc_dtls_keys *keys)
{
	struct vc_dtlsport *dp = ctx;
	int err = make_room(dp);
	struct dtls_assoc *a = err ? NULL : vc_try_alloc(1, sizeof(*a));

	if (!a)
		return err ? err : -ENOMEM;
	a->id = peer->id;
	a->addr = *peer->from;
	a->cert = vc_get_u64(peer->cert.octets) | 1;
	if (peer->which < dp->terms.n && dp->terms.names[peer->which][0])
		a->name = dp->terms.names[peer->which];
	err = take_keys(dp, a, keys);
	if (err) {
		free(a);
		return err;
	}
	dp->by_key[a->key] = a;
	a->next = dp->assocs;
	dp->assocs = a;
	dp->n++;
	dp->failures = 0;
	dp->is_given_up = false;
	dp->is_refused = false; /* before he was there */
	dp->was_up = true;
	vc_timer_cancel(dp->loop, &dp->again);
	vc_keychain_count_dtls(dp->conf.keychain, VC_DTLS_CAME_UP, NULL);
	vc_dtlsport_tell_up(dp, a);
	vc_port_tell_keys(dp->conf.port);
	return 0;
}

static void on_down(void *ctx, uint64_t id, int err, const char *why)
{
	struct vc_dtlsport *dp = ctx;
	struct dtls_assoc *a = dp->assocs;

	while (a && a->id != id)
		a = a->next;
	if (!a)
		return;
	vc_dtlsport_tell_down(dp, a, why);
	retire(dp, a);
	if (err != -ESTALE)
		begin_in(dp, AGAIN);
}

/* Is it to be tried again soon? */
static bool is_hopeless(const struct vc_dtlsport *dp, int err)
{
	return dp->terms.is_active && !dp->was_up &&
	       (err == -ETIMEDOUT || dp->failures >= REJECTED_MAX);
}

static const char *hint(const struct vc_dtlsport *dp, int err, const char *why)
{
	if (err == -ETIMEDOUT && vc_dtls_counts(dp->dtls)->alerts)
		return "no end within 10 s, but alerts came: does it know our "
		       "fingerprint?";
	return why;
}

static void on_failed(void *ctx, const struct sockaddr_storage *from, int err,
		      const char *why)
{
	struct vc_dtlsport *dp = ctx;

	dp->failures++;
	why = hint(dp, err, why);
	vc_keychain_count_dtls(dp->conf.keychain, VC_DTLS_CAME_TO_NOTHING, why);
	vc_dtlsport_tell_failed(dp, from, why);
	begin_in(dp, dp->failures < REJECTED_MAX ? AGAIN : SELDOM);
	if (dp->is_given_up || !is_hopeless(dp, err))
		return;
	dp->is_given_up = true;
	vc_port_tell_keys(dp->conf.port);
}

/* --- life --- */

static int make(struct vc_dtlsport *dp)
{
	const struct vc_srtp_in_conf in = { .max_sources = dp->conf.max_sources,
					    .idle = IDLE_S * VC_SEC };
	const struct vc_dtls_conf dtls = {
		.local = vc_dtlsid_local(vc_keychain_dtls(dp->conf.keychain)),
		.peers = dp->terms.prints,
		.n_peers = dp->terms.n,
		.takes_anybody = dp->terms.takes_anybody,
		.is_active = dp->terms.is_active,
		.send = on_send,
		.up = on_up,
		.down = on_down,
		.failed = on_failed,
		.ctx = dp,
	};
	int err;

	dp->max = dp->terms.is_active ? 1 : VC_DTLSPORT_PEERS;
	/* One more may come before another goes. */
	dp->by_key = vc_try_alloc(dp->max + 1, sizeof(struct dtls_assoc *));
	if (!dp->by_key)
		return -ENOMEM;
	err = vc_srtp_in_new(&dp->ring, &in);
	if (err)
		return err;
	vc_keychain_add_ring(dp->conf.keychain, dp->ring);
	dp->dtls = vc_dtls_new(&dtls);
	return dp->dtls ? 0 : -ENOMEM;
}

int vc_dtlsport_new(struct vc_dtlsport **out,
		    const struct vc_dtlsport_conf *conf)
{
	struct vc_dtlsport *dp = vc_try_alloc(1, sizeof(*dp));
	int err;

	if (!dp)
		return -ENOMEM;
	dp->conf = *conf;
	dp->terms = *conf->terms;
	dp->tool = conf->port->tool;
	dp->loop = vc_tool_loop(dp->tool);
	if (conf->peer)
		dp->peer = *conf->peer;
	dp->timer = (struct vc_timer){ .fn = due, .ctx = dp };
	dp->again = (struct vc_timer){ .fn = begin_again, .ctx = dp };
	dp->second = (struct vc_timer){ .fn = each_second, .ctx = dp };
	err = make(dp);
	if (!err && dp->terms.is_active)
		err = begin(dp);
	if (err) {
		/* The caller's again. */
		dp->terms = (struct vc_dtls_terms){ .n = 0 };
		vc_dtlsport_free(dp);
		return err;
	}
	vc_timer_arm(dp->loop, &dp->second, vc_loop_now(dp->loop) + VC_SEC);
	*out = dp;
	return 0;
}

void vc_dtlsport_free(struct vc_dtlsport *dp)
{
	if (!dp)
		return;
	vc_timer_cancel(dp->loop, &dp->timer);
	vc_timer_cancel(dp->loop, &dp->again);
	vc_timer_cancel(dp->loop, &dp->second);
	if (dp->dtls)
		vc_dtls_close_all(dp->dtls);
	while (dp->assocs)
		retire(dp, dp->assocs);
	vc_dtls_free(dp->dtls);
	if (dp->ring)
		vc_keychain_drop_ring(dp->conf.keychain, dp->ring);
	vc_srtp_in_free(dp->ring);
	vc_dtls_terms_clear(&dp->terms);
	free(dp->by_key);
	free(dp);
}

/* --- what comes --- */

void vc_dtlsport_put(struct vc_dtlsport *dp, const struct vc_port_msg *m)
{
	vc_dtls_put(dp->dtls, m->from, m->pkt->data, m->pkt->len,
		    vc_mono_now());
	arm(dp);
}

void vc_dtlsport_refused(struct vc_dtlsport *dp)
{
	dp->is_refused = true;
}

struct vc_srtp_in *vc_dtlsport_ring(struct vc_dtlsport *dp)
{
	if (dp->n)
		return dp->ring;
	dp->early++;
	vc_keychain_count_dtls(dp->conf.keychain, VC_DTLS_CAME_EARLY, NULL);
	return NULL;
}

struct vc_srtp_in *vc_dtlsport_look(const struct vc_dtlsport *dp)
{
	return dp->ring;
}

/* To the front: whoever was there before is found after it. */
static void move(struct vc_dtlsport *dp, struct dtls_assoc *a,
		 const struct vc_port_msg *m)
{
	unlink_it(dp, a);
	a->next = dp->assocs;
	dp->assocs = a;
	dp->n++;
	a->addr = *m->from;
	a->peer = m->peer;
	vc_dtls_moved(dp->dtls, a->id, m->from);
}

void vc_dtlsport_opened(struct vc_dtlsport *dp, unsigned int key,
			struct vc_port_msg *m)
{
	struct dtls_assoc *a = dp->by_key[key];

	a->silent_s = 0;
	a->was_heard = true;
	dp->is_refused = false;
	m->key_name = a->name;
	m->cert = a->cert;
	if (a->peer != m->peer)
		move(dp, a, m);
}

struct vc_seal *vc_dtlsport_seal(const struct vc_dtlsport *dp,
				 const struct sockaddr_storage *to)
{
	const struct dtls_assoc *a =
		find(dp, dp->conf.is_connected ? NULL : to);

	return a ? a->seal : NULL;
}

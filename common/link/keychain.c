/* SPDX-License-Identifier: MIT */
/*
 * A seal a key line. The context of one is made when somebody is sent to with
 * it; all who are share it, so each of them has SSRCs of his own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/rand.h"
#include "link/dtlsid.h"
#include "link/keychain.h"
#include "net/udp.h"
#include "session/roster.h"
#include "tool/keys.h"
#include "tool/tool.h"
#include "wire/sdp.h"

#define IDLE INT64_C(25000000000) /* as sources time out */

struct vc_seal {
	struct vc_keychain *s;
	const struct vc_keyline *line; /* NULL: of an association */
	struct vc_srtp_out *out;       /* NULL: not made yet */
	struct vc_seal *next;	       /* of the same name */
	bool is_over;
	unsigned int users;
};

struct vc_keychain {
	struct vc_tool *tool;
	struct vc_keys *keys;
	struct vc_srtp_in *ring;
	struct vc_seal *seals; /* one a key, those to open with unused */
	size_t n_seals;
	struct vc_rand rand;
	bool is_open;
	struct vc_dtlsid *dtls;	   /* NULL: no such place */
	struct vc_srtp_in **rings; /* of ports */
	size_t n_rings, cap_rings;
	struct vc_srtp_in_counts past; /* of those that are no more */
	bool had_dtls;		       /* a handshake came to its end */
	bool had_dtls_early;	       /* packets before that */
	const char *why; /* a handshake came to nothing, the last one */
};

/* --- keys --- */

int vc_keychain_new(struct vc_keychain **out, struct vc_tool *t)
{
	struct vc_keychain *s = vc_alloc(1, sizeof(*s));
	int err;

	s->tool = t;
	err = vc_keys_read(&s->keys, t);
	if (err) {
		free(s);
		return err;
	}
	*out = s;
	return 0;
}

void vc_keychain_free(struct vc_keychain *s)
{
	if (!s)
		return;
	/* The later ones know the earlier. */
	for (size_t i = s->n_seals; i > 0; i--)
		vc_srtp_out_free(s->seals[i - 1].out);
	free(s->seals);
	vc_srtp_in_free(s->ring);
	vc_dtlsid_free(s->dtls);
	free(s->rings);
	vc_keys_free(s->keys);
	explicit_bzero(s, sizeof(*s));
	free(s);
}

/* The same one may stand in several sections, or in the file as well. */
static int add_once(struct vc_keychain *s, const struct vc_keyline *line,
		    const char **why)
{
	unsigned int index;
	int err;

	for (size_t i = 0; i < vc_keys_n(s->keys); i++) {
		const struct vc_keyline *k = vc_keys_at(s->keys, i);

		if (k->in && vc_srtp_same_master(&k->key, &line->key))
			return 0;
	}
	if (s->is_open && !s->ring) {
		*why = "it has a key, but there is none to send with (cure: "
		       "--key-file)";
		return -ENOKEY;
	}
	err = s->keys ? 0 : vc_keys_new(&s->keys);
	if (!err)
		err = vc_keys_add(s->keys, line);
	if (!err && s->ring)
		err = vc_srtp_in_add(s->ring, &line->key, line->name, &index);
	if (err)
		*why = err == -EEXIST ? "its key is one to send with" :
					"too many keys, or no memory";
	return err == -EEXIST ? -EKEYREJECTED : err;
}

int vc_keychain_sdp(struct vc_keychain *s, const struct vc_sdp *sdp,
		    const char *name, const char **why)
{
	struct vc_keyline line = { .in = true };
	uint32_t tag;
	int err = 0;

	vc_strlcpy(line.name, name, sizeof(line.name));
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		const struct vc_sdp_keys *k = &sdp->media[i].keys;

		for (unsigned int c = 0; c < k->n_crypto && !err; c++) {
			err = vc_crypto_parse(&line.key, &tag, k->crypto[c],
					      why);
			if (!err)
				err = add_once(s, &line, why);
			/* What is not ours may be beside one that is. */
			if (err == -ENOTSUP)
				err = 0;
		}
	}
	explicit_bzero(&line, sizeof(line));
	return err;
}

int vc_keychain_want_dtls(struct vc_keychain *s)
{
	if (s->dtls)
		return 0;
	if (s->is_open && !vc_keychain_is_on(s))
		return -EOPNOTSUPP;
	s->dtls = vc_dtlsid_new(s->tool);
	return 0;
}

struct vc_dtlsid *vc_keychain_dtls(const struct vc_keychain *s)
{
	return s->dtls;
}

static int make_ring(struct vc_keychain *s)
{
	const struct vc_options *o = vc_tool_options(s->tool);
	const struct vc_srtp_in_conf conf = { .max_sources = o->max_sources,
					      .idle = IDLE,
					      .roc = o->roc };
	int err = vc_srtp_in_new(&s->ring, &conf);

	return err ? err : vc_keys_fill(s->keys, s->ring);
}

static void make_seals(struct vc_keychain *s)
{
	s->n_seals = vc_keys_n(s->keys);
	s->seals = vc_alloc(s->n_seals + 1, sizeof(*s->seals));
	for (size_t i = s->n_seals; i > 0; i--) {
		struct vc_seal *seal = &s->seals[i - 1];

		seal->s = s;
		seal->line = vc_keys_at(s->keys, i - 1);
		for (size_t k = i; k < s->n_seals && !seal->next; k++) {
			if (s->seals[k].line->out &&
			    !strcmp(s->seals[k].line->name, seal->line->name))
				seal->next = &s->seals[k];
		}
	}
}

/* Whose certificate is it, where nothing is sealed? */
static void refuse_dtls_options(struct vc_tool *t)
{
	const struct vc_options *o = vc_tool_options(t);

	if (o->dtls_cert || o->dtls_key || o->dtls_fingerprint.n ||
	    o->dtls_setup >= 0)
		vc_tool_usage(t, "--dtls-...: there is no dtls+rtp:// place");
}

int vc_keychain_open(struct vc_keychain *s)
{
	int err;

	s->is_open = true;
	if (!vc_keychain_is_on(s)) {
		refuse_dtls_options(s->tool);
		return 0;
	}
	err = vc_rand_secret(&s->rand, sizeof(s->rand));
	/* Keys of DTLS do not go there, but nothing is dumped while it is. */
	if (!err && !s->keys)
		err = vc_keys_new(&s->keys);
	if (!err)
		err = vc_srtp_init();
	if (!err)
		err = make_ring(s);
	if (err)
		vc_tool_fail(s->tool, VC_EXIT_FAIL, "SRTP: %s", strerror(-err));
	else
		make_seals(s);
	return err;
}

bool vc_keychain_is_on(const struct vc_keychain *s)
{
	return s && (s->dtls || vc_keys_n(s->keys) > 0);
}

bool vc_keychain_opens(const struct vc_keychain *s)
{
	for (size_t i = 0; s && i < vc_keys_n(s->keys); i++) {
		if (vc_keys_at(s->keys, i)->in)
			return true;
	}
	return false;
}

struct vc_srtp_in *vc_keychain_ring(const struct vc_keychain *s)
{
	return s ? s->ring : NULL;
}

void vc_keychain_expect(struct vc_keychain *s, const char *name,
			const struct sockaddr_storage *from)
{
	struct vc_udp_msg m = { .from = from };
	unsigned int index = 0;

	if (!s->ring || !name[0])
		return;
	vc_udp_hash(vc_tool_udp_io(s->tool), &m);
	/* The ring has them in the order of the lines. */
	for (size_t i = 0; i < vc_keys_n(s->keys); i++) {
		const struct vc_keyline *k = vc_keys_at(s->keys, i);

		if (!k->in)
			continue;
		if (!strcmp(k->name, name))
			vc_srtp_in_bind(s->ring, index, m.peer);
		index++;
	}
}

int vc_keychain_reserve(const struct vc_keychain *s, struct vc_roster *roster)
{
	int err = s && s->dtls ? vc_dtlsid_reserve(s->dtls, roster) : 0;

	for (size_t i = 0; s && i < vc_keys_n(s->keys) && !err; i++) {
		const char *name = vc_keys_at(s->keys, i)->name;

		if (name[0])
			err = vc_roster_reserve(roster, name);
	}
	return err;
}

const struct vc_rand *vc_keychain_rand(const struct vc_keychain *s)
{
	return &s->rand;
}

/* --- seals --- */

/* Its context, made when it is first wanted; -errno. */
static int need_out(struct vc_seal *seal, struct vc_srtp_out *before)
{
	const struct vc_srtp_out_conf conf = {
		.in = seal->s->ring,
		.is_shared = seal->line->in,
		.max_sources = vc_tool_options(seal->s->tool)->max_sources + 1,
		.before = before,
	};

	return seal->out ? 0 :
			   vc_srtp_out_new(&seal->out, &seal->line->key, &conf);
}

struct vc_seal *vc_keychain_seal(struct vc_keychain *s, const char *name)
{
	const struct vc_keyline *k = vc_keys_out(s->keys, name);

	for (size_t i = 0; k && i < s->n_seals; i++) {
		if (s->seals[i].line != k)
			continue;
		s->seals[i].users++;
		return need_out(&s->seals[i], NULL) ? NULL : &s->seals[i];
	}
	return NULL;
}

struct vc_seal *vc_seal_new(struct vc_keychain *s,
			    const struct vc_srtp_key *key,
			    struct vc_srtp_in *ring)
{
	const struct vc_srtp_out_conf conf = {
		.in = ring,
		.max_sources = vc_tool_options(s->tool)->max_sources + 1,
	};
	struct vc_seal *seal = vc_try_alloc(1, sizeof(*seal));

	if (!seal)
		return NULL;
	*seal = (struct vc_seal){ .s = s, .users = 1 };
	if (!vc_srtp_out_new(&seal->out, key, &conf))
		return seal;
	free(seal);
	return NULL;
}

void vc_seal_free(struct vc_seal *seal)
{
	if (!seal)
		return;
	vc_srtp_out_free(seal->out);
	free(seal);
}

void vc_seal_fetch(const struct vc_seal *seal, unsigned int step)
{
	if (step == 0)
		vc_fetch(seal, sizeof(*seal));
	else if (seal->out)
		vc_srtp_out_fetch(seal->out, step - 1);
}

int vc_seal(struct vc_seal *seal, uint8_t *p, size_t *len, size_t cap)
{
	for (;;) {
		int err = -EKEYEXPIRED;

		if (!seal->is_over)
			err = vc_srtp_out_seal(seal->out, p, len, cap);
		if (err != -EKEYEXPIRED || !seal->next)
			return err;
		seal->is_over = true;
		err = need_out(seal->next, seal->out);
		if (err)
			return err;
		seal = seal->next;
	}
}

/* The key that is in use. */
static struct vc_seal *current(struct vc_seal *seal)
{
	while (seal->is_over && seal->next && seal->next->out)
		seal = seal->next;
	return seal;
}

int vc_seal_claim(struct vc_seal *seal, uint32_t ssrc)
{
	return vc_srtp_out_claim(current(seal)->out, ssrc);
}

void vc_seal_forget(struct vc_seal *seal, uint32_t ssrc)
{
	for (; seal && seal->out; seal = seal->next)
		vc_srtp_out_forget(seal->out, ssrc);
}

int vc_seal_crypto(const struct vc_seal *seal, char *buf, size_t cap)
{
	/* Nobody is told the keys of an association. */
	if (!seal->line)
		return -ENOKEY;
	return vc_crypto_write(&seal->line->key, 1, buf, cap);
}

bool vc_seal_is_own(const struct vc_seal *seal)
{
	return seal->users == 1 && !(seal->line && seal->line->in);
}

/* --- what is told --- */

void vc_keychain_add_ring(struct vc_keychain *s, struct vc_srtp_in *ring)
{
	size_t cap = s->cap_rings ? 2 * s->cap_rings : 4;
	struct vc_srtp_in **more;

	if (s->n_rings == s->cap_rings) {
		more = realloc(s->rings, cap * sizeof(struct vc_srtp_in *));
		if (!more)
			return; /* it is not counted */
		s->rings = more;
		s->cap_rings = cap;
	}
	s->rings[s->n_rings] = ring;
	s->n_rings++;
}

static void add(struct vc_srtp_in_counts *sum, const struct vc_srtp_in *ring)
{
	const struct vc_srtp_in_counts *c = vc_srtp_in_counts(ring);

	sum->opened += c->opened;
	sum->auth_failed += c->auth_failed;
	sum->replayed += c->replayed;
	sum->malformed += c->malformed;
	sum->limited += c->limited;
	sum->full += c->full;
	sum->reflected += c->reflected;
	sum->searches += c->searches;
	sum->found += c->found;
}

void vc_keychain_drop_ring(struct vc_keychain *s, struct vc_srtp_in *ring)
{
	for (size_t i = 0; i < s->n_rings; i++) {
		if (s->rings[i] != ring)
			continue;
		add(&s->past, ring);
		s->n_rings--;
		s->rings[i] = s->rings[s->n_rings];
		return;
	}
}

/* Of all rings, those of ports too. */
static struct vc_srtp_in_counts sum_of(const struct vc_keychain *s)
{
	struct vc_srtp_in_counts sum = s->past;

	add(&sum, s->ring);
	for (size_t i = 0; i < s->n_rings; i++)
		add(&sum, s->rings[i]);
	return sum;
}

void vc_keychain_count_dtls(struct vc_keychain *s, enum vc_dtls_event event,
			    const char *why)
{
	s->had_dtls |= event == VC_DTLS_CAME_UP;
	s->had_dtls_early |= event == VC_DTLS_CAME_EARLY;
	if (why)
		s->why = why;
}

const char *vc_keychain_locked_out(const struct vc_keychain *s, char *buf,
				   size_t cap)
{
	struct vc_srtp_in_counts c;

	if (!vc_keychain_ring(s))
		return NULL;
	c = sum_of(s);
	if (c.opened)
		return NULL;
	snprintf(buf, cap, "%s", VC_KEYCHAIN_LOCKED_OUT);
	if (c.auth_failed + c.replayed + c.limited + c.malformed)
		return buf;
	if (s->had_dtls || (!s->why && !s->had_dtls_early))
		return NULL;
	snprintf(buf, cap, "packets came, but no DTLS handshake to its end%s%s",
		 s->why ? ": " : "", s->why ? s->why : "");
	return buf;
}

void vc_keychain_fill_stats(const struct vc_keychain *s, struct vc_json *j)
{
	struct vc_srtp_in_counts c;

	if (!vc_keychain_ring(s))
		return;
	c = sum_of(s);
	vc_json_set_int(j, "auth_failed", (int64_t)c.auth_failed);
	vc_json_set_int(j, "replay", (int64_t)c.replayed);
	vc_json_set_int(j, "untried", (int64_t)c.limited);
	vc_json_set_int(j, "keyed_full", (int64_t)c.full);
	vc_json_set_int(j, "reflected", (int64_t)c.reflected);
	vc_json_set_int(j, "roc_searches", (int64_t)c.searches);
	vc_json_set_int(j, "roc_found", (int64_t)c.found);
}

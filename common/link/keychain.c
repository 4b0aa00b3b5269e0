/* SPDX-License-Identifier: MIT */
/*
 * A seal a key line. The context of one is made when somebody is sent to with
 * it; all who are share it, so each of them has SSRCs of his own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/rand.h"
#include "link/keychain.h"
#include "net/srtpout.h"
#include "net/udp.h"
#include "session/roster.h"
#include "tool/keys.h"
#include "tool/tool.h"
#include "wire/sdp.h"

#define IDLE INT64_C(25000000000) /* as sources time out */

struct vc_seal {
	struct vc_keychain *s;
	const struct vc_keyline *line;
	struct vc_srtp_out *out; /* NULL: not made yet */
	struct vc_seal *next;	 /* of the same name */
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
	s->seals = vc_alloc(s->n_seals, sizeof(*s->seals));
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

int vc_keychain_open(struct vc_keychain *s)
{
	int err;

	s->is_open = true;
	if (!vc_keychain_is_on(s))
		return 0;
	err = vc_rand_secret(&s->rand, sizeof(s->rand));
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
	return s && vc_keys_n(s->keys) > 0;
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
	int err = 0;

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
	return vc_crypto_write(&seal->line->key, 1, buf, cap);
}

bool vc_seal_is_own(const struct vc_seal *seal)
{
	return seal->users == 1 && !seal->line->in;
}

/* --- what is told --- */

bool vc_keychain_is_locked_out(const struct vc_keychain *s)
{
	const struct vc_srtp_in_counts *c;

	if (!vc_keychain_ring(s))
		return false;
	c = vc_srtp_in_counts(s->ring);
	return !c->opened &&
	       c->auth_failed + c->replayed + c->limited + c->malformed > 0;
}

void vc_keychain_fill_stats(const struct vc_keychain *s, struct vc_json *j)
{
	const struct vc_srtp_in_counts *c;

	if (!vc_keychain_ring(s))
		return;
	c = vc_srtp_in_counts(s->ring);
	vc_json_set_int(j, "auth_failed", (int64_t)c->auth_failed);
	vc_json_set_int(j, "replay", (int64_t)c->replayed);
	vc_json_set_int(j, "untried", (int64_t)c->limited);
	vc_json_set_int(j, "keyed_full", (int64_t)c->full);
	vc_json_set_int(j, "reflected", (int64_t)c->reflected);
	vc_json_set_int(j, "roc_searches", (int64_t)c->searches);
	vc_json_set_int(j, "roc_found", (int64_t)c->found);
}

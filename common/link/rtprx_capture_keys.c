/* SPDX-License-Identifier: MIT */
/*
 * SRTP of captured calls, by the SDES keys (RFC 4568) that their SIP tells. A
 * way is what one side of a call sends in one m-section. Each has a keyring
 * of its own, so that a key opens nothing but what goes where the other side
 * of that call receives. The keys that a re-INVITE replaces stay beside the
 * new ones, for what is under way.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "link/rtprx_capture.h"
#include "net/srtpin.h"
#include "session/sipcalls.h"

#define WAYS_MAX (2 * VC_SIPCALLS_MAX)
#define SSRCS_MAX 32 /* of a way */
#define KEYS_MAX 4   /* of a way: the newest */
#define IDLE (25 * VC_SEC)

struct way {
	struct way *next; /* the last one used comes first */
	char id[VC_SIPCALL_TEXT];
	bool is_callee; /* who receives */
	unsigned int section;
	uint64_t stamp;		 /* of the call when its keys were looked at */
	struct vc_srtp_in *ring; /* NULL: no key that is understood */
	unsigned int keys[KEYS_MAX]; /* the oldest first */
	unsigned int n_keys;
};

/* --- ways --- */

static void add_up(struct captured_sdes *s, const struct way *w)
{
	const struct vc_srtp_in_counts *n;

	if (!w->ring)
		return;
	n = vc_srtp_in_counts(w->ring);
	s->opened += n->opened;
	s->auth_failed += n->auth_failed + n->malformed + n->limited;
	s->replayed += n->replayed;
}

/* What it counted is not forgotten. */
static void way_free(struct captured *c, struct way *w)
{
	add_up(&c->sdes, w);
	vc_srtp_in_free(w->ring);
	free(w);
}

void vc_captured_keys_free(struct captured *c)
{
	while (c->ways) {
		struct way *w = c->ways;

		c->ways = w->next;
		way_free(c, w);
	}
}

static bool is_way(const struct way *w, const struct vc_sipcall *call,
		   const struct vc_sipend *end)
{
	return w->is_callee == end->is_callee && w->section == end->section &&
	       !strcmp(w->id, call->id);
}

/* What goes to 'end': moved to the front, or new there; NULL: no memory. */
static struct way *way_to(struct captured *c, const struct vc_sipcall *call,
			  const struct vc_sipend *end)
{
	struct way **at = &c->ways, *w;
	unsigned int n = 0;

	while (*at && !is_way(*at, call, end) && n < WAYS_MAX - 1) {
		at = &(*at)->next;
		n++;
	}
	w = *at;
	if (w)
		*at = w->next;
	if (w && !is_way(w, call, end)) {
		way_free(c, w);
		w = NULL;
	}
	if (!w) {
		w = vc_try_alloc(1, sizeof(*w));
		if (!w)
			return NULL;
		vc_strlcpy(w->id, call->id, sizeof(w->id));
		w->is_callee = end->is_callee;
		w->section = end->section;
	}
	w->next = c->ways;
	c->ways = w;
	return w;
}

/* --- keys --- */

static int add_key(struct captured *c, struct way *w,
		   const struct vc_srtp_key *key)
{
	const struct vc_srtp_in_conf conf = { .max_sources = SSRCS_MAX,
					      .idle = IDLE,
					      .roc_anew = true };
	unsigned int index;
	int err = w->ring ? 0 : vc_srtp_in_new(&w->ring, &conf);

	if (!err)
		err = vc_srtp_in_add(w->ring, key, NULL, &index);
	if (err)
		return err == -EEXIST ? 0 : err;
	c->sdes.keys++;
	if (w->n_keys == KEYS_MAX) {
		vc_srtp_in_remove(w->ring, w->keys[0]);
		w->n_keys--;
		memmove(w->keys, w->keys + 1, w->n_keys * sizeof(w->keys[0]));
	}
	w->keys[w->n_keys] = index;
	w->n_keys++;
	return 0;
}

static int learn(struct captured *c, struct way *w,
		 const struct vc_sipcall *call, const struct vc_sipend *end)
{
	const char *why, *text = vc_sipcall_key(call, end);
	struct vc_srtp_key key;
	uint32_t tag;
	int err = 0;

	if (text && !vc_crypto_parse(&key, &tag, vc_str_c(text), &why))
		err = add_key(c, w, &key);
	explicit_bzero(&key, sizeof(key));
	return err;
}

/* Both sides have said a=crypto, or the one that has to answer may yet. */
static bool is_sealed(const struct vc_sipcall *call,
		      const struct vc_sipend *end)
{
	const struct vc_sipend *other = vc_sipcall_other(call, end);

	return end->n_keys && (!other || other->n_keys);
}

int vc_captured_ring(struct captured *c, const struct vc_capture_msg *m,
		     struct vc_srtp_in **ring)
{
	struct way *w;
	int err = 0;

	*ring = NULL;
	if (!m->call || !is_sealed(m->call, m->end))
		return 0;
	w = way_to(c, m->call, m->end);
	if (!w)
		return -ENOMEM;
	if (w->stamp != m->call->stamp)
		err = learn(c, w, m->call, m->end);
	if (err)
		return err;
	w->stamp = m->call->stamp;
	*ring = w->ring;
	return w->ring ? 0 : -ENOKEY;
}

/* --- what is told --- */

struct captured_sdes vc_captured_sdes(const struct captured *c)
{
	struct captured_sdes sum = c->sdes;

	for (const struct way *w = c->ways; w; w = w->next)
		add_up(&sum, w);
	return sum;
}

struct vc_json *vc_captured_sdes_json(const struct captured *c)
{
	const struct captured_sdes n = vc_captured_sdes(c);
	struct vc_json *j = vc_json_object();

	vc_json_set_int(j, "keys", (int64_t)n.keys);
	vc_json_set_int(j, "opened", (int64_t)n.opened);
	vc_json_set_int(j, "auth_failed", (int64_t)n.auth_failed);
	vc_json_set_int(j, "replay", (int64_t)n.replayed);
	vc_json_set_int(j, "unkeyed", (int64_t)n.unkeyed);
	return j;
}

/* SPDX-License-Identifier: MIT */
/* The keyring's keys, in an array whose free places are used again, and what
 * is told about them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/srtpin_internal.h"

static struct ring_key *free_key(struct vc_srtp_in *in)
{
	unsigned int cap = in->cap_keys ? 2 * in->cap_keys : 8;
	struct ring_key *more;

	for (unsigned int i = 0; i < in->n_keys; i++) {
		if (!in->keys[i].s)
			return &in->keys[i];
	}
	if (in->n_keys == in->cap_keys) {
		more = vc_try_alloc(cap, sizeof(*more));
		if (!more)
			return NULL;
		if (in->n_keys)
			memcpy(more, in->keys, in->n_keys * sizeof(*more));
		free(in->keys);
		in->keys = more;
		in->cap_keys = cap;
	}
	return &in->keys[in->n_keys++];
}

bool vc_srtp_in_has(const struct vc_srtp_in *in, const struct vc_srtp_key *key)
{
	for (unsigned int i = 0; i < in->n_keys; i++) {
		const struct vc_srtp *s = in->keys[i].s;

		if (s && vc_srtp_same_master(vc_srtp_key_of(s), key))
			return true;
	}
	return false;
}

int vc_srtp_in_add(struct vc_srtp_in *in, const struct vc_srtp_key *key,
		   const char *name, unsigned int *index)
{
	size_t len = name ? strlen(name) : 0;
	struct ring_key *k;
	char *copy;
	int err;

	if (vc_srtp_in_has(in, key))
		return -EEXIST;
	k = free_key(in);
	copy = k ? vc_try_alloc(len + 1, 1) : NULL;
	if (!copy)
		return -ENOMEM;
	*k = (struct ring_key){ 0 };
	err = vc_srtp_new(&k->s, key, false);
	if (err) {
		free(copy);
		return err;
	}
	if (len)
		memcpy(copy, name, len);
	k->name = copy;
	*index = (unsigned int)(k - in->keys);
	return 0;
}

void vc_srtp_in_remove(struct vc_srtp_in *in, unsigned int index)
{
	struct ring_key *k = &in->keys[index];

	vc_srtp_hunt_forget_key(in, (int)index);
	for (uint32_t i = 0; i < in->n_ctxs; i++) {
		struct ctx *c = &in->ctxs[i];

		if (c->is_used && c->key == (int)index)
			vc_srtp_ctx_remove(in, c);
	}
	for (uint32_t i = 0; i <= in->bound_mask; i++) {
		if (in->bound[i].addr && in->bound[i].key == (int)index)
			in->bound[i] = (struct bound){ 0 };
	}
	vc_srtp_free(k->s);
	free(k->name);
	*k = (struct ring_key){ 0 };
}

void vc_srtp_in_bind(struct vc_srtp_in *in, unsigned int index, uint64_t addr)
{
	in->bound[addr & in->bound_mask] =
		(struct bound){ .addr = addr, .key = (int)index };
}

const char *vc_srtp_in_name(const struct vc_srtp_in *in, unsigned int index)
{
	return in->keys[index].name;
}

const struct vc_srtp_key_counts *vc_srtp_in_key_counts(
	const struct vc_srtp_in *in, unsigned int index)
{
	return &in->keys[index].counts;
}

const struct vc_srtp_in_counts *vc_srtp_in_counts(const struct vc_srtp_in *in)
{
	return &in->counts;
}

struct vc_srtp_bad vc_srtp_in_bad(const struct vc_srtp_in *in, uint32_t ssrc,
				  unsigned int index)
{
	const struct ctx *c = vc_srtp_ctx_find(in, ssrc, (int)index);

	return c ? c->bad : (struct vc_srtp_bad){ 0 };
}

unsigned int vc_srtp_in_sources(const struct vc_srtp_in *in)
{
	return in->awake;
}

int vc_srtp_in_reserve(struct vc_srtp_in *in, uint32_t ssrc)
{
	if (vc_srtp_ctx_first(in, ssrc))
		return -EADDRINUSE;
	return vc_srtp_ctx_add(in, ssrc, OWN) ? 0 : -ENOMEM;
}

void vc_srtp_in_release(struct vc_srtp_in *in, uint32_t ssrc)
{
	struct ctx *c = vc_srtp_ctx_find(in, ssrc, OWN);

	if (c)
		vc_srtp_ctx_remove(in, c);
}

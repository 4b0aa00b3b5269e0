/* SPDX-License-Identifier: MIT */
/*
 * One chunk at a time is gathered, and opened when it is whole. A journal is
 * read twice: first for what is written over later, then for its octets.
 */
#include "engine/unseal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/aead.h"
#include "engine/overlay.h"

_Static_assert(VC_AEAD_KEY == VC_SEALED_KEY && VC_AEAD_SALT == VC_SEALED_SALT &&
		       VC_AEAD_PROOF == VC_SEALED_PROOF &&
		       VC_AEAD_NONCE == VC_SEALED_NONCE &&
		       VC_AEAD_TAG == VC_SEALED_TAG,
	       "what is written is what is sealed");

#define BODY_MAX (VC_SEALED_CHUNK_MAX + VC_SEALED_TAG)

struct vc_unseal {
	struct vc_unseal_keys keys;
	const uint8_t *key; /* the one, or NULL */
	struct vc_aead *seal;
	bool is_journal;
	bool collects; /* only what is written over is of interest */
	bool has_chunk;
	struct vc_sealed_chunk chunk; /* whose body is being gathered */
	uint64_t n;		      /* of chunks, so far */
	uint64_t pos;		      /* plain octets, so far */
	bool is_whole;
	int err;
	struct vc_overlay overlay;
	size_t len; /* gathered */
	uint8_t chunk_head[VC_SEALED_CHUNK_HEAD];
	uint8_t room[BODY_MAX];
	/* what was opened, and not taken yet */
	size_t plain_at, plain_len;
	uint8_t plain[BODY_MAX];
};

struct vc_unseal *vc_unseal_new(const struct vc_unseal_keys *keys)
{
	struct vc_unseal *u = vc_try_alloc(1, sizeof(*u));

	if (u)
		u->keys = *keys;
	return u;
}

void vc_unseal_free(struct vc_unseal *u)
{
	if (!u)
		return;
	vc_aead_free(u->seal);
	vc_overlay_clear(&u->overlay);
	explicit_bzero(u->plain, sizeof(u->plain));
	free(u);
}

/* What is gathered now has to have so many octets. */
static size_t due(const struct vc_unseal *u)
{
	if (!u->seal)
		return VC_SEALED_HEAD;
	return u->has_chunk ? u->chunk.len + VC_SEALED_TAG :
			      VC_SEALED_CHUNK_HEAD;
}

size_t vc_unseal_wants(const struct vc_unseal *u)
{
	return due(u) - u->len;
}

static int try_key(struct vc_unseal *u, const struct vc_sealed_head *h,
		   const uint8_t *key)
{
	uint8_t proof[VC_AEAD_PROOF];
	struct vc_aead *s =
		vc_aead_new(key, h->salt, u->room, VC_SEALED_INFO, proof);

	if (!s)
		return -ENOMEM;
	if (vc_aead_is_same(proof, h->proof, sizeof(proof))) {
		u->seal = s;
		u->key = key;
		return 0;
	}
	vc_aead_free(s);
	return -EKEYREJECTED;
}

static int take_head(struct vc_unseal *u)
{
	struct vc_sealed_head h;
	int err = vc_sealed_head_parse(&h, u->room, u->len);

	if (err)
		return err;
	if (!u->keys.n)
		return -ENOKEY;
	err = -EKEYREJECTED;
	for (size_t i = 0; i < u->keys.n && err == -EKEYREJECTED; i++)
		err = try_key(u, &h, u->keys.v + i * VC_SEALED_KEY);
	u->is_journal = h.is_journal;
	return err;
}

/* Only over what came before. */
static int take_patch(struct vc_unseal *u)
{
	uint64_t at = vc_get_u64(u->plain);
	size_t len = u->chunk.len - VC_SEALED_PATCH_HEAD;

	if (at > u->pos || len > u->pos - at)
		return -EBADMSG;
	return !u->collects ?
		       0 :
		       vc_overlay_put(&u->overlay, at,
				      u->plain + VC_SEALED_PATCH_HEAD, len);
}

static int take_body(struct vc_unseal *u)
{
	uint8_t nonce[VC_SEALED_NONCE];
	int err;

	vc_sealed_nonce(nonce, u->n, u->chunk.kind);
	err = vc_aead_open(u->seal, nonce, u->chunk_head, sizeof(u->chunk_head),
			   u->room, u->len, u->plain);
	if (err)
		return err;
	u->n++;
	if (u->chunk.kind == VC_SEALED_PATCH)
		return take_patch(u);
	if (!u->collects) {
		vc_overlay_apply(&u->overlay, u->pos, u->plain, u->chunk.len);
		u->plain_at = 0;
		u->plain_len = u->chunk.len;
	}
	u->pos += u->chunk.len;
	u->is_whole = u->chunk.kind == VC_SEALED_LAST;
	return 0;
}

/* What was gathered is whole. */
static int take(struct vc_unseal *u)
{
	int err;

	if (!u->seal)
		return take_head(u);
	u->has_chunk = !u->has_chunk;
	if (!u->has_chunk)
		return take_body(u);
	memcpy(u->chunk_head, u->room, sizeof(u->chunk_head));
	err = vc_sealed_chunk_parse(&u->chunk, u->is_journal, u->chunk_head);
	return err;
}

static size_t give(struct vc_unseal *u, uint8_t *out, size_t cap)
{
	size_t left = u->plain_len - u->plain_at;
	size_t n = left < cap ? left : cap;

	if (n)
		memcpy(out, u->plain + u->plain_at, n);
	u->plain_at += n;
	return n;
}

static size_t gather(struct vc_unseal *u, const uint8_t *in, size_t len)
{
	size_t n = vc_unseal_wants(u) < len ? vc_unseal_wants(u) : len;

	memcpy(u->room + u->len, in, n);
	u->len += n;
	if (u->len < due(u))
		return n;
	u->err = take(u);
	u->len = 0;
	return n;
}

int vc_unseal_read(struct vc_unseal *u, const uint8_t *in, size_t *in_len,
		   uint8_t *out, size_t *out_len)
{
	size_t used = 0, got = 0;

	for (;;) {
		got += give(u, out + got, *out_len - got);
		if (u->plain_at < u->plain_len || u->err || used == *in_len)
			break;
		if (u->is_whole)
			u->err = -EBADMSG; /* something was added */
		else
			used += gather(u, in + used, *in_len - used);
	}
	*in_len = used;
	*out_len = got;
	/* What came before an error is taken first. */
	if (u->plain_at < u->plain_len)
		return 0;
	return u->err ? u->err : u->is_whole;
}

bool vc_unseal_is_whole(const struct vc_unseal *u)
{
	return u->is_whole && !u->err;
}

static void adopt(struct vc_unseal *u, struct vc_overlay *overlay)
{
	u->overlay = *overlay;
	*overlay = (struct vc_overlay){ 0 };
}

/* What a journal writes over itself. */
static int scan(struct vc_unseal *u, int fd)
{
	struct vc_unseal *first = vc_unseal_new(&u->keys);
	uint8_t piece[16384], none[1];
	uint64_t at = 0;
	ssize_t n = 1;
	int err = first ? 0 : -ENOMEM;

	if (first)
		first->collects = true;
	while (!err && n > 0) {
		size_t len, got = 0;

		n = pread(fd, piece, sizeof(piece), (off_t)at);
		len = n > 0 ? (size_t)n : 0;
		at += len;
		err = n < 0 ? -errno :
			      vc_unseal_read(first, piece, &len, none, &got);
	}
	if (first && (err >= 0 || err == -EBADMSG)) {
		adopt(u, &first->overlay);
		err = 0;
	}
	vc_unseal_free(first);
	return err;
}

int vc_unseal_open(const struct vc_unseal_keys *keys, const uint8_t *p,
		   size_t *len, int fd, struct vc_overlay *known,
		   struct vc_unseal **out)
{
	struct vc_unseal *u = vc_unseal_new(keys);
	uint8_t none[1];
	size_t got = 0;
	int err = u ? 0 : -ENOMEM;

	*len = *len < VC_SEALED_HEAD ? *len : VC_SEALED_HEAD;
	if (u)
		err = vc_unseal_read(u, p, len, none, &got);
	if (!err && u->is_journal && known)
		adopt(u, known);
	else if (!err && u->is_journal && fd >= 0)
		err = scan(u, fd);
	if (err) {
		vc_unseal_free(u);
		return err;
	}
	*out = u;
	return 0;
}

const uint8_t *vc_unseal_key(const struct vc_unseal *u)
{
	return u->key;
}

const char *vc_unseal_why(int err)
{
	switch (err) {
	case -ENOKEY:
		return "is encrypted: --decrypt-key-file is due";
	case -EKEYREJECTED:
		return "is encrypted with another key (or its head was "
		       "changed)";
	case -ENOTSUP:
		return "is encrypted by a later version";
	case -EBADMSG:
		return "was changed, or is damaged: what is encrypted from "
		       "there on is not authentic";
	}
	return NULL;
}

/* SPDX-License-Identifier: MIT */
/*
 * The plain octets of an encrypted file (wire/sealed.h), in pieces, as gzip is
 * read (base/gz.h). Only what is authentic comes out, and all of it does that
 * came before an error.
 */
#ifndef VC_ENGINE_UNSEAL_H
#define VC_ENGINE_UNSEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/sealed.h"

/* Any of them may be the one. Borrowed. */
struct vc_unseal_keys {
	const uint8_t *v; /* VC_SEALED_KEY octets each */
	size_t n;
};

struct vc_unseal;

/* NULL when out of memory. */
struct vc_unseal *vc_unseal_new(const struct vc_unseal_keys *keys);
void vc_unseal_free(struct vc_unseal *u);

/*
 * Uses up '*in_len' octets of 'in' and fills '*out_len' of 'out' as far as both
 * go; both are updated to what was used and written. 0 more to come, 1 the
 * end: the file is whole. -ENOKEY: no key was given. -EKEYREJECTED: none of
 * them opens it, or its head was changed. -EBADMSG: it was changed, or
 * something was added. -ENOTSUP: made by a later version. -E2BIG, -ENOMEM.
 * Errors last.
 */
int vc_unseal_read(struct vc_unseal *u, const uint8_t *in, size_t *in_len,
		   uint8_t *out, size_t *out_len);

/* How many more octets it takes until something comes out, or more is known.
 * At least 1. */
size_t vc_unseal_wants(const struct vc_unseal *u);

/* The end was read. */
bool vc_unseal_is_whole(const struct vc_unseal *u);

/*
 * After the head: octets that were read so far are written over later in the
 * file. What comes out is right only after vc_unseal_scan().
 */
bool vc_unseal_is_journal(const struct vc_unseal *u);

/*
 * Looks for those in the file itself, from its beginning, without moving in it.
 * 0 also where it ends too early; -ESPIPE where it cannot be read twice.
 */
int vc_unseal_scan(struct vc_unseal *u, int fd);

/* The key that opened it; NULL: none yet. */
const uint8_t *vc_unseal_key(const struct vc_unseal *u);

/* For people: "is encrypted: --decrypt-key-file is due". NULL: not about that.
 */
const char *vc_unseal_why(int err);

#endif

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

struct vc_overlay;
struct vc_unseal;

/* For one that is read front to back. NULL when out of memory. */
struct vc_unseal *vc_unseal_new(const struct vc_unseal_keys *keys);

/*
 * For one whose first '*len' octets are at 'p', of which it uses up the head
 * ('*len' is updated). A journal has octets that are written over later in it:
 * these are 'known', and taken, or NULL; then they are looked for in 'fd', from
 * its beginning and without moving in it, unless that is -1: it cannot be read
 * twice, and what comes out is as it was first. 0, or as vc_unseal_read(); also
 * 0 for a journal that ends too early.
 */
int vc_unseal_open(const struct vc_unseal_keys *keys, const uint8_t *p,
		   size_t *len, int fd, struct vc_overlay *known,
		   struct vc_unseal **out);
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

/* The key that opened it; NULL: none yet. */
const uint8_t *vc_unseal_key(const struct vc_unseal *u);

/* For people: "is encrypted: --decrypt-key-file is due". NULL: not about that.
 */
const char *vc_unseal_why(int err);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A file that is encrypted at rest, as a stream of chunks after STREAM (Hoang,
 * Reyhanitabar, Rogaway and Vizar, "Online Authenticated-Encryption and its
 * Nonce-Reuse Misuse-Resistance", 2015), as age has it; but chunks may be
 * shorter than the longest, so that what was recorded in a second can be put
 * onto the disk after that second, and no nonce is used a second time for it.
 *
 *	head	"VCSEALED" | version 1 | log2 of the longest chunk | flags | 0
 *		salt (32) | proof (32)
 *	chunk	kind (1) | length of the plain octets (3) | these, sealed | tag
 *
 * The file's key is HKDF-SHA-256(master key, salt, info: the first 12 octets),
 * so none of them can be changed; the proof comes out with it (base/aead.h).
 * The nonce of a chunk is its number, and 1 in its last octet for the last one;
 * its kind and length are authenticated with it. So chunks that are changed,
 * left out, put in another order, taken from another file or added are found,
 * and so is a file that ends before its last chunk.
 *
 * A journal (flag 1) is a file that is still being written: it also has chunks
 * that write over plain octets before them (offset (8), octets). A finished
 * file is written anew without.
 */
#ifndef VC_WIRE_SEALED_H
#define VC_WIRE_SEALED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define VC_SEALED_SUFFIX ".vcenc"

#define VC_SEALED_MAGIC "VCSEALED"
#define VC_SEALED_SALT 32
#define VC_SEALED_PROOF 32
#define VC_SEALED_INFO 12 /* what goes into the key */
#define VC_SEALED_HEAD (VC_SEALED_INFO + VC_SEALED_SALT + VC_SEALED_PROOF)
#define VC_SEALED_CHUNK_HEAD 4
#define VC_SEALED_CHUNK_MAX 65536u /* plain octets */
#define VC_SEALED_TAG 16
#define VC_SEALED_NONCE 12
#define VC_SEALED_PATCH_HEAD 8 /* the offset, within the plain octets */

struct vc_sealed_head {
	bool is_journal;
	uint8_t salt[VC_SEALED_SALT];
	uint8_t proof[VC_SEALED_PROOF];
};

/* Is it one? VC_SEALED_SNIFF octets tell, of fewer it is not said. */
#define VC_SEALED_SNIFF 8
bool vc_sealed_is(const uint8_t *p, size_t len);

/* -EBADMSG: none, or too short. -ENOTSUP: of a later version. */
int vc_sealed_head_parse(struct vc_sealed_head *h, const uint8_t *p,
			 size_t len);
/* The first VC_SEALED_INFO octets depend on nothing but 'is_journal'. */
void vc_sealed_head_write(const struct vc_sealed_head *h,
			  uint8_t out[static VC_SEALED_HEAD]);

enum vc_sealed_kind {
	VC_SEALED_DATA,
	VC_SEALED_LAST,
	VC_SEALED_PATCH,
};

struct vc_sealed_chunk {
	enum vc_sealed_kind kind;
	uint32_t len; /* plain octets */
};

/* Of VC_SEALED_CHUNK_HEAD octets. -EBADMSG: there is none like that. */
int vc_sealed_chunk_parse(struct vc_sealed_chunk *c, bool is_journal,
			  const uint8_t p[static VC_SEALED_CHUNK_HEAD]);
void vc_sealed_chunk_write(const struct vc_sealed_chunk *c,
			   uint8_t out[static VC_SEALED_CHUNK_HEAD]);

/* Of chunk 'n', which counts from 0. */
void vc_sealed_nonce(uint8_t out[static VC_SEALED_NONCE], uint64_t n,
		     enum vc_sealed_kind kind);

/* --- keys --- */

#define VC_SEALED_KEY 32
#define VC_SEALED_KEY_TEXT 51 /* NUL included */

/*
 * A line of a key file, "vcenc:BASE64". -EBADMSG, with '*why' for people, which
 * never quotes a key.
 */
int vc_sealed_key_parse(uint8_t key[static VC_SEALED_KEY], struct vc_str line,
			const char **why);
void vc_sealed_key_write(const uint8_t key[static VC_SEALED_KEY],
			 char text[static VC_SEALED_KEY_TEXT]);

#endif

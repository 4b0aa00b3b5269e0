/* SPDX-License-Identifier: MIT */
/*
 * Octets that nobody reads or changes without the key: AES-256-GCM by OpenSSL,
 * under a key that HKDF-SHA-256 (RFC 5869) makes of a master key and a salt.
 * What is sealed under which nonce is the caller's: no nonce is ever used
 * twice with one salt.
 */
#ifndef VC_BASE_AEAD_H
#define VC_BASE_AEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_AEAD_KEY 32
#define VC_AEAD_SALT 32
#define VC_AEAD_PROOF 32
#define VC_AEAD_NONCE 12
#define VC_AEAD_TAG 16

struct vc_aead;

/*
 * 'info' goes into the key. 'proof' is what comes out of the master key, the
 * salt and 'info' beside the key: who stores it can tell by it whether a key is
 * the right one (GCM alone does not: RFC 9771, 4.3.3). NULL when out of memory.
 */
struct vc_aead *vc_aead_new(const uint8_t master[static VC_AEAD_KEY],
			    const uint8_t salt[static VC_AEAD_SALT],
			    const void *info, size_t len,
			    uint8_t proof[static VC_AEAD_PROOF]);
/* Zeroises. NULL is fine. */
void vc_aead_free(struct vc_aead *s);

/* In a time that does not tell where they differ. */
bool vc_aead_is_same(const uint8_t *a, const uint8_t *b, size_t len);

/*
 * 'len' octets of 'p' into as many at 'out' (which may be 'p'), and the tag
 * behind them; 'aad' stays in clear and is authenticated. 0 or -EIO.
 */
int vc_aead_close(struct vc_aead *s, const uint8_t nonce[static VC_AEAD_NONCE],
		  const void *aad, size_t aad_len, const uint8_t *p, size_t len,
		  uint8_t *out);

/*
 * The way back: 'len' counts the tag, which lies behind. -EBADMSG: not what was
 * sealed; what is at 'out' then is worth nothing.
 */
int vc_aead_open(struct vc_aead *s, const uint8_t nonce[static VC_AEAD_NONCE],
		 const void *aad, size_t aad_len, const uint8_t *p, size_t len,
		 uint8_t *out);

#endif

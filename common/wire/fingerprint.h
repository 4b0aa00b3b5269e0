/* SPDX-License-Identifier: MIT */
/*
 * Fingerprints of certificates as a=fingerprint has them (RFC 8122):
 * "sha-256 4A:AD:...". MD5, MD2 and SHA-1 are refused.
 */
#ifndef VC_WIRE_FINGERPRINT_H
#define VC_WIRE_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define VC_FINGERPRINT_MAX 64	/* octets of SHA-512 */
#define VC_FINGERPRINT_TEXT 208 /* room for any as text */

enum vc_hash { VC_SHA224, VC_SHA256, VC_SHA384, VC_SHA512 };

struct vc_fingerprint {
	enum vc_hash hash;
	size_t len; /* of the hash */
	uint8_t octets[VC_FINGERPRINT_MAX];
};

/*
 * Upper or lower case; one space between, nothing around. 0, -EKEYREJECTED a
 * hash that is not safe any more, -EOPNOTSUPP one that is not known, -EBADMSG.
 */
int vc_fingerprint_parse(struct vc_fingerprint *out, struct vc_str text);

/* Returns 'buf', which has at least VC_FINGERPRINT_TEXT octets. */
char *vc_fingerprint_write(const struct vc_fingerprint *fp, char *buf,
			   size_t cap);

#endif

/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648, 4), as SDP and key lines have it. */
#ifndef VC_WIRE_BASE64_H
#define VC_WIRE_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/str.h"

/*
 * The octets of 's', with its padding or without: how many, or -EBADMSG: it is
 * none, bits are left over, or there are more than 'cap'.
 */
int vc_base64_read(struct vc_str s, uint8_t *out, size_t cap);

/* With padding. */
void vc_base64_write(struct vc_wr *w, const uint8_t *p, size_t len);

#endif

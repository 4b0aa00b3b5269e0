/* SPDX-License-Identifier: MIT */
#include "wire/sealed.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/base64.h"

#define VERSION 1
#define CHUNK_LOG2 16
#define JOURNAL 1u
#define KEY_PREFIX "vcenc:"
#define KEY_PREFIX_LEN 6

bool vc_sealed_is(const uint8_t *p, size_t len)
{
	return len >= VC_SEALED_SNIFF &&
	       !memcmp(p, VC_SEALED_MAGIC, VC_SEALED_SNIFF);
}

int vc_sealed_head_parse(struct vc_sealed_head *h, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	const uint8_t *magic = vc_rd_bytes(&r, VC_SEALED_SNIFF);
	uint8_t version = vc_rd_u8(&r), log2 = vc_rd_u8(&r);
	uint8_t flags = vc_rd_u8(&r), zero = vc_rd_u8(&r);
	const uint8_t *salt = vc_rd_bytes(&r, VC_SEALED_SALT);
	const uint8_t *proof = vc_rd_bytes(&r, VC_SEALED_PROOF);

	if (r.bad || !vc_sealed_is(magic, VC_SEALED_SNIFF))
		return -EBADMSG;
	if (version != VERSION || log2 != CHUNK_LOG2 || (flags & ~JOURNAL) ||
	    zero)
		return -ENOTSUP;
	h->is_journal = flags & JOURNAL;
	memcpy(h->salt, salt, VC_SEALED_SALT);
	memcpy(h->proof, proof, VC_SEALED_PROOF);
	return 0;
}

void vc_sealed_head_write(const struct vc_sealed_head *h,
			  uint8_t out[static VC_SEALED_HEAD])
{
	memcpy(out, VC_SEALED_MAGIC, VC_SEALED_SNIFF);
	out[8] = VERSION;
	out[9] = CHUNK_LOG2;
	out[10] = h->is_journal ? JOURNAL : 0;
	out[11] = 0;
	memcpy(out + VC_SEALED_INFO, h->salt, VC_SEALED_SALT);
	memcpy(out + VC_SEALED_INFO + VC_SEALED_SALT, h->proof,
	       VC_SEALED_PROOF);
}

int vc_sealed_chunk_parse(struct vc_sealed_chunk *c, bool is_journal,
			  const uint8_t p[static VC_SEALED_CHUNK_HEAD])
{
	uint32_t all = vc_get_u32(p), len = all & 0xffffff;
	uint32_t least = 1;

	switch (all >> 24) {
	case VC_SEALED_DATA:
		break;
	case VC_SEALED_LAST:
		least = 0;
		break;
	case VC_SEALED_PATCH:
		least = VC_SEALED_PATCH_HEAD + 1;
		if (is_journal)
			break;
		return -EBADMSG;
	default:
		return -EBADMSG;
	}
	if (len < least || len > VC_SEALED_CHUNK_MAX)
		return -EBADMSG;
	c->kind = (enum vc_sealed_kind)(all >> 24);
	c->len = len;
	return 0;
}

void vc_sealed_chunk_write(const struct vc_sealed_chunk *c,
			   uint8_t out[static VC_SEALED_CHUNK_HEAD])
{
	vc_put_u32(out, (uint32_t)c->kind << 24 | c->len);
}

void vc_sealed_nonce(uint8_t out[static VC_SEALED_NONCE], uint64_t n,
		     enum vc_sealed_kind kind)
{
	memset(out, 0, VC_SEALED_NONCE);
	vc_put_u64(out + 3, n);
	out[VC_SEALED_NONCE - 1] = kind == VC_SEALED_LAST;
}

int vc_sealed_key_parse(uint8_t key[static VC_SEALED_KEY], struct vc_str line,
			const char **why)
{
	uint8_t room[VC_SEALED_KEY + 1];
	int n;

	*why = "not 'vcenc:' and 32 octets in base64: `vc-record new-key` "
	       "makes one";
	if (line.len < KEY_PREFIX_LEN ||
	    memcmp(line.p, KEY_PREFIX, KEY_PREFIX_LEN))
		return -EBADMSG;
	n = vc_base64_read(vc_str_of(line.p + KEY_PREFIX_LEN,
				     line.len - KEY_PREFIX_LEN),
			   room, sizeof(room));
	if (n == VC_SEALED_KEY)
		memcpy(key, room, VC_SEALED_KEY);
	explicit_bzero(room, sizeof(room));
	return n == VC_SEALED_KEY ? 0 : -EBADMSG;
}

void vc_sealed_key_write(const uint8_t key[static VC_SEALED_KEY],
			 char text[static VC_SEALED_KEY_TEXT])
{
	struct vc_wr w = vc_wr_over(text, VC_SEALED_KEY_TEXT);

	vc_wr_bytes(&w, KEY_PREFIX, KEY_PREFIX_LEN);
	vc_base64_write(&w, key, VC_SEALED_KEY);
	vc_wr_u8(&w, 0);
}

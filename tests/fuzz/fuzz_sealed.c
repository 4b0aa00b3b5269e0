/* SPDX-License-Identifier: MIT */
/*
 * An encrypted file: its head and the heads of its chunks, as anybody may write
 * them; its key lines. Nothing comes out, and what is read is what is written.
 */
#include <assert.h>
#include <string.h>

#include "engine/unseal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void heads(const uint8_t *data, size_t size)
{
	uint8_t again[VC_SEALED_HEAD], chunk[VC_SEALED_CHUNK_HEAD];
	struct vc_sealed_chunk c;
	struct vc_sealed_head h;

	if (!vc_sealed_head_parse(&h, data, size)) {
		vc_sealed_head_write(&h, again);
		assert(!memcmp(again, data, sizeof(again)));
	}
	if (size >= sizeof(chunk) && !vc_sealed_chunk_parse(&c, true, data)) {
		assert(c.len <= VC_SEALED_CHUNK_MAX);
		vc_sealed_chunk_write(&c, chunk);
		assert(!memcmp(chunk, data, sizeof(chunk)));
	}
}

static void key(const uint8_t *data, size_t size)
{
	struct vc_str line = vc_str_of((const char *)data, size);
	uint8_t k[VC_SEALED_KEY], again[VC_SEALED_KEY];
	char text[VC_SEALED_KEY_TEXT];
	const char *why;

	if (vc_sealed_key_parse(k, line, &why))
		return;
	vc_sealed_key_write(k, text);
	assert(!vc_sealed_key_parse(again, vc_str_c(text), &why));
	assert(!memcmp(k, again, sizeof(k)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t own[VC_SEALED_KEY];
	const struct vc_unseal_keys keys = { .v = own, .n = 1 };
	struct vc_unseal *u = vc_unseal_new(&keys);
	size_t used = size, got;
	uint8_t out[4096];
	int err;

	heads(data, size);
	key(data, size);
	got = sizeof(out);
	err = u ? vc_unseal_read(u, data, &used, out, &got) : -1;
	/* Whole files under this key are in the corpus. */
	assert(used <= size && got <= sizeof(out));
	assert(err <= 0 || vc_unseal_is_whole(u));
	vc_unseal_free(u);
	return 0;
}

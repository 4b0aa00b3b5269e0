/* SPDX-License-Identifier: MIT */
/*
 * Hashes for tables whose keys strangers choose: multiplied with what nobody
 * knows, the highest bits taken. Whatever two keys are, the chance that they
 * fall together is 2 in the number of buckets (Dietzfelbinger et al., 1997), so
 * chains cannot be made long on purpose. Every run has others: what is written
 * must not follow the order of buckets.
 */
#ifndef VC_BASE_HASHKEY_H
#define VC_BASE_HASHKEY_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define VC_HASHKEY_WORDS 12

struct vc_hashkey {
	uint64_t odd;
	uint64_t of[VC_HASHKEY_WORDS];
};

/* 0 or -errno. */
int vc_hashkey_init(struct vc_hashkey *key);

/* One of 2^bits buckets, 'bits' from 1 to 32. */
static inline uint32_t vc_hashkey_u64(const struct vc_hashkey *key, uint64_t v,
				      unsigned int bits)
{
	return (uint32_t)(v * key->odd >> (64 - bits));
}

static inline uint32_t vc_hashkey_words(const struct vc_hashkey *key,
					const uint32_t *v, size_t n,
					unsigned int bits)
{
	uint64_t h = 0;

	assert(n <= VC_HASHKEY_WORDS);
	for (size_t i = 0; i < n; i++)
		h += v[i] * key->of[i];
	return (uint32_t)(h >> (64 - bits));
}

#endif

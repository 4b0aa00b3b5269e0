/* SPDX-License-Identifier: MIT */
/*
 * All randomness of a run comes from one seed: PRF(seed, tool, name, purpose,
 * counter), so that equal seeds give equal bytes and three captures with one
 * seed differ by their names. The PRF is SipHash-2-4 (Aumasson, Bernstein
 * 2012) keyed by the seed. Not for keys: those come from the kernel.
 */
#ifndef VC_BASE_RAND_H
#define VC_BASE_RAND_H

#include <stddef.h>
#include <stdint.h>

struct vc_rand {
	uint64_t key[2];
};

/* Binds a generator to seed, tool and name. NULL is the empty string. */
void vc_rand_init(struct vc_rand *r, uint64_t seed, const char *tool,
		  const char *name);

/* The same for equal (r, purpose, counter), on every machine. */
uint64_t vc_rand_u64(const struct vc_rand *r, const char *purpose,
		     uint64_t counter);
uint32_t vc_rand_u32(const struct vc_rand *r, const char *purpose,
		     uint64_t counter);

/*
 * The same numbers for who draws many for one purpose: what is the same for
 * all of them is hashed once.
 */
struct vc_rand_line {
	uint64_t v[4];
	uint64_t tail;
	uint64_t len;
};

void vc_rand_line(struct vc_rand_line *line, const struct vc_rand *r,
		  const char *purpose);
/* vc_rand_u64(r, purpose, counter) */
uint64_t vc_rand_at(const struct vc_rand_line *line, uint64_t counter);

/* A seed from the kernel. 0 or -errno. */
int vc_rand_seed(uint64_t *seed);

/*
 * At most 256 octets from the kernel that nobody can guess: for keys. 0 or
 * -errno.
 */
int vc_rand_secret(void *p, size_t len);

/* A 64-bit hash of a string, the same everywhere; for tables and tones. */
uint64_t vc_hash_str(const char *s);

#endif

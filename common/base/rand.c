/* SPDX-License-Identifier: MIT */
/*
 * SipHash-2-4 over length-framed strings. The generator's key is two hashes
 * of (tool, name) under the seed; a number is the hash of (purpose, counter)
 * under that key.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/rand.h"

struct sip {
	uint64_t v0, v1, v2, v3;
	uint64_t tail;
	uint64_t len;
};

static uint64_t rotl(uint64_t x, unsigned int n)
{
	return x << n | x >> (64 - n);
}

static void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v2 = rotl(s->v2, 32);
}

static void sip_word(struct sip *s, uint64_t m)
{
	s->v3 ^= m;
	sip_round(s);
	sip_round(s);
	s->v0 ^= m;
}

static void sip_init(struct sip *s, const uint64_t key[2])
{
	s->v0 = key[0] ^ UINT64_C(0x736f6d6570736575);
	s->v1 = key[1] ^ UINT64_C(0x646f72616e646f6d);
	s->v2 = key[0] ^ UINT64_C(0x6c7967656e657261);
	s->v3 = key[1] ^ UINT64_C(0x7465646279746573);
	s->tail = 0;
	s->len = 0;
}

static void sip_byte(struct sip *s, uint8_t b)
{
	s->tail |= (uint64_t)b << (8 * (s->len % 8));
	s->len++;
	if (s->len % 8 == 0) {
		sip_word(s, s->tail);
		s->tail = 0;
	}
}

static uint64_t sip_final(struct sip *s)
{
	sip_word(s, s->tail | s->len << 56);
	s->v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static void sip_u64(struct sip *s, uint64_t v)
{
	for (unsigned int i = 0; i < 8; i++)
		sip_byte(s, (uint8_t)(v >> (8 * i)));
}

static void sip_str(struct sip *s, const char *str)
{
	size_t len = str ? strlen(str) : 0;

	sip_u64(s, len);
	for (size_t i = 0; i < len; i++)
		sip_byte(s, (uint8_t)str[i]);
}

void vc_rand_init(struct vc_rand *r, uint64_t seed, const char *tool,
		  const char *name)
{
	const uint64_t key[2] = { seed, UINT64_C(0x76632d7365656421) };

	for (uint64_t i = 0; i < 2; i++) {
		struct sip s;

		sip_init(&s, key);
		sip_u64(&s, i);
		sip_str(&s, tool);
		sip_str(&s, name);
		r->key[i] = sip_final(&s);
	}
}

uint64_t vc_rand_u64(const struct vc_rand *r, const char *purpose,
		     uint64_t counter)
{
	struct sip s;

	sip_init(&s, r->key);
	sip_str(&s, purpose);
	sip_u64(&s, counter);
	return sip_final(&s);
}

void vc_rand_line(struct vc_rand_line *line, const struct vc_rand *r,
		  const char *purpose)
{
	struct sip s;

	sip_init(&s, r->key);
	sip_str(&s, purpose);
	*line = (struct vc_rand_line){
		.v = { s.v0, s.v1, s.v2, s.v3 },
		.tail = s.tail,
		.len = s.len,
	};
}

/* The counter's eight octets fill the word that was begun and begin another. */
uint64_t vc_rand_at(const struct vc_rand_line *line, uint64_t counter)
{
	struct sip s = {
		.v0 = line->v[0],
		.v1 = line->v[1],
		.v2 = line->v[2],
		.v3 = line->v[3],
		.len = line->len + 8,
	};
	unsigned int bits = 8 * (line->len % 8);

	sip_word(&s, line->tail | counter << bits);
	if (bits)
		s.tail = counter >> (64 - bits);
	return sip_final(&s);
}

uint32_t vc_rand_u32(const struct vc_rand *r, const char *purpose,
		     uint64_t counter)
{
	return (uint32_t)(vc_rand_u64(r, purpose, counter) >> 32);
}

int vc_rand_seed(uint64_t *seed)
{
	return vc_rand_secret(seed, sizeof(*seed));
}

int vc_rand_secret(void *p, size_t len)
{
	/* Up to 256 octets come whole. */
	return getrandom(p, len, 0) == (ssize_t)len ? 0 : -EIO;
}

uint64_t vc_hash_str(const char *str)
{
	static const uint64_t key[2] = { 1, 2 };
	struct sip s;

	sip_init(&s, key);
	sip_str(&s, str);
	return sip_final(&s);
}

/* SPDX-License-Identifier: MIT */
/* SRTP keys for measurements: a number is a key. */
#ifndef VC_TESTS_BENCH_KEYS_H
#define VC_TESTS_BENCH_KEYS_H

#include "bench/bench.h"
#include "net/srtpout.h"

/* 'n' is the key. */
static inline struct vc_keyline key_of(unsigned int n)
{
	struct vc_keyline k = { .in = true, .out = true };

	k.key.suite = VC_AEAD_AES_128_GCM;
	k.key.lifetime = VC_SRTP_LIFE_MAX;
	for (size_t i = 0; i < vc_srtp_master_len(&k.key); i++)
		k.key.master[i] = (uint8_t)(i * 7 + (n >> i % 2 * 8));
	snprintf(k.name, sizeof(k.name), "p%u", n);
	return k;
}

/* Keys from 'n' on, so many. */
static inline void write_keys(char *path, unsigned int first, unsigned int n)
{
	int fd = temp_file(path);

	for (unsigned int i = 0; i < n; i++) {
		struct vc_keyline k = key_of(first + i);
		char line[VC_KEYLINE_CAP];

		need(vc_keyline_write(&k, line, sizeof(line)) > 0, "key");
		dprintf(fd, "%s\n", line);
	}
	close(fd);
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Reads a WAV file (wire/wav.h) front to back, as wire/webmread.h does WebM:
 * 16-bit PCM as "A_PCM/INT/BIG" in blocks of 10 ms, G.711 at 8 kHz as A_MS/ACM
 * in blocks of 20 ms, all so small that a packet has room for them. What comes
 * behind the samples is stepped over. Where their size is unknown, or 0 and no
 * chunk follows, they reach to the end: so pipes have it. Pure.
 */
#ifndef VC_WIRE_WAVREAD_H
#define VC_WIRE_WAVREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/wav.h"
#include "wire/webmread.h"

#define VC_WAVREAD_HEAD_MAX (1u << 20) /* before the samples */
#define VC_WAVREAD_BLOCK_MAX 960       /* octets */

/* Zero it before the first call; the reader's own, but for 'said'. */
struct vc_wavread {
	bool has_head;
	bool is_refused;
	bool is_endless;  /* how long it is was not said */
	bool has_tail;	  /* what is behind the samples was looked at */
	bool is_odd_tail; /* behind the samples there is no chunk */
	struct vc_wav wav;
	uint64_t left; /* octets of samples */
	int64_t at;    /* samples before the next block */
	int64_t said;  /* ns that the file lasts; 0: not said */
	size_t block;  /* octets of a sample of all channels */
	size_t unit;   /* octets of a block */
	uint8_t priv[18];
	uint8_t swapped[VC_WAVREAD_BLOCK_MAX];
};

/* The next item at 'buf', as vc_webmread_next(). */
int vc_wavread_next(struct vc_wavread *r, const uint8_t *buf, size_t len,
		    struct vc_webmread_item *out);

/*
 * No octets come behind these, which are no whole item: 1, and what samples or
 * padding they are, or 0.
 */
int vc_wavread_end(struct vc_wavread *r, const uint8_t *buf, size_t len,
		   struct vc_webmread_item *out);

/* May the file end here, or has it been cut? (Nothing may be left over.) */
bool vc_wavread_is_whole(const struct vc_wavread *r);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Octets over time: how much passed in a window of at most 1 s that ends with
 * the newest octet. A part of session/bwe.
 */
#ifndef VC_SESSION_BWERATE_H
#define VC_SESSION_BWERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_BWE_SLOT INT64_C(10000000) /* ns */
#define VC_BWE_SLOTS 128

struct vc_bwe_rate {
	bool set;
	int64_t first; /* slot of the first octet */
	int64_t last;  /* newest slot */
	uint32_t octets[VC_BWE_SLOTS];
};

/* 'octets' passed at 't'. */
void vc_bwe_rate_add(struct vc_bwe_rate *r, size_t octets, int64_t t);

/* Nothing passed until 't'. */
void vc_bwe_rate_pass(struct vc_bwe_rate *r, int64_t t);

/* Bits a second over 'window' (at most 1 s); 0 before half of it has passed. */
double vc_bwe_rate_bps(const struct vc_bwe_rate *r, int64_t window);

#endif

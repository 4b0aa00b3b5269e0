/* SPDX-License-Identifier: MIT */
/* Keys and packets for tests of SRTP. */
#ifndef VC_TESTS_SRTPRIG_H
#define VC_TESTS_SRTPRIG_H

#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "net/srtpin.h"
#include "net/srtpout.h"

#define RIG_CAP 2048

struct rig_pkt {
	_Alignas(4) uint8_t p[RIG_CAP];
	size_t len;
};

static inline struct vc_srtp_key rig_key(enum vc_srtp_suite suite, uint8_t n)
{
	struct vc_srtp_key k = { .suite = suite, .lifetime = VC_SRTP_LIFE_MAX };

	for (size_t i = 0; i < vc_srtp_master_len(&k); i++)
		k.master[i] = (uint8_t)(i * 7 + n);
	return k;
}

static inline struct vc_srtp_key rig_mki(enum vc_srtp_suite suite, uint8_t n,
					 uint8_t mki_len)
{
	struct vc_srtp_key k = rig_key(suite, n);

	k.mki_len = mki_len;
	memset(k.mki, n, mki_len);
	return k;
}

static inline struct rig_pkt rig_rtp(uint32_t ssrc, uint16_t seq, size_t load)
{
	struct rig_pkt k = { .p = { 0x80, 96 }, .len = 12 + load };

	vc_put_u16(k.p + 2, seq);
	vc_put_u32(k.p + 4, seq * 160u);
	vc_put_u32(k.p + 8, ssrc);
	for (size_t i = 0; i < load; i++)
		k.p[12 + i] = (uint8_t)(seq + i);
	return k;
}

/* A sender report. */
static inline struct rig_pkt rig_rtcp(uint32_t ssrc)
{
	struct rig_pkt k = { .p = { 0x80, 200, 0, 6 }, .len = 28 };

	vc_put_u32(k.p + 4, ssrc);
	return k;
}

static inline int rig_seal(struct vc_srtp_out *o, struct rig_pkt *k)
{
	return vc_srtp_out_seal(o, k->p, &k->len, sizeof(k->p));
}

/* Every try is on a copy, as packets come but once. */
static inline int rig_open(struct vc_srtp_in *in, const struct rig_pkt *k,
			   int64_t now, struct vc_srtp_got *got)
{
	struct rig_pkt copy = *k;

	return vc_srtp_in_open(in, copy.p, &copy.len, 1, 2, now, got);
}

static inline struct vc_srtp_out *rig_out(const struct vc_srtp_key *key)
{
	const struct vc_srtp_out_conf conf = { .max_sources = 10000 };
	struct vc_srtp_out *o = NULL;

	return vc_srtp_out_new(&o, key, &conf) ? NULL : o;
}

static inline struct vc_srtp_in *rig_in(const struct vc_srtp_key *keys,
					unsigned int n, unsigned int sources)
{
	const struct vc_srtp_in_conf conf = { .max_sources = sources,
					      .idle = 10 * VC_SEC };
	struct vc_srtp_in *in = NULL;
	unsigned int index;

	if (vc_srtp_in_new(&in, &conf))
		return NULL;
	for (unsigned int i = 0; i < n; i++)
		(void)vc_srtp_in_add(in, &keys[i], "", &index);
	return in;
}

#endif

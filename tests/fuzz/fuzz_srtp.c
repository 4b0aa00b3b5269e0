/* SPDX-License-Identifier: MIT */
/*
 * A keyring whose keys the fuzzer has: records of the input are packets as
 * they come, or are sealed first, so that what is in them gets past
 * authentication. A record: how (a key, sealed or not, seconds that pass), a
 * length, octets.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "net/srtpin.h"
#include "net/srtpout.h"

#define KEYS 4
#define CAP 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vc_srtp_key key_of(unsigned int i)
{
	static const enum vc_srtp_suite suites[KEYS] = {
		VC_AEAD_AES_128_GCM,
		VC_AES_CM_128_HMAC_SHA1_32,
		VC_AEAD_AES_256_GCM,
		VC_AES_CM_128_HMAC_SHA1_80,
	};
	struct vc_srtp_key k = { .suite = suites[i],
				 .lifetime = VC_SRTP_LIFE_MAX };

	memset(k.master, (int)i + 1, sizeof(k.master));
	k.mki_len = i / 2 ? 4 : 0;
	memset(k.mki, (int)i, k.mki_len);
	return k;
}

static void record(struct vc_srtp_in *in, struct vc_srtp_out **out,
		   struct vc_rd *r, int64_t *now)
{
	_Alignas(4) uint8_t p[CAP + VC_SRTP_TRAILER_MAX];
	uint8_t how = vc_rd_u8(r);
	size_t len = vc_rd_u8(r) * 2u;
	struct vc_srtp_got got;

	if (len > vc_rd_left(r))
		len = vc_rd_left(r);
	if (len)
		memcpy(p, vc_rd_bytes(r, len), len);
	*now += (how >> 4) * VC_SEC / 4;
	if (how & 8 && vc_srtp_out_seal(out[how & 3], p, &len, sizeof(p)))
		return;
	if (!vc_srtp_in_open(in, p, &len, how & 1, how & 3, *now, &got))
		assert(got.key < KEYS && len <= CAP);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct vc_srtp_in_conf conf = { .max_sources = 2,
					      .idle = VC_SEC };
	const struct vc_srtp_out_conf out_conf = { .max_sources = 8 };
	static bool has_begun;
	struct vc_rd r = vc_rd_over(data, size);
	struct vc_srtp_out *out[KEYS];
	struct vc_srtp_in *in;
	unsigned int index;
	int64_t now = 0;

	if ((!has_begun && vc_srtp_init()) || vc_srtp_in_new(&in, &conf))
		abort();
	has_begun = true;
	for (unsigned int i = 0; i < KEYS; i++) {
		struct vc_srtp_key k = key_of(i);

		if (vc_srtp_in_add(in, &k, NULL, &index) ||
		    vc_srtp_out_new(&out[i], &k, &out_conf))
			abort();
	}
	while (vc_rd_left(&r))
		record(in, out, &r, &now);
	assert(vc_srtp_in_sources(in) <= 2);
	for (unsigned int i = 0; i < KEYS; i++)
		vc_srtp_out_free(out[i]);
	vc_srtp_in_free(in);
	return 0;
}

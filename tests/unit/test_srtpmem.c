/* SPDX-License-Identifier: MIT */
/*
 * SRTP without memory: calloc(), by which we allocate, fails at its n-th call,
 * for each n there is. Whatever was to be made is then not, and what there is
 * works on. The calls of libsrtp2 do not come here, as this one is hidden:
 * 2.5.0 does not survive a failure when it makes a session.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "failcalloc.h"
#include "srtprig.h"

static int init(void **state)
{
	(void)state;
	return vc_srtp_init();
}

static struct rig_pkt sealed(struct vc_srtp_out *o, uint32_t ssrc, uint16_t seq)
{
	struct rig_pkt k = rig_rtp(ssrc, seq, 40);

	assert_int_equal(rig_seal(o, &k), 0);
	return k;
}

static void making(void **state)
{
	const struct vc_srtp_in_conf conf = { .max_sources = 4 };
	const struct vc_srtp_out_conf out_conf = { .max_sources = 4 };
	struct vc_srtp_key key = rig_key(VC_AEAD_AES_128_GCM, 1);
	bool failed = true;
	long n;

	(void)state;
	for (n = 0; failed; n++) {
		struct vc_srtp_out *o = NULL;
		struct vc_srtp_in *in = NULL;
		unsigned int index;
		int err;

		fail_in = n;
		err = vc_srtp_in_new(&in, &conf);
		if (!err)
			err = vc_srtp_in_add(in, &key, "alice", &index);
		if (!err)
			err = vc_srtp_out_new(&o, &key, &out_conf);
		failed = fail_in < 0;
		fail_in = -1;
		assert_int_equal(err, failed ? -ENOMEM : 0);
		vc_srtp_out_free(o);
		vc_srtp_in_free(in);
	}
	assert_in_range(n, 10, 20);
}

/* A search, which makes copies of keys. */
static void running(void **state)
{
	struct vc_srtp_key key = rig_key(VC_AES_CM_128_HMAC_SHA1_80, 1);
	bool failed = true;
	long n;

	(void)state;
	for (n = 0; failed; n++) {
		struct vc_srtp_out *o = rig_out(&key);
		struct vc_srtp_in *in = rig_in(&key, 1, 4);
		struct vc_srtp_got got;
		struct rig_pkt k;
		int64_t now = 0;

		for (int i = 0; i < 8; i++)
			(void)sealed(o, 7, (uint16_t)(i * 16384));
		k = sealed(o, 8, 1);
		fail_in = n;
		(void)rig_open(in, &k, now, &got);
		for (uint16_t i = 0; i < 60; i++) {
			k = sealed(o, 7, i);
			now += 20 * VC_MS;
			(void)rig_open(in, &k, now, &got);
		}
		failed = fail_in < 0;
		fail_in = -1;
		for (uint16_t i = 60; i < 200; i++) {
			k = sealed(o, 7, i);
			now += 20 * VC_MS;
			if (!rig_open(in, &k, now, &got))
				break;
		}
		assert_int_equal(got.roc, 2);
		k = sealed(o, 8, 2);
		assert_int_equal(rig_open(in, &k, now, &got), 0);
		vc_srtp_out_free(o);
		vc_srtp_in_free(in);
	}
	assert_in_range(n, 3, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(making),
		cmocka_unit_test(running),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * The keyring: which key a packet is opened with, what is refused and leaves
 * no trace, replays, and the budget. Roll-over counts: test_srtproc.c.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "srtprig.h"

#define GCM VC_AEAD_AES_128_GCM
#define CM80 VC_AES_CM_128_HMAC_SHA1_80
#define CM32 VC_AES_CM_128_HMAC_SHA1_32

static struct vc_srtp_got got;

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

/* K1: none of these does anything, however many. */
static void bad_packets_change_nothing(void **state)
{
	enum vc_srtp_suite suites[] = { GCM, CM80, CM32 };

	(void)state;
	for (size_t s = 0; s < VC_COUNT(suites); s++) {
		struct vc_srtp_key key = rig_key(suites[s], 1);
		struct vc_srtp_out *o = rig_out(&key);
		struct vc_srtp_in *in = rig_in(&key, 1, 4);
		int64_t now = 0;

		for (uint16_t seq = 0; seq < 500; seq++) {
			struct rig_pkt k = sealed(o, 7, seq), bad;

			for (int i = 0; i < 20; i++) {
				bad = k;
				bad.p[12 + (seq + i) % (k.len - 12)] ^= 0x40;
				assert_int_equal(rig_open(in, &bad, now, &got),
						 -EACCES);
			}
			/* From far ahead. */
			bad = k;
			vc_put_u16(bad.p + 2, (uint16_t)(seq + 30000));
			assert_int_equal(rig_open(in, &bad, now, &got),
					 -EACCES);
			assert_int_equal(rig_open(in, &k, now, &got), 0);
			now += 20 * VC_MS;
		}
		assert_int_equal(vc_srtp_in_counts(in)->opened, 500);
		assert_int_equal(vc_srtp_in_counts(in)->auth_failed, 500 * 21);
		assert_int_equal(vc_srtp_in_counts(in)->searches, 0);
		assert_int_equal(vc_srtp_in_sources(in), 1);
		vc_srtp_out_free(o);
		vc_srtp_in_free(in);
	}
}

/* K1: thirteen octets, a tag and nothing else. K4: in clear, signed only. */
static void not_srtp(void **state)
{
	struct vc_srtp_key keys[] = { rig_key(GCM, 1), rig_key(CM80, 2) };
	struct vc_srtp_out *o = rig_out(&keys[0]);
	struct vc_srtp_in *in = rig_in(keys, 2, 4);
	struct rig_pkt k, rtcp = rig_rtcp(7);
	int64_t now = VC_SEC;

	(void)state;
	k = sealed(o, 7, 1);
	assert_int_equal(rig_open(in, &k, now, &got), 0);
	k = rig_rtp(7, 2, 1);
	assert_int_equal(k.len, 13);
	assert_int_equal(rig_open(in, &k, now, &got), -EACCES);
	k = rig_rtp(7, 2, 160);
	assert_int_equal(rig_open(in, &k, now, &got), -EACCES);
	assert_int_equal(rig_open(in, &rtcp, now, &got), -EACCES);
	k = sealed(o, 7, 2);
	memmove(k.p, k.p + 12, 16);
	k.len = 16;
	k.p[0] = 0x80;
	k.p[1] = 96;
	assert_int_equal(rig_open(in, &k, now, &got), -EACCES);
	/* E = 0, of which the tag would be right for what is signed only. */
	assert_int_equal(rig_seal(o, &rtcp), 0);
	rtcp.p[rtcp.len - 4] &= 0x7f;
	assert_int_equal(rig_open(in, &rtcp, now, &got), -EACCES);
	rtcp.p[rtcp.len - 4] |= 0x80;
	assert_int_equal(rig_open(in, &rtcp, now, &got), 0);
	/* Neither RTP nor RTCP. */
	k.p[0] = 22;
	assert_int_equal(rig_open(in, &k, now, &got), -EBADMSG);
	k.len = 0;
	assert_int_equal(rig_open(in, &k, now, &got), -EBADMSG);
	vc_srtp_out_free(o);
	vc_srtp_in_free(in);
}

/* K4: the other suites with the same octets as key. */
static void wrong_suite(void **state)
{
	(void)state;
	for (int a = 0; a < VC_SRTP_SUITES; a++) {
		for (int b = 0; b < VC_SRTP_SUITES; b++) {
			struct vc_srtp_key ka = rig_key(a, 1);
			struct vc_srtp_key kb = rig_key(b, 1);
			struct vc_srtp_out *o = rig_out(&ka);
			struct vc_srtp_in *in = rig_in(&kb, 1, 4);
			struct rig_pkt k = sealed(o, 7, 1);

			assert_int_equal(rig_open(in, &k, 0, &got),
					 a == b ? 0 : -EACCES);
			assert_int_equal(vc_srtp_in_sources(in), a == b);
			vc_srtp_out_free(o);
			vc_srtp_in_free(in);
		}
	}
}

/* K2 */
static void replays(void **state)
{
	struct vc_srtp_key key = rig_key(GCM, 1);
	struct vc_srtp_out *o = rig_out(&key);
	struct vc_srtp_in *in = rig_in(&key, 1, 4);
	struct rig_pkt *all = vc_alloc(10000, sizeof(*all));
	struct rig_pkt rtcp = rig_rtcp(7), late;
	int64_t now = 0;

	(void)state;
	assert_int_equal(rig_seal(o, &rtcp), 0);
	assert_int_equal(rig_open(in, &rtcp, now, &got), 0);
	/* Across a wrap; one is held back. */
	for (int i = 0; i < 10000; i++) {
		all[i] = sealed(o, 7, (uint16_t)(60000 + i));
		if (i == 9900)
			continue;
		assert_int_equal(rig_open(in, &all[i], now, &got), 0);
		now += VC_MS;
	}
	assert_int_equal(got.roc, 1);
	now += 2 * VC_SEC;
	for (int i = 9999; i >= 0; i--) {
		if (i == 9900)
			continue;
		assert_int_equal(rig_open(in, &all[i], now, &got), -EALREADY);
	}
	assert_int_equal(rig_open(in, &rtcp, now, &got), -EALREADY);
	assert_int_equal(vc_srtp_in_counts(in)->replayed, 10000);
	/* What was late is news, once. */
	late = all[9900];
	assert_int_equal(rig_open(in, &late, now, &got), 0);
	assert_int_equal(rig_open(in, &late, now, &got), -EALREADY);
	vc_srtp_out_free(o);
	vc_srtp_in_free(in);
	free(all);
}

/* Keys follow each other by MKI, the count goes on, old ones stay old. */
static void keys_change_by_mki(void **state)
{
	struct vc_srtp_key keys[] = { rig_mki(GCM, 1, 4), rig_mki(GCM, 2, 4),
				      rig_mki(CM80, 3, 2), rig_key(CM80, 4) };
	struct vc_srtp_in *in = rig_in(keys, 4, 4);
	struct vc_srtp_out *o[4];
	struct rig_pkt first, k;

	(void)state;
	for (int i = 0; i < 4; i++) {
		o[i] = rig_out(&keys[i]);
		/* All have counted alike. */
		k = sealed(o[i], 7, 65000);
		(void)sealed(o[i], 7, 10);
		if (!i)
			first = k;
	}
	assert_int_equal(rig_open(in, &first, 0, &got), 0);
	k = sealed(o[0], 7, 20);
	assert_int_equal(rig_open(in, &k, 0, &got), 0);
	for (unsigned int i = 1; i < 4; i++) {
		k = sealed(o[i], 7, (uint16_t)(20 + i));
		assert_int_equal(rig_open(in, &k, 0, &got), 0);
		assert_int_equal(got.key, i);
		assert_int_equal(got.roc, 1);
		assert_int_equal(rig_open(in, &k, 0, &got), -EALREADY);
	}
	assert_int_equal(rig_open(in, &first, 0, &got), -EALREADY);
	/* An MKI that is nobody's. */
	k = sealed(o[0], 7, 30);
	k.p[k.len - 1] ^= 1;
	assert_int_equal(rig_open(in, &k, 0, &got), -EACCES);
	assert_int_equal(vc_srtp_in_counts(in)->searches, 0);
	for (int i = 0; i < 4; i++)
		vc_srtp_out_free(o[i]);
	vc_srtp_in_free(in);
}

/* Of 100 keys the one bound to the address is found at once, another by and
 * by. */
static void many_keys(void **state)
{
	struct vc_srtp_key keys[100];
	struct vc_srtp_in *in;
	struct vc_srtp_out *a, *b;
	struct rig_pkt k;
	int tries = 0;

	(void)state;
	for (uint8_t i = 0; i < 100; i++)
		keys[i] = rig_key(GCM, i);
	in = rig_in(keys, 100, 4);
	a = rig_out(&keys[77]);
	b = rig_out(&keys[55]);
	vc_srtp_in_bind(in, 77, 2);
	k = sealed(a, 7, 1);
	assert_int_equal(rig_open(in, &k, 0, &got), 0);
	assert_int_equal(got.key, 77);
	assert_int_equal(vc_srtp_in_counts(in)->trials, 1);
	k = sealed(b, 8, 1);
	while (rig_open(in, &k, tries * VC_SEC, &got))
		assert_in_range(++tries, 0, 100 / 7 + 1);
	assert_int_equal(got.key, 55);
	vc_srtp_out_free(a);
	vc_srtp_out_free(b);
	vc_srtp_in_free(in);
}

static void the_budget(void **state)
{
	struct vc_srtp_key keys[] = { rig_key(GCM, 1), rig_key(GCM, 2) };
	struct vc_srtp_in *in = rig_in(keys, 2, 4);
	struct vc_srtp_out *o = rig_out(&keys[0]);
	struct rig_pkt k = sealed(o, 7, 1);
	int64_t now = 0;

	(void)state;
	assert_int_equal(rig_open(in, &k, now, &got), 0);
	/* 30,000 foreign ones a second for two seconds. */
	for (uint32_t i = 0; i < 60000; i++) {
		struct rig_pkt bad = rig_rtp(1000 + i % 10000, 5, 100);

		now += VC_SEC / 30000;
		assert_int_not_equal(rig_open(in, &bad, now, &got), 0);
		if (i % 10)
			continue;
		k = sealed(o, 7, (uint16_t)(2 + i / 10));
		assert_int_equal(rig_open(in, &k, now, &got), 0);
	}
	assert_in_range(vc_srtp_in_counts(in)->trials, 2000, 4000 + 100);
	assert_true(vc_srtp_in_counts(in)->limited > 50000);
	assert_int_equal(vc_srtp_in_sources(in), 1);
	vc_srtp_out_free(o);
	vc_srtp_in_free(in);
}

/* Whoever comes from where somebody is known to be does not wait with all the
 * world: the budget of a moment was spent by others, before him. */
static void neighbours_of_the_known_come_in(void **state)
{
	struct vc_srtp_key key = rig_key(GCM, 1);
	struct vc_srtp_in *in = rig_in(&key, 1, 8);
	struct vc_srtp_out *o = rig_out(&key);
	struct rig_pkt k = sealed(o, 7, 1);

	(void)state;
	assert_int_equal(rig_open(in, &k, VC_SEC, &got), 0);
	for (uint32_t i = 0; i < 500; i++) {
		struct rig_pkt bad = rig_rtp(1000 + i, 5, 100);

		assert_int_not_equal(vc_srtp_in_open(in, bad.p, &bad.len, 77,
						     78, 2 * VC_SEC, &got),
				     0);
	}
	k = sealed(o, 8, 1);
	assert_int_equal(vc_srtp_in_open(in, k.p, &k.len, 77, 79, 2 * VC_SEC,
					 &got),
			 -EBUSY);
	k = sealed(o, 9, 1);
	assert_int_equal(rig_open(in, &k, 2 * VC_SEC, &got), 0);
	vc_srtp_out_free(o);
	vc_srtp_in_free(in);
}

static void thousands_of_sources(void **state)
{
	struct vc_srtp_key key = rig_key(GCM, 1);
	struct vc_srtp_out *o = rig_out(&key);
	struct vc_srtp_in *in = rig_in(&key, 1, 2000);
	int64_t now = 0;

	(void)state;
	for (uint16_t round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 2000; i++) {
			struct rig_pkt k = sealed(o, i * 65537, round);

			now += VC_MS;
			assert_int_equal(rig_open(in, &k, now, &got), 0);
			assert_int_equal(got.is_new, !round);
		}
	}
	assert_int_equal(vc_srtp_in_sources(in), 2000);
	vc_srtp_out_free(o);
	vc_srtp_in_free(in);
}

static void a_key_goes_and_its_contexts_with_it(void **state)
{
	struct vc_srtp_key keys[] = { rig_key(GCM, 1), rig_key(GCM, 2) };
	struct vc_srtp_in *in = rig_in(keys, 2, 4);
	struct vc_srtp_out *o[] = { rig_out(&keys[0]), rig_out(&keys[1]) };
	struct rig_pkt k;
	unsigned int index;

	(void)state;
	assert_int_equal(vc_srtp_in_add(in, &keys[1], "", &index), -EEXIST);
	for (uint32_t i = 0; i < 2; i++) {
		k = sealed(o[i], i, 1);
		assert_int_equal(rig_open(in, &k, 0, &got), 0);
	}
	vc_srtp_in_remove(in, 0);
	assert_int_equal(vc_srtp_in_sources(in), 1);
	k = sealed(o[0], 0, 2);
	assert_int_equal(rig_open(in, &k, 0, &got), -EACCES);
	k = sealed(o[1], 1, 2);
	assert_int_equal(rig_open(in, &k, 0, &got), 0);
	assert_int_equal(vc_srtp_in_add(in, &keys[0], "", &index), 0);
	k = sealed(o[0], 0, 3);
	assert_int_equal(rig_open(in, &k, 0, &got), 0);
	assert_int_equal(got.key, index);
	for (int i = 0; i < 2; i++)
		vc_srtp_out_free(o[i]);
	vc_srtp_in_free(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_packets_change_nothing),
		cmocka_unit_test(not_srtp),
		cmocka_unit_test(wrong_suite),
		cmocka_unit_test(replays),
		cmocka_unit_test(keys_change_by_mki),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(the_budget),
		cmocka_unit_test(neighbours_of_the_known_come_in),
		cmocka_unit_test(thousands_of_sources),
		cmocka_unit_test(a_key_goes_and_its_contexts_with_it),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Roll-over counts of the keyring: wraps with losses, late joins, blackouts,
 * and contexts that went and came back.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

/* What nobody gets. */
static void go_around(struct vc_srtp_out *o, uint32_t ssrc, int times)
{
	for (int i = 0; i < times * 4; i++)
		(void)sealed(o, ssrc, (uint16_t)(i * 16384));
}

/* K2: what was before a wrap is found by no search. */
static void old_rounds_stay_old(void **state)
{
	struct vc_srtp_key key = rig_key(GCM, 1);
	struct vc_srtp_out *o = rig_out(&key);
	struct vc_srtp_in *in = rig_in(&key, 1, 4);
	struct rig_pkt old[64], k;
	int64_t now = 0;

	(void)state;
	for (uint32_t i = 0; i < 4 * 65536u + 100; i++) {
		k = sealed(o, 7, (uint16_t)i);
		if (i >= 50000 && i < 50064)
			old[i - 50000] = k;
		if (i % 16 == 0)
			assert_int_equal(rig_open(in, &k, now, &got), 0);
	}
	now += 10 * VC_SEC;
	for (int round = 0; round < 100; round++) {
		for (size_t i = 0; i < VC_COUNT(old); i++) {
			assert_int_not_equal(rig_open(in, &old[i], now, &got),
					     0);
			now += 20 * VC_MS;
		}
	}
	assert_int_equal(vc_srtp_in_counts(in)->found, 0);
	k = sealed(o, 7, 101);
	assert_int_equal(rig_open(in, &k, now, &got), 0);
	assert_int_equal(got.roc, 4);
	vc_srtp_out_free(o);
	vc_srtp_in_free(in);
}

/* K3: starts at 65530, every second one is lost, whichever they are. */
static void loss_across_the_wrap(void **state)
{
	(void)state;
	for (uint32_t lost = 0; lost < 256; lost++) {
		struct vc_srtp_key key = rig_key(CM80, 1);
		struct vc_srtp_out *o = rig_out(&key);
		struct vc_srtp_in *in = rig_in(&key, 1, 4);
		int64_t now = 0;
		int fails = 0;

		for (int i = 0; i < 400; i++) {
			struct rig_pkt k = sealed(o, 7, (uint16_t)(65530 + i));

			now += 20 * VC_MS;
			if (i < 16 ? lost >> (i / 2) & 1 : (uint32_t)i % 2)
				continue;
			if (rig_open(in, &k, now, &got))
				fails++;
			else if (i > 6)
				assert_int_equal(got.roc, 1);
		}
		/* Where the first that came is behind the wrap, a search finds
		 * it after a second. */
		assert_true(fails <= ((lost & 7) == 7 ? 60 : 0));
		assert_int_equal(vc_srtp_in_counts(in)->found, (lost & 7) == 7);
		vc_srtp_out_free(o);
		vc_srtp_in_free(in);
	}
}

/* Packets at 50 a second until one is opened; their number. */
static int until_open(struct vc_srtp_in *in, struct vc_srtp_out *o,
		      uint32_t ssrc, uint16_t seq, int64_t *now, int most)
{
	for (int i = 0; i < most; i++) {
		struct rig_pkt k = sealed(o, ssrc, (uint16_t)(seq + i));

		*now += 20 * VC_MS;
		if (!rig_open(in, &k, *now, &got))
			return i;
	}
	return -1;
}

/* K3 */
static void late_join(void **state)
{
	static const struct {
		int rounds, keys, most;
	} rows[] = { { 1, 1, 55 }, { 3, 1, 55 }, { 3, 8, 70 }, { 200, 1, 75 } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_srtp_key keys[8];
		struct vc_srtp_out *o;
		struct vc_srtp_in *in;
		struct rig_pkt k;
		int64_t now = 0;
		int n;

		for (uint8_t j = 0; j < 8; j++)
			keys[j] = rig_key(j % 2 ? GCM : CM32, j);
		o = rig_out(&keys[rows[i].keys - 1]);
		in = rig_in(keys, (unsigned int)rows[i].keys, 4);
		go_around(o, 7, rows[i].rounds);
		/* The last of these was the end of the last round. */
		n = until_open(in, o, 7, 1000, &now, 200);
		assert_in_range(n, 50, rows[i].most);
		assert_true(got.was_found);
		assert_true(got.is_new);
		assert_int_equal(got.roc, rows[i].rounds);
		assert_int_equal(got.key, rows[i].keys - 1);
		for (uint16_t j = 0; j < 10; j++) {
			k = sealed(o, 7, (uint16_t)(1001 + n + j));
			assert_int_equal(rig_open(in, &k, now, &got), 0);
			assert_false(got.was_found);
		}
		vc_srtp_out_free(o);
		vc_srtp_in_free(in);
	}
}

/* A context that lives on while it is searched for, and is found. */
static void long_blackout(void **state)
{
	struct vc_srtp_key key = rig_key(GCM, 1);
	struct vc_srtp_out *o = rig_out(&key);
	struct vc_srtp_in *in = rig_in(&key, 1, 4);
	struct rig_pkt before, k;
	int64_t now = 0;
	int n;

	(void)state;
	before = sealed(o, 7, 40000);
	assert_int_equal(rig_open(in, &before, now, &got), 0);
	now += 60 * VC_SEC;
	go_around(o, 7, 5);
	n = until_open(in, o, 7, 100, &now, 20);
	assert_in_range(n, 3, 10);
	assert_true(got.was_found);
	assert_false(got.is_new);
	assert_int_equal(got.roc, 6);
	assert_int_equal(rig_open(in, &before, now, &got), -EALREADY);
	k = sealed(o, 7, 500);
	assert_int_equal(rig_open(in, &k, now, &got), 0);
	assert_int_equal(vc_srtp_in_sources(in), 1);
	vc_srtp_out_free(o);
	vc_srtp_in_free(in);
}

/* Forged packets in a pause: searched in vain, and the next true one opens. */
static void a_search_in_vain_harms_nobody(void **state)
{
	struct vc_srtp_key key = rig_key(GCM, 1);
	struct vc_srtp_out *o = rig_out(&key);
	struct vc_srtp_in *in = rig_in(&key, 1, 4);
	struct rig_pkt k = sealed(o, 7, 1), bad;
	int64_t now = 0;

	(void)state;
	assert_int_equal(rig_open(in, &k, now, &got), 0);
	for (int i = 0; i < 500; i++) {
		now += 20 * VC_MS;
		bad = rig_rtp(7, (uint16_t)(i * 77), 60);
		assert_int_not_equal(rig_open(in, &bad, now, &got), 0);
	}
	assert_int_equal(vc_srtp_in_counts(in)->searches, 1);
	assert_in_range(vc_srtp_in_counts(in)->trials, 5000, 2000 * 11);
	k = sealed(o, 7, 2);
	assert_int_equal(rig_open(in, &k, now, &got), 0);
	assert_int_equal(vc_srtp_in_counts(in)->found, 0);
	vc_srtp_out_free(o);
	vc_srtp_in_free(in);
}

static void roc_may_be_given(void **state)
{
	struct vc_srtp_in_conf conf = { .max_sources = 4, .roc = 3 };
	struct vc_srtp_key key = rig_key(GCM, 1);
	struct vc_srtp_out *o = rig_out(&key);
	struct vc_srtp_in *in;
	struct rig_pkt k, rtcp = rig_rtcp(8);
	unsigned int index;

	(void)state;
	assert_int_equal(vc_srtp_in_new(&in, &conf), 0);
	assert_int_equal(vc_srtp_in_add(in, &key, "bob", &index), 0);
	assert_string_equal(vc_srtp_in_name(in, index), "bob");
	go_around(o, 7, 3);
	k = sealed(o, 7, 5);
	assert_int_equal(rig_open(in, &k, 0, &got), 0);
	assert_int_equal(got.roc, 3);
	/* RTCP first. */
	assert_int_equal(rig_seal(o, &rtcp), 0);
	assert_int_equal(rig_open(in, &rtcp, 0, &got), 0);
	go_around(o, 8, 3);
	k = rig_rtp(8, 5, 40);
	assert_int_equal(rig_open(in, &k, 0, &got), -EACCES);
	k = sealed(o, 8, 5);
	assert_int_equal(rig_open(in, &k, 0, &got), 0);
	assert_int_equal(got.roc, 3);
	vc_srtp_out_free(o);
	vc_srtp_in_free(in);
}

/* A key that comes later counts on where its SSRC is, or from the beginning. */
static void a_new_key_may_count_anew(void **state)
{
	struct vc_srtp_key keys[] = { rig_key(GCM, 1), rig_key(GCM, 2) };

	(void)state;
	for (int anew = 0; anew < 2; anew++) {
		struct vc_srtp_in_conf conf = { .max_sources = 4,
						.roc_anew = anew };
		struct vc_srtp_out *o[] = { rig_out(&keys[0]),
					    rig_out(&keys[1]) };
		struct vc_srtp_in *in;
		struct rig_pkt k;
		unsigned int index;

		assert_int_equal(vc_srtp_in_new(&in, &conf), 0);
		assert_int_equal(vc_srtp_in_add(in, &keys[0], NULL, &index), 0);
		k = sealed(o[0], 7, 65530);
		assert_int_equal(rig_open(in, &k, 0, &got), 0);
		k = sealed(o[0], 7, 5);
		assert_int_equal(rig_open(in, &k, 0, &got), 0);
		assert_int_equal(got.roc, 1);
		assert_int_equal(vc_srtp_in_add(in, &keys[1], NULL, &index), 0);
		if (!anew)
			go_around(o[1], 7, 1);
		k = sealed(o[1], 7, 6);
		assert_int_equal(rig_open(in, &k, 0, &got), 0);
		assert_int_equal(got.roc, anew ? 0 : 1);
		assert_int_equal(got.key, index);
		vc_srtp_out_free(o[0]);
		vc_srtp_out_free(o[1]);
		vc_srtp_in_free(in);
	}
}

/* Room is made by who was idle; he is back at once, without his past. */
static void room_for_sources(void **state)
{
	struct vc_srtp_key key = rig_key(GCM, 1);
	struct vc_srtp_out *o = rig_out(&key);
	struct vc_srtp_in *in = rig_in(&key, 1, 2);
	struct rig_pkt k[4], old, rtcp = rig_rtcp(0);
	int64_t now = 0;

	(void)state;
	go_around(o, 0, 1);
	old = sealed(o, 0, 10);
	assert_int_equal(rig_seal(o, &rtcp), 0);
	assert_int_equal(rig_open(in, &rtcp, now, &got), 0);
	assert_int_not_equal(until_open(in, o, 0, 11, &now, 100), -1);
	for (uint32_t i = 0; i < 4; i++)
		k[i] = sealed(o, i, 200);
	assert_int_equal(rig_open(in, &k[0], now, &got), 0);
	assert_int_equal(rig_open(in, &k[1], now, &got), 0);
	assert_int_equal(rig_open(in, &k[2], now, &got), -ENOSPC);
	assert_int_equal(vc_srtp_in_counts(in)->full, 1);
	now += 20 * VC_SEC;
	assert_int_equal(rig_open(in, &k[2], now, &got), 0);
	assert_int_equal(rig_open(in, &k[3], now, &got), 0);
	assert_int_equal(vc_srtp_in_sources(in), 2);
	now += 20 * VC_SEC;
	assert_int_equal(rig_open(in, &k[0], now, &got), -EALREADY);
	assert_int_equal(rig_open(in, &old, now, &got), -EALREADY);
	assert_int_equal(rig_open(in, &rtcp, now, &got), -EALREADY);
	k[0] = sealed(o, 0, 201);
	assert_int_equal(rig_open(in, &k[0], now, &got), 0);
	assert_false(got.is_new);
	assert_int_equal(got.roc, 1);
	/* Nor do they come back in the new window. */
	assert_int_equal(rig_open(in, &old, now, &got), -EALREADY);
	assert_int_equal(rig_open(in, &rtcp, now, &got), -EALREADY);
	vc_srtp_out_free(o);
	vc_srtp_in_free(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_rounds_stay_old),
		cmocka_unit_test(loss_across_the_wrap),
		cmocka_unit_test(late_join),
		cmocka_unit_test(long_blackout),
		cmocka_unit_test(a_new_key_may_count_anew),
		cmocka_unit_test(a_search_in_vain_harms_nobody),
		cmocka_unit_test(roc_may_be_given),
		cmocka_unit_test(room_for_sources),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Sealing: a key's life, numbers used twice, and keys of both directions. */
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

static struct vc_srtp_got got;

static int init(void **state)
{
	(void)state;
	return vc_srtp_init();
}

/* K7 */
static void a_key_has_its_life(void **state)
{
	struct vc_srtp_key key = rig_key(GCM, 1);
	struct vc_srtp_out *o = rig_out(&key);
	struct rig_pkt k, rtcp;

	(void)state;
	vc_srtp_out_used(o)->rtp = (UINT64_C(1) << 48) - 2;
	vc_srtp_out_used(o)->rtcp = (UINT64_C(1) << 31) - 1;
	/* Over all SSRCs. */
	for (uint32_t i = 0; i < 2; i++) {
		k = rig_rtp(i, 1, 40);
		assert_int_equal(rig_seal(o, &k), 0);
	}
	k = rig_rtp(0, 2, 40);
	assert_int_equal(rig_seal(o, &k), -EKEYEXPIRED);
	assert_int_equal(k.len, 52);
	rtcp = rig_rtcp(0);
	assert_int_equal(rig_seal(o, &rtcp), 0);
	rtcp = rig_rtcp(1);
	assert_int_equal(rig_seal(o, &rtcp), -EKEYEXPIRED);
	vc_srtp_out_free(o);
	/* What its line says. */
	key.lifetime = 3;
	o = rig_out(&key);
	for (uint16_t i = 0; i < 4; i++) {
		k = rig_rtp(7, i, 40);
		assert_int_equal(rig_seal(o, &k), i < 3 ? 0 : -EKEYEXPIRED);
	}
	vc_srtp_out_free(o);
}

static void no_number_twice(void **state)
{
	static const struct {
		uint16_t seq;
		int err;
	} rows[] = {
		{ 65530, 0 },	  { 65530, -EALREADY }, { 65532, 0 },
		{ 65531, 0 },	  { 65531, -EALREADY }, { 2, 0 },
		{ 65535, 0 },	  { 65535, -EALREADY }, { 200, 0 },
		{ 3, -EALREADY },
	};
	struct vc_srtp_key key = rig_key(GCM, 1);
	struct vc_srtp_out *o = rig_out(&key);

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct rig_pkt k = rig_rtp(7, rows[i].seq, 40);

		assert_int_equal(rig_seal(o, &k), rows[i].err);
	}
	assert_int_equal(vc_srtp_out_used(o)->rtp, 6);
	vc_srtp_out_free(o);
}

static void what_cannot_be_sealed(void **state)
{
	const struct vc_srtp_out_conf conf = { .max_sources = 1 };
	struct vc_srtp_key key = rig_key(GCM, 1);
	struct vc_srtp_out *o;
	struct rig_pkt k = rig_rtp(7, 1, 40);
	size_t len = 11;

	(void)state;
	assert_int_equal(vc_srtp_out_new(&o, &key, &conf), 0);
	assert_int_equal(vc_srtp_out_seal(o, k.p, &len, RIG_CAP), -EBADMSG);
	len = 0;
	assert_int_equal(vc_srtp_out_seal(o, k.p, &len, RIG_CAP), -EBADMSG);
	len = 52;
	assert_int_equal(vc_srtp_out_seal(o, k.p, &len,
					  len + VC_SRTP_TRAILER_MAX - 1),
			 -ENOSPC);
	assert_int_equal(
		vc_srtp_out_seal(o, k.p, &len, len + VC_SRTP_TRAILER_MAX), 0);
	k = rig_rtp(8, 1, 40);
	assert_int_equal(rig_seal(o, &k), -ENOSPC);
	vc_srtp_out_forget(o, 9);
	vc_srtp_out_forget(o, 7);
	assert_int_equal(rig_seal(o, &k), 0);
	/* A header that says it is longer. */
	k = rig_rtp(8, 2, 4);
	k.p[0] = 0x8f;
	assert_int_not_equal(rig_seal(o, &k), 0);
	vc_srtp_out_free(o);
}

/* Thousands, and any of them may go. */
static void many_ssrcs(void **state)
{
	struct vc_srtp_key key = rig_key(GCM, 1);
	struct vc_srtp_out *o = rig_out(&key);
	struct rig_pkt k;

	(void)state;
	for (uint16_t round = 0; round < 4; round++) {
		for (uint32_t i = 0; i < 1000; i++) {
			k = rig_rtp(i * 2654435761u, round, 40);
			assert_int_equal(rig_seal(o, &k), 0);
			if (round == 1 && i % 3 == 0)
				vc_srtp_out_forget(o, i * 2654435761u);
		}
	}
	vc_srtp_out_free(o);
}

/* K5, K6: one key for both directions, by word only, and SSRCs kept apart. */
static void keys_of_both_directions(void **state)
{
	struct vc_srtp_key key = rig_key(GCM, 1), other = rig_key(GCM, 2);
	struct vc_srtp_in *in = rig_in(&key, 1, 4);
	struct vc_srtp_out_conf conf = { .in = in, .max_sources = 4 };
	struct vc_srtp_out *ours, *theirs = rig_out(&key);
	struct rig_pkt k, mine;

	(void)state;
	assert_int_equal(vc_srtp_out_new(&ours, &key, &conf), -EEXIST);
	assert_int_equal(vc_srtp_out_new(&ours, &other, &conf), 0);
	vc_srtp_out_free(ours);
	conf.is_shared = true;
	assert_int_equal(vc_srtp_out_new(&ours, &key, &conf), 0);
	/* Theirs was first. */
	k = rig_rtp(7, 1, 40);
	assert_int_equal(rig_seal(theirs, &k), 0);
	assert_int_equal(rig_open(in, &k, 0, &got), 0);
	k = rig_rtp(7, 1, 40);
	assert_int_equal(rig_seal(ours, &k), -EADDRINUSE);
	/* Ours was first; what comes back is nobody's. */
	mine = rig_rtp(8, 1, 40);
	assert_int_equal(rig_seal(ours, &mine), 0);
	assert_int_equal(rig_open(in, &mine, 0, &got), -ELOOP);
	k = rig_rtp(8, 2, 40);
	assert_int_equal(rig_seal(theirs, &k), 0);
	assert_int_equal(rig_open(in, &k, 0, &got), -ELOOP);
	assert_int_equal(vc_srtp_in_counts(in)->reflected, 2);
	vc_srtp_out_forget(ours, 8);
	assert_int_equal(rig_open(in, &k, 0, &got), 0);
	vc_srtp_out_free(ours);
	vc_srtp_out_free(theirs);
	vc_srtp_in_free(in);
}

/* Whoever has both keys hears no break, over the wrap of the numbers too. */
static void the_next_key(void **state)
{
	static const struct {
		uint16_t seq;
		bool is_second;
	} rows[] = {
		{ 65533, false }, { 65534, false }, { 65535, false },
		{ 0, false },	  { 1, false },	    { 2, true },
		{ 3, true },	  { 30000, true },  { 60000, true },
		{ 0, true },
	};
	const struct vc_srtp_key keys[] = { rig_mki(GCM, 1, 1),
					    rig_mki(GCM, 2, 1) };
	struct vc_srtp_in *in = rig_in(keys, 2, 4);
	struct vc_srtp_out_conf conf = { .max_sources = 4 };
	struct vc_srtp_out *one, *two;

	(void)state;
	assert_int_equal(vc_srtp_out_new(&one, &keys[0], &conf), 0);
	conf.before = one;
	assert_int_equal(vc_srtp_out_new(&two, &keys[1], &conf), 0);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct rig_pkt k = rig_rtp(7, rows[i].seq, 40);

		assert_int_equal(rig_seal(rows[i].is_second ? two : one, &k),
				 0);
		assert_int_equal(rig_open(in, &k, 0, &got), 0);
		assert_int_equal(got.key, rows[i].is_second);
		assert_int_equal(got.roc, i < 3 ? 0 : i < 9 ? 1 : 2);
	}
	vc_srtp_out_free(two);
	vc_srtp_out_free(one);
	vc_srtp_in_free(in);
}

/* Ours stays ours under the next key, until it is forgotten there. */
static void claims(void **state)
{
	const struct vc_srtp_key keys[] = { rig_key(GCM, 1), rig_key(GCM, 2) };
	struct vc_srtp_in *in = rig_in(keys, 2, 4);
	struct vc_srtp_out_conf conf = { .in = in,
					 .is_shared = true,
					 .max_sources = 3 };
	struct vc_srtp_out *one, *two;
	struct rig_pkt k;

	(void)state;
	assert_int_equal(vc_srtp_out_new(&one, &keys[0], &conf), 0);
	conf.before = one;
	assert_int_equal(vc_srtp_out_new(&two, &keys[1], &conf), 0);
	assert_int_equal(vc_srtp_out_claim(one, 7), 0);
	assert_int_equal(vc_srtp_out_claim(one, 7), -EADDRINUSE);
	assert_int_equal(vc_srtp_in_reserve(in, 7), -EADDRINUSE);
	k = rig_rtp(7, 1, 40);
	assert_int_equal(rig_seal(two, &k), 0);
	vc_srtp_out_forget(one, 7);
	assert_int_equal(vc_srtp_in_reserve(in, 7), -EADDRINUSE);
	vc_srtp_out_forget(two, 7);
	assert_int_equal(vc_srtp_in_reserve(in, 7), 0);
	assert_int_equal(vc_srtp_out_claim(one, 7), -EADDRINUSE);
	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(vc_srtp_out_claim(one, i), 0);
	assert_int_equal(vc_srtp_out_claim(one, 4), -ENOSPC);
	vc_srtp_out_free(two);
	vc_srtp_out_free(one);
	vc_srtp_in_free(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_has_its_life),
		cmocka_unit_test(no_number_twice),
		cmocka_unit_test(what_cannot_be_sealed),
		cmocka_unit_test(many_ssrcs),
		cmocka_unit_test(keys_of_both_directions),
		cmocka_unit_test(the_next_key),
		cmocka_unit_test(claims),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}

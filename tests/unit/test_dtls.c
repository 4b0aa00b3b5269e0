/* SPDX-License-Identifier: MIT */
/* Endpoints that want to agree: on any profile, over a bad link. */
#include "dtlslink.h"

static void profiles(void **state)
{
	static const struct {
		unsigned int passive, active, agreed;
		size_t key, salt;
	} rows[] = {
		{ ALL, ALL, VC_DTLS_GCM_128, 16, 12 },
		{ VC_DTLS_GCM_256, ALL, VC_DTLS_GCM_256, 32, 12 },
		{ ALL, VC_DTLS_CM_SHA1_80, VC_DTLS_CM_SHA1_80, 16, 14 },
		{ VC_DTLS_GCM_256 | VC_DTLS_CM_SHA1_80,
		  VC_DTLS_GCM_128 | VC_DTLS_CM_SHA1_80, VC_DTLS_CM_SHA1_80, 16,
		  14 },
	};
	struct vc_dtls_local *none = NULL;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct link *l = link_open(rows[i].passive, rows[i].active);

		start(l, 1);
		run(l, &l->ends[0]);
		assert_int_equal(l->ends[0].up, 1);
		assert_int_equal(l->ends[1].up, 1);
		assert_same_keys(l, rows[i].agreed);
		assert_int_equal(l->ends[0].keys.key_len, rows[i].key);
		assert_int_equal(l->ends[0].keys.salt_len, rows[i].salt);
		link_close(l);
	}
	assert_int_equal(vc_dtls_local_new(&none, 0), -EINVAL);
	assert_null(none);
}

static void nothing_in_common(void **state)
{
	struct link *l = link_open(VC_DTLS_GCM_256, VC_DTLS_GCM_128);

	(void)state;
	start(l, 1);
	deliver(l);
	assert_int_equal(l->ends[0].up + l->ends[1].up, 0);
	assert_int_equal(vc_dtls_n_up(l->ends[0].dtls), 0);
	assert_true(l->ends[0].failed || l->ends[1].failed);
	link_close(l);
}

static void bad_link(void **state)
{
	(void)state;
	for (unsigned int seed = 0; seed < 8; seed++) {
		/* In fragments too. */
		size_t mtu = seed % 2 ? 400 : VC_DTLS_MTU;
		struct link *l = link_of(ALL, ALL, mtu, 5 * VC_MS);

		vc_rand_init(&l->rand, seed, "test", "bad");
		l->loss = 20;
		l->doubled = 20;
		l->swapped = 20;
		l->garbage = 20;
		start(l, 1);
		run(l, &l->ends[0]);
		run(l, &l->ends[1]);
		assert_int_equal(l->ends[0].up, 1);
		assert_int_equal(l->ends[1].up, 1);
		assert_same_keys(l, VC_DTLS_GCM_128);
		for (int i = 0; i < 2; i++)
			assert_true(l->ends[i].largest <= mtu);
		if (seed % 2)
			assert_true(l->ends[0].sent > 3 * mtu);
		link_close(l);
	}
}

/* Hellos come in pieces, as GStreamer sends them. */
static void pieces(void **state)
{
	struct link *l = link_open(ALL, ALL);

	(void)state;
	l->in_pieces = true;
	start(l, 1);
	assert_int_equal(l->n, 2);
	deliver(l);
	assert_int_equal(l->ends[0].up, 1);
	assert_int_equal(l->ends[0].failed, 0);
	assert_int_equal(vc_dtls_counts(l->ends[0].dtls)->failures, 0);
	assert_same_keys(l, VC_DTLS_GCM_128);
	link_close(l);
}

static void nobody_there(void **state)
{
	struct link *l = link_open(ALL, ALL);

	(void)state;
	l->loss = 100;
	start(l, 1);
	vc_dtls_tick(l->ends[1].dtls, vc_mono_now() + 11 * VC_SEC);
	assert_int_equal(l->ends[1].err, -ETIMEDOUT);
	l->loss = 0;
	start(l, 1);
	deliver(l);
	assert_int_equal(l->ends[1].up, 1);
	link_close(l);
}

static void roles(void **state)
{
	static const int rows[3][3] = {
		/* theirs:	     active   passive  actpass */
		[VC_SETUP_ACTIVE] = { -EINVAL, 1, 1 },
		[VC_SETUP_PASSIVE] = { 0, -EINVAL, 0 },
		[VC_SETUP_ACTPASS] = { 0, 1, -EINVAL },
	};

	(void)state;
	for (int ours = 0; ours < 3; ours++) {
		for (int theirs = 0; theirs < 3; theirs++) {
			bool is_active;
			int err = vc_dtls_role((enum vc_dtls_setup)ours,
					       (enum vc_dtls_setup)theirs,
					       &is_active);

			assert_int_equal(err ? err : is_active,
					 rows[ours][theirs]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles), cmocka_unit_test(nothing_in_common),
		cmocka_unit_test(bad_link), cmocka_unit_test(nobody_there),
		cmocka_unit_test(roles),    cmocka_unit_test(pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

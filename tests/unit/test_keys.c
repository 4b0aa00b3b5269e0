/* SPDX-License-Identifier: MIT */
/* The keys of a run: which one sends to whom, and none twice. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>

#include <cmocka.h>

#include "base/mem.h"
#include "srtprig.h"
#include "tool/keys.h"

static struct vc_keyline line(const char *name, bool in, bool out, uint8_t n)
{
	struct vc_keyline k = { .in = in, .out = out };

	vc_strlcpy(k.name, name, sizeof(k.name));
	k.key = rig_key(VC_AEAD_AES_128_GCM, n);
	return k;
}

static void who_gets_which(void **state)
{
	static const struct {
		const char *name;
		bool in, out;
		uint8_t n;
	} lines[] = {
		{ "alice", true, false, 1 }, { "alice", false, true, 2 },
		{ "", false, true, 3 },	     { "", true, true, 4 },
		{ "bob", true, true, 5 },    { "carol", true, false, 6 },
	};
	static const struct {
		const char *name;
		size_t at;
	} rows[] = {
		{ "alice", 1 }, { "bob", 4 }, { "carol", 2 },
		{ "dave", 2 },	{ "", 2 },
	};
	const struct vc_srtp_in_conf conf = { .max_sources = 4 };
	struct vc_srtp_in *in;
	struct vc_keys *keys;

	(void)state;
	assert_null(vc_keys_out(NULL, "alice"));
	assert_int_equal(vc_keys_n(NULL), 0);
	assert_int_equal(vc_keys_new(&keys), 0);
	assert_null(vc_keys_out(keys, "alice"));
	for (size_t i = 0; i < VC_COUNT(lines); i++) {
		struct vc_keyline k = line(lines[i].name, lines[i].in,
					   lines[i].out, lines[i].n);

		assert_int_equal(vc_keys_add(keys, &k), 0);
	}
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_ptr_equal(vc_keys_out(keys, rows[i].name),
				 vc_keys_at(keys, rows[i].at));
	assert_int_equal(vc_srtp_init(), 0);
	assert_int_equal(vc_srtp_in_new(&in, &conf), 0);
	assert_int_equal(vc_keys_fill(keys, in), 0);
	for (size_t i = 0; i < VC_COUNT(lines); i++)
		assert_int_equal(vc_srtp_in_has(in, &vc_keys_at(keys, i)->key),
				 lines[i].in);
	assert_string_equal(vc_srtp_in_name(in, 0), "alice");
	assert_string_equal(vc_srtp_in_name(in, 1), "");
	vc_srtp_in_free(in);
	vc_keys_free(keys);
}

/* Whichever of several goes first. */
static void the_process_is_not_dumped_while_there_are_any(void **state)
{
	struct vc_keys *keys[2];

	(void)state;
	for (int first = 0; first < 2; first++) {
		assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
		assert_int_equal(vc_keys_new(&keys[0]), 0);
		assert_int_equal(vc_keys_new(&keys[1]), 0);
		assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
		vc_keys_free(keys[first]);
		assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
		vc_keys_free(keys[!first]);
	}
}

static void none_twice_and_not_too_many(void **state)
{
	struct vc_keyline k = line("", true, false, 1);
	struct vc_keys *keys;

	(void)state;
	assert_int_equal(vc_keys_new(&keys), 0);
	assert_int_equal(vc_keys_add(keys, &k), 0);
	k.in = false;
	k.out = true;
	k.key.mki_len = 1;
	assert_int_equal(vc_keys_add(keys, &k), -EEXIST);
	for (uint32_t i = 1; i < VC_KEYS_MAX; i++) {
		vc_put_u32(k.key.master, i);
		assert_int_equal(vc_keys_add(keys, &k), 0);
	}
	vc_put_u32(k.key.master, VC_KEYS_MAX);
	assert_int_equal(vc_keys_add(keys, &k), -E2BIG);
	assert_int_equal(vc_keys_n(keys), VC_KEYS_MAX);
	vc_keys_free(keys);
}

int main(void)
{
	const int was_dumpable = prctl(PR_GET_DUMPABLE);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_process_is_not_dumped_while_there_are_any),
		cmocka_unit_test(who_gets_which),
		cmocka_unit_test(none_twice_and_not_too_many),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	/* Leak checkers look at the process. */
	(void)prctl(PR_SET_DUMPABLE, was_dumpable);
	return failed;
}

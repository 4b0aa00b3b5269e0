/* SPDX-License-Identifier: MIT */
/* Files that are read without memory. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/container.h"
#include "engine/unitfile.h"
#include "failcalloc.h"

static const struct vc_container_ops nothing = { .name = "none" };

/* There is none for the reader that the first octets ask for. */
static void readers_of_a_kind(void **state)
{
	static const uint8_t heads[][16] = {
		"OggS\0\2\0\0\0\0\0\0\0\0\0",
		"\0\0\0\x10"
		"ftypiso6\0\0\0",
	};
	const struct vc_unitfile_conf conf = { .ops = &nothing };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(heads); i++) {
		struct vc_unitfile *f = vc_unitfile_new(&conf);

		assert_non_null(f);
		fail_in = 0;
		for (int k = 0; k < 2; k++)
			assert_int_equal(vc_unitfile_put(f, heads[i], 16),
					 -ENOMEM);
		fail_in = -1;
		assert_int_equal(vc_unitfile_end(f), -ENOMEM);
		assert_false(vc_unitfile_is_whole(f));
		assert_int_equal(vc_unitfile_counts(f)->said, 0);
		vc_unitfile_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_of_a_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

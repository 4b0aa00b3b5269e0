/* SPDX-License-Identifier: MIT */
/* How much text a mixer takes: where, and from how many. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mixroom.h"

static struct vc_mixer_source *write_text(struct room *r, uint32_t ssrc,
					  int *err)
{
	struct person *p = &r->people[0];

	return vc_mixer_source_new(r->m, p->who, ssrc, VC_CODEC_T140, 1000,
				   &p->audio.play, err);
}

static void text_has_a_limit(void **state)
{
	struct vc_mixer_source *first, *s;
	struct room r;
	int err;

	(void)state;
	open_room_as(&r, VC_MIXER_SELECT, NULL, 0);
	join(&r, 0, true, false);
	first = write_text(&r, 1000, &err);
	assert_non_null(first);
	for (uint32_t i = 1; i < VC_MIXER_TEXTS; i++)
		assert_non_null(write_text(&r, 1000 + i, &err));
	s = write_text(&r, 2000, &err);
	assert_null(s);
	assert_int_equal(err, -ENOSPC);
	/* Sound is not concerned, and who goes makes room. */
	join(&r, 1, true, false);
	vc_mixer_source_free(r.m, first);
	assert_non_null(write_text(&r, 2000, &err));
	assert_null(write_text(&r, 2001, &err));
	close_room(&r);
}

static void where_all_is_mixed_there_is_none(void **state)
{
	struct room r;
	int err;

	(void)state;
	open_room(&r, NULL, 0);
	join(&r, 0, true, false);
	assert_null(write_text(&r, 1000, &err));
	assert_int_equal(err, -ENOTSUP);
	close_room(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_has_a_limit),
		cmocka_unit_test(where_all_is_mixed_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

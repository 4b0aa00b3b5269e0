/* SPDX-License-Identifier: MIT */
/* Which layer is taken, and what makes sources layers of one picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/layers.h"
#include "session/roster.h"

#define LARGE VC_LAYERS_LARGEST

static struct vc_layer layer(unsigned int width, unsigned int height,
			     int64_t heard)
{
	return (struct vc_layer){ .width = width,
				  .height = height,
				  .is_heard = true,
				  .heard = heard };
}

static void the_one_that_suits(void **state)
{
	static const struct {
		unsigned int width, height;
		int best;
	} rows[] = {
		{ 0, 0, 0 },
		{ 1, 1, 0 },
		{ 320, 180, 0 },
		{ 322, 182, 1 },
		{ 640, 360, 1 },
		{ 642, 362, 2 },
		{ 1280, 720, 2 },
		{ 1920, 1080, 2 },
		{ LARGE, LARGE, 2 },
		/* It fills the height, or the width, of such a place. */
		{ 1280, 180, 0 },
		{ 320, 720, 0 },
		{ 4000, 360, 1 },
	};
	struct vc_layer l[] = { layer(320, 180, 0), layer(640, 360, 0),
				layer(1280, 720, 0) };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		/* In whatever order they came. */
		struct vc_layer *up[] = { &l[0], &l[1], &l[2] };
		struct vc_layer *down[] = { &l[2], &l[1], &l[0] };

		assert_int_equal(vc_layers_pick(up, 3, rows[i].width,
						rows[i].height),
				 rows[i].best);
		assert_int_equal(vc_layers_pick(down, 3, rows[i].width,
						rows[i].height),
				 2 - rows[i].best);
	}
}

static void only_what_comes(void **state)
{
	struct vc_layer l[] = { layer(320, 180, 9 * VC_SEC),
				layer(640, 360, 8 * VC_SEC),
				layer(1280, 720, 8 * VC_SEC - 1),
				layer(0, 0, 10 * VC_SEC),
				{ 0 } };
	struct vc_layer *all[] = { &l[0], &l[1], &l[2], &l[3], &l[4] };

	(void)state;
	assert_int_equal(vc_layers_pick(all, 0, 1, 1), -1);
	/* A second behind is still there, more is not. */
	assert_int_equal(vc_layers_pick(all, 3, LARGE, LARGE), 1);
	/* The newest of all, whose size is not known. */
	assert_int_equal(vc_layers_pick(all, 5, LARGE, LARGE), 0);
	l[0].heard = 0;
	assert_int_equal(vc_layers_pick(all, 5, LARGE, LARGE), 3);
	assert_int_equal(vc_layers_pick(all + 4, 1, LARGE, LARGE), 0);
	/* All paused for long: it stays as it was. */
	assert_int_equal(vc_layers_pick(all + 1, 2, LARGE, LARGE), 1);
	/* One that said BYE, unless all did. */
	l[2].is_over = true;
	assert_int_equal(vc_layers_pick(all + 1, 2, LARGE, LARGE), 0);
	l[1].is_over = true;
	assert_int_equal(vc_layers_pick(all + 1, 2, LARGE, LARGE), 1);
}

static void packets_tell(void **state)
{
	static const uint8_t key[] = { 0x10, 0x50, 0x10, 0,    0x9d, 1,
				       0x2a, 0x40, 1,	 0xf0, 0 };
	static const uint8_t other[] = { 0x10, 0x51, 0x10, 0 };
	struct vc_rtp rtp = { .payload = other, .payload_len = sizeof(other) };
	struct vc_layer l = { 0 };

	(void)state;
	vc_layer_packet(&l, VC_CODEC_VP8, &rtp, -5);
	assert_true(l.is_heard);
	assert_int_equal(l.heard, -5);
	assert_int_equal(l.width, 0);
	rtp.payload = key;
	rtp.payload_len = sizeof(key);
	vc_layer_packet(&l, VC_CODEC_VP8, &rtp, 7);
	assert_int_equal(l.width, 320);
	assert_int_equal(l.height, 240);
	/* Out of order: it was heard later than that. */
	vc_layer_packet(&l, VC_CODEC_VP8, &rtp, 6);
	assert_int_equal(l.heard, 7);
}

/* Of one participant, kind and section, in the order they came. */
static void groups(void **state)
{
	enum { N = VC_LAYERS_MAX + 6 };
	struct vc_participant alice = { 0 }, bob = { 0 };
	struct vc_layer *out[VC_LAYERS_MAX], l[N] = { 0 };
	struct vc_source src[N] = { 0 };

	(void)state;
	for (size_t i = 0; i < N; i++) {
		src[i] = (struct vc_source){ .who = &alice, .kind = VC_VIDEO };
		l[i].src = &src[i];
	}
	src[1].who = src[4].who = &bob;
	src[2].section = 1; /* slides */
	/* Again and again, as sources come and go. */
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < N; i++)
			vc_layers_clear(&l[i]);
		for (size_t i = 0; i < N; i++)
			vc_layers_link(&l[i]);
		assert_int_equal(vc_layers_group(&l[0], out), VC_LAYERS_MAX);
		assert_ptr_equal(out[0], &l[0]);
		assert_ptr_equal(out[1], &l[3]);
		assert_ptr_equal(out[VC_LAYERS_MAX - 1], &l[N - 4]);
		assert_int_equal(vc_layers_group(&l[1], out), 2);
		assert_ptr_equal(out[1], &l[4]);
		assert_int_equal(vc_layers_group(&l[2], out), 1);
		for (size_t i = 3; i < N; i++) {
			assert_int_equal(vc_layers_group(&l[i], out), 0);
			assert_int_equal(l[i].is_extra, i >= N - 3);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_one_that_suits),
		cmocka_unit_test(only_what_comes),
		cmocka_unit_test(packets_tell),
		cmocka_unit_test(groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

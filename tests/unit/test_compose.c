/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "canvas.h"

static void pictures_go_where_they_belong(void **state)
{
	static const uint32_t rgb[3] = { 0xff0000, 0x00ff00, 0x0000ff };
	struct vc_rect r[4];
	struct vc_compose *c = canvas_for(3, r);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct vc_image im = plain(320, 180, rgb[i]);
		struct vc_image before = snapshot(c);
		struct vc_tile t = { .image = &im, .name = "x" };

		assert_int_equal(vc_compose_tile(c, i, &t), 0);
		assert_int_equal(luma_at(c, r[i].x + 160, r[i].y + 90),
				 vc_pixels_colour(rgb[i]).y);
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(equal_in(vc_compose_canvas(c), &before,
						  r[k]),
					 k != i);
		vc_image_clear(&before);
		vc_image_clear(&im);
	}
	vc_compose_free(c);
}

static void what_did_not_change_is_left_alone(void **state)
{
	struct vc_rect r[4];
	struct vc_compose *c = canvas_for(1, r);
	struct vc_image im = plain(W, H, 0x336699);
	struct vc_tile t = { .image = &im, .generation = 7, .name = "Alice" };

	(void)state;
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	uint64_t gen = vc_compose_generation(c);
	struct vc_image first = snapshot(c);

	/* Another picture of the same generation is not looked at. */
	vc_image_fill(&im, 0, 0, W, H, vc_pixels_colour(0xffffff));
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	assert_int_equal(vc_compose_generation(c), gen);
	assert_true(is_as(c, &first));
	t.generation = UINT64_MAX;
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	assert_true(vc_compose_generation(c) > gen);
	assert_int_equal(luma_at(c, W / 2, H / 2), 235);
	t.generation = 0; /* another number is enough */
	gen = vc_compose_generation(c);
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	assert_true(vc_compose_generation(c) > gen);
	vc_image_clear(&first);
	vc_image_clear(&im);
	vc_compose_free(c);
}

/* Labels are translucent: drawn twice on the same ground they would darken. */
static void nothing_blends_twice(void **state)
{
	static const int sizes[][2] = { { W, H }, { 90, 160 }, { 400, 10 } };

	(void)state;
	for (size_t s = 0; s < VC_COUNT(sizes); s++) {
		struct vc_rect r[4];
		struct vc_compose *c = canvas_for(2, r);
		struct vc_image im = plain(sizes[s][0], sizes[s][1], 0xffcc00);
		struct vc_tile t = { .image = &im, .name = "Alice" };
		struct vc_tile none = { .name = "Alice" };

		assert_int_equal(vc_compose_tile(c, 0, &t), 0);
		struct vc_image first = snapshot(c);

		for (t.generation = 1; t.generation < 5; t.generation++)
			assert_int_equal(vc_compose_tile(c, 0, &t), 0);
		assert_true(is_as(c, &first));
		/* Nor does a bright frame leave a trace, or a placeholder. */
		t.signs.is_active = true;
		assert_int_equal(vc_compose_tile(c, 0, &t), 0);
		assert_false(is_as(c, &first));
		t.signs.is_active = false;
		assert_int_equal(vc_compose_tile(c, 0, &t), 0);
		assert_true(is_as(c, &first));
		assert_int_equal(vc_compose_tile(c, 0, &none), 0);
		assert_false(is_as(c, &first));
		assert_int_equal(vc_compose_tile(c, 0, &t), 0);
		assert_true(is_as(c, &first));
		vc_image_clear(&first);
		vc_image_clear(&im);
		vc_compose_free(c);
	}
}

static void names_are_seen(void **state)
{
	static const char *const names[] = { "Alice", "Bob", "", NULL,
					     "\x1b[2J/../x" };
	struct vc_rect r[4];
	struct vc_compose *c = canvas_for(1, r);
	struct vc_image im = plain(W, H, 0x336699);
	struct vc_image before = snapshot(c);
	struct vc_rect upper = { 8, 8, W - 16, H / 2 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(names); i++) {
		struct vc_tile t = { .image = &im, .name = names[i] };

		assert_int_equal(vc_compose_tile(c, 0, &t), 0);
		/* NULL after "" is the same; all else is another picture. */
		assert_int_equal(is_as(c, &before), names[i] == NULL);
		if (i)
			assert_true(
				equal_in(vc_compose_canvas(c), &before, upper));
		vc_image_clear(&before);
		before = snapshot(c);
	}
	vc_image_clear(&before);
	vc_image_clear(&im);
	vc_compose_free(c);
}

/* Captions: at the bottom, two rows at most, gone without a trace. */
static void captions_come_and_go(void **state)
{
	static const char *const captions[] = {
		"Hello",
		"Hello, world",
		"Hello, world\nand goodbye",
		"\xe4\xbd\xa0\xe5\xa5\xbd\xef\xbc\x8c\xe4\xb8\x96\xe7\x95\x8c",
		"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
		"\xf0\x9f\x98\x80",
	};
	struct vc_rect r[4];
	struct vc_compose *c = canvas_for(1, r);
	struct vc_image im = plain(W, H, 0x336699);
	struct vc_tile t = { .image = &im, .name = "Alice" };
	struct vc_rect upper = { 0, 0, W, H * 2 / 3 };
	struct vc_rect lower = { 0, H * 2 / 3, W, H / 3 };

	(void)state;
	assert_int_equal(vc_compose_columns(c, 0), 42);
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	struct vc_image none = snapshot(c), before = snapshot(c);

	for (size_t i = 0; i < VC_COUNT(captions); i++) {
		uint64_t gen = vc_compose_generation(c);

		t.caption = captions[i];
		assert_int_equal(vc_compose_tile(c, 0, &t), 0);
		assert_true(vc_compose_generation(c) > gen);
		assert_false(equal_in(vc_compose_canvas(c), &before, lower));
		assert_true(equal_in(vc_compose_canvas(c), &none, upper));
		vc_image_clear(&before);
		before = snapshot(c);
		/* A new picture below it does not make it darker. */
		t.generation++;
		assert_int_equal(vc_compose_tile(c, 0, &t), 0);
		assert_true(is_as(c, &before));
		gen = vc_compose_generation(c);
		assert_int_equal(vc_compose_tile(c, 0, &t), 0);
		assert_int_equal(vc_compose_generation(c), gen);
	}
	t.caption = "";
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	assert_true(is_as(c, &none));
	/* In the smallest of tiles, and where there is no picture. */
	assert_int_equal(vc_layout_grid(r, 4, 4, W, H), 0);
	assert_int_equal(vc_compose_set_layout(c, r, keys, 4), 0);
	for (size_t i = 0; i < 4; i++) {
		struct vc_tile other = { .caption = captions[2] };

		assert_true(vc_compose_columns(c, i) >= 30);
		assert_int_equal(vc_compose_tile(c, i, &other), 0);
	}
	vc_image_clear(&before);
	vc_image_clear(&none);
	vc_image_clear(&im);
	vc_compose_free(c);
}

static void pictures_keep_their_aspect(void **state)
{
	struct vc_rect r[4];
	struct vc_compose *c = canvas_for(1, r);
	struct vc_image tall = plain(90, 160, 0xffffff);
	struct vc_image wide = plain(160, 40, 0xffffff);
	struct vc_tile t = { .image = &tall };

	(void)state;
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	assert_true(luma_at(c, W / 2, 10) > 230);
	assert_true(luma_at(c, W / 2 - 110, H / 2) < 60);
	assert_true(luma_at(c, W / 2 - 90, H / 2) > 230);
	/* The size changes within one stream. */
	t.image = &wide;
	t.generation = 1;
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	assert_true(luma_at(c, W / 2, 10) < 60);
	assert_true(luma_at(c, 10, H / 2) > 230);
	assert_true(luma_at(c, W / 2, H / 2 + 90) < 60);
	vc_image_clear(&tall);
	vc_image_clear(&wide);
	vc_compose_free(c);
}

static void people_come_and_go(void **state)
{
	struct vc_rect r[4];
	struct vc_compose *c = canvas_for(2, r);
	struct vc_image empty = snapshot(c), im = plain(320, 180, 0xffffff);
	struct vc_tile t = { .image = &im, .name = "x" };
	const uint64_t other[4] = { 22, 44, 11, 55 };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(vc_compose_tile(c, i, &t), 0);
	struct vc_image two = snapshot(c);
	uint64_t gen = vc_compose_generation(c);

	/* The same again: pictures stay, and are not drawn anew. */
	assert_int_equal(vc_compose_set_layout(c, r, keys, 2), 0);
	assert_true(is_as(c, &two));
	gen = vc_compose_generation(c);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(vc_compose_tile(c, i, &t), 0);
	assert_int_equal(vc_compose_generation(c), gen);
	/* One stays where he is, the other leaves. */
	assert_int_equal(vc_compose_set_layout(c, r, keys, 1), 0);
	assert_true(equal_in(vc_compose_canvas(c), &two, r[0]));
	assert_true(equal_in(vc_compose_canvas(c), &empty, r[1]));
	/* Who was there takes his picture along; places of others are empty. */
	assert_int_equal(vc_layout_grid(r, 4, 4, W, H), 0);
	assert_int_equal(vc_compose_set_layout(c, r, other, 4), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(equal_in(vc_compose_canvas(c), &empty, r[i]),
				 i != 2);
		assert_int_equal(vc_compose_is_empty(c, i), i != 2);
	}
	assert_true(luma_at(c, r[2].x + 160, r[2].y + 90) > 230);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(vc_compose_tile(c, i, &t), 0);
	for (size_t i = 0; i < 4; i++)
		assert_true(luma_at(c, r[i].x + 160, r[i].y + 90) > 230);
	assert_int_equal(vc_compose_set_layout(c, r, other, 0), 0);
	assert_true(is_as(c, &empty));
	vc_image_clear(&two);
	vc_image_clear(&empty);
	vc_image_clear(&im);
	vc_compose_free(c);
}

static void tiny_tiles(void **state)
{
	struct vc_rect r[VC_COMPOSE_TILES_MAX + 1];
	uint64_t many[VC_COMPOSE_TILES_MAX + 1];
	struct vc_compose *c = vc_compose_new(160, 90);
	struct vc_image im = plain(1, 1, 0xffffff);

	(void)state;
	assert_non_null(c);
	for (size_t i = 0; i < VC_COUNT(many); i++)
		many[i] = i;
	assert_int_equal(vc_layout_grid(r, VC_COUNT(r), VC_COMPOSE_TILES_MAX,
					160, 90),
			 0);
	assert_int_equal(vc_compose_set_layout(c, r, many,
					       VC_COMPOSE_TILES_MAX + 1),
			 -E2BIG);
	assert_int_equal(
		vc_compose_set_layout(c, r, many, VC_COMPOSE_TILES_MAX), 0);
	for (size_t i = 0; i < VC_COMPOSE_TILES_MAX; i++) {
		struct vc_tile t = { .image = i & 1 ? &im : NULL,
				     .name = "somebody",
				     .caption = "something",
				     .signs.is_active = i & 2 };

		assert_int_equal(vc_compose_tile(c, i, &t), 0);
	}
	vc_image_clear(&im);
	vc_compose_free(c);
	vc_compose_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_go_where_they_belong),
		cmocka_unit_test(what_did_not_change_is_left_alone),
		cmocka_unit_test(nothing_blends_twice),
		cmocka_unit_test(names_are_seen),
		cmocka_unit_test(captions_come_and_go),
		cmocka_unit_test(pictures_keep_their_aspect),
		cmocka_unit_test(people_come_and_go),
		cmocka_unit_test(tiny_tiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

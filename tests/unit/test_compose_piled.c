/* SPDX-License-Identifier: MIT */
/* Tiles one above another, tiles that move, and what is drawn on them. */
#include "canvas.h"

/* A small one above a large one, and one above that. */
static const struct vc_rect piled[3] = { { 0, 0, W, H },
					 { 400, 200, 160, 90 },
					 { 500, 240, 100, 60 } };

static void what_is_above_stays_above(void **state)
{
	static const uint32_t rgb[3] = { 0x202020, 0x808080, 0xffffff };
	struct vc_compose *c = vc_compose_new(W, H);
	struct vc_image im[3];
	struct vc_tile t = { 0 };

	(void)state;
	assert_int_equal(vc_compose_set_layout(c, piled, keys, 3), 0);
	for (size_t i = 0; i < 3; i++) {
		im[i] = plain(160, 90, rgb[i]);
		t.image = &im[i];
		assert_int_equal(vc_compose_tile(c, i, &t), 0);
	}
	struct vc_image all = snapshot(c);

	assert_int_equal(luma_at(c, 450, 230), vc_pixels_colour(rgb[1]).y);
	assert_int_equal(luma_at(c, 550, 270), vc_pixels_colour(rgb[2]).y);
	/* What changes below shows nowhere else, before those above are told
	 * anything. */
	t.generation = 1;
	for (size_t i = 0; i < 2; i++) {
		t.image = &im[i];
		assert_int_equal(vc_compose_tile(c, i, &t), 0);
		assert_true(is_as(c, &all));
	}
	/* What does not change costs nothing. */
	uint64_t gen = vc_compose_generation(c);

	for (size_t i = 0; i < 3; i++) {
		t.image = &im[i];
		t.generation = i < 2;
		assert_int_equal(vc_compose_tile(c, i, &t), 0);
	}
	assert_int_equal(vc_compose_generation(c), gen);
	/* The topmost leaves: what it covered is there at once. */
	assert_int_equal(vc_compose_set_layout(c, piled, keys, 2), 0);
	assert_int_equal(luma_at(c, 550, 250), vc_pixels_colour(rgb[1]).y);
	for (size_t i = 0; i < 3; i++)
		vc_image_clear(&im[i]);
	vc_image_clear(&all);
	vc_compose_free(c);
}

/* They change places: at no time is either without a picture. */
static void pictures_move_along(void **state)
{
	const struct vc_rect swapped[2] = { piled[1], piled[0] };
	const struct vc_rect there[2] = { piled[0], piled[2] };
	const uint64_t turned[2] = { 22, 11 };
	struct vc_compose *c = vc_compose_new(W, H);
	struct vc_image dark = plain(W, H, 0x202020);
	struct vc_image bright = plain(160, 90, 0xffffff);
	struct vc_tile t = { .image = &dark };

	(void)state;
	assert_int_equal(vc_compose_set_layout(c, piled, keys, 2), 0);
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	t.image = &bright;
	assert_int_equal(vc_compose_tile(c, 1, &t), 0);
	assert_int_equal(vc_compose_set_layout(c, piled, turned, 2), 0);
	assert_true(luma_at(c, 100, 100) > 230);
	assert_true(luma_at(c, 480, 250) < 60);
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	t.image = &dark;
	assert_int_equal(vc_compose_tile(c, 1, &t), 0);
	/* Above and below change as well. */
	assert_int_equal(vc_compose_set_layout(c, swapped, turned, 2), 0);
	assert_true(luma_at(c, 100, 100) < 60);
	assert_true(luma_at(c, 480, 250) < 60); /* covered */
	/* A tile of the same size that was whole is not drawn again. */
	assert_int_equal(vc_compose_set_layout(c, there, turned, 2), 0);
	t.image = &dark;
	t.generation = 5;
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	assert_int_equal(vc_compose_tile(c, 1, &t), 0);
	struct vc_image before = snapshot(c);
	const struct vc_rect moved[2] = { piled[0], { 2, 8, 100, 60 } };

	assert_int_equal(vc_compose_set_layout(c, moved, turned, 2), 0);
	uint64_t gen = vc_compose_generation(c);

	assert_int_equal(vc_compose_tile(c, 1, &t), 0);
	assert_int_equal(vc_compose_generation(c), gen);
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	assert_int_equal(vc_compose_set_layout(c, there, turned, 2), 0);
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	assert_true(is_as(c, &before));
	vc_image_clear(&before);
	vc_image_clear(&dark);
	vc_image_clear(&bright);
	vc_compose_free(c);
}

/* Signs leave no trace, and a bare tile has none. */
static void signs_come_and_go(void **state)
{
	static const struct {
		struct vc_tile_signs signs;
		struct vc_rect where; /* nothing changes elsewhere */
	} rows[] = {
		{ { .is_muted = true }, { 580, 300, 60, 60 } },
		{ { .is_active = true }, { 0, 0, W, H } },
		{ { .is_old = true }, { 0, 0, W, H } },
	};
	struct vc_rect r[4];
	struct vc_compose *c = canvas_for(1, r);
	struct vc_image im = plain(W, H, 0x336699);
	struct vc_tile t = { .image = &im, .name = "Alice" };

	(void)state;
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	struct vc_image none = snapshot(c);

	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_rect upper = { 0, 0, W, rows[i].where.y };
		const struct vc_rect left = { 0, 0, rows[i].where.x, H };

		t.signs = rows[i].signs;
		assert_int_equal(vc_compose_tile(c, 0, &t), 0);
		assert_false(
			equal_in(vc_compose_canvas(c), &none, rows[i].where));
		assert_true(equal_in(vc_compose_canvas(c), &none, upper));
		assert_true(equal_in(vc_compose_canvas(c), &none, left));
		t.signs = (struct vc_tile_signs){ 0 };
		assert_int_equal(vc_compose_tile(c, 0, &t), 0);
		assert_true(is_as(c, &none));
	}
	/* Old is grey. */
	t.signs.is_old = true;
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	assert_int_equal(
		vc_compose_canvas(c)
			->u[vc_compose_canvas(c)->stride_u * H / 4 + W / 4],
		128);
	/* Bare: as without a name. */
	t.signs = (struct vc_tile_signs){ .is_bare = true,
					  .is_active = true,
					  .is_muted = true };
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	struct vc_image bare = snapshot(c);

	assert_false(is_as(c, &none));
	t = (struct vc_tile){ .image = &im };
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	assert_true(is_as(c, &bare));
	vc_image_clear(&bare);
	vc_image_clear(&none);
	vc_image_clear(&im);
	vc_compose_free(c);
}

/* Slides of the tile's size lose nothing, below the border neither. */
static void what_fits_is_copied(void **state)
{
	const struct vc_rect r = { 40, 20, 320, 180 };
	const struct vc_rect inner = { 4, 4, 312, 172 };
	struct vc_compose *c = vc_compose_new(W, H);
	struct vc_image im = plain(320, 180, 0);
	struct vc_tile t = { .image = &im, .signs.is_bare = true };
	uint32_t x = 1;

	(void)state;
	for (int i = 0; i < 180 * im.stride_y; i++) {
		x = x * 1664525 + 1013904223;
		im.y[i] = (uint8_t)(x >> 24);
	}
	assert_int_equal(vc_compose_set_layout(c, &r, keys, 1), 0);
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	const struct vc_image *canvas = vc_compose_canvas(c);

	for (int y = inner.y; y < inner.y + inner.h; y++)
		assert_memory_equal(canvas->y + (r.y + y) * canvas->stride_y +
					    r.x + inner.x,
				    im.y + y * im.stride_y + inner.x,
				    (size_t)inner.w);
	vc_image_clear(&im);
	vc_compose_free(c);
}

static void the_background_is_as_one_wants(void **state)
{
	struct vc_compose *c = vc_compose_new(W, H);
	const struct vc_rect r = { 64, 64, 320, 180 };
	struct vc_image im = plain(90, 160, 0x808080);
	struct vc_tile t = { .image = &im };

	(void)state;
	vc_compose_set_background(c, 0xffffff);
	assert_int_equal(vc_compose_set_layout(c, &r, keys, 1), 0);
	assert_int_equal(luma_at(c, 2, 2), 235);
	assert_int_equal(vc_compose_tile(c, 0, &t), 0);
	assert_int_equal(luma_at(c, 2, 2), 235);
	/* Bars are a little off it. */
	assert_in_range(luma_at(c, 70, 150), 190, 225);
	assert_int_equal(vc_compose_set_layout(c, &r, keys, 0), 0);
	assert_int_equal(luma_at(c, 200, 150), 235);
	vc_image_clear(&im);
	vc_compose_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_above_stays_above),
		cmocka_unit_test(pictures_move_along),
		cmocka_unit_test(signs_come_and_go),
		cmocka_unit_test(what_fits_is_copied),
		cmocka_unit_test(the_background_is_as_one_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

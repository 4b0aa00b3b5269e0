/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "media/label.h"

static const struct vc_label_style style = {
	.size_px = 20, .max_w = 300, .fg = 0xffffffff, .bg = 0xa0000000
};

static bool same_plane(const uint8_t *a, int stride_a, const uint8_t *b,
		       int stride_b, int w, int h)
{
	for (int y = 0; y < h; y++)
		if (memcmp(a + y * stride_a, b + y * stride_b, (size_t)w))
			return false;
	return true;
}

static bool same_luma(const struct vc_image *a, const struct vc_image *b)
{
	return a->width == b->width && a->height == b->height &&
	       same_plane(a->y, a->stride_y, b->y, b->stride_y, a->width,
			  a->height);
}

static bool same_sprite(const struct vc_sprite *a, const struct vc_sprite *b)
{
	return same_luma(&a->image, &b->image) &&
	       same_luma(&a->alpha, &b->alpha);
}

static bool look_alike(const char *a, const char *b)
{
	struct vc_sprite sa, sb;

	assert_int_equal(vc_label_render(&sa, a, &style), 0);
	assert_int_equal(vc_label_render(&sb, b, &style), 0);
	bool same = same_sprite(&sa, &sb);

	vc_sprite_clear(&sa);
	vc_sprite_clear(&sb);
	return same;
}

/* Zalgo, right to left, CJK, emoji, malformed UTF-8, markup, joiners. */
static const char *const names[] = {
	"A",
	"Zo\xc3\xab M\xc3\xbcller",
	"\xd9\x85\xd8\xad\xd9\x85\xd8\xaf",
	"Bob \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
	"\xe6\x9d\x8e\xe5\xb0\x8f\xe9\xbe\x8d",
	"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
	"e\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86\xcc\x87\xcc\x88",
	"\xff\xfe\xc0\x80\xed\xa0\x80",
	"<b>&lt;</b> %s%n",
	"\x1b[2J/../x",
	"a\nb\rc\td",
	"\xe2\x80\x8d",
	"\xe2\x80",
	"\xcc\x81",
	" ",
	"\\",
};

static void any_name_is_drawn(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(names); i++) {
		struct vc_sprite s;

		assert_int_equal(vc_label_render(&s, names[i], &style), 0);
		assert_int_equal(s.image.height, 32);
		assert_in_range(s.image.width, 20, style.max_w);
		assert_int_equal(s.image.width & 1, 0);
		vc_sprite_clear(&s);
		assert_int_equal(vc_label_initials(&s, names[i], 41), 0);
		assert_int_equal(s.image.width, 40);
		assert_int_equal(s.image.height, 40);
		vc_sprite_clear(&s);
	}
}

static void what_is_equal_looks_equal(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "Alice", "Alice", true },
		{ "Alice", "Alive", false },
		{ "Alice", "Alice ", false },
		{ "a\x1b", "a\x1c", false }, /* shown, not swallowed */
		{ "ab", "a\342\200\256b", false },
		{ "ab", "a\342\200\213b", false },
		{ "<b>x</b>", "x", false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(look_alike(rows[i].a, rows[i].b),
				 rows[i].same);
}

static void long_names_are_cut(void **state)
{
	char name[20001];
	struct vc_sprite s;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(names); i++) {
		size_t len = strlen(names[i]), n = 0;

		while (n + len < sizeof(name)) {
			memcpy(name + n, names[i], len);
			n += len;
		}
		name[n] = '\0';
		assert_int_equal(vc_label_render(&s, name, &style), 0);
		assert_int_equal(s.image.height, 32);
		assert_in_range(s.image.width, 20, style.max_w);
		vc_sprite_clear(&s);
		assert_int_equal(vc_label_initials(&s, name, 40), 0);
		vc_sprite_clear(&s);
	}
}

static void what_cannot_be_drawn(void **state)
{
	struct vc_label_style narrow = style;
	struct vc_sprite s;

	(void)state;
	assert_int_equal(vc_label_render(&s, "", &style), -ENOENT);
	assert_null(s.image.y);
	narrow.max_w = 3 * 20 - 1;
	assert_int_equal(vc_label_render(&s, "x", &narrow), -ERANGE);
	assert_null(s.image.y);
	narrow.max_w = -5;
	assert_int_equal(vc_label_render(&s, "x", &narrow), -ERANGE);
	assert_int_equal(vc_label_initials(&s, "x", 1), -EINVAL);
	assert_null(s.image.y);
}

/* Ink: alpha where there is no box. */
static int ink(const struct vc_sprite *s, uint8_t least)
{
	int n = 0;

	for (int y = 0; y < s->alpha.height; y++)
		for (int x = 0; x < s->alpha.width; x++)
			n += s->alpha.y[y * s->alpha.stride_y + x] >= least;
	return n;
}

static void letters_have_ink(void **state)
{
	struct vc_label_style bare = style;
	struct vc_sprite s;

	(void)state;
	bare.bg = 0;
	assert_int_equal(vc_label_render(&s, "M", &bare), 0);
	assert_true(ink(&s, 200) > 20);
	vc_sprite_clear(&s);
	assert_int_equal(vc_label_render(&s, " ", &bare), 0);
	assert_int_equal(ink(&s, 1), 0);
	vc_sprite_clear(&s);
	/* The box shows everywhere but in its corners. */
	assert_int_equal(vc_label_render(&s, "M", &style), 0);
	assert_true(ink(&s, 0xa0) * 10 > 9 * s.image.width * s.image.height);
	assert_true(ink(&s, 0xf0) < s.image.width * s.image.height / 2);
	vc_sprite_clear(&s);
}

/* The first letter is at the right: four narrow ones, then a wide one. */
static void right_to_left_is_drawn_so(void **state)
{
	static const char name[] = "\xd7\x99\xd7\x99\xd7\x99\xd7\x99\xd7\xa9";
	struct vc_label_style bare = style;
	int left = 0, right = 0;
	struct vc_sprite s;

	(void)state;
	bare.bg = 0;
	bare.size_px = 40;
	assert_int_equal(vc_label_render(&s, name, &bare), 0);
	for (int y = 32; y < s.alpha.height; y++) /* mostly of the wide one */
		for (int x = 0; x < s.alpha.width; x++) {
			int *half = x < s.alpha.width / 2 ? &left : &right;

			*half += s.alpha.y[y * s.alpha.stride_y + x] > 100;
		}
	if (left < 10 || right * 2 > left)
		fail_msg("%d at the left, %d at the right", left, right);
	vc_sprite_clear(&s);
}

static void initials_tell_people_apart(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "Alice Cooper", "Alice Cooper", true },
		{ "Alice", "Bob", false },
		{ "", "", true },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_sprite a, b;

		assert_int_equal(vc_label_initials(&a, rows[i].a, 64), 0);
		assert_int_equal(vc_label_initials(&b, rows[i].b, 64), 0);
		assert_int_equal(same_sprite(&a, &b), rows[i].same);
		vc_sprite_clear(&a);
		vc_sprite_clear(&b);
	}
}

/* Where a letter is: not the colour of the disc, which the middle of its left
 * edge has. */
static bool is_letter(const struct vc_sprite *s, int i)
{
	int size = s->image.width, stride = s->image.stride_y;
	int disc = s->image.y[size / 2 * stride + 3];
	int here = s->image.y[i / size * stride + i % size];

	return s->alpha.y[i / size * s->alpha.stride_y + i % size] == 255 &&
	       abs(here - disc) > 40;
}

/* What is not seen of a name gives no initial. */
static void initials_are_of_what_is_seen(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "Eve Nil", "\342\200\256Eve Nil", true },
		{ "Eve Nil",
		  "\x1b"
		  "Eve \342\200\213Nil\xff",
		  true },
		{ "Eve Nil", "Eve Ode", false },
	};

	(void)state;
	for (size_t k = 0; k < VC_COUNT(rows); k++) {
		struct vc_sprite a, b;
		int ink = 0, other = 0;

		assert_int_equal(vc_label_initials(&a, rows[k].a, 64), 0);
		assert_int_equal(vc_label_initials(&b, rows[k].b, 64), 0);
		for (int i = 0; i < 64 * 64; i++) {
			ink += is_letter(&a, i);
			other += is_letter(&a, i) != is_letter(&b, i);
		}
		assert_in_range(ink, 50, 2000);
		assert_int_equal(other * 4 < ink, rows[k].same);
		vc_sprite_clear(&a);
		vc_sprite_clear(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_name_is_drawn),
		cmocka_unit_test(what_is_equal_looks_equal),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(what_cannot_be_drawn),
		cmocka_unit_test(letters_have_ink),
		cmocka_unit_test(right_to_left_is_drawn_so),
		cmocka_unit_test(initials_tell_people_apart),
		cmocka_unit_test(initials_are_of_what_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

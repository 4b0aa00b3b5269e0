/* SPDX-License-Identifier: MIT */
/* A program of its own, because fontconfig reads its set-up only once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/label.h"

static int bright(const struct vc_image *im)
{
	int n = 0;

	for (int y = 0; y < im->height; y++)
		for (int x = 0; x < im->width; x++)
			n += im->y[y * im->stride_y + x] > 200;
	return n;
}

static void labels_are_still_drawn(void **state)
{
	const struct vc_label_style style = { .size_px = 20,
					      .max_w = 200,
					      .fg = 0xffffffff,
					      .bg = 0xa0000000 };
	static const char *const names[] = {
		"Alice",
		"\xe6\x9d\x8e\xe5\xb0\x8f\xe9\xbe\x8d",
		"\x1b[2J",
		"a name that is much too long for its place",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct vc_sprite s;

		assert_int_equal(vc_label_render(&s, names[i], &style), 0);
		assert_int_equal(s.image.height, 32);
		assert_in_range(s.image.width, 20, style.max_w);
		assert_true(bright(&s.image) > 20);
		assert_int_equal(s.alpha.y[0], 0xa0);
		vc_sprite_clear(&s);
	}
}

static void letters_are_told_apart(void **state)
{
	const struct vc_label_style style = { .size_px = 20,
					      .max_w = 200,
					      .fg = 0xffffffff };
	struct vc_sprite a, b;

	(void)state;
	assert_int_equal(vc_label_render(&a, "A", &style), 0);
	assert_int_equal(vc_label_render(&b, "B", &style), 0);
	assert_int_equal(a.image.width, b.image.width);
	assert_int_equal(a.alpha.y[0], 0);
	assert_memory_not_equal(a.image.y, b.image.y,
				(size_t)(a.image.stride_y * a.image.height));
	vc_sprite_clear(&a);
	vc_sprite_clear(&b);
}

static void discs_too(void **state)
{
	struct vc_sprite with, without;

	(void)state;
	assert_int_equal(vc_label_initials(&with, "Alice", 96), 0);
	assert_int_equal(vc_label_initials(&without, "", 96), 0);
	assert_int_equal(with.image.width, 96);
	assert_int_equal(with.alpha.y[0], 0);
	assert_int_equal(with.alpha.y[48 * with.alpha.stride_y + 48], 255);
	vc_sprite_clear(&with);
	vc_sprite_clear(&without);
}

int main(void)
{
	static const char conf[] = "<?xml version=\"1.0\"?><fontconfig/>\n";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_are_still_drawn),
		cmocka_unit_test(letters_are_told_apart),
		cmocka_unit_test(discs_too),
	};
	char path[] = "/tmp/vc-fonts-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, conf, sizeof(conf) - 1) < 0)
		return 1;
	setenv("FONTCONFIG_FILE", path, 1);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	close(fd);
	unlink(path);
	return failed;
}

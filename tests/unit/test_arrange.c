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
#include <stdio.h>

#include "base/mem.h"
#include "media/arrange.h"

#define W 1280
#define H 720

static struct vc_arrange read_text(const char *text)
{
	struct vc_arrange a;
	struct vc_columns_error err;

	if (vc_arrange_parse(&a, vc_str_c(text), &err))
		fail_msg("line %u: %s", err.line, err.why);
	return a;
}

/* People and slides, as letters: capitals are slides. */
struct crowd {
	struct vc_arrange_item items[100];
	struct vc_arrange_scene scene;
};

static struct crowd *crowd_of(struct crowd *c, const char *who)
{
	*c = (struct crowd){ 0 };
	for (size_t i = 0; who[i]; i++) {
		c->items[i].is_slides = who[i] >= 'A' && who[i] <= 'Z';
		c->items[i].since = INT64_MIN;
		c->scene.n++;
	}
	c->scene.items = c->items;
	c->scene.speaker = c->scene.pinned = VC_ARRANGE_NONE;
	return c;
}

/* "a 0 0 640 360, b 640 0 640 360" */
static void check(const char *text, const char *who, const struct crowd *c,
		  const char *want)
{
	struct vc_arrange a = read_text(text);
	struct vc_arrange_place p[VC_ARRANGE_TILES];
	size_t n = vc_arrange_place(&a, &c->scene, W, H, p);
	char got[4096] = "";

	for (size_t i = 0; i < n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got),
			 "%s%c %d %d %d %d", i ? ", " : "", who[p[i].item],
			 p[i].at.x, p[i].at.y, p[i].at.w, p[i].at.h);
	assert_string_equal(got, want);
}

static void check_preset(const char *name, const char *who, int speaker,
			 const char *want)
{
	struct crowd c;

	crowd_of(&c, who);
	if (speaker >= 0)
		c.scene.speaker = (size_t)speaker;
	check(vc_arrange_preset(name), who, &c, want);
}

static void presets_put_people_where_they_say(void **state)
{
	(void)state;
	check_preset("grid", "", -1, "");
	check_preset("grid", "a", 0, "a 0 0 1280 720");
	check_preset("grid", "aAb", 2,
		     "a 0 0 640 360, A 640 0 640 360, b 320 360 640 360");
	check_preset("speaker", "abc", 1,
		     "b 128 0 1024 576, a 384 576 256 144, c 640 576 256 144");
	check_preset("speaker", "a", 0, "a 0 0 1280 720");
	check_preset("presenter", "aAb", 2,
		     "A 0 0 1024 720, b 1024 0 256 144, a 1024 144 256 144");
	check_preset("presenter", "ab", 1,
		     "b 0 72 1024 576, a 1024 288 256 144");
	check_preset("presenter", "A", -1, "A 0 0 1280 720");
	check_preset("side-by-side", "abc", 2,
		     "c 0 0 640 720, a 640 0 640 720");
	check_preset("side-by-side", "a", 0, "a 0 0 1280 720");
	check_preset("pip", "abc", 1, "b 0 0 1280 720, a 928 522 320 180");
	check_preset("pip", "aA", 0, "A 0 0 1280 720, a 928 522 320 180");
	check_preset("pip", "a", 0, "a 0 0 1280 720");
	check_preset("stage", "abc", 0,
		     "a 0 240 426 238, b 426 240 426 238, c 852 240 426 238");
	check_preset("stage", "aAb", 0,
		     "A 0 0 1280 540, a 320 540 320 180, b 640 540 320 180");
	check_preset("stage", "a", 0, "a 0 0 1280 720");
	check_preset("single", "abc", 1, "b 0 0 1280 720");
}

static void presets_are_many_and_few(void **state)
{
	const char *name;
	struct crowd c;
	char who[100];

	(void)state;
	for (size_t k = 0; (name = vc_arrange_preset_name(k)); k++) {
		struct vc_arrange a = read_text(vc_arrange_preset(name));

		for (size_t n = 1; n < 100; n++) {
			struct vc_arrange_place p[VC_ARRANGE_TILES];

			memset(who, 'a', n);
			who[n] = 0;
			crowd_of(&c, who)->scene.speaker = n - 1;
			size_t got = vc_arrange_place(&a, &c.scene, W, H, p);

			assert_in_range(got, 1, n < 49 ? n : 49);
			for (size_t i = 0; i < got; i++) {
				assert_true(p[i].at.x >= 0 && p[i].at.y >= 0);
				assert_true(p[i].at.x + p[i].at.w <= W);
				assert_true(p[i].at.y + p[i].at.h <= H);
				assert_false((p[i].at.x | p[i].at.y |
					      p[i].at.w | p[i].at.h) &
					     1);
			}
		}
	}
	assert_null(vc_arrange_preset("moon"));
}

static void the_first_that_is_there_fills_a_region(void **state)
{
	struct crowd c;

	(void)state;
	crowd_of(&c, "abcd");
	c.scene.speaker = 2;
	check("pinned,speaker 0 0 360 360\n", "abcd", &c, "c 0 0 1280 720");
	c.scene.pinned = 3;
	check("pinned,speaker 0 0 360 360\n", "abcd", &c, "d 0 0 1280 720");
	/* Nobody is in two regions. */
	check("pinned 0 0 180 180\npinned,join:2 180 0 180 180\n", "abcd", &c,
	      "d 0 0 640 360, b 640 0 640 360");
	/* Without `pinned` he takes the speaker's place. */
	check("speaker 0 0 360 360\n", "abcd", &c, "d 0 0 1280 720");
	check("pinned 0 0 180 180\nspeaker 180 0 180 180\n", "abcd", &c,
	      "d 0 0 640 360, c 640 0 640 360");
	/* The rest is what no line has, wherever it stands. */
	check("rest 0 180 360 180\nspeaker 0 0 180 180\n", "abcd", &c,
	      "a 0 420 426 238, b 426 420 426 238, c 852 420 426 238, "
	      "d 0 0 640 360");
	check("rest:1 0 0 180 180\nrest:2 180 0 180 180\n", "abcd", &c,
	      "a 0 0 640 360, b 640 90 320 180, c 960 90 320 180");
	check("slides,rest:1 0 0 180 180\n", "abcd", &c, "a 0 0 640 360");
}

static void activity_has_an_order(void **state)
{
	struct crowd c;

	(void)state;
	crowd_of(&c, "abcA");
	c.items[1].since = 7;
	c.items[2].since = 9;
	c.items[3].since = 100;
	check("active:1 0 0 180 180\nactive:2 180 0 180 180\n"
	      "active:3 0 180 180 180\nactive:4 180 180 180 180\n",
	      "abcA", &c, "c 0 0 640 360, b 640 0 640 360, a 0 360 640 360");
	/* Equal ones as they came; the newest slides first. */
	crowd_of(&c, "aAbB");
	c.items[1].since = 3;
	c.items[3].since = 2;
	check("active:2 0 0 180 180\nslides 180 0 180 180\n"
	      "slides 0 180 180 180\nslides 180 180 180 180\n",
	      "aAbB", &c, "b 0 0 640 360, A 640 0 640 360, B 0 360 640 360");
}

/* Who talks is seen, and others stay where they are. */
static void those_who_talked_last_have_room(void **state)
{
	static const char text[] = "rest:3 0 0 360 90\n";
	struct crowd c;

	(void)state;
	crowd_of(&c, "abcde");
	check(text, "abcde", &c,
	      "a 160 0 320 180, b 480 0 320 180, c 800 0 320 180");
	c.items[4].since = 5;
	check(text, "abcde", &c,
	      "a 160 0 320 180, b 480 0 320 180, e 800 0 320 180");
	c.items[2].since = 7;
	check(text, "abcde", &c,
	      "a 160 0 320 180, c 480 0 320 180, e 800 0 320 180");
	c.items[1].since = c.items[3].since = 9;
	check(text, "abcde", &c,
	      "b 160 0 320 180, c 480 0 320 180, d 800 0 320 180");
}

static void what_is_above(void **state)
{
	struct crowd c;

	(void)state;
	crowd_of(&c, "abc");
	check("join:1 0 0 90 90 z=2\njoin:2 0 0 360 360\njoin:3 0 0 180 180 "
	      "z=1\n",
	      "abc", &c, "b 0 0 1280 720, c 0 0 640 360, a 0 0 320 180");
	check("rest:1 0 0 90 90\njoin:2 0 0 360 360\n", "abc", &c,
	      "a 0 0 320 180, b 0 0 1280 720");
}

static void shapes(void **state)
{
	struct crowd c;

	(void)state;
	crowd_of(&c, "ab");
	check("join:1 0 0 180 360 shape=any\njoin:2 180 0 180 360 shape=4:3\n",
	      "ab", &c, "a 0 0 640 720, b 640 120 640 480");
	check("rest 0 0 360 360 shape=1:1\n", "ab", &c,
	      "a 0 40 640 640, b 640 40 640 640");
}

static void parts_are_for_conditions(void **state)
{
	static const char text[] = "when slides tiles:3\nslides 0 0 360 360\n"
				   "when pinned\npinned 0 0 180 180\n"
				   "when -\nrest 0 0 360 360\n";
	struct crowd c;

	(void)state;
	check(text, "aA", crowd_of(&c, "aA"),
	      "a 0 180 640 360, A 640 180 640 360");
	check(text, "aAb", crowd_of(&c, "aAb"), "A 0 0 1280 720");
	crowd_of(&c, "ab")->scene.pinned = 1;
	check(text, "ab", &c, "b 0 0 640 360");
}

/* Where there is no room nothing is shown, and the rest goes elsewhere. */
static void no_room(void **state)
{
	struct vc_arrange a = read_text("join:1 0 0 1 1\nrest 0 0 360 360\n");
	struct vc_arrange_place p[VC_ARRANGE_TILES];
	struct crowd c;

	(void)state;
	crowd_of(&c, "ab");
	assert_int_equal(vc_arrange_place(&a, &c.scene, W, H, p), 2);
	assert_int_equal(p[1].at.w, 640);
	assert_int_equal(vc_arrange_place(&a, &c.scene, 16, 16, p), 1);
	a = read_text("rest 0 0 360 360\nrest 0 0 360 360\n");
	memset(c.items, 0, sizeof(c.items));
	c.scene.n = 100;
	assert_int_equal(vc_arrange_place(&a, &c.scene, W, H, p), 49);
}

static void wrong_texts_name_their_line(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *why;
	} rows[] = {
		{ "", 0, "no region" },
		{ "# nothing\n\n", 0, "no region" },
		{ "speaker 0 0 360\n", 1, "a region is WHAT X Y W H" },
		{ "\nspeaker 0 0 360 361\n", 2, "a number from 0 to 360" },
		{ "speaker 0 0 -1 360\n", 1, "a number from 0 to 360" },
		{ "speaker 0 0 0 360\n", 1, "no area" },
		{ "speaker 1 0 360 360\n", 1, "beyond 360" },
		{ "moon 0 0 360 360\n", 1, "'moon': a list is" },
		{ "join 0 0 360 360\n", 1, "a list is" },
		{ "join:0 0 0 360 360\n", 1, "a list is" },
		{ "speaker:1 0 0 360 360\n", 1, "a list is" },
		{ "speaker, 0 0 360 360\n", 1, "a list is" },
		{ "a,b,c,d,e,f,g,h,i 0 0 360 360\n", 1, "more than 8" },
		{ "rest 0 0 360 360 z=100\n", 1, "z=N" },
		{ "rest 0 0 360 360 x=1\n", 1, "z=N" },
		{ "rest 0 0 360 360 shape=0:1\n", 1, "shape=W:H" },
		{ "rest 0 0 360 360 shape=16\n", 1, "shape=W:H" },
		{ "when\nrest 0 0 360 360\n", 1, "when slides" },
		{ "when moon\nrest 0 0 360 360\n", 1, "'moon': when" },
		{ "when tiles:0\nrest 0 0 360 360\n", 1, "when" },
		{ "when - slides\nrest 0 0 360 360\n", 1, "'-': when" },
		{ "when slides\nwhen -\nrest 0 0 360 360\n", 2, "no region" },
		{ "rest 0 0 360 360\nwhen slides\nrest 0 0 360 360\n", 2,
		  "always used" },
		{ "when slides\nslides 0 0 360 360\n", 0, "when -" },
		{ "when slides\nslides 0 0 360 360\nwhen -\n", 0,
		  "last part has no region" },
		{ "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n", 1,
		  "too many columns" },
		{ "\x1b[2J 0 0 360 360\n", 1, "'\\x1b[2J': a list" },
		{ "rest 0 0 360 360\n\xff\n", 2, "not UTF-8" },
	};
	struct vc_columns_error err;
	struct vc_arrange a;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		memset(&a, 77, sizeof(a));
		struct vc_arrange before = a;

		assert_int_equal(vc_arrange_parse(&a, vc_str_c(rows[i].text),
						  &err),
				 -EINVAL);
		if (err.line != rows[i].line || !strstr(err.why, rows[i].why))
			fail_msg("row %zu: line %u: %s", i, err.line, err.why);
		assert_memory_equal(&a, &before, sizeof(a));
	}
}

static void there_are_caps(void **state)
{
	static char text[VC_ARRANGE_SIZE + 2];
	struct vc_columns_error err;
	struct vc_arrange a;
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 65; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"rest 0 0 360 360\n");
	assert_int_equal(vc_arrange_parse(&a, vc_str_of(text, len), &err),
			 -EINVAL);
	assert_int_equal(err.line, 65);
	for (len = 0; len < 17 * 30;)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"when slides\nrest 0 0 36 360\n");
	assert_int_equal(vc_arrange_parse(&a, vc_str_of(text, len), &err),
			 -EINVAL);
	assert_int_equal(err.line, 33);
	memset(text, '#', sizeof(text));
	assert_int_equal(vc_arrange_parse(&a,
					  vc_str_of(text, VC_ARRANGE_SIZE + 1),
					  &err),
			 -EINVAL);
	assert_non_null(strstr(err.why, "16 KiB"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presets_put_people_where_they_say),
		cmocka_unit_test(presets_are_many_and_few),
		cmocka_unit_test(the_first_that_is_there_fills_a_region),
		cmocka_unit_test(activity_has_an_order),
		cmocka_unit_test(those_who_talked_last_have_room),
		cmocka_unit_test(what_is_above),
		cmocka_unit_test(shapes),
		cmocka_unit_test(parts_are_for_conditions),
		cmocka_unit_test(no_room),
		cmocka_unit_test(wrong_texts_name_their_line),
		cmocka_unit_test(there_are_caps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

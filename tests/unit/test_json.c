/* SPDX-License-Identifier: MIT */
/* JSON: what goes out is one safe line, what comes in is looked at first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"

static void assert_text(struct vc_json *j, const char *wanted)
{
	char *text = vc_json_text(j);

	assert_non_null(text);
	assert_string_equal(text, wanted);
	free(text);
	vc_json_free(j);
}

static void members_keep_their_order(void **state)
{
	struct vc_json *j = vc_json_object(), *a = vc_json_array();

	(void)state;
	vc_json_set_str(j, "z", "one");
	vc_json_set_int(j, "a", INT64_MIN);
	vc_json_set_bool(j, "m", true);
	vc_json_set_null(j, "n");
	vc_json_add_str(a, "x");
	vc_json_add_int(a, -1);
	vc_json_set(j, "list", a);
	vc_json_set_str(j, "z", "two");
	assert_text(j, "{\"z\":\"two\",\"a\":-9223372036854775808,\"m\":true,"
		       "\"n\":null,\"list\":[\"x\",-1]}");
}

static void reals_are_rounded(void **state)
{
	static const struct {
		double v;
		int decimals;
		const char *text;
	} rows[] = {
		{ 0.1, 3, "{\"v\":0.1}" },
		{ 2.0 / 3, 4, "{\"v\":0.6667}" },
		{ -0.0001, 2, "{\"v\":0.0}" },
		{ 4.0, 2, "{\"v\":4.0}" },
		{ 1e18, 3, "{\"v\":1e18}" },
		{ 0.0 / 0.0, 2, "{\"v\":null}" },
		{ 1.0 / 0.0, 2, "{\"v\":null}" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_json *j = vc_json_object();

		vc_json_set_real(j, "v", rows[i].v, rows[i].decimals);
		assert_text(j, rows[i].text);
	}
}

static void foreign_strings_are_repaired_and_escaped(void **state)
{
	static const struct {
		const char *s;
		size_t len;
		const char *text;
	} rows[] = {
		{ "J\xc3\xbcrgen", 7, "{\"v\":\"J\xc3\xbcrgen\"}" },
		{ "a\"b\\c", 5, "{\"v\":\"a\\\"b\\\\c\"}" },
		{ "\x1b[2J\n", 5, "{\"v\":\"\\u001B[2J\\n\"}" },
		{ "a\0b", 3, "{\"v\":\"a\\u0000b\"}" },
		{ "\xff\xc3", 2, "{\"v\":\"\xef\xbf\xbd\xef\xbf\xbd\"}" },
		{ "\xed\xa0\x80", 3,
		  "{\"v\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}" },
		{ "\x7f", 1, "{\"v\":\"\\u007f\"}" },
		{ "\xc2\x9b", 2, "{\"v\":\"\\u009b\"}" },
		{ "\xe2\x80\xae", 3, "{\"v\":\"\\u202e\"}" },
		{ "\xf3\xa0\x80\x81", 4, "{\"v\":\"\\udb40\\udc01\"}" },
		{ "\xf0\x9f\x98\x80", 4, "{\"v\":\"\xf0\x9f\x98\x80\"}" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_json *j = vc_json_object(), *back;
		char *text;

		vc_json_set_strn(j, "v", rows[i].s, rows[i].len);
		text = vc_json_text(j);
		assert_string_equal(text, rows[i].text);
		/* Only NUL, which we never take in, does not come back. */
		back = vc_json_parse(text, strlen(text), NULL);
		assert_true(back || memchr(rows[i].s, 0, rows[i].len));
		if (back)
			assert_string_equal(vc_json_get_str(back, "v"),
					    vc_json_get_str(j, "v"));
		vc_json_free(back);
		vc_json_free(j);
		free(text);
	}
}

static void keys_are_repaired(void **state)
{
	struct vc_json *j = vc_json_object();

	(void)state;
	vc_json_set_int(j, "a\xff", 1);
	assert_non_null(vc_json_get(j, "a\xff"));
	assert_null(vc_json_get(j, "b\xff"));
	assert_text(j, "{\"a\xef\xbf\xbd\":1}");
}

static void what_is_not_json_is_refused(void **state)
{
	static const struct {
		const char *text, *err;
	} rows[] = {
		{ "", "ends in the middle" },
		{ "{\"a\":", "ends in the middle" },
		{ "{} {}", "more than one value" },
		{ "{\"a\":1,\"a\":2}", "a key twice" },
		{ "{\"a\":\"\\u0000\"}", "NUL in a string" },
		{ "99999999999999999999", "number too large" },
		{ "{'a':1}", "not JSON" },
		{ "NaN", "not JSON" },
		{ "\"\xff\"", "not UTF-8" },
	};
	char deep[66], *big = malloc(270000);
	const char *err;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		err = NULL;
		assert_null(vc_json_parse(rows[i].text, strlen(rows[i].text),
					  &err));
		assert_string_equal(err, rows[i].err);
	}
	memset(deep, '[', 33);
	memset(deep + 33, ']', 33);
	assert_null(vc_json_parse(deep, 66, &err));
	assert_string_equal(err, "too deep");
	vc_json_free(vc_json_parse(deep + 1, 64, &err));
	assert_non_null(big);
	memset(big, ' ', 270000);
	big[0] = '1';
	assert_null(vc_json_parse(big, 262145, &err));
	assert_string_equal(err, "too long");
	vc_json_free(vc_json_parse(big, 262144, &err));
	free(big);
}

static void depth_counts_brackets_outside_strings(void **state)
{
	struct vc_json *j;
	char text[80];

	(void)state;
	memset(text, '[', sizeof(text));
	text[0] = '"';
	text[1] = '\\';
	text[2] = '"';
	text[79] = '"';
	j = vc_json_parse(text, sizeof(text), NULL);
	assert_non_null(vc_json_str(j));
	vc_json_free(j);
	memset(text, '[', 32);
	memset(text + 32, ']', 32);
	j = vc_json_parse(text, 64, NULL);
	assert_true(vc_json_is_array(j));
	vc_json_free(j);
}

static void reading(void **state)
{
	static const char text[] = "{\"i\":7,\"r\":0.5,\"b\":true,\"s\":\"x\","
				   "\"a\":[\"p\",2],\"o\":{}}";
	struct vc_json *j = vc_json_parse(text, sizeof(text) - 1, NULL);
	const char *key = NULL;
	int64_t i = 0;
	double r = 0;
	bool b = false;

	(void)state;
	assert_true(vc_json_is_object(j));
	assert_int_equal(vc_json_len(j), 6);
	assert_true(vc_json_get_int(j, "i", &i) && i == 7);
	assert_false(vc_json_get_int(j, "r", &i));
	assert_false(vc_json_get_int(j, "none", &i));
	assert_true(vc_json_get_real(j, "r", &r) && r == 0.5);
	assert_true(vc_json_get_real(j, "i", &r) && r == 7);
	assert_false(vc_json_get_real(j, "s", &r));
	assert_true(vc_json_get_bool(j, "b", &b) && b);
	assert_string_equal(vc_json_get_str(j, "s"), "x");
	assert_null(vc_json_get_str(j, "i"));
	assert_string_equal(vc_json_str_at(vc_json_get(j, "a"), 0), "p");
	assert_null(vc_json_str_at(vc_json_get(j, "a"), 1));
	assert_null(vc_json_at(vc_json_get(j, "a"), 2));
	assert_null(vc_json_at(NULL, 0));
	assert_true(vc_json_number(vc_json_get(j, "b"), &r) && r == 1);
	assert_non_null(vc_json_member(j, 5, &key));
	assert_string_equal(key, "o");
	assert_null(vc_json_member(j, 6, &key));
	vc_json_free(j);
}

static void events(void **state)
{
	(void)state;
	assert_text(vc_json_event("gap", INT64_C(946684800123456789)),
		    "{\"ev\":\"gap\",\"t\":946684800123456}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_keep_their_order),
		cmocka_unit_test(reals_are_rounded),
		cmocka_unit_test(foreign_strings_are_repaired_and_escaped),
		cmocka_unit_test(keys_are_repaired),
		cmocka_unit_test(what_is_not_json_is_refused),
		cmocka_unit_test(depth_counts_brackets_outside_strings),
		cmocka_unit_test(reading),
		cmocka_unit_test(events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

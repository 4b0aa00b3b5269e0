/* SPDX-License-Identifier: MIT */
/* What is said again each second, in its order, however many they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tool/outstate.h"

#define MANY 4096 /* sources, by default at most */

static bool put(struct vc_outstates *t, const char *key, const char *text)
{
	return vc_outstates_put(t, key, vc_strdup(text));
}

/* Keys and what was put last, "a=1 b=2"; both ways through the list agree. */
static void is(const struct vc_outstates *t, const char *want)
{
	const struct vc_outstate *last = NULL;
	char got[256] = "";
	size_t len = 0;

	for (const struct vc_outstate *s = t->first; s; s = s->next) {
		assert_ptr_equal(s->prev, last);
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%s=%s",
					len ? " " : "", s->key, s->text);
		last = s;
	}
	assert_ptr_equal(t->last, last);
	assert_string_equal(got, want);
}

static void keys_stay_where_they_came(void **state)
{
	struct vc_outstates t = { 0 };

	(void)state;
	assert_true(put(&t, "a", "1"));
	assert_true(put(&t, "b", "2"));
	assert_true(put(&t, "c", "3"));
	assert_true(put(&t, "a", "4"));
	is(&t, "a=4 b=2 c=3");
	vc_outstates_drop(&t, "b");
	vc_outstates_drop(&t, "b");
	is(&t, "a=4 c=3");
	assert_true(put(&t, "b", "2"));
	is(&t, "a=4 c=3 b=2");
	vc_outstates_drop(&t, "a");
	vc_outstates_drop(&t, "b");
	is(&t, "c=3");
	vc_outstates_drop(&t, "c");
	is(&t, "");
	assert_true(put(&t, "c", "3"));
	is(&t, "c=3");
	vc_outstates_clear(&t);
	is(&t, "");
}

static void only_the_time_is_nothing_new(void **state)
{
	struct vc_outstates t = { 0 };

	(void)state;
	assert_true(put(&t, "a", "{\"ev\":\"x\",\"t\":12,\"v\":1}"));
	assert_false(put(&t, "a", "{\"ev\":\"x\",\"t\":-345,\"v\":1}"));
	is(&t, "a={\"ev\":\"x\",\"t\":12,\"v\":1}");
	assert_true(put(&t, "a", "{\"ev\":\"x\",\"t\":12,\"v\":2}"));
	assert_true(put(&t, "a", "{\"ev\":\"y\",\"t\":12,\"v\":2}"));
	vc_outstates_clear(&t);
}

/* None is looked for among more than a few. */
static void many_keys_are_found_as_few(void **state)
{
	struct vc_outstates t = { 0 };
	size_t n = 0, longest = 0, length;
	char key[32];

	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(key, sizeof(key), "source %08x", i * 2654435769u);
		assert_true(put(&t, key, key));
	}
	for (size_t i = 0; i < VC_OUTSTATE_BUCKETS; i++) {
		length = 0;
		for (struct vc_outstate *s = t.buckets[i]; s; s = s->next_alike)
			length++;
		n += length;
		if (length > longest)
			longest = length;
	}
	assert_int_equal(n, MANY);
	assert_in_range(longest, MANY / VC_OUTSTATE_BUCKETS, 24);
	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(key, sizeof(key), "source %08x", i * 2654435769u);
		vc_outstates_drop(&t, key);
	}
	is(&t, "");
	for (size_t i = 0; i < VC_OUTSTATE_BUCKETS; i++)
		assert_null(t.buckets[i]);
	vc_outstates_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_stay_where_they_came),
		cmocka_unit_test(only_the_time_is_nothing_new),
		cmocka_unit_test(many_keys_are_found_as_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

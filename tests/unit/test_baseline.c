/* SPDX-License-Identifier: MIT */
/* Two records: which figures are compared, and with what. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "tool/baseline.h"

static const struct vc_metric metrics[] = {
	{ "loss", "share", "" },      { "jitter_ms", "ms", "" },
	{ "fps", "1/s", "" },	      { "offset_ms", "ms", "" },
	{ "packets", "packets", "" }, { "heard[NAME]", "share", "" },
};
static const struct vc_trait traits[] = {
	{ "loss", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "jitter_ms", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "fps", '>', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "offset_ms", '|', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "heard[NAME]", '>', VC_OVER_STANDS, NULL, NULL, 0 },
};
static const struct vc_metrics all = { metrics, VC_COUNT(metrics),
				       traits,	VC_COUNT(traits),
				       NULL,	0 };

static void rows(void **state)
{
	static const struct {
		const char *tolerance, *was, *is, *failed;
	} table[] = {
		/* lower, higher, nearer to 0 is better; counts are nothing */
		{ "5%", "'loss':0.1,'packets':100", "'loss':0.105,'packets':1",
		  "" },
		{ "5%", "'loss':0.1", "'loss':0.106",
		  "loss <= 10.5% (baseline 10%)" },
		{ "5%", "'loss':0.1", "'loss':0", "" },
		{ "5%", "'fps':30", "'fps':28.5", "" },
		{ "5%", "'fps':30", "'fps':28.4", "fps >= 28.5 (baseline 30)" },
		{ "5%", "'fps':30", "'fps':60", "" },
		{ "5%", "'offset_ms':-20", "'offset_ms':20.9", "" },
		{ "5%", "'offset_ms':-20", "'offset_ms':-22",
		  "|offset_ms| <= 21 (baseline -20)" },
		/* what was 0 */
		{ "5%", "'loss':0", "'loss':0", "" },
		{ "5%", "'loss':0", "'loss':0.0001",
		  "loss <= 0% (baseline 0%)" },
		{ "5%,loss=0.001", "'loss':0", "'loss':0.0009", "" },
		/* of its own */
		{ "jitter_ms=2ms", "'jitter_ms':1", "'jitter_ms':2.9", "" },
		{ "jitter=2ms", "'jitter_ms':1", "'jitter_ms':3.1",
		  "jitter_ms <= 3 (baseline 1)" },
		{ "jitter_ms=50%", "'jitter_ms':1", "'jitter_ms':1.4", "" },
		{ "loss=off", "'loss':0,'fps':1", "'loss':1,'fps':1", "" },
		/* not measured, now or then */
		{ "5%", "'loss':0.1", "'loss':null",
		  "loss <= 10.5% (baseline 10%)" },
		{ "5%", "'loss':null,'fps':1", "'loss':0.5,'fps':1", "" },
		{ "5%", "'loss':null", "'loss':0.5",
		  "as good as the baseline" },
		/* of each name */
		{ "5%", "'heard':{'a':0.9,'b':null}", "'heard':{'a':0.8}",
		  "heard[a] >= 85.5% (baseline 90%)" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(table); i++) {
		struct vc_json *record[2], *results = vc_json_array();
		struct vc_tolerances t = { .share = 0.05 };
		char text[256], why[128];
		bool ok;

		assert_int_equal(vc_tolerances_parse(&t, table[i].tolerance,
						     &all, why, sizeof(why)),
				 0);
		for (int k = 0; k < 2; k++) {
			strcpy(text, "{'sources':[{'id':'x','kind':'audio',");
			strcat(text, k ? table[i].is : table[i].was);
			strcat(text, "}]}");
			for (char *p = text; *p; p++)
				*p = *p == '\'' ? '"' : *p;
			record[k] = vc_json_parse(text, strlen(text), NULL);
			assert_non_null(record[k]);
		}
		ok = vc_baseline_judge(&all, &t, record[0], record[1], results);
		assert_int_equal(vc_json_len(results), 1);
		assert_int_equal(ok, !table[i].failed[0]);
		assert_string_equal(
			vc_json_get_str(vc_json_at(results, 0), "expect"),
			ok ? "as good as the baseline" : table[i].failed);
		vc_json_free(record[0]);
		vc_json_free(record[1]);
		vc_json_free(results);
	}
}

/* By id, else in the order of those that are left over. */
static void sources(void **state)
{
	static const char was[] =
		"{\"sources\":[{\"id\":\"a\",\"kind\":\"audio\",\"loss\":0.1},"
		"{\"id\":\"b\",\"kind\":\"audio\",\"loss\":0.2},"
		"{\"id\":\"c\",\"kind\":\"audio\",\"loss\":0.3},"
		"{\"id\":\"\\u001b[2J\",\"kind\":\"video\\u001b\",\"loss\":0}]}";
	static const char is[] =
		"{\"sources\":[{\"id\":\"x\",\"kind\":\"audio\",\"loss\":0.1},"
		"{\"id\":\"y\",\"kind\":\"audio\",\"loss\":0.2},"
		"{\"id\":\"a\",\"kind\":\"audio\",\"loss\":0.4}]}";
	struct vc_json *before = vc_json_parse(was, strlen(was), NULL);
	struct vc_json *now = vc_json_parse(is, strlen(is), NULL);
	struct vc_json *results = vc_json_array();
	const struct vc_tolerances t = { .share = 0 };

	(void)state;
	assert_false(vc_baseline_judge(&all, &t, before, now, results));
	/* a with a, b with x, c with y; nothing with the picture. */
	assert_int_equal(vc_json_len(results), 2);
	assert_string_equal(vc_json_get_str(vc_json_at(results, 0), "source"),
			    "a");
	assert_string_equal(
		vc_json_get_str(vc_json_at(results, 1), "expect"),
		"video\\x1b of \\x1b[2J is there, as in the baseline");
	vc_json_free(before);
	vc_json_free(now);
	vc_json_free(results);
}

static void missing_are_named_up_to_a_number(void **state)
{
	static const char is[] = "{\"sources\":[]}";
	struct vc_json *before = vc_json_object(), *each = vc_json_array();
	struct vc_json *now = vc_json_parse(is, strlen(is), NULL);
	struct vc_json *results = vc_json_array();
	const struct vc_tolerances t = { .share = 0 };
	int64_t more = 0;

	(void)state;
	for (int i = 0; i < 70; i++)
		vc_json_add(each, vc_json_object());
	vc_json_set(before, "sources", each);
	assert_false(vc_baseline_judge(&all, &t, before, now, results));
	assert_int_equal(vc_json_len(results), 65);
	assert_true(vc_json_get_int(vc_json_at(results, 64), "more", &more));
	assert_int_equal(more, 6);
	vc_json_free(before);
	vc_json_free(now);
	vc_json_free(results);
}

static void slips(void **state)
{
	static const struct {
		const char *text, *why;
	} table[] = {
		{ "", "5% or METRIC=VALUE is needed" },
		{ "5", "5% or METRIC=VALUE is needed" },
		{ "-5%", "5% or METRIC=VALUE is needed" },
		{ "los=5%", "no such metric: los; did you mean loss?" },
		{ "packets=5%", "packets is neither better nor worse" },
		{ "jitter_ms=2kg", "a time is needed, as 20ms or 1.5s" },
		{ "fps=off ", "a number is needed (1/s)" },
		{ "audio.fps=1%", "a metric without more around it is needed" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(table); i++) {
		struct vc_tolerances t = { .share = 0.05 };
		char why[128] = "taken";

		vc_tolerances_parse(&t, table[i].text, &all, why, sizeof(why));
		assert_string_equal(why, table[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(sources),
		cmocka_unit_test(missing_are_named_up_to_a_number),
		cmocka_unit_test(slips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

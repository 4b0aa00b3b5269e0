/* SPDX-License-Identifier: MIT */
/* Whom a source is for, by events that came whole or in parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "tool/route.h"

/* Events of one source, in order, and whom it is for in the end. */
static const struct {
	const char *what;
	const char *events[4];
	const char *yes; /* "ann bob" */
	const char *no;
} rows[] = {
	{ "none: everybody", { NULL }, "* ann bob", "" },
	{ "a list", { "{'to':['ann','bob']}" }, "ann bob", "* cid" },
	{ "all but one", { "{'to':'*','except':['ann']}" }, "* bob", "ann" },
	{ "the later one holds",
	  { "{'to':['ann']}", "{'to':['bob']}" },
	  "bob",
	  "ann *" },
	{ "parts are one list",
	  { "{'part':1,'parts':3,'to':['ann']}",
	    "{'part':2,'parts':3,'to':['bob']}",
	    "{'part':3,'parts':3,'to':['cid']}" },
	  "ann bob cid",
	  "* dan" },
	{ "of those who do not get it, too",
	  { "{'part':1,'parts':2,'to':'*','except':['ann']}",
	    "{'part':2,'parts':2,'except':['bob']}" },
	  "* cid",
	  "ann bob" },
	{ "an exception in a later part only",
	  { "{'part':1,'parts':2,'to':['ann','bob']}",
	    "{'part':2,'parts':2,'except':['bob']}" },
	  "ann",
	  "bob" },
	{ "until the last, what held before does",
	  { "{'to':['ann']}", "{'part':1,'parts':2,'to':['bob']}" },
	  "ann",
	  "bob" },
	{ "a part is missing",
	  { "{'to':['ann']}", "{'part':1,'parts':3,'to':['bob']}",
	    "{'part':3,'parts':3,'to':['cid']}" },
	  "ann",
	  "bob cid" },
	{ "not the beginning",
	  { "{'part':2,'parts':2,'to':['bob']}" },
	  "* ann",
	  "" },
	{ "begun anew",
	  { "{'part':1,'parts':2,'to':['ann']}",
	    "{'part':1,'parts':2,'to':['bob']}",
	    "{'part':2,'parts':2,'to':['cid']}" },
	  "bob cid",
	  "ann" },
	{ "numbers that make no sense",
	  { "{'part':-1,'parts':2,'to':['bob']}",
	    "{'part':'x','parts':[],'to':['ann',7,null]}" },
	  "ann",
	  "bob 7" },
};

static void tell(struct vc_routes **r, const char *event)
{
	struct vc_json *j;
	char text[256];

	snprintf(text, sizeof(text), "%s", event);
	for (char *p = text; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	j = vc_json_parse(text, strlen(text), NULL);
	assert_non_null(j);
	vc_routes_event(r, 7, j);
	vc_json_free(j);
}

static void check(const struct vc_routes *r, const char *what,
		  const char *names, bool want)
{
	char list[64], *rest = list, *who;

	snprintf(list, sizeof(list), "%s", names);
	while ((who = strsep(&rest, " "))) {
		if (*who && vc_routes_has(r, 7, who) != want)
			fail_msg("%s: %s", what, who);
	}
}

static void test_whom_it_is_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct vc_routes *r = NULL;

		for (size_t k = 0; k < 4 && rows[i].events[k]; k++)
			tell(&r, rows[i].events[k]);
		check(r, rows[i].what, rows[i].yes, true);
		check(r, rows[i].what, rows[i].no, false);
		vc_routes_free(&r);
		assert_null(r);
	}
}

/* What never ends is given up. */
static void test_parts_without_end(void **state)
{
	struct vc_routes *r = NULL;
	char text[128];

	(void)state;
	for (int i = 1; i <= 2 * VC_ROUTE_PARTS; i++) {
		snprintf(text, sizeof(text),
			 "{'part':%d,'parts':%d,'to':['ann']}", i,
			 2 * VC_ROUTE_PARTS);
		tell(&r, text);
	}
	assert_true(vc_routes_has(r, 7, "*"));
	vc_routes_drop(&r, 7);
	assert_null(r);
}

static void test_addressed(void **state)
{
	struct vc_routes *r = NULL;

	(void)state;
	assert_false(vc_routes_is_addressed(r, 7));
	tell(&r, "{'to':'*'}");
	assert_false(vc_routes_is_addressed(r, 7));
	tell(&r, "{'to':['ann']}");
	assert_true(vc_routes_is_addressed(r, 7));
	assert_false(vc_routes_is_addressed(r, 8));
	assert_true(vc_routes_has(r, 8, "ann"));
	vc_routes_drop(&r, 8);
	vc_routes_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whom_it_is_for),
		cmocka_unit_test(test_parts_without_end),
		cmocka_unit_test(test_addressed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

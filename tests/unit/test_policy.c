/* SPDX-License-Identifier: MIT */
/*
 * What a policy file says, and how it is wrong; the resolver against one that is
 * written the simplest way, for all combinations of a small world.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/policy.h"

static struct vc_policy *parse(const char *text)
{
	struct vc_columns_error err;
	struct vc_policy *p = vc_policy_parse(vc_str_c(text), &err);

	if (!p)
		fail_msg("line %u: %s", err.line, err.why);
	return p;
}

static struct vc_policy_who him(const struct vc_policy *p, const char *id)
{
	return (struct vc_policy_who){ id, vc_policy_role(p, id, true), true };
}

/* Does 'a' hear 'b', and see him? 0 to 3. */
static int both(const struct vc_policy *p, struct vc_policy_who a,
		struct vc_policy_who b)
{
	const struct vc_policy_row *row = vc_policy_row(p, &a);

	return vc_policy_hears(p, row, &a, &b) +
	       2 * vc_policy_sees(p, row, &a, &b);
}

static const char example[] = "default-role student\n"
			      "role  prof           lecturer\r\n"
			      "\n"
			      "# who                hears           sees\n"
			      "role:lecturer        *               *  "
			      "layout=grid # all\n"
			      "role:student         role:lecturer   "
			      "role:lecturer\tlayout=presenter class=low\n"
			      "recorder             *               "
			      "role:lecturer";

static void a_file_is_read(void **state)
{
	struct vc_policy *p = parse(example);
	struct vc_policy_who prof = him(p, "prof"), ann = him(p, "ann");
	const struct vc_policy_row *row;

	(void)state;
	assert_string_equal(prof.role, "lecturer");
	assert_string_equal(ann.role, "student");
	row = vc_policy_row(p, &prof);
	assert_int_equal(row->line, 5);
	assert_string_equal(row->layout, "grid");
	assert_null(row->class);
	row = vc_policy_row(p, &ann);
	assert_int_equal(row->line, 6);
	assert_string_equal(row->layout, "presenter");
	assert_string_equal(row->class, "low");
	assert_int_equal(both(p, prof, ann), 3);
	assert_int_equal(both(p, ann, prof), 3);
	assert_int_equal(both(p, ann, him(p, "bob")), 0);
	assert_int_equal(both(p, prof, prof), 0);
	assert_int_equal(vc_policy_limit(p), 0);
	assert_null(vc_policy_audio(p));
	vc_policy_free(p);
}

/* Rows, first match wins: the recorder is a student before he is himself. */
static void the_first_row_wins(void **state)
{
	struct vc_policy *p = parse(example);
	struct vc_policy_who rec = him(p, "recorder");

	(void)state;
	assert_int_equal(vc_policy_row(p, &rec)->line, 6);
	rec.role = "tape";
	assert_int_equal(vc_policy_row(p, &rec)->line, 7);
	assert_int_equal(both(p, rec, him(p, "ann")), 1);
	rec.id = "somebody";
	assert_null(vc_policy_row(p, &rec));
	assert_int_equal(both(p, rec, him(p, "prof")), 0);
	vc_policy_free(p);
}

static void roles_are_given_before_those_of_the_file(void **state)
{
	struct vc_policy *p = parse("role ann a\nrole * b\n* * *\n");

	(void)state;
	assert_string_equal(vc_policy_role(p, "ann", true), "a");
	assert_int_equal(vc_policy_give(p, "a*=c"), 0);
	assert_int_equal(vc_policy_give(p, "ann=d"), 0);
	assert_int_equal(vc_policy_give(p, "x=y=e"), 0);
	assert_string_equal(vc_policy_role(p, "ann", true), "c");
	assert_string_equal(vc_policy_role(p, "bob", true), "b");
	assert_string_equal(vc_policy_role(p, "x=y", true), "e");
	/* Who only says that he is Ann. */
	assert_string_equal(vc_policy_role(p, "ann", false), "b");
	assert_int_equal(vc_policy_give(p, "ann"), -EINVAL);
	assert_int_equal(vc_policy_give(p, "ann="), -EINVAL);
	assert_int_equal(vc_policy_give(p, "=a"), -EINVAL);
	assert_int_equal(vc_policy_give(p, "ann=a b"), -EINVAL);
	assert_int_equal(vc_policy_give(p, "role:a=b"), -EINVAL);
	vc_policy_free(p);
}

static void an_id_counts_where_somebody_vouches_for_it(void **state)
{
	struct vc_policy *p =
		parse("default-role guest\n"
		      "ann bob bob\nrole:guest ann,role:host *\n");
	struct vc_policy_who ann = him(p, "ann"), bob = him(p, "bob");
	struct vc_policy_who liar = { "ann", "guest", false };

	(void)state;
	assert_int_equal(both(p, ann, bob), 3);
	assert_int_equal(both(p, bob, ann), 3);
	assert_int_equal(vc_policy_row(p, &liar)->line, 3);
	assert_int_equal(both(p, bob, liar), 2);
	vc_policy_free(p);
}

static void a_backslash_takes_the_next_as_it_is(void **state)
{
	struct vc_policy *p = parse("role \\* star\n\\- \\* -\n");
	struct vc_policy_who star = him(p, "*"), ann = him(p, "ann");

	(void)state;
	assert_string_equal(star.role, "star");
	assert_int_equal(vc_policy_give(p, "\\?=mark"), 0);
	assert_string_equal(him(p, "?").role, "mark");
	assert_string_equal(him(p, "a").role, "");
	assert_int_equal(both(p, him(p, "-"), star), 1);
	assert_int_equal(both(p, him(p, "-"), ann), 0);
	vc_policy_free(p);
}

static void equal_lists_have_one_number(void **state)
{
	struct vc_policy *p = parse("a b,role:c role:c\n"
				    "b b,role:c *,self\n"
				    "c *        b,self,role:c\n"
				    "d -        role:c,b\n");
	const struct vc_policy_row *row[4];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const char id[] = { (char)('a' + i), 0 };
		struct vc_policy_who who = { id, "", true };

		row[i] = vc_policy_row(p, &who);
		assert_int_equal(row[i]->sees_self, i == 1 || i == 2);
	}
	assert_int_equal(row[0]->hears, row[1]->hears);
	assert_int_equal(row[1]->sees, row[2]->hears);
	assert_int_equal(row[2]->sees, row[0]->hears);
	assert_int_not_equal(row[3]->sees, row[2]->sees);
	assert_int_not_equal(row[3]->hears, row[2]->hears);
	vc_policy_free(p);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *why;
	} bad[] = {
		{ "", 0, "no row says who hears and sees whom" },
		{ "# nothing\n", 0, "no row" },
		{ "* *\n", 1, "'*': a row is WHO HEARS SEES" },
		{ "* * *\nann\n", 2, "'ann': a row is" },
		{ "* - *,\n", 1, "'*,': a list is" },
		{ "* , *\n", 1, "',': a list is" },
		{ "* a,-,b *\n", 1, "'a,-,b': a list is" },
		{ "* role: *\n", 1, "'role:': a list is" },
		{ "* self *\n", 1, "'self': a list is" },
		{ "self * *\n", 1, "'self': a list is" },
		{ "- * *\n", 1, "'-': a row is for somebody" },
		{ "* * * grid\n", 1,
		  "'grid': layout=NAME, class=NAME or select" },
		{ "* * * select=some\n", 1, "select=speaker or select=all" },
		{ "* * * layout=\n", 1, "'layout=': a name" },
		{ "* * * class=a class=b\n", 1, "'class=b': that was said" },
		{ "* * * a b c d e f g h i j k l m n o\n", 1, "too many" },
		{ "\n\nrole ann\n", 3, "'role': role WHO ROLE" },
		{ "role ann a,b\n", 1, "'a,b': a role is letters" },
		{ "role role:a b\n", 1, "'role:a': a role is for" },
		{ "role a,b c\n", 1, "'a,b': a role is for" },
		{ "default-role\n", 1, "'default-role': default-role ROLE" },
		{ "default-role a\ndefault-role b\n", 2, "said before" },
		{ "limit 0\n", 1, "'0': limit N" },
		{ "limit 100001\n", 1, "'100001': limit N" },
		{ "limit 2\nlimit 2\n", 2, "said before" },
		{ "audio compose\n", 1, "'compose': mix, select" },
		{ "video loud\n", 1, "'loud': compose, select" },
		{ "* \xff *\n", 1, "not UTF-8" },
		{ "rol prof lecturer\n* * *\n", 1,
		  "'rol': did you mean role?" },
		{ "roel * student\n", 1, "'roel': did you mean role?" },
		{ "rol prof\n", 1, "SEES [KEY=VALUE...]; did you mean role?" },
		{ "limt 3\n", 1, "'limt': a row is WHO HEARS SEES" },
		{ "limt 3\n", 1, "; did you mean limit?" },
		{ "defualt-role a\n", 1, "; did you mean default-role?" },
		{ "vidoe off\n", 1, "; did you mean video?" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(bad); i++) {
		struct vc_columns_error err = { 0 };
		struct vc_policy *p;

		p = vc_policy_parse(vc_str_c(bad[i].text), &err);
		if (p || err.line != bad[i].line ||
		    !strstr(err.why, bad[i].why))
			fail_msg("%s: line %u: %s", bad[i].text, err.line,
				 err.why);
	}
}

/* Of somebody who is called nearly like a keyword. */
static void rows_may_be_like_keywords(void **state)
{
	static const char *const rows[] = {
		"rol * *\n",	       "rol - a\n",
		"rol a,b c\n",	       "rol role:a b\n",
		"rol a self\n",	       "rol a a\n",
		"rol,rol a b\n",       "rol a b layout=grid\n",
		"limt a b\n",	       "audi a b\n",
		"default-roles a b\n", "ralf a b\n",
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_policy *p = parse(rows[i]);

		assert_non_null(vc_policy_row_at(p, 0));
		vc_policy_free(p);
	}
}

static void roles_that_mean_something(void **state)
{
	struct vc_policy *p = parse("default-role guest\n"
				    "role ann chief\n"
				    "role:host role:b*,x *\n"
				    "* - role:host\n");

	(void)state;
	assert_true(vc_policy_knows_role(p, "guest"));
	assert_true(vc_policy_knows_role(p, "host"));
	assert_true(vc_policy_knows_role(p, "boss"));
	/* It is given, but no row is for it; that is an id. */
	assert_false(vc_policy_knows_role(p, "chief"));
	assert_false(vc_policy_knows_role(p, "x"));
	assert_false(vc_policy_knows_role(p, ""));
	vc_policy_free(p);
}

static void nothing_is_without_end(void **state)
{
	struct vc_columns_error err;
	size_t size = VC_POLICY_SIZE + 1;
	char *text = vc_alloc(size + 1, 1);
	size_t n = 0;

	(void)state;
	memset(text, '\n', size);
	assert_null(vc_policy_parse(vc_str_of(text, size), &err));
	assert_string_equal(err.why, "more than 64 KiB");
	for (size_t i = 0; i <= VC_POLICY_ROWS; i++)
		n += (size_t)sprintf(text + n, "a%zu * *\n", i);
	assert_null(vc_policy_parse(vc_str_of(text, n), &err));
	assert_int_equal(err.line, VC_POLICY_ROWS + 1);
	n = 0;
	for (size_t i = 0; i <= VC_POLICY_ROWS; i++)
		n += (size_t)sprintf(text + n, "role a%zu b\n", i);
	assert_null(vc_policy_parse(vc_str_of(text, n), &err));
	assert_int_equal(err.line, VC_POLICY_ROWS + 1);
	n = (size_t)sprintf(text, "* a");
	for (size_t i = 0; i < VC_POLICY_ITEMS; i++)
		n += (size_t)sprintf(text + n, ",b");
	n += (size_t)sprintf(text + n, " *\n");
	assert_null(vc_policy_parse(vc_str_of(text, n), &err));
	n = (size_t)sprintf(text, "* ");
	memset(text + n, 'a', VC_POLICY_WORD + 1);
	strcpy(text + n + VC_POLICY_WORD + 1, " *\n");
	assert_null(vc_policy_parse(vc_str_c(text), &err));
	free(text);
}

/* Presets as matrices: rows hear and see columns. */
static void presets_are_what_they_are_called(void **state)
{
	static const struct {
		const char *name;
		const char *roles[4];
		int matrix[4][4];
	} world[] = {
		{ "symmetric",
		  { "", "", "", "" },
		  { { 2, 3, 3, 3 },
		    { 3, 2, 3, 3 },
		    { 3, 3, 2, 3 },
		    { 3, 3, 3, 2 } } },
		{ "panel",
		  { "host", "speaker", "listener", "listener" },
		  { { 2, 3, 0, 0 },
		    { 3, 2, 0, 0 },
		    { 3, 3, 0, 0 },
		    { 3, 3, 0, 0 } } },
		{ "lesson",
		  { "lecturer", "student", "student", "student" },
		  { { 0, 3, 3, 3 },
		    { 3, 0, 0, 0 },
		    { 3, 0, 0, 0 },
		    { 3, 0, 0, 0 } } },
		{ "broadcast",
		  { "speaker", "listener", "listener", "listener" },
		  { { 0, 0, 0, 0 },
		    { 3, 0, 0, 0 },
		    { 3, 0, 0, 0 },
		    { 3, 0, 0, 0 } } },
		{ "webinar",
		  { "host", "speaker", "listener", "listener" },
		  { { 2, 3, 0, 0 },
		    { 3, 2, 0, 0 },
		    { 3, 3, 0, 0 },
		    { 3, 3, 0, 0 } } },
		{ "call",
		  { "", "", "", "" },
		  { { 0, 3, 3, 3 },
		    { 3, 0, 3, 3 },
		    { 3, 3, 0, 3 },
		    { 3, 3, 3, 0 } } },
	};
	static const char *const ids[] = { "a", "b", "c", "d" };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(world); i++) {
		struct vc_policy *p = parse(vc_policy_preset(world[i].name));

		assert_string_equal(vc_policy_preset_name(i), world[i].name);
		for (size_t a = 0; a < 4; a++) {
			for (size_t b = 0; b < 4; b++) {
				const struct vc_policy_who who = {
					ids[a], world[i].roles[a], false
				};
				const struct vc_policy_who other = {
					ids[b], world[i].roles[b], false
				};

				if (both(p, who, other) !=
				    world[i].matrix[a][b])
					fail_msg("%s: %s, %s: %d",
						 world[i].name, ids[a], ids[b],
						 both(p, who, other));
			}
		}
		vc_policy_free(p);
	}
	assert_null(vc_policy_preset_name(VC_COUNT(world)));
	assert_null(vc_policy_preset("nothing"));
}

/* --- all combinations --- */

static const char *const lists[] = {
	"-", "*", "ann", "a*", "role:x", "role:?", "ann,bob", "bob,role:x",
};

/* The same by the words of the text alone. */
static bool means(const char *list, const struct vc_policy_who *who)
{
	char copy[32], *save, *word;
	bool does = false;

	strcpy(copy, list);
	for (word = strtok_r(copy, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		bool is_x = !strcmp(who->role, "x");
		bool is_one = strlen(who->role) == 1;

		does |= !strcmp(word, "*");
		does |= !strcmp(word, "role:x") && is_x;
		does |= !strcmp(word, "role:?") && is_one;
		does |= !strcmp(word, "a*") && who->is_vouched &&
			who->id[0] == 'a';
		does |= !strcmp(word, who->id) && who->is_vouched;
	}
	return does;
}

static const struct vc_policy_who crowd[] = {
	{ "ann", "x", true },	{ "ann", "", false },  { "abe", "y", true },
	{ "bob", "x", false },	{ "bob", "xy", true }, { "carl", "", true },
	{ "carl", "x", false },
};

static void judge(const struct vc_policy *p, const char *const row[4],
		  const struct vc_policy_who *a, const struct vc_policy_who *b)
{
	bool is_self = !strcmp(a->id, b->id);
	int expected = 0;

	if (means(row[0], a))
		expected = (!is_self && means(row[1], b)) +
			   2 * (is_self ? row[3][0] == 's' : means(row[2], b));
	else
		/* The row for all others: hears and sees Ann, if it is her. */
		expected = is_self ? 0 : 3 * means("ann", b);
	if (both(p, *a, *b) != expected)
		fail_msg("%s %s %s %s: %s %s, %s %s: %d", row[0], row[1],
			 row[2], row[3], a->id, a->role, b->id, b->role,
			 expected);
}

static void all_rows_against_words(void **state)
{
	const size_t n = VC_COUNT(lists);
	char text[200];

	(void)state;
	for (size_t i = n; i < n * n * n * 2; i++) {
		const char *const row[4] = {
			lists[i / n % n == 0 ? 1 : i / n % n], lists[i % n],
			lists[i / n / n % n], i / n / n / n ? "self" : ""
		};
		struct vc_policy *p;

		snprintf(text, sizeof(text), "%s %s %s%s\n* ann ann\n", row[0],
			 row[1], row[2],
			 !row[3][0]	  ? "" :
			 row[2][0] == '-' ? "" :
					    ",self");
		/* `-` stands alone. */
		if (row[3][0] && row[2][0] == '-')
			continue;
		p = parse(text);
		for (size_t a = 0; a < VC_COUNT(crowd); a++)
			for (size_t b = 0; b < VC_COUNT(crowd); b++)
				judge(p, row, &crowd[a], &crowd[b]);
		vc_policy_free(p);
	}
}

static void gather(void *ctx, const char *word, bool is_role)
{
	char *out = ctx;

	sprintf(out + strlen(out), "%s%s ", is_role ? "role:" : "", word);
}

static void its_words_can_be_asked_for(void **state)
{
	struct vc_policy *p = parse("default-role x\nrole a? q\nrole bob y\n"
				    "ann role:z,c* dan,*,\\*,\\self\n");
	char out[200] = "";

	(void)state;
	vc_policy_words(p, gather, out);
	assert_string_equal(out, "role:q bob role:y role:x ann role:z dan "
				 "* self ");
	vc_policy_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read),
		cmocka_unit_test(the_first_row_wins),
		cmocka_unit_test(roles_are_given_before_those_of_the_file),
		cmocka_unit_test(an_id_counts_where_somebody_vouches_for_it),
		cmocka_unit_test(a_backslash_takes_the_next_as_it_is),
		cmocka_unit_test(equal_lists_have_one_number),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(rows_may_be_like_keywords),
		cmocka_unit_test(roles_that_mean_something),
		cmocka_unit_test(nothing_is_without_end),
		cmocka_unit_test(presets_are_what_they_are_called),
		cmocka_unit_test(all_rows_against_words),
		cmocka_unit_test(its_words_can_be_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

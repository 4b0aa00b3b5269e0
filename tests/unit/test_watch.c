/* SPDX-License-Identifier: MIT */
/* Rules over time: what samples come to, and what is told at once. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "tool/watch.h"

static const struct vc_metric metrics[] = {
	{ "loss", "share", "" },      { "lost", "packets", "" },
	{ "fps", "1/s", "" },	      { "mos", "", "" },
	{ "sources", "sources", "" },
};
static const struct vc_trait traits[] = {
	{ "loss", '<', VC_OVER_SHARE, "lost", "expected", 0 },
	{ "lost", '<', VC_OVER_COUNT, NULL, NULL, 0 },
	{ "fps", '>', VC_OVER_RATE, "frames", NULL, 1 },
};
static const struct vc_metrics all = { metrics, VC_COUNT(metrics),
				       traits,	VC_COUNT(traits),
				       NULL,	0 };

/* Each second 100 packets and 30 frames; these losses and MOS. */
static const int lost[] = { 0, 0, 10, 0, 0, 4, 6, 0, 0, 0 };
static const double mos[] = { 4, 4, 2, 4, 4, 3, 2.5, 4, 4, 4.2 };
#define STEPS VC_COUNT(lost)

struct heard {
	char text[4096];
};

static void changed(void *ctx, const struct vc_rulewatch_change *c)
{
	struct heard *h = ctx;
	const char *id = vc_json_get_str(c->source, "id");
	size_t len = strlen(h->text);

	snprintf(h->text + len, sizeof(h->text) - len, "%s%s %s %g %g-%g",
		 len ? ", " : "", c->held ? "holds" : "fails", id ? id : "all",
		 c->measured, (double)c->from / 1e9, (double)c->to / 1e9);
}

static struct vc_json *source_at(const char *id, size_t step, bool has_left)
{
	struct vc_json *o = vc_json_object();
	int sum = 0;

	for (size_t i = 0; i <= step; i++)
		sum += lost[i];
	vc_json_set_str(o, "id", id);
	vc_json_set_str(o, "kind", "audio");
	vc_json_set_int(o, "lost", sum);
	vc_json_set_int(o, "expected", 100 * (int64_t)(step + 1));
	vc_json_set_int(o, "frames", 30 * (int64_t)(step + 1));
	vc_json_set_real(o, "mos", mos[step], 3);
	if (has_left)
		vc_json_set_str(o, "left", "bye");
	return o;
}

/* "a" is there all the time; "b" comes after 2 s and leaves before 5 s. */
static struct vc_json *record_at(size_t step)
{
	struct vc_json *r = vc_json_object(), *total = vc_json_object();
	struct vc_json *sources = vc_json_array();

	if (step >= 2 && step <= 4)
		vc_json_add(sources, source_at("b", step - 2, step == 4));
	vc_json_add(sources, source_at("a", step, false));
	vc_json_set_int(total, "sources", (int64_t)vc_json_len(sources));
	vc_json_set(r, "total", total);
	vc_json_set(r, "sources", sources);
	return r;
}

static struct vc_expect parsed(const char *rule)
{
	struct vc_expect e;
	char why[128];

	if (vc_rule_parse(&e, rule, &all, why, sizeof(why)))
		fail_msg("%s: %s", rule, why);
	return e;
}

/* "ok a 0.01 0-10 w10 f1" a row. */
static void put_rows(char *out, size_t cap, const struct vc_json *results)
{
	const struct vc_json *row;

	out[0] = '\0';
	for (size_t i = 0; (row = vc_json_at(results, i)); i++) {
		const char *id = vc_json_get_str(row, "source");
		double v = NAN, from = NAN, to = NAN;
		int64_t windows, failed;
		size_t len = strlen(out);
		bool ok = false;

		vc_json_get_bool(row, "ok", &ok);
		vc_json_get_real(row, "measured", &v);
		vc_json_get_real(row, "from_s", &from);
		vc_json_get_real(row, "to_s", &to);
		snprintf(out + len, cap - len, "%s%s %s %.4g %g-%g",
			 len ? ", " : "", ok ? "ok" : "FAIL", id ? id : "all",
			 v, from, to);
		len = strlen(out);
		if (vc_json_get_int(row, "windows", &windows) &&
		    vc_json_get_int(row, "failed", &failed))
			snprintf(out + len, cap - len, " %d/%d", (int)failed,
				 (int)windows);
	}
}

static void samples(void **state)
{
	static const struct {
		const char *rule, *results, *told;
	} rows[] = {
		/* aggregates of the samples */
		{ "loss.max<=10%", "ok b 0.1 2-5, ok a 0.1 0-10", "" },
		{ "loss.max<10% for a", "FAIL a 0.1 0-10", "fails a 0.1 0-3" },
		{ "loss.min==0 for a", "ok a 0 0-10", "" },
		{ "loss.mean<2.2% for a", "ok a 0.02 0-10",
		  "fails a 0.0333333 0-3, holds a 0.02 0-5, fails a 0.0233333 "
		  "0-6, holds a 0.02 0-10" },
		{ "loss.last==0 for a", "ok a 0 0-10",
		  "fails a 0.1 0-3, holds a 0 0-4, fails a 0.04 0-6, holds a 0 "
		  "0-8" },
		{ "mos.p5>=2.5 for a", "FAIL a 2 0-10", "fails a 2 0-3" },
		{ "mos.p50>=4 for a", "ok a 4 0-10", "" },
		{ "mos.p5>=2.5 after 3s for a", "ok a 2.5 3-10", "" },
		{ "mos.p5>=4 7s..10s for a", "ok a 4 7-10", "" },
		{ "mos.min>3 before 2s for a", "ok a 4 0-2", "" },
		/* of a part of the time what came in it, exactly */
		{ "loss<=2.5% from 2s to 7s for a", "FAIL a 0.04 2-7",
		  "fails a 0.1 2-3" },
		{ "lost==10 after 4s for a", "ok a 10 4-10",
		  "fails a 0 4-5, holds a 10 4-7" },
		{ "fps>=30 after 1s for a", "ok a 30 1-10", "" },
		/* what stands must do so at each sample */
		{ "mos>=3 after 3s for a", "FAIL a 2.5 3-10",
		  "fails a 2.5 3-7" },
		{ "mos>=2.5 after 3s for a", "ok a 2.5 3-10", "" },
		/* the source came in one step and left in another */
		{ "fps.min>=30", "ok b 30 3-4, ok a 30 1-10", "" },
		{ "loss.max<=1% for b", "FAIL b 0.1 2-5", "fails b 0.1 2-5" },
		/* windows */
		{ "loss<5% for 2s for a", "FAIL a 0.05 1-3 3/9",
		  "fails a 0.05 1-3, holds a 0 3-5, fails a 0.05 5-7, holds a "
		  "0.03 6-8" },
		{ "loss<=5% for 2s for a", "ok a 0.05 1-3 0/9", "" },
		{ "lost<12 for 5s for a", "FAIL a 20 2-7 2/6",
		  "fails a 14 1-6, holds a 10 3-8" },
		{ "mos.mean>3 for 2s for a", "FAIL a 2.75 5-7 3/9",
		  "fails a 3 1-3, holds a 4 3-5, fails a 2.75 5-7, holds a "
		  "3.25 6-8" },
		{ "mos.p50>2.5 for 2s for a", "FAIL a 2 1-3 4/9", NULL },
		{ "loss<5% for 4s after 6s for a", "ok a 0.015 6-10 0/1", "" },
		{ "loss<50% for 4s", "ok a 0.035 2-6 0/7", NULL },
		{ "fps>=30 for 3s for a", "ok a 30 1-4 0/7", "" },
		{ "loss<1% for 11s", "FAIL all nan nan-nan", "" },
		/* the whole stream, and any source of it */
		{ "total.sources.max<2", "FAIL all 2 0-10", "fails all 2 0-3" },
		{ "total.sources==1 after 5s", "ok all 1 5-10", "" },
		{ "loss.max<5% any", "FAIL b 0.1 2-5", "fails b 0.1 2-5" },
		{ "loss.max<5% any after 7s", "ok a 0 7-10", "" },
		{ "loss<1% after 10s", "FAIL all nan nan-nan", "" },
		{ "loss.max<1% for eve", "FAIL all nan nan-nan", "" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_expect e = parsed(rows[i].rule);
		struct heard h = { "" };
		struct vc_json *results = vc_json_array();
		struct vc_rulewatch *w =
			vc_rulewatch_new(&e, 1, VC_SEC, changed, &h);
		char text[1024];

		for (size_t k = 0; k < STEPS; k++) {
			struct vc_json *r = record_at(k);

			vc_rulewatch_sample(w, r, (int64_t)(k + 1) * VC_SEC,
					    VC_SEC, VC_SEC);
			vc_json_free(r);
		}
		vc_rulewatch_judge(w, 0, results);
		put_rows(text, sizeof(text), results);
		if (strcmp(text, rows[i].results))
			fail_msg("%s: %s, not %s", rows[i].rule, text,
				 rows[i].results);
		if (rows[i].told && strcmp(h.text, rows[i].told))
			fail_msg("%s: told %s, not %s", rows[i].rule, h.text,
				 rows[i].told);
		vc_json_free(results);
		vc_rulewatch_free(w);
	}
}

/* Thousands that come and go take no more memory, and none is forgotten. */
static void crowds(void **state)
{
	const struct vc_expect e[] = { parsed("loss.max<1%"),
				       parsed("loss.p95<1%"),
				       parsed("loss<1% for 60s") };
	struct vc_json *results = vc_json_array(), *row;
	struct vc_rulewatch *w = vc_rulewatch_new(e, 3, VC_SEC, NULL, NULL);
	int64_t more = 0;

	(void)state;
	for (int k = 0; k < 50; k++) {
		struct vc_json *r = vc_json_object(), *a = vc_json_array();

		for (int i = 0; i < 50; i++) {
			struct vc_json *s = source_at("x", 2, false);

			vc_json_set_int(s, "ssrc", k * 100 + i);
			vc_json_set_int(s, "lost", k == 7);
			vc_json_add(a, s);
		}
		vc_json_set(r, "sources", a);
		vc_rulewatch_sample(w, r, (k + 1) * VC_SEC, VC_SEC, VC_SEC);
		vc_json_free(r);
	}
	assert_int_equal(vc_rulewatch_unwatched(w), 0);
	assert_true(vc_rulewatch_judge(w, 0, results));
	/* 50 at the end, 1000 that left, and how many more. */
	assert_int_equal(vc_json_len(results), 1000 + 50 + 1);
	row = vc_json_copy(vc_json_at(results, 1050));
	assert_true(vc_json_get_int(row, "more", &more));
	assert_int_equal(more, 50 * 49 - 1000);
	vc_json_free(row);
	vc_json_free(results);
	vc_rulewatch_free(w);
}

/* A sample that is late has more in it, and took longer: a rate is the same. */
static void lateness(void **state)
{
	const struct vc_expect e[] = { parsed("fps.min>=29.9 after 1s"),
				       parsed("fps>=29.9 for 2s"),
				       parsed("fps<30.1 after 1s") };
	struct vc_rulewatch *w = vc_rulewatch_new(e, 3, VC_SEC, NULL, NULL);
	struct vc_json *results = vc_json_array();
	/* tenths of a second after the beginning, 3 frames each */
	static const int at[] = { 10, 24, 30, 41, 50 };
	int64_t last = 0;

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct vc_json *r = vc_json_object(), *a = vc_json_array();
		struct vc_json *s = source_at("a", 0, false);
		int64_t now = at[i] * VC_SEC / 10;

		vc_json_set_int(s, "frames", 3 * at[i]);
		vc_json_add(a, s);
		vc_json_set(r, "sources", a);
		vc_rulewatch_sample(w, r, (i + 1) * VC_SEC, VC_SEC, now - last);
		vc_json_free(r);
		last = now;
	}
	for (size_t i = 0; i < 3; i++)
		assert_true(vc_rulewatch_judge(w, i, results));
	vc_json_free(results);
	vc_rulewatch_free(w);
}

/*
 * A metric that comes after its source is of no known time at first, and one
 * that pauses makes no window longer.
 */
static void what_comes_and_pauses(void **state)
{
	const struct vc_expect e[] = { parsed("fps.max<=30 for a"),
				       parsed("mos.mean>=5 for 4s") };
	struct vc_rulewatch *w = vc_rulewatch_new(e, 2, VC_SEC, NULL, NULL);
	struct vc_json *results = vc_json_array();
	char text[1024];

	(void)state;
	for (int i = 0; i < 8; i++) {
		struct vc_json *r = vc_json_object(), *a = vc_json_array();
		struct vc_json *s = source_at("a", (size_t)i, false);

		if (i < 3)
			vc_json_set_null(s, "frames");
		if (i == 3 || i == 4)
			vc_json_set_null(s, "mos");
		else
			vc_json_set_int(s, "mos", i);
		vc_json_add(a, s);
		vc_json_set(r, "sources", a);
		vc_rulewatch_sample(w, r, (i + 1) * VC_SEC, VC_SEC, VC_SEC);
		vc_json_free(r);
	}
	for (size_t i = 0; i < 2; i++)
		vc_rulewatch_judge(w, i, results);
	put_rows(text, sizeof(text), results);
	/* Windows end at 4 to 8 s; of the first one 0, 1 and 2 are known. */
	assert_string_equal(text, "ok a 30 4-8, FAIL a 1 0-4 3/5");
	vc_json_free(results);
	vc_rulewatch_free(w);
}

/* Where there is no memory left, that is not well. */
static void too_many(void **state)
{
	const struct vc_expect e = parsed("loss<1% for 3600s");
	struct vc_rulewatch *w = vc_rulewatch_new(&e, 1, VC_SEC, NULL, NULL);
	struct vc_json *r = vc_json_object(), *a = vc_json_array();
	struct vc_json *results = vc_json_array();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct vc_json *s = source_at("x", 0, false);

		vc_json_set_int(s, "ssrc", i);
		vc_json_add(a, s);
	}
	vc_json_set(r, "sources", a);
	vc_rulewatch_sample(w, r, VC_SEC, VC_SEC, VC_SEC);
	assert_in_range(vc_rulewatch_unwatched(w), 100, 900);
	assert_false(vc_rulewatch_judge(w, 0, results));
	vc_json_free(results);
	vc_json_free(r);
	vc_rulewatch_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples),
		cmocka_unit_test(crowds),
		cmocka_unit_test(lateness),
		cmocka_unit_test(what_comes_and_pauses),
		cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

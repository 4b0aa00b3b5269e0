/* SPDX-License-Identifier: MIT */
/* Expectations: rules as written, and what a record makes of them. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "tool/expect.h"
#include "tool/internal.h"

static const struct vc_metric metrics[] = {
	{ "net.loss", "share", "" },	{ "net.jitter_ms", "ms", "" },
	{ "media.delay", "ms", "" },	{ "media.fps", "1/s", "" },
	{ "mos_lq", "", "" },		{ "codec", "word", "" },
	{ "heard[NAME]", "share", "" }, { "audio.level", "dBov", "" },
	{ "delay_ms.p95", "ms", "" },	{ "av_offset_ms", "ms", "" },
	{ "rate_bps", "bit/s", "" },
};

static void rules(void **state)
{
	static const struct {
		const char *text, *scope, *path, *op;
		double value;
	} rows[] = {
		{ "net.loss<1%", "", "net.loss", "<", 0.01 },
		{ "audio.net.loss <= 0.5%", "audio", "net.loss", "<=", 0.005 },
		{ "net.loss==0", "", "net.loss", "==", 0 },
		{ "net.loss<0.02", "", "net.loss", "<", 0.02 },
		{ "total.net.loss<100%", "total", "net.loss", "<", 1 },
		{ "net.jitter_ms<10", "", "net.jitter_ms", "<", 10 },
		{ "net.jitter_ms<1s", "", "net.jitter_ms", "<", 1000 },
		{ "delay_ms.p95<200", "", "delay_ms.p95", "<", 200 },
		{ "delay_ms.p95<0.2s", "", "delay_ms.p95", "<", 200 },
		{ "av_offset_ms>-50", "", "av_offset_ms", ">", -50 },
		{ "media.delay<1.5ms", "", "media.delay", "<", 1.5 },
		{ "video.media.fps>=29.5", "video", "media.fps", ">=", 29.5 },
		{ "mos_lq>4", "", "mos_lq", ">", 4 },
		{ "codec==opus", "", "codec", "==", 0 },
		{ "heard[alice]>30%", "", "heard[alice]", ">", 0.3 },
		{ "heard[a.b<c]>30%", "", "heard[a.b<c]", ">", 0.3 },
		{ "audio.level>-30", "", "audio.level", ">", -30 },
		{ "mos_lq!=1", "", "mos_lq", "!=", 1 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_expect e;
		char why[128];

		if (vc_expect_parse(&e, rows[i].text, metrics,
				    VC_COUNT(metrics), why, sizeof(why)))
			fail_msg("%s: %s", rows[i].text, why);
		assert_string_equal(e.scope, rows[i].scope);
		assert_string_equal(e.path, rows[i].path);
		assert_string_equal(e.op, rows[i].op);
		assert_true(e.value - rows[i].value < 1e-12 &&
			    rows[i].value - e.value < 1e-12);
	}
}

static void slips(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "needs one of < <= > >= == !=" },
		{ "net.loss", "needs one of < <= > >= == !=" },
		{ "net.loss=1%", "needs one of < <= > >= == !=" },
		{ "heard[a<1%", "needs one of < <= > >= == !=" },
		{ "<1%", "no metric before <" },
		{ "net.loss<", "no value after <" },
		{ "net.loss<1", "1% or 100%?" },
		{ "net.loss<ten", "a share is needed, as 1% or 0.01" },
		{ "net.loss<10ms", "a share is needed, as 1% or 0.01" },
		{ "media.delay<10", "10ms or 10s?" },
		{ "media.delay<1%", "a time is needed, as 20ms or 1.5s" },
		{ "media.fps>fast", "a number is needed (1/s)" },
		{ "codec<opus", "words compare with == and != only" },
		{ "net.los<1%", "no such metric: net.los; did you mean "
				"net.loss?" },
		{ "audio.loss<1%", "no such metric: loss; did you mean "
				   "net.loss?" },
		{ "audoi.net.loss<1%",
		  "no such metric: audoi.net.loss; did you mean "
		  "audio.net.loss?" },
		{ "x.y<1%", "no such metric: x.y (--list-metrics has them)" },
		{ "heard[]>1%",
		  "no such metric: heard[] (--list-metrics has them)" },
		{ "\x1b[2J]<1",
		  "no such metric: \\x1b[2J] (--list-metrics has them)" },
		{ "something.else<1",
		  "no such metric: something.else (--list-metrics has "
		  "them)" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_expect e;
		char why[128];

		assert_int_equal(vc_expect_parse(&e, rows[i].text, metrics,
						 VC_COUNT(metrics), why,
						 sizeof(why)),
				 -EINVAL);
		assert_string_equal(why, rows[i].why);
	}
}

/* With what a table may say besides. */
static const struct vc_trait traits[] = {
	{ "net.loss", '<', VC_OVER_SHARE, "net.lost", "net.expected", 0 },
	{ "media.fps", '>', VC_OVER_RATE, "media.frames", NULL, 1 },
};
static const struct vc_alias aliases[] = { { "mos", "mos_lq" } };
static const struct vc_metrics all = { metrics, VC_COUNT(metrics),
				       traits,	VC_COUNT(traits),
				       aliases, VC_COUNT(aliases) };

static void rules_over_time(void **state)
{
	static const struct {
		const char *text, *path;
		double value;
		enum vc_agg agg;
		double quantile;
		int64_t from, to, each;
		enum vc_whom whom;
		const char *glob;
	} rows[] = {
		{ "audio.mos p5 >= 4.0 after 5s", "mos_lq", 4, VC_AGG_QUANTILE,
		  0.05, 5 * VC_SEC, INT64_MAX, 0, VC_WHOM_EVERY, "" },
		{ "av_offset.p95 < 45ms", "av_offset_ms", 45, VC_AGG_QUANTILE,
		  0.95, 0, INT64_MAX, 0, VC_WHOM_EVERY, "" },
		{ "delay.p95<1s", "delay_ms.p95", 1000, VC_AGG_NONE, 0, 0,
		  INT64_MAX, 0, VC_WHOM_EVERY, "" },
		{ "delay_ms.p95.max < 0.2 s", "delay_ms.p95", 200, VC_AGG_MAX,
		  0, 0, INT64_MAX, 0, VC_WHOM_EVERY, "" },
		{ "net.loss<1% for 10s", "net.loss", 0.01, VC_AGG_NONE, 0, 0,
		  INT64_MAX, 10 * VC_SEC, VC_WHOM_EVERY, "" },
		{ "net.loss.max<1% before 5s any", "net.loss", 0.01, VC_AGG_MAX,
		  0, 0, 5 * VC_SEC, 0, VC_WHOM_ANY, "" },
		{ "net.loss<1% any source 2s..4s", "net.loss", 0.01,
		  VC_AGG_NONE, 0, 2 * VC_SEC, 4 * VC_SEC, 0, VC_WHOM_ANY, "" },
		{ "net.loss<1 % from 500ms to 1m for al*", "net.loss", 0.01,
		  VC_AGG_NONE, 0, 500 * VC_MS, 60 * VC_SEC, 0, VC_WHOM_GLOB,
		  "al*" },
		{ "net.loss<1% for every source for 2s", "net.loss", 0.01,
		  VC_AGG_NONE, 0, 0, INT64_MAX, 2 * VC_SEC, VC_WHOM_EVERY, "" },
		{ "net.loss<1% for any after 0", "net.loss", 0.01, VC_AGG_NONE,
		  0, 0, INT64_MAX, 0, VC_WHOM_ANY, "" },
		{ "heard[a b].last>30% for \"any\"", "heard[a b]", 0.3,
		  VC_AGG_LAST, 0, 0, INT64_MAX, 0, VC_WHOM_GLOB, "any" },
		{ "heard[a.p5] min>30% for 'A B'", "heard[a.p5]", 0.3,
		  VC_AGG_MIN, 0, 0, INT64_MAX, 0, VC_WHOM_GLOB, "A B" },
		{ "media.fps.mean>=25/s", "media.fps", 25, VC_AGG_MEAN, 0, 0,
		  INT64_MAX, 0, VC_WHOM_EVERY, "" },
		{ "media.fps>25fps", "media.fps", 25, VC_AGG_NONE, 0, 0,
		  INT64_MAX, 0, VC_WHOM_EVERY, "" },
		{ "audio.level.p50>-30 dB", "audio.level", -30, VC_AGG_QUANTILE,
		  0.5, 0, INT64_MAX, 0, VC_WHOM_EVERY, "" },
		{ "rate>0.5Mbit/s", "rate_bps", 5e5, VC_AGG_NONE, 0, 0,
		  INT64_MAX, 0, VC_WHOM_EVERY, "" },
		{ "rate_bps<=64 kbit/s", "rate_bps", 64e3, VC_AGG_NONE, 0, 0,
		  INT64_MAX, 0, VC_WHOM_EVERY, "" },
		{ "rate>1200 bit/s", "rate_bps", 1200, VC_AGG_NONE, 0, 0,
		  INT64_MAX, 0, VC_WHOM_EVERY, "" },
		{ "av_offset>-50ms", "av_offset_ms", -50, VC_AGG_NONE, 0, 0,
		  INT64_MAX, 0, VC_WHOM_EVERY, "" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_expect e;
		char why[128];

		if (vc_rule_parse(&e, rows[i].text, &all, why, sizeof(why)))
			fail_msg("%s: %s", rows[i].text, why);
		assert_string_equal(e.path, rows[i].path);
		assert_true(fabs(e.value - rows[i].value) < 1e-9);
		assert_int_equal(e.agg, rows[i].agg);
		assert_true(fabs(e.quantile - rows[i].quantile) < 1e-9);
		assert_int_equal(e.from, rows[i].from);
		assert_int_equal(e.to, rows[i].to);
		assert_int_equal(e.each, rows[i].each);
		assert_int_equal(e.whom, rows[i].whom);
		assert_string_equal(e.glob, rows[i].glob);
	}
}

static void slips_over_time(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "net.loss<1% afer 5s", "afer? Did you mean after?" },
		{ "net.loss<1% \x1b[2J", "\\x1b[2J?" },
		{ "net.loss<1% after", "a time is needed, as 5s" },
		{ "net.loss<1% after 5", "5ms or 5s?" },
		{ "net.loss<1% after soon", "soon: a time is needed, as 5s" },
		{ "net.loss<1% from 5s",
		  "from when to when? as from 5s to 10s" },
		{ "net.loss<1% from 5s to 4s",
		  "a time that ends before it begins" },
		{ "net.loss<1% 5s..5s", "a time that ends before it begins" },
		{ "net.loss<1% after 1s before 5s",
		  "one part of the time at most" },
		{ "net.loss<1% for", "for how long, or for whom?" },
		{ "net.loss<1% for 0s", "for no time?" },
		{ "net.loss<1% for 1s for 2s", "for how long: once" },
		{ "net.loss<1% any for al*", "once of whom" },
		{ "total.net.loss<1% any", "the whole stream has no sources" },
		{ "net.loss<1% for \"al", "a quote is open" },
		{ "net.loss p7<1%",
		  "min, mean, max, p1, p5, p50, p95, p99 or last before <" },
		{ "net.los.p5<1%",
		  "no such metric: net.los; did you mean net.loss?" },
		{ "mso>4", "no such metric: mso; did you mean mos?" },
		{ "codec==opus after 5s", "words are not sampled over time" },
		{ "media.fps>25ms", "a number is needed (1/s)" },
		{ "rate>5ms", "a number is needed (bit/s)" },
		{ "mos_lq>4ms", "a number is needed, and it has no unit" },
		{ "audio.level>3s", "a number is needed (dBov)" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_expect e;
		char why[128];

		if (!vc_rule_parse(&e, rows[i].text, &all, why, sizeof(why)))
			fail_msg("%s: taken", rows[i].text);
		assert_string_equal(why, rows[i].why);
	}
}

/* Times are whole steps of what is sampled; where nothing is, there are none. */
static void intervals(void **state)
{
	static const struct {
		const char *text;
		int64_t interval;
		const char *why; /* NULL: it is well */
	} rows[] = {
		{ "net.loss<1% after 5s", VC_SEC, NULL },
		{ "net.loss<1% 500ms..2s", 500 * VC_MS, NULL },
		{ "net.loss<1%", 7 * VC_SEC, NULL },
		{ "net.loss<1% after 2500ms", VC_SEC,
		  "2500ms is no whole number of intervals of 1s (--interval)" },
		{ "net.loss<1% for 1s", 2 * VC_SEC,
		  "1s is no whole number of intervals of 2s (--interval)" },
		{ "net.loss<1% for 2h", VC_SEC,
		  "for at most 3600 intervals (--interval)" },
	};
	struct vc_expect e;
	char why[128];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		why[0] = '\0';
		assert_int_equal(vc_rule_parse(&e, rows[i].text, &all, why,
					       sizeof(why)),
				 0);
		assert_int_equal(vc_expect_check_interval(&e, rows[i].interval,
							  why, sizeof(why)),
				 rows[i].why ? -EINVAL : 0);
		assert_string_equal(why, rows[i].why ? rows[i].why : "");
	}
	assert_int_equal(vc_expect_parse(&e, "net.loss.max<1%", metrics,
					 VC_COUNT(metrics), why, sizeof(why)),
			 -EINVAL);
	assert_string_equal(why, "nothing is sampled over time here");
}

static const char record[] =
	"{\"sources\":["
	"{\"id\":\"alice\",\"kind\":\"audio\",\"codec\":\"opus\","
	"\"net\":{\"loss\":0.01,\"jitter_ms\":2.5},\"mos_lq\":4.2,"
	"\"heard\":{\"bob\":0.4,\"c.d\":0.1}},"
	"{\"ssrc\":7,\"kind\":\"video\",\"codec\":\"vp8\","
	"\"net\":{\"loss\":0.05},\"media\":{\"fps\":30.0},\"mos_lq\":null}],"
	"\"total\":{\"net\":{\"loss\":0.03}}}";

static void judging(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		const char *results;
	} rows[] = {
		{ "audio.net.loss<=1%", true,
		  "[{\"expect\":\"audio.net.loss<=1%\",\"ok\":true,"
		  "\"measured\":0.01,\"source\":\"alice\",\"kind\":\"audio\",\"unit\":\"share\"}]" },
		{ "net.loss<=1%", false,
		  "[{\"expect\":\"net.loss<=1%\",\"ok\":true,"
		  "\"measured\":0.01,\"source\":\"alice\",\"kind\":\"audio\",\"unit\":\"share\"},"
		  "{\"expect\":\"net.loss<=1%\",\"ok\":false,"
		  "\"measured\":0.05,\"source\":7,\"kind\":\"video\",\"unit\":\"share\"}]" },
		{ "total.net.loss<4%", true,
		  "[{\"expect\":\"total.net.loss<4%\",\"ok\":true,"
		  "\"measured\":0.03,\"source\":null,\"unit\":\"share\"}]" },
		{ "mos_lq>4", true,
		  "[{\"expect\":\"mos_lq>4\",\"ok\":true,"
		  "\"measured\":4.2,\"source\":\"alice\",\"kind\":\"audio\"}]" },
		{ "video.mos_lq>4", false,
		  "[{\"expect\":\"video.mos_lq>4\",\"ok\":false,"
		  "\"measured\":null,\"source\":null}]" },
		{ "audio.codec==opus", true,
		  "[{\"expect\":\"audio.codec==opus\",\"ok\":true,"
		  "\"measured\":\"opus\",\"source\":\"alice\",\"kind\":\"audio\"}]" },
		{ "video.codec!=vp8", false,
		  "[{\"expect\":\"video.codec!=vp8\",\"ok\":false,"
		  "\"measured\":\"vp8\",\"source\":7,\"kind\":\"video\"}]" },
		{ "heard[bob]>30%", true,
		  "[{\"expect\":\"heard[bob]>30%\",\"ok\":true,"
		  "\"measured\":0.4,\"source\":\"alice\",\"kind\":\"audio\",\"unit\":\"share\"}]" },
		{ "heard[c.d]>30%", false,
		  "[{\"expect\":\"heard[c.d]>30%\",\"ok\":false,"
		  "\"measured\":0.1,\"source\":\"alice\",\"kind\":\"audio\",\"unit\":\"share\"}]" },
		{ "net.loss<2% any", true,
		  "[{\"expect\":\"net.loss<2% any\",\"ok\":true,"
		  "\"measured\":0.01,\"source\":\"alice\",\"kind\":\"audio\",\"unit\":\"share\"}]" },
		{ "net.loss>6% any", false,
		  "[{\"expect\":\"net.loss>6% any\",\"ok\":false,"
		  "\"measured\":0.05,\"source\":7,\"kind\":\"video\",\"unit\":\"share\"}]" },
		{ "net.loss<2% for al*", true,
		  "[{\"expect\":\"net.loss<2% for al*\",\"ok\":true,"
		  "\"measured\":0.01,\"source\":\"alice\",\"kind\":\"audio\",\"unit\":\"share\"}]" },
		{ "net.loss<2% for eve", false,
		  "[{\"expect\":\"net.loss<2% for eve\",\"ok\":false,"
		  "\"measured\":null,\"source\":null,\"unit\":\"share\",\"nobody\":\"eve\"}]" },
		{ "heard[eve]>30%", false,
		  "[{\"expect\":\"heard[eve]>30%\",\"ok\":false,"
		  "\"measured\":null,\"source\":null,\"unit\":\"share\"}]" },
	};
	struct vc_json *rec = vc_json_parse(record, strlen(record), NULL);

	(void)state;
	assert_non_null(rec);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_json *results = vc_json_array();
		struct vc_expect e;
		char why[128], *text;

		assert_int_equal(vc_expect_parse(&e, rows[i].text, metrics,
						 VC_COUNT(metrics), why,
						 sizeof(why)),
				 0);
		assert_int_equal(vc_expect_judge(&e, rec, results), rows[i].ok);
		text = vc_json_text(results);
		assert_string_equal(text, rows[i].results);
		free(text);
		vc_json_free(results);
	}
	vc_json_free(rec);
}

static void command_lines(void **state)
{
	static const struct {
		const char *line;
		int n;
		const char *words[3];
	} rows[] = {
		{ "", 0, { 0 } },
		{ "  \t ", 0, { 0 } },
		{ "keyframe", 1, { "keyframe" } },
		{ " mute  bob ", 2, { "mute", "bob" } },
		{ "mute \"a b\"", 2, { "mute", "a b" } },
		{ "mute a\\ b", 2, { "mute", "a b" } },
		{ "a\"b c\"d", 1, { "ab cd" } },
		{ "a \"\" b", 3, { "a", "", "b" } },
		{ "a \\\"", 2, { "a", "\"" } },
		{ "a \"\\\"\\\\\"", 2, { "a", "\"\\" } },
		{ "a\\", 1, { "a\\" } },
		{ "kick \\*", 2, { "kick", "\\*" } },
		{ "kick \\\\*", 2, { "kick", "\\*" } },
		{ "kick \"\\\\* \\?\"", 2, { "kick", "\\* \\?" } },
		{ "a \"b", -EINVAL, { 0 } },
		{ "a b c d", -E2BIG, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		char line[32], *argv[3];

		strcpy(line, rows[i].line);
		assert_int_equal(vc_control_words(line, argv, 3), rows[i].n);
		for (int j = 0; j < rows[i].n; j++)
			assert_string_equal(argv[j], rows[i].words[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules),
		cmocka_unit_test(slips),
		cmocka_unit_test(rules_over_time),
		cmocka_unit_test(slips_over_time),
		cmocka_unit_test(intervals),
		cmocka_unit_test(judging),
		cmocka_unit_test(command_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

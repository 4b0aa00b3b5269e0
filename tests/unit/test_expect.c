/* SPDX-License-Identifier: MIT */
/* Expectations: rules as written, and what a record makes of them. */
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
#include "tool/expect.h"
#include "tool/internal.h"

static const struct vc_metric metrics[] = {
	{ "net.loss", "share", "" },	{ "net.jitter_ms", "ms", "" },
	{ "media.delay", "ms", "" },	{ "media.fps", "1/s", "" },
	{ "mos_lq", "", "" },		{ "codec", "word", "" },
	{ "heard[NAME]", "share", "" }, { "audio.level", "dB", "" },
	{ "delay_ms.p95", "ms", "" },	{ "av_offset_ms", "ms", "" },
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
		  "\"measured\":0.01,\"source\":\"alice\",\"kind\":\"audio\"}]" },
		{ "net.loss<=1%", false,
		  "[{\"expect\":\"net.loss<=1%\",\"ok\":true,"
		  "\"measured\":0.01,\"source\":\"alice\",\"kind\":\"audio\"},"
		  "{\"expect\":\"net.loss<=1%\",\"ok\":false,"
		  "\"measured\":0.05,\"source\":7,\"kind\":\"video\"}]" },
		{ "total.net.loss<4%", true,
		  "[{\"expect\":\"total.net.loss<4%\",\"ok\":true,"
		  "\"measured\":0.03,\"source\":null}]" },
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
		  "\"measured\":0.4,\"source\":\"alice\",\"kind\":\"audio\"}]" },
		{ "heard[c.d]>30%", false,
		  "[{\"expect\":\"heard[c.d]>30%\",\"ok\":false,"
		  "\"measured\":0.1,\"source\":\"alice\",\"kind\":\"audio\"}]" },
		{ "heard[eve]>30%", false,
		  "[{\"expect\":\"heard[eve]>30%\",\"ok\":false,"
		  "\"measured\":null,\"source\":null}]" },
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
		cmocka_unit_test(judging),
		cmocka_unit_test(command_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

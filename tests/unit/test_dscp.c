/* SPDX-License-Identifier: MIT */
/* Classes of service by their names. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "link/dscp.h"

/* From 9, 9, 9: what it becomes, or -1 for a refusal. */
static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int audio, video, text_kind;
	} rows[] = {
		{ "EF", 46, 46, 46 },
		{ "ef", 46, 46, 46 },
		{ "VA", 44, 44, 44 },
		{ "LE", 1, 1, 1 },
		{ "CS0", 0, 0, 0 },
		{ "CS7", 56, 56, 56 },
		{ "AF11", 10, 10, 10 },
		{ "AF43", 38, 38, 38 },
		{ "0", 0, 0, 0 },
		{ "63", 63, 63, 63 },
		{ "audio=EF", 46, 9, 9 },
		{ "audio=EF,video=AF41", 46, 34, 9 },
		{ "text=cs1,audio=5,text=2", 5, 9, 2 },
		{ "", -1, 0, 0 },
		{ "64", -1, 0, 0 },
		{ "-1", -1, 0, 0 },
		{ "CS8", -1, 0, 0 },
		{ "CS", -1, 0, 0 },
		{ "CS00", -1, 0, 0 },
		{ "AF44", -1, 0, 0 },
		{ "AF51", -1, 0, 0 },
		{ "AF01", -1, 0, 0 },
		{ "AF10", -1, 0, 0 },
		{ "EFEFEFEFEF", -1, 0, 0 },
		{ "audio", -1, 0, 0 },
		{ "audio=", -1, 0, 0 },
		{ "=EF", -1, 0, 0 },
		{ "other=EF", -1, 0, 0 },
		{ "audio=EF,,video=EF", -1, 0, 0 },
		{ "audio=EF,video=XX", -1, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_dscp d = { { 9, 9, 9, 9 } };
		int err = vc_dscp_parse(&d, rows[i].text);
		bool is_bad = rows[i].audio < 0;

		assert_int_equal(err, is_bad ? -EINVAL : 0);
		assert_int_equal(d.of[VC_AUDIO], is_bad ? 9 : rows[i].audio);
		assert_int_equal(d.of[VC_VIDEO], is_bad ? 9 : rows[i].video);
		assert_int_equal(d.of[VC_TEXT], is_bad ? 9 : rows[i].text_kind);
	}
}

static void test_rtcp(void **state)
{
	(void)state;
	assert_int_equal(vc_dscp_rtcp(&(struct vc_dscp){ { 46, 34 } }), 46);
	assert_int_equal(vc_dscp_rtcp(&(struct vc_dscp){ { 0, 34 } }), 34);
	assert_int_equal(vc_dscp_rtcp(&(struct vc_dscp){ { 0 } }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_rtcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

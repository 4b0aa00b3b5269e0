/* SPDX-License-Identifier: MIT */
/* Where pictures begin: first octets of each codec's packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/keystart.h"

static void rows(void **state)
{
	static const struct {
		enum vc_codec codec;
		const char *p;
		size_t len;
		bool is_start;
	} rows[] = {
		{ VC_CODEC_VP8, "\x10\x50\x10\0\x9d\1\x2a\x40\1\xf0\0", 11,
		  true },
		{ VC_CODEC_VP8, "\x10\x51\x10\0\x9d\1\x2a\x40\1\xf0\0", 11,
		  false },
		{ VC_CODEC_VP8, "\0\x50\x10\0\x9d\1\x2a\x40\1\xf0\0", 11,
		  false },
		{ VC_CODEC_VP8, "", 0, false },
		/* An IDR picture alone, and in its first fragment. */
		{ VC_CODEC_H264, "\x65\x88\x80", 3, true },
		{ VC_CODEC_H264, "\x7c\x85\x88\x80", 4, true },
		{ VC_CODEC_H264, "\x7c\x05\x88\x80", 4, false },
		{ VC_CODEC_H264, "\x41\x9a\x02", 3, false },
		/* A P picture of VP9: B, and P in the descriptor. */
		{ VC_CODEC_VP9, "\x48\x86\0", 3, false },
		{ VC_CODEC_VP9, "", 0, false },
		{ VC_CODEC_AV1, "\x10\x30", 2, false },
		{ VC_CODEC_AV1, "", 0, false },
		{ VC_CODEC_OPUS, "\x65\x88\x80", 3, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_keystart(rows[i].codec,
					     (const uint8_t *)rows[i].p,
					     rows[i].len),
				 rows[i].is_start);
	assert_true(vc_keystart_knows(VC_CODEC_AV1));
	assert_false(vc_keystart_knows(VC_CODEC_OPUS));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What can be a packet of a format, so that wrong descriptions are noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tool/formats.h"

static void other_formats_do_not_fit(void **state)
{
	static const struct {
		enum vc_codec codec;
		const char *p;
		size_t len;
		bool fits;
	} rows[] = {
		{ VC_CODEC_OPUS, "\x48z", 2, true },
		{ VC_CODEC_OPUS, "\x4bz", 2, false },
		{ VC_CODEC_VP8, "\x10z", 2, true },
		{ VC_CODEC_VP8, "\x50z", 2, false },
		{ VC_CODEC_VP9, "\x88\x05z", 3, true },
		{ VC_CODEC_VP9, "\x18z", 2, false },
		{ VC_CODEC_H264, "\x65z", 2, true },
		{ VC_CODEC_H264, "\x78\0\1\x67", 4, true },
		{ VC_CODEC_H264, "\x90z", 2, false },
		{ VC_CODEC_H264, "\x79\0\1z", 4, false },
		{ VC_CODEC_AV1, "\x10\x30z", 3, true },
		{ VC_CODEC_AV1, "\x90", 1, false },
		{ VC_CODEC_PCMU, "\xff", 1, true },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		assert_int_equal(vc_formats_fits(rows[i].codec,
						 (const uint8_t *)rows[i].p,
						 rows[i].len),
				 rows[i].fits);
		/* Probing with padding only is everybody's. */
		assert_true(vc_formats_fits(rows[i].codec, NULL, 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_formats_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

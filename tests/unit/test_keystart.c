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

/* A key frame's first payload says how large it is. */
static void sizes(void **state)
{
	static const struct {
		enum vc_codec codec;
		const char *p;
		size_t len;
		unsigned int width, height; /* 0: it says nothing */
	} rows[] = {
		{ VC_CODEC_VP8, "\x10\x50\x10\0\x9d\1\x2a\x40\1\xf0\0", 11, 320,
		  240 },
		{ VC_CODEC_VP8, "\x10\x51\x10\0\x9d\1\x2a\x40\1\xf0\0", 11, 0,
		  0 },
		{ VC_CODEC_VP8, "\x10\x50\x10\0\x9d\1\x2a\x40\1", 9, 0, 0 },
		{ VC_CODEC_VP9, "\x08\x82\x49\x83\x42\0\x14\x10\x0b\x56\x06",
		  11, 322, 182 },
		/* Spatial layers: the largest. */
		{ VC_CODEC_VP9,
		  "\x2a\0\0\x30\1\x42\0\xb6\2\x84\1\x6c"
		  "\x82\x49\x83\x42\0\x14\x10\x0b\x56\x06",
		  22, 644, 364 },
		{ VC_CODEC_H264,
		  "\x67\x42\xc0\x0c\xda\x05\x46\x78\x89\xb0\x11\0\0\3\0\1\0\0"
		  "\3\0\x1e\x0f\x14\x2a\xa0",
		  25, 322, 182 },
		/* Behind another unit in an aggregate. */
		{ VC_CODEC_H264,
		  "\x78\0\2\x09\x10\0\x19\x67\x42\xc0\x0c\xda\x05\x46\x78\x89"
		  "\xb0\x11\0\0\3\0\1\0\0\3\0\x1e\x0f\x14\x2a\xa0",
		  32, 322, 182 },
		/* An IDR picture whose set came before. */
		{ VC_CODEC_H264, "\x65\x88\x80", 3, 0, 0 },
		{ VC_CODEC_AV1,
		  "\x28\x0c\x08\0\0\0\4\x3d\6\xd4\xda\xf9\0\x40\x30\x10", 16,
		  322, 182 },
		{ VC_CODEC_OPUS, "\x65\x88\x80", 3, 0, 0 },
		{ VC_CODEC_VP8, "", 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		unsigned int w = 0, h = 0;
		bool is_said = vc_keystart_size(rows[i].codec,
						(const uint8_t *)rows[i].p,
						rows[i].len, &w, &h);

		if (rows[i].width) {
			assert_true(is_said);
			assert_int_equal(w, rows[i].width);
			assert_int_equal(h, rows[i].height);
		} else {
			assert_false(is_said);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(rows),
					    cmocka_unit_test(sizes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

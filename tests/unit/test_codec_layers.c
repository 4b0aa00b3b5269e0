/* SPDX-License-Identifier: MIT */
/* Encoders of layers: which there are, and their rates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <errno.h>

#include <cmocka.h>

#include "unit/layerfilm.h"

static void what_cannot_be_is_refused(void **state)
{
	static const struct {
		enum vc_codec codec;
		int width, height, n_spatial, n_temporal, err;
	} rows[] = {
		{ VC_CODEC_VP8, 320, 180, 0, 0, 0 },
		{ VC_CODEC_VP8, 17, 15, 1, 3, 0 },
		{ VC_CODEC_VP8, 320, 180, 2, 1, -EINVAL },
		{ VC_CODEC_VP8, 320, 180, 1, 4, -EINVAL },
		{ VC_CODEC_VP8, 320, 180, 1, -1, -EINVAL },
		{ VC_CODEC_VP9, 17, 15, 1, 3, 0 },
		{ VC_CODEC_VP9, 32, 32, 2, 1, 0 },
		{ VC_CODEC_VP9, 34, 30, 2, 1, -EINVAL },
		{ VC_CODEC_VP9, 66, 64, 3, 3, 0 },
		{ VC_CODEC_VP9, 65, 64, 3, 3, -EINVAL },
		{ VC_CODEC_VP9, 64, 62, 3, 3, -EINVAL },
		{ VC_CODEC_VP9, 1280, 720, 4, 1, -EINVAL },
		{ VC_CODEC_H264, 320, 180, 1, 1, 0 },
		{ VC_CODEC_H264, 320, 180, 1, 2, -EINVAL },
		{ VC_CODEC_AV1, 320, 180, 2, 1, -EINVAL },
	};
	int err;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_videnc_cfg cfg =
			cfg_of(rows[i].codec, rows[i].width, rows[i].height,
			       rows[i].n_spatial, rows[i].n_temporal);
		struct vc_videnc *enc = vc_videnc_new(&cfg, &err);

		if (err != rows[i].err)
			fail_msg("row %zu: %d", i, err);
		vc_videnc_free(enc);
	}
}

/* Down to a quarter, and to next to nothing. */
static void rates_follow(void **state)
{
	static const uint32_t rates[] = { 600000, 150000, 1000 };

	(void)state;
	for (size_t m = 0; m < VC_COUNT(modes); m++) {
		struct vc_videnc_cfg cfg = cfg_of(modes[m].codec, 320, 192,
						  modes[m].n_spatial,
						  modes[m].n_temporal);
		size_t octets[VC_COUNT(rates)] = { 0 };
		struct videosrc s;

		videosrc_open(&s, &cfg);
		for (int i = 0; i < 120; i++) {
			if (i % 40 == 0)
				assert_int_equal(vc_videnc_set_bitrate(
							 s.enc, rates[i / 40]),
						 0);
			videosrc_step(&s, i, false);
			/* 20 pictures: 50,000 and 12,500 octets. */
			octets[i / 40] += i % 40 < 20 ? 0 : s.len;
		}
		print_message("%s L%dT%d: %zu %zu %zu octets\n",
			      vc_codec_name(cfg.codec), cfg.n_spatial,
			      cfg.n_temporal, octets[0], octets[1], octets[2]);
		assert_in_range(octets[0], 20000, 65000);
		assert_in_range(octets[1], 5000, 20000);
		assert_in_range(octets[2], 100, 12500);
		videosrc_close(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(rates_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

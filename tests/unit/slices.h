/* SPDX-License-Identifier: MIT */
/* Pictures of noise, which no encoder makes small, and the NAL units of them. */
#ifndef VC_TESTS_SLICES_H
#define VC_TESTS_SLICES_H

#include "base/image.h"
#include "session/framepack.h"
#include "wire/h264.h"

static inline void slices_noise(struct vc_image *img, uint32_t *dice)
{
	for (int y = 0; y < img->height; y++)
		for (int x = 0; x < img->width; x++) {
			*dice = *dice * UINT32_C(1664525) + 1013904223;
			img->y[y * img->stride_y + x] = (uint8_t)(*dice >> 24);
		}
}

/* How long the longest is; *n slices. */
static inline size_t slices_longest(const uint8_t *p, size_t len, size_t *n)
{
	struct vc_rd r = vc_rd_over(p, len);
	size_t longest = 0, one;
	const uint8_t *nal;

	*n = 0;
	while (vc_h264_annexb_next(&r, &nal, &one)) {
		unsigned int type = vc_h264_type(nal[0]);

		if (one > longest)
			longest = one;
		*n += type == VC_H264_SLICE || type == VC_H264_IDR;
	}
	return longest;
}

/* Whether packetization-mode 0 has payloads of 'max' octets for it. */
static inline bool slices_fit(const uint8_t *p, size_t len, size_t max)
{
	const struct vc_framepack_conf conf = {
		.codec = VC_CODEC_H264,
		.max_payload = max,
		.single_only = true,
	};
	struct vc_framepack pack;

	return !vc_framepack_init(&pack, &conf, p, len);
}

#endif

/* SPDX-License-Identifier: MIT */
/* The test picture, which moves, and an encoder that it goes into. */
#ifndef VC_TESTS_VIDEOSRC_H
#define VC_TESTS_VIDEOSRC_H

#include <math.h>
#include <stdlib.h>

#include "base/time.h"
#include "codec/video.h"
#include "media/testpic.h"

struct videosrc {
	struct vc_testpic pic;
	struct vc_image img;
	struct vc_videnc *enc;
	const uint8_t *p; /* the last frame */
	size_t len;
	bool is_key;
};

static inline struct vc_videnc_cfg videosrc_usual(enum vc_codec codec,
						  int width, int height)
{
	return (struct vc_videnc_cfg){
		.codec = codec,
		.width = width,
		.height = height,
		.fps_num = 30,
		.fps_den = 1,
		.bitrate_bps = 800000,
	};
}

static inline void videosrc_open(struct videosrc *s,
				 const struct vc_videnc_cfg *cfg)
{
	int err;

	*s = (struct videosrc){ .enc = vc_videnc_new(cfg, &err) };
	if (!s->enc ||
	    vc_testpic_init(&s->pic, cfg->width, cfg->height, "alice", 30) ||
	    vc_image_alloc(&s->img, cfg->width, cfg->height))
		abort();
}

static inline void videosrc_close(struct videosrc *s)
{
	vc_testpic_clear(&s->pic);
	vc_image_clear(&s->img);
	vc_videnc_free(s->enc);
}

static inline void videosrc_encode(struct videosrc *s, int frame,
				   bool force_key)
{
	if (vc_videnc_encode(s->enc, &s->img, frame, force_key, &s->p, &s->len,
			     &s->is_key) ||
	    !s->len)
		abort();
}

static inline void videosrc_step(struct videosrc *s, int frame, bool force_key)
{
	vc_testpic_draw(&s->pic, &s->img, (uint64_t)frame, frame * VC_SEC / 30);
	videosrc_encode(s, frame, force_key);
}

/* Of luma, in dB. */
static inline double videosrc_psnr(const struct vc_image *a,
				   const struct vc_image *b)
{
	uint64_t error = 0;

	if (a->width != b->width || a->height != b->height)
		return 0;
	for (int y = 0; y < a->height; y++)
		for (int x = 0; x < a->width; x++) {
			int d = a->y[y * a->stride_y + x] -
				b->y[y * b->stride_y + x];

			error += (uint64_t)(d * d);
		}
	if (!error)
		return 99;
	return 10 * log10(65025.0 * a->width * a->height / (double)error);
}

#endif

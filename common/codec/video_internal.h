/* SPDX-License-Identifier: MIT */
/*
 * What a library is behind codec/video.h: a struct that begins with the base
 * and a const table. videnc.c and viddec.c allocate, check and keep count;
 * they are two files, and so are encoders and decoders of a library where they
 * can be, so that who only decodes does not link what encodes.
 */
#ifndef VC_CODEC_VIDEO_INTERNAL_H
#define VC_CODEC_VIDEO_INTERNAL_H

#include "codec/vidhead.h"
#include "codec/video.h"

#define VC_VIDEO_SMALL (640 * 360) /* pixels; above it speed counts more */

struct vc_videnc {
	const struct vc_videnc_ops *ops;
	struct vc_videnc_cfg cfg; /* threads are set, bitrate_bps is current */
	int since_key;		  /* frames */
	struct vc_videnc_layers layers;
};

/* A frame out; empty where it was dropped. */
struct vc_vidout {
	const uint8_t *p;
	size_t len;
	bool is_key;
};

struct vc_videnc_ops {
	size_t size; /* of the struct that begins with a vc_videnc */
	int speed_max;
	int side_min;
	bool is_even;		       /* sides have to be */
	int spatial_max, temporal_max; /* layers; 0: 1 */
	int (*open)(struct vc_videnc *enc);
	/* Also of one that was not opened, or not whole. */
	void (*close)(struct vc_videnc *enc);
	int (*encode)(struct vc_videnc *enc, const struct vc_image *img,
		      int64_t pts, bool force_key, struct vc_vidout *out);
	/* cfg.bitrate_bps is new. */
	int (*set_bitrate)(struct vc_videnc *enc);
};

struct vc_viddec {
	const struct vc_viddec_ops *ops;
	struct vc_viddec_cfg cfg;
	bool is_intact; /* a key frame came and all after it were sound */
};

struct vc_viddec_ops {
	size_t size;
	int (*open)(struct vc_viddec *dec);
	void (*close)(struct vc_viddec *dec);
	/* codec/vidhead.h. */
	int (*look)(const uint8_t *p, size_t len, struct vc_vidhead *head);
	/* 0, -ENODATA, or an error after which nothing but a key helps. */
	int (*decode)(struct vc_viddec *dec, const uint8_t *p, size_t len,
		      struct vc_image *img);
};

bool vc_videnc_ops_layers(const struct vc_videnc_ops *ops, int n_spatial,
			  int n_temporal);
/* As vc_videnc_new(), with the encoder chosen. */
struct vc_videnc *vc_videnc_make(const struct vc_videnc_ops *ops,
				 const struct vc_videnc_cfg *cfg, int *err);

extern const struct vc_videnc_ops vc_videnc_vp8;
extern const struct vc_videnc_ops vc_videnc_vp9;
extern const struct vc_videnc_ops vc_videnc_h264;
extern const struct vc_videnc_ops vc_videnc_av1;

extern const struct vc_viddec_ops vc_viddec_vp8;
extern const struct vc_viddec_ops vc_viddec_vp9;
extern const struct vc_viddec_ops vc_viddec_h264;
extern const struct vc_viddec_ops vc_viddec_av1;

#endif

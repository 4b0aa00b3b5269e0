/* SPDX-License-Identifier: MIT */
/*
 * Encoders and decoders of pictures, whatever the codec, set for conferences:
 * one pass, constant bit rate, no look-ahead, no frame that refers to a later
 * one. Equal settings and equal input give equal bytes: speed is fixed and
 * threads go by the picture's size, never by the machine.
 */
#ifndef VC_CODEC_VIDEO_H
#define VC_CODEC_VIDEO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"
#include "wire/codec.h"

struct vc_videnc;
struct vc_viddec;
struct vc_videnc_cfg;

/*
 * An encoder that is not of this folder, behind the same functions: limits, the
 * distance of key frames and all checks are those of 'codec'. 0 or -errno, as
 * the functions below.
 */
struct vc_videnc_plug {
	/* 'cfg' is checked, its threads are set. Gives *self, if 0. */
	int (*open)(const struct vc_videnc_cfg *cfg, void **self);
	void (*close)(void *self);
	int (*encode)(void *self, const struct vc_image *img,
		      int64_t pts_frames, bool force_key, const uint8_t **out,
		      size_t *len, bool *is_key);
	int (*set_bitrate)(void *self, uint32_t bitrate_bps);
};

struct vc_videnc_cfg {
	enum vc_codec codec;
	int width, height;    /* 1..VC_IMAGE_MAX */
	int fps_num, fps_den; /* 30/1; pts count in its inverse */
	uint32_t bitrate_bps; /* 1000 at least */
	int keyint_frames;    /* at most so many between key frames; 0: only
			       * when asked for */
	int threads;	      /* 0: by size, see vc_videnc_threads() */
	int speed;   /* 1 is the slowest and best, 16 the fastest; 0: by size */
	bool screen; /* slides and desktops */
	int slice_size; /* H.264: octets of a NAL unit at most, 800 or more;
			 * 0: a picture is one slice for each thread */
	const struct vc_videnc_plug *plug; /* NULL: the codec's own */
	int n_spatial, n_temporal;	   /* layers, see below; 0: 1 */
};

/* Threads for a size: 1 up to 640x360 (VP8: 1280x720), 2 above. */
int vc_videnc_threads(enum vc_codec codec, int width, int height);

/* What sides of a picture an encoder takes: even ones only, the least. */
bool vc_videnc_is_even(enum vc_codec codec);
int vc_videnc_side_min(enum vc_codec codec);

/*
 * Layers are parts of one stream of which the upper ones may be left out on
 * the way. A spatial one is twice as wide and high as the one below it and
 * predicted from that; a temporal one has as many pictures as all below it
 * together. VP8 has up to three temporal ones, VP9 up to three of each; sides
 * are even then, and VC_VIDENC_BASE_MIN at least in the lowest layer.
 */
#define VC_VIDENC_LAYERS_MAX 3
#define VC_VIDENC_BASE_MIN 16

bool vc_videnc_has_layers(enum vc_codec codec, int n_spatial, int n_temporal);

/* Where the picture that came out last belongs. */
struct vc_videnc_layers {
	uint8_t n_spatial;
	uint8_t n_temporal;
	uint8_t tid; /* 0 is the base */
	/*
	 * One may go up here: of VP8 to this layer, which refers to the base
	 * only; of VP9 to any, as none that follows refers to a picture before
	 * this one that is above it.
	 */
	bool is_sync;
	bool is_ref; /* others may refer to it */
	/* Of spatial layers, from the base up. */
	uint16_t width[VC_VIDENC_LAYERS_MAX];
	uint16_t height[VC_VIDENC_LAYERS_MAX];
};

const struct vc_videnc_layers *vc_videnc_layers(const struct vc_videnc *enc);

/* NULL and a negative errno in *err: -ENOTSUP (codec), -EINVAL, -ENOMEM. */
struct vc_videnc *vc_videnc_new(const struct vc_videnc_cfg *cfg, int *err);
/* The same of VP8 alone, for tools that link no other encoder. */
struct vc_videnc *vc_videnc_new_vp8(const struct vc_videnc_cfg *cfg, int *err);
void vc_videnc_free(struct vc_videnc *enc);

/*
 * Encodes one picture of the configured size (else -EINVAL). pts_frames must
 * grow. *out is borrowed until the next call; *len is 0 when the rate control
 * chose to drop the frame. Of several spatial layers it is a superframe with an
 * index. 0, -EINVAL or -EIO.
 */
int vc_videnc_encode(struct vc_videnc *enc, const struct vc_image *img,
		     int64_t pts_frames, bool force_key, const uint8_t **out,
		     size_t *len, bool *is_key);

/* From the next frame on. 0 or -EINVAL. */
int vc_videnc_set_bitrate(struct vc_videnc *enc, uint32_t bitrate_bps);

struct vc_viddec_cfg {
	enum vc_codec codec;
	int max_width, max_height; /* of what is decoded at all */
	int threads;		   /* 0: 1 */
};

struct vc_viddec *vc_viddec_new(const struct vc_viddec_cfg *cfg, int *err);
void vc_viddec_free(struct vc_viddec *dec);

/*
 * Decodes one frame. *img is filled with planes that stay the decoder's and
 * are valid until the next call. Its size may change at a key frame. -EBADMSG
 * for what is not of the codec or corrupt, -EFBIG for a frame larger than the
 * limits (refused before any memory is taken, where it says so), -EAGAIN for
 * any other frame before the first key frame or after a failure: only a key
 * frame helps. -ENODATA when all is well but the frame is not to be shown.
 */
int vc_viddec_decode(struct vc_viddec *dec, const uint8_t *p, size_t len,
		     struct vc_image *img);

#endif

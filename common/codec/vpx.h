/* SPDX-License-Identifier: MIT */
/*
 * VP8 through libvpx, set for conferences: one pass, constant bit rate, no
 * look-ahead, no alternate reference frames. Equal settings and equal input
 * give equal bytes: the speed is fixed (cpu_used is negative) and threads go by
 * the picture's size, never by the machine.
 */
#ifndef VC_CODEC_VPX_H
#define VC_CODEC_VPX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"

struct vc_vpx_enc;
struct vc_vpx_dec;

enum vc_vpx_kind {
	VC_VPX_VP8,
};

struct vc_vpx_enc_cfg {
	enum vc_vpx_kind kind;
	int width, height;    /* 1..VC_IMAGE_MAX */
	int fps_num, fps_den; /* 30/1; pts count in its inverse */
	uint32_t bitrate_bps;
	int keyint_frames; /* at most so many between key frames; 0: only
				  * when asked for */
	int threads;	   /* 0: by size, see vc_vpx_threads() */
	int cpu_used;	   /* -1..-16, 0: by size; positive: -EINVAL */
	bool screen;	   /* slides and desktops */
};

/* Threads for a size: 1 up to 640x360, 2 above. */
int vc_vpx_threads(int width, int height);

/* NULL and a negative errno in *err: -EINVAL, -ENOMEM. */
struct vc_vpx_enc *vc_vpx_enc_new(const struct vc_vpx_enc_cfg *cfg, int *err);
void vc_vpx_enc_free(struct vc_vpx_enc *enc);

/*
 * Encodes one picture of the configured size (else -EINVAL). pts_frames must
 * grow. *out is borrowed until the next call; *len is 0 when the rate control
 * chose to drop the frame. 0, -EINVAL or -EIO.
 */
int vc_vpx_encode(struct vc_vpx_enc *enc, const struct vc_image *img,
		  int64_t pts_frames, bool force_key, const uint8_t **out,
		  size_t *len, bool *is_key);

/* From the next frame on. 0 or -EINVAL. */
int vc_vpx_enc_set_bitrate(struct vc_vpx_enc *enc, uint32_t bitrate_bps);

struct vc_vpx_dec_cfg {
	enum vc_vpx_kind kind;
	int max_width, max_height; /* of what is decoded at all */
	int threads;		   /* 0: 1 */
};

struct vc_vpx_dec *vc_vpx_dec_new(const struct vc_vpx_dec_cfg *cfg, int *err);
void vc_vpx_dec_free(struct vc_vpx_dec *dec);

/*
 * Decodes one frame. *img is filled with planes that stay the decoder's and
 * are valid until the next call. Its size may change at a key frame. -EBADMSG
 * for what is not VP8 or corrupt, -EFBIG for a key frame larger than the limits
 * (refused before any memory is taken), -EAGAIN for any other frame before the
 * first key frame or after a failure: only a key frame helps. -ENODATA when
 * all is well but the frame is not to be shown.
 */
int vc_vpx_decode(struct vc_vpx_dec *dec, const uint8_t *p, size_t len,
		  struct vc_image *img);

#endif

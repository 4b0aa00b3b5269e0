/* SPDX-License-Identifier: MIT */
/*
 * H.264 by x264, through GStreamer's x264enc, set for conferences: constrained
 * baseline, no delay, constant bit rate, parameter sets in band with every key
 * frame, none of which comes unasked but the first. Runs in the caller's
 * thread, and only there: x264 shares a picture among threads by slices, and
 * what its rate control then does depends on who is done first. Equal settings
 * and equal input give equal octets. The functions are like those of codec/video.h.
 */
#ifndef VC_GST_X264_H
#define VC_GST_X264_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"
#include "gst/file.h"

struct vc_x264;

struct vc_x264_config {
	int width, height; /* even, 16 at least */
	int fps_num, fps_den;
	uint32_t bitrate_bps;
	int speed;	/* 1 (best) to 9; 0: a usual one */
	int slice_size; /* octets of a NAL unit at most; 0: no limit */
	bool screen;
};

/* Is it there? 0, or -ENOSYS with what is missing. */
int vc_x264_check(char text[static VC_GST_TEXT_CAP]);

/* 0, or -ENOSYS or -EIO with a reason. */
int vc_x264_open(struct vc_x264 **out, const struct vc_x264_config *config,
		 char text[static VC_GST_TEXT_CAP]);

/* NULL is fine. */
void vc_x264_close(struct vc_x264 *x);

/*
 * A picture of the configured size; pts_frames must grow. The access unit is
 * borrowed until the next call. 0 or -EIO.
 */
int vc_x264_encode(struct vc_x264 *x, const struct vc_image *img,
		   int64_t pts_frames, bool force_key, const uint8_t **out,
		   size_t *len, bool *is_key);

/* From the next picture on, to a kbit/s. */
void vc_x264_set_bitrate(struct vc_x264 *x, uint32_t bitrate_bps);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What H.264 alone has: another encoder, x264 (gst/x264.h), and a
 * packetization-mode without fragments.
 */
#ifndef VC_CAPTURE_H264_H
#define VC_CAPTURE_H264_H

#include "capture.h"
#include "options.h"
#include "wire/sdp.h"

/* Its options with another codec are wrong usage. */
void h264_check(struct vc_tool *t, const struct own *own);

/* Before video_open(); ends the tool where x264 is missing. */
void h264_set_up(struct vc_tool *t, struct video *v, const struct own *own);

/* What the description says of it, if it is other than the default. */
void h264_describe(struct vc_sdp_fmt *f, const struct own *own);

#endif

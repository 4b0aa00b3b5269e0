/* SPDX-License-Identifier: MIT */
/*
 * What H.264 alone has: another encoder, x264 (gst/x264.h), and a
 * packetization-mode without fragments.
 */
#ifndef VC_CAPTURE_H264_H
#define VC_CAPTURE_H264_H

#include "capture.h"
#include "options.h"

/* Its options with another codec are wrong usage. */
void h264_check(struct vc_tool *t, const struct own *own);

/* Before video_open(); ends the tool where x264 is missing. */
void h264_set_up(struct vc_tool *t, struct video *v, const struct own *own);

#endif

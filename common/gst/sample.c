/* SPDX-License-Identifier: MIT */
#include "gst/sample.h"

#include <errno.h>
#include <gst/gst.h>
#include <gst/video/video.h>

int vc_gst_sample_map(GstSample *sample, GstVideoFrame *frame,
		      struct vc_image *out)
{
	GstVideoInfo info;

	if (!gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) ||
	    !gst_video_frame_map(frame, &info, gst_sample_get_buffer(sample),
				 GST_MAP_READ))
		return -EIO;
	*out = (struct vc_image){
		.width = GST_VIDEO_FRAME_WIDTH(frame),
		.height = GST_VIDEO_FRAME_HEIGHT(frame),
		.y = GST_VIDEO_FRAME_PLANE_DATA(frame, 0),
		.u = GST_VIDEO_FRAME_PLANE_DATA(frame, 1),
		.v = GST_VIDEO_FRAME_PLANE_DATA(frame, 2),
		.stride_y = GST_VIDEO_FRAME_PLANE_STRIDE(frame, 0),
		.stride_u = GST_VIDEO_FRAME_PLANE_STRIDE(frame, 1),
		.stride_v = GST_VIDEO_FRAME_PLANE_STRIDE(frame, 2),
	};
	return 0;
}

void vc_gst_sample_drop(GstSample **sample, GstVideoFrame *frame)
{
	if (!*sample)
		return;
	if (frame->buffer)
		gst_video_frame_unmap(frame);
	frame->buffer = NULL;
	gst_sample_unref(*sample);
	*sample = NULL;
}

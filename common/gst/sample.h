/* SPDX-License-Identifier: MIT */
/* Private to this folder: the picture in a sample of GStreamer's. */
#ifndef VC_GST_SAMPLE_H
#define VC_GST_SAMPLE_H

#include "base/image.h"

struct _GstSample;
struct _GstVideoFrame;

/*
 * Maps it (I420) for reading; '*out' has its planes, until vc_gst_sample_drop().
 * 0 or -EIO.
 */
int vc_gst_sample_map(struct _GstSample *sample, struct _GstVideoFrame *frame,
		      struct vc_image *out);

/* Unmaps it, if it was mapped, and gives it back. '*sample' NULL is fine. */
void vc_gst_sample_drop(struct _GstSample **sample,
			struct _GstVideoFrame *frame);

#endif

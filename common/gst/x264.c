/* SPDX-License-Identifier: MIT */
/*
 * x264enc is run alone (lone.h). A rate is kept over VBV_MS: as much as a key
 * frame takes from it may be in the way of a rate that has just become lower,
 * so it is short.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <gst/gst.h>
#include <gst/video/video.h>

#include "base/mem.h"
#include "gst/check.h"
#include "gst/init.h"
#include "gst/lone.h"
#include "gst/x264.h"

#define PACKAGE "gstreamer1.0-plugins-ugly"
#define VBV_MS 200
#define SPEED 7 /* veryfast */
#define SPEEDS 9

struct vc_x264 {
	struct vc_x264_config conf;
	struct vc_lone lone;
	GstVideoInfo info;
	GstBuffer *in; /* used again when x264enc is done with it */
	GstMapInfo out;
	bool is_mapped;
};

int vc_x264_check(char text[static VC_GST_TEXT_CAP])
{
	struct vc_lone l = { NULL };
	int err = vc_lone_make(&l, "x264enc", PACKAGE, text);

	vc_lone_clear(&l);
	return err;
}

/* --- life --- */

static guint kbits(uint32_t bps)
{
	return bps < 1500 ? 1 : (bps + 500) / 1000;
}

static void set_up(const struct vc_x264_config *c, GstElement *el)
{
	int speed = c->speed ? c->speed : SPEED;
	char rest[96] = "keyint=infinite:scenecut=0";

	if (c->slice_size)
		snprintf(rest, sizeof(rest),
			 "keyint=infinite:scenecut=0:slice-max-size=%d",
			 c->slice_size);
	gst_util_set_object_arg(G_OBJECT(el), "pass", "cbr");
	gst_util_set_object_arg(G_OBJECT(el), "tune",
				c->screen ? "stillimage+zerolatency" :
					    "zerolatency");
	/* 1 is ultrafast there, 9 very slow. */
	g_object_set(el, "bitrate", kbits(c->bitrate_bps), "vbv-buf-capacity",
		     VBV_MS, "threads", 1, "speed-preset",
		     SPEEDS + 1 - (speed > SPEEDS ? SPEEDS : speed),
		     "byte-stream", TRUE, "aud", FALSE, "option-string", rest,
		     NULL);
}

static int start(struct vc_x264 *x, char text[static VC_GST_TEXT_CAP])
{
	const struct vc_x264_config *c = &x->conf;
	char in[256];

	if (!gst_video_info_set_format(&x->info, GST_VIDEO_FORMAT_I420,
				       (guint)c->width, (guint)c->height)) {
		vc_gst_say(text, "no such size");
		return -EIO;
	}
	snprintf(in, sizeof(in),
		 "video/x-raw,format=I420,width=%d,height=%d,framerate=%d/%d,"
		 "pixel-aspect-ratio=1/1,interlace-mode=progressive,"
		 "colorimetry=bt601",
		 c->width, c->height, c->fps_num, c->fps_den);
	set_up(c, x->lone.element);
	return vc_lone_start(&x->lone, in,
			     "video/x-h264,stream-format=byte-stream,"
			     "alignment=au,profile=constrained-baseline",
			     text);
}

int vc_x264_open(struct vc_x264 **out, const struct vc_x264_config *config,
		 char text[static VC_GST_TEXT_CAP])
{
	struct vc_x264 *x = vc_alloc(1, sizeof(*x));
	int err;

	x->conf = *config;
	err = vc_lone_make(&x->lone, "x264enc", PACKAGE, text);
	if (!err)
		err = start(x, text);
	if (err) {
		vc_x264_close(x);
		x = NULL;
	}
	*out = x;
	return err;
}

static void unmap(struct vc_x264 *x)
{
	if (x->is_mapped)
		gst_buffer_unmap(x->lone.got, &x->out);
	x->is_mapped = false;
}

void vc_x264_close(struct vc_x264 *x)
{
	if (!x)
		return;
	unmap(x);
	vc_lone_clear(&x->lone);
	gst_clear_buffer(&x->in);
	free(x);
}

/* --- pictures --- */

static void copy_plane(GstVideoFrame *frame, guint i, const uint8_t *p,
		       int stride)
{
	uint8_t *to = GST_VIDEO_FRAME_PLANE_DATA(frame, i);
	int width = GST_VIDEO_FRAME_COMP_WIDTH(frame, i);

	for (int y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(frame, i); y++)
		memcpy(to + (ptrdiff_t)y *
				       GST_VIDEO_FRAME_PLANE_STRIDE(frame, i),
		       p + (ptrdiff_t)y * stride, (size_t)width);
}

/* A copy of the picture in x->in. */
static int fill(struct vc_x264 *x, const struct vc_image *img)
{
	GstVideoFrame frame;

	if (x->in && !gst_buffer_is_writable(x->in))
		gst_clear_buffer(&x->in);
	if (!x->in)
		x->in = gst_buffer_new_allocate(NULL, x->info.size, NULL);
	if (!x->in ||
	    !gst_video_frame_map(&frame, &x->info, x->in, GST_MAP_WRITE))
		return -ENOMEM;
	copy_plane(&frame, 0, img->y, img->stride_y);
	copy_plane(&frame, 1, img->u, img->stride_u);
	copy_plane(&frame, 2, img->v, img->stride_v);
	gst_video_frame_unmap(&frame);
	return 0;
}

static void ask_for_key(struct vc_x264 *x)
{
	gst_pad_push_event(x->lone.drain,
			   gst_video_event_new_upstream_force_key_unit(
				   GST_CLOCK_TIME_NONE, TRUE, 0));
}

int vc_x264_encode(struct vc_x264 *x, const struct vc_image *img,
		   int64_t pts_frames, bool force_key, const uint8_t **out,
		   size_t *len, bool *is_key)
{
	const struct vc_x264_config *c = &x->conf;
	GstBuffer *got;

	unmap(x);
	if (fill(x, img))
		return -EIO;
	GST_BUFFER_PTS(x->in) = gst_util_uint64_scale(
		(guint64)pts_frames, GST_SECOND * (guint64)c->fps_den,
		(guint64)c->fps_num);
	if (force_key)
		ask_for_key(x);
	if (vc_lone_push(&x->lone, gst_buffer_ref(x->in)))
		return -EIO;
	got = x->lone.got;
	if (!got || !gst_buffer_map(got, &x->out, GST_MAP_READ))
		return -EIO;
	x->is_mapped = true;
	*out = x->out.data;
	*len = x->out.size;
	*is_key = !GST_BUFFER_FLAG_IS_SET(got, GST_BUFFER_FLAG_DELTA_UNIT);
	return 0;
}

void vc_x264_set_bitrate(struct vc_x264 *x, uint32_t bitrate_bps)
{
	g_object_set(x->lone.element, "bitrate", kbits(bitrate_bps), NULL);
}

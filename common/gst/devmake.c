/* SPDX-License-Identifier: MIT */
/* A source element a kind of device, set up, and what has to follow it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gst/gst.h>
#include <linux/videodev2.h>

#include "base/mem.h"
#include "gst/check.h"
#include "gst/devmake.h"
#include "gst/xdeath.h"

#define CAMERAS 64
#define PICTURES 2	 /* that wait */
#define PIECE_US 10000	 /* of sound, that is handed over at once */
#define BUFFER_US 200000 /* of sound, in the device */

static const struct {
	const char *element, *package;
} kinds[] = {
	[VC_DEVICE_V4L2] = { "v4l2src", "gstreamer1.0-plugins-good" },
	[VC_DEVICE_ALSA] = { "alsasrc", "gstreamer1.0-alsa" },
	[VC_DEVICE_PULSE] = { "pulsesrc", "gstreamer1.0-pulseaudio" },
	[VC_DEVICE_SCREEN] = { "ximagesrc", "gstreamer1.0-plugins-good" },
	[VC_DEVICE_PIPEWIRE] = { "pipewiresrc", "gstreamer1.0-pipewire" },
};

/* --- cameras --- */

static bool is_camera(const char *path)
{
	struct v4l2_capability cap = { .capabilities = 0 };
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	bool is = fd >= 0 && !ioctl(fd, VIDIOC_QUERYCAP, &cap);
	uint32_t can = cap.capabilities & V4L2_CAP_DEVICE_CAPS ?
			       cap.device_caps :
			       cap.capabilities;

	if (fd >= 0)
		close(fd);
	return is &&
	       (can & (V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE));
}

/* The path of the one that is meant: 0 or -errno. */
static int find_camera(const char *name, char path[static 128],
		       char text[static VC_GST_TEXT_CAP])
{
	struct stat st;

	if (*name) {
		int err = stat(name, &st) ? errno : 0;

		if (!err && !S_ISCHR(st.st_mode))
			err = ENOTTY;
		if (err)
			vc_gst_say(text, "%s",
				   err == ENOTTY ? "not a camera" :
						   strerror(err));
		snprintf(path, 128, "%s", name);
		return -err;
	}
	for (int i = 0; i < CAMERAS; i++) {
		snprintf(path, 128, "/dev/video%d", i);
		if (is_camera(path))
			return 0;
	}
	vc_gst_say(text, "there is no camera (/dev/video*)");
	return -ENODEV;
}

bool vc_device_is_unplugged(GstMessage *error)
{
	GObject *src = G_OBJECT(GST_MESSAGE_SRC(error));
	gchar *path = NULL;
	bool is;

	if (strcmp(G_OBJECT_TYPE_NAME(src), "GstV4l2Src") != 0)
		return false;
	g_object_get(src, "device", &path, NULL);
	is = path && access(path, F_OK) && errno == ENOENT;
	g_free(path);
	return is;
}

static GstCaps *forms(const char *type, int w, int h, int num, int den)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "%s,width=(int)[%d,%d],height=(int)[%d,%d],"
		 "framerate=(fraction)[%d/%d,1000/1]",
		 type, w, VC_IMAGE_MAX, h, VC_IMAGE_MAX, num, den);
	return gst_caps_from_string(text);
}

GstCaps *vc_device_choose(GstCaps *offers, const struct vc_device_config *c,
			  bool *is_jpeg)
{
	static const char *const types[] = { "video/x-raw", "image/jpeg" };

	for (int want = 2; want >= 0; want--) {
		for (size_t i = 0; i < VC_COUNT(types); i++) {
			GstCaps *all = forms(types[i], want ? c->width : 1,
					     want ? c->height : 1,
					     want > 1 ? c->fps_num : 0,
					     want > 1 ? c->fps_den : 1);
			GstCaps *fit = gst_caps_intersect(offers, all);

			gst_caps_unref(all);
			*is_jpeg = i == 1;
			if (!gst_caps_is_empty(fit))
				return fit;
			gst_caps_unref(fit);
		}
	}
	return NULL;
}

/* --- bins --- */

static GstElement *need(const char *element, const char *package, int *err,
			char text[static VC_GST_TEXT_CAP])
{
	GstElement *e = gst_element_factory_make(element, NULL);

	if (e)
		return e;
	vc_gst_say(text, "GStreamer's %s is not installed (Debian: %s)",
		   element, package);
	*err = -ENOSYS;
	return NULL;
}

/* 'first', then 'caps' (taken over), then 'last' if it is there. */
static GstElement *bin_of(GstElement *first, GstCaps *caps, GstElement *last)
{
	GstElement *bin = gst_bin_new(NULL);
	GstElement *filter = gst_element_factory_make("capsfilter", NULL);
	GstPad *pad;

	g_object_set(filter, "caps", caps, NULL);
	gst_caps_unref(caps);
	gst_bin_add_many(GST_BIN(bin), first, filter, NULL);
	gst_element_link(first, filter);
	if (last) {
		gst_bin_add(GST_BIN(bin), last);
		gst_element_link(filter, last);
	}
	pad = gst_element_get_static_pad(last ? last : filter, "src");
	gst_element_add_pad(bin, gst_ghost_pad_new("src", pad));
	gst_object_unref(pad);
	return bin;
}

/* What it offers is known once it is open. */
static GstElement *camera(GstElement *src, const struct vc_device_config *c,
			  int *err, char text[static VC_GST_TEXT_CAP])
{
	GstElement *dec = NULL;
	GstCaps *offers, *caps = NULL;
	bool is_jpeg = false;
	GstPad *pad;

	gst_object_ref_sink(src);
	*err = -ENODEV;
	if (gst_element_set_state(src, GST_STATE_READY) ==
	    GST_STATE_CHANGE_FAILURE) {
		vc_gst_say(text, "it is no camera, or busy");
	} else {
		pad = gst_element_get_static_pad(src, "src");
		offers = gst_pad_query_caps(pad, NULL);
		caps = vc_device_choose(offers, c, &is_jpeg);
		gst_caps_unref(offers);
		gst_object_unref(pad);
		if (!caps)
			vc_gst_say(text, "neither raw pictures nor JPEG "
					 "come from it");
	}
	if (caps && is_jpeg)
		dec = need("jpegdec", "gstreamer1.0-plugins-good", err, text);
	gst_element_set_state(src, GST_STATE_NULL);
	if (caps && (dec || !is_jpeg)) {
		GstElement *bin = bin_of(src, caps, dec);

		gst_object_unref(src);
		return bin;
	}
	if (caps)
		gst_caps_unref(caps);
	gst_object_unref(src);
	return NULL;
}

static GstElement *screen(GstElement *src, const struct vc_device_config *c)
{
	if (*c->name)
		g_object_set(src, "display-name", c->name, NULL);
	g_object_set(src, "use-damage", FALSE, "show-pointer", !c->no_cursor,
		     NULL);
	if (c->window)
		g_object_set(src, "xid", (guint64)c->window, NULL);
	if (c->region_w)
		g_object_set(src, "startx", (guint)c->region_x, "starty",
			     (guint)c->region_y, "endx",
			     (guint)(c->region_x + c->region_w - 1), "endy",
			     (guint)(c->region_y + c->region_h - 1), NULL);
	return bin_of(src,
		      gst_caps_new_simple("video/x-raw", "framerate",
					  GST_TYPE_FRACTION, c->fps_num,
					  c->fps_den, NULL),
		      NULL);
}

static void set_sound(GstElement *src, const struct vc_device_config *c)
{
	if (*c->name)
		g_object_set(src, "device", c->name, NULL);
	g_object_set(src, "provide-clock", FALSE, "latency-time",
		     (gint64)PIECE_US, "buffer-time", (gint64)BUFFER_US, NULL);
	gst_util_set_object_arg(G_OBJECT(src), "slave-method", "none");
}

GstElement *vc_device_make_real(const struct vc_device_config *c, int *err,
				char text[static VC_GST_TEXT_CAP])
{
	GstElement *src;
	char path[128];

	*err = 0;
	if (c->kind == VC_DEVICE_V4L2)
		*err = find_camera(c->name, path, text);
	else if (c->kind == VC_DEVICE_SCREEN)
		*err = vc_xdeath_guard(c, text);
	if (*err)
		return NULL;
	src = need(kinds[c->kind].element, kinds[c->kind].package, err, text);
	if (!src)
		return NULL;
	switch (c->kind) {
	case VC_DEVICE_V4L2:
		g_object_set(src, "device", path, NULL);
		return camera(src, c, err, text);
	case VC_DEVICE_SCREEN:
		return screen(src, c);
	case VC_DEVICE_ALSA:
	case VC_DEVICE_PULSE:
		set_sound(src, c);
		break;
	case VC_DEVICE_PIPEWIRE:
		if (*c->name)
			g_object_set(src, "target-object", c->name, NULL);
		break;
	}
	return src;
}

/* A camera that is faster than was wanted is thinned out. */
GstElement *vc_device_make_chain(const struct vc_device_config *c)
{
	char text[512];

	if (c->width)
		g_snprintf(text, sizeof(text),
			   "videorate max-rate=%d ! videoscale add-borders=true"
			   " ! videoconvert ! video/x-raw,format=I420,width=%d,"
			   "height=%d,pixel-aspect-ratio=1/1,colorimetry=bt601"
			   " ! appsink name=sink max-buffers=%d drop=true",
			   (c->fps_num + c->fps_den - 1) / c->fps_den, c->width,
			   c->height, PICTURES);
	else
		g_snprintf(text, sizeof(text),
			   "audioconvert ! audioresample ! audio/x-raw,"
			   "format=S16LE,rate=%d,channels=%d,"
			   "layout=interleaved"
			   " ! appsink name=sink max-buffers=%d drop=true",
			   VC_GST_RATE_HZ, c->channels, VC_DEVICE_PIECES);
	return gst_parse_bin_from_description(text, TRUE, NULL);
}

/*
 * What sound cards say of time counts their own samples, or is not what it
 * should be (slave-method=re-timestamp of GStreamer 1.22 forgets to take off
 * the base time): a piece's time is when it is here.
 */
static GstPadProbeReturn on_piece(GstPad *pad, GstPadProbeInfo *info,
				  gpointer user)
{
	GstBuffer *buf = gst_buffer_make_writable(info->data);

	(void)pad;
	GST_BUFFER_PTS(buf) = (GstClockTime)g_get_monotonic_time() * 1000 -
			      gst_element_get_base_time(user);
	info->data = buf;
	return GST_PAD_PROBE_OK;
}

void vc_device_stamp(GstElement *pipe, GstElement *sink)
{
	GstPad *pad = gst_element_get_static_pad(sink, "sink");

	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_piece, pipe, NULL);
	gst_object_unref(pad);
}

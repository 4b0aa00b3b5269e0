/* SPDX-License-Identifier: MIT */
/*
 * Two branches of one pipeline, each from an appsrc to a sink that does not
 * wait for clocks:
 *
 *	appsrc ! videoconvert ! videoscale ! x...sink
 *	appsrc ! audioconvert ! audioresample ! pulsesink
 *
 * Keys come up the pipeline as events, everything else as messages: both are
 * put into a ring by the thread that brings them, and the eventfd counts. The
 * end of the X server is seen on a connection of its own (xdeath.h); an epoll
 * descriptor holds the two.
 */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <gst/video/navigation.h>
#include <gst/video/video.h>
#include <gst/video/videooverlay.h>

#include "base/mem.h"
#include "base/time.h"
#include "gst/check.h"
#include "gst/init.h"
#include "gst/sink.h"
#include "gst/window.h"
#include "gst/xdeath.h"
#include "gst/xfull.h"

#define EVENTS_MAX 32
#define SOUND_MAX (200 * VC_MS)

enum { PICTURES, SOUND, BRANCHES };

struct branch {
	GstElement *bin;
	GstElement *src;
	bool is_gone; /* under the lock */
};

struct vc_gst_window {
	GstElement *pipe;
	struct branch branches[BRANCHES];
	int width, height; /* of the last picture */
	bool is_rgb;	   /* it was one in RGB */
	bool wants_rgb;	   /* the sink has nothing else */
	int channels;
	int event, fd; /* 'fd' holds it, and that of 'x' */
	struct _XDisplay *x;
	bool is_stuck;		   /* a thread of its sink will never end */
	struct vc_gst_xfull *full; /* what it draws in, or NULL: its own */
	GMutex lock;
	struct vc_gst_event events[EVENTS_MAX];
	size_t first, n;
};

static const char *const heads[BRANCHES] = {
	[PICTURES] = "appsrc name=src is-live=true format=time"
		     " do-timestamp=true max-buffers=2 leaky-type=downstream"
		     " ! videoconvert ! videoscale name=end",
	[SOUND] = "appsrc name=src is-live=true format=time"
		  " ! audioconvert ! audioresample name=end",
};

static void put_event(struct vc_gst_window *w, enum vc_gst_event_kind kind,
		      const char *text)
{
	const uint64_t one = 1;

	/* The last place is kept for bad news. */
	size_t cap = kind == VC_GST_KEY ? EVENTS_MAX - 1 : EVENTS_MAX;

	g_mutex_lock(&w->lock);
	if (w->n < cap) {
		struct vc_gst_event *ev =
			&w->events[(w->first + w->n) % EVENTS_MAX];

		ev->kind = kind;
		vc_gst_say(ev->text, "%s", text);
		w->n++;
	}
	/* It fails only when the counter is full: readable as well. */
	ssize_t n = write(w->event, &one, sizeof(one));

	(void)n;
	g_mutex_unlock(&w->lock);
}

static void on_error(struct vc_gst_window *w, GstMessage *msg)
{
	enum vc_gst_event_kind kind = VC_GST_FAILED;
	GError *e = NULL;

	gst_message_parse_error(msg, &e, NULL);
	g_mutex_lock(&w->lock);
	for (int b = 0; b < BRANCHES; b++) {
		GstElement *bin = w->branches[b].bin;

		if (!bin || !gst_object_has_as_ancestor(GST_MESSAGE_SRC(msg),
							GST_OBJECT(bin)))
			continue;
		w->branches[b].is_gone = true;
		if (b == PICTURES)
			kind = g_error_matches(e, GST_RESOURCE_ERROR,
					       GST_RESOURCE_ERROR_NOT_FOUND) ?
				       VC_GST_CLOSED :
				       VC_GST_GONE;
	}
	g_mutex_unlock(&w->lock);
	put_event(w, kind, e->message);
	g_error_free(e);
}

static GstBusSyncReply on_message(GstBus *bus, GstMessage *msg, gpointer user)
{
	(void)bus;
	if (GST_MESSAGE_TYPE(msg) == GST_MESSAGE_ERROR)
		on_error(user, msg);
	gst_message_unref(msg);
	return GST_BUS_DROP;
}

static GstPadProbeReturn on_upstream(GstPad *pad, GstPadProbeInfo *info,
				     gpointer user)
{
	GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
	const char *key = NULL;

	(void)pad;
	if (GST_EVENT_TYPE(event) != GST_EVENT_NAVIGATION)
		return GST_PAD_PROBE_OK;
	if (gst_navigation_event_get_type(event) ==
		    GST_NAVIGATION_EVENT_KEY_PRESS &&
	    gst_navigation_event_parse_key_event(event, &key) && key)
		put_event(user, VC_GST_KEY, key);
	return GST_PAD_PROBE_OK;
}

static int add_branch(struct vc_gst_window *w, int which, const char *name,
		      char text[static VC_GST_TEXT_CAP])
{
	struct branch *b = &w->branches[which];
	GstElement *sink;
	int err = vc_gst_sink_find(which == SOUND, name, &sink, text);

	if (err)
		return err;
	b->bin = gst_parse_bin_from_description(heads[which], FALSE, NULL);
	if (!b->bin) {
		gst_element_set_state(sink, GST_STATE_NULL);
		gst_object_unref(sink);
		vc_gst_say(text, "a GStreamer plugin is missing "
				 "(gstreamer1.0-plugins-base)");
		return -ENOSYS;
	}
	b->src = gst_bin_get_by_name(GST_BIN(b->bin), "src");
	GstElement *end = gst_bin_get_by_name(GST_BIN(b->bin), "end");

	if (which == PICTURES)
		w->wants_rgb = vc_gst_sink_is_rgb(sink);
	gst_bin_add(GST_BIN(b->bin), sink);
	gst_object_unref(sink);
	gst_element_link(end, sink);
	gst_object_unref(end);
	gst_bin_add(GST_BIN(w->pipe), b->bin);
	return 0;
}

static void set_picture_caps(struct vc_gst_window *w, int width, int height,
			     bool is_rgb)
{
	GstCaps *caps = gst_caps_new_simple(
		"video/x-raw", "format", G_TYPE_STRING,
		is_rgb ? "BGRx" : "I420", "width", G_TYPE_INT, width, "height",
		G_TYPE_INT, height, "framerate", GST_TYPE_FRACTION, 0, 1,
		"pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1, "colorimetry",
		G_TYPE_STRING, is_rgb ? "sRGB" : "bt601", NULL);

	gst_app_src_set_caps(GST_APP_SRC(w->branches[PICTURES].src), caps);
	gst_caps_unref(caps);
	w->width = width;
	w->height = height;
	w->is_rgb = is_rgb;
}

static void set_sound_caps(struct vc_gst_window *w)
{
	GstCaps *caps = gst_caps_new_simple(
		"audio/x-raw", "format", G_TYPE_STRING, "S16LE", "rate",
		G_TYPE_INT, VC_GST_RATE_HZ, "channels", G_TYPE_INT, w->channels,
		"layout", G_TYPE_STRING, "interleaved", NULL);

	gst_app_src_set_caps(GST_APP_SRC(w->branches[SOUND].src), caps);
	gst_caps_unref(caps);
}

static void set_title(struct vc_gst_window *w, const char *title)
{
	GstTagList *tags = gst_tag_list_new(GST_TAG_TITLE, title, NULL);

	gst_element_send_event(w->branches[PICTURES].src,
			       gst_event_new_tag(tags));
}

/* Sinks for X draw in a window of ours, others know by themselves. */
static int fill_screen(struct vc_gst_window *w, const char *title,
		       char text[static VC_GST_TEXT_CAP])
{
	GstElement *sink = gst_bin_get_by_interface(
		GST_BIN(w->branches[PICTURES].bin), GST_TYPE_VIDEO_OVERLAY);
	int err = 0;

	if (!sink)
		return 0;
	if (g_object_class_find_property(G_OBJECT_GET_CLASS(sink),
					 "fullscreen"))
		g_object_set(sink, "fullscreen", TRUE, NULL);
	else
		err = vc_gst_xfull_open(&w->full, title ? title : "vc");
	if (w->full)
		gst_video_overlay_set_window_handle(GST_VIDEO_OVERLAY(sink),
						    vc_gst_xfull_id(w->full));
	gst_object_unref(sink);
	if (err)
		vc_gst_say(text, "the display does not answer");
	return err;
}

static void watch(struct vc_gst_window *w)
{
	GstBus *bus = gst_element_get_bus(w->pipe);
	GstElement *src = w->branches[PICTURES].src;

	gst_bus_set_sync_handler(bus, on_message, w, NULL);
	gst_object_unref(bus);
	if (!src)
		return;
	GstPad *pad = gst_element_get_static_pad(src, "src");

	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_upstream,
			  w, NULL);
	gst_object_unref(pad);
}

static int open_fds(struct vc_gst_window *w)
{
	struct epoll_event on = { .events = EPOLLIN };

	w->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->fd = epoll_create1(EPOLL_CLOEXEC);
	if (w->event >= 0 && w->fd >= 0 &&
	    !epoll_ctl(w->fd, EPOLL_CTL_ADD, w->event, &on))
		return 0;
	return -errno;
}

static void watch_display(struct vc_gst_window *w)
{
	struct epoll_event on = { .events = EPOLLIN | EPOLLRDHUP };

	w->x = getenv("DISPLAY") ? vc_xdeath_watch("", 0) : NULL;
	if (w->x)
		epoll_ctl(w->fd, EPOLL_CTL_ADD, vc_xdeath_fd(w->x), &on);
}

/* Its threads are Xlib's prisoners then. */
static bool is_display_gone(struct vc_gst_window *w)
{
	const char *why = w->x ? vc_xdeath_news(w->x) : NULL;

	if (!why)
		return false;
	vc_xdeath_close(w->x);
	w->x = NULL;
	w->is_stuck = true;
	g_mutex_lock(&w->lock);
	w->branches[PICTURES].is_gone = true;
	g_mutex_unlock(&w->lock);
	put_event(w, VC_GST_GONE, why);
	return true;
}

static int open_with(struct vc_gst_window *w,
		     const struct vc_gst_window_config *c,
		     char text[static VC_GST_TEXT_CAP])
{
	int err = vc_gst_init();

	if (err) {
		vc_gst_say(text, "GStreamer does not start");
		return err;
	}
	err = open_fds(w);
	if (err) {
		vc_gst_say(text, "%s", strerror(-err));
		return err;
	}
	w->pipe = gst_pipeline_new(NULL);
	if (c->width)
		err = add_branch(w, PICTURES, c->video_sink, text);
	if (!err && c->width)
		watch_display(w);
	if (!err && c->width && c->is_full)
		err = fill_screen(w, c->title, text);
	if (!err && c->channels)
		err = add_branch(w, SOUND, c->audio_sink, text);
	if (err)
		return err;
	watch(w);
	if (c->width)
		set_picture_caps(w, c->width, c->height, w->wants_rgb);
	if (c->channels)
		set_sound_caps(w);
	if (gst_element_set_state(w->pipe, GST_STATE_PLAYING) ==
	    GST_STATE_CHANGE_FAILURE) {
		struct vc_gst_event ev = { .text = "it does not start" };

		vc_gst_window_event(w, &ev);
		memcpy(text, ev.text, sizeof(ev.text));
		return -ENODEV;
	}
	if (c->width && c->title)
		set_title(w, c->title);
	return 0;
}

int vc_gst_window_open(struct vc_gst_window **out,
		       const struct vc_gst_window_config *config,
		       char text[static VC_GST_TEXT_CAP])
{
	struct vc_gst_window *w = vc_alloc(1, sizeof(*w));

	assert(config->width || config->channels);
	*out = NULL;
	text[0] = '\0';
	w->event = w->fd = -1;
	w->channels = config->channels;
	g_mutex_init(&w->lock);
	int err = open_with(w, config, text);

	if (err) {
		vc_gst_window_close(w);
		return err;
	}
	*out = w;
	return 0;
}

void vc_gst_window_close(struct vc_gst_window *w)
{
	if (!w)
		return;
	(void)is_display_gone(w);
	vc_xdeath_close(w->x);
	/* What is stuck is left as it is, with what its threads look at. */
	if (w->is_stuck)
		return;
	if (w->pipe)
		gst_element_set_state(w->pipe, GST_STATE_NULL);
	for (int b = 0; b < BRANCHES; b++)
		g_clear_object(&w->branches[b].src);
	g_clear_object(&w->pipe);
	vc_gst_xfull_close(w->full);
	if (w->event >= 0)
		close(w->event);
	if (w->fd >= 0)
		close(w->fd);
	g_mutex_clear(&w->lock);
	free(w);
}

static bool is_there(struct vc_gst_window *w, int which)
{
	g_mutex_lock(&w->lock);
	bool is = w->branches[which].src && !w->branches[which].is_gone;
	g_mutex_unlock(&w->lock);
	return is;
}

static void copy_plane(uint8_t *to, size_t to_stride, const uint8_t *from,
		       int stride, int width, int height)
{
	for (int y = 0; y < height; y++)
		memcpy(to + (size_t)y * to_stride, from + (ptrdiff_t)y * stride,
		       (size_t)width);
}

int vc_gst_window_video(struct vc_gst_window *w, const struct vc_image *img)
{
	GstVideoInfo info;
	GstMapInfo map;

	if (!is_there(w, PICTURES))
		return -EPIPE;
	if (img->width != w->width || img->height != w->height || w->is_rgb)
		set_picture_caps(w, img->width, img->height, false);
	gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420,
				  (guint)img->width, (guint)img->height);
	GstBuffer *buf = gst_buffer_new_allocate(NULL, info.size, NULL);

	gst_buffer_map(buf, &map, GST_MAP_WRITE);
	copy_plane(map.data, (size_t)info.stride[0], img->y, img->stride_y,
		   img->width, img->height);
	copy_plane(map.data + info.offset[1], (size_t)info.stride[1], img->u,
		   img->stride_u, vc_image_half(img->width),
		   vc_image_half(img->height));
	copy_plane(map.data + info.offset[2], (size_t)info.stride[2], img->v,
		   img->stride_v, vc_image_half(img->width),
		   vc_image_half(img->height));
	gst_buffer_unmap(buf, &map);
	gst_app_src_push_buffer(GST_APP_SRC(w->branches[PICTURES].src), buf);
	return 0;
}

bool vc_gst_window_wants_rgb(const struct vc_gst_window *w)
{
	return w->wants_rgb;
}

int vc_gst_window_rgb(struct vc_gst_window *w, const struct vc_image *img,
		      void (*convert)(uint8_t *rgb, int stride,
				      const struct vc_image *img))
{
	GstMapInfo map;

	if (!is_there(w, PICTURES))
		return -EPIPE;
	if (img->width != w->width || img->height != w->height || !w->is_rgb)
		set_picture_caps(w, img->width, img->height, true);
	GstBuffer *buf = gst_buffer_new_allocate(
		NULL, (gsize)4 * (gsize)img->width * (gsize)img->height, NULL);

	gst_buffer_map(buf, &map, GST_MAP_WRITE);
	convert(map.data, 4 * img->width, img);
	gst_buffer_unmap(buf, &map);
	gst_app_src_push_buffer(GST_APP_SRC(w->branches[PICTURES].src), buf);
	return 0;
}

int64_t vc_gst_window_queued(const struct vc_gst_window *w)
{
	const struct branch *b = &w->branches[SOUND];

	if (!b->src)
		return 0;
	guint64 len = gst_app_src_get_current_level_bytes(GST_APP_SRC(b->src));
	guint64 n = len / sizeof(int16_t) / (guint64)w->channels;

	return (int64_t)n * VC_SEC / VC_GST_RATE_HZ;
}

int vc_gst_window_audio(struct vc_gst_window *w, const int16_t *pcm, size_t n)
{
	size_t len = n * (size_t)w->channels * sizeof(*pcm);
	int64_t more = (int64_t)n * VC_SEC / VC_GST_RATE_HZ;

	if (!is_there(w, SOUND))
		return -EPIPE;
	if (vc_gst_window_queued(w) + more > SOUND_MAX)
		return -EAGAIN;
	GstBuffer *buf = gst_buffer_new_allocate(NULL, len, NULL);

	gst_buffer_fill(buf, 0, pcm, len);
	gst_app_src_push_buffer(GST_APP_SRC(w->branches[SOUND].src), buf);
	return 0;
}

int vc_gst_window_fd(const struct vc_gst_window *w)
{
	return w->fd;
}

int vc_gst_window_event(struct vc_gst_window *w, struct vc_gst_event *ev)
{
	uint64_t count;
	int got = 0;

	(void)is_display_gone(w);
	g_mutex_lock(&w->lock);
	if (w->n) {
		*ev = w->events[w->first];
		w->first = (w->first + 1) % EVENTS_MAX;
		w->n--;
		got = 1;
	}
	if (!w->n && read(w->event, &count, sizeof(count)) < 0)
		count = 0;
	g_mutex_unlock(&w->lock);
	return got;
}

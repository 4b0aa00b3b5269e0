/* SPDX-License-Identifier: MIT */
/*
 * filesrc (of a pipe: piped.c) ! decodebin (held back by guard.c), and for each
 * medium that is wanted a chain of converters that ends in an appsink with a
 * short queue. The
 * streaming threads run ahead until the queues are full; they tell the caller
 * through an eventfd a medium. The first error stays.
 *
 * An eventfd is cleared before the last look at a queue, never after it, so
 * a frame that comes in between is not forgotten.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include "base/mem.h"
#include "gst/check.h"
#include "gst/decode.h"
#include "gst/guard.h"
#include "gst/piped.h"
#include "gst/sample.h"

/* How far one medium may run ahead of the other inside the file. */
#define AHEAD_TIME (20 * GST_SECOND)
#define AHEAD_LEN (64u << 20)
/* A longer gap between pictures is left as it is. */
#define FREEZE_MAX (10 * GST_SECOND)

/* Where a medium comes out. */
struct port {
	struct vc_decode *d;
	int fd;
	GstElement *sink;
	bool has_begun;
	bool has_ended;
};

struct vc_decode {
	struct vc_gst_file_config config;
	struct vc_guard guard;
	struct vc_piped piped;
	GstElement *pipe;
	/* From the streaming threads, under the lock. */
	GMutex lock;
	GCond changed;
	struct port ports[VC_DECODE_N];
	bool has_all_pads;
	int err;
	char text[VC_GST_TEXT_CAP];
	char note[VC_GST_TEXT_CAP];
	/* What the caller holds at the moment. */
	GstSample *picture;
	GstVideoFrame frame;
	GstSample *sound;
	GstMapInfo map;
};

static void wake(int fd)
{
	const uint64_t one = 1;
	/* It fails only when the counter is full: readable as well. */
	ssize_t n = write(fd, &one, sizeof(one));

	(void)n;
}

static void calm(int fd)
{
	uint64_t count;
	ssize_t n = read(fd, &count, sizeof(count));

	(void)n;
}

/* The first error wins: those after it are its consequences. */
static void fail(void *user, int err, const char *text)
{
	struct vc_decode *d = user;

	g_mutex_lock(&d->lock);
	if (!d->err) {
		d->err = err;
		vc_gst_say(d->text, "%s", text);
	}
	g_cond_broadcast(&d->changed);
	g_mutex_unlock(&d->lock);
	for (int m = 0; m < VC_DECODE_N; m++)
		wake(d->ports[m].fd);
}

static void leave_out(void *user, const char *type)
{
	struct vc_decode *d = user;

	g_mutex_lock(&d->lock);
	vc_gst_say(d->note,
		   "no decoder for %s (Debian's packages gstreamer1.0-libav "
		   "and gstreamer1.0-plugins-bad have many)",
		   type);
	g_mutex_unlock(&d->lock);
}

static void tell(struct port *p, bool *what)
{
	g_mutex_lock(&p->d->lock);
	*what = true;
	g_cond_broadcast(&p->d->changed);
	g_mutex_unlock(&p->d->lock);
	wake(p->fd);
}

static GstFlowReturn on_sample(GstAppSink *sink, gpointer user)
{
	struct port *p = user;

	(void)sink;
	tell(p, &p->has_begun);
	return GST_FLOW_OK;
}

static void on_end(GstAppSink *sink, gpointer user)
{
	struct port *p = user;

	(void)sink;
	tell(p, &p->has_ended);
}

static bool is_wanted(const struct vc_decode *d, enum vc_decode_medium medium)
{
	return medium == VC_DECODE_VIDEO ? d->config.width > 0 :
					   d->config.channels > 0;
}

/* Dither is off: its noise would differ from run to run. */
static GstElement *make_chain(const struct vc_decode *d,
			      enum vc_decode_medium medium)
{
	const struct vc_gst_file_config *c = &d->config;
	char text[768];

	if (medium == VC_DECODE_VIDEO)
		g_snprintf(text, sizeof(text),
			   "videorate max-duplication-time=%" G_GUINT64_FORMAT
			   " ! videoconvert ! videoflip video-direction=auto"
			   " ! videoscale add-borders=true"
			   " ! video/x-raw,format=I420,width=%d,height=%d,"
			   "pixel-aspect-ratio=1/1,framerate=%d/%d,"
			   "colorimetry=bt601"
			   " ! appsink name=sink max-buffers=4",
			   FREEZE_MAX, c->width, c->height, c->fps_num,
			   c->fps_den);
	else
		g_snprintf(text, sizeof(text),
			   "audioconvert dithering=none ! audioresample"
			   " ! audio/x-raw,format=S16LE,rate=%d,channels=%d,"
			   "layout=interleaved"
			   " ! appsink name=sink max-buffers=32",
			   VC_GST_RATE_HZ, c->channels);
	return gst_parse_bin_from_description(text, TRUE, NULL);
}

static void link_to(struct vc_decode *d, GstPad *pad, GstElement *element)
{
	GstPad *sink = gst_element_get_static_pad(element, "sink");

	gst_bin_add(GST_BIN(d->pipe), element);
	gst_element_sync_state_with_parent(element);
	if (gst_pad_link(pad, sink) != GST_PAD_LINK_OK)
		fail(d, -EIO, "its format cannot be converted");
	gst_object_unref(sink);
}

static void add_chain(struct vc_decode *d, GstPad *pad,
		      enum vc_decode_medium medium)
{
	GstAppSinkCallbacks on = { .new_sample = on_sample, .eos = on_end };
	GstElement *chain = make_chain(d, medium);

	if (!chain) {
		fail(d, -ENOSYS,
		     "a GStreamer plugin is missing "
		     "(gstreamer1.0-plugins-base, -good)");
		return;
	}
	GstElement *sink = gst_bin_get_by_name(GST_BIN(chain), "sink");

	g_object_set(sink, "sync", FALSE, "async", FALSE, NULL);
	gst_app_sink_set_callbacks(GST_APP_SINK(sink), &on, &d->ports[medium],
				   NULL);
	g_mutex_lock(&d->lock);
	d->ports[medium].sink = sink;
	g_mutex_unlock(&d->lock);
	link_to(d, pad, chain);
}

/* The first stream of each medium is used, the others run into the void. */
static void on_pad(GstElement *bin, GstPad *pad, gpointer user)
{
	struct vc_decode *d = user;
	GstCaps *caps = gst_pad_query_caps(pad, NULL);
	bool is_used = false;

	(void)bin;
	for (int m = 0; m < VC_DECODE_N && !is_used; m++) {
		const char *raw = m == VC_DECODE_VIDEO ? "video/x-raw" :
							 "audio/x-raw";

		if (!is_wanted(d, m) || d->ports[m].sink ||
		    gst_caps_is_any(caps) || gst_caps_is_empty(caps) ||
		    !gst_structure_has_name(gst_caps_get_structure(caps, 0),
					    raw))
			continue;
		add_chain(d, pad, m);
		is_used = true;
	}
	gst_caps_unref(caps);
	if (is_used)
		return;
	GstElement *fake = gst_element_factory_make("fakesink", NULL);

	g_object_set(fake, "sync", FALSE, "async", FALSE, NULL);
	link_to(d, pad, fake);
}

static void on_all_pads(GstElement *bin, gpointer user)
{
	struct vc_decode *d = user;

	(void)bin;
	g_mutex_lock(&d->lock);
	d->has_all_pads = true;
	g_cond_broadcast(&d->changed);
	g_mutex_unlock(&d->lock);
}

static GstElement *make_source(struct vc_decode *d, const char *path)
{
	GstElement *src;

	if (!path) {
		d->piped.refuse = fail;
		d->piped.user = d;
		return vc_piped_source(&d->piped);
	}
	src = gst_element_factory_make("filesrc", NULL);
	if (src)
		g_object_set(src, "location", path, NULL);
	return src;
}

static int build(struct vc_decode *d, const char *path)
{
	GstElement *src = make_source(d, path);
	GstElement *bin = gst_element_factory_make("decodebin", NULL);

	if (!src || !bin) {
		g_clear_object(&src);
		g_clear_object(&bin);
		return -ENOSYS;
	}
	d->pipe = gst_pipeline_new(NULL);
	g_object_set(bin, "max-size-time", (guint64)AHEAD_TIME,
		     "max-size-bytes", AHEAD_LEN, NULL);
	g_signal_connect(bin, "pad-added", G_CALLBACK(on_pad), d);
	g_signal_connect(bin, "no-more-pads", G_CALLBACK(on_all_pads), d);
	d->guard = (struct vc_guard){
		.wants_video = is_wanted(d, VC_DECODE_VIDEO),
		.wants_audio = is_wanted(d, VC_DECODE_AUDIO),
		.refuse = fail,
		.leave_out = leave_out,
		.user = d,
	};
	vc_guard_attach(&d->guard, d->pipe, bin);
	gst_bin_add_many(GST_BIN(d->pipe), src, bin, NULL);
	gst_element_link(src, bin);
	return 0;
}

int vc_decode_new(struct vc_decode **out, const char *path,
		  const struct vc_gst_file_config *config,
		  const int fd[static VC_DECODE_N],
		  char text[static VC_GST_TEXT_CAP])
{
	struct vc_decode *d = vc_alloc(1, sizeof(*d));

	*out = NULL;
	d->config = *config;
	for (int m = 0; m < VC_DECODE_N; m++)
		d->ports[m] = (struct port){ .d = d, .fd = fd[m] };
	g_mutex_init(&d->lock);
	g_cond_init(&d->changed);
	if (build(d, path)) {
		vc_gst_say(text, "a GStreamer plugin is missing "
				 "(gstreamer1.0-plugins-base)");
		vc_decode_free(d);
		return -ENOSYS;
	}
	gst_element_set_state(d->pipe, GST_STATE_PLAYING);
	*out = d;
	return 0;
}

static void drop_sound(struct vc_decode *d)
{
	if (!d->sound)
		return;
	gst_buffer_unmap(gst_sample_get_buffer(d->sound), &d->map);
	gst_sample_unref(d->sound);
	d->sound = NULL;
}

void vc_decode_free(struct vc_decode *d)
{
	if (!d)
		return;
	vc_gst_sample_drop(&d->picture, &d->frame);
	drop_sound(d);
	if (d->pipe)
		gst_element_set_state(d->pipe, GST_STATE_NULL);
	for (int m = 0; m < VC_DECODE_N; m++)
		g_clear_object(&d->ports[m].sink);
	g_clear_object(&d->pipe);
	g_mutex_clear(&d->lock);
	g_cond_clear(&d->changed);
	free(d);
}

/* A first frame, or the certainty that there is none. */
static bool is_settled(const struct vc_decode *d)
{
	bool has_ended = true;

	for (int m = 0; m < VC_DECODE_N; m++) {
		if (d->ports[m].has_begun && d->has_all_pads)
			return true;
		if (d->ports[m].sink && !d->ports[m].has_ended)
			has_ended = false;
	}
	return d->err || (d->has_all_pads && has_ended);
}

int vc_decode_settle(struct vc_decode *d, int64_t timeout_ns)
{
	int64_t until = g_get_monotonic_time() + timeout_ns / 1000;
	int err = 0;

	g_mutex_lock(&d->lock);
	while (!is_settled(d) && !err)
		if (!g_cond_wait_until(&d->changed, &d->lock, until))
			err = -ETIMEDOUT;
	if (d->err)
		err = d->err;
	g_mutex_unlock(&d->lock);
	return err;
}

bool vc_decode_has_begun(struct vc_decode *d)
{
	bool has_begun = false;

	g_mutex_lock(&d->lock);
	for (int m = 0; m < VC_DECODE_N; m++)
		has_begun = has_begun || d->ports[m].has_begun;
	g_mutex_unlock(&d->lock);
	return has_begun;
}

static GstElement *sink_of(struct vc_decode *d, enum vc_decode_medium medium)
{
	g_mutex_lock(&d->lock);
	GstElement *sink = d->ports[medium].sink;
	g_mutex_unlock(&d->lock);
	return sink;
}

bool vc_decode_has(struct vc_decode *d, enum vc_decode_medium medium)
{
	return sink_of(d, medium);
}

int64_t vc_decode_duration(struct vc_decode *d)
{
	gint64 len = -1;

	if (!gst_element_query_duration(d->pipe, GST_FORMAT_TIME, &len))
		return -1;
	return len;
}

/* A sample, and its time: 1, 0 at the end, -EAGAIN or the error. */
static int pull(struct vc_decode *d, enum vc_decode_medium medium,
		GstSample **out, int64_t *pts)
{
	GstElement *sink = sink_of(d, medium);

	g_mutex_lock(&d->lock);
	int err = d->err;
	bool has_all_pads = d->has_all_pads;
	g_mutex_unlock(&d->lock);
	if (!sink)
		return err ? err : has_all_pads ? 0 : -EAGAIN;
	GstSample *sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), 0);

	if (!sample && err)
		return err;
	if (!sample)
		return gst_app_sink_is_eos(GST_APP_SINK(sink)) ? 0 : -EAGAIN;
	*pts = (int64_t)gst_segment_to_running_time(
		gst_sample_get_segment(sample), GST_FORMAT_TIME,
		GST_BUFFER_PTS(gst_sample_get_buffer(sample)));
	*out = sample;
	return 1;
}

static int pull_fresh(struct vc_decode *d, enum vc_decode_medium medium,
		      GstSample **out, int64_t *pts)
{
	int got = pull(d, medium, out, pts);

	if (got != -EAGAIN)
		return got;
	calm(d->ports[medium].fd);
	return pull(d, medium, out, pts);
}

int vc_decode_video(struct vc_decode *d, struct vc_image *out, int64_t *pts)
{
	int got;

	vc_gst_sample_drop(&d->picture, &d->frame);
	got = pull_fresh(d, VC_DECODE_VIDEO, &d->picture, pts);
	if (got != 1)
		return got;
	got = vc_gst_sample_map(d->picture, &d->frame, out);
	return got ? got : 1;
}

int vc_decode_audio(struct vc_decode *d, const int16_t **pcm, size_t *n,
		    int64_t *pts)
{
	drop_sound(d);
	int got = pull_fresh(d, VC_DECODE_AUDIO, &d->sound, pts);

	if (got != 1)
		return got;
	if (!gst_buffer_map(gst_sample_get_buffer(d->sound), &d->map,
			    GST_MAP_READ)) {
		gst_sample_unref(d->sound);
		d->sound = NULL;
		return -EIO;
	}
	*pcm = (const int16_t *)(const void *)d->map.data;
	*n = d->map.size / sizeof(**pcm) / (size_t)d->config.channels;
	return 1;
}

void vc_decode_text(struct vc_decode *d, char text[static VC_GST_TEXT_CAP])
{
	g_mutex_lock(&d->lock);
	memcpy(text, d->text, VC_GST_TEXT_CAP);
	g_mutex_unlock(&d->lock);
}

void vc_decode_note(struct vc_decode *d, char text[static VC_GST_TEXT_CAP])
{
	g_mutex_lock(&d->lock);
	memcpy(text, d->note, VC_GST_TEXT_CAP);
	g_mutex_unlock(&d->lock);
}

/* SPDX-License-Identifier: MIT */
/*
 * filesrc ! decodebin, which is told to stop at the demuxer's streams, and an
 * appsink with a short queue on each of the two that are wanted. The
 * first error stays; what was read before it is given out first.
 */
#include "gst/demux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gst/app/gstappsink.h>
#include <gst/gst.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "gst/check.h"
#include "gst/guard.h"
#include "gst/init.h"

#define OPEN_TIMEOUT (5 * G_TIME_SPAN_SECOND)
#define STALL_TIMEOUT (10 * GST_SECOND)
/* How far one medium may run ahead of the other inside the file. */
#define AHEAD_TIME (20 * GST_SECOND)
#define AHEAD_LEN (64u << 20)
#define QUEUED 8
#define PRIV_MAX 65536

struct port {
	bool is_wanted;
	GstElement *sink;
	struct vc_gst_stream stream;
	uint8_t *priv;
	GstSample *sample; /* what the caller holds */
	GstMapInfo map;
};

struct vc_gst_demux {
	struct vc_guard guard;
	GstElement *pipe;
	struct port ports[2]; /* [is_video] */
	bool is_cut;
	/* From the streaming threads, under the lock. */
	GMutex lock;
	GCond changed;
	bool has_all_pads;
	int err;
	char text[VC_GST_TEXT_CAP];
};

static void fail(void *user, int err, const char *text)
{
	struct vc_gst_demux *d = user;

	g_mutex_lock(&d->lock);
	if (!d->err) {
		d->err = err;
		vc_gst_say(d->text, "%s", text);
	}
	g_cond_broadcast(&d->changed);
	g_mutex_unlock(&d->lock);
}

static void leave_out(void *user, const char *type)
{
	(void)user;
	(void)type;
}

/* --- what a stream is --- */

static bool has_int(const GstStructure *s, const char *field, int value)
{
	int v;

	return gst_structure_get_int(s, field, &v) && v == value;
}

/* Of G.711 and G.722: as RTP has it, one channel. */
static bool is_phone(const GstStructure *s, int rate)
{
	return has_int(s, "rate", rate) && has_int(s, "channels", 1);
}

static enum vc_codec codec_of(const GstStructure *s)
{
	const char *type = gst_structure_get_name(s);
	int n;

	if (!strcmp(type, "video/x-vp8"))
		return VC_CODEC_VP8;
	if (!strcmp(type, "video/x-vp9"))
		return VC_CODEC_VP9;
	if (!strcmp(type, "video/x-av1"))
		return VC_CODEC_AV1;
	if (!strcmp(type, "video/x-h264"))
		return VC_CODEC_H264;
	if (!strcmp(type, "audio/x-opus") &&
	    (!gst_structure_get_int(s, "channels", &n) || n <= 2))
		return VC_CODEC_OPUS;
	if (!strcmp(type, "audio/x-mulaw") && is_phone(s, 8000))
		return VC_CODEC_PCMU;
	if (!strcmp(type, "audio/x-alaw") && is_phone(s, 8000))
		return VC_CODEC_PCMA;
	if (!strcmp(type, "audio/G722") && is_phone(s, 16000))
		return VC_CODEC_G722;
	return VC_CODEC_NONE;
}

/* For people; by GStreamer's own word where no better one is known. */
static void name_stream(struct vc_gst_stream *st, const GstStructure *s)
{
	static const struct {
		const char *type, *name;
	} rows[] = {
		{ "video/x-raw", "uncompressed" },
		{ "audio/x-raw", "PCM" },
		{ "video/x-h265", "H.265" },
		{ "video/x-theora", "Theora" },
		{ "audio/x-vorbis", "Vorbis" },
		{ "audio/x-flac", "FLAC" },
		{ "image/jpeg", "JPEG" },
	};
	const char *type = gst_structure_get_name(s), *slash;
	char text[VC_GST_TEXT_CAP];
	int version = 0;

	slash = strchr(type, '/');
	vc_gst_say(text, "%.60s", slash ? slash + 1 : type);
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		if (!strcmp(type, rows[i].type))
			vc_gst_say(text, "%s", rows[i].name);
	gst_structure_get_int(s, "mpegversion", &version);
	if (!strcmp(type, "audio/mpeg"))
		vc_gst_say(text, version == 1 ? "MP3" : "AAC");
	if (!strcmp(type, "video/mpeg"))
		vc_gst_say(text, "MPEG-%d", version);
	if (st->codec != VC_CODEC_NONE)
		vc_gst_say(text, "%s", vc_codec_name(st->codec));
	vc_strlcpy(st->name, text, sizeof(st->name));
}

static void take_priv(struct port *p, const GstStructure *s)
{
	const GValue *v = gst_structure_get_value(s, "codec_data");
	GstBuffer *buf = v ? gst_value_get_buffer(v) : NULL;
	size_t len = buf ? gst_buffer_get_size(buf) : 0;

	/* Of AV1 version 1.22 gives it without its first five octets. */
	if (!len || len > PRIV_MAX || p->stream.codec == VC_CODEC_AV1)
		return;
	p->priv = vc_try_alloc(1, len);
	if (!p->priv)
		return;
	p->stream.priv_len = gst_buffer_extract(buf, 0, p->priv, len);
	p->stream.priv = p->priv;
}

/* --- the pipeline --- */

static void link_to(struct vc_gst_demux *d, GstPad *pad, GstElement *element)
{
	GstPad *sink = gst_element_get_static_pad(element, "sink");

	g_object_set(element, "sync", FALSE, "async", FALSE, NULL);
	gst_bin_add(GST_BIN(d->pipe), element);
	gst_element_sync_state_with_parent(element);
	if (gst_pad_link(pad, sink) != GST_PAD_LINK_OK)
		fail(d, -EIO, "a stream of it cannot be read");
	gst_object_unref(sink);
}

/* The port for a stream of this type; NULL: it runs into the void. */
static struct port *port_of(struct vc_gst_demux *d, const char *type)
{
	bool is_video = g_str_has_prefix(type, "video/") ||
			g_str_has_prefix(type, "image/");
	struct port *p = &d->ports[is_video];

	if (!is_video && !g_str_has_prefix(type, "audio/"))
		return NULL;
	return p->is_wanted && !p->stream.is_there ? p : NULL;
}

static void on_pad(GstElement *bin, GstPad *pad, gpointer user)
{
	struct vc_gst_demux *d = user;
	GstCaps *caps = gst_pad_get_current_caps(pad);
	const GstStructure *s = caps && gst_caps_get_size(caps) ?
					gst_caps_get_structure(caps, 0) :
					NULL;
	struct port *p = s ? port_of(d, gst_structure_get_name(s)) : NULL;
	GstElement *sink =
		gst_element_factory_make(p ? "appsink" : "fakesink", NULL);

	(void)bin;
	if (!sink) {
		fail(d, -ENOSYS,
		     "a GStreamer plugin is missing "
		     "(gstreamer1.0-plugins-base)");
	} else if (p) {
		g_object_set(sink, "max-buffers", QUEUED, NULL);
		p->stream.is_there = true;
		p->stream.codec = codec_of(s);
		name_stream(&p->stream, s);
		take_priv(p, s);
		p->sink = gst_object_ref(sink);
	}
	if (sink)
		link_to(d, pad, sink);
	if (caps)
		gst_caps_unref(caps);
}

static void on_all_pads(GstElement *bin, gpointer user)
{
	struct vc_gst_demux *d = user;

	(void)bin;
	g_mutex_lock(&d->lock);
	d->has_all_pads = true;
	g_cond_broadcast(&d->changed);
	g_mutex_unlock(&d->lock);
}

static int build(struct vc_gst_demux *d, const char *path)
{
	GstElement *src = gst_element_factory_make("filesrc", NULL);
	GstElement *bin = gst_element_factory_make("decodebin", NULL);

	if (!src || !bin) {
		g_clear_object(&src);
		g_clear_object(&bin);
		vc_gst_say(d->text, "a GStreamer plugin is missing "
				    "(gstreamer1.0-plugins-base)");
		return -ENOSYS;
	}
	g_object_set(src, "location", path, NULL);
	d->pipe = gst_pipeline_new(NULL);
	g_object_set(bin, "max-size-time", (guint64)AHEAD_TIME,
		     "max-size-bytes", AHEAD_LEN, NULL);
	g_signal_connect(bin, "pad-added", G_CALLBACK(on_pad), d);
	g_signal_connect(bin, "no-more-pads", G_CALLBACK(on_all_pads), d);
	d->guard = (struct vc_guard){
		.is_plain = true,
		.refuse = fail,
		.leave_out = leave_out,
		.user = d,
	};
	vc_guard_attach(&d->guard, d->pipe, bin);
	gst_bin_add_many(GST_BIN(d->pipe), src, bin, NULL);
	gst_element_link(src, bin);
	gst_element_set_state(d->pipe, GST_STATE_PLAYING);
	return 0;
}

/* Waits until it is known what streams there are. */
static int settle(struct vc_gst_demux *d)
{
	gint64 until = g_get_monotonic_time() + OPEN_TIMEOUT;
	int err = 0;

	g_mutex_lock(&d->lock);
	while (!d->has_all_pads && !d->err && !err)
		if (!g_cond_wait_until(&d->changed, &d->lock, until))
			err = -ETIMEDOUT;
	if (d->err)
		err = d->err;
	g_mutex_unlock(&d->lock);
	if (err == -ETIMEDOUT)
		vc_gst_say(d->text, "nothing could be read within 5 s");
	if (!err && !d->ports[0].stream.is_there &&
	    !d->ports[1].stream.is_there) {
		vc_gst_say(d->text, "no %s in it",
			   !d->ports[true].is_wanted  ? "sound" :
			   !d->ports[false].is_wanted ? "pictures" :
							"sound or pictures");
		err = -ENODATA;
	}
	return err;
}

static int open_with(struct vc_gst_demux *d, const char *path)
{
	int err = vc_gst_check(path, &d->is_cut, d->text);

	if (err)
		return err;
	err = vc_gst_init();
	if (err) {
		vc_gst_say(d->text, "GStreamer does not start");
		return err;
	}
	err = build(d, path);
	return err ? err : settle(d);
}

int vc_gst_demux_open(struct vc_gst_demux **out, const char *path, bool video,
		      bool audio, char text[static VC_GST_TEXT_CAP])
{
	struct vc_gst_demux *d = vc_alloc(1, sizeof(*d));
	int err;

	*out = NULL;
	d->ports[true].is_wanted = video;
	d->ports[false].is_wanted = audio;
	g_mutex_init(&d->lock);
	g_cond_init(&d->changed);
	err = open_with(d, path);
	if (err) {
		memcpy(text, d->text, VC_GST_TEXT_CAP);
		vc_gst_demux_close(d);
		return err;
	}
	*out = d;
	return 0;
}

static void drop(struct port *p)
{
	if (!p->sample)
		return;
	gst_buffer_unmap(gst_sample_get_buffer(p->sample), &p->map);
	gst_sample_unref(p->sample);
	p->sample = NULL;
}

void vc_gst_demux_close(struct vc_gst_demux *d)
{
	if (!d)
		return;
	if (d->pipe)
		gst_element_set_state(d->pipe, GST_STATE_NULL);
	for (int i = 0; i < 2; i++) {
		drop(&d->ports[i]);
		g_clear_object(&d->ports[i].sink);
		free(d->ports[i].priv);
	}
	g_clear_object(&d->pipe);
	g_mutex_clear(&d->lock);
	g_cond_clear(&d->changed);
	free(d);
}

const struct vc_gst_stream *vc_gst_demux_stream(const struct vc_gst_demux *d,
						bool is_video)
{
	return &d->ports[is_video].stream;
}

/* --- frames --- */

/* There was none: why. */
static int ended(struct vc_gst_demux *d, struct port *p, bool wait)
{
	int err;

	g_mutex_lock(&d->lock);
	err = d->err;
	if (!err && !gst_app_sink_is_eos(GST_APP_SINK(p->sink))) {
		err = wait ? -ETIMEDOUT : -EAGAIN;
		if (wait)
			vc_gst_say(d->text, "nothing was read for 10 s");
	} else if (!err && d->is_cut) {
		err = -EBADMSG;
		vc_gst_say(d->text, "the file is cut short");
	}
	g_mutex_unlock(&d->lock);
	return err;
}

static int64_t time_of(GstSample *sample, GstClockTime t)
{
	guint64 running;

	if (!GST_CLOCK_TIME_IS_VALID(t))
		return -1;
	if (gst_segment_to_running_time_full(gst_sample_get_segment(sample),
					     GST_FORMAT_TIME, t, &running) < 1)
		return 0;
	return running > INT64_MAX / 2 ? INT64_MAX / 2 : (int64_t)running;
}

int vc_gst_demux_next(struct vc_gst_demux *d, bool is_video, bool wait,
		      struct vc_gst_frame *f)
{
	struct port *p = &d->ports[is_video];
	GstBuffer *buf;

	drop(p);
	if (!p->sink)
		return 0;
	p->sample = gst_app_sink_try_pull_sample(GST_APP_SINK(p->sink),
						 wait ? STALL_TIMEOUT : 0);
	if (!p->sample)
		return ended(d, p, wait);
	buf = gst_sample_get_buffer(p->sample);
	if (!gst_buffer_map(buf, &p->map, GST_MAP_READ)) {
		gst_sample_unref(p->sample);
		p->sample = NULL;
		return -EIO;
	}
	*f = (struct vc_gst_frame){
		.p = p->map.data,
		.len = p->map.size,
		.time = time_of(p->sample, GST_BUFFER_PTS_IS_VALID(buf) ?
						   GST_BUFFER_PTS(buf) :
						   GST_BUFFER_DTS(buf)),
		.length = GST_BUFFER_DURATION_IS_VALID(buf) ?
				  (int64_t)GST_BUFFER_DURATION(buf) :
				  -1,
		.is_key = !GST_BUFFER_FLAG_IS_SET(buf,
						  GST_BUFFER_FLAG_DELTA_UNIT),
	};
	return 1;
}

const char *vc_gst_demux_text(struct vc_gst_demux *d)
{
	return d->text;
}

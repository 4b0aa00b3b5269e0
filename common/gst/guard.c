/* SPDX-License-Identifier: MIT */
/*
 * decodebin asks through signals before it plugs an element, and tells of each
 * it has made: the answers and looks are here. Sizes of pictures are seen in
 * what the container says, for VP8 in the key frame as well, since the two may
 * differ. Messages are looked at in the thread that posts them: errors are
 * passed on, everything else goes.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <gst/gst.h>

#include "base/image.h"
#include "base/mem.h"
#include "gst/guard.h"

/* A hostile file may name thousands; each costs a thread or two. */
#define STREAMS_MAX 16

static const char too_big[] = "it has pictures of a size that is refused";

/* Values of GstAutoplugSelectResult, which has no public header. */
enum { SELECT_TRY = 0, SELECT_SKIP = 2 };

/* clang-format off */
static const char *const allowed[] = {
	/* demuxers */
	"matroskademux", "qtdemux", "oggdemux", "wavparse", "avidemux",
	"flacparse", "id3demux", "mpegaudioparse", "ivfparse", "y4mdec",
	/* parsers */
	"opusparse", "vorbisparse", "theoraparse", "h264parse", "h265parse",
	"aacparse", "av1parse", "vp9parse", "jpegparse", "mpeg4videoparse",
	"rawaudioparse", "rawvideoparse",
	/* decoders */
	"opusdec", "vorbisdec", "flacdec", "mpg123audiodec", "avdec_mp3",
	"avdec_aac", "faad", "alawdec", "mulawdec", "vp8dec", "vp9dec",
	"theoradec", "avdec_h264", "openh264dec", "avdec_h265", "libde265dec",
	"dav1ddec", "av1dec", "jpegdec", "avdec_mpeg4", "avdec_dvvideo",
};
/* clang-format on */

static bool is_allowed(const char *name)
{
	for (size_t i = 0; i < VC_COUNT(allowed); i++)
		if (!strcmp(name, allowed[i]))
			return true;
	return false;
}

/* Looks before a decoder does: it allocates what a picture claims to be. */
static bool is_too_big(const GstCaps *caps)
{
	const GstStructure *s = gst_caps_get_structure(caps, 0);
	int width = 1;
	int height = 1;

	gst_structure_get_int(s, "width", &width);
	gst_structure_get_int(s, "height", &height);
	return !vc_image_size_ok(width, height);
}

static bool is_refused(struct vc_guard *g, const GstCaps *caps)
{
	if (!is_too_big(caps))
		return false;
	g->refuse(g->user, -EOPNOTSUPP, too_big);
	return true;
}

/*
 * What typefind found is the whole file: "video/webm" may hold sound only. A
 * pad of decodebin's belongs to nobody yet, the one behind it does.
 */
static bool is_stream(GstPad *pad)
{
	GstPad *behind = GST_IS_GHOST_PAD(pad) ?
				 gst_ghost_pad_get_target(GST_GHOST_PAD(pad)) :
				 NULL;
	GstElement *element = gst_pad_get_parent_element(behind ? behind : pad);
	GstElementFactory *factory =
		element ? gst_element_get_factory(element) : NULL;
	bool is = factory && strcmp(GST_OBJECT_NAME(factory), "typefind") != 0;

	g_clear_object(&element);
	g_clear_object(&behind);
	return is;
}

/* FALSE: this stream goes no further and is thrown away undecoded. */
static gboolean on_continue(GstElement *bin, GstPad *pad, GstCaps *caps,
			    gpointer user)
{
	struct vc_guard *g = user;

	(void)bin;
	if (!gst_caps_get_size(caps) || !is_stream(pad))
		return TRUE;
	if (g->is_plain)
		return FALSE;
	const char *type =
		gst_structure_get_name(gst_caps_get_structure(caps, 0));

	if (g_str_has_prefix(type, "video/"))
		return g->wants_video && !is_refused(g, caps);
	return g->wants_audio || !g_str_has_prefix(type, "audio/");
}

static int on_select(GstElement *bin, GstPad *pad, GstCaps *caps,
		     GstElementFactory *factory, gpointer user)
{
	(void)bin;
	(void)pad;
	(void)caps;
	(void)user;
	return is_allowed(GST_OBJECT_NAME(factory)) ? SELECT_TRY : SELECT_SKIP;
}

static void on_unknown(GstElement *bin, GstPad *pad, GstCaps *caps,
		       gpointer user)
{
	struct vc_guard *g = user;

	(void)bin;
	(void)pad;
	if (gst_caps_get_size(caps))
		g->leave_out(g->user, gst_structure_get_name(
					      gst_caps_get_structure(caps, 0)));
}

/* decodebin would wait for ever for the first packet. */
static GstPadProbeReturn on_first(GstPad *pad, GstPadProbeInfo *info,
				  gpointer user)
{
	struct vc_guard *g = user;

	(void)pad;
	if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER)
		return GST_PAD_PROBE_REMOVE;
	if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) != GST_EVENT_EOS)
		return GST_PAD_PROBE_OK;
	if (g_atomic_int_add(&g->n_empty, 1) + 1 ==
	    g_atomic_int_get(&g->n_streams))
		g->refuse(g->user, -EBADMSG, "it ends before its media begin");
	return GST_PAD_PROBE_REMOVE;
}

static void on_stream(GstElement *demuxer, GstPad *pad, gpointer user)
{
	struct vc_guard *g = user;

	(void)demuxer;
	if (g_atomic_int_add(&g->n_streams, 1) >= STREAMS_MAX)
		g->refuse(g->user, -EBADMSG, "it has more than 16 streams");
	gst_pad_add_probe(pad,
			  GST_PAD_PROBE_TYPE_BUFFER |
				  GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
			  on_first, g, NULL);
}

/* RFC 6386 section 9.1: the size stands in the key frame, too. */
static GstPadProbeReturn on_vp8(GstPad *pad, GstPadProbeInfo *info,
				gpointer user)
{
	struct vc_guard *g = user;
	uint8_t h[10];

	(void)pad;
	if (gst_buffer_extract(GST_PAD_PROBE_INFO_BUFFER(info), 0, h,
			       sizeof(h)) < sizeof(h) ||
	    h[0] & 1)
		return GST_PAD_PROBE_OK;
	if (vc_image_size_ok((h[6] | h[7] << 8) & 0x3fff,
			     (h[8] | h[9] << 8) & 0x3fff))
		return GST_PAD_PROBE_OK;
	g->refuse(g->user, -EOPNOTSUPP, too_big);
	return GST_PAD_PROBE_DROP;
}

static int errno_of(const GError *e)
{
	if (e->domain == GST_CORE_ERROR)
		return e->code == GST_CORE_ERROR_MISSING_PLUGIN ? -EOPNOTSUPP :
								  -EIO;
	if (e->domain != GST_STREAM_ERROR)
		return -EIO;
	if (e->code == GST_STREAM_ERROR_CODEC_NOT_FOUND)
		return -EOPNOTSUPP;
	return -EBADMSG;
}

static void look_at(struct vc_guard *g, GstMessage *msg)
{
	GError *e = NULL;

	if (GST_MESSAGE_TYPE(msg) != GST_MESSAGE_ERROR)
		return;
	gst_message_parse_error(msg, &e, NULL);
	g->refuse(g->user, errno_of(e), e->message);
	g_error_free(e);
}

static GstBusSyncReply on_message(GstBus *bus, GstMessage *msg, gpointer user)
{
	(void)bus;
	look_at(user, msg);
	gst_message_unref(msg);
	return GST_BUS_DROP;
}

/*
 * decodebin forgets an error that comes while it is still plugging the
 * element, and a demuxer is quick: it has a bus of its own, and what it says
 * goes on to the bin it is in.
 */
static GstBusSyncReply on_demuxer_message(GstBus *bus, GstMessage *msg,
					  gpointer user)
{
	GstObject *bin = gst_object_get_parent(GST_MESSAGE_SRC(msg));

	(void)bus;
	look_at(user, msg);
	if (bin && GST_IS_BIN(bin))
		gst_bus_post(GST_BIN(bin)->child_bus, gst_message_ref(msg));
	g_clear_object(&bin);
	gst_message_unref(msg);
	return GST_BUS_DROP;
}

static void watch_demuxer(struct vc_guard *g, GstElement *demuxer)
{
	GstBus *bus = gst_bus_new();

	gst_bus_set_sync_handler(bus, on_demuxer_message, g, NULL);
	gst_element_set_bus(demuxer, bus);
	gst_object_unref(bus);
	g_signal_connect(demuxer, "pad-added", G_CALLBACK(on_stream), g);
}

static void on_element(GstBin *bin, GstBin *sub, GstElement *element,
		       gpointer user)
{
	GstElementFactory *factory = gst_element_get_factory(element);

	(void)bin;
	(void)sub;
	if (!factory)
		return;
	if (gst_element_factory_list_is_type(factory,
					     GST_ELEMENT_FACTORY_TYPE_DEMUXER))
		watch_demuxer(user, element);
	if (!strcmp(GST_OBJECT_NAME(factory), "vp8dec")) {
		GstPad *pad = gst_element_get_static_pad(element, "sink");

		gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_vp8, user,
				  NULL);
		gst_object_unref(pad);
	}
}

void vc_guard_attach(struct vc_guard *g, GstElement *pipe,
		     GstElement *decodebin)
{
	g_signal_connect(decodebin, "autoplug-continue",
			 G_CALLBACK(on_continue), g);
	g_signal_connect(decodebin, "autoplug-select", G_CALLBACK(on_select),
			 g);
	g_signal_connect(decodebin, "unknown-type", G_CALLBACK(on_unknown), g);
	g_signal_connect(pipe, "deep-element-added", G_CALLBACK(on_element), g);

	GstBus *bus = gst_element_get_bus(pipe);

	gst_bus_set_sync_handler(bus, on_message, g, NULL);
	gst_object_unref(bus);
}

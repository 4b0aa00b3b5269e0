/* SPDX-License-Identifier: MIT */
/*
 * GStreamer's side of layers of simulcast (RFC 8852), over RFC 4571:
 *
 *   gstlayers send FILE RID   30 pictures of VP8 whose packets say RID, MID
 *   gstlayers recv FILE       which RIDs and MIDs packets say, a line each time
 *                             another one does
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <gst/gst.h>
#include <gst/rtp/rtp.h>

#define SDES "urn:ietf:params:rtp-hdrext:sdes:"
#define WAIT (20 * GST_SECOND)

#define SEND                                                           \
	"videotestsrc num-buffers=30 ! "                               \
	"video/x-raw,width=160,height=90,framerate=15/1 ! "            \
	"vp8enc deadline=1 keyframe-max-dist=10 ! rtpvp8pay name=x ! " \
	"rtpstreampay ! filesink name=file"
#define RECV                                                        \
	"filesrc name=file ! application/x-rtp-stream,media=video," \
	"encoding-name=VP8,clock-rate=90000,payload=96,"            \
	"extmap-4=(string)" SDES "mid,"                             \
	"extmap-6=(string)" SDES "rtp-stream-id ! "                 \
	"rtpstreamdepay ! rtpvp8depay name=x ! fakesink"

static void say(GObject *ext, GParamSpec *what, gpointer ctx)
{
	char *value = NULL;

	(void)ctx;
	g_object_get(ext, what->name, &value, NULL);
	printf("%s %s\n", what->name, value ? value : "");
	g_free(value);
}

/* To the payloader, or depayloader, 'x'; 'value' NULL: tells what comes. */
static void add(GstElement *x, const char *uri, guint id, const char *name,
		const char *value)
{
	GstRTPHeaderExtension *ext =
		gst_rtp_header_extension_create_from_uri(uri);
	char event[32];

	snprintf(event, sizeof(event), "notify::%s", name);
	gst_rtp_header_extension_set_id(ext, id);
	if (value)
		g_object_set(ext, name, value, NULL);
	else
		g_signal_connect(ext, event, G_CALLBACK(say), NULL);
	g_signal_emit_by_name(x, "add-extension", ext);
	gst_object_unref(ext);
}

/* True: it came to its end. */
static bool play(GstElement *line)
{
	GstBus *bus = gst_element_get_bus(line);
	GstMessage *end;
	bool is_good;

	gst_element_set_state(line, GST_STATE_PLAYING);
	end = gst_bus_timed_pop_filtered(bus, WAIT,
					 GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
	is_good = end && GST_MESSAGE_TYPE(end) == GST_MESSAGE_EOS;
	if (end)
		gst_message_unref(end);
	gst_element_set_state(line, GST_STATE_NULL);
	gst_object_unref(bus);
	return is_good;
}

int main(int argc, char **argv)
{
	bool sends = argc == 4 && !strcmp(argv[1], "send");
	GstElement *line, *file, *x;
	bool is_good;

	gst_init(NULL, NULL);
	if (argc < 3)
		return 2;
	line = gst_parse_launch(sends ? SEND : RECV, NULL);
	if (!line)
		return 1;
	file = gst_bin_get_by_name(GST_BIN(line), "file");
	x = gst_bin_get_by_name(GST_BIN(line), "x");
	g_object_set(file, "location", argv[2], NULL);
	add(x, SDES "mid", 4, "mid", sends ? "video" : NULL);
	add(x, SDES "rtp-stream-id", 6, "rid", sends ? argv[3] : NULL);
	is_good = play(line);
	gst_object_unref(file);
	gst_object_unref(x);
	gst_object_unref(line);
	return is_good ? 0 : 1;
}

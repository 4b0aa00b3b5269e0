/* SPDX-License-Identifier: MIT */
/*
 * Sinks are tried in the order of a list, and one that reaches READY is used;
 * GStreamer's own autovideosink would fall back to one that shows nothing.
 */
#include "gst/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gst/gst.h>

#include "gst/check.h"

static const char *const sinks[2][5] = {
	[false] = { "xvimagesink", "ximagesink", "waylandsink", "glimagesink" },
	[true] = { "pulsesink", "alsasink" },
};

static void set_if_there(GstElement *e, const char *name, gint64 value)
{
	if (g_object_class_find_property(G_OBJECT_GET_CLASS(e), name))
		g_object_set(e, name, value, NULL);
}

/* A sink that works here. */
static GstElement *try_sink(const char *name, bool *exists)
{
	GstElement *sink = gst_element_factory_make(name, NULL);

	if (!sink)
		return NULL;
	*exists = true;
	gst_object_ref_sink(sink);
	g_object_set(sink, "sync", FALSE, "async", FALSE, NULL);
	/* In microseconds: what the device holds. */
	set_if_there(sink, "buffer-time", 80000);
	set_if_there(sink, "latency-time", 20000);
	if (gst_element_set_state(sink, GST_STATE_READY) !=
	    GST_STATE_CHANGE_FAILURE)
		return sink;
	gst_element_set_state(sink, GST_STATE_NULL);
	gst_object_unref(sink);
	return NULL;
}

/* Some libraries talk to stderr where they have no chance: not asked then. */
static bool is_worth_trying(const char *name)
{
	if (!strcmp(name, "alsasink"))
		return !access("/dev/snd", F_OK);
	if (!strcmp(name, "pulsesink"))
		return true;
	if (!strcmp(name, "waylandsink"))
		return getenv("WAYLAND_DISPLAY");
	return getenv("DISPLAY");
}

int vc_gst_sink_find(bool is_sound, const char *name, GstElement **out,
		     char text[static VC_GST_TEXT_CAP])
{
	bool exists = false;
	bool is_tried = false;

	*out = NULL;
	if (name) {
		*out = try_sink(name, &exists);
		if (!*out)
			vc_gst_say(text, "%s: %s", name,
				   exists ? "does not work here" :
					    "no such GStreamer element");
		return *out ? 0 : exists ? -ENODEV : -EINVAL;
	}
	for (size_t i = 0; sinks[is_sound][i] && !*out; i++) {
		if (!is_worth_trying(sinks[is_sound][i]))
			continue;
		is_tried = true;
		*out = try_sink(sinks[is_sound][i], &exists);
	}
	if (*out)
		return 0;
	if (is_tried && !exists) {
		vc_gst_say(text, "no GStreamer element for it (packages "
				 "gstreamer1.0-x, -pulseaudio, -alsa)");
		return -ENOSYS;
	}
	if (is_sound)
		vc_gst_say(text, "no sound device or server answers");
	else if (is_tried)
		vc_gst_say(text, "the display does not answer");
	else
		vc_gst_say(text, "no display: neither DISPLAY nor "
				 "WAYLAND_DISPLAY is set");
	return -ENODEV;
}

bool vc_gst_sink_is_rgb(GstElement *sink)
{
	GstElementFactory *f = gst_element_get_factory(sink);

	return f && !strcmp(GST_OBJECT_NAME(f), "ximagesink");
}

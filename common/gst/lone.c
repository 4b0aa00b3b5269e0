/* SPDX-License-Identifier: MIT */
/*
 * A pad of ours on either side. They answer what elements ask of their
 * neighbours: what may come out, and how late it is. Messages go nowhere, but
 * the first error is kept.
 */
#include <errno.h>

#include <gst/gst.h>

#include "gst/check.h"
#include "gst/init.h"
#include "gst/lone.h"

/* --- what the element sees of us --- */

static GstFlowReturn take(GstPad *pad, GstObject *parent, GstBuffer *buf)
{
	struct vc_lone *l = gst_pad_get_element_private(pad);

	(void)parent;
	l->got = l->got ? gst_buffer_append(l->got, buf) : buf;
	return GST_FLOW_OK;
}

static gboolean on_event(GstPad *pad, GstObject *parent, GstEvent *event)
{
	(void)pad;
	(void)parent;
	gst_event_unref(event);
	return TRUE;
}

static void answer_caps(GstPad *pad, GstQuery *query)
{
	GstCaps *caps = gst_pad_get_pad_template_caps(pad), *filter, *both;

	gst_query_parse_caps(query, &filter);
	both = filter ? gst_caps_intersect_full(filter, caps,
						GST_CAPS_INTERSECT_FIRST) :
			gst_caps_ref(caps);
	gst_query_set_caps_result(query, both);
	gst_caps_unref(both);
	gst_caps_unref(caps);
}

static gboolean on_query(GstPad *pad, GstObject *parent, GstQuery *query)
{
	(void)parent;
	switch (GST_QUERY_TYPE(query)) {
	case GST_QUERY_CAPS:
		answer_caps(pad, query);
		return TRUE;
	case GST_QUERY_ACCEPT_CAPS:
		gst_query_set_accept_caps_result(query, TRUE);
		return TRUE;
	case GST_QUERY_LATENCY:
		gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
		return TRUE;
	default:
		return FALSE;
	}
}

static GstBusSyncReply on_message(GstBus *bus, GstMessage *msg, gpointer user)
{
	struct vc_lone *l = user;
	GError *err = NULL;

	(void)bus;
	if (GST_MESSAGE_TYPE(msg) == GST_MESSAGE_ERROR && !l->error[0]) {
		gst_message_parse_error(msg, &err, NULL);
		vc_gst_say(l->error, "%s", err->message);
		g_clear_error(&err);
	}
	gst_message_unref(msg);
	return GST_BUS_DROP;
}

/* --- life --- */

int vc_lone_make(struct vc_lone *l, const char *factory, const char *package,
		 char text[static VC_GST_TEXT_CAP])
{
	if (vc_gst_init()) {
		vc_gst_say(text, "GStreamer cannot start");
		return -ENOSYS;
	}
	l->element = gst_element_factory_make(factory, NULL);
	if (!l->element) {
		vc_gst_say(text, "GStreamer's %s is missing (Debian: %s)",
			   factory, package);
		return -ENOSYS;
	}
	gst_object_ref_sink(l->element);
	l->bus = gst_bus_new();
	gst_bus_set_sync_handler(l->bus, on_message, l, NULL);
	gst_element_set_bus(l->element, l->bus);
	return 0;
}

/* A pad linked to the element's, which may pass 'caps'. */
static GstPad *add_pad(struct vc_lone *l, GstPadDirection way, const char *caps)
{
	bool is_feed = way == GST_PAD_SRC;
	GstPad *theirs = gst_element_get_static_pad(l->element,
						    is_feed ? "sink" : "src");
	GstCaps *may = gst_caps_from_string(caps);
	GstPadTemplate *t =
		gst_pad_template_new("own", way, GST_PAD_ALWAYS, may);
	GstPad *own = gst_pad_new_from_template(t, NULL);

	gst_object_ref_sink(own);
	gst_object_unref(t);
	gst_caps_unref(may);
	gst_pad_set_element_private(own, l);
	gst_pad_set_event_function(own, on_event);
	gst_pad_set_query_function(own, on_query);
	if (!is_feed)
		gst_pad_set_chain_function(own, take);
	gst_pad_set_active(own, TRUE);
	if (is_feed)
		gst_pad_link_full(own, theirs, GST_PAD_LINK_CHECK_NOTHING);
	else
		gst_pad_link_full(theirs, own, GST_PAD_LINK_CHECK_NOTHING);
	gst_object_unref(theirs);
	return own;
}

static bool begin(struct vc_lone *l, const char *in)
{
	GstCaps *caps = gst_caps_from_string(in);
	GstSegment segment;
	bool ok;

	gst_segment_init(&segment, GST_FORMAT_TIME);
	ok = gst_pad_push_event(l->feed, gst_event_new_stream_start("vc")) &&
	     gst_pad_push_event(l->feed, gst_event_new_caps(caps)) &&
	     gst_pad_push_event(l->feed, gst_event_new_segment(&segment));
	gst_caps_unref(caps);
	return ok;
}

int vc_lone_start(struct vc_lone *l, const char *in, const char *out,
		  char text[static VC_GST_TEXT_CAP])
{
	l->feed = add_pad(l, GST_PAD_SRC, in);
	l->drain = add_pad(l, GST_PAD_SINK, out);
	if (gst_element_set_state(l->element, GST_STATE_PLAYING) !=
		    GST_STATE_CHANGE_FAILURE &&
	    begin(l, in) && !l->error[0])
		return 0;
	vc_gst_say(text, "%s",
		   l->error[0] ? l->error : "GStreamer does not take it");
	return -EIO;
}

int vc_lone_push(struct vc_lone *l, GstBuffer *buf)
{
	gst_clear_buffer(&l->got);
	return gst_pad_push(l->feed, buf) == GST_FLOW_OK ? 0 : -EIO;
}

static void drop_pad(GstPad **pad)
{
	if (*pad)
		gst_pad_set_active(*pad, FALSE);
	gst_clear_object(pad);
}

void vc_lone_clear(struct vc_lone *l)
{
	if (!l->element)
		return;
	gst_element_set_state(l->element, GST_STATE_NULL);
	gst_element_set_bus(l->element, NULL);
	drop_pad(&l->feed);
	drop_pad(&l->drain);
	gst_clear_buffer(&l->got);
	gst_clear_object(&l->bus);
	gst_clear_object(&l->element);
}

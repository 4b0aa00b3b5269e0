/* SPDX-License-Identifier: MIT */
/*
 * GStreamer's providers are asked in a thread, since one whose server does not
 * answer would wait for ever; that thread is then left behind. The screen is
 * what DISPLAY says.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gst/gst.h>

#include "base/mem.h"
#include "base/str.h"
#include "gst/device.h"
#include "gst/init.h"

#define WAIT_S 4

static const struct {
	const char *element, *scheme, *property;
	bool is_video;
} known[] = {
	{ "v4l2src", "v4l2", "device", true },
	{ "alsasrc", "alsa", "device", false },
	{ "pulsesrc", "pulse", "device", false },
	{ "pipewiresrc", "pipewire", "target-object", true },
};

/* Shared with the thread; whoever is last frees it. */
struct search {
	GMutex lock;
	GCond changed;
	bool is_done, is_left;
	GList *found;
};

static void search_free(struct search *s)
{
	g_list_free_full(s->found, gst_object_unref);
	g_mutex_clear(&s->lock);
	g_cond_clear(&s->changed);
	free(s);
}

static gpointer run(gpointer user)
{
	struct search *s = user;
	GstDeviceMonitor *m = gst_device_monitor_new();
	bool is_left;

	gst_device_monitor_add_filter(m, "Video/Source", NULL);
	gst_device_monitor_add_filter(m, "Audio/Source", NULL);
	if (gst_device_monitor_start(m)) {
		s->found = gst_device_monitor_get_devices(m);
		gst_device_monitor_stop(m);
	}
	gst_object_unref(m);
	g_mutex_lock(&s->lock);
	s->is_done = true;
	is_left = s->is_left;
	g_cond_signal(&s->changed);
	g_mutex_unlock(&s->lock);
	if (is_left)
		search_free(s);
	return NULL;
}

static bool describe(GstDevice *device, struct vc_device_entry *e)
{
	GstElement *element = gst_device_create_element(device, NULL);
	GstElementFactory *factory =
		element ? gst_element_get_factory(element) : NULL;
	gchar *name = gst_device_get_display_name(device), *id = NULL;
	bool is_known = false;

	for (size_t i = 0; factory && i < VC_COUNT(known); i++) {
		if (strcmp(GST_OBJECT_NAME(factory), known[i].element))
			continue;
		g_object_get(element, known[i].property, &id, NULL);
		if (!id)
			continue;
		is_known = true;
		e->is_video = gst_device_has_classes(device, "Video");
		snprintf(e->word, sizeof(e->word), "%s:%s", known[i].scheme,
			 id);
	}
	vc_strlcpy(e->name, name ? name : "", sizeof(e->name));
	g_free(id);
	g_free(name);
	if (element)
		gst_object_unref(gst_object_ref_sink(element));
	return is_known;
}

static size_t add_screen(struct vc_device_entry *out, size_t cap)
{
	const char *display = getenv("DISPLAY");

	if (!display || !*display || !cap)
		return 0;
	snprintf(out->word, sizeof(out->word), "screen:%s", display);
	vc_strlcpy(out->name, "the X screen", sizeof(out->name));
	out->is_video = true;
	return 1;
}

int vc_device_list(struct vc_device_entry *out, size_t cap)
{
	struct search *s = vc_alloc(1, sizeof(*s));
	int64_t until = g_get_monotonic_time() + WAIT_S * G_TIME_SPAN_SECOND;
	size_t n = add_screen(out, cap);
	GThread *thread;
	bool is_done;

	if (vc_gst_init()) {
		free(s);
		return -ENOSYS;
	}
	g_mutex_init(&s->lock);
	g_cond_init(&s->changed);
	thread = g_thread_new("devices", run, s);
	g_mutex_lock(&s->lock);
	while (!s->is_done && g_cond_wait_until(&s->changed, &s->lock, until))
		;
	is_done = s->is_done;
	s->is_left = !is_done;
	g_mutex_unlock(&s->lock);
	if (!is_done) {
		g_thread_unref(thread);
		return (int)n;
	}
	g_thread_join(thread);
	for (GList *l = s->found; l && n < cap; l = l->next)
		n += describe(l->data, &out[n]);
	search_free(s);
	return (int)n;
}

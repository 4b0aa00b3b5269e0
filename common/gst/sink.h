/* SPDX-License-Identifier: MIT */
/* Private to this folder: where a window's pictures and sound go. */
#ifndef VC_GST_SINK_H
#define VC_GST_SINK_H

#include <stdbool.h>

#include "gst/file.h"

struct _GstElement;

/*
 * One that works here, in READY, as 'name' or the first of a list. On error
 * 'text' says why: -ENODEV, -ENOSYS, -EINVAL as vc_gst_window_open().
 */
int vc_gst_sink_find(bool is_sound, const char *name, struct _GstElement **out,
		     char text[static VC_GST_TEXT_CAP]);

/* It shows RGB only. */
bool vc_gst_sink_is_rgb(struct _GstElement *sink);

#endif

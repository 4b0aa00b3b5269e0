/* SPDX-License-Identifier: MIT */
/* Private to this folder: what shows pictures or plays sound on this machine. */
#ifndef VC_GST_SINKS_H
#define VC_GST_SINKS_H

#include <stdbool.h>

#include "gst/file.h"

struct _GstElement;

/*
 * The sink of that name, or (NULL) the first of those known that works here; a
 * reference of the caller's. -ENODEV, -ENOSYS or -EINVAL with a reason.
 */
int vc_gst_sink_find(struct _GstElement **out, bool is_video, const char *name,
		     char text[static VC_GST_TEXT_CAP]);

#endif

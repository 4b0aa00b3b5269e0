/* SPDX-License-Identifier: MIT */
/*
 * Private to this folder: what ends a process that Xlib is used in, and how a
 * tool hears of it instead.
 */
#ifndef VC_GST_XDEATH_H
#define VC_GST_XDEATH_H

#include <stdint.h>

#include "gst/file.h"

struct _XDisplay;
struct vc_device_config;

/*
 * X errors in a thread of GStreamer's stop that thread only. And whether what
 * is wanted of the screen is there: 0 or -errno with a reason.
 */
int vc_xdeath_guard(const struct vc_device_config *c,
		    char text[static VC_GST_TEXT_CAP]);

/*
 * A connection beside GStreamer's ("": to DISPLAY), for the main thread, on
 * which the end of the server is seen, or of a window (0: of none); NULL: there
 * is none to be had. From then on a thread of GStreamer's that loses its own is
 * stopped for ever: who owns it leaves it behind.
 */
struct _XDisplay *vc_xdeath_watch(const char *name, uint64_t window);

/* Readable when there may be news: what has ended, or NULL. */
int vc_xdeath_fd(struct _XDisplay *x);
const char *vc_xdeath_news(struct _XDisplay *x);

/* NULL is fine. */
void vc_xdeath_close(struct _XDisplay *x);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A window over the whole screen of an X display, for a sink to draw in: its
 * own windows are as large as the picture, and nobody asks the window manager.
 */
#ifndef VC_GST_XFULL_H
#define VC_GST_XFULL_H

#include <stdint.h>

struct vc_gst_xfull;

/* 0; -ENODEV: the display does not answer; -ENOMEM. */
int vc_gst_xfull_open(struct vc_gst_xfull **out, const char *title);
void vc_gst_xfull_close(struct vc_gst_xfull *x); /* NULL is fine */

/* As gst_video_overlay_set_window_handle() takes it. */
uint32_t vc_gst_xfull_id(const struct vc_gst_xfull *x);

#endif

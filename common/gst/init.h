/* SPDX-License-Identifier: MIT */
/*
 * GStreamer, started when it is first needed. This folder is the only one
 * that sees GStreamer's headers; none of ours shows a GStreamer type. Nothing
 * here prints, reads a clock that matters or runs a main loop: GStreamer's
 * threads hand over through bounded queues and an eventfd. (This file is not
 * called gst.h: GStreamer's own headers include <gst/gst.h>.)
 */
#ifndef VC_GST_INIT_H
#define VC_GST_INIT_H

#include <stddef.h>

/*
 * Starts GStreamer; later calls do nothing. 2 to 8 ms, up to a second when
 * the plugins have to be scanned. Where the usual plugin registry cannot be
 * written, GST_REGISTRY is set to a file of ours, in $XDG_CACHE_HOME/vc,
 * ~/.cache/vc or /tmp/vc-UID, so that the scan happens once only. GLib's own
 * messages on stderr are silenced unless GST_DEBUG is set. Call it before
 * threads are started (it may set the environment) and before a sandbox is
 * entered. The functions of file.h and window.h call it themselves. -ENOSYS
 * when GStreamer cannot start.
 */
int vc_gst_init(void);

/*
 * The registry file that vc_gst_init() chooses, into 'buf': 1 when it has to
 * be set, 0 when GStreamer's own choice works, -errno when no folder can be
 * used. For tests; looks at the environment only.
 */
int vc_gst_registry(char *buf, size_t cap);

#endif

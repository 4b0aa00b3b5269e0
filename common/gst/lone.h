/* SPDX-License-Identifier: MIT */
/*
 * Private to this folder: one element without a pipeline, run in the thread of
 * whoever pushes into it. What it makes of a buffer has come out when the push
 * is over, so nothing waits and equal input gives equal output.
 */
#ifndef VC_GST_LONE_H
#define VC_GST_LONE_H

#include <stdbool.h>
#include <stdint.h>

#include "gst/file.h"

struct _GstBuffer;
struct _GstBus;
struct _GstElement;
struct _GstPad;

struct vc_lone {
	struct _GstElement *element;
	struct _GstPad *feed, *drain;
	struct _GstBus *bus;
	struct _GstBuffer *got; /* what came out of the last push, or NULL */
	char error[VC_GST_TEXT_CAP]; /* the element's first, or "" */
};

/*
 * Makes the element 'factory', which is in Debian's 'package', so that its
 * properties can be set. 'l' was all zero. 0, or -ENOSYS with a reason.
 */
int vc_lone_make(struct vc_lone *l, const char *factory, const char *package,
		 char text[static VC_GST_TEXT_CAP]);

/*
 * Starts it: it gets 'in' and may give 'out' (caps as text). 0, or -EIO with a
 * reason.
 */
int vc_lone_start(struct vc_lone *l, const char *in, const char *out,
		  char text[static VC_GST_TEXT_CAP]);

/*
 * Takes 'buf' over; what comes out is in l->got until the next push, all of it
 * in one buffer. 0 or -EIO.
 */
int vc_lone_push(struct vc_lone *l, struct _GstBuffer *buf);

/* Of one that was not made, or not started, too. */
void vc_lone_clear(struct vc_lone *l);

#endif

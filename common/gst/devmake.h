/* SPDX-License-Identifier: MIT */
/*
 * Private to this folder: the elements that a device is read by, up to
 * raw pictures or sound of any form. This is where a test puts a device that
 * does not exist.
 */
#ifndef VC_GST_DEVMAKE_H
#define VC_GST_DEVMAKE_H

#include "gst/device.h"

struct _GstElement;
struct _GstCaps;
struct _GstMessage;

/* An element with one source pad, floating; NULL with a reason. */
typedef struct _GstElement *vc_device_make(const struct vc_device_config *c,
					   int *err,
					   char text[static VC_GST_TEXT_CAP]);

vc_device_make vc_device_make_real;

#define VC_DEVICE_PIECES 100 /* of sound that wait, 1 s */

/* What follows it: a bin that ends in an appsink called "sink". */
struct _GstElement *vc_device_make_chain(const struct vc_device_config *c);

/* Of a sound card: a piece's time is when it came to that. */
void vc_device_stamp(struct _GstElement *pipe, struct _GstElement *sink);

/* vc_device_open() of what 'make' gives. */
int vc_device_open_with(struct vc_device **out,
			const struct vc_device_config *c, vc_device_make *make,
			char text[static VC_GST_TEXT_CAP]);

/*
 * What to ask a camera for that offers these: the first of its forms that is as
 * large and as fast as is wanted, then one that is as large, then any; raw
 * ones before JPEG each time. Owned by the caller; NULL: it has neither.
 */
struct _GstCaps *vc_device_choose(struct _GstCaps *offers,
				  const struct vc_device_config *c,
				  bool *is_jpeg);

/* An error of a camera that is no longer there; GStreamer says something else,
 * such as that it cannot allocate a buffer. */
bool vc_device_is_unplugged(struct _GstMessage *error);

/*
 * For tests, which do not see GStreamer's types. A device of the elements that
 * c->name describes, as gst-launch has it; and vc_device_choose() of offers as
 * text, into text ("": NULL).
 */
vc_device_make vc_device_make_described;
void vc_device_choose_text(const char *offers, const struct vc_device_config *c,
			   bool *is_jpeg, char *out, size_t cap);

#endif

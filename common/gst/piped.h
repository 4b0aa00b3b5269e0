/* SPDX-License-Identifier: MIT */
/*
 * Private to this folder: the standard input as an element that gives nothing
 * before its first octets have told that they are a media file.
 */
#ifndef VC_GST_PIPED_H
#define VC_GST_PIPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/filekind.h"

struct _GstElement;

/* Has to live as long as the element. */
struct vc_piped {
	/* It is no media file. From the element's thread. */
	void (*refuse)(void *user, int err, const char *text);
	void *user;
	/* Private. */
	bool is_checked;
	uint8_t head[VC_FILEKIND_HEAD];
	size_t n_head;
};

/* NULL: GStreamer's plugin is not there. */
struct _GstElement *vc_piped_source(struct vc_piped *p);

#endif

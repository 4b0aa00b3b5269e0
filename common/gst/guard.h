/* SPDX-License-Identifier: MIT */
/*
 * Private to this folder: what a decodebin may do with a file. Elements of a
 * fixed list only, 16 streams, pictures up to VC_IMAGE_MAX (looked at before a
 * decoder allocates them), and nothing is decoded that nobody wants.
 */
#ifndef VC_GST_GUARD_H
#define VC_GST_GUARD_H

#include <stdbool.h>

struct _GstElement;

/* Has to live as long as the pipeline. Called from its threads. */
struct vc_guard {
	bool wants_video;
	bool wants_audio;
	bool is_plain; /* streams come as they are in the file, undecoded */
	/* The file is refused or broken; later errors may be consequences. */
	void (*refuse)(void *user, int err, const char *text);
	/* One of its streams has no decoder: its media type. */
	void (*leave_out)(void *user, const char *type);
	void *user;
	/* Private: of the demuxer, and those that ended without a packet. */
	int n_streams;
	int n_empty;
};

void vc_guard_attach(struct vc_guard *g, struct _GstElement *pipe,
		     struct _GstElement *decodebin);

#endif

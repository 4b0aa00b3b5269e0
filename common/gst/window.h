/* SPDX-License-Identifier: MIT */
/*
 * A window and speakers. What is put in is shown and heard at once: the
 * caller paces. Each has a short queue (2 pictures, the older one goes;
 * 200 ms of sound, what does not fit is refused), so nothing here blocks and
 * nothing grows. One caller thread.
 */
#ifndef VC_GST_WINDOW_H
#define VC_GST_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"
#include "gst/file.h"

struct vc_gst_window;

struct vc_gst_window_config {
	const char *title; /* UTF-8, ours: foreign text is escaped before */
	int width, height; /* of the pictures to come; 0: no window */
	int channels;	   /* 1 or 2 at 48 kHz; 0: no speakers */
	bool is_full;	   /* over the whole screen, pictures scaled to it */
	/* A GStreamer element's name; NULL: the first that works here. */
	const char *video_sink;
	const char *audio_sink;
};

/*
 * Opens the window and the sound device. On error 'text' holds one line that
 * says why and what would help: -ENODEV no display or no sound device, -ENOSYS
 * GStreamer or its plugins are missing, -EINVAL an unknown sink.
 */
int vc_gst_window_open(struct vc_gst_window **out,
		       const struct vc_gst_window_config *config,
		       char text[static VC_GST_TEXT_CAP]);

/* NULL is fine. Sound that is still queued is not heard. */
void vc_gst_window_close(struct vc_gst_window *w);

/* Shows a copy of 'img'; its size may change. 0, -EPIPE once closed. */
int vc_gst_window_video(struct vc_gst_window *w, const struct vc_image *img);

/*
 * The same where the sink shows RGB only, and GStreamer would have to convert:
 * 'convert' does it, into words of 32 bits (cairo's RGB24). Any sink takes it.
 */
bool vc_gst_window_wants_rgb(const struct vc_gst_window *w);
int vc_gst_window_rgb(struct vc_gst_window *w, const struct vc_image *img,
		      void (*convert)(uint8_t *rgb, int stride,
				      const struct vc_image *img));

/*
 * Queues a copy of 'n' samples a channel. 0, -EAGAIN when the queue is full
 * (nothing was taken: the device is slower than the caller), -EPIPE.
 */
int vc_gst_window_audio(struct vc_gst_window *w, const int16_t *pcm, size_t n);

/* Sound put in and not yet handed to the device, ns. */
int64_t vc_gst_window_queued(const struct vc_gst_window *w);

enum vc_gst_event_kind {
	VC_GST_CLOSED, /* the user closed the window */
	VC_GST_KEY,    /* a key went down: "q", "space", "Left", "F11" */
	VC_GST_GONE,   /* the display went away: why */
	VC_GST_FAILED, /* the sound device went away: why */
};

struct vc_gst_event {
	enum vc_gst_event_kind kind;
	char text[VC_GST_TEXT_CAP];
};

/* Readable when vc_gst_window_event() has something. Never read from it. */
int vc_gst_window_fd(const struct vc_gst_window *w);

/* The next event: 1 got, 0 none. At most 32 are kept. */
int vc_gst_window_event(struct vc_gst_window *w, struct vc_gst_event *ev);

#endif

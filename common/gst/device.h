/* SPDX-License-Identifier: MIT */
/*
 * Cameras, microphones and screens. Frames come in real time, in the size, form
 * and rate asked for, and each has the time when it was captured on the
 * machine's monotonic clock. What is not taken in time is dropped, so nothing
 * grows. Only the elements of GStreamer that a kind of device needs are made;
 * nothing is plugged by itself.
 *
 * Sound is a steady line: a frame's time is the first one's and the samples
 * since. Where the device's clock leads away from it by more than 40 ms, the
 * line jumps ahead, or samples are left out: its times never go back.
 */
#ifndef VC_GST_DEVICE_H
#define VC_GST_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"
#include "gst/file.h"

enum vc_device_kind {
	VC_DEVICE_V4L2,	    /* name: "/dev/video0" */
	VC_DEVICE_ALSA,	    /* a PCM: "hw:0", "default" */
	VC_DEVICE_PULSE,    /* a source */
	VC_DEVICE_SCREEN,   /* an X display: ":0" */
	VC_DEVICE_PIPEWIRE, /* a node */
};

struct vc_device_config {
	enum vc_device_kind kind;
	const char *name;  /* "": the first, or the default one */
	int width, height; /* 0: sound is wanted */
	int fps_num, fps_den;
	int channels; /* of sound, interleaved: 1 or 2 */
	/* Of a screen: a part of it (region_w 0: all), or one window. */
	int region_x, region_y, region_w, region_h;
	uint64_t window;
	bool no_cursor;
	int64_t patience; /* without a frame, ns; 0: 5 s */
};

struct vc_device;

/*
 * Opens it and starts it. Frames come later. On error one line of the reason
 * is in 'text' and *out is NULL; -ENOSYS: GStreamer or an element is missing.
 */
int vc_device_open(struct vc_device **out, const struct vc_device_config *c,
		   char text[static VC_GST_TEXT_CAP]);

/* NULL is fine. */
void vc_device_close(struct vc_device *d);

/*
 * 1 got, -EAGAIN not yet, or -errno with its reason in vc_device_text(), which
 * stays: it is gone, or gave nothing for 5 s. The picture is ours, until the
 * next call; 'n' samples a channel, VC_GST_RATE_HZ / 5 at most.
 */
int vc_device_video(struct vc_device *d, struct vc_image *out, int64_t *pts);
int vc_device_audio(struct vc_device *d, int16_t *pcm, size_t n, int64_t *pts);

/* Readable when a call that gave -EAGAIN is worth repeating. */
int vc_device_fd(const struct vc_device *d);

const char *vc_device_text(const struct vc_device *d);

/* What there is. */
struct vc_device_entry {
	char word[256]; /* as the options of a tool take it: "pulse:NAME" */
	char name[256]; /* for people; foreign text */
	bool is_video;
};

/*
 * Looks for a few seconds at most; what does not answer by then is not in
 * the list. Up to 'cap' of them; returns how many, or -ENOSYS.
 */
int vc_device_list(struct vc_device_entry *out, size_t cap);

#endif

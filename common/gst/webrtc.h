/* SPDX-License-Identifier: MIT */
/*
 * What a microphone's sound goes through, by GStreamer's webrtcdsp: high-pass,
 * echo cancellation, noise suppression and gain control of the WebRTC project.
 * 48 kHz, mono, in frames of 10 ms. Runs in the caller's thread; the same input
 * gives the same output. Who puts what was played beside what was heard is
 * media/voice.h: webrtcdsp itself follows neither a long delay nor clocks that
 * run apart.
 */
#ifndef VC_GST_WEBRTC_H
#define VC_GST_WEBRTC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gst/file.h"

#define VC_WEBRTC_FRAME 480 /* samples */
#define VC_WEBRTC_HEAD 480  /* see vc_webrtc_run() */
#define VC_WEBRTC_LEEWAY 960

struct vc_webrtc;

struct vc_webrtc_config {
	bool echo;
	bool denoise;
	bool agc;
	bool highpass;
};

/* 0, or -ENOSYS or -EIO with a reason. */
int vc_webrtc_open(struct vc_webrtc **out,
		   const struct vc_webrtc_config *config,
		   char text[static VC_GST_TEXT_CAP]);

/* Samples: what comes out is so much later. */
size_t vc_webrtc_delay(const struct vc_webrtc_config *config);

/* NULL is fine. */
void vc_webrtc_close(struct vc_webrtc *w);

/*
 * A frame of what was heard, cleaned in place, and of what was played, whose
 * echo begins VC_WEBRTC_HEAD samples later in 'heard', or up to
 * VC_WEBRTC_LEEWAY more. 0 or -EIO: it is as it was.
 */
int vc_webrtc_run(struct vc_webrtc *w, const int16_t *played, int16_t *heard);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Private to this folder, for file.c: one run of a decoding pipeline from the
 * beginning of a file to its end. Time stamps are ns from the beginning.
 */
#ifndef VC_GST_DECODE_H
#define VC_GST_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"
#include "gst/file.h"

enum vc_decode_medium { VC_DECODE_VIDEO, VC_DECODE_AUDIO, VC_DECODE_N };

struct vc_decode;

/*
 * Starts reading 'path', the standard input for NULL. 'fd' are two eventfds that are made readable when there is
 * something to take; they stay the caller's. 0 or -ENOSYS with 'text'.
 */
int vc_decode_new(struct vc_decode **out, const char *path,
		  const struct vc_gst_file_config *config,
		  const int fd[static VC_DECODE_N],
		  char text[static VC_GST_TEXT_CAP]);

void vc_decode_free(struct vc_decode *d);

/*
 * Waits until the streams are known and one has begun or all have ended: 0,
 * -errno (see text), -ETIMEDOUT.
 */
int vc_decode_settle(struct vc_decode *d, int64_t timeout_ns);

/* Valid once settled. Whether it has a first frame of anything. */
bool vc_decode_has_begun(struct vc_decode *d);
bool vc_decode_has(struct vc_decode *d, enum vc_decode_medium medium);
int64_t vc_decode_duration(struct vc_decode *d);

/*
 * The next picture or the next piece of sound ('n' samples a channel). They
 * stay ours until the next call for that medium. 1, 0 at the end, -EAGAIN or
 * an error.
 */
int vc_decode_video(struct vc_decode *d, struct vc_image *out, int64_t *pts);
int vc_decode_audio(struct vc_decode *d, const int16_t **pcm, size_t *n,
		    int64_t *pts);

/* Copy the reason of the error and what was left out; "" without one. */
void vc_decode_text(struct vc_decode *d, char text[static VC_GST_TEXT_CAP]);
void vc_decode_note(struct vc_decode *d, char text[static VC_GST_TEXT_CAP]);

#endif

/* SPDX-License-Identifier: MIT */
/* Marks (media/mark.h, media/chirp.h) on what is about to be encoded. */
#ifndef VC_CAPTURE_STAMP_H
#define VC_CAPTURE_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"
#include "media/chirp.h"

struct stamp {
	bool is_on;
	uint16_t id;
	struct vc_chirp chirp;
	struct vc_image image;
};

/* 'name' is whose marks they are; 'rate_hz' of the sound. */
void stamp_init(struct stamp *s, const char *name, uint32_t rate_hz);
void stamp_clear(struct stamp *s);

/*
 * The picture to be encoded in place of 'img': a copy with a mark, or 'img'
 * itself when marks are off, it is too small, or there is no memory. Borrowed
 * until the next call. 'now' is when it was taken, stream time.
 */
const struct vc_image *stamp_video(struct stamp *s, const struct vc_image *img,
				   int64_t frame, int64_t now);

/* 'n' samples a channel; 'now' is the time of the first. */
void stamp_audio(struct stamp *s, int16_t *pcm, size_t n, int channels,
		 int64_t now);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Media files for tests, in a temporary folder. A WAV file is written octet by
 * octet, so that what comes back can be compared; ffmpeg makes the WebM file,
 * since it shares no code with what reads it. Failures are -1.
 */
#ifndef VC_TESTS_UNIT_MEDIAFILE_H
#define VC_TESTS_UNIT_MEDIAFILE_H

#include <stddef.h>
#include <stdint.h>

/* 1.51 s, 48 kHz, mono: the last frame of 20 ms is half full. */
#define MEDIAFILE_SAMPLES 72480
#define MEDIAFILE_WAV_HEAD 44

int mediafile_dir_make(void);
int mediafile_dir_drop(void);

/* The path of a file in the folder; valid until the next call. */
const char *mediafile_at(const char *name);

int mediafile_put(const char *name, const void *p, size_t len);

/* The first 'len' octets of another file; of half of it for 0. */
int mediafile_put_head(const char *name, const char *of, size_t len);

/* The WAV file, whose header claims so many octets of samples. */
int mediafile_put_wav(const char *name, uint32_t claimed);
int16_t mediafile_sample(int i);

/* 2 s, 320x240 at 25 frames/s, VP8; Opus sound that begins at 0.5 s. */
int mediafile_put_webm(const char *name);

#endif

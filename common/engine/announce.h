/* SPDX-License-Identifier: MIT */
/*
 * A file that is played to people: a WAV of 16-bit PCM, whatever its rate and
 * channels, the first track of sound of a WebM or Matroska file, or an Ogg file
 * of Opus, as sound of two channels at 48 kHz, 20 ms at a time. Only regular
 * files are taken: nothing is waited for.
 */
#ifndef VC_ENGINE_ANNOUNCE_H
#define VC_ENGINE_ANNOUNCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_ANNOUNCE_SAMPLES 960 /* a channel, at a time */

struct vc_announce;

/*
 * NULL and '*err': that of open(), -ENODEV (no regular file), -EBADMSG (no WAV,
 * or no samples within 64 KiB), -ENOTSUP (not 16-bit PCM, or at a rate outside
 * 4 to 384 kHz), -ENOMSG (another file with no sound that is decoded in its
 * first 4 MiB), -ENOMEM.
 */
struct vc_announce *vc_announce_open(const char *path, int *err);
void vc_announce_free(struct vc_announce *a);

/*
 * The next ones, interleaved; of a file of one channel both are the same.
 * False: it was over, 'pcm' is not touched. What is missing of the last is
 * silence.
 */
bool vc_announce_next(struct vc_announce *a,
		      int16_t pcm[static 2 * VC_ANNOUNCE_SAMPLES]);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Subtitles of one track of a WebM or Matroska file. A cue stands where it
 * begins, though it is not known before its end what it says and how long: in a
 * file room is left for the longest one, and what is known so far is written
 * over that each time. So players find it in its turn, and after a crash it is
 * there. On a pipe a cue is written when it is over. Part of engine/webmfile.h.
 */
#ifndef VC_ENGINE_WEBMTEXT_H
#define VC_ENGINE_WEBMTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/container.h"

struct vc_outfile;
struct vc_webmtext;

/* In WebM it is WebVTT, else SubRip. NULL when out of memory. */
struct vc_webmtext *vc_webmtext_new(bool is_webm);
void vc_webmtext_free(struct vc_webmtext *t);

/* Its CodecID: players, FFmpeg and, the second, GStreamer know these. */
#define VC_WEBMTEXT_VTT "D_WEBVTT/SUBTITLES"
#define VC_WEBMTEXT_SUBRIP "S_TEXT/UTF8"

/* Does the unit write over the one before? Then it may come at any time. */
bool vc_webmtext_is_open(const struct vc_webmtext *t);
int vc_webmtext_again(struct vc_webmtext *t, struct vc_outfile *out,
		      const struct vc_container_unit *u);

/*
 * The unit as a block of the track of this 'number', 'rel' ticks from its
 * cluster's time, of somebody called 'name' (escaped). 0 or -errno.
 */
int vc_webmtext_put(struct vc_webmtext *t, struct vc_outfile *out,
		    unsigned int number, int rel, const char *name,
		    const struct vc_container_unit *u);

/*
 * What a block of such a track says, foreign: plain text. 'out' has room for
 * 'len' octets. Returns how many it is.
 */
size_t vc_webmtext_read(bool is_vtt, const uint8_t *p, size_t len, char *out);

#endif

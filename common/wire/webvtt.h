/* SPDX-License-Identifier: MIT */
/*
 * The text of subtitles as WebVTT (W3C WebVTT 1.0) and SubRip spell it, and
 * back. What goes in is plain UTF-8 without controls but "\n"; nothing of it
 * can be taken for a tag, a reference or the arrow between two times.
 */
#ifndef VC_WIRE_WEBVTT_H
#define VC_WIRE_WEBVTT_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define VC_WEBVTT_HEAD "WEBVTT\n\n"

/* How an octet of text may grow, either way of spelling it. */
#define VC_WEBVTT_GROWTH 5

/* "00:00:01.200"; ns, cut to milliseconds, not negative. */
void vc_webvtt_time(struct vc_wr *w, int64_t t);

/* Text of a cue: '&', '<' and '>' become references. */
void vc_webvtt_text(struct vc_wr *w, const char *p, size_t len);

/* The same as somebody's: "<v NAME>" before it, unless it is "". */
void vc_webvtt_voice(struct vc_wr *w, const char *name, const char *p,
		     size_t len);

/* A whole cue of a file, the empty line after it included. */
void vc_webvtt_cue(struct vc_wr *w, int64_t start, int64_t end,
		   const char *name, const char *p, size_t len);

/*
 * Text of SubRip, which has tags and no references: an invisible U+2060 behind
 * each '<' and '{' keeps them from being any.
 */
void vc_subrip_text(struct vc_wr *w, const char *p, size_t len);

/*
 * What text like the two is, foreign: without tags, references resolved, and
 * each run of ends of lines one "\n", none at the ends. 'w' has room for 'len'.
 */
void vc_webvtt_plain(struct vc_wr *w, const char *p, size_t len);
void vc_subrip_plain(struct vc_wr *w, const char *p, size_t len);

#endif

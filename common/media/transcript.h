/* SPDX-License-Identifier: MIT */
/*
 * Who said what when, as text: a line each, or WebVTT cues, in the order in
 * which they were begun. Told the time; media time, ns from the beginning.
 */
#ifndef VC_MEDIA_TRANSCRIPT_H
#define VC_MEDIA_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_TRANSCRIPT_LINE 1024 /* octets; what is longer becomes two */
#define VC_TRANSCRIPT_LINES 1000
#define VC_TRANSCRIPT_IDLE \
	INT64_C(10000000000) /* ends a line that has no end */

struct vc_transcript;

/* As WebVTT (write VC_WEBVTT_HEAD first), else as "0:00:01.200 Bob: hi". */
struct vc_transcript *vc_transcript_new(bool is_vtt);
void vc_transcript_free(struct vc_transcript *t);

/*
 * Text as of vc_textrx_pull(), of the source 'key' of somebody called 'name'
 * (foreign), at 'at', which does not go back. 0 or -ENOMEM.
 */
int vc_transcript_add(struct vc_transcript *t, uint64_t key, const char *name,
		      int64_t at, const char *text, size_t len);

/* He has gone: what he began is over. */
void vc_transcript_leave(struct vc_transcript *t, uint64_t key);

/*
 * The next line or cue that is complete, and before which there is none that
 * may still be; '*len' octets, borrowed until the next call. NULL: none. What
 * strangers wrote is text there, nothing else.
 */
const char *vc_transcript_take(struct vc_transcript *t, int64_t at,
			       size_t *len);

/* Everything there is becomes complete. */
void vc_transcript_end(struct vc_transcript *t);

#endif

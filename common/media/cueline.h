/* SPDX-License-Identifier: MIT */
/*
 * What one person types (T.140), as subtitles: a cue a line. It begins with
 * the line's first letter and grows; it is over with the first letter of the
 * next line, VC_CUE_HOLD after the last change of one that is whole, or when
 * nothing was typed for VC_CUE_IDLE. What is too long for one, in letters or in
 * time, becomes two. Backspace takes back letters, and the end of a line, of
 * the cue that is not over. Told the time; no memory of its own.
 */
#ifndef VC_MEDIA_CUELINE_H
#define VC_MEDIA_CUELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_CUE_HOLD INT64_C(4000000000)
#define VC_CUE_IDLE INT64_C(10000000000)
#define VC_CUE_LONGEST INT64_C(60000000000)
#define VC_CUE_SHOWN INT64_C(1000000000) /* at least so long */
#define VC_CUE_STEP INT64_C(1000000)	 /* so much later begins the next one */
/* Octets, '&', '<', '>' and '{' counted as the five that one may take
 * (wire/webvtt.h). */
#define VC_CUE_OCTETS 400

struct vc_cue {
	int64_t start;
	int64_t end;	  /* as far as is known */
	bool is_over;	  /* else it comes again, of the same start */
	const char *text; /* borrowed; "" and over: all of it was taken back */
	size_t len;
};

/* Zeros at first, but for the function, whose result, unless 0, is returned. */
struct vc_cueline {
	int (*put)(void *ctx, const struct vc_cue *cue);
	void *ctx;
	bool is_open;
	bool was_put;
	bool was_empty; /* when it was put last */
	bool is_whole;	/* NEW LINE came */
	int64_t start;
	int64_t changed;
	int64_t next;	  /* no cue begins before */
	uint64_t dropped; /* octets of a flood: no cue was left for them */
	size_t cost;	  /* as VC_CUE_OCTETS counts */
	size_t len;
	char text[VC_CUE_OCTETS];
};

/*
 * Text as of vc_textrx_pull(), typed at 'at', which does not go back. What is
 * not to be seen (media/caption.h) is left out.
 */
int vc_cueline_type(struct vc_cueline *c, int64_t at, const char *text,
		    size_t len);

/* Nothing more was typed until 'at'. */
int vc_cueline_look(struct vc_cueline *c, int64_t at);

/* What he began is over. */
int vc_cueline_end(struct vc_cueline *c);

#endif

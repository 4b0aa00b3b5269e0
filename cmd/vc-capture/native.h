/* SPDX-License-Identifier: MIT */
/*
 * Sources that are read without GStreamer: Y4M and WAV. What a regular file
 * gives has its times; that of a pipe begins when the first of it has come, and
 * is taken as it comes.
 */
#ifndef VC_CAPTURE_NATIVE_H
#define VC_CAPTURE_NATIVE_H

#include "feed.h"
#include "source.h"

/* When frames of a pipe or file are, on the source's line. */
struct native_time {
	bool has_asked, has_begun;
	int64_t asked; /* on the machine's clock */
	int64_t shift; /* of all times */
	int64_t lead;  /* of that, as the first had waited */
};

/* A frame was asked for, and is there. */
void native_asked(struct native_time *t, const struct feed *f);
void native_began(struct native_time *t, const struct feed *f);

/*
 * What is at 'at' on the source's own line came. From a pipe, and before its
 * time: the first one had waited for us there, or had come late. All times move
 * by that, once, or each that follows would be held back as long.
 */
void native_came(struct native_time *t, const struct feed *f, int64_t at);

/* Take over 'f', also on failure. */
int native_open_y4m(struct source **out, const struct source_config *c,
		    struct feed *f, char error[static SOURCE_TEXT]);
int native_open_wav(struct source **out, const struct source_config *c,
		    struct feed *f, char error[static SOURCE_TEXT]);

#endif

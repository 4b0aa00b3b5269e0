/* SPDX-License-Identifier: MIT */
/*
 * What vc-play shows on and writes to. A kind of output is one file with one
 * struct output_ops, and a line in the table of main.c. Functions that an
 * output has no use for are NULL.
 *
 * Times 'at' are media time: ns since the first packet, of what is played.
 * All of it goes out when the loop's clock says play_clock(p, at), which is
 * also when speakers get it: what must know that (echo cancellation) takes
 * `hear` and asks there.
 */
#ifndef VC_PLAY_OUTPUT_H
#define VC_PLAY_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "play.h"
#include "tool/tool.h"

struct vc_image;
struct vc_json;

#define OUTPUT_NEVER INT64_MAX

/* The tool's own options. */
struct play_options {
	const char *sheet;
	const char *wav;
	const char *y4m;
	const char *png;
	const char *far;
	const char *text;
	bool md5;
	bool ascii;
	bool has_sound; /* --sound */
	int64_t every;	/* --png; 0: once */
	int64_t columns;
	const char *size; /* as it was given, or NULL */
	int width, height;
	const char *fps; /* likewise */
	int fps_num, fps_den;
	const char *title;
	bool is_full; /* --fullscreen */
	bool no_names;
	bool no_subtitles;
	struct vc_words mute;
	struct vc_words only;
	const char *layers; /* or NULL: all */
};

struct output_ops {
	bool (*is_wanted)(const struct play_options *o);
	/* What is wrong usage ends the process; before anything is opened. */
	void (*check)(struct vc_tool *t, const struct play_options *o);
	/* NULL after saying why and setting the exit code. */
	void *(*open)(struct play *p, const struct play_options *o);
	/* The loop runs from here on. */
	void (*start)(void *ctx);

	/* A source came, went or has another name; who is seen changed. */
	void (*changed)(void *ctx);
	/* Now and in 10 ms a voice sounds: TICK_SAMPLES, not in the mix yet.
	 * Both channels of it, and below of the mix, are in play->wide. */
	void (*voice)(void *ctx, const struct stream *s, int64_t at,
		      const int16_t *pcm);
	/* The mix, every 10 ms; 'is_sound': not just nothing. */
	void (*hear)(void *ctx, int64_t at, const int16_t *pcm, bool is_sound);
	/* What a source shows, every 10 ms; s->is_new: for the first time. */
	void (*picture)(void *ctx, const struct stream *s, int64_t at,
			const struct vc_image *image);
	/* What he wrote, as vc_textrx_pull() has it. */
	void (*text)(void *ctx, const struct stream *s, int64_t at,
		     const char *text, size_t len);
	/* Each picture that is decoded, maybe several in a tick, and its media
	 * time. */
	void (*decoded)(void *ctx, const struct stream *s, int64_t at,
			const struct vc_image *image);
	/* Media time at which it wants a frame, and there it is: pictures
	 * have been pulled exactly up to it. */
	int64_t (*due)(const void *ctx);
	void (*frame)(void *ctx, int64_t at);
	/* Stream time has come so far: after all of that, every 10 ms. */
	void (*tick)(void *ctx, int64_t at);
	/* The same, only once where late ticks were made up for. */
	void (*show)(void *ctx);

	/* Streams will not be what they are now: what is held back of the time
	 * that has passed goes out. */
	void (*flush)(void *ctx);
	/* Adds to a record of statistics. */
	void (*stats)(const void *ctx, struct vc_json *record);
	/* Writes what there is to write, and frees. No stream is left. */
	void (*close)(void *ctx, bool had_media);
};

extern const struct output_ops sheet_ops;  /* sheet.c */
extern const struct output_ops wav_ops;	   /* wav.c */
extern const struct output_ops y4m_ops;	   /* y4m.c */
extern const struct output_ops png_ops;	   /* png.c */
extern const struct output_ops md5_ops;	   /* md5.c */
extern const struct output_ops ascii_ops;  /* ascii.c */
extern const struct output_ops far_ops;	   /* farout.c */
extern const struct output_ops text_ops;   /* text.c */
extern const struct output_ops screen_ops; /* screen.c */

/* Calls what those outputs that have it do. */
#define EACH_OUTPUT(p, fn, ...)                                                \
	do {                                                                   \
		for (size_t i_ = 0; i_ < (p)->n_outputs; i_++)                 \
			if ((p)->outputs[i_].ops->fn)                          \
				(p)->outputs[i_].ops->fn((p)->outputs[i_].ctx, \
							 ##__VA_ARGS__);       \
	} while (0)

#endif

/* SPDX-License-Identifier: MIT */
/*
 * vc-play: what plays (play.c), where it goes (target.c, screen.c), and the
 * options (main.c). Stream time runs behind what came in, so that late packets
 * are still in time; a tick of 10 ms pulls what is due from every source and
 * hands it on.
 */
#ifndef VC_PLAY_H
#define VC_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/mixsum.h"
#include "tool/in.h"
#include "tool/tool.h"
#include "wire/codec.h"

#define TICK_SAMPLES 480

struct vc_audiorx;
struct vc_videorx;
struct screen;
struct sheet;
struct sound;
struct vc_image;

/* A source and its receive chain; src->user. */
struct stream {
	struct vc_source *src;
	uint64_t id; /* in order of arrival, never used again */
	enum vc_codec codec;
	struct vc_audiorx *sound; /* one of the two, or neither: not playable */
	struct vc_videorx *pictures;
	bool is_refused; /* said so */
	struct stream *next;
};

struct play_counts {
	uint64_t pictures;
	uint64_t samples;
	uint64_t jumps;
	uint64_t concealed; /* samples */
	uint64_t fec;	    /* samples */
	uint64_t stretched; /* samples */
	uint64_t lost;	    /* packets of sound */
	uint64_t late;	    /* packets */
	uint64_t resyncs;
	uint64_t broken;  /* pictures */
	uint64_t waiting; /* pictures, for a key frame */
};

struct play {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_in *in;
	int64_t latency; /* or VC_PLAYOUT_AUTO */
	struct vc_timer timer;
	bool has_begun;
	int64_t skew;		/* loop time - stream time; live only */
	int64_t origin;		/* stream time of the first packet */
	int64_t next;		/* stream time of the next tick */
	struct stream *streams; /* in order of arrival */
	uint64_t n_streams;	/* since the beginning */
	struct vc_mixsum sum;
	struct vc_limiter limiter;
	int16_t mix[TICK_SAMPLES];
	struct play_counts counts; /* of chains: those that are gone */
	/* Where it goes; NULL: not there. */
	struct sheet *sheet;
	struct sound *sound;
	struct screen *screen;
};

/* Stream in: ctx is the struct play. */
extern const struct vc_in_ops play_ops;

void play_init(struct play *p, struct vc_tool *t);
void play_clear(struct play *p);

/* Name to show for a source: its NAME, else its id; foreign text. */
const char *play_name(const struct vc_source *src);

/* --- target.c: files --- */

/* Ends with a usage error when 'text' is not a place to write a file to. */
void target_check(struct vc_tool *t, const char *text);

/*
 * Open what --sheet and --wav name; an error is said, the exit code set, and
 * NULL returned.
 */
struct sheet *sheet_open(struct vc_tool *t, const char *text, int columns,
			 int width, int height, const char *title);
struct sound *sound_open(struct vc_tool *t, const char *text);

/* What 'src' shows at 'at', ns since the beginning. */
void sheet_take(struct sheet *s, const struct vc_source *src, int64_t at,
		const struct vc_image *image);
/* He is here, be it without a picture. */
void sheet_meet(struct sheet *s, const struct vc_source *src);
/* A tick of the mix; 'is_sound': not just nothing. */
void sound_take(struct sound *s, const int16_t *pcm, bool is_sound);

/*
 * Write what there is and free; without any there will be no file, which is
 * said if there was media of another kind.
 */
void sheet_close(struct sheet *s, bool had_media);
void sound_close(struct sound *s, bool had_media);

/* --- screen.c: a window with sound --- */

/* An error is said, the exit code set, and NULL returned. */
struct screen *screen_open(struct vc_tool *t, int width, int height,
			   const char *title);
/* The loop serves its events from here on. */
void screen_start(struct screen *s);
/* A source came, went or changed its name. */
void screen_changed(struct screen *s);
void screen_hear(struct screen *s, const int16_t *pcm);
/* Shows the grid of all streams. */
void screen_show(struct screen *s, const struct stream *streams);
void screen_close(struct screen *s);

#endif

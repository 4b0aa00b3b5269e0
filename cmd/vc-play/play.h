/* SPDX-License-Identifier: MIT */
/*
 * vc-play: what plays (play.c, and prompt.c what a window asks for beside), in
 * one mix (blend.c), who of it (choose.c), in which of several sizes (layers.c)
 * and with which layers (thin.c), where it goes (output.h and a file for each
 * kind), and the options (main.c). Stream
 * time runs behind what came in, so that late packets are still in time; a tick
 * of 10 ms pulls what is due from every source and hands it on. What people
 * write is shown below their pictures (subtitle.h).
 */
#ifndef VC_PLAY_H
#define VC_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/caption.h"
#include "media/mixsum.h"
#include "past.h"
#include "session/layers.h"
#include "session/svc.h"
#include "tool/in.h"
#include "tool/tool.h"
#include "wire/codec.h"

#define TICK_SAMPLES 480
#define TICK (10 * VC_MS)

struct output_ops;
struct vc_audiorx;
struct vc_textrx;
struct vc_videorx;

/* A source and its receive chain; src->user. */
struct stream {
	struct play *play;
	struct vc_source *src;
	uint64_t id; /* in order of arrival, never used again */
	enum vc_codec codec;
	struct vc_audiorx *sound; /* one of these, or none: not playable */
	struct vc_videorx *pictures;
	struct vc_textrx *text;
	struct vc_caption caption; /* what was written last */
	uint64_t generation;	   /* of the picture that was handed on last */
	bool is_new;		   /* this one is another */
	int64_t shown;		   /* media time of that picture */
	struct past past;	   /* with keeps_past */
	int loudness;		   /* ascii.c's */
	bool is_refused;	   /* said so */
	bool is_mix;		   /* packets of it name others (CSRC) */
	bool is_muted;
	bool is_hidden; /* somebody else is chosen to be seen, or is_spare */
	struct vc_svc svc;
	struct vc_layer layer;
	bool is_spare; /* another layer of the same is shown */
	bool is_idle;  /* and this one is not to be decoded, either */
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
	uint64_t broken;      /* pictures */
	uint64_t waiting;     /* pictures, for a key frame */
	uint64_t text_filled; /* lost packets of text that came again */
	uint64_t text_lost;
};

/* Who is muted, and who is seen: words of people, as --mute and --only. */
struct choice {
	char **words;
	size_t n;
};

/* A command whose time in what is played has not come. */
struct change;

struct output {
	const struct output_ops *ops;
	void *ctx;
};

#define OUTPUTS_MAX 12

struct play {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_in *in;
	int64_t latency; /* or VC_PLAYOUT_AUTO */
	bool is_paced;	 /* somebody looks on */
	bool is_thinned; /* only these layers are decoded */
	struct vc_svc_top layers;
	bool wants_past; /* an output would have pictures by their time */
	bool keeps_past; /* and gets them, as nobody waits for them */
	struct vc_timer timer;
	struct vc_timer prompt; /* live: a picture between two ticks */
	bool is_prompt;		/* it is to be shown then */
	int64_t decoded;	/* loop time of the last picture */
	bool has_begun;
	int64_t skew;		/* loop time - stream time; live only */
	int64_t origin;		/* stream time of the first packet */
	int64_t zero;		/* stream time of the first tick */
	int64_t next;		/* stream time of the next tick */
	struct stream *streams; /* in order of arrival */
	uint64_t n_streams;	/* since the beginning */
	size_t n_texts;		/* of the streams that are here */
	bool no_subtitles;
	struct vc_charwidth *widths;
	struct vc_mixsum sum; /* left and right */
	struct vc_limiter limiter;
	int16_t mix[TICK_SAMPLES]; /* of both */
	bool is_wide;		   /* somebody has two channels */
	/* What 'voice' and 'hear' give, as left and right: interleaved. */
	int16_t wide[2 * TICK_SAMPLES];
	struct play_counts counts; /* of chains: those that are gone */
	struct choice muted;
	struct choice only; /* empty: all */
	struct change *changes;
	struct output outputs[OUTPUTS_MAX];
	size_t n_outputs;
};

/* Stream in: ctx is the struct play. */
extern const struct vc_in_ops play_ops;

void play_init(struct play *p, struct vc_tool *t);
void play_clear(struct play *p);

/* Name to show for a source: its NAME, else its id; foreign text. */
const char *play_name(const struct vc_source *src);
/* What is written over its picture, or NULL: what a mixer calls itself for
 * programs is nobody's name. */
const char *play_label(const struct stream *s);

/* The loop's time when what is of media time 'at' goes out. */
int64_t play_clock(const struct play *p, int64_t at);
/* Stream time of media time 'at', for names of files. */
int64_t play_time(const struct play *p, int64_t at);

/* Time begins with what arrived then; nothing was played yet. */
void play_begin(struct play *p, int64_t arrival);
/* For the next tick. */
void play_arm(struct play *p);
/* Decodes what is due at 'now', stream time. True: there is a new picture. */
bool play_pull(struct play *p, struct stream *s, int64_t now);
/* Outputs that show something do so now. */
void play_show(struct play *p);

/* Before something that is seen changes: what lies before it goes out. */
void play_settle(struct play *p);
/* Tells the outputs that streams are not what they were. */
void play_changed(struct play *p);

/* --- blend.c --- */

void blend_init(struct play *p);
void blend_begin(struct play *p);
/* The voice in 'wide', whose channels may differ; one channel of it in 'mix'. */
void blend_add(struct play *p);
/* All of them, in both. */
void blend_out(struct play *p);

/* --- thin.c --- */

void thin_begin(const struct play *p, struct stream *s);
/* As vc_svc_pass(). */
bool thin_pass(const struct play *p, struct stream *s, struct vc_rtp *rtp);
/* The command layers. Before vc_tool_start(). */
void thin_commands(struct play *p);

/* --- chain.c --- */

/* The chain for what the source sends now, in place of the one it has. */
void play_make_chain(struct play *p, struct stream *s);
void play_drop_chain(struct play *p, struct stream *s);
/* What a chain counts, added to 'c'. */
void play_count(struct play_counts *c, const struct stream *s);

/* --- layers.c --- */

/* Of the layers of one picture the largest that comes is shown. */
void layers_choose(struct play *p);

/* --- prompt.c: of a live stream, where is_prompt --- */

/* A packet of 's' was put that may be the last one of a picture. */
void prompt_arm(struct play *p, const struct stream *s);
/* The timer's. */
void prompt_due(void *ctx, int64_t now);
/* A packet is here that arrived then. */
void prompt_follow(struct play *p, int64_t arrival);

/* --- choose.c --- */

/* WHO is an id, a name, a CNAME or an SSRC. */
void choice_add(struct choice *c, const char *word);

/* Sets is_muted and is_hidden of all streams. */
void choose(struct play *p);
/* What commands have brought up to this stream time. */
void choose_due(struct play *p, int64_t now);
void choose_free(struct play *p);

/* The commands mute, unmute and only. Before vc_tool_start(). */
void choose_commands(struct play *p);

#endif

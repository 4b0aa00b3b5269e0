/* SPDX-License-Identifier: MIT */
/*
 * What vc-capture makes: people, each with a camera, slides and a microphone,
 * as far as they are wanted. Each of these is a medium: it takes frames from a
 * source, waits for their time, encodes and sends them, on a timer of its own.
 *
 *   main.c      opening, life; options.c what was asked for, check.c whether it
 *               can be, setup.c how it is opened
 *   person.c    who there is, with which media
 *   medium.c    pace, pauses, sources that fail and come back
 *   video.c     pictures: encoders, key frames
 *   layers.c    which layers they may have
 *   audio.c     sound: mute, gain, who talks when, silence that is not sent
 *   simulcast.c pictures in several sizes
 *   stamp.c     marks on both
 *   h264.c      its other encoder, its other packets
 *   copy.c      both as a file has them, without encoders
 *   voice.c     what a microphone needs, farin.c: what it hears
 *   turn.c      how receivers are to turn the camera's pictures
 *   dial.c      digits
 *   text.c      what is typed: captions
 *   commands.c  the control socket
 *   devices.c   --list-devices
 *   source*.c   where frames come from (source.h)
 */
#ifndef VC_CAPTURE_CAPTURE_H
#define VC_CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/audio.h"
#include "codec/video.h"
#include "dial.h"
#include "engine/tx.h"
#include "net/loop.h"
#include "session/svc.h"
#include "session/t140.h"
#include "simulcast.h"
#include "source.h"
#include "stamp.h"
#include "talk.h"
#include "tool/out.h"
#include "tool/tool.h"
#include "voice.h"

struct capture;
struct vc_sdp;
struct medium;
struct person;
struct vc_resample;

#define PEOPLE_MAX 1000
#define TEXT_LINE 1024		    /* octets of a line that is typed */
#define AUDIO_SAMPLES (2 * 48 * 60) /* of 60 ms, two channels */

struct medium_ops {
	const char *word; /* "video", "slides", "audio", "text" */
	enum vc_kind kind;
	/* In place of taking frames, the next two: the stream has begun. */
	void (*begin)(struct medium *m, int64_t now);
	/* As source_ops: takes the next frame, sets m->pts. */
	int (*take)(struct medium *m);
	/* Encodes and sends it; 0 or -errno. */
	int (*send)(struct medium *m, int64_t now);
	/* The frame that was taken is not sent. Or NULL. */
	void (*pass)(struct medium *m);
	void (*clear)(struct medium *m);
};

/* Why packets carry nothing of the source, or do not come at all. */
enum hush {
	HUSH_NONE,
	HUSH_MUTE,  /* silence is sent */
	HUSH_PAUSE, /* nothing is */
	HUSH_STALL, /* the source gives nothing */
	HUSH_DTX,   /* silence, not sent */
	N_HUSH,
};

struct medium {
	const struct medium_ops *ops;
	struct person *who; /* NULL: there is no such medium */
	/* It is a layer of that one's pictures: it has no source, and nothing
	 * is taken for it. NULL: it stands for itself. */
	struct medium *lead;
	struct source *source;
	struct source_config conf;
	const char *place; /* to open it again; borrowed */
	char *own_place;   /* the same, if a command gave it */
	struct vc_tx tx;
	struct vc_timer timer;
	struct vc_watch watch;
	uint8_t pt;
	int64_t length; /* of a frame: it is written when it is over */
	int64_t base;	/* stream time of the source's beginning */
	int64_t pts;	/* of the frame that was taken, from there */
	bool has_frame; /* taken, its time has not come */
	bool is_ended;	/* or nobody waits for its end */
	bool is_lost;	/* the source failed and will be opened again */
	bool marker;	/* with the next packet */
	bool is_hushed[N_HUSH];
	int64_t hushed_at[N_HUSH];
	uint16_t hushed_seq[N_HUSH];
	struct stamp stamp;
	uint64_t frames, octets;
	/* --copy: frames come as the file has them. */
	struct source_format format;
	bool is_copy;
	bool waits_key;	     /* a frame was left out */
	uint64_t unanswered; /* key frames that were asked for */
	uint64_t malformed;  /* of sources before this one */
};

struct video {
	struct medium m;
	enum vc_codec codec;
	struct vc_videnc *enc;
	const struct vc_image *img;
	int width, height, fps_num, fps_den;
	int64_t bitrate;
	int64_t bitrate_first; /* what it began with */
	const char *rid;       /* of a layer, or NULL */
	struct vc_image scaled;
	int64_t frame;	/* of the encoder's count */
	int slice_size; /* as vc_videnc_cfg */
	const struct vc_videnc_plug *plug;
	bool is_screen;
	struct vc_svc_top layers;
	bool wants_key;
	int64_t last_key;
	uint64_t key_frames;
};

struct audio {
	struct medium m;
	enum vc_codec codec;
	struct vc_audenc *enc;
	struct vc_resample *resample; /* NULL: none is needed */
	int64_t delay;		      /* its */
	struct talk talk;
	struct dial dial;
	struct voice *voice; /* or NULL */
	int channels;
	int32_t gain; /* of 4096 */
	bool dtx;
	bool was_silent;
	int16_t pcm[AUDIO_SAMPLES];
};

struct text {
	struct medium m; /* frames: packets */
	struct vc_t140tx typed;
};

struct typist;
struct own;

struct person {
	struct capture *cap;
	char name[256];
	char cname[256];
	struct video camera, slides;
	struct video layers[LAYERS_MAX - 1]; /* of the camera, without it */
	struct audio mic;
	struct text text;
};

struct capture {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_out *out;
	struct vc_sdp *sdp; /* what it has written of itself */
	struct person *people;
	size_t n_people;
	const struct own *own;
	struct typist *typist; /* --text, or NULL */
	int64_t epoch;	       /* stream time of the beginning */
	int64_t mono;	       /* the machine's clock then */
	int64_t duration;      /* 0: to the end */
	bool retry;
	uint64_t skipped;
	bool is_over;
};

/* --- medium.c --- */

/* Of a medium whose source is open. */
void medium_init(struct medium *m, const struct medium_ops *ops,
		 struct person *who);
void medium_clear(struct medium *m);

/* The stream begins: announces it, takes the first frame. */
void medium_begin(struct medium *m);

/* Goes on from another source; takes over 'source' and 'place'. */
void medium_switch(struct medium *m, struct source *source, char *place);

/* Begins or ends to hush it, which a gap event tells when it is over. */
void medium_hush(struct medium *m, enum hush why, bool on);

void medium_leave(struct medium *m, const char *why);
/* It gives nothing any more; the last one ends all. */
void medium_end(struct medium *m);

/* BYE, leave; stops the tool. */
void capture_end(struct capture *c, const char *why);

/* --- video.c --- */

extern const struct medium_ops camera_ops, slides_ops;

int video_open(struct video *v);
/* A key frame with the next picture, at most one a second. */
void video_keyframe(struct video *v);
/*
 * 0 or -errno. Of all layers in proportion, where there are such; of
 * one layer, which gets at most what it began with.
 */
int video_bitrate(struct video *v, int64_t bps);
int video_layer_bitrate(struct video *v, int64_t *bps);

/* --- audio.c --- */

extern const struct medium_ops mic_ops;

struct audio_config {
	enum vc_codec codec;
	int64_t ptime, bitrate;
	int channels, complexity;
	bool dtx;
	unsigned int fec; /* percent; 0: off */
};

int audio_open(struct audio *a, const struct audio_config *conf);
/* In dB, -60 to 40. */
void audio_gain(struct audio *a, double db);

/* --- text.c --- */

extern const struct medium_ops text_ops;

/* --text PLACE: before and once the stream begins; -errno: said why. */
int text_open(struct capture *c, const char *place);
void text_begin(struct capture *c);
void text_close(struct capture *c);

/*
 * A line that somebody says: whose name it begins with ("p2: "), else the
 * first. He becomes a medium for it. 0; -EAGAIN: not now; -ENOBUFS: too much
 * waits; -EEXIST: another medium has the payload type of text.
 */
int text_say(struct capture *c, const char *line, size_t len);

/* --- copy.c --- */

/*
 * Of a medium whose source was opened with 'copy': its ops and payload type. 0,
 * or -ENOTSUP: slides of a codec that has no type for them.
 */
int copy_open(struct medium *m, bool is_slides);
/* A source may follow this one. */
bool copy_fits(const struct medium *m, const struct source *source);
/* Options that cannot be with --copy: wrong usage. */
struct own;
void copy_check(struct vc_tool *t, const struct own *own);

/* --- person.c --- */

#define MEDIA (4 + LAYERS_MAX - 1) /* of a person */

/* The i-th of them; NULL where there is none. */
struct medium *person_medium(struct person *p, size_t i);

/* By number over all people; false after the last one. */
bool capture_next(struct capture *c, size_t *i, struct medium **m);

/* Is it this one's name, CNAME or an SSRC of his? NULL: everybody. */
bool person_is(struct person *p, const char *who);

/* Is this one of the layers that show what 'lead' does, or 'lead' itself? */
static inline bool medium_is_layer(const struct medium *m,
				   const struct medium *lead)
{
	return m == lead || m->lead == lead;
}

/* --- devices.c --- */

/* --list-devices: to stdout. */
void devices_print(struct vc_tool *t, bool as_json);

/* --- commands.c --- */

void commands_add(struct capture *c);

#endif

/* SPDX-License-Identifier: MIT */
/* What engine/mixer.c, mixaudio.c and mixvideo.c share. Nobody else's. */
#ifndef VC_ENGINE_MIXER_INTERNAL_H
#define VC_ENGINE_MIXER_INTERNAL_H

#include "codec/opus.h"
#include "codec/video.h"
#include "engine/audiorx.h"
#include "engine/mixer.h"
#include "engine/videorx.h"
#include "engine/workers.h"
#include "media/compose.h"
#include "media/layout.h"
#include "media/mixsum.h"
#include "session/layers.h"

#define VC_MIXER_TEXT 256

struct vc_mixer_source {
	struct vc_mixer_who *who;
	uint32_t ssrc;
	enum vc_codec codec;
	const struct vc_playout_source *play;
	struct vc_audiorx *audio; /* one of the two */
	struct vc_videorx *video; /* NULL: a layer that is not wanted */
	bool is_video;
	int group; /* of layers; -1: it is none */
	struct vc_layer layer;
	bool is_wanted;		       /* the layer that suits the tile */
	bool is_shown;		       /* that one, or the one before it */
	struct vc_videorx_counts past; /* of chains before */
	struct vc_str fmtp;
	struct vc_job job;
	bool is_ended;
	bool is_heard;		      /* in this tick */
	struct vc_mixer_source *next; /* of who, in order of arrival */
};

/* A mix of sound, encoded. */
struct mix_audio {
	struct vc_mixer_out out;
	struct vc_opus_enc *enc;
	struct vc_limiter limiter;
	uint32_t csrc[VC_RTP_CSRC_MAX];
};

struct vc_mixer_who {
	uint64_t serial; /* never used twice */
	char id[VC_MIXER_TEXT];
	char name[VC_MIXER_TEXT];
	char cname[VC_MIXER_TEXT];
	struct vc_mixer_source *sources;
	struct vc_rect tile; /* no width: none yet */
	bool has_come;	     /* to the eyes of the picture's tick, at 'came' */
	int64_t came;
	/* sound of this tick */
	int16_t pcm[VC_MIXER_SAMPLES];
	bool is_heard;
	bool is_talking;
	unsigned int loud; /* ticks in a row, as 'quiet' */
	unsigned int quiet;
	struct mix_audio *mix;	   /* his own; NULL: none yet */
	struct vc_mixer_who *next; /* in order of arrival */
};

struct mix_video {
	struct vc_mixer_out out;
	struct vc_videnc *enc;
	struct vc_compose *compose;
	struct vc_mixer_who *tiles[VC_COMPOSE_TILES_MAX];
	size_t n;
	uint64_t shown[VC_COMPOSE_TILES_MAX]; /* serials in the layout */
	uint32_t csrc[VC_RTP_CSRC_MAX];
	bool has_begun;
	bool wants_key;
	int64_t last_key;
	int64_t last_frame;
	uint64_t frames;
	uint64_t key_frames;
	uint64_t octets;
	uint64_t late_tiles;
};

struct vc_mixer {
	struct vc_mixer_conf conf;
	struct vc_mixer_who *whos;
	uint64_t serial;
	uint64_t outs; /* audio outputs so far */
	struct vc_workers *workers;
	struct vc_mixsum sum;
	struct mix_audio *all; /* without minus_one; NULL: none yet */
	bool had_audio;
	struct mix_video video;
	int64_t next_sdes;
	uint64_t ticks;
	uint64_t encoded;
};

/* mixaudio.c */
void vc_mix_audio_free(struct mix_audio *a);
/* BYE; '*a', which may be NULL, is freed and set to NULL. */
void vc_mix_audio_end(struct vc_mixer *m, struct mix_audio **a, int64_t now);

/* mixvideo.c */
int vc_mix_video_open(struct vc_mixer *m);
void vc_mix_video_close(struct vc_mixer *m);
void vc_mix_video_end(struct vc_mixer *m, int64_t now);

/* mixlayer.c */
int vc_mix_open_video(struct vc_mixer_source *s);
void vc_mix_close_video(struct vc_mixer *m, struct vc_mixer_source *s);
/* Also of chains before. */
struct vc_videorx_counts vc_mix_video_counts(const struct vc_mixer_source *s);
/* Which layers are wanted, and which are not any longer. */
void vc_mix_layers(struct vc_mixer *m);
/* Is it to be decoded? */
bool vc_mix_is_awake(const struct vc_mixer_source *s);
/* Of the layers of which 's' is one, the one to be shown. */
struct vc_mixer_source *vc_mix_layer_shown(struct vc_mixer_source *s);

/* mixer.c */
bool vc_mix_is_held(const struct vc_mixer *m, const struct vc_mixer_source *s);
void vc_mix_out_init(struct vc_mixer *m, struct vc_mixer_out *out,
		     const char *purpose, enum vc_kind kind);
/* Names of those who are mixed, each second; said by any output. */
void vc_mix_sdes(struct vc_mixer *m, int64_t now);

#endif

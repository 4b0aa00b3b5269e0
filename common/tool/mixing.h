/* SPDX-License-Identifier: MIT */
/*
 * What comes in (tool/in.h), mixed (engine/mixer.h): people and sources of the
 * roster become the mixer's, and its ticks come from the loop. What is mixed
 * goes where the mixer's 'send' takes it. Also what the shared options say of
 * pictures and sound that are made.
 *
 * src->user is the source in the mixer, who->user the participant. Both are made
 * by the first packet that can be decoded, so nobody is shown who sends nothing
 * of use, and follow when the roster learns who somebody is.
 */
#ifndef VC_TOOL_MIXING_H
#define VC_TOOL_MIXING_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/mixer.h"
#include "net/loop.h"
#include "session/roster.h"
#include "tool/tool.h"

struct vc_in;
struct vc_packet;
struct vc_rtp;
struct vc_sdp;

/* The caller embeds it and sets all but the last group; what it points to is
 * borrowed. The calls may be NULL, and get 'ctx'. */
struct vc_mixing {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_in *in;
	struct vc_mixer *mixer;
	const struct vc_mixer_conf *conf;
	/* May he take part? Else nothing of his source is taken. */
	bool (*admits)(void *ctx, struct vc_source *src);
	/* Is his id his? Without it: by a key or the operator's word. */
	bool (*vouches)(void *ctx, const struct vc_participant *who);
	/* He stays in the mixer also when he has no sources: whom 'admits'
	 * gives the participant of his id when he comes again. */
	bool (*keeps)(void *ctx, const struct vc_mixer_who *who);
	/* He is called so no longer, or is gone. */
	void (*unnamed)(void *ctx, const struct vc_mixer_who *who);
	/* He is known by what the source says of him. */
	void (*named)(void *ctx, struct vc_source *src);
	void *ctx;

	uint64_t skipped;   /* ticks, after the machine was away */
	int64_t audio_tick; /* number of the next one */
	int64_t video_frame;
	struct vc_timer audio_timer;
	struct vc_timer video_timer;
	struct vc_watch encoded; /* pictures, while fd >= 0 */
	bool warned_codec[128];
	struct vc_limit warn_memory;
	struct vc_limit warn_texts;
};

/* --- mixing_people.c: from the calls of struct vc_in_ops --- */

void vc_mixing_rtp(struct vc_mixing *m, struct vc_source *src,
		   struct vc_packet *pkt, const struct vc_rtp *rtp);
void vc_mixing_change(struct vc_mixing *m, struct vc_source *src,
		      struct vc_participant *was);
void vc_mixing_gone(struct vc_mixing *m, struct vc_source *src);
void vc_mixing_who_gone(struct vc_mixing *m, struct vc_participant *who);

/* He goes on, and this of him does not. */
void vc_mixing_drop_source(struct vc_mixing *m, struct vc_source *src);
void vc_mixing_drop_if_empty(struct vc_mixing *m, struct vc_participant *who);

/* Ids of extensions in what comes in, as the description has them. */
void vc_mixing_exts(const struct vc_sdp *sdp, struct vc_forward_exts *exts);

/* --- mixing_clock.c: ticks, counted from conf->epoch --- */

void vc_mixing_start(struct vc_mixing *m);
void vc_mixing_stop(struct vc_mixing *m);

/* --- mixing_conf.c: --size, --fps, --vcodec, --acodec ... --- */

/* The first payload type of L16, which has no default: vc-capture's. */
#define VC_MIXING_L16_PT 112

/* A wrong one is a usage error. */
void vc_mixing_configure(struct vc_mixer_conf *c, struct vc_tool *t,
			 bool is_stereo);

/* 'bitrate_bps' 0: the default of so many channels. */
void vc_mixing_set_channels(struct vc_soundenc_conf *c, unsigned int channels,
			    uint32_t bitrate_bps);

/* Adds what is made to a description; what is there already stays as it is. */
void vc_mixing_describe_sound(const struct vc_mixer_sound *s,
			      struct vc_sdp *sdp);
void vc_mixing_describe_pictures(const struct vc_mixer_conf *c,
				 struct vc_sdp *sdp);

#endif

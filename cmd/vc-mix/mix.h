/* SPDX-License-Identifier: MIT */
/*
 * What the files of vc-mix share. main.c: options and opening; people.c: who
 * of the inputs' roster is who in the mixer; clock.c: the ticks; events.c: what
 * is said about what is written.
 */
#ifndef VC_MIX_MIX_H
#define VC_MIX_MIX_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/mixer.h"
#include "net/loop.h"
#include "tool/in.h"
#include "tool/out.h"
#include "tool/tool.h"

struct mix {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_in *in;
	struct vc_out *out;
	struct vc_mixer *mixer; /* NULL before the clock is known */
	struct vc_mixer_conf conf;
	int64_t epoch;
	struct vc_timer audio_timer;
	int64_t audio_tick; /* number of the next one */
	struct vc_timer video_timer;
	int64_t video_frame;
	uint64_t skipped; /* ticks, after the machine was away */
	const char *why;  /* of the `leave` events that come next */
	bool warned_codec[128];
	struct vc_limit warn_memory;
};

/* people.c: calls of struct vc_in_ops. 'ctx' is a struct mix. */
void people_rtp(void *ctx, struct vc_source *src, struct vc_packet *pkt,
		const struct vc_rtp *rtp);
void people_change(void *ctx, struct vc_source *src,
		   struct vc_participant *was);
void people_gone(void *ctx, struct vc_source *src, enum vc_leave why);
void people_who_gone(void *ctx, struct vc_participant *who);
/* Before a tick: who said BYE is awaited no longer. */
void people_tick(struct mix *mix);

/* clock.c */
void clock_start(struct mix *mix);
void clock_stop(struct mix *mix);

/* events.c: calls of struct vc_mixer_conf and struct vc_in_ops. */
void events_begin(void *ctx, const struct vc_mixer_out *out, int64_t now);
void events_end(void *ctx, const struct vc_mixer_out *out, int64_t now);
void events_speaker(void *ctx, const struct vc_mixer_who *who, bool on,
		    int level_db, int64_t now);
void events_pass(void *ctx, const struct vc_json *event, const char *text,
		 size_t len);
void events_other(void *ctx, const uint8_t *frame, size_t len);

#endif

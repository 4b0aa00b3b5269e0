/* SPDX-License-Identifier: MIT */
/*
 * The two media of a source, each on its own timer: take a frame, wait for its
 * time, encode, send. A picture is written at its time, sound at the end of
 * its last sample (vc-stream(7), Clock).
 */
#ifndef VC_CAPTURE_PRODUCE_H
#define VC_CAPTURE_PRODUCE_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/opus.h"
#include "codec/vpx.h"
#include "engine/tx.h"
#include "net/loop.h"
#include "source.h"
#include "tool/out.h"
#include "tool/tool.h"

struct medium {
	struct capture *cap;
	struct vc_tx tx;
	struct vc_timer timer;
	bool is_on;
	bool is_ended;
	bool has_frame; /* taken, its time has not come */
	int64_t pts;	/* of it, from the source's beginning */
	uint64_t frames;
};

struct capture {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_out *out;
	struct source *source;
	struct medium video, audio;
	int64_t epoch;	  /* stream time of the source's beginning */
	int64_t duration; /* 0: to the end */
	int64_t ptime;
	uint32_t rate_hz; /* of sound */
	enum vc_codec acodec;
	struct vc_opus_enc *opus;
	struct vc_vpx_enc *vpx;
	const struct vc_image *img;
	int16_t pcm[48 * 60];
	int fps_num, fps_den;
	bool wants_key;
	int64_t last_key;
	uint64_t key_frames, skipped, octets;
	int64_t vbitrate;
	bool is_over;
};

/* Starts the timers at the loop's now. */
void produce_start(struct capture *c);

/* A key frame with the next picture, at most one a second. */
void produce_keyframe(struct capture *c);

/* BYE, leave; stops the tool. */
void produce_end(struct capture *c, const char *why);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * One source decoded where it is measured: jitter buffer and decoder, of
 * engine/. It has a line to stream time of its own, so that lips are not put in
 * sync before it is measured whether they are. Sound is read on a grid of
 * 20 ms, CHAIN_LATENCY_MS after its quickest packets brought it. Pictures are
 * decoded as soon as they are whole; the marks in one are read once for all who
 * want to know of them. Told the time.
 */
#ifndef VC_PROBE_CHAIN_H
#define VC_PROBE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "engine/audiorx.h"
#include "wire/codec.h"

struct chain;
struct vc_image;
struct vc_mark_reader;
struct vc_packet;
struct vc_rtp;
struct vc_tool;

#define CHAIN_STEP_MS 20
#define CHAIN_STEP_SAMPLES 960
#define CHAIN_LATENCY_MS 100

#define CHAIN_MAX 64	      /* of one room at once */
#define CHAIN_PIXELS 64000000 /* of all their pictures */

/* What some chains may take together: decoding costs, and a flood of sources is
 * not to cost as much each. Zero it, but for the tool. */
struct chain_room {
	struct vc_tool *tool; /* says when it is full */
	unsigned int n;	      /* of chains that decode */
	int64_t pixels;
	bool is_full, is_large; /* it was said */
};

/* 20 ms of sound at 48 kHz. */
struct chain_sound {
	const int16_t *pcm; /* of so many channels, interleaved */
	int channels;
	const int16_t *mono;
	bool is_sound; /* any of it was sent, or made up */
	int64_t due;
	int64_t early; /* by which it was played before that */
	const struct vc_audiorx_counts *counts; /* after it */
};

struct chain_conf {
	struct chain_room *room; /* outlives it */
	enum vc_codec codec;
	enum vc_kind kind;
	uint32_t rate_hz;
	unsigned int channels; /* of L16 */
	bool is_stereo;	       /* two channels are told, where there are two */
	struct vc_str fmtp;
	/* A picture, its place in stream time, the marks in it, and when the
	 * last packet came that it needed. Or NULL, as the next one. */
	void (*picture)(void *ctx, const struct vc_image *img, int64_t time,
			const struct vc_mark_reader *marks, int64_t now);
	void (*sound)(void *ctx, const struct chain_sound *s);
	void *ctx;
};

/* NULL: out of memory, a codec that is not decoded, or the room is full. */
struct chain *chain_new(const struct chain_conf *conf);
/* NULL is fine. */
void chain_free(struct chain *c);

/* A packet, at 'now'; comfort noise (RFC 3389) is told as such. */
void chain_put(struct chain *c, struct vc_packet *pkt, const struct vc_rtp *rtp,
	       bool is_noise, int64_t now);
/* What is due at 'now' is told. 'is_over': nothing is awaited. */
void chain_tick(struct chain *c, int64_t now, bool is_over);
/* No more comes: what is left of the pictures is told. */
void chain_end(struct chain *c);
bool chain_held(const struct chain *c);
/* What its pictures are read with, until it is freed; NULL: of sound. */
const struct vc_mark_reader *chain_marks(const struct chain *c);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A conference on simulated time, for tests: senders from rxfeed.h, the
 * mixer's ticks, and a list of what comes out of it.
 */
#ifndef VC_TESTS_MIXROOM_H
#define VC_TESTS_MIXROOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "mixbegin.h"
#include "rxfeed.h"
#include "wire/rtcp.h"
#include "wire/vp8.h"

#define LATENCY (60 * VC_MS)
#define PEOPLE 3
#define OUTS 8

/* What is known of an output. */
struct out {
	uint32_t ssrc;
	enum vc_kind kind;
	char to[64]; /* "": all; "-": all but ...; names with blanks */
	bool has_ended;
	unsigned int packets;
	unsigned int frames; /* of video */
	unsigned int key_frames;
	unsigned int n_csrc; /* of the newest packet */
	uint32_t csrc[VC_RTP_CSRC_MAX];
	uint8_t level;
	uint32_t ts;
	uint64_t hash; /* of all payloads */
};

struct person {
	struct feed audio;
	struct feed video;
	struct vc_mixer_who *who;
	struct vc_mixer_source *hears; /* his sound, as a source */
	struct vc_mixer_source *shows;
};

struct room {
	enum vc_mixer_way way;
	struct mixbase base;
	struct vc_mixer *m;
	struct person people[PEOPLE];
	struct out outs[OUTS];
	size_t n;
	unsigned int byes;
	unsigned int keys_asked;
	uint32_t key_of;   /* whose was asked for last */
	unsigned int rtcp; /* compounds */
	char talk[256];
	bool has_named[PEOPLE]; /* SDES for his CSRC was seen */
	uint64_t hash;		/* of all octets */
	int64_t now;
};

static inline struct out *find(struct room *r, uint32_t ssrc)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->outs[i].ssrc == ssrc)
			return &r->outs[i];
	return NULL;
}

static inline struct out *out_to(struct room *r, enum vc_kind kind,
				 const char *to)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->outs[i].kind == kind && !strcmp(r->outs[i].to, to))
			return &r->outs[i];
	fail_msg("no output for '%s'", to);
	return NULL;
}

static inline void take_rtcp(struct room *r, struct vc_packet *pkt)
{
	struct vc_rd rd = vc_rd_over(pkt->data, pkt->len);
	struct vc_rtcp rtcp;

	assert_int_equal(vc_rtcp_check(pkt->data, pkt->len), 0);
	r->rtcp++;
	while (vc_rtcp_next(&rd, &rtcp)) {
		struct vc_sdes_iter it;
		struct vc_sdes_item item;

		r->byes += rtcp.pt == VC_RTCP_BYE;
		if (rtcp.pt != VC_RTCP_SDES)
			continue;
		it = vc_sdes_over(&rtcp);
		while (vc_sdes_next(&it, &item))
			for (uint32_t i = 0; i < PEOPLE; i++)
				r->has_named[i] |= item.type == VC_SDES_NAME &&
						   item.ssrc == 100 + i;
	}
}

static inline uint64_t hash_of(uint64_t hash, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * UINT64_C(1099511628211);
	return hash;
}

static inline void on_send(void *ctx, struct vc_packet *pkt, bool is_rtcp)
{
	struct room *r = ctx;
	struct vc_rtp rtp;
	struct out *o;

	r->hash = hash_of(r->hash, pkt->data, pkt->len);
	if (is_rtcp) {
		take_rtcp(r, pkt);
		return;
	}
	assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
	o = find(r, rtp.ssrc);
	assert_non_null(o); /* it was told of before */
	assert_false(o->has_ended);
	o->packets++;
	o->ts = rtp.ts;
	o->hash = hash_of(o->hash, rtp.payload, rtp.payload_len);
	o->frames += o->kind == VC_VIDEO && rtp.marker;
	o->key_frames += o->kind == VC_VIDEO &&
			 vc_vp8_is_key_start(rtp.payload, rtp.payload_len);
	o->n_csrc = rtp.n_csrc;
	memcpy(o->csrc, rtp.csrc, sizeof(o->csrc));
	if (o->kind == VC_AUDIO && r->way == VC_MIXER_MIX) {
		assert_true(rtp.has_ext && rtp.ext_len >= 2);
		o->level = rtp.ext[1] & 127;
	}
}

static inline void on_begin(void *ctx, const struct vc_mixer_out *out,
			    int64_t now)
{
	struct room *r = ctx;
	struct out *o = find(r, out->tx.sender.ssrc);

	(void)now;
	if (!o) {
		assert_true(r->n < OUTS);
		o = &r->outs[r->n++];
	}
	o->ssrc = out->tx.sender.ssrc;
	o->kind = out->kind;
	o->to[0] = 0;
	for (size_t i = 0; i < out->n_whos; i++)
		snprintf(o->to + strlen(o->to), sizeof(o->to) - strlen(o->to),
			 "%s%s",
			 !i && out->is_for_others ? "-" :
			 i			  ? " " :
						    "",
			 vc_mixer_who_id(out->whos[i]));
}

static inline void on_end(void *ctx, const struct vc_mixer_out *out,
			  int64_t now)
{
	(void)now;
	find(ctx, out->tx.sender.ssrc)->has_ended = true;
}

static inline void on_speaker(void *ctx, const struct vc_mixer_who *who,
			      bool on, int level_db, int64_t now)
{
	struct room *r = ctx;
	size_t len = strlen(r->talk);

	(void)level_db;
	(void)now;
	snprintf(r->talk + len, sizeof(r->talk) - len, "%s%c ",
		 vc_mixer_who_id(who), on ? '+' : '-');
}

static inline void on_keyframe(void *ctx, uint32_t ssrc)
{
	struct room *r = ctx;

	r->key_of = ssrc;
	r->keys_asked++;
}

static inline void put(void *ctx, struct vc_packet *pkt,
		       const struct vc_rtp *rtp)
{
	struct vc_mixer_source **s = ctx;

	if (*s)
		vc_mixer_source_put(*s, pkt, rtp);
}

/* 'policy': a text, or NULL. */
static inline void open_room_as(struct room *r, enum vc_mixer_way way,
				const char *policy, unsigned int threads)
{
	struct vc_mixer_conf conf = {
		.video = true,
		.audio_way = way,
		.video_way = way,
		.width = 320,
		.height = 180,
		.fps_num = 25,
		.fps_den = 1,
		.vbitrate_bps = 300000,
		.keyint_frames = 1000,
		.threads = threads,
		.send = on_send,
		.begin = on_begin,
		.end = on_end,
		.speaker = on_speaker,
		.keyframe = on_keyframe,
		.ctx = r,
	};

	*r = (struct room){ .way = way, .now = T0, .hash = 1 };
	r->m = mixer_begin(&r->base, &conf, 32000, policy);
}

static inline void open_room(struct room *r, const char *policy,
			     unsigned int threads)
{
	open_room_as(r, VC_MIXER_MIX, policy, threads);
}

static inline void close_room(struct room *r)
{
	mixer_end(&r->base, r->m);
	for (size_t i = 0; i < PEOPLE; i++) {
		if (r->people[i].audio.pool)
			feed_close(&r->people[i].audio);
		if (r->people[i].video.pool)
			feed_close(&r->people[i].video);
	}
}

static inline void join(struct room *r, uint32_t i, bool audio, bool video)
{
	static const char *const names[] = { "alice", "bob", "carol" };
	struct person *p = &r->people[i];
	int err;

	p->who = vc_mixer_who_new(r->m);
	vc_mixer_who_set(r->m, p->who, names[i], true, names[i], names[i]);
	if (audio) {
		feed_open(&p->audio, VC_CODEC_OPUS, names[i], LATENCY);
		p->audio.put = put;
		p->audio.ctx = &p->hears;
		p->hears = vc_mixer_source_new(r->m, p->who, 100 + i,
					       VC_CODEC_OPUS, 48000,
					       &p->audio.play, &err);
		assert_non_null(p->hears);
	}
	if (video) {
		feed_open(&p->video, VC_CODEC_VP8, names[i], LATENCY);
		p->video.put = put;
		p->video.ctx = &p->shows;
		p->shows = vc_mixer_source_new(r->m, p->who, 200 + i,
					       VC_CODEC_VP8, 90000,
					       &p->video.play, &err);
		assert_non_null(p->shows);
	}
}

static inline void leave(struct room *r, uint32_t i)
{
	struct person *p = &r->people[i];

	if (p->hears)
		vc_mixer_source_free(r->m, p->hears);
	if (p->shows)
		vc_mixer_source_free(r->m, p->shows);
	vc_mixer_who_free(r->m, p->who, r->now);
	p->who = NULL;
	p->hears = p->shows = NULL;
}

/* 'ticks' of 20 ms: people send, then the mixer has its turns. */
static inline void run(struct room *r, int ticks)
{
	for (int i = 0; i < ticks; i++) {
		int64_t tick = (r->now - T0) / FRAME;

		r->now += FRAME;
		for (size_t k = 0; k < PEOPLE; k++) {
			struct person *p = &r->people[k];

			if (p->hears)
				feed_audio(&p->audio, r->now - FRAME, r->now,
					   false);
			if (p->shows && tick % 2 == 0)
				feed_video(&p->video, 160, 96,
					   (uint8_t)(60 + 50 * k), false,
					   r->now, r->now, 0);
		}
		vc_mixer_audio(r->m, r->now);
		if (tick % 2 == 0)
			vc_mixer_video(r->m, r->now, tick / 2, INT64_MAX);
	}
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A conference on simulated time: senders from rxfeed.h, the mixer's ticks, and
 * a list of what comes out of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "engine/mixer.h"
#include "media/level.h"
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
	char to[16]; /* "": all */
	bool has_ended;
	unsigned int packets;
	unsigned int frames; /* of video */
	unsigned int key_frames;
	unsigned int n_csrc; /* of the newest packet */
	uint32_t csrc[VC_RTP_CSRC_MAX];
	uint8_t level;
	uint32_t ts;
};

struct person {
	struct feed audio;
	struct feed video;
	struct vc_mixer_who *who;
	struct vc_mixer_source *hears; /* his sound, as a source */
	struct vc_mixer_source *shows;
};

struct room {
	struct vc_pool *pool;
	struct vc_rand rand;
	struct vc_mixer *m;
	struct person people[PEOPLE];
	struct out outs[OUTS];
	size_t n;
	unsigned int byes;
	unsigned int keys_asked;
	char talk[256];
	bool has_named[PEOPLE]; /* SDES for his CSRC was seen */
	uint64_t hash; /* of all octets */
	int64_t now;
};

static struct out *find(struct room *r, uint32_t ssrc)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->outs[i].ssrc == ssrc)
			return &r->outs[i];
	return NULL;
}

static struct out *out_to(struct room *r, enum vc_kind kind, const char *to)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->outs[i].kind == kind && !strcmp(r->outs[i].to, to))
			return &r->outs[i];
	fail_msg("no output for '%s'", to);
	return NULL;
}

static void take_rtcp(struct room *r, struct vc_packet *pkt)
{
	struct vc_rd rd = vc_rd_over(pkt->data, pkt->len);
	struct vc_rtcp rtcp;

	assert_int_equal(vc_rtcp_check(pkt->data, pkt->len), 0);
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

static void on_send(void *ctx, struct vc_packet *pkt, bool is_rtcp)
{
	struct room *r = ctx;
	struct vc_rtp rtp;
	struct out *o;

	for (size_t i = 0; i < pkt->len; i++)
		r->hash = (r->hash ^ pkt->data[i]) * UINT64_C(1099511628211);
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
	o->frames += o->kind == VC_VIDEO && rtp.marker;
	o->key_frames += o->kind == VC_VIDEO &&
			 vc_vp8_is_key_start(rtp.payload, rtp.payload_len);
	o->n_csrc = rtp.n_csrc;
	memcpy(o->csrc, rtp.csrc, sizeof(o->csrc));
	if (o->kind == VC_AUDIO) {
		assert_true(rtp.has_ext && rtp.ext_len >= 2);
		o->level = rtp.ext[1] & 127;
	}
}

static void on_begin(void *ctx, const struct vc_mixer_out *out, int64_t now)
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
	snprintf(o->to, sizeof(o->to), "%s",
		 out->who ? vc_mixer_who_id(out->who) : "");
}

static void on_end(void *ctx, const struct vc_mixer_out *out, int64_t now)
{
	(void)now;
	find(ctx, out->tx.sender.ssrc)->has_ended = true;
}

static void on_speaker(void *ctx, const struct vc_mixer_who *who, bool on,
		       int level_db, int64_t now)
{
	struct room *r = ctx;
	size_t len = strlen(r->talk);

	(void)level_db;
	(void)now;
	snprintf(r->talk + len, sizeof(r->talk) - len, "%s%c ",
		 vc_mixer_who_id(who), on ? '+' : '-');
}

static void on_keyframe(void *ctx, uint32_t ssrc)
{
	struct room *r = ctx;

	(void)ssrc;
	r->keys_asked++;
}

static void put(void *ctx, struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	struct vc_mixer_source **s = ctx;

	if (*s)
		vc_mixer_source_put(*s, pkt, rtp);
}

static void open_room(struct room *r, bool minus_one, unsigned int threads)
{
	struct vc_mixer_conf conf = {
		.cname = "mixer",
		.epoch = T0,
		.audio = true,
		.video = true,
		.minus_one = minus_one,
		.abitrate_bps = 32000,
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
	int err;

	*r = (struct room){ .now = T0, .hash = 1, .pool = vc_pool_new() };
	vc_rand_init(&r->rand, 1, "test", NULL);
	conf.pool = r->pool;
	conf.rand = &r->rand;
	r->m = vc_mixer_new(&conf, &err);
	assert_non_null(r->m);
}

static void close_room(struct room *r)
{
	vc_mixer_free(r->m);
	assert_int_equal(vc_pool_used(r->pool), 0);
	vc_pool_free(r->pool);
	for (size_t i = 0; i < PEOPLE; i++) {
		if (r->people[i].audio.pool)
			feed_close(&r->people[i].audio);
		if (r->people[i].video.pool)
			feed_close(&r->people[i].video);
	}
}

static void join(struct room *r, uint32_t i, bool audio, bool video)
{
	static const char *const names[] = { "alice", "bob", "carol" };
	struct person *p = &r->people[i];
	int err;

	p->who = vc_mixer_who_new(r->m);
	vc_mixer_who_set(r->m, p->who, names[i], names[i], names[i], r->now);
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

static void leave(struct room *r, uint32_t i)
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
static void run(struct room *r, int ticks)
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

/* Frames of source 's' of participant 'who', by the statistics. */
static int64_t decoded(struct room *r, size_t who, size_t s)
{
	struct vc_json *j = vc_json_object();
	const struct vc_json *p;
	int64_t v = -1;

	vc_mixer_stats(r->m, j);
	p = vc_json_get(vc_json_get(j, "mix"), "participants");
	p = vc_json_at(vc_json_get(vc_json_at(p, who), "sources"), s);
	assert_true(vc_json_get_int(p, "frames", &v));
	vc_json_free(j);
	return v;
}

static void all_hear_all(void **state)
{
	struct out *audio, *video;
	struct room r;

	(void)state;
	open_room(&r, false, 1);
	for (uint32_t i = 0; i < 3; i++)
		join(&r, i, true, true);
	run(&r, 100);
	assert_int_equal(r.n, 2);
	audio = out_to(&r, VC_AUDIO, "");
	video = out_to(&r, VC_VIDEO, "");
	assert_int_equal(audio->packets, 100);
	assert_int_equal(audio->n_csrc, 3);
	assert_int_equal(video->n_csrc, 3);
	assert_int_equal(video->csrc[0], 200);
	/* The first pictures are due after 60 ms. */
	assert_in_range(video->frames, 48, 49);
	assert_int_equal(video->key_frames, 1);
	assert_true(audio->level < 30);
	assert_true(r.has_named[0] && r.has_named[1] && r.has_named[2]);
	assert_string_equal(r.talk, "alice+ bob+ carol+ ");
	vc_mixer_end(r.m, r.now);
	assert_int_equal(r.byes, 2);
	assert_true(audio->has_ended && video->has_ended);
	close_room(&r);
}

static void nobody_hears_himself(void **state)
{
	static const char *const names[] = { "alice", "bob", "carol" };
	struct room r;

	(void)state;
	open_room(&r, true, 1);
	for (uint32_t i = 0; i < 3; i++)
		join(&r, i, i < 2, true);
	run(&r, 50);
	assert_int_equal(r.n, 4);
	for (uint32_t i = 0; i < 3; i++) {
		struct out *o = out_to(&r, VC_AUDIO, names[i]);

		assert_int_equal(o->packets, 50);
		assert_int_equal(o->n_csrc, i < 2 ? 1 : 2);
		for (unsigned int k = 0; k < o->n_csrc; k++)
			assert_int_not_equal(o->csrc[k], 100 + i);
	}
	/* Alone with himself: silence. */
	leave(&r, 1);
	run(&r, 50);
	assert_true(out_to(&r, VC_AUDIO, "bob")->has_ended);
	assert_int_equal(r.byes, 1);
	assert_int_equal(out_to(&r, VC_AUDIO, "alice")->level, 127);
	assert_int_equal(out_to(&r, VC_AUDIO, "alice")->n_csrc, 0);
	assert_true(out_to(&r, VC_AUDIO, "carol")->level < 30);
	close_room(&r);
}

/* He who comes back is a new source; a name that is learnt is no new one. */
static void outputs_follow_people(void **state)
{
	uint32_t before;
	struct room r;

	(void)state;
	open_room(&r, true, 0);
	join(&r, 0, true, false);
	join(&r, 1, true, false);
	run(&r, 20);
	before = out_to(&r, VC_AUDIO, "alice")->ssrc;
	vc_mixer_who_set(r.m, r.people[0].who, "alicia", "Alicia", "a", r.now);
	assert_int_equal(out_to(&r, VC_AUDIO, "alicia")->ssrc, before);
	leave(&r, 0);
	feed_close(&r.people[0].audio);
	r.people[0].audio.pool = NULL;
	run(&r, 10);
	join(&r, 0, true, false);
	run(&r, 10);
	assert_int_not_equal(out_to(&r, VC_AUDIO, "alice")->ssrc, before);
	assert_int_equal(out_to(&r, VC_AUDIO, "bob")->packets, 40);
	close_room(&r);
}

/* One sends nothing for a while, then pictures of another size. */
static void a_stall_holds_up_nobody(void **state)
{
	struct vc_mixer_source *s;
	struct out *video;
	struct room r;

	(void)state;
	open_room(&r, false, 1);
	join(&r, 0, true, true);
	join(&r, 1, true, true);
	run(&r, 50);
	video = out_to(&r, VC_VIDEO, "");
	s = r.people[1].shows;
	r.people[1].shows = NULL;
	run(&r, 100);
	assert_in_range(video->frames, 73, 74);
	assert_int_equal(video->n_csrc, 2); /* his last picture is seen */
	r.people[1].shows = s;
	for (int i = 0; i < 5; i++) {
		int64_t t = r.now + i * 40 * VC_MS;

		feed_video(&r.people[1].video, 96 + 32 * i, 160, 100, false, t,
			   t, 0);
	}
	r.people[1].shows = NULL;
	run(&r, 50);
	assert_in_range(video->frames, 98, 99);
	assert_int_equal(decoded(&r, 1, 1), 25 + 5);
	r.people[1].shows = s;
	close_room(&r);
}

static void what_is_held_is_played(void **state)
{
	struct room r;
	int ticks = 0;

	(void)state;
	open_room(&r, false, 1);
	join(&r, 0, true, true);
	run(&r, 20);
	assert_true(vc_mixer_held(r.m));
	vc_mixer_source_end(r.people[0].hears);
	vc_mixer_source_end(r.people[0].shows);
	r.people[0].audio.put = r.people[0].video.put = NULL;
	r.people[0].hears = r.people[0].shows = NULL;
	for (; vc_mixer_held(r.m) && ticks < 100; ticks++)
		run(&r, 1);
	assert_in_range(ticks, 3, 6);
	close_room(&r);
}

static void key_frames_come_once_a_second(void **state)
{
	struct out *video;
	struct room r;

	(void)state;
	open_room(&r, false, 0);
	join(&r, 0, false, true);
	run(&r, 60);
	video = out_to(&r, VC_VIDEO, "");
	assert_int_equal(video->key_frames, 1);
	for (int i = 0; i < 100; i++) {
		vc_mixer_keyframe(r.m);
		run(&r, 1);
	}
	assert_in_range(video->key_frames, 3, 4);
	assert_int_equal(vc_mixer_bitrate(r.m, 0, 100000), 0);
	assert_int_equal(vc_mixer_bitrate(r.m, 12345, 100000), -ENOENT);
	close_room(&r);
}

/* What follows a lost frame is of no use: the sender is told. */
static void a_key_frame_is_asked_for(void **state)
{
	struct room r;

	(void)state;
	open_room(&r, false, 1);
	join(&r, 0, false, true);
	run(&r, 20);
	assert_int_equal(r.keys_asked, 0);
	feed_video(&r.people[0].video, 160, 96, 50, false, r.now, r.now,
		   ~UINT64_C(0));
	run(&r, 20);
	assert_true(r.keys_asked > 0);
	close_room(&r);
}

static uint64_t digest(unsigned int threads)
{
	uint64_t hash;
	struct room r;

	open_room(&r, true, threads);
	for (uint32_t i = 0; i < 3; i++)
		join(&r, i, true, true);
	run(&r, 40);
	leave(&r, 1);
	run(&r, 40);
	vc_mixer_end(r.m, r.now);
	hash = r.hash;
	close_room(&r);
	return hash;
}

static void threads_change_nothing(void **state)
{
	uint64_t hash = digest(0);

	(void)state;
	assert_true(digest(1) == hash);
	assert_true(digest(4) == hash);
}

static void statistics_tell(void **state)
{
	struct vc_json *j = vc_json_object();
	const struct vc_json *mix, *who;
	struct room r;
	int64_t v;

	(void)state;
	open_room(&r, false, 1);
	join(&r, 0, true, true);
	run(&r, 20);
	vc_mixer_stats(r.m, j);
	mix = vc_json_get(j, "mix");
	assert_true(vc_json_get_int(mix, "audio_frames", &v));
	assert_int_equal(v, 20);
	who = vc_json_at(vc_json_get(mix, "participants"), 0);
	assert_string_equal(vc_json_get_str(who, "id"), "alice");
	assert_int_equal(vc_json_len(vc_json_get(who, "sources")), 2);
	vc_json_free(j);
	close_room(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_hear_all),
		cmocka_unit_test(nobody_hears_himself),
		cmocka_unit_test(outputs_follow_people),
		cmocka_unit_test(a_stall_holds_up_nobody),
		cmocka_unit_test(what_is_held_is_played),
		cmocka_unit_test(key_frames_come_once_a_second),
		cmocka_unit_test(a_key_frame_is_asked_for),
		cmocka_unit_test(threads_change_nothing),
		cmocka_unit_test(statistics_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "chain.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/time.h"
#include "engine/videorx.h"
#include "media/mark.h"
#include "tool/tool.h"
#include "wire/rtp.h"

#define STEP (CHAIN_STEP_MS * VC_MS)
#define LATENCY (CHAIN_LATENCY_MS * VC_MS)
#define STALL (10 * VC_SEC) /* sound that is skipped, not read later */

_Static_assert(CHAIN_STEP_SAMPLES == VC_AUDIORX_RATE / 1000 * CHAIN_STEP_MS,
	       "a step");

struct chain {
	struct chain_conf conf;
	struct vc_playout home;
	struct vc_playout_source play;
	struct vc_videorx *video; /* one of the two, or neither any more */
	struct vc_audiorx *audio;
	bool is_counted;
	int64_t pixels; /* of its pictures */
	int64_t now;	/* of the packet in hand */
	int64_t next;	/* the grid; VC_TIME_NONE: not begun */
	struct vc_mark_reader *marks;
};

/* --- opening --- */

static void see(void *ctx, const struct vc_image *img, int64_t time)
{
	struct chain *c = ctx;
	int64_t pixels = (int64_t)img->width * img->height;

	c->conf.room->pixels += pixels - c->pixels;
	c->pixels = pixels;
	vc_mark_read(c->marks, img);
	if (c->conf.picture)
		c->conf.picture(c->conf.ctx, img, time, c->marks, c->now);
}

static bool open_video(struct chain *c)
{
	int err;

	c->video = vc_videorx_new(c->conf.codec, &c->play, VC_IMAGE_MAX,
				  VC_IMAGE_MAX, &err);
	c->marks = vc_try_alloc(1, sizeof(*c->marks));
	if (!c->video || !c->marks)
		return false;
	vc_mark_reader_init(c->marks);
	vc_videorx_borrow(c->video);
	vc_videorx_set_fmtp(c->video, c->conf.fmtp);
	vc_videorx_watch(c->video, see, c);
	return true;
}

static bool open_audio(struct chain *c)
{
	int err;

	c->audio =
		vc_audiorx_new(c->conf.codec, c->conf.rate_hz, &c->play, &err);
	if (!c->audio)
		return false;
	vc_audiorx_set_channels(c->audio, c->conf.channels);
	if (c->conf.is_stereo)
		vc_audiorx_set_stereo(c->audio);
	return true;
}

static bool is_full(struct chain_room *room)
{
	if (room->n < CHAIN_MAX)
		return false;
	if (!room->is_full)
		vc_tool_warn(room->tool,
			     "%d sources at once are decoded, not more",
			     CHAIN_MAX);
	room->is_full = true;
	return true;
}

struct chain *chain_new(const struct chain_conf *conf)
{
	bool is_video = conf->kind == VC_VIDEO;
	struct chain *c = is_full(conf->room) ? NULL :
						vc_try_alloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->conf = *conf;
	c->next = VC_TIME_NONE;
	vc_playout_source_init(&c->play, conf->rate_hz);
	vc_playout_init(&c->home, is_video ? 0 : LATENCY);
	vc_playout_join(&c->home, &c->play, 0);
	if (!(is_video ? open_video(c) : open_audio(c))) {
		chain_free(c);
		return NULL;
	}
	c->conf.room->n++;
	c->is_counted = true;
	return c;
}

static void give_back(struct chain *c)
{
	c->conf.room->n -= c->is_counted;
	c->is_counted = false;
	c->conf.room->pixels -= c->pixels;
	c->pixels = 0;
}

void chain_free(struct chain *c)
{
	if (!c)
		return;
	give_back(c);
	vc_videorx_free(c->video);
	vc_audiorx_free(c->audio);
	free(c->marks);
	free(c);
}

/* --- running --- */

/* All of them together take no more than so much memory. */
static void look(struct chain *c, int64_t at)
{
	struct chain_room *room = c->conf.room;

	vc_videorx_pull(c->video, at);
	if (room->pixels <= CHAIN_PIXELS)
		return;
	if (!room->is_large)
		vc_tool_warn(room->tool,
			     "%d million pixels at once are decoded, not more",
			     CHAIN_PIXELS / 1000000);
	room->is_large = true;
	give_back(c);
	vc_videorx_free(c->video);
	c->video = NULL;
}

void chain_put(struct chain *c, struct vc_packet *pkt, const struct vc_rtp *rtp,
	       bool is_noise, int64_t now)
{
	vc_playout_packet(&c->play, rtp->ts, pkt->arrival);
	if (c->audio && is_noise)
		vc_audiorx_put_noise(c->audio, pkt, rtp);
	else if (c->audio)
		vc_audiorx_put(c->audio, pkt, rtp);
	if (!c->video)
		return;
	c->now = now;
	vc_videorx_put(c->video, pkt, rtp);
	look(c, pkt->arrival);
}

/* Both channels as one, for those who listen for tones. */
static void mix_down(int16_t *mono, const int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mono[i] = (int16_t)((pcm[2 * i] + pcm[2 * i + 1]) / 2);
}

/* One channel out of two that are the same. */
static void take_left(int16_t *mono, const int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mono[i] = pcm[2 * i];
}

static void step(struct chain *c, int64_t due)
{
	int16_t pcm[2 * CHAIN_STEP_SAMPLES], one[CHAIN_STEP_SAMPLES];
	struct chain_sound s = { .due = due, .channels = 1 };
	bool has_two;

	s.early = vc_audiorx_early(c->audio, due);
	s.is_sound = vc_audiorx_pull(c->audio, due, pcm, CHAIN_STEP_SAMPLES);
	has_two = c->conf.is_stereo && vc_audiorx_is_stereo(c->audio);
	if (has_two)
		mix_down(one, pcm, CHAIN_STEP_SAMPLES);
	else if (c->conf.is_stereo)
		take_left(one, pcm, CHAIN_STEP_SAMPLES);
	s.mono = c->conf.is_stereo ? one : pcm;
	s.pcm = has_two ? pcm : s.mono;
	s.channels += has_two;
	s.counts = vc_audiorx_counts(c->audio);
	if (c->conf.sound)
		c->conf.sound(c->conf.ctx, &s);
}

void chain_tick(struct chain *c, int64_t now, bool is_over)
{
	if (is_over && !chain_held(c))
		return;
	if (c->video)
		look(c, now);
	if (!c->audio)
		return;
	if (is_over)
		vc_audiorx_end(c->audio);
	if (c->next == VC_TIME_NONE || now - c->next > STALL)
		c->next = now;
	for (; c->next <= now; c->next += STEP)
		step(c, c->next);
}

void chain_end(struct chain *c)
{
	if (!c->video)
		return;
	vc_videorx_end(c->video);
	vc_videorx_pull(c->video, c->now + VC_SEC);
}

bool chain_held(const struct chain *c)
{
	return (c->audio && vc_audiorx_held(c->audio)) ||
	       (c->video && vc_videorx_held(c->video));
}

const struct vc_mark_reader *chain_marks(const struct chain *c)
{
	return c->marks;
}

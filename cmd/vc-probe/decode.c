/* SPDX-License-Identifier: MIT */
/*
 * One chain a source: jitter buffer and decoder, of engine/. It has a line to
 * stream time of its own, so that lips are not put in sync before it is
 * measured whether they are. Sound is read on a grid of 20 ms, LATENCY after
 * its quickest packets brought it. Pictures are decoded as soon as they are
 * whole; the marks in one are read once for all who want to know of them.
 */
#include "decode.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/time.h"
#include "engine/audiorx.h"
#include "engine/videorx.h"
#include "judge.h"
#include "media/mark.h"
#include "probe.h"
#include "wire/opus.h"

#define STEP (DECODE_STEP_MS * VC_MS)
#define LATENCY (DECODE_LATENCY_MS * VC_MS)
#define STALL (10 * VC_SEC) /* sound that is skipped, not read later */

_Static_assert(DECODE_STEP_SAMPLES == VC_AUDIORX_RATE / 1000 * DECODE_STEP_MS,
	       "a step");

struct decoder {
	struct vc_playout home;
	struct vc_playout_source play;
	enum vc_codec codec;
	struct vc_videorx *video; /* one of the two, NULL once it has gone */
	struct vc_audiorx *audio;
	bool is_stereo; /* two channels are pulled */
	struct probe *p;
	int64_t pixels; /* of its pictures */
	int64_t now;	/* of the packet in hand */
	int64_t next;	/* the grid; VC_TIME_NONE: not begun */
	struct vc_mark_reader *marks;
	/* who is shown it */
	struct ears *ears;
	struct eyes *eyes;
	struct sight *sight;
	struct sound *sound;
	struct picture *picture;
	struct film *film;
	struct tape *tape;
};

static bool wants(const struct probe *p, int kind)
{
	if (kind == VC_AUDIO)
		return p->n_heard || p->marks || p->decode;
	return kind == VC_VIDEO && (p->n_seen || p->marks || p->decode);
}

bool decode_wanted(const struct probe *p)
{
	return wants(p, VC_AUDIO) || wants(p, VC_VIDEO);
}

/* --- opening --- */

static void see(void *ctx, const struct vc_image *img, int64_t time)
{
	struct decoder *d = ctx;
	int64_t pixels = (int64_t)img->width * img->height;

	d->p->pixels += pixels - d->pixels;
	d->pixels = pixels;
	vc_mark_read(d->marks, img);
	if (d->eyes)
		eyes_see(d->eyes, d->marks, d->now);
	if (d->sight)
		sight_see(d->sight, d->marks, d->now);
	if (d->picture)
		picture_see(d->picture, img, time, d->marks, d->now);
}

static bool open_video(struct decoder *d, const struct probe *p,
		       struct vc_source *src)
{
	int err;

	d->video = vc_videorx_new(d->codec, &d->play, VC_IMAGE_MAX,
				  VC_IMAGE_MAX, &err);
	d->marks = vc_try_alloc(1, sizeof(*d->marks));
	if (!d->video || !d->marks)
		return false;
	if (p->n_seen)
		d->sight = sight_new(p);
	vc_mark_reader_init(d->marks);
	vc_videorx_set_fmtp(d->video, vc_in_fmtp(p->in, src));
	vc_videorx_watch(d->video, see, d);
	return true;
}

static bool open_audio(struct decoder *d, const struct probe *p,
		       struct vc_source *src)
{
	int err;

	d->audio = vc_audiorx_new(d->codec, src->rate_hz, &d->play, &err);
	if (!d->audio)
		return false;
	vc_audiorx_set_channels(d->audio, src->channels);
	d->is_stereo = p->decode;
	if (d->is_stereo)
		vc_audiorx_set_stereo(d->audio);
	if (p->n_heard)
		d->ears = ears_new(p);
	if (p->decode)
		d->sound = sound_new();
	if (judge_hears(p->judge))
		d->tape = tape_new(p->judge);
	return true;
}

static bool is_full(struct probe *p)
{
	if (p->n_decoded < MAX_DECODED)
		return false;
	if (!p->is_full)
		vc_tool_warn(p->tool,
			     "%d sources at once are decoded, not more",
			     MAX_DECODED);
	p->is_full = true;
	return true;
}

struct decoder *decoder_new(struct probe *p, const struct meter *m,
			    struct vc_source *src)
{
	bool is_video = src->kind == VC_VIDEO;
	struct decoder *d;

	/* Decoding costs; a flood of sources is not to cost as much each. */
	if (!wants(p, src->kind) || is_full(p))
		return NULL;
	d = vc_try_alloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->p = p;
	d->codec = (enum vc_codec)src->codec;
	d->next = VC_TIME_NONE;
	vc_playout_source_init(&d->play, src->rate_hz);
	vc_playout_init(&d->home, is_video ? 0 : LATENCY);
	vc_playout_join(&d->home, &d->play, 0);
	if (!(is_video ? open_video(d, p, src) : open_audio(d, p, src))) {
		decoder_free(d);
		return NULL;
	}
	if (p->marks)
		d->eyes = eyes_new(p, m, is_video);
	if (is_video && judge_sees(p->judge))
		d->film = film_new(p->judge);
	if (p->decode && is_video)
		d->picture = picture_new(p, m, d->film);
	p->n_decoded++;
	return d;
}

static void let_go(struct decoder *d)
{
	vc_videorx_free(d->video);
	vc_audiorx_free(d->audio);
	free(d->marks);
	d->video = NULL;
	d->audio = NULL;
	d->marks = NULL;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	let_go(d);
	ears_free(d->ears);
	eyes_free(d->eyes);
	sight_free(d->sight);
	sound_free(d->sound);
	picture_free(d->picture);
	film_free(d->film);
	tape_free(d->tape);
	free(d);
}

/* --- running --- */

static void put_audio(struct decoder *d, struct vc_packet *pkt,
		      const struct vc_rtp *rtp, bool is_noise)
{
	int samples = 0;

	if (d->codec == VC_CODEC_OPUS)
		samples = vc_opus_samples(rtp->payload, rtp->payload_len);
	if (d->sound && !is_noise)
		sound_packet(d->sound, rtp->payload_len, samples);
	if (is_noise)
		vc_audiorx_put_noise(d->audio, pkt, rtp);
	else
		vc_audiorx_put(d->audio, pkt, rtp);
}

/* All of them together take no more than so much memory. */
static void look(struct decoder *d, int64_t at)
{
	struct probe *p = d->p;

	vc_videorx_pull(d->video, at);
	if (p->pixels <= MAX_PIXELS)
		return;
	if (!p->is_large)
		vc_tool_warn(p->tool,
			     "%d million pixels at once are decoded, not more",
			     MAX_PIXELS / 1000000);
	p->is_large = true;
	p->pixels -= d->pixels;
	d->pixels = 0;
	p->n_decoded--;
	vc_videorx_free(d->video);
	d->video = NULL;
}

void decoder_put(struct decoder *d, const struct vc_source *src,
		 struct vc_packet *pkt, const struct vc_rtp *rtp, int64_t now)
{
	bool is_noise = src->codec == VC_CODEC_CN;

	/* A decoder of one format is never given another. */
	if (!d || (src->codec != (int)d->codec && !is_noise))
		return;
	vc_playout_packet(&d->play, rtp->ts, pkt->arrival);
	if (d->audio)
		put_audio(d, pkt, rtp, is_noise);
	if (!d->video)
		return;
	d->now = now;
	vc_videorx_put(d->video, pkt, rtp);
	look(d, pkt->arrival);
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

static void step(struct decoder *d, int64_t due)
{
	int16_t pcm[2 * DECODE_STEP_SAMPLES], one[DECODE_STEP_SAMPLES];
	int64_t early = vc_audiorx_early(d->audio, due);
	bool is_sound =
		vc_audiorx_pull(d->audio, due, pcm, DECODE_STEP_SAMPLES);
	const int16_t *mono = d->is_stereo ? one : pcm;
	bool has_two = d->is_stereo && vc_audiorx_is_stereo(d->audio);

	if (has_two)
		mix_down(one, pcm, DECODE_STEP_SAMPLES);
	else if (d->is_stereo)
		take_left(one, pcm, DECODE_STEP_SAMPLES);
	if (d->sound)
		sound_feed(d->sound, has_two ? pcm : mono, DECODE_STEP_SAMPLES,
			   has_two ? 2 : 1, is_sound,
			   vc_audiorx_counts(d->audio));
	if (d->tape)
		tape_put(d->tape, mono, DECODE_STEP_SAMPLES, is_sound);
	if (d->ears)
		ears_feed(d->ears, mono, DECODE_STEP_SAMPLES);
	if (d->eyes)
		eyes_hear(d->eyes, mono, due, early);
}

void decoder_tick(struct decoder *d, int64_t now, bool is_over)
{
	if (!d || (is_over && !decoder_held(d)))
		return;
	if (d->sight)
		sight_look(d->sight, now);
	if (d->video)
		look(d, now);
	if (!d->audio)
		return;
	if (is_over)
		vc_audiorx_end(d->audio);
	if (d->next == VC_TIME_NONE || now - d->next > STALL)
		d->next = now;
	for (; d->next <= now; d->next += STEP)
		step(d, d->next);
}

void decoder_end(struct probe *p, struct decoder *d)
{
	if (!d)
		return;
	if (d->video) {
		vc_videorx_end(d->video);
		vc_videorx_pull(d->video, d->now + VC_SEC);
	}
	if (d->eyes)
		eyes_end(d->eyes, d->marks);
	if (d->picture)
		picture_end(d->picture);
	if (d->audio || d->video)
		p->n_decoded--;
	p->pixels -= d->pixels;
	d->pixels = 0;
	let_go(d);
}

bool decoder_held(const struct decoder *d)
{
	return d && ((d->audio && vc_audiorx_held(d->audio)) ||
		     (d->video && vc_videorx_held(d->video)));
}

struct ears *decoder_ears(const struct decoder *d)
{
	return d ? d->ears : NULL;
}

struct eyes *decoder_eyes(const struct decoder *d)
{
	return d ? d->eyes : NULL;
}

struct sight *decoder_sight(const struct decoder *d)
{
	return d ? d->sight : NULL;
}

struct sound *decoder_sound(const struct decoder *d)
{
	return d ? d->sound : NULL;
}

struct picture *decoder_picture(const struct decoder *d)
{
	return d ? d->picture : NULL;
}

struct film *decoder_film(const struct decoder *d)
{
	return d ? d->film : NULL;
}

struct tape *decoder_tape(const struct decoder *d)
{
	return d ? d->tape : NULL;
}

/* SPDX-License-Identifier: MIT */
/* One chain a source (chain.h), and who is shown what of it. */
#include "decode.h"

#include <stdlib.h>

#include "base/mem.h"
#include "judge.h"
#include "probe.h"
#include "wire/opus.h"

struct decoder {
	struct chain *chain; /* NULL once it has ended */
	enum vc_codec codec;
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

/* --- what is shown --- */

static void see(void *ctx, const struct vc_image *img, int64_t time,
		const struct vc_mark_reader *marks, int64_t now)
{
	struct decoder *d = ctx;

	if (d->eyes)
		eyes_see(d->eyes, marks, now);
	if (d->sight)
		sight_see(d->sight, marks, now);
	if (d->picture)
		picture_see(d->picture, img, time, marks, now);
}

static void hear(void *ctx, const struct chain_sound *s)
{
	struct decoder *d = ctx;

	if (d->sound)
		sound_feed(d->sound, s->pcm, CHAIN_STEP_SAMPLES, s->channels,
			   s->is_sound, s->counts);
	if (d->tape)
		tape_put(d->tape, s->mono, CHAIN_STEP_SAMPLES, s->is_sound);
	if (d->ears)
		ears_feed(d->ears, s->mono, CHAIN_STEP_SAMPLES);
	if (d->eyes)
		eyes_hear(d->eyes, s);
}

/* --- opening --- */

static bool open_chain(struct decoder *d, struct probe *p,
		       const struct vc_source *src)
{
	const struct chain_conf conf = {
		.room = &p->room,
		.codec = d->codec,
		.kind = (enum vc_kind)src->kind,
		.rate_hz = src->rate_hz,
		.channels = src->channels,
		.is_stereo = p->decode,
		.fmtp = vc_in_fmtp(p->in, src),
		.picture = see,
		.sound = hear,
		.ctx = d,
	};

	p->room.tool = p->tool;
	d->chain = chain_new(&conf);
	return d->chain != NULL;
}

static void open_ends(struct decoder *d, const struct probe *p,
		      const struct meter *m, bool is_video)
{
	if (is_video && p->n_seen)
		d->sight = sight_new(p);
	if (!is_video && p->n_heard)
		d->ears = ears_new(p);
	if (p->marks)
		d->eyes = eyes_new(p, m, is_video);
	if (is_video && judge_sees(p->judge))
		d->film = film_new(p->judge);
	else if (!is_video && judge_hears(p->judge))
		d->tape = tape_new(p->judge);
	if (p->decode && is_video)
		d->picture = picture_new(p, m, d->film);
	else if (p->decode)
		d->sound = sound_new();
}

struct decoder *decoder_new(struct probe *p, const struct meter *m,
			    struct vc_source *src)
{
	struct decoder *d;

	if (!wants(p, src->kind))
		return NULL;
	d = vc_try_alloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->codec = (enum vc_codec)src->codec;
	if (!open_chain(d, p, src)) {
		decoder_free(d);
		return NULL;
	}
	open_ends(d, p, m, src->kind == VC_VIDEO);
	return d;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	chain_free(d->chain);
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

void decoder_put(struct decoder *d, const struct vc_source *src,
		 struct vc_packet *pkt, const struct vc_rtp *rtp, int64_t now)
{
	bool is_noise = src->codec == VC_CODEC_CN;
	int samples = 0;

	/* A decoder of one format is never given another. */
	if (!d || !d->chain || (src->codec != (int)d->codec && !is_noise))
		return;
	if (d->codec == VC_CODEC_OPUS)
		samples = vc_opus_samples(rtp->payload, rtp->payload_len);
	if (d->sound && !is_noise)
		sound_packet(d->sound, rtp->payload_len, samples);
	chain_put(d->chain, pkt, rtp, is_noise, now);
}

void decoder_tick(struct decoder *d, int64_t now, bool is_over)
{
	if (!d || !d->chain || (is_over && !chain_held(d->chain)))
		return;
	if (d->sight)
		sight_look(d->sight, now);
	chain_tick(d->chain, now, is_over);
}

void decoder_end(struct decoder *d)
{
	if (!d || !d->chain)
		return;
	chain_end(d->chain);
	if (d->eyes)
		eyes_end(d->eyes, chain_marks(d->chain));
	if (d->picture)
		picture_end(d->picture);
	chain_free(d->chain);
	d->chain = NULL;
}

bool decoder_held(const struct decoder *d)
{
	return d && d->chain && chain_held(d->chain);
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

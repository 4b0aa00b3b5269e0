/* SPDX-License-Identifier: MIT */
/*
 * Containers have ticks of a millisecond: sound that follows within one or two
 * goes on where it ended, to the sample.
 *
 * Blocks say when a frame is decoded, which with Opus is earlier than it is
 * heard, by the encoder's delay; RTP time says the same, so CodecDelay is not
 * looked at.
 */
#include "engine/webmsource.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/filepump.h"
#include "engine/refit.h"
#include "engine/tx.h"
#include "wire/defaults.h"
#include "wire/t140.h"
#include "wire/webm.h"
#include "wire/webmread.h"

#define TEXT_PIECE 300 /* octets in a packet */
#define ROUNDING (2 * VC_WEBM_TICK)
#define PT_L16 112		  /* the first of those that L16 may have */
#define PT_L16_END VC_PT_T140_RED /* behind the last */
#define SAMPLES_MAX 960		  /* octets of L16 or G.711 in a packet */

struct track {
	uint64_t number;
	enum vc_codec codec;
	uint8_t pt;
	uint32_t rate_hz;
	unsigned int channels;
	char name[256];
	unsigned int nth; /* of its kind and name */
	struct vc_refit *fit;
	bool has_end;
	int64_t end; /* where the frame before ended: sound */
	struct vc_tx tx;
};

struct vc_webmsource {
	struct vc_webmsource_conf conf;
	struct vc_filepump pump;
	int err;	/* of the end */
	bool has_begun; /* described */
	bool has_ended;
	int64_t now;
	struct track *tracks[VC_WEBM_MAX_TRACKS];
	size_t n;
	bool is_any; /* track, of whatever kind */
	struct vc_webmsource_counts counts;
};

/* In the order of a description. */
static const enum vc_codec codecs[] = { VC_CODEC_OPUS, VC_CODEC_L16,
					VC_CODEC_PCMU, VC_CODEC_PCMA,
					VC_CODEC_G722, VC_CODEC_VP8,
					VC_CODEC_VP9,  VC_CODEC_H264,
					VC_CODEC_AV1,  VC_CODEC_T140 };

/* --- tracks --- */

static void refuse(struct vc_webmsource *s, const struct vc_webmread_track *t)
{
	char codec[64];

	vc_str_copy(codec, sizeof(codec), t->codec);
	if (s->conf.refused)
		s->conf.refused(s->conf.ctx, t->number, codec);
}

static struct track *find(struct vc_webmsource *s, uint64_t number)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->tracks[i]->number == number)
			return s->tracks[i];
	return NULL;
}

/* Of L16 each rate and number of channels has a type of its own. */
static int choose_pt(const struct vc_webmsource *s, struct track *k)
{
	int pt = PT_L16;

	if (k->codec != VC_CODEC_L16)
		return vc_default_pt(k->codec, false);
	for (size_t i = 0; i < s->n; i++) {
		const struct track *o = s->tracks[i];

		if (o->codec != VC_CODEC_L16)
			continue;
		if (o->rate_hz == k->rate_hz && o->channels == k->channels)
			return o->pt;
		if (o->pt >= pt)
			pt = o->pt + 1;
	}
	return pt < PT_L16_END ? pt : -1;
}

static int set_format(const struct vc_webmsource *s, struct track *k,
		      enum vc_codec codec, const struct vc_webmread_track *t)
{
	bool is_l16 = codec == VC_CODEC_L16;
	int pt;

	k->codec = codec;
	k->rate_hz = is_l16 ? (uint32_t)t->rate_hz : vc_codec_rate(codec);
	k->channels = is_l16 ? (unsigned int)t->channels : 1;
	pt = choose_pt(s, k);
	k->pt = (uint8_t)pt;
	vc_refit_set_sound(k->fit, k->rate_hz, k->channels);
	return pt < 0 ? -ENOTSUP : 0;
}

static void add_track(struct vc_webmsource *s,
		      const struct vc_webmread_track *t)
{
	enum vc_codec codec = vc_refit_held(t);
	struct vc_refit *fit = NULL;
	struct track *k;
	int err = -ENOTSUP;

	s->is_any = true;
	if (find(s, t->number)) {
		s->counts.bad++;
		return;
	}
	if (codec != VC_CODEC_NONE && s->n < VC_WEBM_MAX_TRACKS)
		fit = vc_refit_new(codec, t->priv, t->priv_len, &err);
	k = fit ? vc_try_alloc(1, sizeof(*k)) : NULL;
	if (k)
		k->fit = fit;
	if (!k || set_format(s, k, codec, t)) {
		vc_refit_free(fit);
		free(k);
		refuse(s, t);
		return;
	}
	vc_refit_set_subrip(fit, vc_refit_is_subrip(t));
	k->number = t->number;
	vc_str_copy(k->name, sizeof(k->name), t->name);
	for (size_t j = 0; j < s->n; j++)
		k->nth += s->tracks[j]->codec == k->codec &&
			  !strcmp(s->tracks[j]->name, k->name);
	s->tracks[s->n] = k;
	s->n++;
	s->counts.tracks = s->n;
}

/* The number of the first track of the same participant. */
static uint64_t first_of(const struct vc_webmsource *s, const struct track *k)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->tracks[i]->nth == k->nth &&
		    !strcmp(s->tracks[i]->name, k->name))
			return s->tracks[i]->number;
	return k->number;
}

static void send(void *ctx, struct vc_packet *pkt, bool is_rtcp)
{
	struct vc_webmsource *s = ctx;

	s->conf.packet(s->conf.ctx, pkt, is_rtcp, s->now);
}

/* Gives a track its source. */
static void name_track(struct vc_webmsource *s, struct track *k)
{
	uint64_t first = first_of(s, k);
	char purpose[64], cname[32], name[64];

	snprintf(purpose, sizeof(purpose), "track %" PRIu64, k->number);
	snprintf(cname, sizeof(cname), "%016" PRIx64,
		 vc_rand_u64(s->conf.rand, "webm cname", first));
	snprintf(name, sizeof(name), "track %" PRIu64, first);
	vc_tx_init(&k->tx, s->conf.rand, purpose, k->codec, k->pt, k->rate_hz,
		   s->conf.epoch, cname, k->name[0] ? k->name : name);
	k->tx.pool = s->conf.pool;
	k->tx.send = send;
	k->tx.ctx = s;
}

static void describe(struct vc_sdp *sdp, const struct track *k)
{
	const struct vc_default_fmt l16 = {
		.pt = k->pt,
		.codec = "L16",
		.rate = k->rate_hz,
		.channels = (uint8_t)k->channels,
		.kind = VC_AUDIO,
	};

	if (k->codec == VC_CODEC_L16)
		vc_default_add_fmt(sdp, &l16);
	else
		vc_default_add(sdp, k->pt);
}

/* The first block is here: so are all tracks. */
static int begin(struct vc_webmsource *s)
{
	struct vc_sdp *sdp;

	if (!s->n)
		return -ENOTSUP;
	sdp = vc_try_alloc(1, sizeof(*sdp));
	if (!sdp)
		return -ENOMEM;
	s->has_begun = true;
	sdp->clock = vc_str_c("recorded");
	for (size_t c = 0; c < VC_COUNT(codecs); c++)
		for (size_t i = 0; i < s->n; i++)
			if (s->tracks[i]->codec == codecs[c])
				describe(sdp, s->tracks[i]);
	s->conf.desc(s->conf.ctx, sdp);
	free(sdp);
	for (size_t i = 0; i < s->n; i++)
		name_track(s, s->tracks[i]);
	return 0;
}

/* --- blocks --- */

/* Samples can be cut anywhere: into packets that are small enough. */
static size_t piece_of(const struct track *k, size_t len)
{
	size_t block = k->codec == VC_CODEC_L16 ? 2 * k->channels : 1;

	if (k->codec == VC_CODEC_OPUS || len <= SAMPLES_MAX)
		return len;
	return SAMPLES_MAX - SAMPLES_MAX % block;
}

static void put_sound(struct vc_webmsource *s, struct track *k, int64_t *t,
		      const struct vc_refit_frame *f)
{
	int64_t off = k->has_end ? *t - k->end : INT64_MAX, begin;
	bool is_next = off >= -ROUNDING && off <= ROUNDING;
	size_t piece = piece_of(k, f->len), n;

	if (is_next)
		*t = k->end;
	begin = *t;
	for (size_t at = 0; at < f->len; at += n) {
		n = f->len - at < piece ? f->len - at : piece;
		vc_tx_audio(&k->tx, s->now, *t, f->p + at, n, -1, false,
			    !is_next && !at);
		*t = begin + f->length / (int64_t)f->len * (int64_t)(at + n) +
		     f->length % (int64_t)f->len * (int64_t)(at + n) /
			     (int64_t)f->len;
	}
	k->has_end = true;
	k->end = *t;
	s->counts.frames++;
}

static void put_picture(struct vc_webmsource *s, struct track *k, int64_t t,
			const struct vc_refit_frame *f)
{
	if (vc_tx_video(&k->tx, s->now, t, f->p, f->len, f->is_key))
		s->counts.bad++;
	else
		s->counts.frames++;
}

/*
 * A cue as a line that was typed at once: what there are of packets follow each
 * other by the least there is.
 */
static void put_text(struct vc_webmsource *s, struct track *k, int64_t t,
		     const struct vc_refit_frame *f)
{
	struct vc_t140_filter filter = { .line = VC_T140_LINE };
	uint8_t room[VC_T140_GROWTH * (TEXT_PIECE + 4)];
	struct vc_wr w;
	size_t len;

	for (size_t at = 0; at < f->len; at += len) {
		len = f->len - at < TEXT_PIECE ? f->len - at : TEXT_PIECE;
		w = vc_wr_over(room, sizeof(room));
		vc_t140_filter(&filter, f->p + at, len, &w);
		if (at + len == f->len)
			vc_t140_filter(&filter, (const uint8_t *)"\n", 1, &w);
		vc_tx_other(&k->tx, s->now, t, k->tx.pt, !at, room,
			    vc_wr_len(&w));
		t += VC_MS;
	}
	s->counts.frames++;
}

static void put_block(struct vc_webmsource *s,
		      const struct vc_webmread_block *b)
{
	struct track *k = find(s, b->track);
	int64_t t = s->conf.epoch + b->time;
	const uint8_t *p = b->data;

	s->counts.blocks++;
	if (!k) {
		s->counts.strays++;
		return;
	}
	if (t > s->now)
		s->now = t;
	for (unsigned int i = 0; i < b->n; i++) {
		size_t len = b->size[i];
		struct vc_refit_frame f;
		int err = vc_refit(k->fit, p, len, b->is_key, &f);

		if (err)
			s->counts.bad += err != -ENODATA || !len;
		else if (f.length)
			put_sound(s, k, &t, &f);
		else if (k->codec == VC_CODEC_T140)
			put_text(s, k, t, &f);
		else
			put_picture(s, k, t, &f);
		p += len;
	}
}

static int take(void *ctx, const struct vc_webmread_item *item)
{
	struct vc_webmsource *s = ctx;
	int err = 0;

	switch (item->kind) {
	case VC_WEBMREAD_SKIP:
		break;
	case VC_WEBMREAD_BAD:
		s->counts.bad++;
		break;
	case VC_WEBMREAD_TRACK:
		/* Of a second segment: it has said what it has. */
		if (!s->has_begun)
			add_track(s, &item->track);
		break;
	case VC_WEBMREAD_BLOCK:
		if (!s->has_begun)
			err = begin(s);
		if (!err)
			put_block(s, &item->block);
		break;
	}
	return err;
}

struct vc_webmsource *vc_webmsource_new(const struct vc_webmsource_conf *conf)
{
	struct vc_webmsource *s = vc_try_alloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->conf = *conf;
	s->now = conf->epoch;
	s->pump.take = take;
	s->pump.ctx = s;
	return s;
}

void vc_webmsource_free(struct vc_webmsource *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		vc_refit_free(s->tracks[i]->fit);
		free(s->tracks[i]);
	}
	vc_filepump_clear(&s->pump);
	free(s);
}

int vc_webmsource_put(struct vc_webmsource *s, const uint8_t *p, size_t len)
{
	return s->err ? s->err : vc_filepump_put(&s->pump, p, len);
}

static void finish(struct vc_webmsource *s)
{
	s->has_ended = true;
	s->err = vc_filepump_end(&s->pump);
	if (!s->has_begun && !s->err && s->is_any)
		s->err = begin(s);
	for (size_t i = 0; s->has_begun && i < s->n; i++) {
		struct track *k = s->tracks[i];

		/* A frame lasts as long as it sounds. */
		if (k->has_end && k->end > s->now)
			s->now = k->end;
	}
	for (size_t i = 0; s->has_begun && i < s->n; i++)
		if (s->tracks[i]->tx.has_begun)
			vc_tx_bye(&s->tracks[i]->tx, s->now, NULL);
}

bool vc_webmsource_end(struct vc_webmsource *s)
{
	if (!s->has_ended)
		finish(s);
	return vc_filepump_is_whole(&s->pump);
}

const struct vc_webmsource_counts *vc_webmsource_counts(
	const struct vc_webmsource *s)
{
	return &s->counts;
}

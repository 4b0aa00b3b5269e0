/* SPDX-License-Identifier: MIT */
#include "engine/mp4pump.h"

#include <errno.h>

#include "base/bytes.h"
#include "base/time.h"
#include "wire/mp4.h"
#include "wire/opus.h"
#include "wire/webm.h"

/* What a translated track borrows. */
struct words {
	char type[4];
	uint8_t head[VC_OPUS_HEAD_LEN];
};

static void translate_opus(const struct vc_mp4read_track *t,
			   struct vc_webmread_track *out, struct words *words)
{
	struct vc_wr w = vc_wr_over(words->head, sizeof(words->head));
	struct vc_opus_head head;
	int err = vc_opus_dops_parse(&head, t->config, t->config_len);

	if (err) {
		out->codec = vc_str_c(err == -ENOTSUP ?
					      "Opus of another layout" :
					      "Opus with a damaged head");
		return;
	}
	vc_opus_head_write(&w, head.channels, head.pre_skip);
	out->codec = vc_str_c("A_OPUS");
	out->priv = words->head;
	out->priv_len = sizeof(words->head);
	out->codec_delay = (uint64_t)head.pre_skip * VC_MS / 48;
	out->rate_hz = 48000;
	out->channels = head.channels;
}

/* What Matroska would say of it; what is not known keeps its own name. */
static void translate(const struct vc_mp4read_track *t,
		      struct vc_webmread_track *out, struct words *words)
{
	vc_put_u32((uint8_t *)words->type, t->type);
	*out = (struct vc_webmread_track){
		.number = t->id,
		.type = t->handler == VC_MP4_TYPE('v', 'i', 'd', 'e') ?
				VC_WEBM_VIDEO :
				VC_WEBM_AUDIO,
		.codec = vc_str_of(words->type, sizeof(words->type)),
		.name = t->name,
		.channels = t->channels,
		.width = t->width,
		.height = t->height,
	};
	if (t->type == VC_MP4_TYPE('a', 'v', 'c', '1') ||
	    t->type == VC_MP4_TYPE('a', 'v', 'c', '3')) {
		out->codec = vc_str_c("V_MPEG4/ISO/AVC");
		out->priv = t->config;
		out->priv_len = t->config_len;
	} else if (t->type == VC_MP4_TYPE('O', 'p', 'u', 's')) {
		translate_opus(t, out, words);
	}
}

static int give_tracks(struct vc_mp4pump *m,
		       int (*take)(void *ctx,
				   const struct vc_webmread_item *item),
		       void *ctx, struct vc_webmread_item *room)
{
	struct words words;
	int err = 0;

	for (unsigned int i = 0; i < m->read.n && !err; i++) {
		struct vc_mp4read_track *t = &m->read.tracks[i];

		room->kind = VC_WEBMREAD_TRACK;
		translate(t, &room->track, &words);
		err = take(ctx, room);
		t->name = vc_str_c(NULL);
		t->config = NULL;
		t->config_len = 0;
	}
	room->kind = VC_WEBMREAD_BAD;
	return !err && m->item.is_bad ? take(ctx, room) : err;
}

static int give_samples(struct vc_mp4pump *m,
			int (*take)(void *ctx,
				    const struct vc_webmread_item *item),
			void *ctx, struct vc_webmread_item *room)
{
	struct vc_mp4read_sample s;
	int err = 0;

	vc_mp4read_begin(&m->walk, &m->read, &m->item);
	while (!err && vc_mp4read_sample(&m->walk, &s)) {
		room->kind = VC_WEBMREAD_BLOCK;
		room->block.track = m->read.tracks[s.track].id;
		room->block.time = s.time;
		room->block.is_key = s.is_key;
		room->block.duration = -1;
		room->block.data = s.p;
		room->block.n = 1;
		room->block.size[0] = (uint32_t)s.len;
		err = take(ctx, room);
	}
	room->kind = VC_WEBMREAD_BAD;
	return !err && m->walk.is_bad ? take(ctx, room) : err;
}

int vc_mp4pump_next(struct vc_mp4pump *m, const uint8_t *buf, size_t len,
		    int (*take)(void *ctx, const struct vc_webmread_item *item),
		    void *ctx, struct vc_webmread_item *room, uint64_t *size)
{
	int got = vc_mp4read_next(&m->read, buf, len, &m->item), err = 0;

	*size = m->item.size;
	if (got != 1)
		return got;
	switch (m->item.kind) {
	case VC_MP4READ_SKIP:
		break;
	case VC_MP4READ_TRACKS_ARE:
		err = give_tracks(m, take, ctx, room);
		break;
	case VC_MP4READ_FRAGMENT:
		err = give_samples(m, take, ctx, room);
		break;
	case VC_MP4READ_BAD:
		room->kind = VC_WEBMREAD_BAD;
		err = take(ctx, room);
		break;
	}
	return err ? err : 1;
}

/* SPDX-License-Identifier: MIT */
/*
 * A frame of H.264 or AV1 is gone through twice: what is in it and whether it
 * is sound, then, if something has to change, into 'buf', which grows to the
 * largest. 'front' goes before what key frames lack.
 */
#include "engine/refit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/tx.h"
#include "engine/webmtext.h"
#include "wire/av1.h"
#include "wire/avcc.h"
#include "wire/h264.h"
#include "wire/opus.h"
#include "wire/vp8.h"
#include "wire/vp9.h"
#include "wire/webm.h"
#include "wire/webmread.h"

#define CODE "\0\0\0\1"
#define CODE_LEN 4
#define SETS_MAX 65536
#define OPUS_HEAD_CHANNELS 9
#define OPUS_HEAD_FAMILY 18
#define AV1C_HEAD 4
#define L16_RATE_MAX 768000
#define L16_CHANNELS_MAX 16
#define TEXT_MAX 16384 /* octets of a cue */
#define G711_RATE 8000 /* octets a second, and of G.722 */

struct vc_refit {
	enum vc_codec codec;
	unsigned int size_len; /* H.264: of a unit's length; 0: Annex B */
	uint8_t *front;	       /* parameter sets, the sequence header */
	size_t front_len;
	uint8_t *buf;
	size_t cap;
	bool has_sps;
	struct vc_h264_sps sps; /* the newest */
	uint8_t vp9_profile;
	int64_t sound_rate; /* octets a second of what is no Opus */
	bool is_subrip;
};

/* --- what tracks hold --- */

/* Microsoft's WAVEFORMATEX: format, channels, rate. */
static enum vc_codec wave_codec(const uint8_t *p, size_t len)
{
	static const struct {
		uint8_t head[8];
		enum vc_codec codec;
	} rows[] = {
		{ { 6, 0, 1, 0, 0x40, 0x1f, 0, 0 }, VC_CODEC_PCMA },
		{ { 7, 0, 1, 0, 0x40, 0x1f, 0, 0 }, VC_CODEC_PCMU },
		{ { 0x8f, 2, 1, 0, 0x80, 0x3e, 0, 0 }, VC_CODEC_G722 },
	};

	for (size_t i = 0; i < VC_COUNT(rows) && len >= 8; i++)
		if (!memcmp(p, rows[i].head, 8))
			return rows[i].codec;
	return VC_CODEC_NONE;
}

enum vc_codec vc_refit_webm(const struct vc_webmread_track *t)
{
	static const struct {
		const char *id;
		enum vc_codec codec;
		enum vc_webm_kind kind;
	} rows[] = {
		{ "A_OPUS", VC_CODEC_OPUS, VC_WEBM_AUDIO },
		{ "V_VP8", VC_CODEC_VP8, VC_WEBM_VIDEO },
		{ "V_VP9", VC_CODEC_VP9, VC_WEBM_VIDEO },
		{ "V_AV1", VC_CODEC_AV1, VC_WEBM_VIDEO },
		{ "V_MPEG4/ISO/AVC", VC_CODEC_H264, VC_WEBM_VIDEO },
		{ VC_WEBMTEXT_VTT, VC_CODEC_T140, VC_WEBM_TEXT },
		{ VC_WEBMTEXT_SUBRIP, VC_CODEC_T140, VC_WEBM_TEXT },
	};

	if (t->is_encoded)
		return VC_CODEC_NONE;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		if (vc_str_is(t->codec, rows[i].id) &&
		    t->type == (uint64_t)rows[i].kind)
			return rows[i].codec;
	if (t->type == VC_WEBM_AUDIO && vc_str_is(t->codec, "A_MS/ACM"))
		return wave_codec(t->priv, t->priv_len);
	return VC_CODEC_NONE;
}

enum vc_codec vc_refit_held(const struct vc_webmread_track *t)
{
	bool is_l16 = t->type == VC_WEBM_AUDIO &&
		      vc_str_is(t->codec, "A_PCM/INT/BIG") && t->bits == 16 &&
		      t->rate_hz >= 1 && t->rate_hz <= L16_RATE_MAX &&
		      t->channels && t->channels <= L16_CHANNELS_MAX;

	return is_l16 && !t->is_encoded ? VC_CODEC_L16 : vc_refit_webm(t);
}

bool vc_refit_is_subrip(const struct vc_webmread_track *t)
{
	return vc_str_is(t->codec, VC_WEBMTEXT_SUBRIP);
}

/* --- what the container says of the codec --- */

static void note_sps(struct vc_refit *r, const uint8_t *nal, size_t len)
{
	struct vc_h264_sps sps;

	if (vc_h264_type(nal[0]) != VC_H264_SPS ||
	    vc_h264_sps_parse(&sps, nal, len))
		return;
	r->sps = sps;
	r->has_sps = true;
}

static int take_avcc(struct vc_refit *r, const uint8_t *p, size_t len)
{
	struct vc_avcc a;
	struct vc_wr w;
	const uint8_t *nal;
	size_t n;

	if (vc_avcc_parse(&a, p, len))
		return -EBADMSG;
	r->size_len = a.size_len;
	r->front = vc_try_alloc(1, SETS_MAX);
	if (!r->front)
		return -ENOMEM;
	w = vc_wr_over(r->front, SETS_MAX);
	while (vc_avcc_set_next(&a, &nal, &n)) {
		if (nal[0] & 0x80 || vc_h264_has_code(nal, n))
			return -EBADMSG;
		note_sps(r, nal, n);
		vc_wr_bytes(&w, CODE, CODE_LEN);
		vc_wr_bytes(&w, nal, n);
	}
	r->front_len = vc_wr_len(&w);
	return w.bad ? -EBADMSG : 0;
}

static int take_av1c(struct vc_refit *r, const uint8_t *p, size_t len)
{
	struct vc_rd rd = vc_rd_over(p, len);
	struct vc_av1_obu o;

	if (len < AV1C_HEAD || p[0] != 0x81)
		return -EBADMSG;
	vc_rd_skip(&rd, AV1C_HEAD);
	while (vc_rd_left(&rd)) {
		const uint8_t *start = rd.p;

		if (!vc_av1_obu_next(&rd, &o))
			return -EBADMSG;
		if (o.type != VC_AV1_SEQUENCE || r->front)
			continue;
		r->front_len = (size_t)(rd.p - start);
		r->front = vc_try_alloc(1, r->front_len);
		if (!r->front)
			return -ENOMEM;
		memcpy(r->front, start, r->front_len);
	}
	return 0;
}

static int take_opus(const uint8_t *p, size_t len)
{
	if (len <= OPUS_HEAD_FAMILY || memcmp(p, "OpusHead", 8))
		return -EBADMSG;
	return p[OPUS_HEAD_CHANNELS] >= 1 && p[OPUS_HEAD_CHANNELS] <= 2 &&
			       !p[OPUS_HEAD_FAMILY] ?
		       0 :
		       -ENOTSUP;
}

static int take_priv(struct vc_refit *r, const uint8_t *p, size_t len)
{
	switch (r->codec) {
	case VC_CODEC_H264:
		return p ? take_avcc(r, p, len) : 0;
	case VC_CODEC_AV1:
		return p ? take_av1c(r, p, len) : 0;
	case VC_CODEC_OPUS:
		return p ? take_opus(p, len) : 0;
	case VC_CODEC_VP8:
	case VC_CODEC_VP9:
	case VC_CODEC_PCMU:
	case VC_CODEC_PCMA:
	case VC_CODEC_G722:
	case VC_CODEC_L16:
	case VC_CODEC_T140:
		return 0;
	default:
		return -ENOTSUP;
	}
}

struct vc_refit *vc_refit_new(enum vc_codec codec, const uint8_t *priv,
			      size_t len, int *err)
{
	struct vc_refit *r = vc_try_alloc(1, sizeof(*r));

	*err = -ENOMEM;
	if (!r)
		return NULL;
	r->codec = codec;
	r->sound_rate = G711_RATE;
	*err = take_priv(r, len ? priv : NULL, len);
	if (!*err)
		return r;
	vc_refit_free(r);
	return NULL;
}

void vc_refit_free(struct vc_refit *r)
{
	if (!r)
		return;
	free(r->front);
	free(r->buf);
	free(r);
}

void vc_refit_set_subrip(struct vc_refit *r, bool is_subrip)
{
	r->is_subrip = is_subrip;
}

void vc_refit_set_sound(struct vc_refit *r, uint32_t rate_hz,
			unsigned int channels)
{
	if (r->codec == VC_CODEC_L16 && rate_hz && channels)
		r->sound_rate = (int64_t)rate_hz * channels * 2;
}

static int room(struct vc_refit *r, size_t need, struct vc_wr *w)
{
	if (need > r->cap) {
		free(r->buf);
		r->cap = 0;
		r->buf = vc_try_alloc(1, need + need / 2);
		if (!r->buf)
			return -ENOMEM;
		r->cap = need + need / 2;
	}
	*w = vc_wr_over(r->buf, r->cap);
	return 0;
}

/* --- H.264 --- */

/* What is in a frame. */
struct units {
	size_t n;
	size_t octets;
	bool has_sps, has_idr, has_slice;
};

static bool next_unit(const struct vc_refit *r, struct vc_rd *rd,
		      const uint8_t **nal, size_t *len)
{
	return r->size_len ? vc_avcc_nal_next(rd, r->size_len, nal, len) :
			     vc_h264_annexb_next(rd, nal, len);
}

static int count_units(struct vc_refit *r, struct vc_rd rd, struct units *u)
{
	const uint8_t *nal;
	size_t len;

	while (next_unit(r, &rd, &nal, &len)) {
		unsigned int type = vc_h264_type(nal[0]);

		if (!type || type > VC_H264_LAST || nal[0] & 0x80 ||
		    (r->size_len && vc_h264_has_code(nal, len)))
			return -EBADMSG;
		note_sps(r, nal, len);
		u->n++;
		u->octets += len;
		u->has_sps |= type == VC_H264_SPS;
		u->has_idr |= type == VC_H264_IDR;
		u->has_slice |= type >= VC_H264_SLICE && type <= VC_H264_IDR;
	}
	if (rd.bad)
		return -EBADMSG;
	return u->has_slice ? 0 : -ENODATA;
}

/* 'front' goes before all but a delimiter. */
static void write_units(const struct vc_refit *r, struct vc_rd rd,
			struct vc_wr *w, size_t front_len)
{
	const uint8_t *nal;
	size_t len;

	while (next_unit(r, &rd, &nal, &len)) {
		if (vc_h264_type(nal[0]) != VC_H264_AUD) {
			vc_wr_bytes(w, r->front, front_len);
			front_len = 0;
		}
		vc_wr_bytes(w, CODE, CODE_LEN);
		vc_wr_bytes(w, nal, len);
	}
}

static int fit_h264(struct vc_refit *r, struct vc_refit_frame *f)
{
	struct vc_rd rd = vc_rd_over(f->p, f->len);
	struct units u = { 0 };
	int err = count_units(r, rd, &u);
	size_t front_len = u.has_idr && !u.has_sps ? r->front_len : 0;
	struct vc_wr w;

	if (err)
		return err;
	f->is_key |= u.has_idr;
	if (!r->size_len && !front_len)
		return 0;
	err = room(r, front_len + u.n * CODE_LEN + u.octets, &w);
	if (err)
		return err;
	write_units(r, rd, &w, front_len);
	f->p = r->buf;
	f->len = vc_wr_len(&w);
	return 0;
}

/* --- AV1 --- */

/* The last one need not say its size. */
static bool next_obu(struct vc_rd *r, struct vc_av1_obu *o, bool *has_size)
{
	if (!vc_rd_left(r))
		return false;
	*has_size = r->p[0] & 2;
	if (*has_size)
		return vc_av1_obu_next(r, o);
	r->bad |= vc_av1_obu_parse(o, r->p, vc_rd_left(r)) != 0;
	if (r->bad)
		return false;
	r->p = r->end;
	return true;
}

static int fit_av1(struct vc_refit *r, struct vc_refit_frame *f)
{
	struct vc_rd rd = vc_rd_over(f->p, f->len), again = rd;
	bool has_sequence = false, has_sizes = true, has_frame = false, has;
	size_t front_len;
	struct vc_av1_obu o;
	struct vc_wr w;

	while (next_obu(&rd, &o, &has)) {
		has_sizes &= has;
		has_sequence |= o.type == VC_AV1_SEQUENCE;
		has_frame |= !vc_av1_is_dropped(o.type);
	}
	if (rd.bad)
		return -EBADMSG;
	if (!has_frame)
		return -ENODATA;
	front_len = f->is_key && !has_sequence ? r->front_len : 0;
	if (has_sizes && !front_len)
		return 0;
	if (room(r, front_len + f->len + VC_AV1_LEB128_MAX, &w))
		return -ENOMEM;
	vc_wr_bytes(&w, r->front, front_len);
	while (next_obu(&again, &o, &has)) {
		if (vc_av1_is_dropped(o.type))
			continue;
		vc_av1_obu_head(&w, &o, true);
		vc_wr_bytes(&w, o.p, o.len);
	}
	f->p = r->buf;
	f->len = vc_wr_len(&w);
	return w.bad ? -EBADMSG : 0;
}

/* --- those that stay as they are --- */

static int look_vp8(struct vc_refit_frame *f)
{
	struct vc_vp8_frame vp8;

	if (vc_vp8_frame_parse(&vp8, f->p, f->len, f->len))
		return -EBADMSG;
	f->is_key = vp8.key;
	return 0;
}

static int look_vp9(struct vc_refit *r, struct vc_refit_frame *f)
{
	struct vc_vp9_frame vp9;

	if (vc_vp9_frame_parse(&vp9, f->p, f->len))
		return -EBADMSG;
	f->is_key = vp9.key;
	r->vp9_profile = vp9.profile;
	return 0;
}

static int look_opus(struct vc_refit_frame *f)
{
	int samples = vc_opus_samples(f->p, f->len);

	/* Ogg has its headers among the packets. */
	if (f->len >= 8 &&
	    (!memcmp(f->p, "OpusHead", 8) || !memcmp(f->p, "OpusTags", 8)))
		return -ENODATA;
	if (samples <= 0 || f->len > VC_TX_PACKET)
		return -EBADMSG;
	f->length = (int64_t)samples * VC_SEC / 48000;
	return 0;
}

static int fit_text(struct vc_refit *r, struct vc_refit_frame *f)
{
	struct vc_wr w;

	if (f->len > TEXT_MAX || !vc_utf8_valid((const char *)f->p, f->len))
		return -EBADMSG;
	if (room(r, f->len, &w))
		return -ENOMEM;
	f->len = vc_webmtext_read(!r->is_subrip, f->p, f->len, (char *)r->buf);
	f->p = r->buf;
	f->is_key = true;
	return f->len ? 0 : -ENODATA;
}

int vc_refit(struct vc_refit *r, const uint8_t *p, size_t len, bool is_said,
	     struct vc_refit_frame *out)
{
	*out = (struct vc_refit_frame){ .p = p, .len = len, .is_key = is_said };
	if (!len)
		return -ENODATA;
	if (len > VC_REFIT_MAX)
		return -EBADMSG;
	switch (r->codec) {
	case VC_CODEC_H264:
		return fit_h264(r, out);
	case VC_CODEC_AV1:
		return fit_av1(r, out);
	case VC_CODEC_VP8:
		return look_vp8(out);
	case VC_CODEC_VP9:
		return look_vp9(r, out);
	case VC_CODEC_OPUS:
		return look_opus(out);
	case VC_CODEC_T140:
		return fit_text(r, out);
	default:
		out->length = (int64_t)len * VC_SEC / r->sound_rate;
		return 0;
	}
}

bool vc_refit_in_order(const struct vc_refit *r)
{
	return r->codec != VC_CODEC_H264 || (r->has_sps && r->sps.is_in_order);
}

void vc_refit_fmtp(const struct vc_refit *r, char out[static VC_REFIT_FMTP])
{
	out[0] = '\0';
	if (r->codec == VC_CODEC_H264 && r->has_sps)
		snprintf(out, VC_REFIT_FMTP,
			 "packetization-mode=1;profile-level-id=%02x%02x%02x",
			 r->sps.profile_idc, r->sps.constraints,
			 r->sps.level_idc);
	if (r->codec == VC_CODEC_VP9 && r->vp9_profile)
		snprintf(out, VC_REFIT_FMTP, "profile-id=%d", r->vp9_profile);
}

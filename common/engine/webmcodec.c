/* SPDX-License-Identifier: MIT */
/*
 * CodecPrivate is OpusHead, a WAVEFORMATEX, avcC or av1C. The last two come out
 * of the first key frame; later ones have theirs in band as well, so that
 * pictures may change.
 */
#include "engine/webmcodec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "wire/av1.h"
#include "wire/avcc.h"
#include "wire/codec.h"
#include "wire/opus.h"

#define PRIV_MAX 4096
#define OPUS_PREROLL (80 * VC_MS) /* RFC 7845 section 4.6 */
#define AVC "V_MPEG4/ISO/AVC"

static const struct row {
	enum vc_codec codec;
	const char *id;
	bool is_webm;
	uint16_t wave; /* format of a WAVEFORMATEX */
} rows[] = {
	{ VC_CODEC_OPUS, "A_OPUS", true, 0 },
	{ VC_CODEC_PCMU, "A_MS/ACM", false, 7 },
	{ VC_CODEC_PCMA, "A_MS/ACM", false, 6 },
	{ VC_CODEC_G722, "A_MS/ACM", false, 0x28f },
	{ VC_CODEC_L16, "A_PCM/INT/BIG", false, 0 },
	{ VC_CODEC_VP8, "V_VP8", true, 0 },
	{ VC_CODEC_VP9, "V_VP9", true, 0 },
	{ VC_CODEC_AV1, "V_AV1", true, 0 },
	{ VC_CODEC_H264, AVC, false, 0 },
};

static void write_wave(struct vc_wr *w, uint16_t format,
		       const struct vc_webm_track *t)
{
	/* G.722 puts two samples into an octet. */
	bool is_half = format == 0x28f;

	vc_wr_le(w, format, 2);
	vc_wr_le(w, t->channels, 2);
	vc_wr_le(w, t->rate_hz, 4);
	vc_wr_le(w, t->rate_hz * t->channels / (is_half ? 2 : 1), 4);
	vc_wr_le(w, t->channels, 2);
	vc_wr_le(w, is_half ? 4 : 8, 2);
	vc_wr_le(w, 0, 2);
}

static int write_priv(struct vc_wr *w, const struct row *row,
		      const struct vc_webm_track *t,
		      const struct vc_track_info *info)
{
	switch (row->codec) {
	case VC_CODEC_OPUS:
		vc_opus_head_write(w, info->channels,
				   (uint16_t)(info->delay * 48 / VC_MS));
		return 0;
	case VC_CODEC_AV1:
		return vc_av1c_write(w, info->first, info->first_len);
	case VC_CODEC_H264:
		return vc_avcc_write(w, info->first, info->first_len);
	default:
		if (row->wave)
			write_wave(w, row->wave, t);
		return 0;
	}
}

static void set_sound(struct vc_webm_track *t, const struct row *row,
		      const struct vc_track_info *info)
{
	t->channels = info->channels;
	t->rate_hz = info->rate_hz;
	if (row->codec == VC_CODEC_G722)
		t->rate_hz = 2 * info->rate_hz; /* RFC 3551 section 4.5.2 */
	if (row->codec == VC_CODEC_L16)
		t->bits = 16;
	if (row->codec != VC_CODEC_OPUS)
		return;
	t->rate_hz = 48000;
	t->codec_delay = (uint64_t)info->delay;
	t->seek_preroll = OPUS_PREROLL;
}

int vc_webmcodec_set(struct vc_webm_track *t, const struct vc_track_info *info,
		     bool is_webm)
{
	enum vc_codec codec = vc_codec_by_name(vc_str_c(info->codec));
	const struct row *row = rows;
	uint8_t room[PRIV_MAX], *priv;
	struct vc_wr w = vc_wr_over(room, sizeof(room));

	while (row < rows + VC_COUNT(rows) && row->codec != codec)
		row++;
	if (row == rows + VC_COUNT(rows) || (is_webm && !row->is_webm))
		return -ENOTSUP;
	t->codec = row->id;
	if (info->kind == VC_TRACK_AUDIO)
		set_sound(t, row, info);
	if (write_priv(&w, row, t, info))
		return -ENOTSUP;
	if (!vc_wr_len(&w))
		return 0;
	priv = vc_try_alloc(1, vc_wr_len(&w));
	if (!priv)
		return -ENOMEM;
	memcpy(priv, room, vc_wr_len(&w));
	t->priv = priv;
	t->priv_len = vc_wr_len(&w);
	return 0;
}

bool vc_webmcodec_has_lengths(const struct vc_webm_track *t)
{
	return !strcmp(t->codec, AVC);
}

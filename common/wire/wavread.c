/* SPDX-License-Identifier: MIT */
/*
 * Samples become blocks in network order, which is the other one. A file whose
 * writer died has samples behind those that its header tells of: they are not
 * taken for a chunk, and the file is none that may end there.
 */
#include "wire/wavread.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/ntp.h"
#include "wire/webm.h"

#define NAME 4 /* octets, of a chunk */

static int refuse(struct vc_wavread *r, struct vc_webmread_item *out)
{
	r->has_head = r->is_refused = true;
	out->track = (struct vc_webmread_track){
		.number = 1,
		.type = VC_WEBM_AUDIO,
		.codec = vc_str_c("WAV of another format"),
	};
	return vc_webmread_is(out, VC_WEBMREAD_TRACK, 0);
}

/* As many octets as a block of a packet may have. */
static size_t unit_of(const struct vc_wav *wav, size_t block)
{
	bool is_pcm = wav->format == VC_WAV_PCM;
	size_t samples = wav->rate_hz / (is_pcm ? 100 : 50);
	size_t most = VC_WAVREAD_BLOCK_MAX / block;

	if (samples > most)
		samples = most;
	return (samples ? samples : 1) * block;
}

/* WAVEFORMATEX, as Matroska has it. */
static void describe(struct vc_wavread *r)
{
	struct vc_wr w = vc_wr_over(r->priv, sizeof(r->priv));

	vc_wr_le(&w, (uint16_t)r->wav.format, 2);
	vc_wr_le(&w, r->wav.channels, 2);
	vc_wr_le(&w, r->wav.rate_hz, 4);
	vc_wr_le(&w, r->wav.rate_hz * (uint32_t)r->block, 4);
	vc_wr_le(&w, r->block, 2);
	vc_wr_le(&w, 8, 2);
	vc_wr_le(&w, 0, 2);
}

static int take_head(struct vc_wavread *r, const uint8_t *buf, size_t len,
		     struct vc_webmread_item *out)
{
	int err = vc_wav_parse_any(&r->wav, buf, len);
	bool is_pcm;

	if (err == -EAGAIN && len < VC_WAVREAD_HEAD_MAX) {
		out->size = len + 1;
		return 0;
	}
	if (err == -ENOTSUP)
		return refuse(r, out);
	if (err)
		return -EBADMSG;
	is_pcm = r->wav.format == VC_WAV_PCM;
	r->has_head = true;
	r->block = r->wav.channels * (is_pcm ? 2u : 1u);
	r->unit = unit_of(&r->wav, r->block);
	r->left = r->wav.long_len - r->wav.long_len % r->block;
	r->is_endless = r->wav.long_len >= VC_WAV_UNKNOWN &&
			r->wav.data_len == VC_WAV_UNKNOWN && buf[1] != 'F';
	if (r->is_endless)
		r->left = UINT64_MAX;
	else if (r->left / r->block / r->wav.rate_hz < UINT32_MAX)
		r->said = vc_rtp_to_ns((int64_t)(r->left / r->block),
				       r->wav.rate_hz);
	describe(r);
	out->track = (struct vc_webmread_track){
		.number = 1,
		.type = VC_WEBM_AUDIO,
		.codec = vc_str_c(is_pcm ? "A_PCM/INT/BIG" : "A_MS/ACM"),
		.priv = r->priv,
		.priv_len = is_pcm ? 0 : sizeof(r->priv),
		.rate_hz = r->wav.rate_hz,
		.channels = r->wav.channels,
		.bits = 16,
	};
	return vc_webmread_is(out, VC_WEBMREAD_TRACK, r->wav.data_at);
}

static bool is_name(const uint8_t *p)
{
	for (size_t i = 0; i < NAME; i++)
		if (p[i] < ' ' || p[i] > 'z')
			return false;
	return true;
}

/*
 * What is behind the samples: a chunk, which has a name of letters. Who wrote
 * that there are none had none yet, so there may be samples, too.
 */
static void look_behind(struct vc_wavread *r, const uint8_t *name)
{
	bool is_chunk = is_name(name);

	r->has_tail = true;
	r->is_odd_tail = !is_chunk && r->wav.long_len;
	r->is_endless = !is_chunk && !r->wav.long_len;
	if (r->is_endless)
		r->left = UINT64_MAX;
}

/* A block of 'n' octets. */
static int take_samples(struct vc_wavread *r, const uint8_t *buf, size_t n,
			struct vc_webmread_item *out)
{
	struct vc_webmread_block *b = &out->block;

	for (size_t i = 0; r->wav.format == VC_WAV_PCM && i < n; i++)
		r->swapped[i] = buf[i ^ 1];
	b->track = 1;
	b->time = vc_rtp_to_ns(r->at, r->wav.rate_hz);
	b->is_key = true;
	b->duration = -1;
	b->data = r->wav.format == VC_WAV_PCM ? r->swapped : buf;
	b->n = 1;
	b->size[0] = (uint32_t)n;
	if (!r->is_endless)
		r->left -= n;
	r->at += (int64_t)(n / r->block);
	if (b->time > VC_WEBMREAD_TIME_MAX)
		return -EBADMSG;
	return vc_webmread_is(out, VC_WEBMREAD_BLOCK, n);
}

/* Octets of no sample that are behind the last one. */
static size_t padding(const struct vc_wavread *r)
{
	return r->wav.long_len % r->block + (r->wav.long_len & 1);
}

int vc_wavread_next(struct vc_wavread *r, const uint8_t *buf, size_t len,
		    struct vc_webmread_item *out)
{
	if (!r->has_head)
		return take_head(r, buf, len, out);
	out->size = 1;
	if (!r->is_refused && !r->left && !r->has_tail)
		out->size = padding(r) + NAME;
	if (len < out->size)
		return 0;
	if (out->size > 1)
		look_behind(r, buf + padding(r));
	if (r->is_refused || !r->left)
		return vc_webmread_is(out, VC_WEBMREAD_SKIP, len);
	out->size = r->left < r->unit ? (size_t)r->left : r->unit;
	return len < out->size ? 0 : take_samples(r, buf, out->size, out);
}

int vc_wavread_end(struct vc_wavread *r, const uint8_t *buf, size_t len,
		   struct vc_webmread_item *out)
{
	if (!r->block)
		return 0;
	if (!r->left)
		return vc_webmread_is(out, VC_WEBMREAD_SKIP,
				      len == padding(r) ? len : 0);
	len -= len % r->block;
	return len ? take_samples(r, buf, len, out) : 0;
}

bool vc_wavread_is_whole(const struct vc_wavread *r)
{
	return r->has_head && !r->is_odd_tail &&
	       (r->is_endless || r->is_refused || !r->left);
}

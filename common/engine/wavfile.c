/* SPDX-License-Identifier: MIT */
/*
 * 'end' counts samples of a channel that are in the file. A unit that belongs
 * elsewhere gets silence before it, or loses what lies before 'end'. Opus is
 * heard later than its packet begins, by the encoder's delay.
 */
#include "engine/wavfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/audiodec.h"
#include "engine/outfile.h"
#include "wire/codec.h"
#include "wire/ntp.h"
#include "wire/wav.h"

#define SLACK (20 * VC_MS)
#define GAP_MAX (12 * 3600 * VC_SEC)
#define PIECE 4096 /* octets */

struct vc_wavfile {
	struct vc_outfile *out;
	bool has_track;
	bool has_started;
	enum vc_codec codec;
	struct vc_audiodec *dec; /* NULL: as it is */
	struct vc_wav head;
	int64_t delay;	    /* ns */
	unsigned int block; /* octets of a sample of all channels */
	uint8_t silence;
	int64_t end;
	int64_t cut;	  /* samples of gaps that were too long */
	int64_t flush_at; /* by 'end' */
	int16_t pcm[2 * VC_AUDIODEC_MAX];
	uint8_t room[PIECE];
};

struct vc_wavfile *vc_wavfile_new(struct vc_outfile *out)
{
	struct vc_wavfile *f = vc_try_alloc(1, sizeof(*f));

	if (f)
		f->out = out;
	return f;
}

static void clear(void *c)
{
	struct vc_wavfile *f = c;

	if (!f)
		return;
	vc_audiodec_free(f->dec);
	free(f);
}

static int set_decoder(struct vc_wavfile *f, const struct vc_track_info *info)
{
	int err;

	f->dec = vc_audiodec_new(f->codec, info->rate_hz, &err);
	if (!f->dec)
		return err;
	f->head.rate_hz = VC_AUDIODEC_RATE;
	if (info->channels > 1) {
		vc_audiodec_set_stereo(f->dec);
		f->head.channels = 2;
	}
	return 0;
}

static int add(void *c, const struct vc_track_info *info, unsigned int *track)
{
	struct vc_wavfile *f = c;
	int err = 0;

	if (info->kind != VC_TRACK_AUDIO || info->channels > 16)
		return -ENOTSUP;
	if (f->has_track)
		return -EMLINK;
	f->codec = vc_codec_by_name(vc_str_c(info->codec));
	f->delay = info->delay;
	f->silence = 0;
	f->head = (struct vc_wav){
		.format = VC_WAV_PCM,
		.rate_hz = info->rate_hz,
		.channels = (uint16_t)(info->channels ? info->channels : 1),
	};
	if (f->codec == VC_CODEC_PCMU) {
		f->head.format = VC_WAV_ULAW;
		f->silence = 0xff;
	} else if (f->codec == VC_CODEC_PCMA) {
		f->head.format = VC_WAV_ALAW;
		f->silence = 0xd5;
	} else if (f->codec != VC_CODEC_L16) {
		f->head.channels = 1;
		err = set_decoder(f, info);
	}
	if (err)
		return err;
	f->block = f->head.channels * (f->head.format == VC_WAV_PCM ? 2 : 1);
	f->flush_at = f->head.rate_hz;
	f->has_track = true;
	*track = 0;
	return 0;
}

static int put_head(struct vc_wavfile *f, bool is_known)
{
	uint8_t head[VC_WAV_LONG_HEADER];

	f->head.long_len = is_known ? (uint64_t)f->end * f->block : UINT64_MAX;
	vc_wav_write_long(head, &f->head);
	if (!f->has_started)
		return vc_outfile_write(f->out, head, sizeof(head));
	if (!vc_outfile_can_patch(f->out))
		return 0;
	return vc_outfile_patch(f->out, 0, head, sizeof(head));
}

static int put_silence(struct vc_wavfile *f, int64_t samples)
{
	int err = 0;

	memset(f->room, f->silence, sizeof(f->room));
	f->end += samples;
	while (!err && samples) {
		int64_t n = PIECE / f->block;

		if (n > samples)
			n = samples;
		err = vc_outfile_write(f->out, f->room, (size_t)n * f->block);
		samples -= n;
	}
	return err;
}

/* 16-bit samples, 'n' in all, in the file's order of octets. */
static int put_pcm(struct vc_wavfile *f, const int16_t *pcm, size_t n)
{
	int err = 0;

	while (!err && n) {
		size_t k = n < PIECE / 2 ? n : PIECE / 2;

		for (size_t i = 0; i < k; i++) {
			f->room[2 * i] = (uint8_t)pcm[i];
			f->room[2 * i + 1] = (uint8_t)((uint16_t)pcm[i] >> 8);
		}
		err = vc_outfile_write(f->out, f->room, 2 * k);
		pcm += k;
		n -= k;
	}
	return err;
}

/* L16, which has the other order. */
static int put_swapped(struct vc_wavfile *f, const uint8_t *p, size_t len)
{
	int err = 0;

	while (!err && len) {
		size_t k = len < PIECE ? len : PIECE;

		for (size_t i = 0; i + 1 < k; i += 2) {
			f->room[i] = p[i + 1];
			f->room[i + 1] = p[i];
		}
		err = vc_outfile_write(f->out, f->room, k);
		p += k;
		len -= k;
	}
	return err;
}

/* All but the first 'skip' samples of a unit. */
static int put_unit(struct vc_wavfile *f, const struct vc_container_unit *u,
		    int64_t skip, int64_t samples)
{
	size_t at = (size_t)skip * f->block;
	size_t n = (size_t)(samples - skip) * f->block;

	f->end += samples - skip;
	if (f->dec)
		return put_pcm(f, f->pcm + at / 2, n / 2);
	if (f->codec == VC_CODEC_L16)
		return put_swapped(f, u->data + at, n);
	return vc_outfile_write(f->out, u->data + at, n);
}

/* How far 'at' is from the end of the file, where that is worth a change. */
static int64_t gap_before(struct vc_wavfile *f, int64_t at)
{
	int64_t slack = vc_rtp_from_ns(SLACK, f->head.rate_hz);
	int64_t gap = at - f->cut - f->end;

	if (gap > vc_rtp_from_ns(GAP_MAX, f->head.rate_hz)) {
		f->cut += gap;
		return 0;
	}
	return (f->end && gap >= -slack && gap < slack) ? 0 : gap;
}

static int flush(void *c)
{
	struct vc_wavfile *f = c;
	int err = f->has_started ? put_head(f, true) : 0;

	return err ? err : vc_outfile_flush(f->out);
}

static int write_unit(void *c, const struct vc_container_unit *u)
{
	struct vc_wavfile *f = c;
	int64_t at = vc_rtp_from_ns(u->time - f->delay, f->head.rate_hz);
	int64_t samples = (int64_t)(u->len / f->block), gap;
	int err = 0;

	if (f->dec)
		samples = vc_audiodec_decode(f->dec, u->data, u->len, f->pcm);
	if (samples <= 0)
		return samples == -ENOMEM ? -ENOMEM : 0;
	if (!f->has_started)
		err = put_head(f, false);
	f->has_started = !err;
	gap = gap_before(f, at);
	if (!err && gap > 0)
		err = put_silence(f, gap);
	if (!err && -gap < samples)
		err = put_unit(f, u, gap < 0 ? -gap : 0, samples);
	if (err || f->end < f->flush_at)
		return err;
	f->flush_at = f->end + f->head.rate_hz;
	return flush(f);
}

/* Who decodes begins a little earlier, and hears nothing of that. */
static int lead(void *c, const struct vc_container_unit *u)
{
	struct vc_wavfile *f = c;

	return f->dec ? write_unit(f, u) : 0;
}

/* What is heard late, of the time before it: as long as the delay. */
static int trail(void *c, const struct vc_container_unit *u)
{
	struct vc_wavfile *f = c;
	int64_t end = vc_rtp_from_ns(u->time, f->head.rate_hz) - f->cut;
	int64_t at = vc_rtp_from_ns(u->time - f->delay, f->head.rate_hz);
	int64_t gap, samples;

	if (!f->dec || !f->has_started)
		return 0;
	gap = gap_before(f, at);
	samples = vc_audiodec_decode(f->dec, u->data, u->len, f->pcm);
	if (samples > end - f->end)
		samples = end - f->end;
	if (samples <= 0 || gap)
		return samples == -ENOMEM ? -ENOMEM : 0;
	return put_unit(f, u, 0, samples);
}

static int finish(void *c)
{
	struct vc_wavfile *f = c;
	int err = 0;

	if (!f->has_started)
		return -ENODATA;
	if ((uint64_t)f->end * f->block & 1)
		err = vc_outfile_write(f->out, "", 1);
	return err ? err : flush(f);
}

const struct vc_container_ops vc_wavfile_ops = {
	.name = "wav",
	.add = add,
	.write = write_unit,
	.lead = lead,
	.trail = trail,
	.flush = flush,
	.finish = finish,
	.free = clear,
};

/* SPDX-License-Identifier: MIT */
/*
 * Encoders of sound, whatever the codec: Opus, G.722, PCMU, PCMA and L16. 16-bit
 * samples, interleaved when there are two channels; counts are samples a
 * channel. What comes out is an RTP payload. Decoding is engine/audiodec.h's.
 */
#ifndef VC_CODEC_AUDIO_H
#define VC_CODEC_AUDIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/codec.h"

#define VC_AUDENC_COMPLEXITY 5
#define VC_AUDENC_PACKET_MAX 8192 /* octets */

struct vc_audenc;

struct vc_audenc_cfg {
	enum vc_codec codec;
	/* Of samples; 0: the best. Opus: 8000, 12000, 16000, 24000, 48000;
	 * G722: 16000; PCMU, PCMA: 8000; L16: 8000 to 48000. */
	uint32_t rate_hz;
	int channels; /* 0: 1; 2 for Opus and L16 only */
	/* 10, 20, 40 or 60, of L16 also 5: 10 ms of stereo at 48 kHz take
	 * 1,920 octets, and over VC_AUDENC_PACKET_MAX is -EINVAL. */
	int ptime_ms;
	/* Of Opus, ignored by the others. */
	uint32_t bitrate_bps; /* 6000..510000, clamped */
	int complexity;	      /* 0..10; VC_AUDENC_COMPLEXITY is the default */
	bool dtx;	      /* send next to nothing in silence */
	bool fec;	      /* in-band FEC for the packet before */
	int loss_percent;     /* what FEC and the encoder shall expect */
};

/* NULL and a negative errno in *err: -ENOTSUP (codec), -EINVAL, -ENOMEM. */
struct vc_audenc *vc_audenc_new(const struct vc_audenc_cfg *cfg, int *err);
void vc_audenc_free(struct vc_audenc *enc);

/* Hz of the samples that go in, and of the RTP time that counts them. */
uint32_t vc_audenc_rate(const struct vc_audenc *enc);
uint32_t vc_audenc_clock(const struct vc_audenc *enc);

/* Samples a channel in a packet. */
size_t vc_audenc_samples(const struct vc_audenc *enc);

/*
 * Encodes vc_audenc_samples() of them ('n', else -EINVAL). Returns the octets
 * written, -ENOBUFS when 'cap' is under VC_AUDENC_PACKET_MAX, -EIO. With dtx 1
 * or 2 octets mean silence that need not be sent.
 */
int vc_audenc_encode(struct vc_audenc *enc, const int16_t *pcm, size_t n,
		     uint8_t *out, size_t cap);

/* 'dst' goes on where 'src' is. 0, or -EINVAL: they are not of one format. */
int vc_audenc_copy(struct vc_audenc *dst, const struct vc_audenc *src);

/* From the next packet on. 0, or -ENOTSUP where the codec has but one. */
int vc_audenc_set_bitrate(struct vc_audenc *enc, uint32_t bitrate_bps);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Opus (RFC 6716) through libopus. 16-bit samples, interleaved when there are
 * two channels; counts are samples a channel.
 */
#ifndef VC_CODEC_OPUS_H
#define VC_CODEC_OPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A packet never holds more than 120 ms: that many samples at 48 kHz. */
#define VC_OPUS_MAX_SAMPLES 5760

/* What the encoder is given as room and never exceeds (RFC 6716, 3.4). */
#define VC_OPUS_PACKET_MAX 1276

struct vc_opus_enc;
struct vc_opus_dec;

struct vc_opus_enc_cfg {
	uint32_t rate_hz;     /* 8000, 12000, 16000, 24000, 48000 */
	int channels;	      /* 1 or 2 */
	uint32_t bitrate_bps; /* 6000..510000, clamped */
	int complexity;	      /* 0..10; VC_OPUS_COMPLEXITY is the default */
	int ptime_ms;	      /* 10, 20, 40 or 60 */
	bool dtx;	      /* send next to nothing in silence */
	bool fec;	      /* in-band FEC for the packet before */
	int loss_percent;     /* what FEC and the encoder shall expect */
};

#define VC_OPUS_COMPLEXITY 5

/* NULL and a negative errno in *err: -EINVAL for the cfg, -ENOMEM. */
struct vc_opus_enc *vc_opus_enc_new(const struct vc_opus_enc_cfg *cfg,
				    int *err);
void vc_opus_enc_free(struct vc_opus_enc *enc);

/*
 * Encodes 'n' samples a channel (ptime_ms of them, else -EINVAL). Returns the
 * octets written, or -ENOBUFS when 'cap' is under VC_OPUS_PACKET_MAX, -EIO.
 * With dtx 1 or 2 octets mean silence that need not be sent.
 */
int vc_opus_encode(struct vc_opus_enc *enc, const int16_t *pcm, int n,
		   uint8_t *out, size_t cap);

/* From the next packet on. 0 or -EINVAL. */
int vc_opus_enc_set_bitrate(struct vc_opus_enc *enc, uint32_t bitrate_bps);

/* Samples at 48 kHz that a decoder must drop at the start (CodecDelay). */
int vc_opus_enc_lookahead(const struct vc_opus_enc *enc);

/*
 * Copies the whole state, so that 'dst' goes on where 'src' is. Both must be
 * of equal rate and channels: else -EINVAL.
 */
int vc_opus_enc_copy(struct vc_opus_enc *dst, const struct vc_opus_enc *src);

/* 'rate_hz' and 'channels' are what comes out, whatever the packets hold. */
struct vc_opus_dec *vc_opus_dec_new(uint32_t rate_hz, int channels, int *err);
void vc_opus_dec_free(struct vc_opus_dec *dec);

/*
 * Decodes one packet, which wire/opus.h has found well-formed. Returns
 * samples a channel, or -EBADMSG (not Opus), -ENOBUFS (more than
 * 'max_samples' a channel).
 */
int vc_opus_decode(struct vc_opus_dec *dec, const uint8_t *p, size_t len,
		   int16_t *pcm, int max_samples);

/*
 * What the packet before 'p' is likely to have held, from the FEC in 'p' if
 * it has any, else by concealment. 'n' as in vc_opus_conceal().
 */
int vc_opus_decode_fec(struct vc_opus_dec *dec, const uint8_t *p, size_t len,
		       int16_t *pcm, int n);

/*
 * Makes up for 'n' samples a channel that were lost; a multiple of 2.5 ms, at
 * most 120 ms. Returns n or -EINVAL.
 */
int vc_opus_conceal(struct vc_opus_dec *dec, int16_t *pcm, int n);

#endif

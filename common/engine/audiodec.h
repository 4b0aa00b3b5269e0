/* SPDX-License-Identifier: MIT */
/*
 * Packets of sound to samples at 48 kHz, whatever the codec: Opus, G.722, PCMU,
 * PCMA and L16. Mono, or two channels, interleaved; counts are samples of one.
 * Part of engine/audiorx.h; bounds are checked here.
 */
#ifndef VC_ENGINE_AUDIODEC_H
#define VC_ENGINE_AUDIODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/codec.h"

#define VC_AUDIODEC_RATE 48000
/* Samples of a packet: 200 ms, which RFC 3551 (4.2) wants to be accepted. */
#define VC_AUDIODEC_MAX 9600
#define VC_AUDIODEC_GAP_MAX 5760 /* made up in one go */

struct vc_audiodec;

/* 'rate_hz' of RTP time. NULL and '*err': -ENOTSUP for either, -ENOMEM. */
struct vc_audiodec *vc_audiodec_new(enum vc_codec codec, uint32_t rate_hz,
				    int *err);
void vc_audiodec_free(struct vc_audiodec *d);

/* Of L16, 1 at first; the others say it themselves, or have one. */
void vc_audiodec_set_channels(struct vc_audiodec *d, unsigned int channels);

/* From now on two channels come out, the same twice of what has one. */
void vc_audiodec_set_stereo(struct vc_audiodec *d);
/* Did a packet have two? */
bool vc_audiodec_is_stereo(const struct vc_audiodec *d);

/* Samples in a payload, without decoding it; -EBADMSG. */
int vc_audiodec_samples(const struct vc_audiodec *d, const uint8_t *p,
			size_t len);

/* Writes at most VC_AUDIODEC_MAX samples. Their number, -EBADMSG or -ENOMEM. */
int vc_audiodec_decode(struct vc_audiodec *d, const uint8_t *p, size_t len,
		       int16_t *pcm);

/*
 * Of G.711 and G.722: a packet of comfort noise (wire/cn.h), and the first
 * VC_AUDIODEC_NOISE samples of it; as many, -EBADMSG, or -ENOTSUP for other
 * codecs. There is more of it ('has_noise') until sound is decoded.
 */
#define VC_AUDIODEC_NOISE 120
int vc_audiodec_noise(struct vc_audiodec *d, const uint8_t *p, size_t len,
		      int16_t *pcm);
bool vc_audiodec_has_noise(const struct vc_audiodec *d);
/* 'n' samples more, a multiple of 120. */
void vc_audiodec_more_noise(struct vc_audiodec *d, int16_t *pcm, size_t n);

/*
 * Makes up for 'n' samples, a multiple of 120 up to VC_AUDIODEC_GAP_MAX, that
 * were lost. 'p', if not NULL, is the payload that follows them: it may hold a
 * copy of lower quality of the last of them. Returns how many came from it.
 */
size_t vc_audiodec_conceal(struct vc_audiodec *d, const uint8_t *p, size_t len,
			   int16_t *pcm, size_t n);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * From sound at 48 kHz, 20 ms at a time, to packets of a format: brought to its
 * rate, cut into its packets, encoded. One may be made to go on where another
 * of the same format is: what comes out of the two is then the same, for equal
 * sound. Deterministic.
 */
#ifndef VC_ENGINE_SOUNDENC_H
#define VC_ENGINE_SOUNDENC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/codec.h"

#define VC_SOUNDENC_SAMPLES 960 /* a channel, that are put at once */

struct vc_soundenc;

struct vc_soundenc_conf {
	enum vc_codec codec;   /* Opus, G722, PCMU, PCMA, L16 */
	uint32_t rate_hz;      /* of samples; 0: the best */
	unsigned int channels; /* of what goes in, too */
	uint32_t bitrate_bps;  /* of Opus */
	/* 0: 20, or so much less that L16 is in packets a network carries. */
	int ptime_ms;
	/* Of Opus. */
	bool has_complexity; /* else it is the default */
	int complexity;
	int fec_percent; /* in-band FEC for so much loss; 0: none */
};

struct vc_soundenc_packet {
	const uint8_t *p; /* until the next call */
	size_t len;
	int64_t back; /* ns from its first sample to the end of what was put */
	uint8_t level_dbov; /* RFC 6464 */
};

/* NULL and '*err': -ENOTSUP (codec), -EINVAL, -ENOMEM. */
struct vc_soundenc *vc_soundenc_new(const struct vc_soundenc_conf *conf,
				    int *err);
void vc_soundenc_free(struct vc_soundenc *e);

/* Of RTP time. */
uint32_t vc_soundenc_clock(const struct vc_soundenc *e);

/*
 * 'dst' goes on where 'src' is, both with no packet left to take. 0, -EINVAL
 * when they are not of one format, -ENOMEM.
 */
int vc_soundenc_copy(struct vc_soundenc *dst, const struct vc_soundenc *src);

/* Interleaved. Before it all packets were taken. */
void vc_soundenc_put(struct vc_soundenc *e, const int16_t *pcm);

/* 1: a packet; 0: there is none until more is put; or -EIO: one is lost. */
int vc_soundenc_next(struct vc_soundenc *e, struct vc_soundenc_packet *out);

/* As vc_audenc_set_bitrate(). */
int vc_soundenc_set_bitrate(struct vc_soundenc *e, uint32_t bitrate_bps);

#endif

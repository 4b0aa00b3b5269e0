/* SPDX-License-Identifier: MIT */
/* Opus packets, looked at without decoding (RFC 6716 section 3). */
#ifndef VC_WIRE_OPUS_H
#define VC_WIRE_OPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define VC_OPUS_HEAD_LEN 19
#define VC_OPUS_SAMPLES_MAX 5760 /* 120 ms at 48 kHz */
#define VC_OPUS_FRAMES_MAX 48

enum vc_opus_mode {
	VC_OPUS_SILK,
	VC_OPUS_HYBRID,
	VC_OPUS_CELT,
};

struct vc_opus {
	uint8_t config; /* 0..31 */
	enum vc_opus_mode mode;
	uint8_t channels; /* 1 or 2: of this packet, not of the stream */
	unsigned int frame_samples; /* at 48 kHz */
	unsigned int n_frames;
	unsigned int samples; /* of all frames, at most VC_OPUS_SAMPLES_MAX */
	bool is_dtx;	      /* at most 2 octets: nothing but comfort noise */
};

/* 0, or -EBADMSG: breaks one of the rules R1 to R7 of RFC 6716 section 3.4. */
int vc_opus_parse(struct vc_opus *o, const uint8_t *p, size_t len);

/* Samples at 48 kHz in a well-formed packet, 120 to 5760, else -EBADMSG. */
int vc_opus_samples(const uint8_t *p, size_t len);

/*
 * A packet of frames that have no octets (RFC 6716 section 3.2.5): in the mode
 * of 'toc', the first octet of another, as many as fit into 'samples' at 48
 * kHz, 120 ms at most; what is less than a frame of that, in shorter ones. '*n'
 * is how many samples it lasts. Returns its length; 0: nothing fits.
 */
size_t vc_opus_silence(uint8_t toc, int64_t samples, uint8_t out[static 2],
		       int64_t *n);

/*
 * Whether the encoder took it for voice: 1 or 0 by the VAD flag of the first
 * SILK frame, -1 where there is none (CELT, DTX, malformed).
 */
int vc_opus_voice(const uint8_t *p, size_t len);

/*
 * Samples at 48 kHz, right before this packet's, of which it holds a copy (the
 * LBRR frame of its first frame, RFC 6716 section 4.2.4); 0: none.
 */
unsigned int vc_opus_fec(const uint8_t *p, size_t len);

/*
 * OpusHead (RFC 7845 section 5.1), mapping family 0: 1 or 2 channels,
 * 'pre_skip' samples at 48 kHz. VC_OPUS_HEAD_LEN octets.
 */
void vc_opus_head_write(struct vc_wr *w, unsigned int channels,
			uint16_t pre_skip);

struct vc_opus_head {
	unsigned int channels; /* 1 or 2 */
	uint16_t pre_skip;     /* samples at 48 kHz that are not played */
	int16_t gain;	       /* of what is decoded: dB, times 256 */
};

/*
 * Reads one: 0, -EBADMSG: it is none, -ENOTSUP: of another version, or another
 * mapping than family 0.
 */
int vc_opus_head_parse(struct vc_opus_head *head, const uint8_t *p, size_t len);

/* The same of what a dOps box of MP4 holds, which says it in network order. */
int vc_opus_dops_parse(struct vc_opus_head *head, const uint8_t *p, size_t len);

#endif

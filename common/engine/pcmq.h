/* SPDX-License-Identifier: MIT */
/*
 * Samples that wait to be played, of one channel or two (interleaved); counts
 * are samples a channel. Where sound breaks off it fades out, played backwards
 * from there, and what comes first or after a break fades in: no step is heard.
 */
#ifndef VC_ENGINE_PCMQ_H
#define VC_ENGINE_PCMQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/audiodec.h"

#define VC_PCMQ_CAP (4 * VC_AUDIODEC_MAX)
#define VC_PCMQ_FADE 120 /* 2.5 ms */

struct vc_pcmq {
	int16_t *pcm;
	size_t n;
	unsigned int channels;
	bool is_fading_in; /* with the next of them */
	/* What was taken last, the newest last; of that the first 'fall' have
	 * not been played backwards yet. */
	int16_t past[2 * VC_PCMQ_FADE];
	size_t fall;
};

/* Empty, without room; also to change the number of channels. */
void vc_pcmq_init(struct vc_pcmq *q, unsigned int channels);
/* Room (much), if there is none yet, before anything else. 0 or -ENOMEM. */
int vc_pcmq_open(struct vc_pcmq *q);
void vc_pcmq_clear(struct vc_pcmq *q);

/* Where the next ones are written before vc_pcmq_add(). */
int16_t *vc_pcmq_end(struct vc_pcmq *q);
/* 'n' lie there, of which the first 'skip' are not wanted. */
void vc_pcmq_add(struct vc_pcmq *q, size_t n, size_t skip);

/* The first ones, at most 'n'; how many. */
size_t vc_pcmq_take(struct vc_pcmq *q, int16_t *pcm, size_t n);

/*
 * 'n' of silence, as nothing is there: what was taken last fades out in them.
 * False: they are all zeros.
 */
bool vc_pcmq_silence(struct vc_pcmq *q, int16_t *pcm, size_t n);

/* As engine/stretch.h: by how many it is shorter or longer; 0: it cannot. */
size_t vc_pcmq_cut(struct vc_pcmq *q, size_t max);
size_t vc_pcmq_repeat(struct vc_pcmq *q, size_t max);

#endif

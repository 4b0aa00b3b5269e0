/* SPDX-License-Identifier: MIT */
#include "engine/pcmq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/stretch.h"

#define FADE_IN 120

int vc_pcmq_init(struct vc_pcmq *q, unsigned int channels)
{
	int16_t *pcm = vc_try_alloc(VC_PCMQ_CAP, channels * sizeof(*pcm));

	if (!pcm)
		return -ENOMEM;
	free(q->pcm);
	*q = (struct vc_pcmq){ .pcm = pcm, .channels = channels };
	return 0;
}

void vc_pcmq_clear(struct vc_pcmq *q)
{
	free(q->pcm);
	*q = (struct vc_pcmq){ 0 };
}

static size_t octets(const struct vc_pcmq *q, size_t n)
{
	return n * q->channels * sizeof(*q->pcm);
}

static void fade_in(struct vc_pcmq *q, int16_t *pcm, size_t n)
{
	int ch = (int)q->channels;

	if (!q->is_fading_in)
		return;
	q->is_fading_in = false;
	if (n > FADE_IN)
		n = FADE_IN;
	for (int i = 0; i < (int)n * ch; i++)
		pcm[i] = (int16_t)(pcm[i] * (i / ch) / FADE_IN);
}

int16_t *vc_pcmq_end(struct vc_pcmq *q)
{
	return q->pcm + q->n * q->channels;
}

void vc_pcmq_add(struct vc_pcmq *q, size_t n, size_t skip)
{
	int16_t *end = vc_pcmq_end(q);

	n -= skip;
	memmove(end, end + skip * q->channels, octets(q, n));
	fade_in(q, end, n);
	q->n += n;
}

size_t vc_pcmq_take(struct vc_pcmq *q, int16_t *pcm, size_t n)
{
	if (n > q->n)
		n = q->n;
	fade_in(q, q->pcm, q->n);
	memcpy(pcm, q->pcm, octets(q, n));
	q->n -= n;
	memmove(q->pcm, q->pcm + n * q->channels, octets(q, q->n));
	return n;
}

static bool can_stretch(const struct vc_pcmq *q)
{
	return q->n >= VC_STRETCH_ROOM && q->n + VC_STRETCH_MAX <= VC_PCMQ_CAP;
}

size_t vc_pcmq_cut(struct vc_pcmq *q, size_t max)
{
	if (!can_stretch(q))
		return 0;
	max = vc_stretch_cut(q->pcm, q->n, max, q->channels);
	q->n -= max;
	return max;
}

size_t vc_pcmq_repeat(struct vc_pcmq *q, size_t max)
{
	if (!can_stretch(q))
		return 0;
	max = vc_stretch_repeat(q->pcm, q->n, max, q->channels);
	q->n += max;
	return max;
}

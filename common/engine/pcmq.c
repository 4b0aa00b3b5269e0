/* SPDX-License-Identifier: MIT */
#include "engine/pcmq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/stretch.h"

#define FADE VC_PCMQ_FADE

void vc_pcmq_init(struct vc_pcmq *q, unsigned int channels)
{
	free(q->pcm);
	*q = (struct vc_pcmq){ .channels = channels, .is_fading_in = true };
}

int vc_pcmq_open(struct vc_pcmq *q)
{
	if (!q->pcm)
		q->pcm = vc_try_alloc(VC_PCMQ_CAP,
				      q->channels * sizeof(*q->pcm));
	return q->pcm ? 0 : -ENOMEM;
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

static int16_t clamp(int v)
{
	return (int16_t)(v > INT16_MAX ? INT16_MAX :
			 v < INT16_MIN ? INT16_MIN :
					 v);
}

/* The next sample but 'i' of what fades out, of channel 'ch'. */
static int fallen(const struct vc_pcmq *q, size_t i, size_t ch)
{
	size_t left = q->fall - i;

	if (i >= q->fall)
		return 0;
	return q->past[(left - 1) * q->channels + ch] * (int)left / FADE;
}

/* The head of the queue, while what was taken last fades out. */
static void fade_in(struct vc_pcmq *q)
{
	size_t n = q->n < FADE ? q->n : FADE, ch = q->channels;

	if (!q->is_fading_in || !n)
		return;
	q->is_fading_in = false;
	for (size_t i = 0; i < n * ch; i++)
		q->pcm[i] = clamp(q->pcm[i] * (int)(i / ch) / (int)n +
				  fallen(q, i / ch, i % ch));
}

static void remember(struct vc_pcmq *q, const int16_t *pcm, size_t n)
{
	size_t kept = n < FADE ? FADE - n : 0;

	memmove(q->past, q->past + (FADE - kept) * q->channels,
		octets(q, kept));
	memcpy(q->past + kept * q->channels,
	       pcm + (n - (FADE - kept)) * q->channels, octets(q, FADE - kept));
	q->fall = FADE;
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
	q->n += n;
}

size_t vc_pcmq_take(struct vc_pcmq *q, int16_t *pcm, size_t n)
{
	if (n > q->n)
		n = q->n;
	if (!n)
		return 0;
	fade_in(q);
	memcpy(pcm, q->pcm, octets(q, n));
	remember(q, pcm, n);
	q->n -= n;
	memmove(q->pcm, q->pcm + n * q->channels, octets(q, q->n));
	return n;
}

bool vc_pcmq_silence(struct vc_pcmq *q, int16_t *pcm, size_t n)
{
	size_t fall = n < q->fall ? n : q->fall, ch = q->channels;
	bool is_heard = false;

	for (size_t i = 0; i < fall * ch; i++) {
		pcm[i] = (int16_t)fallen(q, i / ch, i % ch);
		is_heard |= pcm[i] != 0;
	}
	memset(pcm + fall * ch, 0, octets(q, n - fall));
	q->fall -= fall;
	return is_heard;
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

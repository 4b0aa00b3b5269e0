/* SPDX-License-Identifier: MIT */
/*
 * heard[NAME]: one audio source is decoded as a listener would hear it, and a
 * detector for each name listens (media/tone.h).
 */
#include <stdlib.h>

#include "base/mem.h"
#include "engine/audiorx.h"
#include "media/tone.h"
#include "probe.h"

#define TICK_SAMPLES (VC_AUDIORX_RATE / 50)

struct ears {
	struct vc_audiorx *rx;
	size_t n;
	struct vc_heard heard[];
};

struct ears *ears_new(const struct probe *p, struct vc_source *src)
{
	struct ears *e;
	int err;

	e = vc_try_alloc(1, sizeof(*e) + p->n_heard * sizeof(e->heard[0]));
	if (!e)
		return NULL;
	e->rx = vc_audiorx_new((enum vc_codec)src->codec, src->rate_hz,
			       src->play, &err);
	if (!e->rx) {
		free(e);
		return NULL;
	}
	vc_audiorx_set_channels(e->rx, src->channels);
	e->n = p->n_heard;
	for (size_t i = 0; i < e->n; i++)
		vc_heard_init(&e->heard[i], p->heard[i], VC_AUDIORX_RATE);
	return e;
}

void ears_free(struct ears *e)
{
	if (!e)
		return;
	vc_audiorx_free(e->rx);
	free(e);
}

void ears_put(struct ears *e, struct vc_packet *pkt, const struct vc_rtp *rtp,
	      bool is_noise)
{
	if (is_noise)
		vc_audiorx_put_noise(e->rx, pkt, rtp);
	else
		vc_audiorx_put(e->rx, pkt, rtp);
}

void ears_tick(struct ears *e, int64_t now)
{
	int16_t pcm[TICK_SAMPLES];

	vc_audiorx_pull(e->rx, now, pcm, TICK_SAMPLES);
	for (size_t i = 0; i < e->n; i++)
		vc_heard_feed(&e->heard[i], pcm, TICK_SAMPLES);
}

void ears_end(struct ears *e)
{
	if (!e)
		return;
	vc_audiorx_free(e->rx);
	e->rx = NULL;
}

bool ears_held(const struct ears *e)
{
	return e && e->rx && vc_audiorx_held(e->rx);
}

bool ears_share(const struct ears *e, size_t i, double *share)
{
	if (!vc_heard_looks(&e->heard[i]))
		return false;
	*share = vc_heard_share(&e->heard[i]);
	return true;
}

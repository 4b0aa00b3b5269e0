/* SPDX-License-Identifier: MIT */
/* heard[NAME]: a detector for each name listens (media/tone.h). */
#include <stdlib.h>

#include "base/mem.h"
#include "decode.h"
#include "media/tone.h"
#include "probe.h"

#define RATE 48000

struct ears {
	size_t n;
	struct vc_heard heard[];
};

struct ears *ears_new(const struct probe *p)
{
	struct ears *e;

	e = vc_try_alloc(1, sizeof(*e) + p->n_heard * sizeof(e->heard[0]));
	if (!e)
		return NULL;
	e->n = p->n_heard;
	for (size_t i = 0; i < e->n; i++)
		vc_heard_init(&e->heard[i], p->heard[i], RATE);
	return e;
}

void ears_free(struct ears *e)
{
	free(e);
}

void ears_feed(struct ears *e, const int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < e->n; i++)
		vc_heard_feed(&e->heard[i], pcm, n);
}

bool ears_share(const struct ears *e, size_t i, double *share)
{
	if (!vc_heard_looks(&e->heard[i]))
		return false;
	*share = vc_heard_share(&e->heard[i]);
	return true;
}

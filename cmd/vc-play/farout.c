/* SPDX-License-Identifier: MIT */
/* --far as one of the outputs: what is heard, when it leaves (far.h). */
#include <stdlib.h>

#include "base/mem.h"
#include "far.h"
#include "output.h"
#include "tool/patient.h"

struct farout {
	struct play *p;
	struct far *far;
};

static bool is_wanted(const struct play_options *o)
{
	return o->far;
}

static void check(struct vc_tool *t, const struct play_options *o)
{
	vc_patient_check(t, "--far", o->far);
}

static void *open_far(struct play *p, const struct play_options *o)
{
	struct farout *f = vc_alloc(1, sizeof(*f));

	f->p = p;
	f->far = far_open(p->tool, o->far);
	if (f->far)
		return f;
	free(f);
	return NULL;
}

static void hear(void *ctx, int64_t at, const int16_t *pcm, bool is_sound)
{
	struct farout *f = ctx;
	bool is_live = vc_in_clock(f->p->in) == VC_CLOCK_LIVE || f->p->is_paced;

	(void)is_sound;
	far_hear(f->far, play_clock(f->p, at), pcm,
		 is_live ? "live" : "virtual");
}

static void stats(const void *ctx, struct vc_json *record)
{
	const struct farout *f = ctx;

	far_stats(f->far, record);
}

static void close_far(void *ctx, bool had_media)
{
	struct farout *f = ctx;

	(void)had_media;
	far_close(f->far);
	free(f);
}

const struct output_ops far_ops = {
	.is_wanted = is_wanted,
	.check = check,
	.open = open_far,
	.hear = hear,
	.stats = stats,
	.close = close_far,
};

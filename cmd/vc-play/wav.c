/* SPDX-License-Identifier: MIT */
/*
 * Sound as WAV: the mix of all voices, or a file for each participant. All
 * files begin with stream time and are silent where nobody speaks, so that
 * they can be laid beside each other. A tick is gathered from a participant's
 * sources and written when the mix of that tick comes by.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/outfile.h"
#include "target.h"
#include "wire/wav.h"

#define FLUSH_TICKS 10

struct track {
	struct part part;
	uint64_t octets;
	unsigned int ticks; /* since the last flush */
	bool is_sound;	    /* there was some */
	int16_t pcm[TICK_SAMPLES];
};

struct wav {
	struct parts parts; /* of a pattern */
	struct track *mix;  /* of one file */
	const char *text;
};

static int write_tick(struct track *t, const int16_t *pcm)
{
	uint8_t octets[2 * TICK_SAMPLES];

	for (size_t i = 0; i < TICK_SAMPLES; i++) {
		uint16_t v = (uint16_t)pcm[i];

		octets[2 * i] = (uint8_t)v;
		octets[2 * i + 1] = (uint8_t)(v >> 8);
	}
	t->octets += sizeof(octets);
	return vc_outfile_write(t->part.target.file, octets, sizeof(octets));
}

static void put_tick(struct track *t, const int16_t *pcm)
{
	int err;

	if (!t->part.target.file)
		return;
	t->ticks++;
	err = write_tick(t, pcm);
	/* Who reads a pipe waits for it. */
	if (!err && t->part.target.fd >= 0 && t->ticks >= FLUSH_TICKS) {
		t->ticks = 0;
		err = vc_outfile_flush(t->part.target.file);
	}
	if (!target_did(&t->part.target, "write", err))
		target_abandon(&t->part.target);
}

static void begin(struct track *t)
{
	uint8_t head[VC_WAV_HEADER];

	vc_wav_write(head, VC_MIXSUM_RATE_HZ, 1, VC_WAV_UNKNOWN);
	vc_outfile_write(t->part.target.file, head, sizeof(head));
}

static void voice(void *ctx, const struct stream *s, int64_t at,
		  const int16_t *pcm)
{
	struct wav *w = ctx;
	struct track *t;

	if (w->mix)
		return;
	t = (struct track *)parts_of(&w->parts, s, at);
	if (!t)
		return;
	if (!t->is_sound) {
		t->is_sound = true;
		begin(t);
		for (int64_t i = 0; i < at / TICK; i++)
			put_tick(t, t->pcm);
	}
	for (size_t i = 0; i < TICK_SAMPLES; i++) {
		int sum = t->pcm[i] + pcm[i];

		t->pcm[i] = (int16_t)(sum > INT16_MAX ? INT16_MAX :
				      sum < INT16_MIN ? INT16_MIN :
							sum);
	}
}

static void hear(void *ctx, int64_t at, const int16_t *pcm, bool is_sound)
{
	struct wav *w = ctx;

	(void)at;
	if (w->mix) {
		w->mix->is_sound |= is_sound;
		put_tick(w->mix, pcm);
		return;
	}
	for (struct part *p = w->parts.first; p; p = p->next) {
		struct track *t = (struct track *)p;

		put_tick(t, t->pcm);
		memset(t->pcm, 0, sizeof(t->pcm));
	}
}

static int patch_sizes(struct track *t)
{
	struct vc_outfile *file = t->part.target.file;
	uint8_t head[VC_WAV_HEADER];

	if (!vc_outfile_can_patch(file))
		return 0;
	vc_wav_write(head, VC_MIXSUM_RATE_HZ, 1, t->octets);
	return vc_outfile_patch(file, 0, head, sizeof(head));
}

static void close_track(struct track *t)
{
	if (t->is_sound && t->part.target.file &&
	    target_did(&t->part.target, "write", patch_sizes(t)))
		target_finish(&t->part.target);
	target_abandon(&t->part.target);
	free(t);
}

/* Without any sound there will be no file, which is said if there was media
 * of another kind. */
static void close_wav(void *ctx, bool had_media)
{
	struct wav *w = ctx;
	bool is_pipe = w->mix && w->mix->part.target.fd >= 0;

	if ((w->mix ? !w->mix->is_sound : !w->parts.first) && had_media)
		vc_tool_fail(w->parts.p->tool, VC_EXIT_NO_MEDIA,
			     "%s: no sound came%s", w->text,
			     is_pipe ? "" : ": not written");
	if (w->mix)
		close_track(w->mix);
	while (w->parts.first) {
		struct part *p = w->parts.first;

		w->parts.first = p->next;
		close_track((struct track *)p);
	}
	free(w);
}

static bool is_wanted(const struct play_options *o)
{
	return o->wav;
}

static void check(struct vc_tool *t, const struct play_options *o)
{
	target_check(t, o->wav,
		     parts_is_pattern(o->wav) ? TARGET_WORDS : "tag kind");
}

static void *open_wav(struct play *p, const struct play_options *o)
{
	struct wav *w = vc_alloc(1, sizeof(*w));

	w->text = o->wav;
	w->parts = (struct parts){ .p = p,
				   .pattern = o->wav,
				   .kind = "audio",
				   .size = sizeof(struct track) };
	if (parts_is_pattern(o->wav))
		return w;
	w->mix = vc_alloc(1, sizeof(*w->mix));
	if (target_open_one(&w->mix->part.target, p, o->wav, "audio")) {
		begin(w->mix);
		return w;
	}
	free(w->mix);
	free(w);
	return NULL;
}

const struct output_ops wav_ops = {
	.is_wanted = is_wanted,
	.check = check,
	.open = open_wav,
	.voice = voice,
	.hear = hear,
	.close = close_wav,
};

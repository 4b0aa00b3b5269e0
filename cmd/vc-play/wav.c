/* SPDX-License-Identifier: MIT */
/*
 * Sound as WAV: the mix of all voices, or a file for each participant. All
 * files begin with stream time and are silent where nobody speaks, so that
 * they can be laid beside each other. A tick is gathered from a participant's
 * sources and written when the mix of that tick comes by.
 *
 * A file has two channels if somebody in it has. Which is known when he is
 * heard, so its first seconds of sound wait for that; a pipe's reader does not.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/audiorx.h"
#include "engine/outfile.h"
#include "target.h"
#include "wire/wav.h"

#define FLUSH_TICKS 10
#define HELD_MIX 1000 /* ticks from the first sound on */
#define HELD_ONE 100
#define WIDE (2 * (size_t)TICK_SAMPLES)

struct track {
	struct part part;
	uint64_t octets;
	unsigned int ticks;    /* since the last flush */
	unsigned int channels; /* 0: not known, nothing is written */
	bool is_sound;	       /* there was some */
	bool is_wide;	       /* of two channels */
	uint64_t silent;       /* ticks before the first sound */
	int16_t *held;	       /* those after, while they wait */
	size_t n_held;
	int16_t pcm[2 * TICK_SAMPLES];
};

struct wav {
	struct parts parts; /* of a pattern */
	struct track *mix;  /* of one file */
	const char *text;
};

/* Left and right in. */
static int write_tick(struct track *t, const int16_t *pcm)
{
	uint8_t octets[2 * WIDE];
	size_t n = t->channels * (size_t)TICK_SAMPLES;
	size_t step = 2 / t->channels;

	for (size_t i = 0; i < n; i++) {
		uint16_t v = (uint16_t)pcm[i * step];

		octets[2 * i] = (uint8_t)v;
		octets[2 * i + 1] = (uint8_t)(v >> 8);
	}
	t->octets += 2 * n;
	return vc_outfile_write(t->part.target.file, octets, 2 * n);
}

static int begin(struct track *t)
{
	static const int16_t silence[WIDE];
	uint8_t head[VC_WAV_HEADER];
	int err;

	t->channels = t->is_wide ? 2 : 1;
	vc_wav_write(head, VC_MIXSUM_RATE_HZ, t->channels, VC_WAV_UNKNOWN);
	err = vc_outfile_write(t->part.target.file, head, sizeof(head));
	for (uint64_t i = 0; i < t->silent && !err; i++)
		err = write_tick(t, silence);
	for (size_t i = 0; i < t->n_held && !err; i++)
		err = write_tick(t, t->held + i * WIDE);
	free(t->held);
	t->held = NULL;
	return err;
}

/* Not begun: one tick more waits, or all are written now. */
static int hold(struct track *t, const int16_t *pcm, size_t max)
{
	bool is_pipe = t->part.target.fd >= 0;

	if (!t->is_sound && (!is_pipe || t->silent < HELD_ONE)) {
		t->silent++;
		return 0;
	}
	if (t->is_sound && !t->held)
		t->held = vc_try_alloc(max, WIDE * sizeof(*t->held));
	if (t->held) {
		memcpy(t->held + t->n_held * WIDE, pcm,
		       WIDE * sizeof(*t->held));
		t->n_held++;
		if (t->n_held < max && !is_pipe && !t->is_wide)
			return 0;
		return begin(t);
	}
	begin(t);
	return write_tick(t, pcm);
}

static void put_tick(struct track *t, const int16_t *pcm, size_t max)
{
	int err;

	if (!t->part.target.file)
		return;
	t->ticks++;
	err = t->channels ? write_tick(t, pcm) : hold(t, pcm, max);
	/* Who reads a pipe waits for it. */
	if (!err && t->part.target.fd >= 0 && t->ticks >= FLUSH_TICKS) {
		t->ticks = 0;
		err = vc_outfile_flush(t->part.target.file);
	}
	if (!target_did(&t->part.target, "write", err))
		target_abandon(&t->part.target);
}

static void voice(void *ctx, const struct stream *s, int64_t at,
		  const int16_t *pcm)
{
	struct wav *w = ctx;
	struct track *t;

	(void)pcm;
	if (w->mix)
		return;
	t = (struct track *)parts_of(&w->parts, s, at);
	if (!t)
		return;
	if (!t->is_sound)
		t->silent = (uint64_t)(at / TICK);
	t->is_sound = true;
	t->is_wide |= vc_audiorx_is_stereo(s->sound);
	for (size_t i = 0; i < WIDE; i++) {
		int sum = t->pcm[i] + s->play->wide[i];

		t->pcm[i] = (int16_t)(sum > INT16_MAX ? INT16_MAX :
				      sum < INT16_MIN ? INT16_MIN :
							sum);
	}
}

static void hear(void *ctx, int64_t at, const int16_t *pcm, bool is_sound)
{
	struct wav *w = ctx;
	const struct play *play = w->parts.p;

	(void)at;
	(void)pcm;
	if (w->mix) {
		w->mix->is_sound |= is_sound;
		w->mix->is_wide |= play->is_wide;
		put_tick(w->mix, play->wide, HELD_MIX);
		return;
	}
	for (struct part *p = w->parts.first; p; p = p->next) {
		struct track *t = (struct track *)p;

		put_tick(t, t->pcm, HELD_ONE);
		memset(t->pcm, 0, sizeof(t->pcm));
	}
}

static int patch_sizes(struct track *t)
{
	struct vc_outfile *file = t->part.target.file;
	uint8_t head[VC_WAV_HEADER];

	if (!vc_outfile_can_patch(file))
		return 0;
	vc_wav_write(head, VC_MIXSUM_RATE_HZ, t->channels, t->octets);
	return vc_outfile_patch(file, 0, head, sizeof(head));
}

static void close_track(struct track *t)
{
	if (t->is_sound && !t->channels && t->part.target.file &&
	    !target_did(&t->part.target, "write", begin(t)))
		target_abandon(&t->part.target);
	if (t->is_sound && t->part.target.file &&
	    target_did(&t->part.target, "write", patch_sizes(t)))
		target_finish(&t->part.target);
	target_abandon(&t->part.target);
	free(t->held);
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

/* WAV under another format's name would be taken for that. */
static void check_suffix(struct vc_tool *t, const char *text)
{
	static const char *const others[] = { ".mp3", ".ogg", ".opus", ".flac",
					      ".m4a", ".aac", ".webm", ".mp4",
					      ".mkv", ".wma" };
	size_t len = strlen(text);

	for (size_t i = 0; i < VC_COUNT(others); i++) {
		size_t n = strlen(others[i]);

		if (len > n && !strcasecmp(text + len - n, others[i]))
			vc_tool_usage(t,
				      "--wav %s: writes WAV, and no %s: `--wav "
				      "- | ffmpeg -i - %s`",
				      text, others[i] + 1, text);
	}
}

static void check(struct vc_tool *t, const struct play_options *o)
{
	check_suffix(t, o->wav);
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
	if (target_open_one(&w->mix->part.target, p, o->wav, "audio"))
		return w;
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

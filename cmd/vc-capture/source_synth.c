/* SPDX-License-Identifier: MIT */
/* A tone, silence, one colour: what tests and place holders are made of. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"
#include "media/pixels.h"
#include "media/tone.h"
#include "source.h"

#define TONE_HZ 1000
#define TONE_MAX_HZ 20000

struct synth {
	struct source base;
	struct source_config conf;
	struct vc_image img;
	struct vc_sine sine;
	bool is_silent;
	int64_t frame;
	int64_t sample;
};

static const struct {
	const char *name;
	uint32_t rgb;
} colours[] = {
	{ "black", 0x000000 },	{ "white", 0xffffff }, { "gray", 0x808080 },
	{ "red", 0xff0000 },	{ "green", 0x008000 }, { "blue", 0x0000ff },
	{ "yellow", 0xffff00 }, { "cyan", 0x00ffff },  { "magenta", 0xff00ff },
	{ "orange", 0xffa500 },
};

static int synth_video(struct source *base, int64_t now,
		       const struct vc_image **img, int64_t *pts)
{
	struct synth *s = (struct synth *)base;

	(void)now;
	*pts = source_frame_time(&s->conf, s->frame);
	s->frame++;
	*img = &s->img;
	return 1;
}

static int synth_audio(struct source *base, int16_t *pcm, size_t n,
		       int64_t *pts)
{
	struct synth *s = (struct synth *)base;
	size_t ch = (size_t)s->conf.channels;

	*pts = s->sample * VC_SEC / SOURCE_RATE;
	if (s->is_silent)
		memset(pcm, 0, n * ch * sizeof(*pcm));
	else
		vc_sine_read(&s->sine, pcm, n);
	if (!s->is_silent)
		source_spread(pcm, n, s->conf.channels);
	s->sample += (int64_t)n;
	return 1;
}

static void synth_skip(struct source *base, int64_t pts)
{
	struct synth *s = (struct synth *)base;

	if (source_go_on(&s->conf, pts, &s->frame, &s->sample))
		s->sine.sample = (uint64_t)s->sample;
}

static void synth_close(struct source *base)
{
	struct synth *s = (struct synth *)base;

	vc_image_clear(&s->img);
	free(s);
}

static const struct source_ops synth_ops = {
	.video = synth_video,
	.audio = synth_audio,
	.skip = synth_skip,
	.close = synth_close,
};

static struct synth *synth_new(const struct source_config *c, bool has_video)
{
	struct synth *s = vc_alloc(1, sizeof(*s));

	s->base.ops = &synth_ops;
	s->base.has_video = has_video;
	s->base.has_audio = !has_video;
	s->conf = *c;
	return s;
}

int source_open_tone(struct source **out, const struct source_config *c,
		     char error[static SOURCE_TEXT])
{
	uint64_t hz = TONE_HZ;
	struct synth *s;

	if (*c->text &&
	    (vc_num_u64(c->text, VC_TONE_GRID_HZ, TONE_MAX_HZ, &hz) ||
	     hz % VC_TONE_GRID_HZ)) {
		snprintf(error, SOURCE_TEXT,
			 "tone:HZ, a multiple of %d up to %d", VC_TONE_GRID_HZ,
			 TONE_MAX_HZ);
		return -EINVAL;
	}
	s = synth_new(c, false);
	vc_sine_init(&s->sine, (uint32_t)hz);
	*out = &s->base;
	return 0;
}

int source_open_silence(struct source **out, const struct source_config *c,
			char error[static SOURCE_TEXT])
{
	struct synth *s;

	if (*c->text) {
		vc_strlcpy(error, "silence: takes no more words", SOURCE_TEXT);
		return -EINVAL;
	}
	s = synth_new(c, false);
	s->is_silent = true;
	*out = &s->base;
	return 0;
}

/* A name of the list, or six hexadecimal digits. */
static int parse_colour(const char *text, uint32_t *rgb)
{
	for (size_t i = 0; i < VC_COUNT(colours); i++) {
		if (!strcmp(text, colours[i].name)) {
			*rgb = colours[i].rgb;
			return 0;
		}
	}
	if (strlen(text) != 6 || strspn(text, "0123456789abcdefABCDEF") != 6)
		return -EINVAL;
	*rgb = (uint32_t)strtoul(text, NULL, 16);
	return 0;
}

int source_open_color(struct source **out, const struct source_config *c,
		      char error[static SOURCE_TEXT])
{
	struct synth *s;
	uint32_t rgb;
	int err;

	if (parse_colour(c->text, &rgb)) {
		vc_strlcpy(error,
			   "color:NAME (black, white, gray, red, green, blue, "
			   "yellow, cyan, magenta, orange) or color:RRGGBB",
			   SOURCE_TEXT);
		return -EINVAL;
	}
	s = synth_new(c, true);
	err = vc_image_alloc(&s->img, c->width, c->height);
	if (err) {
		synth_close(&s->base);
		return err;
	}
	vc_image_fill(&s->img, 0, 0, c->width, c->height,
		      vc_pixels_colour(rgb));
	*out = &s->base;
	return 0;
}

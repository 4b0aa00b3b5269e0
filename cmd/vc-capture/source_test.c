/* SPDX-License-Identifier: MIT */
/* The test picture and the voice of a name, both by frame and sample number. */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "media/testpic.h"
#include "media/tone.h"
#include "source.h"

struct test {
	struct source base;
	struct source_config conf;
	struct vc_testpic pic;
	struct vc_image img;
	struct vc_tone tone;
	int64_t frame;
	int64_t sample;
};

static int test_video(struct source *base, int64_t now,
		      const struct vc_image **img, int64_t *pts)
{
	struct test *s = (struct test *)base;

	*pts = source_frame_time(&s->conf, s->frame);
	vc_testpic_draw(&s->pic, &s->img, (uint64_t)s->frame, now + *pts);
	s->frame++;
	*img = &s->img;
	return 1;
}

static int test_audio(struct source *base, int16_t *pcm, size_t n, int64_t *pts)
{
	struct test *s = (struct test *)base;

	*pts = s->sample * VC_SEC / SOURCE_RATE;
	vc_tone_read(&s->tone, pcm, n);
	source_spread(pcm, n, s->conf.channels);
	s->sample += (int64_t)n;
	return 1;
}

static void test_skip(struct source *base, int64_t pts)
{
	struct test *s = (struct test *)base;

	if (source_go_on(&s->conf, pts, &s->frame, &s->sample))
		vc_tone_seek(&s->tone, (uint64_t)s->sample);
}

static void test_close(struct source *base)
{
	struct test *s = (struct test *)base;

	vc_testpic_clear(&s->pic);
	vc_image_clear(&s->img);
	free(s);
}

static const struct source_ops test_ops = {
	.video = test_video,
	.audio = test_audio,
	.skip = test_skip,
	.close = test_close,
};

int source_open_test(struct source **out, const struct source_config *c,
		     char error[static SOURCE_TEXT])
{
	struct test *s;
	int err = 0;

	if (*c->text) {
		vc_strlcpy(error, "test: takes no more words", SOURCE_TEXT);
		return -EINVAL;
	}
	s = vc_alloc(1, sizeof(*s));
	s->base.ops = &test_ops;
	s->base.has_video = c->video;
	s->base.has_audio = c->audio;
	s->conf = *c;
	if (c->video)
		err = vc_testpic_init(&s->pic, c->width, c->height, c->name,
				      c->fps_num / c->fps_den);
	if (c->video && !err)
		err = vc_image_alloc(&s->img, c->width, c->height);
	if (err) {
		test_close(&s->base);
		return err;
	}
	if (c->audio)
		vc_tone_init(&s->tone, c->name, SOURCE_RATE);
	*out = &s->base;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A media file by gst/file.h, looped if asked. One that fell behind the present
 * goes on there: no frame of it is left out, all times move. What comes through
 * a pipe is taken as it comes.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "gst/file.h"
#include "source.h"

struct file {
	struct source base;
	struct source_config conf;
	struct vc_gst_file *f;
	struct vc_image img;
	bool video_ended, audio_ended;
	int64_t shift; /* of all times */
	int64_t last;  /* that was given, of either medium */
};

static int ended(struct file *s, bool *this_one)
{
	*this_one = true;
	if (!s->conf.loop)
		return 0;
	if ((s->base.has_video && !s->video_ended) ||
	    (s->base.has_audio && !s->audio_ended))
		return -EAGAIN;
	if (vc_gst_file_rewind(s->f))
		return 0;
	s->video_ended = s->audio_ended = false;
	return -EAGAIN;
}

static int result(struct file *s, int got, bool *this_one)
{
	if (!got)
		return ended(s, this_one);
	if (got < 0 && got != -EAGAIN)
		vc_strlcpy(s->base.error, vc_gst_file_text(s->f),
			   sizeof(s->base.error));
	return got;
}

static int timed(struct file *s, int got, int64_t *pts)
{
	if (got != 1)
		return got;
	*pts += s->shift;
	s->last = *pts;
	return got;
}

static int file_video(struct source *base, int64_t now,
		      const struct vc_image **img, int64_t *pts)
{
	struct file *s = (struct file *)base;
	int got;

	(void)now;
	if (s->video_ended)
		return ended(s, &s->video_ended);
	got = s->conf.wait ? vc_gst_file_video_wait(s->f, &s->img, pts) :
			     vc_gst_file_video(s->f, &s->img, pts);
	*img = &s->img;
	return result(s, timed(s, got, pts), &s->video_ended);
}

static int file_audio(struct source *base, int16_t *pcm, size_t n, int64_t *pts)
{
	struct file *s = (struct file *)base;
	int got;

	if (s->audio_ended)
		return ended(s, &s->audio_ended);
	got = s->conf.wait ? vc_gst_file_audio_wait(s->f, pcm, n, pts) :
			     vc_gst_file_audio(s->f, pcm, n, pts);
	return result(s, timed(s, got, pts), &s->audio_ended);
}

static int file_fd(struct source *base, bool is_video)
{
	struct file *s = (struct file *)base;

	/* Of a medium that has ended and waits for the other one: none. */
	if (is_video ? s->video_ended : s->audio_ended)
		return -1;
	return is_video ? vc_gst_file_video_fd(s->f) :
			  vc_gst_file_audio_fd(s->f);
}

static void file_skip(struct source *base, int64_t pts)
{
	struct file *s = (struct file *)base;

	if (pts > s->last)
		s->shift += pts - s->last;
}

static void file_close(struct source *base)
{
	struct file *s = (struct file *)base;

	vc_gst_file_close(s->f);
	free(s);
}

static const struct source_ops file_ops = {
	.video = file_video,
	.audio = file_audio,
	.fd = file_fd,
	.skip = file_skip,
	.close = file_close,
};

static const struct source_ops pipe_ops = {
	.video = file_video,
	.audio = file_audio,
	.fd = file_fd,
	.close = file_close,
};

int source_open_file(struct source **out, const struct source_config *c,
		     char error[static SOURCE_TEXT])
{
	struct vc_gst_file_config conf = {
		.width = c->video ? c->width : 0,
		.height = c->video ? c->height : 0,
		.fps_num = c->fps_num,
		.fps_den = c->fps_den,
		.channels = c->audio ? c->channels : 0,
	};
	char text[VC_GST_TEXT_CAP];
	struct file *s = vc_alloc(1, sizeof(*s));
	sigset_t all, before;
	int err;

	if (c->copy) {
		free(s);
		return source_open_copy(out, c, error);
	}
	s->base.ops = strcmp(c->text, "-") ? &file_ops : &pipe_ops;
	s->conf = *c;
	/* GStreamer's threads inherit this: signals are for our loop alone. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = vc_gst_file_open(&s->f, c->text, &conf, text);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err) {
		vc_strlcpy(error, text, SOURCE_TEXT);
		free(s);
		return err;
	}
	s->base.has_video = vc_gst_file_has_video(s->f);
	s->base.has_audio = vc_gst_file_has_audio(s->f);
	vc_strlcpy(s->base.note, vc_gst_file_note(s->f), sizeof(s->base.note));
	*out = &s->base;
	return 0;
}

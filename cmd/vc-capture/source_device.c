/* SPDX-License-Identifier: MIT */
/* Cameras, microphones and screens by gst/device.h, and the words for them. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "gst/device.h"
#include "source.h"

struct device {
	struct source base;
	struct vc_device *d;
	struct vc_image img;
};

static int result(struct device *s, int got)
{
	if (got < 0 && got != -EAGAIN)
		vc_strlcpy(s->base.error, vc_device_text(s->d), SOURCE_TEXT);
	return got;
}

static int device_video(struct source *base, int64_t now,
			const struct vc_image **img, int64_t *pts)
{
	struct device *s = (struct device *)base;

	(void)now;
	*img = &s->img;
	return result(s, vc_device_video(s->d, &s->img, pts));
}

static int device_audio(struct source *base, int16_t *pcm, size_t n,
			int64_t *pts)
{
	struct device *s = (struct device *)base;

	return result(s, vc_device_audio(s->d, pcm, n, pts));
}

static int device_fd(struct source *base, bool is_video)
{
	(void)is_video;
	return vc_device_fd(((struct device *)base)->d);
}

static void device_close(struct source *base)
{
	struct device *s = (struct device *)base;

	vc_device_close(s->d);
	free(s);
}

static const struct source_ops device_ops = {
	.video = device_video,
	.audio = device_audio,
	.fd = device_fd,
	.close = device_close,
};

static int open_kind(struct source **out, const struct source_config *c,
		     struct vc_device_config *conf,
		     char error[static SOURCE_TEXT])
{
	struct device *s = vc_alloc(1, sizeof(*s));
	char text[VC_GST_TEXT_CAP];
	sigset_t all, before;
	int err;

	conf->fps_num = c->fps_num;
	conf->fps_den = c->fps_den;
	conf->channels = c->channels;
	/* GStreamer's threads inherit this: signals are for our loop alone. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = vc_device_open(&s->d, conf, text);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err) {
		vc_strlcpy(error, text, SOURCE_TEXT);
		free(s);
		return err;
	}
	s->base.ops = &device_ops;
	s->base.is_device = true;
	s->base.has_video = conf->width > 0;
	s->base.has_audio = !conf->width;
	*out = &s->base;
	return 0;
}

int source_open_v4l2(struct source **out, const struct source_config *c,
		     char error[static SOURCE_TEXT])
{
	struct vc_device_config conf = { .kind = VC_DEVICE_V4L2,
					 .name = c->text,
					 .width = c->width,
					 .height = c->height };

	return open_kind(out, c, &conf, error);
}

int source_open_alsa(struct source **out, const struct source_config *c,
		     char error[static SOURCE_TEXT])
{
	struct vc_device_config conf = { .kind = VC_DEVICE_ALSA,
					 .name = c->text };

	return open_kind(out, c, &conf, error);
}

int source_open_pulse(struct source **out, const struct source_config *c,
		      char error[static SOURCE_TEXT])
{
	struct vc_device_config conf = { .kind = VC_DEVICE_PULSE,
					 .name = c->text };

	return open_kind(out, c, &conf, error);
}

/* A node gives one medium: what is wanted of it, pictures where both are. */
int source_open_pipewire(struct source **out, const struct source_config *c,
			 char error[static SOURCE_TEXT])
{
	struct vc_device_config conf = { .kind = VC_DEVICE_PIPEWIRE,
					 .name = c->text,
					 .width = c->video ? c->width : 0,
					 .height = c->video ? c->height : 0 };

	return open_kind(out, c, &conf, error);
}

/* "640x360+10+20". */
static int parse_region(struct vc_device_config *conf, const char *value)
{
	int w, h, x, y, end = 0;

	if (sscanf(value, "%5dx%5d+%5d+%5d%n", &w, &h, &x, &y, &end) != 4 ||
	    value[end] || w < 1 || h < 1 || x < 0 || y < 0)
		return -EINVAL;
	conf->region_w = w;
	conf->region_h = h;
	conf->region_x = x;
	conf->region_y = y;
	return 0;
}

/* In hexadecimal, too: that is how X programs print them. */
static int parse_window(struct vc_device_config *conf, const char *value)
{
	char *end;

	errno = 0;
	conf->window = strtoull(value, &end, 0);
	return errno || *end || *value == '-' || !conf->window ? -EINVAL : 0;
}

static int parse_key(struct vc_device_config *conf, const char *key)
{
	if (!strncmp(key, "region=", 7))
		return parse_region(conf, key + 7);
	if (!strncmp(key, "window=", 7))
		return parse_window(conf, key + 7);
	if (strcmp(key, "cursor=off") && strcmp(key, "cursor=on"))
		return -EINVAL;
	conf->no_cursor = !strcmp(key, "cursor=off");
	return 0;
}

int source_open_screen(struct source **out, const struct source_config *c,
		       char error[static SOURCE_TEXT])
{
	struct vc_device_config conf = { .kind = VC_DEVICE_SCREEN,
					 .width = c->width,
					 .height = c->height };
	char *words = vc_strdup(c->text), *rest = words, *key;
	int err = 0;

	conf.name = strsep(&rest, ",");
	while (!err && (key = strsep(&rest, ",")))
		err = parse_key(&conf, key);
	if (!err && conf.region_w && conf.window)
		err = -EINVAL;
	if (err)
		vc_strlcpy(error,
			   "screen:[DISPLAY][,region=WxH+X+Y | ,window=ID]"
			   "[,cursor=off]",
			   SOURCE_TEXT);
	else
		err = open_kind(out, c, &conf, error);
	free(words);
	return err;
}

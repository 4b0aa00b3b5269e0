/* SPDX-License-Identifier: MIT */
/*
 * A window with the grid of all, and the speakers; or (--sound) the speakers
 * alone, beside --ascii. The canvas is shown when something in it changed. A
 * machine without sound shows the pictures; one without a display is an error.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gst/window.h"
#include "media/pixels.h"
#include "output.h"
#include "tiles.h"

struct screen {
	struct vc_tool *tool;
	struct vc_gst_window *window;
	struct vc_watch watch;
	struct tiles tiles;
	bool has_window;
	bool has_sound;
	bool is_closed;
	uint64_t shown; /* generation of the canvas */
};

/* Threads that are made from here on leave signals to the loop. */
static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* With sound if there is any to be had. */
static int open_window(struct screen *s, struct vc_gst_window_config *conf)
{
	char text[VC_GST_TEXT_CAP], mute[VC_GST_TEXT_CAP];
	int err = vc_gst_window_open(&s->window, conf, text);

	s->has_sound = !err;
	if (err && s->has_window) {
		memcpy(mute, text, sizeof(mute));
		conf->channels = 0;
		err = vc_gst_window_open(&s->window, conf, text);
		if (!err)
			vc_tool_warn(s->tool, "no sound: %s", mute);
	}
	if (err && s->has_window)
		vc_tool_fail(s->tool, VC_EXIT_FAIL,
			     "window: %s (--ascii, --sheet FILE.png and "
			     "--wav FILE need none)",
			     text);
	else if (err)
		vc_tool_fail(s->tool, VC_EXIT_FAIL, "--sound: %s", text);
	return err;
}

/* --- events --- */

static void take_events(struct screen *s)
{
	struct vc_gst_event ev;

	while (!s->is_closed && vc_gst_window_event(s->window, &ev) == 1) {
		if (ev.kind == VC_GST_FAILED)
			vc_tool_warn(s->tool, "sound: %s", ev.text);
		if (ev.kind == VC_GST_GONE) {
			s->is_closed = true;
			vc_tool_fail(s->tool, VC_EXIT_FAIL, "window: %s",
				     ev.text);
			vc_tool_stop(s->tool, "error");
		}
		if (ev.kind == VC_GST_CLOSED ||
		    (ev.kind == VC_GST_KEY &&
		     (!strcmp(ev.text, "q") || !strcmp(ev.text, "Escape")))) {
			s->is_closed = true;
			vc_tool_stop(s->tool, "signal");
		}
	}
}

static void on_events(void *ctx, unsigned int events)
{
	(void)events;
	take_events(ctx);
}

static void start(void *ctx)
{
	struct screen *s = ctx;

	s->watch.fn = on_events;
	s->watch.ctx = s;
	s->watch.fd = vc_gst_window_fd(s->window);
	vc_loop_watch(vc_tool_loop(s->tool), &s->watch, VC_READ);
}

/* --- pictures and sound --- */

static void changed(void *ctx)
{
	struct screen *s = ctx;

	s->tiles.is_stale = true;
}

static void hear(void *ctx, int64_t at, const int16_t *pcm, bool is_sound)
{
	struct screen *s = ctx;

	(void)at;
	(void)is_sound;
	if (!s->has_sound || s->is_closed)
		return;
	/* A queue that is full drains by itself: what is too much is left. */
	if (vc_gst_window_audio(s->window, pcm, TICK_SAMPLES) == -EPIPE) {
		s->has_sound = false;
		take_events(s);
	}
}

static int put_picture(struct screen *s, const struct vc_image *img)
{
	if (vc_gst_window_wants_rgb(s->window))
		return vc_gst_window_rgb(s->window, img, vc_pixels_to_rgb);
	return vc_gst_window_video(s->window, img);
}

static void show(void *ctx)
{
	struct screen *s = ctx;
	struct vc_compose *canvas = s->tiles.canvas;

	if (s->is_closed || !s->has_window)
		return;
	tiles_draw(&s->tiles);
	if (s->shown == vc_compose_generation(canvas))
		return;
	s->shown = vc_compose_generation(canvas);
	if (!put_picture(s, vc_compose_canvas(canvas)))
		return;
	take_events(s);
	if (s->is_closed)
		return;
	s->is_closed = true;
	vc_tool_fail(s->tool, VC_EXIT_FAIL, "window: it is gone");
	vc_tool_stop(s->tool, "error");
}

static void close_screen(void *ctx, bool had_media)
{
	struct screen *s = ctx;

	(void)had_media;
	if (s->watch.fd >= 0)
		vc_loop_watch(vc_tool_loop(s->tool), &s->watch, 0);
	vc_gst_window_close(s->window);
	tiles_clear(&s->tiles);
	free(s);
}

/* --- life --- */

static bool is_windowed(const struct play_options *o)
{
	return !o->sheet && !o->wav && !o->y4m && !o->png && !o->md5 &&
	       !o->ascii && !o->text;
}

static bool is_wanted(const struct play_options *o)
{
	return is_windowed(o) || o->has_sound;
}

static void *open_screen(struct play *p, const struct play_options *o)
{
	struct vc_gst_window_config conf = { .title = o->title,
					     .width = o->size ? o->width : 1280,
					     .height = o->size ? o->height :
								 720,
					     .channels = 1,
					     .is_full = o->is_full };
	struct screen *s = vc_alloc(1, sizeof(*s));
	int err;

	s->tool = p->tool;
	s->watch.fd = -1;
	s->has_window = is_windowed(o);
	err = tiles_init(&s->tiles, p, conf.width, conf.height, o->no_names);
	if (!s->has_window)
		conf.width = conf.height = 0;
	block_signals();
	if (err)
		vc_tool_fail(p->tool, VC_EXIT_FAIL, "window: out of memory");
	if (!err && !open_window(s, &conf))
		return s;
	close_screen(s, false);
	return NULL;
}

const struct output_ops screen_ops = {
	.is_wanted = is_wanted,
	.open = open_screen,
	.start = start,
	.changed = changed,
	.hear = hear,
	.show = show,
	.close = close_screen,
};

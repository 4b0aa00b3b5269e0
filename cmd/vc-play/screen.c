/* SPDX-License-Identifier: MIT */
/*
 * A window with the grid of all, and the speakers. The canvas is composed and
 * shown when something in it changed. Streams with pictures have a tile each;
 * a participant who sends sound only has one with his initials. A machine
 * without sound shows the pictures; one without a display is an error.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "engine/videorx.h"
#include "gst/window.h"
#include "media/compose.h"
#include "media/layout.h"
#include "play.h"

#include "base/mem.h"

#define TILES VC_COMPOSE_TILES_MAX

struct screen {
	struct vc_tool *tool;
	struct vc_gst_window *window;
	struct vc_watch watch;
	struct vc_compose *canvas;
	int width, height;
	const struct stream *tiles[TILES];
	size_t n;
	bool is_stale; /* the tiles are not those of the streams */
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
	if (err) {
		memcpy(mute, text, sizeof(mute));
		conf->channels = 0;
		err = vc_gst_window_open(&s->window, conf, text);
		if (!err)
			vc_tool_warn(s->tool, "no sound: %s", mute);
	}
	if (err)
		vc_tool_fail(s->tool, VC_EXIT_FAIL,
			     "window: %s (--sheet FILE.png and --wav FILE "
			     "need none)",
			     text);
	return err;
}

struct screen *screen_open(struct vc_tool *t, int width, int height,
			   const char *title)
{
	struct vc_gst_window_config conf = { .title = title,
					     .width = width,
					     .height = height,
					     .channels = 1 };
	struct screen *s = vc_alloc(1, sizeof(*s));

	s->tool = t;
	s->width = width;
	s->height = height;
	s->watch.fd = -1;
	s->is_stale = true;
	s->canvas = vc_compose_new(width, height);
	block_signals();
	if (!s->canvas)
		vc_tool_fail(t, VC_EXIT_FAIL, "window: out of memory");
	if (!s->canvas || open_window(s, &conf)) {
		screen_close(s);
		return NULL;
	}
	return s;
}

/* --- events --- */

static void take_events(struct screen *s)
{
	struct vc_gst_event ev;

	while (!s->is_closed && vc_gst_window_event(s->window, &ev) == 1) {
		if (ev.kind == VC_GST_FAILED)
			vc_tool_warn(s->tool, "window: %s", ev.text);
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

void screen_start(struct screen *s)
{
	s->watch.fn = on_events;
	s->watch.ctx = s;
	s->watch.fd = vc_gst_window_fd(s->window);
	vc_loop_watch(vc_tool_loop(s->tool), &s->watch, VC_READ);
}

/* --- pictures and sound --- */

void screen_changed(struct screen *s)
{
	s->is_stale = true;
}

void screen_hear(struct screen *s, const int16_t *pcm)
{
	if (!s->has_sound || s->is_closed)
		return;
	/* A queue that is full drains by itself: what is too much is left. */
	if (vc_gst_window_audio(s->window, pcm, TICK_SAMPLES) == -EPIPE) {
		s->has_sound = false;
		take_events(s);
	}
}

static bool has_pictures(const struct stream *streams,
			 const struct vc_participant *who)
{
	for (const struct stream *s = streams; s; s = s->next)
		if (s->pictures && s->src->who == who)
			return true;
	return false;
}

/* One tile a stream with pictures, else one a participant. */
static bool has_tile(const struct stream *streams, const struct stream *s)
{
	if (s->pictures)
		return true;
	if (!s->sound || has_pictures(streams, s->src->who))
		return false;
	for (const struct stream *t = streams; t != s; t = t->next)
		if (t->sound && t->src->who == s->src->who)
			return false;
	return true;
}

static void lay_out(struct screen *s, const struct stream *streams)
{
	struct vc_rect rects[TILES];
	uint64_t keys[TILES];

	s->is_stale = false;
	s->n = 0;
	for (const struct stream *t = streams; t && s->n < TILES; t = t->next) {
		if (!has_tile(streams, t))
			continue;
		s->tiles[s->n] = t;
		keys[s->n] = t->id;
		s->n++;
	}
	if (vc_layout_grid(rects, TILES, s->n, s->width, s->height))
		s->n = 0;
	vc_compose_set_layout(s->canvas, rects, keys, s->n);
}

static void draw(struct screen *s, size_t i)
{
	const struct stream *from = s->tiles[i];
	struct vc_tile tile = { .name = play_name(from->src) };

	if (from->pictures)
		tile.image = vc_videorx_image(from->pictures, &tile.generation);
	vc_compose_tile(s->canvas, i, &tile);
}

void screen_show(struct screen *s, const struct stream *streams)
{
	if (s->is_closed)
		return;
	if (s->is_stale)
		lay_out(s, streams);
	for (size_t i = 0; i < s->n; i++)
		draw(s, i);
	if (s->shown == vc_compose_generation(s->canvas))
		return;
	s->shown = vc_compose_generation(s->canvas);
	if (!vc_gst_window_video(s->window, vc_compose_canvas(s->canvas)))
		return;
	take_events(s);
	if (s->is_closed)
		return;
	s->is_closed = true;
	vc_tool_fail(s->tool, VC_EXIT_FAIL, "window: it is gone");
	vc_tool_stop(s->tool, "error");
}

void screen_close(struct screen *s)
{
	if (!s)
		return;
	if (s->watch.fd >= 0)
		vc_loop_watch(vc_tool_loop(s->tool), &s->watch, 0);
	vc_gst_window_close(s->window);
	vc_compose_free(s->canvas);
	free(s);
}

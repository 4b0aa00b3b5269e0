/* SPDX-License-Identifier: MIT */
/* vc-play: options, where it goes, the stream in; see play.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "media/sheet.h"
#include "play.h"

/* In a file nobody sees that it waited, and what is late is lost for good. */
#define LATENCY_FILE VC_SEC

enum {
	KEY_SHEET = VC_KEY_OWN,
	KEY_WAV,
	KEY_COLUMNS,
	KEY_SIZE,
	KEY_TITLE,
};

struct own {
	const char *sheet;
	const char *wav;
	int64_t columns;
	const char *size;
	int width, height;
	const char *title;
};

static const struct argp_option options[] = {
	{ "sheet", KEY_SHEET, "FILE", 0,
	  "write a contact sheet (PNG): a row a participant, a column a time",
	  0 },
	{ "wav", KEY_WAV, "FILE", 0, "write the mix of all voices (48 kHz)",
	  0 },
	{ "size", KEY_SIZE, "WxH", 0,
	  "of the window (1280x720), or of a picture on the sheet (160x90)",
	  0 },
	{ "columns", KEY_COLUMNS, "N", 0,
	  "of the sheet, at most (2 to 64, default 12)", 0 },
	{ "title", KEY_TITLE, "TEXT", 0, "of the window or the sheet", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct own *own = state->input;

	switch (key) {
	case KEY_SHEET:
		own->sheet = arg;
		return 0;
	case KEY_WAV:
		own->wav = arg;
		return 0;
	case KEY_SIZE:
		own->size = arg;
		return 0;
	case KEY_COLUMNS:
		return vc_opt_int(state, arg, 2, VC_SHEET_COLS_MAX,
				  &own->columns);
	case KEY_TITLE:
		own->title = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct vc_tool_info info = {
	.name = "vc-play",
	.sentence = "plays vc streams: in a window, as a contact sheet, as WAV",
	.args_doc = "[[NAME=]PLACE...]",
	.io_doc = "Reads the streams at PLACE (default -), merged. Writes "
		  "--sheet and --wav; without either it opens a window.",
	.examples =
		"vc-capture test: | vc-play\n"
		"vc-play --sheet meeting.png meeting.vcrtp\n"
		"vc-recv rtp://:5004 | vc-play --wav - | ffmpeg -i - a.ogg\n",
	.groups = VC_OPT_IN | VC_OPT_TLS | VC_OPT_READ | VC_OPT_TIME |
		  VC_OPT_SEED | VC_OPT_CONTROL | VC_OPT_STATS | VC_OPT_READY |
		  VC_OPT_SELECT | VC_OPT_FAST | VC_OPT_SOURCES | VC_OPT_LATENCY,
	.options = options,
	.parse = parse,
};

static bool is_windowed(const struct own *own)
{
	return !own->sheet && !own->wav;
}

/* The sides are even, as pictures want it. */
static void check_size(struct vc_tool *t, struct own *own)
{
	int min = 16, max = own->sheet ? 1024 : VC_IMAGE_MAX;
	int *w = &own->width, *h = &own->height;

	*w = own->sheet ? 160 : 1280;
	*h = own->sheet ? 90 : 720;
	if (!own->size)
		return;
	if (vc_num_dims(own->size, w, h))
		vc_tool_usage(t, "--size %s: not a size, as 640x360",
			      own->size);
	if (*w < min || *w > max || *h < min || *h > max || *w % 2 || *h % 2)
		vc_tool_usage(t, "--size %s: each even and %d to %d", own->size,
			      min, max);
}

static void check(struct vc_tool *t, struct own *own)
{
	check_size(t, own);
	if (own->sheet && own->wav && !strcmp(own->sheet, own->wav))
		vc_tool_usage(t, "--sheet and --wav: both to %s", own->wav);
	if (own->sheet)
		target_check(t, own->sheet);
	if (own->wav)
		target_check(t, own->wav);
}

static int64_t latency_of(struct vc_tool *t, const struct own *own)
{
	int64_t latency = vc_tool_options(t)->latency;

	if (latency >= 0)
		return latency;
	return latency == VC_LATENCY_AUTO || is_windowed(own) ?
		       VC_PLAYOUT_AUTO :
		       LATENCY_FILE;
}

/* All that it writes or shows. False: said why. */
static bool open_outputs(struct play *p, const struct own *own)
{
	const char *title = own->title ? own->title : "vc-play";

	if (is_windowed(own)) {
		p->screen =
			screen_open(p->tool, own->width, own->height, title);
		return p->screen;
	}
	if (own->sheet)
		p->sheet = sheet_open(p->tool, own->sheet, (int)own->columns,
				      own->width, own->height, title);
	if (own->wav && (p->sheet || !own->sheet))
		p->sound = sound_open(p->tool, own->wav);
	return !own->sheet == !p->sheet && !own->wav == !p->sound;
}

/* -i and operands are the same to us. */
static struct vc_in *make_input(struct play *p, const struct own *own)
{
	const struct vc_options *o = vc_tool_options(p->tool);
	const struct vc_in_conf conf = {
		.with_names = true,
		.faces_world = is_windowed(own),
		.latency = p->latency,
	};
	struct vc_words places = { 0 };
	struct vc_in *in;

	for (size_t i = 0; i < o->in.n; i++)
		vc_words_add(&places, o->in.v[i]);
	for (size_t i = 0; i < o->args.n; i++)
		vc_words_add(&places, o->args.v[i]);
	in = vc_in_new(p->tool, &places, &conf, &play_ops, p);
	free(places.v);
	return in;
}

/* What may be wrong usage comes before anything is made. */
static void run(struct play *p, const struct own *own)
{
	if (vc_in_open(p->in) || !open_outputs(p, own) ||
	    vc_tool_start(p->tool))
		return;
	if (p->screen)
		screen_start(p->screen);
	vc_tool_run(p->tool);
}

int main(int argc, char **argv)
{
	struct play *p = vc_alloc(1, sizeof(*p));
	struct own own = { .columns = 12 };
	struct vc_tool *t = vc_tool_new(&info);
	int code;

	vc_tool_parse(t, argc, argv, &own);
	check(t, &own);
	play_init(p, t);
	p->latency = latency_of(t, &own);
	p->in = make_input(p, &own);
	run(p, &own);
	play_clear(p);
	vc_in_free(p->in);
	sheet_close(p->sheet, p->has_begun);
	sound_close(p->sound, p->has_begun);
	screen_close(p->screen);
	code = vc_tool_end(t);
	free(p);
	return code;
}

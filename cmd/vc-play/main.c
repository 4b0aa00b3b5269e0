/* SPDX-License-Identifier: MIT */
/* vc-play: options, where it goes, the stream in; see play.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/image.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "media/sheet.h"
#include "output.h"
#include "tool/reading.h"

/* In a file nobody sees that it waited, and what is late is lost for good. */
#define LATENCY_FILE VC_SEC

enum {
	KEY_SHEET = VC_KEY_OWN,
	KEY_WAV,
	KEY_Y4M,
	KEY_PNG,
	KEY_MD5,
	KEY_ASCII,
	KEY_SOUND,
	KEY_EVERY,
	KEY_COLUMNS,
	KEY_SIZE,
	KEY_FPS,
	KEY_TITLE,
	KEY_FAR,
	KEY_TEXT,
	KEY_NO_SUBTITLES,
	KEY_NO_NAMES,
	KEY_FULL,
	KEY_MUTE,
	KEY_ONLY,
	KEY_LAYERS,
};

/* In this order they get what there is; the screen waits for nobody. */
static const struct output_ops *const kinds[] = {
	&sheet_ops, &wav_ops,	&y4m_ops,    &png_ops, &md5_ops,
	&text_ops,  &ascii_ops, &screen_ops, &far_ops,
};

static const struct argp_option options[] = {
	{ "ascii", KEY_ASCII, NULL, 0,
	  "show a live picture in characters on the terminal", 0 },
	{ "sheet", KEY_SHEET, "FILE", 0,
	  "write a contact sheet (PNG): a row a participant, a column a time",
	  0 },
	{ "wav", KEY_WAV, "FILE", 0, "write the mix of all voices (48 kHz)",
	  0 },
	{ "y4m", KEY_Y4M, "FILE", 0, "write the pictures, uncompressed", 0 },
	{ "png", KEY_PNG, "FILE", 0, "write a picture", 0 },
	{ "text", KEY_TEXT, "FILE", 0,
	  "write what is written: WebVTT if it ends in .vtt, else lines", 0 },
	{ "far", KEY_FAR, "PLACE", 0,
	  "write what is heard for vc-capture --aec", 0 },
	{ "only", KEY_ONLY, "WHO", 0, "show nobody else; repeated: and him",
	  0 },
	{ "mute", KEY_MUTE, "WHO", 0, "do not let him be heard; repeatable",
	  0 },
	{ "layers", KEY_LAYERS, "LxTy", 0,
	  "decode these spatial and temporal layers only, as L2T1", 0 },
	{ "size", KEY_SIZE, "WxH", 0,
	  "of the window or picture (1280x720), or of one on the sheet (160x90)",
	  0 },
	{ "every", KEY_EVERY, "T", 0,
	  "a --png at each T; its name has {n} or {time}", 0 },
	{ "fps", KEY_FPS, "N", 0, "of --y4m (30), at most of --ascii (15)", 0 },
	{ "md5", KEY_MD5, NULL, 0,
	  "print a sum of each picture and of each 20 ms of sound", 0 },
	{ "sound", KEY_SOUND, NULL, 0, "with --ascii: play it, too", 0 },
	{ "fullscreen", KEY_FULL, NULL, 0, "let the window fill the screen",
	  0 },
	{ "no-names", KEY_NO_NAMES, NULL, 0, "no names in the picture", 0 },
	{ "no-subtitles", KEY_NO_SUBTITLES, NULL, 0, "nor what people write",
	  0 },
	{ "columns", KEY_COLUMNS, "N", 0,
	  "of the sheet, at most (2 to 64, default 12)", 0 },
	{ "title", KEY_TITLE, "TEXT", 0, "of the window or the sheet", 0 },
	{ 0 },
};

static error_t parse_choice(int key, char *arg, struct argp_state *state)
{
	struct play_options *own = state->input;

	switch (key) {
	case KEY_SIZE:
		own->size = arg;
		return 0;
	case KEY_FPS:
		own->fps = arg;
		return 0;
	case KEY_EVERY:
		return vc_opt_time(state, arg, &own->every);
	case KEY_COLUMNS:
		return vc_opt_int(state, arg, 2, VC_SHEET_COLS_MAX,
				  &own->columns);
	case KEY_TITLE:
		own->title = arg;
		return 0;
	case KEY_FULL:
		own->is_full = true;
		return 0;
	case KEY_NO_NAMES:
		own->no_names = true;
		return 0;
	case KEY_NO_SUBTITLES:
		own->no_subtitles = true;
		return 0;
	case KEY_MUTE:
		vc_words_add(&own->mute, arg);
		return 0;
	case KEY_ONLY:
		vc_words_add(&own->only, arg);
		return 0;
	case KEY_LAYERS:
		own->layers = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct play_options *own = state->input;

	switch (key) {
	case KEY_SHEET:
		own->sheet = arg;
		return 0;
	case KEY_WAV:
		own->wav = arg;
		return 0;
	case KEY_Y4M:
		own->y4m = arg;
		return 0;
	case KEY_FAR:
		own->far = arg;
		return 0;
	case KEY_TEXT:
		own->text = arg;
		return 0;
	case KEY_PNG:
		own->png = arg;
		return 0;
	case KEY_MD5:
		own->md5 = true;
		return 0;
	case KEY_ASCII:
		own->ascii = true;
		return 0;
	case KEY_SOUND:
		own->has_sound = true;
		return 0;
	}
	return parse_choice(key, arg, state);
}

static const struct vc_tool_info info = {
	.name = "vc-play",
	.sentence = "plays vc streams: in a window, on a terminal, into files",
	.args_doc = "[[NAME=]PLACE...]",
	.io_doc = "Reads the streams at PLACE (default -), merged. Writes "
		  "what is asked for; where nothing is, it opens a window.",
	.examples =
		"vc-capture test: | vc-play --ascii\n"
		"vc-play --sheet meeting.png meeting.vcrtp\n"
		"vc-recv rtp://:5004 | vc-play --wav - | ffmpeg -i - a.ogg\n",
	.groups = VC_OPT_IN | VC_OPT_TLS | VC_OPT_READ | VC_OPT_TIME |
		  VC_OPT_SEED | VC_OPT_CONTROL | VC_OPT_STATS | VC_OPT_READY |
		  VC_OPT_SELECT | VC_OPT_FAST | VC_OPT_SOURCES | VC_OPT_LATENCY,
	.options = options,
	.parse = parse,
};

/* The sides are even, as pictures want it. */
static void check_size(struct vc_tool *t, struct play_options *own)
{
	int min = 16, max = own->sheet ? 1024 : VC_IMAGE_MAX;
	int *w = &own->width, *h = &own->height;

	if (!own->size)
		return;
	if (vc_num_dims(own->size, w, h))
		vc_tool_usage(t, "--size %s: not a size, as 640x360",
			      own->size);
	if (*w < min || *w > max || *h < min || *h > max || *w % 2 || *h % 2)
		vc_tool_usage(t, "--size %s: each even and %d to %d", own->size,
			      min, max);
}

static void check_fps(struct vc_tool *t, struct play_options *own)
{
	int *num = &own->fps_num, *den = &own->fps_den;

	*num = own->ascii && !own->y4m ? 15 : 30;
	*den = 1;
	if (own->fps && (vc_num_fps(own->fps, num, den) || *num < 1 ||
			 *num / *den > 240 || *den / *num > 60))
		vc_tool_usage(t, "--fps %s: not a rate from 1/60 to 240",
			      own->fps);
}

/* Two outputs into one file would make neither. */
static void check_places(struct vc_tool *t, const struct play_options *own)
{
	const struct {
		const char *option, *text;
	} places[] = {
		{ "--sheet", own->sheet },
		{ "--wav", own->wav },
		{ "--y4m", own->y4m },
		{ "--png", own->png },
		{ "--far", own->far },
		{ "--text", own->text },
		{ "--md5", own->md5 ? "-" : NULL },
		{ "--ascii", own->ascii ? "-" : NULL },
	};

	for (size_t i = 0; i < VC_COUNT(places); i++) {
		for (size_t k = 0; k < i; k++) {
			if (!places[i].text || !places[k].text ||
			    strcmp(places[i].text, places[k].text))
				continue;
			vc_tool_usage(t, "%s and %s: both to %s",
				      places[k].option, places[i].option,
				      places[i].text);
		}
	}
}

static void check(struct vc_tool *t, struct play_options *own)
{
	check_size(t, own);
	check_fps(t, own);
	check_places(t, own);
	if (own->every && !own->png)
		vc_tool_usage(t, "--every: is of --png");
	if (own->has_sound && !own->ascii)
		vc_tool_usage(t, "--sound: is of --ascii (a window has it)");
	for (size_t i = 0; i < VC_COUNT(kinds); i++)
		if (kinds[i]->is_wanted(own) && kinds[i]->check)
			kinds[i]->check(t, own);
}

static int64_t latency_of(const struct play *p)
{
	int64_t latency = vc_tool_options(p->tool)->latency;

	if (latency >= 0)
		return latency;
	return latency == VC_LATENCY_AUTO || p->is_paced ? VC_PLAYOUT_AUTO :
							   LATENCY_FILE;
}

/* Does somebody look on or listen, at the pace of time? */
static bool is_looked_at(const struct play_options *own)
{
	return screen_ops.is_wanted(own) ||
	       (own->ascii && isatty(STDOUT_FILENO));
}

/* All that it writes or shows. False: said why. */
static bool open_outputs(struct play *p, const struct play_options *own)
{
	for (size_t i = 0; i < VC_COUNT(kinds); i++) {
		void *ctx;

		if (!kinds[i]->is_wanted(own))
			continue;
		ctx = kinds[i]->open(p, own);
		if (!ctx)
			return false;
		p->outputs[p->n_outputs] =
			(struct output){ .ops = kinds[i], .ctx = ctx };
		p->n_outputs++;
	}
	return true;
}

static void close_outputs(struct play *p)
{
	for (size_t i = 0; i < p->n_outputs; i++)
		p->outputs[i].ops->close(p->outputs[i].ctx, p->has_begun);
}

/* -i and operands are the same to us. */
static struct vc_in *make_input(struct play *p)
{
	const struct vc_options *o = vc_tool_options(p->tool);
	const struct vc_in_conf conf = {
		.with_names = true,
		.faces_world = p->is_paced,
		.latency = p->latency,
	};
	struct vc_words places = { 0 };
	struct vc_in *in;

	for (size_t i = 0; i < o->in.n; i++)
		vc_words_add(&places, o->in.v[i]);
	vc_reading_note(p->tool, &o->args, false);
	for (size_t i = 0; i < o->args.n; i++)
		vc_words_add(&places, o->args.v[i]);
	in = vc_in_new(p->tool, &places, &conf, &play_ops, p);
	free(places.v);
	return in;
}

/* What may be wrong usage comes before anything is made. */
static void run(struct play *p, const struct play_options *own)
{
	if (vc_in_open(p->in) || !open_outputs(p, own) ||
	    vc_tool_start(p->tool))
		return;
	for (size_t i = 0; i < p->n_outputs; i++)
		if (p->outputs[i].ops->start)
			p->outputs[i].ops->start(p->outputs[i].ctx);
	vc_tool_run(p->tool);
}

int main(int argc, char **argv)
{
	struct play *p = vc_alloc(1, sizeof(*p));
	struct play_options own = { .columns = 12, .title = "vc-play" };
	struct vc_tool *t = vc_tool_new(&info);
	int code;

	vc_tool_parse(t, argc, argv, &own);
	check(t, &own);
	play_init(p, t);
	for (size_t i = 0; i < own.mute.n; i++)
		choice_add(&p->muted, own.mute.v[i]);
	for (size_t i = 0; i < own.only.n; i++)
		choice_add(&p->only, own.only.v[i]);
	choose_commands(p);
	p->no_subtitles = own.no_subtitles;
	p->is_thinned = own.layers;
	if (p->is_thinned && vc_svc_parse(&p->layers, own.layers))
		vc_tool_usage(t, "--layers %s: not as L1T3", own.layers);
	thin_commands(p);
	p->is_paced = is_looked_at(&own);
	/* Frames of a file are pulled at times of their own. */
	p->is_prompt = p->is_paced && !own.y4m;
	p->latency = latency_of(p);
	p->in = make_input(p);
	run(p, &own);
	play_clear(p);
	vc_in_free(p->in);
	close_outputs(p);
	code = vc_tool_end(t);
	free(own.mute.v);
	free(own.only.v);
	free(p);
	return code;
}

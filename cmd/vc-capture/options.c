/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"
#include "capture.h"
#include "tool/patient.h"
#include "tool/place.h"
#include "turn.h"
#include "wire/keystart.h"

enum {
	KEY_LOOP = VC_KEY_OWN,
	KEY_VIDEO,
	KEY_AUDIO,
	KEY_SLIDES,
	KEY_SLIDES_SIZE,
	KEY_SLIDES_FPS,
	KEY_SLIDES_BITRATE,
	KEY_HINT,
	KEY_RETRY,
	KEY_COPY,
	KEY_DTX,
	KEY_STEREO,
	KEY_COMPLEXITY,
	KEY_OPUS_FEC,
	KEY_PEOPLE,
	KEY_TALK,
	KEY_TEXT,
	KEY_TEXT_BARE,
	KEY_PT,
	KEY_SSRC,
	KEY_SIMULCAST,
	KEY_ORIENTATION,
	KEY_MARKS,
	KEY_ENCODER,
	KEY_AEC,
	KEY_DSP,
	KEY_DENOISE,
	KEY_AGC,
	KEY_HIGHPASS,
	KEY_LIST_DEVICES,
	KEY_JSON,
};

static const char *const encoders[] = { "openh264", "x264", NULL };
static const char *const dsps[] = { "speex", "webrtc", NULL };
static const char *const on_off[] = { "on", "none", NULL };
static const char *const hints[] = { "camera", "motion", "text", NULL };

static const struct argp_option options[] = {
	{ "video", KEY_VIDEO, "SOURCE", 0,
	  "pictures from here; none: without any", 0 },
	{ "audio", KEY_AUDIO, "SOURCE", 0, "sound from here; none: without",
	  0 },
	{ "slides", KEY_SLIDES, "SOURCE", 0,
	  "slides from here, beside the camera", 0 },
	{ "slides-size", KEY_SLIDES_SIZE, "WxH", 0, "of slides (1280x720)", 0 },
	{ "slides-fps", KEY_SLIDES_FPS, "N", 0, "of slides (5)", 0 },
	{ "slides-bitrate", KEY_SLIDES_BITRATE, "RATE", 0, "of slides (1M)",
	  0 },
	{ "screen-hint", KEY_HINT, "camera|motion|text", 0,
	  "what --video and --slides show", 0 },
	{ "list-devices", KEY_LIST_DEVICES, NULL, 0,
	  "print cameras, microphones and screens as SOURCEs", 0 },
	{ "json", KEY_JSON, NULL, 0, "--list-devices as one JSON object", 0 },
	{ "loop", KEY_LOOP, NULL, 0, "begin a file again when it ends", 0 },
	{ "copy", KEY_COPY, "KIND", OPTION_ARG_OPTIONAL,
	  "send a file's frames as they are, of video, slides or audio", 0 },
	{ "retry", KEY_RETRY, NULL, 0,
	  "open a source that failed again, and go on without it", 0 },
	{ "dtx", KEY_DTX, NULL, 0, "do not send silence", 0 },
	{ "stereo", KEY_STEREO, NULL, 0, "two channels (Opus)", 0 },
	{ "complexity", KEY_COMPLEXITY, "N", 0,
	  "effort of the Opus encoder, 0 to 10 (5)", 0 },
	{ "opus-fec", KEY_OPUS_FEC, "N%", 0,
	  "Opus in-band FEC for a loss of N percent", 0 },
	{ "people", KEY_PEOPLE, "N", 0,
	  "so many participants, p1 to pN; --name is the prefix", 0 },
	{ "talk", KEY_TALK, "PLAN", 0,
	  "who of them talks when, as 'p1=0s-5s p2=4s-'", 0 },
	{ "text", KEY_TEXT, "PLACE", 0, "captions: lines of text from here",
	  0 },
	{ "text-bare", KEY_TEXT_BARE, NULL, 0,
	  "text once, not in RED: what is lost is lost", 0 },
	{ "pt", KEY_PT, "KIND=N", 0,
	  "payload type of video, slides, audio or text; may be repeated", 0 },
	{ "ssrc", KEY_SSRC, "KIND=N", 0,
	  "SSRC of video, slides, audio or text; may be repeated", 0 },
	{ "encoder", KEY_ENCODER, "openh264|x264", 0, "of H.264 (openh264)",
	  0 },
	{ "simulcast", KEY_SIMULCAST, "LAYERS", 0,
	  "the camera in sizes, as 320x180@150k,640x360@500k", 0 },
	{ "orientation", KEY_ORIENTATION, "DEGREES", 0,
	  "receivers turn the camera's pictures so, clockwise: " TURN_HELP, 0 },
	{ "aec", KEY_AEC, "PLACE", 0,
	  "cancel the echo of what vc-play --far writes there", 0 },
	{ "denoise", KEY_DENOISE, NULL, 0, "suppress steady noise", 0 },
	{ "agc", KEY_AGC, NULL, 0, "bring speech to an even loudness", 0 },
	{ "highpass", KEY_HIGHPASS, NULL, 0, "cut hum and steps below 100 Hz",
	  0 },
	{ "dsp", KEY_DSP, "speex|webrtc", 0,
	  "who does these four: speexdsp or GStreamer's webrtcdsp (speex)", 0 },
	{ "marks", KEY_MARKS, "on|none", OPTION_ARG_OPTIONAL,
	  "stamp picture and sound with who, when and which frame (test: has "
	  "it)",
	  0 },
	{ 0 },
};

static error_t parse_size(struct argp_state *state, const char *arg,
			  struct own *own)
{
	if (vc_num_dims(arg, &own->slides_width, &own->slides_height) ||
	    !vc_image_size_ok(own->slides_width, own->slides_height))
		argp_error(state, "--slides-size %s: a size, as 1280x720", arg);
	return 0;
}

static error_t parse_fps(struct argp_state *state, const char *arg,
			 struct own *own)
{
	uint64_t fps;

	if (vc_num_u64(arg, 1, 120, &fps)) {
		argp_error(state, "--slides-fps %s: 1 to 120", arg);
		return 0;
	}
	own->slides_fps_num = (int)fps;
	return 0;
}

static error_t parse_slides_bitrate(struct argp_state *state, const char *arg,
				    struct own *own)
{
	uint64_t bps = 0;
	error_t err = vc_opt_rate(state, arg, &bps);

	if (!err && (bps < 10000 || bps > 100000000))
		argp_error(state, "--slides-bitrate %s: 10k to 100M", arg);
	own->slides_bitrate = (int64_t)bps;
	return err;
}

static error_t parse_simulcast(struct argp_state *state, const char *arg,
			       struct own *own)
{
	char why[256];

	if (simulcast_parse(&own->simulcast, arg, why, sizeof(why)))
		argp_error(state, "--simulcast %s", why);
	return 0;
}

static error_t parse_orientation(struct argp_state *state, const char *arg,
				 struct own *own)
{
	if (turn_parse(&own->orientation, arg))
		argp_error(state, "--orientation %s: " TURN_HELP, arg);
	own->has_orientation = true;
	return 0;
}

static const char *const kinds[] = { "video", "slides", "audio", "text", NULL };

/* "video=97"; numbers as 0x1f too. */
static int number_of(const char *arg, const char *kind, uint64_t max,
		     uint64_t *out)
{
	size_t n = strlen(kind);
	char *rest;

	if (strncmp(arg, kind, n) || arg[n] != '=' || !isdigit(arg[n + 1]))
		return -EINVAL;
	*out = strtoull(arg + n + 1, &rest, 0);
	return *rest || *out > max ? -EINVAL : 0;
}

static error_t parse_number(struct argp_state *state, const char *option,
			    const char *arg, uint64_t max, struct vc_words *w)
{
	uint64_t n;

	for (size_t i = 0; kinds[i]; i++) {
		if (number_of(arg, kinds[i], max, &n))
			continue;
		/* What RTCP packets would be taken for (RFC 5761). */
		if (max == 127 && n >= 64 && n <= 95)
			break;
		vc_words_add(w, arg);
		return 0;
	}
	argp_error(state, "--%s %s: not as video=%u", option, arg,
		   max == 127 ? 97u : 1234u);
	return 0;
}

int64_t own_number(const struct vc_words *w, const char *kind)
{
	uint64_t n;

	for (size_t i = w->n; i-- > 0;) {
		if (!number_of(w->v[i], kind, UINT32_MAX, &n))
			return (int64_t)n;
	}
	return -1;
}

static error_t parse_sound(int key, char *arg, struct argp_state *state)
{
	struct own *own = state->input;

	switch (key) {
	case KEY_DTX:
		own->dtx = true;
		return 0;
	case KEY_STEREO:
		own->stereo = true;
		return 0;
	case KEY_COMPLEXITY:
		return vc_opt_int(state, arg, 0, 10, &own->complexity);
	case KEY_OPUS_FEC:
		return vc_opt_percent(state, arg, &own->opus_fec);
	case KEY_PEOPLE:
		return vc_opt_int(state, arg, 1, PEOPLE_MAX, &own->people);
	case KEY_TALK:
		own->talk = arg;
		return 0;
	case KEY_TEXT:
		own->text = arg;
		return 0;
	case KEY_TEXT_BARE:
		own->text_bare = true;
		return 0;
	case KEY_PT:
		return parse_number(state, "pt", arg, 127, &own->pt);
	case KEY_SSRC:
		return parse_number(state, "ssrc", arg, UINT32_MAX, &own->ssrc);
	case KEY_ENCODER:
		return vc_opt_word(state, arg, encoders, &own->encoder);
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t parse_voice(int key, char *arg, struct argp_state *state)
{
	struct own *own = state->input;

	switch (key) {
	case KEY_AEC:
		own->voice.aec = arg;
		return 0;
	case KEY_DENOISE:
		own->voice.denoise = true;
		return 0;
	case KEY_AGC:
		own->voice.agc = true;
		return 0;
	case KEY_HIGHPASS:
		own->voice.highpass = true;
		return 0;
	case KEY_DSP:
		return vc_opt_word(state, arg, dsps, &own->voice.dsp);
	}
	return parse_sound(key, arg, state);
}

static error_t parse_slides(int key, char *arg, struct argp_state *state)
{
	struct own *own = state->input;

	switch (key) {
	case KEY_SLIDES:
		own->slides = arg;
		return 0;
	case KEY_SLIDES_SIZE:
		return parse_size(state, arg, own);
	case KEY_SLIDES_FPS:
		return parse_fps(state, arg, own);
	case KEY_SLIDES_BITRATE:
		return parse_slides_bitrate(state, arg, own);
	}
	return parse_voice(key, arg, state);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct own *own = state->input;

	switch (key) {
	case KEY_VIDEO:
		own->video = arg;
		return 0;
	case KEY_AUDIO:
		own->audio = arg;
		return 0;
	case KEY_SIMULCAST:
		return parse_simulcast(state, arg, own);
	case KEY_ORIENTATION:
		return parse_orientation(state, arg, own);
	case KEY_HINT:
		return vc_opt_word(state, arg, hints, &own->hint);
	case KEY_MARKS:
		own->marks = MARKS_ON;
		return arg ? vc_opt_word(state, arg, on_off, &own->marks) : 0;
	case KEY_LOOP:
		own->loop = true;
		return 0;
	case KEY_LIST_DEVICES:
		own->list_devices = true;
		return 0;
	case KEY_JSON:
		own->json = true;
		return 0;
	case KEY_RETRY:
		own->retry = true;
		return 0;
	case KEY_COPY:
		return copy_opt(state, arg, own);
	}
	return parse_slides(key, arg, state);
}

const struct vc_tool_info capture_info = {
	.name = "vc-capture",
	.sentence =
		"turns cameras, microphones, screens, files and test signals "
		"into a vc stream",
	.args_doc = "[SOURCE]",
	.io_doc = "SOURCE is test:, a device (v4l2:, pulse:, screen:) or a "
		  "media file (talk.webm), --video and --audio take others; "
		  "the stream goes to -o, default stdout.",
	.examples =
		"vc-capture -t 10s --name Alice test: | vc-record alice.webm\n"
		"vc-capture --loop talk.webm | vc-send rtp://127.0.0.1:5004\n"
		"vc-capture --virtual -t 60s test: | vc-probe\n",
	.groups = VC_OPT_OUT | VC_OPT_TLS | VC_OPT_TIME | VC_OPT_VIRTUAL |
		  VC_OPT_SEED | VC_OPT_CONTROL | VC_OPT_STATS | VC_OPT_READY |
		  VC_OPT_CNAME | VC_OPT_VIDEO | VC_OPT_AUDIO | VC_OPT_PACKETS,
	.options = options,
	.parse = parse,
};

void own_init(struct own *own)
{
	*own = (struct own){
		.slides_width = 1280,
		.slides_height = 720,
		.slides_fps_num = 5,
		.slides_fps_den = 1,
		.slides_bitrate = 1000000,
		.marks = MARKS_AUTO,
		.encoder = ENCODER_ANY,
		.complexity = VC_AUDENC_COMPLEXITY,
	};
}

enum vc_codec own_vcodec(struct vc_tool *t)
{
	const char *word = vc_tool_options(t)->vcodec;
	enum vc_codec codec = VC_CODEC_VP8;

	if (word)
		codec = vc_codec_by_name(vc_str_c(word));
	if (!vc_keystart_knows(codec))
		vc_tool_usage(t, "--vcodec %s: vp8, vp9, h264 or av1", word);
	return codec;
}

/* SPDX-License-Identifier: MIT */
/* What vc-capture is told beyond the options that all tools have. */
#ifndef VC_CAPTURE_OPTIONS_H
#define VC_CAPTURE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "simulcast.h"
#include "tool/tool.h"
#include "voice.h"
#include "wire/codec.h"
#include "wire/rtpext.h"

struct own {
	const char *video, *audio; /* NULL: the operand's; "none": without */
	const char *slides;	   /* NULL: none */
	int slides_width, slides_height, slides_fps_num, slides_fps_den;
	int64_t slides_bitrate;
	int hint; /* enum hint */
	bool loop, retry, dtx, stereo;
	unsigned int copy; /* COPY_*: media that are not encoded */
	int64_t complexity;
	uint64_t opus_fec; /* percent; 0: off */
	int64_t people;	   /* 0: one, who is called as --name says */
	const char *talk;
	const char *text; /* PLACE or NULL */
	bool text_bare;
	struct vc_words pt, ssrc; /* "KIND=N" */
	struct simulcast simulcast;
	bool has_orientation;
	struct vc_orientation orientation;
	struct voice_options voice;
	int encoder; /* enum encoder */
	int marks;   /* enum marks */
	bool list_devices, json;
};

enum { COPY_VIDEO = 1, COPY_AUDIO = 2, COPY_SLIDES = 4, COPY_ALL = 7 };

enum marks { MARKS_ON, MARKS_NONE, MARKS_AUTO };

enum encoder { ENCODER_OPENH264, ENCODER_X264, ENCODER_ANY };

enum hint { HINT_CAMERA, HINT_MOTION, HINT_TEXT };

/* With all defaults. */
void own_init(struct own *own);

/* For vc_tool_new(). */
extern const struct vc_tool_info capture_info;

/* --vcodec; ends the tool over a word that is none. */
enum vc_codec own_vcodec(struct vc_tool *t);
/* What the codec cannot have is wrong usage. */
void own_check_size(struct vc_tool *t, const struct own *own);

/* --copy[=KIND] */
error_t copy_opt(struct argp_state *state, const char *arg, struct own *own);

/* What codec and size have to be for --layers. */
void layers_check(struct vc_tool *t, const struct own *own);

/* N of the last KIND=N for 'kind', or -1. */
int64_t own_number(const struct vc_words *w, const char *kind);

/* Usage errors that options have together; ends the tool then. */
void own_check(struct vc_tool *t, const struct own *own);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Classes of output, as --out-class of vc-mix(1) says them: what somebody's
 * picture and sound are made like. Several with commas between, each
 *
 *   NAME:ITEM[+ITEM]
 *
 * where an ITEM is one of
 *
 *   WxH[@RATE][/FPS]		of pictures, "640x360@300k/15"
 *   CODEC[/HZ[/CHANNELS]][@RATE]	of sound, as a=rtpmap: "opus/48000/2@96k"
 *
 * A class has one item of each kind at most; of the other kind all is as it is
 * without a class.
 */
#ifndef VC_SESSION_OUTCLASS_H
#define VC_SESSION_OUTCLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "wire/codec.h"

#define VC_OUTCLASSES_MAX 32
#define VC_OUTCLASS_NAME 31 /* octets */
#define VC_OUTCLASS_WHY 256

/* What was not said is 0. */
struct vc_outclass {
	char name[VC_OUTCLASS_NAME + 1]; /* letters, digits, '-', '_', '.' */
	bool has_video;
	int width, height; /* even, 64 to VC_IMAGE_MAX */
	uint32_t vbitrate_bps;
	int fps_num, fps_den; /* 1/10 to 240 */
	bool has_audio;
	enum vc_codec acodec;  /* Opus, PCMU, PCMA, G722 or L16 */
	uint32_t rate_hz;      /* as in SDP; fits the codec */
	unsigned int channels; /* 1, or of Opus and L16 also 2 */
	uint32_t abitrate_bps; /* of Opus only */
};

struct vc_outclasses {
	struct vc_outclass v[VC_OUTCLASSES_MAX];
	size_t n;
};

/*
 * Adds those of 'text'. 0; or -EINVAL, and 'why' says of what and how it is
 * wrong, escaped: 'all' is as before then.
 */
int vc_outclasses_add(struct vc_outclasses *all, struct vc_str text,
		      char why[static VC_OUTCLASS_WHY]);

/* The one of this name, or NULL. */
const struct vc_outclass *vc_outclass_find(const struct vc_outclasses *all,
					   struct vc_str name);

/*
 * Each how many pictures of a clock of 'fps_num'/'fps_den' one of the class's
 * comes: 1 where it says nothing; 0: its rate does not divide the clock's.
 */
unsigned int vc_outclass_every(const struct vc_outclass *c, int fps_num,
			       int fps_den);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The test picture: colour bars, a disc that sweeps across them, the
 * participant's name on a field of his own hue, the frame counter and the
 * clock (UTC, HH:MM:SS.mmm) in large digits. A pure function of its
 * arguments, in integers: equal arguments give equal bytes on every machine.
 */
#ifndef VC_MEDIA_TESTPIC_H
#define VC_MEDIA_TESTPIC_H

#include <stdint.h>

#include "base/image.h"

#define VC_TESTPIC_NAME_CAP 64

/* Set up by vc_testpic_init(); read-only for others. */
struct vc_testpic {
	int width, height;
	int fps;
	char name[VC_TESTPIC_NAME_CAP];
	struct vc_colour hue;	 /* of the field that bears the name */
	struct vc_image still;	 /* all that does not move */
	struct vc_image clock;	 /* "0123456789:." as the clock has them */
	struct vc_image counter; /* and the counter */
};

/*
 * 'name' is copied (cut at the end if too long, bytes outside ASCII become
 * boxes). fps is at least 1 and sets how fast the disc moves. -EINVAL for a
 * bad size or rate, -ENOMEM.
 */
int vc_testpic_init(struct vc_testpic *pic, int width, int height,
		    const char *name, int fps);

void vc_testpic_clear(struct vc_testpic *pic);

/* 'img' must have the picture's size. 'now' is stream time (base/time.h). */
void vc_testpic_draw(const struct vc_testpic *pic, struct vc_image *img,
		     uint64_t frame_number, int64_t now);

/* The hue of a name: the same in every tool that wants to colour people. */
struct vc_colour vc_testpic_hue(const char *name);

#endif

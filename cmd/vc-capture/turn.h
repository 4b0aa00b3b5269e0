/* SPDX-License-Identifier: MIT */
/*
 * How receivers are to turn the camera's pictures, which go out as they are
 * taken: a camera that hangs upside down, a telephone that lies on its side.
 */
#ifndef VC_CAPTURE_TURN_H
#define VC_CAPTURE_TURN_H

#include "wire/rtpext.h"

struct medium;

#define TURN_HELP "0, 90, 180 or 270[,flip][,back]"

/* As TURN_HELP says. 0 or -EINVAL. */
int turn_parse(struct vc_orientation *out, const char *text);

/* From its next picture on. Nothing where it is no camera. */
void turn_set(struct medium *m, const struct vc_orientation *o);

#endif

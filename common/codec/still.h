/* SPDX-License-Identifier: MIT */
/*
 * Which macroblocks of a moving picture need no coding. One that stands still,
 * a square of 16 x 16 samples with every sample as it was, is coded some times
 * more, each of which makes it a little better, and then would hardly get any
 * better: an encoder that is told so repeats it, at next to no cost in time and
 * octets. So are most of a slide, the wall behind a speaker, and the tiles of
 * those whose picture does not move.
 *
 * It is coded some times again once pictures are coded finer than it was, by
 * VC_STILL_FINER numbers of the quantizer; and once in VC_STILL_ANEW pictures,
 * in each picture others: the loop filter goes on at the edges of what is
 * repeated.
 *
 * For pictures each of which refers to the one before it.
 */
#ifndef VC_CODEC_STILL_H
#define VC_CODEC_STILL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/image.h"

#define VC_STILL_SIDE 16
#define VC_STILL_TIMES 6
#define VC_STILL_FINER 4
#define VC_STILL_ANEW 32

struct vc_still;

/* For pictures of this size. NULL: no memory. */
struct vc_still *vc_still_new(int width, int height);
void vc_still_free(struct vc_still *s);

/*
 * Looks at the next picture. An octet for each macroblock, row by row: 1, to be
 * coded; 0, to be repeated. With 'is_key' all are coded, and are new. Valid
 * until the next call.
 */
uint8_t *vc_still_plan(struct vc_still *s, const struct vc_image *img,
		       bool is_key);

/*
 * The picture that was planned was coded, with a quantizer of this number: the
 * lower, the finer. Not to be called if the encoder dropped it.
 */
void vc_still_coded(struct vc_still *s, int quantizer);

#endif

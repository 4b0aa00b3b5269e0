/* SPDX-License-Identifier: MIT */
/*
 * What can be told of a picture without another one beside it, or by the one
 * before it. Luma only. Integers, or sums of them: equal pictures give equal
 * figures on every machine.
 */
#ifndef VC_MEDIA_PICMEASURE_H
#define VC_MEDIA_PICMEASURE_H

#include <stdbool.h>

#include "base/image.h"

/*
 * The share of samples that are as good as black: luma up to 37, a tenth of the
 * range. A picture with 98 % of them is called black: both as in ffmpeg's
 * blackdetect.
 */
#define VC_PICMEASURE_DARK 37
#define VC_PICMEASURE_BLACK 0.98
double vc_picmeasure_dark(const struct vc_image *img);

/*
 * Do both show the same? They differ by no more than 0.26 on average (a
 * thousandth of the range, as in ffmpeg's freezedetect), which is what a codec
 * does to a picture that stands, and no square of 16 x 16 samples by more than
 * 12, so that a word that is typed is a change. False where the sizes differ.
 */
#define VC_PICMEASURE_NOISE 0.26
#define VC_PICMEASURE_SQUARE 12
bool vc_picmeasure_is_same(const struct vc_image *a, const struct vc_image *b);

/* How much two of the same size differ: mean of the amounts; else 255. */
double vc_picmeasure_difference(const struct vc_image *a,
				const struct vc_image *b);

/*
 * How much a grid of 8 x 8 stands out. Each step between two neighbours, across
 * and down, is divided by the mean of the six steps about it; of these figures
 * it is the mean at multiples of 8 by the mean elsewhere: 1 where there is no
 * grid. 0 for a picture under 32 x 32.
 */
#define VC_PICMEASURE_GRID_MAX 100
double vc_picmeasure_grid(const struct vc_image *img);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A plane of samples in another size, bilinear: what a picture's way into a
 * tile costs. The middles of samples lie on each other (as of two grids over
 * the same area), and what is wanted of beyond the edge is the edge. Weights
 * are of 7 bits, each direction rounded once: the same octets on every machine.
 *
 * libyuv does about the same, but gathers pairs one by one: a tenth of what it
 * took to mix nine pictures (the benchmark mix_nine, where the bare mixer still
 * does). To half of a side or less two samples are too few, and details would
 * flicker: that is not for here.
 */
#ifndef VC_MEDIA_SCALE_H
#define VC_MEDIA_SCALE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether both sides are to be more than half of what they are. */
bool vc_scale_fits(int dst_w, int dst_h, int w, int h);

/* 'w' x 'h' samples (at most VC_IMAGE_MAX each) into 'dst', which it fills;
 * what does not fit must not be asked for. Strides are in octets. */
void vc_scale(uint8_t *dst, int dst_stride, int dst_w, int dst_h,
	      const uint8_t *src, int src_stride, int w, int h);

#endif

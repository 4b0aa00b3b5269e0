/* SPDX-License-Identifier: MIT */
/*
 * --simulcast: the camera in several sizes, each a source of its own with a RID
 * (RFC 8852): "1" is the smallest.
 */
#ifndef VC_CAPTURE_SIMULCAST_H
#define VC_CAPTURE_SIMULCAST_H

#include <stddef.h>
#include <stdint.h>

#define LAYERS_MAX 4

struct vc_sdp;

struct simulcast_layer {
	int width, height;
	int64_t bitrate;
	char rid[2];
	char limits[48]; /* as a=rid says them */
};

struct simulcast {
	size_t n;				   /* 0: it is not wanted */
	struct simulcast_layer layers[LAYERS_MAX]; /* the smallest first */
};

/* "320x180@150k,640x360@500k". 0, or -EINVAL and what is wrong in 'why'. */
int simulcast_parse(struct simulcast *s, const char *text, char *why,
		    size_t cap);

/* Says in the camera's section which layers there are; 's' is borrowed. */
void simulcast_describe(const struct simulcast *s, struct vc_sdp *sdp);

#endif

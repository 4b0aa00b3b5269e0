/* SPDX-License-Identifier: MIT */
/*
 * What a coded frame says of itself, read from its headers before any library
 * sees it: whether it is a key frame, and the largest picture it claims.
 */
#ifndef VC_CODEC_VIDHEAD_H
#define VC_CODEC_VIDHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_vidhead {
	bool is_key;
	int width, height; /* 0 where it says nothing */
	/* H.264, with a size: frames are shown in the order they come in. */
	bool is_in_order;
};

/*
 * All: 0, or -EBADMSG where it cannot be read or is of a kind that is not
 * decoded here (only 4:2:0 of 8 bits is). A size may be beyond any limit.
 */
int vc_vidhead_vp8(const uint8_t *p, size_t len, struct vc_vidhead *head);

/* All frames of a superframe. */
int vc_vidhead_vp9(const uint8_t *p, size_t len, struct vc_vidhead *head);

/* Whether VP9's frame ends in a sound index, which says where frames begin. */
bool vc_vidhead_vp9_has_index(const uint8_t *p, size_t len);

/*
 * An access unit, Annex B of H.264. The size is that after cropping, unless that
 * takes more than part of a macroblock from each side.
 */
int vc_vidhead_h264(const uint8_t *p, size_t len, struct vc_vidhead *head);

/* A temporal unit of AV1, low-overhead format. A key has a sequence header. */
int vc_vidhead_av1(const uint8_t *p, size_t len, struct vc_vidhead *head);

#endif

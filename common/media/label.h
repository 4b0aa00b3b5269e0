/* SPDX-License-Identifier: MIT */
/*
 * Text as a small picture, by pango and cairo: any script, right to left,
 * emoji, as far as the machine has fonts. The text is a stranger's: control
 * and direction characters are shown escaped, malformed UTF-8 too, markup
 * means nothing, and what is too long ends in an ellipsis. Rendering is slow
 * (13 ms the first time): render when the text changes and keep the sprite.
 */
#ifndef VC_MEDIA_LABEL_H
#define VC_MEDIA_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/pixels.h"

struct vc_label_style {
	int size_px; /* height of an em */
	int max_w;   /* of the sprite, box included */
	uint32_t fg; /* 0xAARRGGBB */
	uint32_t bg; /* of the box around it; alpha 0: no box */
	bool bold;
};

/*
 * Draws 'text' on one line into 'out' (vc_sprite_clear() it). 0; -ENOENT when
 * there is nothing to draw: no text, or no font on this machine; -ERANGE when
 * 'max_w' has no room for a letter; -ENOMEM. 'out' is empty on errors.
 */
int vc_label_render(struct vc_sprite *out, const char *text,
		    const struct vc_label_style *style);

/*
 * A disc of 'size_px' with the initials of 'name', its colour chosen by the
 * name; an empty disc where there is no font or no name. 0, -EINVAL, -ENOMEM.
 */
int vc_label_initials(struct vc_sprite *out, const char *name, int size_px);

enum vc_label_sign {
	VC_SIGN_MUTED, /* a crossed microphone */
	VC_SIGN_OLD,   /* a clock */
};

/* A sign in a box of 'size_px', drawn without a font. As vc_label_initials(). */
int vc_label_sign(struct vc_sprite *out, enum vc_label_sign sign, int size_px,
		  uint32_t fg, uint32_t bg);

#endif

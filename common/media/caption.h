/* SPDX-License-Identifier: MIT */
/*
 * What is shown of a text that somebody types or speaks: its last rows, for a
 * while after it changed. Told the time; no memory of its own.
 */
#ifndef VC_MEDIA_CAPTION_H
#define VC_MEDIA_CAPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_CAPTION_HOLD INT64_C(5000000000) /* ns after the last change */
#define VC_CAPTION_TEXT 512		    /* octets that are kept */
#define VC_CAPTION_ROWS 2
#define VC_CAPTION_ROW 192 /* octets of a row, its end included */
#define VC_CAPTION_OUT (VC_CAPTION_ROWS * VC_CAPTION_ROW)

struct vc_charwidth;

/* Zeros to begin with. */
struct vc_caption {
	char text[VC_CAPTION_TEXT];
	size_t len;
	bool has_text;
	int64_t changed;
};

/*
 * Text as of vc_textrx_pull(): "\n" begins a row, BS takes back a character.
 * What is not to be seen (BEL, direction marks) is left out. What was there has
 * gone when it was not on any more.
 */
void vc_caption_add(struct vc_caption *c, const char *text, size_t len,
		    int64_t now);

/*
 * The newest rows that are on at 'now', at most 'rows' (1 or VC_CAPTION_ROWS)
 * of 'cols' columns, broken between words where that can be, "\n" between two;
 * "": none. Wide characters take two columns, by 'w'. Returns its length.
 */
size_t vc_caption_rows(const struct vc_caption *c, const struct vc_charwidth *w,
		       int64_t now, int cols, int rows,
		       char out[static VC_CAPTION_OUT]);

/* May it be seen? Letters and the joiners between them may. */
bool vc_caption_is_shown(const char *p, size_t len);

#endif

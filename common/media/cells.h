/* SPDX-License-Identifier: MIT */
/*
 * A screen of characters, for showing pictures and text on a terminal: two
 * pixels a cell, one above the other, as upper half blocks in two colours. It
 * knows what the terminal shows already and writes only what changed. Not
 * thread-safe.
 */
#ifndef VC_MEDIA_CELLS_H
#define VC_MEDIA_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"

/* No terminal is larger. */
#define VC_CELLS_MAX_COLS 500
#define VC_CELLS_MAX_ROWS 200

enum vc_cells_colours {
	VC_CELLS_TRUE, /* 24 bits */
	VC_CELLS_256,
	VC_CELLS_NONE, /* brightness as characters */
};

/* The colour that the terminal has by itself; others are 0xRRGGBB. */
#define VC_CELLS_DEFAULT UINT32_C(0x1000000)

struct vc_cells;

/* NULL when out of memory. Size 1 to the largest. */
struct vc_cells *vc_cells_new(int cols, int rows, enum vc_cells_colours c);
void vc_cells_free(struct vc_cells *c);

/* Another size; what the terminal shows is not known any longer. 0, -ENOMEM. */
int vc_cells_resize(struct vc_cells *c, int cols, int rows);

/* Begins a picture: all blank. */
void vc_cells_clear(struct vc_cells *c);

/* The picture fills 'cols' x 'rows' cells, from (x, y) on. 0 or -ENOMEM. */
int vc_cells_image(struct vc_cells *c, int x, int y, int cols, int rows,
		   const struct vc_image *im);

void vc_cells_fill(struct vc_cells *c, int x, int y, int cols, int rows,
		   uint32_t bg);

/*
 * Writes 'text' (foreign: shown escaped) from (x, y) on into at most 'cols'
 * columns; an ellipsis ends what is too long. Wide characters take two columns,
 * combining ones none. Returns the columns it took.
 */
int vc_cells_text(struct vc_cells *c, int x, int y, int cols, const char *text,
		  uint32_t fg, uint32_t bg);
/* How many columns that would be, without a limit. */
int vc_cells_width(struct vc_cells *c, const char *text);

/* A bar of 'cols' columns, 'n' of them lit: green, from there yellow, red. */
void vc_cells_meter(struct vc_cells *c, int x, int y, int cols, int n);

/*
 * What turns the terminal's picture into this one; '*len' octets, good until
 * the next call. 'is_whole': all of it, in lines, for a file. NULL: -ENOMEM.
 */
const char *vc_cells_update(struct vc_cells *c, bool is_whole, size_t *len);

/* The last update did not reach the terminal. */
void vc_cells_forget(struct vc_cells *c);

#endif

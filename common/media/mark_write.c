/* SPDX-License-Identifier: MIT */
/*
 * Cells are squares of whole pixels. Where the picture's size allows it, as in
 * 640x360, 960x540 or 1280x720, pairs of cells coincide with the blocks that
 * codecs work in: data begins at a multiple of two cells from the upper left.
 */
#include <errno.h>

#include "media/mark.h"

#define ACROSS 80 /* cells in a picture of 16:9 */
#define DOWN 45
#define RIGHT 5 /* cells between the mark and the edge */
#define TOP 3
#define DATA_AT 6 /* columns before the data, with the light edge */

static const struct vc_colour light = { 200, 128, 128 };
static const struct vc_colour dark = { 48, 128, 128 };

/* Columns that are dark in all inner rows. */
static const uint8_t bars[] = { 1, 3, 4, 23, 25 };

static int cell_of(int width, int height)
{
	int by_width = (width + ACROSS / 2) / ACROSS;
	int by_height = (height + DOWN / 2) / DOWN;

	return by_width < by_height ? by_width : by_height;
}

int vc_mark_place(int width, int height, struct vc_rect *out)
{
	int cell = cell_of(width, height);
	int x = width - (VC_MARK_WIDTH + RIGHT) * cell, y = TOP * cell;

	if (cell < 2 || x < 0 || y + VC_MARK_HEIGHT * cell > height)
		return -ERANGE;
	*out = (struct vc_rect){
		.x = x & ~1,
		.y = y & ~1,
		.w = VC_MARK_WIDTH * cell,
		.h = VC_MARK_HEIGHT * cell,
	};
	return 0;
}

int vc_mark_draw(struct vc_image *img, const struct vc_mark *m)
{
	uint8_t cells[VC_MARK_CELLS];
	struct vc_rect r;
	int cell, err = vc_mark_place(img->width, img->height, &r);

	if (err)
		return err;
	cell = r.w / VC_MARK_WIDTH;
	vc_image_fill(img, r.x, r.y, r.w, r.h, light);
	for (size_t i = 0; i < sizeof(bars); i++)
		vc_image_fill(img, r.x + bars[i] * cell, r.y + cell, cell,
			      VC_MARK_ROWS * cell, dark);
	vc_mark_encode(cells, m);
	for (int i = 0; i < VC_MARK_CELLS; i++) {
		int col = DATA_AT + i % VC_MARK_COLS;
		int row = 1 + i / VC_MARK_COLS;

		if (!cells[i])
			vc_image_fill(img, r.x + col * cell, r.y + row * cell,
				      cell, cell, dark);
	}
	return 0;
}

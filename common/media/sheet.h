/* SPDX-License-Identifier: MIT */
/*
 * The contact sheet: a row a participant, a column a time, so that a meeting
 * is seen at a glance. How long it will last need not be known: when the
 * columns are full every second one is dropped and the interval doubles
 * (from VC_SHEET_INTERVAL_MIN), so between half and all of them are in use and
 * memory is bounded: about rows x cols x thumb_w x thumb_h x 1.5 octets.
 */
#ifndef VC_MEDIA_SHEET_H
#define VC_MEDIA_SHEET_H

#include <stddef.h>
#include <stdint.h>

#include "base/image.h"

#define VC_SHEET_ROWS_MAX 64
#define VC_SHEET_COLS_MAX 64

/* The first interval between two columns, ns. */
#define VC_SHEET_INTERVAL_MIN INT64_C(250000000)

/* No meeting is longer, ns: a year. */
#define VC_SHEET_TIME_MAX (INT64_C(365) * 86400 * 1000000000)

struct vc_sheet;

/*
 * 'cols' is 2 to VC_SHEET_COLS_MAX; 'thumb_w' and 'thumb_h' are even, 16 to
 * 1024: pictures are letter-boxed into that. Fewer columns are made where so
 * many would not fit into VC_IMAGE_MAX. NULL when out of memory.
 */
struct vc_sheet *vc_sheet_new(int cols, int thumb_w, int thumb_h);
void vc_sheet_free(struct vc_sheet *s);

/* The line at the top; copied. NULL: none. 0 or -ENOMEM. */
int vc_sheet_set_title(struct vc_sheet *s, const char *title);

/*
 * Offers the picture that 'who' (foreign text, his row's key and its name)
 * showed at 't' ns since the start, with a line of 'caption' (foreign; NULL or
 * "": none) over it. Cheap unless it is the first of its column. 0; -EINVAL for a time outside 0..VC_SHEET_TIME_MAX; -ENOSPC for a participant
 * too many (over VC_SHEET_ROWS_MAX, or over what a picture of VC_IMAGE_MAX
 * takes; the sheet then says that there were more); -ENOMEM.
 */
int vc_sheet_add(struct vc_sheet *s, const char *who, int64_t t,
		 const struct vc_image *im, const char *caption);

/* How many columns that line has room for. */
int vc_sheet_columns(const struct vc_sheet *s);

/* A row for 'who' even if no picture of his ever comes. As above. */
int vc_sheet_add_row(struct vc_sheet *s, const char *who);

/* Pictures taken, over all rows: 0 means that a sheet would be empty. */
size_t vc_sheet_count(const struct vc_sheet *s);

/* Draws it; vc_image_clear() it. 0 or -ENOMEM. */
int vc_sheet_draw(const struct vc_sheet *s, struct vc_image *out);

/* Draws it and writes it to 'fd' as PNG. 0, -ENOMEM or what write(2) said. */
int vc_sheet_write(const struct vc_sheet *s, int fd);

#endif

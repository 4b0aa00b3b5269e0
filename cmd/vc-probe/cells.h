/* SPDX-License-Identifier: MIT */
/*
 * A figure of the record as people read it. What is shown of a source, in the
 * table, on the screen of --top and on a page, is a list of columns: each a
 * path into a row of the record and how to write what is there.
 */
#ifndef VC_PROBE_CELLS_H
#define VC_PROBE_CELLS_H

#include <stddef.h>
#include <stdio.h>

struct vc_charwidth;
struct vc_json;

#define CELL 72		/* octets, with the NUL */
#define CELL_COLUMNS 18 /* of a table, at most */

enum cell {
	CELL_TEXT,
	CELL_KIND, /* "video", of a layer "video 1" */
	CELL_SSRC,
	CELL_NUMBER,  /* x 'scale', with 'decimals' */
	CELL_PERCENT, /* of a share */
	CELL_SIZE,    /* "640x360", of width and height */
};

struct column {
	const char *head;
	const char *path; /* NULL: the end */
	enum cell cell;
	int decimals;
	double scale; /* 0: 1 */
	/* 0: always there; else it is left out where there is no room, the
	 * highest first. */
	int rank;
};

/*
 * "-" where nothing is. Text is escaped, and at most 'max' columns wide: what
 * is cut ends with "..".
 */
void cell_write(char out[static CELL], const struct vc_charwidth *widths,
		const struct vc_json *row, const struct column *c, int max);
void cell_text(char out[static CELL], const struct vc_charwidth *widths,
	       const char *s, int max);

/* Columns that 's' takes. */
int cell_width(const struct vc_charwidth *widths, const char *s);

/* Left: text. Right: figures. */
int cell_is_left(const struct column *c);

/* Where tables go: a terminal's columns, else 80. */
struct page {
	FILE *f;
	int room;
	struct vc_charwidth *widths;
};

void page_open(struct page *page, FILE *f, struct vc_charwidth *widths);

/* A table; nothing where there are no rows. NULL title: none. */
void cells_draw(const struct page *page, const char *title,
		const struct column *c, const struct vc_json *const *rows,
		size_t n);
/* Of the rows of 'array' that have something other than null at 'path'. */
void cells_draw_with(const struct page *page, const char *title,
		     const struct column *c, const struct vc_json *array,
		     const char *path);

#endif

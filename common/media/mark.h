/* SPDX-License-Identifier: MIT */
/*
 * Marks: a block code in the picture that says who took it, its number and
 * when, so that any system can be measured from outside. It is found wherever
 * it is: whole picture, cropped, scaled, letter-boxed, or in a tile of a grid.
 *
 * 27 x 9 cells in light and dark luma, chroma neutral:
 *
 *	. # . # # . d d d d d d d d d d d d d d d d . # . # .
 *
 * is each of the seven inner rows: a light edge, bars that run through all of
 * them, sixteen cells of data, bars again. The upper and lower row are light.
 * A cell is 1/80 of the picture's width, and the mark lies at the upper right,
 * a sixteenth from the edge.
 *
 * The 112 cells of data are a BCH code, shortened from (127, 78): 63 bits, of
 * which 16 are a CRC, and any 7 wrong cells are put right. What is no mark
 * passes for one with a chance of about 1e-9 once bars were found about it
 * (7e-5 for the code, 2^-16 for the CRC). Numbers are in Gray code and what
 * seldom changes is in the two upper rows, which keeps the bit rate low.
 *
 * Integers only: equal pictures give equal results on every machine.
 */
#ifndef VC_MEDIA_MARK_H
#define VC_MEDIA_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"
#include "media/layout.h"

#define VC_MARK_COLS 16
#define VC_MARK_ROWS 7
#define VC_MARK_CELLS (VC_MARK_COLS * VC_MARK_ROWS)
#define VC_MARK_WIDTH 27 /* in cells, with bars and edges */
#define VC_MARK_HEIGHT 9

#define VC_MARK_FRAMES 32768 /* frame numbers are modulo this */
#define VC_MARK_TIMES 65536  /* times too, in ms */

struct vc_mark {
	uint16_t id;	  /* of the source */
	uint16_t frame;	  /* below VC_MARK_FRAMES */
	uint16_t time_ms; /* when it was taken, stream time */
};

/*
 * The id that belongs to a name: a hash, so that it is the same for picture
 * and sound, in every run, and behind every system that gives sources numbers
 * of its own. Its low 8 bits are in the marks of the sound (media/chirp.h).
 */
uint16_t vc_mark_id(const char *name);

/* The mark of a frame taken at 'now' (ns). */
struct vc_mark vc_mark_make(uint16_t id, uint64_t frame, int64_t now);

/*
 * When a mark's frame was taken, if it was read at 'now': the moment in whole
 * ms that is not more than a minute before, nor five seconds after.
 */
int64_t vc_mark_taken(const struct vc_mark *m, int64_t now);

/* Where it is drawn. -ERANGE: the picture is under 160 x 90, or narrow. */
int vc_mark_place(int width, int height, struct vc_rect *out);

/* Draws it. -ERANGE as above; the picture is untouched then. */
int vc_mark_draw(struct vc_image *img, const struct vc_mark *m);

/* --- the code alone, one octet a cell: 0 dark, 1 light --- */

void vc_mark_encode(uint8_t cells[static VC_MARK_CELLS],
		    const struct vc_mark *m);

/* How many cells were put right, or -EBADMSG. */
int vc_mark_decode(struct vc_mark *m,
		   const uint8_t cells[static VC_MARK_CELLS]);

/* --- reading --- */

/* Geometry of a mark in a picture, in 1/256 pixels. */
struct vc_mark_geo {
	int32_t x, y; /* upper left of the bars, the light edge left out */
	int32_t w, h; /* of a cell */
};

#define VC_MARK_MAX 64 /* in one picture */

/*
 * Reads picture after picture. It remembers where marks were and looks there
 * first; the whole picture is searched when one fails, and now and then for
 * new ones.
 */
struct vc_mark_reader {
	int width, height;
	uint64_t pictures;
	unsigned int since_search;
	uint64_t searches;
	size_t n;
	struct vc_mark_found {
		struct vc_mark_geo geo;
		struct vc_mark mark; /* the last one read */
		bool is_read;	     /* in this picture; else it failed */
		int corrected;	     /* cells put right */
		/*
		 * Pictures since the last one that was read, and how many of
		 * these had bars that could be seen. Set in each picture.
		 */
		unsigned int failed, seen;
	} found[VC_MARK_MAX];
};

/* An all-zero reader is fine too. */
void vc_mark_reader_init(struct vc_mark_reader *r);

/*
 * Reads 'img'. Afterwards found[0..n) are the marks that are known: those with
 * 'is_read' were read in this picture, with 'failed' as it was before. The
 * others are kept for a while; for good they are gone when 'failed' has no end.
 */
void vc_mark_read(struct vc_mark_reader *r, const struct vc_image *img);

/*
 * Looks for marks in the whole picture. Fills out[0..cap), returns how many.
 * 'img' needs 'y' only.
 */
size_t vc_mark_search(const struct vc_image *img, struct vc_mark_found *out,
		      size_t cap);

/*
 * Reads the mark at 'geo'. How many cells were put right; -EBADMSG: it is not
 * legible; -ENOENT: there are no bars.
 */
int vc_mark_read_at(const struct vc_image *img, const struct vc_mark_geo *geo,
		    struct vc_mark *out);

#endif

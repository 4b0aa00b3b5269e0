/* SPDX-License-Identifier: MIT */
/*
 * The terminal as a screen. Nothing here waits for it: a picture that it has
 * not taken yet is for the caller to leave the next one out. However the
 * process ends, in its sandbox or killed, the terminal is put back as it was.
 */
#ifndef VC_TOOL_TERM_H
#define VC_TOOL_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "media/cells.h"

struct vc_term;
struct vc_tool;

/* Keys that are no octet. */
enum vc_term_key {
	VC_TERM_UP = 0x100,
	VC_TERM_DOWN,
	VC_TERM_PAGE_UP,
	VC_TERM_PAGE_DOWN,
	VC_TERM_HOME,
	VC_TERM_END,
	VC_TERM_RESIZED, /* it has another size now */
};

#define VC_TERM_CTRL_L 12

/*
 * Before vc_tool_start(). The terminal on the standard output, or, where that
 * is none or 'is_beside', the one that the process belongs to. 0 or -errno.
 */
int vc_term_open(struct vc_term **out, struct vc_tool *t, bool is_beside);
void vc_term_close(struct vc_term *m); /* NULL is fine */

/* Keys are read and rests written by the loop from here on. A terminal that
 * goes ends the run. */
void vc_term_start(struct vc_term *m, void (*key)(void *ctx, int key),
		   void *ctx);

void vc_term_size(const struct vc_term *m, int *cols, int *rows);

/* By NO_COLOR, TERM and COLORTERM. */
enum vc_cells_colours vc_term_colours(void);

/* Has it taken all that was written? */
bool vc_term_is_free(const struct vc_term *m);
void vc_term_write(struct vc_term *m, const char *text, size_t len);

/* The last line that was said on the standard error, which is kept until the
 * screen is gone; "" where nothing was. Good until the next call. */
const char *vc_term_said(struct vc_term *m);

#endif

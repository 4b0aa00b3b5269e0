/* SPDX-License-Identifier: MIT */
/*
 * The terminal as a screen. Nothing here waits for it: a picture that it has
 * not taken yet is for the caller to leave the next one out. However the
 * process ends, the terminal is put back as it was.
 */
#ifndef VC_PLAY_TERM_H
#define VC_PLAY_TERM_H

#include <stdbool.h>
#include <stddef.h>

struct term;
struct vc_tool;

/* The one on the standard output. 0 or -errno. */
int term_open(struct term **out, struct vc_tool *t);
void term_close(struct term *m); /* NULL is fine */

/* Keys are read and rests written by the loop from here on; 'redraw' is called
 * when the whole screen is to be drawn again. */
void term_start(struct term *m, void (*redraw)(void *ctx), void *ctx);

void term_size(const struct term *m, int *cols, int *rows);

/* Has it taken all that was written? */
bool term_is_free(const struct term *m);
void term_write(struct term *m, const char *text, size_t len);

/* The last line that was said on the standard error, which is kept until the
 * screen is gone; "" where nothing was. Good until the next call. */
const char *term_said(struct term *m);

#endif

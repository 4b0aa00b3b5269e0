/* SPDX-License-Identifier: MIT */
/*
 * Who is seen, and the grid of them: a tile for each source of pictures, and
 * one with his initials for a participant who sends none. It is drawn again
 * when something in it changed.
 */
#ifndef VC_PLAY_TILES_H
#define VC_PLAY_TILES_H

#include "media/compose.h"
#include "play.h"

#define TILES_MAX VC_COMPOSE_TILES_MAX

/* The streams that have a tile, in order; returns how many. */
size_t tiles_list(const struct play *p, struct stream **out, size_t cap);

struct tiles {
	const struct play *p;
	struct vc_compose *canvas;
	int width, height;
	bool no_names;
	struct stream *tile[TILES_MAX];
	size_t n;
	bool is_stale; /* the tiles are not those of the streams */
	bool is_past;  /* drawn is what was seen at 'at' (past.h) */
	int64_t at;
};

/* 0 or -ENOMEM. */
int tiles_init(struct tiles *t, const struct play *p, int width, int height,
	       bool no_names);
void tiles_clear(struct tiles *t);

void tiles_draw(struct tiles *t);

/* What a stream shows now; with 'is_past' at that time. NULL: nothing yet. */
const struct vc_image *tiles_image(struct stream *s, bool is_past, int64_t at,
				   uint64_t *generation);

#endif

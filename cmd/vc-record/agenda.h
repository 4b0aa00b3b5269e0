/* SPDX-License-Identifier: MIT */
/*
 * What is to be done between units, by stream time. Units come out of a
 * timeline up to a second after they arrived, so what is said meanwhile waits
 * here until those that were before it are through.
 */
#ifndef VC_RECORD_AGENDA_H
#define VC_RECORD_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AGENDA_MAX 65536 /* notes; more are dropped and counted */

struct vc_json;

enum turn {
	TURN_NOTE, /* a line for the sidecar, nothing else */
	TURN_START,
	TURN_STOP,
	TURN_PAUSE,
	TURN_RESUME,
	TURN_SPLIT,
};

#define AGENDA_ALL UINT64_MAX /* a note about no source in particular */

struct agenda_item {
	struct agenda_item *next;
	int64_t at;
	enum turn turn;
	uint64_t source; /* its mark, or AGENDA_ALL */
	struct vc_json *note;
};

struct agenda {
	struct agenda_item *first;
	struct agenda_item *last;
	size_t n;
	uint64_t dropped;
};

/*
 * Behind what is due at the same time. Takes 'note' (NULL: none). 0, -ENOMEM,
 * or -ENOSPC for one note too many.
 */
int agenda_add(struct agenda *a, int64_t at, enum turn turn, uint64_t source,
	       struct vc_json *note);

/* The next one due until 'now', the caller's to free; NULL: none. */
struct agenda_item *agenda_take(struct agenda *a, int64_t now);

/* The next note about this source, whenever it is due; NULL: none. */
struct agenda_item *agenda_take_of(struct agenda *a, uint64_t source);

void agenda_free_item(struct agenda_item *item);
void agenda_clear(struct agenda *a);

#endif

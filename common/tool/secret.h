/* SPDX-License-Identifier: MIT */
/*
 * Memory that keys lie in, and the files that they come from. What was read
 * from is zeroised at once, and nothing that is printed quotes a line.
 */
#ifndef VC_TOOL_SECRET_H
#define VC_TOOL_SECRET_H

#include <stddef.h>

#include "base/str.h"

struct vc_tool;

/*
 * Zeroed, for itself: it is not swapped where that is allowed (the limit is
 * small on some systems, which is no reason not to run) and not dumped, and
 * from the first one until the tool ends the process is not dumped either. So
 * it goes after all that was made of what is in it.
 */
struct vc_secret {
	void *p;
	size_t len;
};

/* 0 or -ENOMEM. What is not written costs nothing. */
int vc_secret_new(struct vc_secret *s, size_t len);
/* The first 'used' octets were written. */
void vc_secret_clear(struct vc_secret *s, size_t used);

/*
 * Gives 'add' each line of a place: without spaces around it, comments and
 * empty ones left out. What 'add' returns for people, or a place that is none,
 * is wrong usage (exit 2, with place and line). A place that cannot be read:
 * says so, sets exit 1, -errno. Others may read it: a warning.
 */
int vc_secret_lines(struct vc_tool *t, const char *option, const char *place,
		    const char *(*add)(void *ctx, struct vc_str line),
		    void *ctx);

#endif

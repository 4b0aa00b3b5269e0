/* SPDX-License-Identifier: MIT */
/*
 * Lines of text to a PLACE whose reader may be slow (statistics). On the live
 * clock a line that cannot go at once is left out, whole; on the virtual one
 * the tool waits. O_NONBLOCK is not set: the description may be shared.
 */
#ifndef VC_TOOL_LINES_H
#define VC_TOOL_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_lines;
struct vc_tool;

/* 'place' as on the command line. 0, or -errno with a reason in 'why'. */
int vc_lines_open(struct vc_lines **out, struct vc_tool *tool,
		  const char *place, char *why, size_t cap);

/* Writes 'line', 'len' octets with its newline; it is allocated, and taken. 0
 * also when it was left out; -errno: broken. */
int vc_lines_put(struct vc_lines *l, char *line, size_t len);

/* How many were left out. */
uint64_t vc_lines_left_out(const struct vc_lines *l);

/* Writes what was begun, for at most 500 ms, and closes. NULL is fine. */
void vc_lines_close(struct vc_lines *l);

#endif

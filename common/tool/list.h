/* SPDX-License-Identifier: MIT */
/* Small files of lines that people write: scripts, rules. */
#ifndef VC_TOOL_LIST_H
#define VC_TOOL_LIST_H

#include <stddef.h>

#include "base/str.h"

struct vc_tool;

/*
 * Calls 'fn' for each line of 'place', at most 'max' octets in all, without
 * blanks around it; empty ones and those that begin with '#' are left out.
 * 'where' names it for messages: "rules.txt:3:". A place that cannot be read is
 * wrong usage of 'option', which ends the tool.
 */
void vc_list_read(struct vc_tool *t, const char *option, const char *place,
		  size_t max,
		  void (*fn)(void *ctx, const char *where, struct vc_str line),
		  void *ctx);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The regular files that a tool reads: to open one of them for writing as well
 * would destroy it. They are known by device and inode, from the command line
 * on, so that an output that is opened first finds its input here; whoever
 * opens an output asks, vc_place_open_write() does for all that use it.
 */
#ifndef VC_TOOL_READING_H
#define VC_TOOL_READING_H

#include <stdbool.h>

#include "tool/tool.h"

/* These places are read, and stdin where there are none and 'or_stdin'. */
void vc_reading_note(struct vc_tool *t, const struct vc_words *places,
		     bool or_stdin);

/*
 * Before 'path' or 'fd' is written; 'text' is what it is called, escaped. One
 * that is read: before vc_tool_start() a usage error, which exits; then
 * -ETXTBSY, which vc_place_why() has words for. Else 0; without a tool always.
 */
int vc_reading_check_path(struct vc_tool *t, const char *path,
			  const char *text);
int vc_reading_check_fd(struct vc_tool *t, int fd, const char *text);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Private to this folder: what a file is, before any library opens it, and the
 * one way to write an error text.
 */
#ifndef VC_GST_CHECK_H
#define VC_GST_CHECK_H

#include <stdbool.h>

#include "gst/file.h"

/*
 * 0 when 'path' is a media file that may be opened; *is_cut says that it
 * ends before its own outer lengths say it should. Else -errno with 'text' as
 * vc_gst_file_open().
 */
int vc_gst_check(const char *path, bool *is_cut,
		 char text[static VC_GST_TEXT_CAP]);

/* The same of the first octets of a pipe. -EAGAIN: more of them would tell. */
int vc_gst_check_head(const uint8_t *p, size_t len, bool is_all,
		      char text[static VC_GST_TEXT_CAP]);

/*
 * Writes one line: what is no printable ASCII becomes '?', so that text from
 * libraries or files cannot steer a terminal.
 */
void vc_gst_say(char text[static VC_GST_TEXT_CAP], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif

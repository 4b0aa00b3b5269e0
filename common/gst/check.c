/* SPDX-License-Identifier: MIT */
/*
 * The kind is read from the first octets. Whether the file was cut short is
 * seen by walking over its outermost units (chunks, boxes, pages) as long as
 * they say their length: a walk that ends behind the end of the file proves
 * it. It is bounded, and sizes only move the place to look at next.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gst/check.h"
#include "wire/filekind.h"

#define UNITS_MAX 65536

void vc_gst_say(char text[static VC_GST_TEXT_CAP], const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, VC_GST_TEXT_CAP, format, ap);
	va_end(ap);
	for (char *s = text; *s; s++)
		if (*s < ' ' || *s > '~')
			*s = '?';
}

static bool is_cut_short(int fd, enum vc_filekind kind, uint64_t size)
{
	uint8_t head[VC_FILEKIND_UNIT];
	uint64_t at = 0;

	for (int i = 0; i < UNITS_MAX && at < size; i++) {
		ssize_t len = pread(fd, head, sizeof(head), (off_t)at);
		uint64_t unit;

		if (len <= 0)
			return false;
		unit = vc_filekind_unit(kind, head, (size_t)len);
		if (!unit)
			return false;
		if (unit > size - at)
			return true;
		at += unit;
	}
	return false;
}

int vc_gst_check_head(const uint8_t *p, size_t len, bool is_all,
		      char text[static VC_GST_TEXT_CAP])
{
	enum vc_filekind kind = vc_filekind_of(p, len);

	if (vc_filekind_is_media(kind))
		return 0;
	if (!is_all && len < VC_FILEKIND_HEAD)
		return -EAGAIN;
	vc_gst_say(text, "%s, not a media file", vc_filekind_name(kind));
	return -EMEDIUMTYPE;
}

static int look_at(int fd, bool *is_cut, char text[static VC_GST_TEXT_CAP])
{
	uint8_t head[VC_FILEKIND_HEAD];
	struct stat st;

	if (fstat(fd, &st)) {
		int err = errno;

		vc_gst_say(text, "%s", strerror(err));
		return -err;
	}
	if (!S_ISREG(st.st_mode)) {
		vc_gst_say(text, "not a regular file");
		return -EINVAL;
	}
	ssize_t len = pread(fd, head, sizeof(head), 0);

	if (len < 0) {
		int err = errno;

		vc_gst_say(text, "%s", strerror(err));
		return -err;
	}
	int err = vc_gst_check_head(head, (size_t)len, true, text);

	if (!err)
		*is_cut = is_cut_short(fd, vc_filekind_of(head, (size_t)len),
				       (uint64_t)st.st_size);
	return err;
}

int vc_gst_check(const char *path, bool *is_cut,
		 char text[static VC_GST_TEXT_CAP])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		int err = errno;

		vc_gst_say(text, "%s", strerror(err));
		return -err;
	}
	int err = look_at(fd, is_cut, text);

	close(fd);
	return err;
}

/* SPDX-License-Identifier: MIT */
/*
 * A descriptor may be shared with other processes, so it is not made
 * non-blocking: poll() is asked before each read().
 */
#include "feed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "tool/place.h"

#define AHEAD 65536
#define PIPE_SIZE (1 << 20)

static int place_open(const char *text, int *fd, char error[static SOURCE_TEXT])
{
	struct vc_place *p = vc_alloc(1, sizeof(*p));
	int err = vc_place_parse(p, text, false, error, SOURCE_TEXT);

	if (!err)
		err = vc_place_open_read(p, fd);
	if (err == -ENOTTY)
		vc_strlcpy(error, "it is a terminal", SOURCE_TEXT);
	free(p);
	return err;
}

int feed_open(struct feed *f, const char *place, bool wait,
	      char error[static SOURCE_TEXT])
{
	struct stat st;
	int err;

	*f = (struct feed){ .fd = -1, .wait = wait };
	err = place_open(place, &f->fd, error);
	if (err)
		return err;
	err = fstat(f->fd, &st);
	f->is_file = !err && S_ISREG(st.st_mode);
	/* A hint: a raw picture is many times what a pipe holds. */
	if (!err && S_ISFIFO(st.st_mode))
		fcntl(f->fd, F_SETPIPE_SZ, PIPE_SIZE);
	return 0;
}

void feed_close(struct feed *f)
{
	if (f->fd >= 0)
		close(f->fd);
	free(f->buf);
	f->buf = NULL;
	f->fd = -1;
}

/* Room for 'n' octets from 'at' on, and for some more. */
static int make_room(struct feed *f, size_t n)
{
	size_t len = feed_len(f), cap = n < AHEAD ? AHEAD : n;
	uint8_t *buf = f->buf;

	if (f->cap - f->at >= n)
		return 0;
	if (f->cap < cap) {
		/* Not octet by octet. */
		if (cap < 2 * f->cap)
			cap = 2 * f->cap;
		buf = vc_try_alloc(cap, 1);
		if (!buf)
			return -ENOMEM;
		f->cap = cap;
	}
	if (len)
		memmove(buf, f->buf + f->at, len);
	if (buf != f->buf)
		free(f->buf);
	f->buf = buf;
	f->at = 0;
	f->n = len;
	return 0;
}

/* 1 when there is something to read, or the end. */
static int is_ready(const struct feed *f)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };
	int n;

	if (f->is_file)
		return 1;
	do {
		n = poll(&p, 1, f->wait ? -1 : 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n ? 1 : -EAGAIN;
}

int feed_need(struct feed *f, size_t n)
{
	int err = make_room(f, n);

	if (err)
		return err;
	while (feed_len(f) < n) {
		ssize_t got;

		if (f->is_at_end)
			return 0;
		err = is_ready(f);
		if (err < 0)
			return err;
		got = read(f->fd, f->buf + f->n, f->cap - f->n);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0)
			f->n += (size_t)got;
		f->is_at_end = got == 0;
	}
	return 1;
}

void feed_use(struct feed *f, size_t n)
{
	f->at += n;
	if (f->at == f->n)
		f->at = f->n = 0;
}

int feed_seek(struct feed *f, off_t at)
{
	if (lseek(f->fd, at, SEEK_SET) < 0)
		return -errno;
	f->at = f->n = 0;
	f->is_at_end = false;
	return 0;
}

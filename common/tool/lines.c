/* SPDX-License-Identifier: MIT */
/*
 * A pipe that poll() calls writable takes PIPE_BUF octets without blocking, and
 * a socket can be asked not to wait by the call: so lines are written in such
 * pieces, and the rest of a line that got stuck is kept for the next turn.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/loop.h"
#include "tool/lines.h"
#include "tool/place.h"
#include "tool/tool.h"

struct vc_lines {
	struct vc_loop *loop;
	int fd;
	bool is_socket;
	char *line; /* that was begun, or NULL */
	size_t done;
	size_t len;
	uint64_t left_out;
};

int vc_lines_open(struct vc_lines **out, struct vc_tool *tool,
		  const char *place, char *why, size_t cap)
{
	struct vc_place p;
	struct vc_lines *l;
	struct stat st;
	int fd, err = vc_place_parse(&p, place, false, why, cap);

	if (err)
		return err;
	err = vc_place_open_write(tool, &p, &fd);
	if (err) {
		snprintf(why, cap, "%s", strerror(-err));
		return err;
	}
	l = vc_alloc(1, sizeof(*l));
	l->loop = vc_tool_loop(tool);
	l->fd = fd;
	l->is_socket = !fstat(fd, &st) && S_ISSOCK(st.st_mode);
	*out = l;
	return 0;
}

/* What goes without waiting. 1 all of it, 0 some, or -errno. */
static int push(struct vc_lines *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLOUT };

	while (l->done < l->len) {
		size_t left = l->len - l->done;
		size_t n = left < PIPE_BUF ? left : PIPE_BUF;
		const char *at = l->line + l->done;
		ssize_t done;

		if (poll(&p, 1, 0) <= 0)
			return 0;
		done = l->is_socket ?
			       send(l->fd, at, n, MSG_DONTWAIT | MSG_NOSIGNAL) :
			       write(l->fd, at, n);
		if (done < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		l->done += (size_t)done;
	}
	free(l->line);
	l->line = NULL;
	return 1;
}

/* The same, waiting for 'timeout' (negative: until a signal). */
static int push_within(struct vc_lines *l, int64_t timeout)
{
	int64_t end = vc_mono_now() + timeout;
	int rc = push(l);

	while (!rc) {
		int64_t left = timeout < 0 ? -1 : end - vc_mono_now();

		if (timeout >= 0 && left <= 0)
			break;
		if (vc_loop_wait_fd(l->loop, l->fd, VC_WRITE, left) <= 0)
			break;
		rc = push(l);
	}
	return rc;
}

int vc_lines_put(struct vc_lines *l, char *line, size_t len)
{
	bool is_virtual = vc_loop_is_virtual(l->loop);
	int rc = push(l);

	if (!rc && is_virtual)
		rc = push_within(l, -1);
	if (rc <= 0) {
		l->left_out += !rc;
		free(line);
		return rc;
	}
	l->line = line;
	l->done = 0;
	l->len = len;
	rc = is_virtual ? push_within(l, -1) : push(l);
	return rc < 0 ? rc : 0;
}

uint64_t vc_lines_left_out(const struct vc_lines *l)
{
	return l->left_out;
}

void vc_lines_close(struct vc_lines *l)
{
	if (!l)
		return;
	push_within(l, 500 * VC_MS);
	close(l->fd);
	free(l->line);
	free(l);
}

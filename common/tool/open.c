/* SPDX-License-Identifier: MIT */
/*
 * Opening PLACEs. Descriptors are blocking, as one that came from outside may
 * share its description with other processes, and all are to behave alike;
 * the loop asks before it reads. A FIFO is opened for reading without waiting
 * for its writer, so that many can be opened in any order.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/loop.h"
#include "tool/internal.h"
#include "tool/place.h"
#include "tool/reading.h"

#define CONNECT_TIMEOUT (10 * VC_SEC)

static int duplicate(int fd, int wanted, int *out)
{
	int mode = fcntl(fd, F_GETFL);

	if (mode < 0)
		return -errno;
	mode &= O_ACCMODE;
	if (mode != O_RDWR && mode != wanted)
		return -EBADF;
	/* Not among the standard three, which are anybody's to close. */
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return -errno;
	*out = fd;
	return 0;
}

static int clear_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK))
		return -errno;
	return 0;
}

static int open_file(const char *path, int flags, int *out)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0666);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || (S_ISDIR(st.st_mode) && (errno = EISDIR)) ||
	    clear_nonblock(fd)) {
		int err = -errno;

		close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

/* connect() that gives up; the descriptor is left blocking. */
static int connect_within(int fd, const struct sockaddr *sa, socklen_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int64_t end = vc_mono_now() + CONNECT_TIMEOUT, left;
	socklen_t size = sizeof(int);
	int err = 0, n;

	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		return -errno;
	if (!connect(fd, sa, len))
		return clear_nonblock(fd);
	if (errno != EINPROGRESS)
		return -errno;
	do {
		left = end - vc_mono_now();
		n = poll(&p, 1, left > 0 ? (int)(left / VC_MS) + 1 : 0);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n ? -errno : -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size))
		return -errno;
	return err ? -err : clear_nonblock(fd);
}

static int connect_any(void *ctx, const struct sockaddr_storage *sa,
		       socklen_t len)
{
	int fd = socket(sa->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1, err, *out = ctx;

	if (fd < 0)
		return -errno;
	err = connect_within(fd, (const struct sockaddr *)(const void *)sa,
			     len);
	if (err) {
		close(fd);
		return err;
	}
	if (sa->ss_family != AF_UNIX) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	}
	*out = fd;
	return 0;
}

static void unix_address(const char *path, struct sockaddr_storage *sa)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	assert(strlen(path) < sizeof(un.sun_path));
	memcpy(un.sun_path, path, strlen(path));
	memset(sa, 0, sizeof(*sa));
	memcpy(sa, &un, sizeof(un));
}

static int connect_unix(const char *path, int *fd)
{
	struct sockaddr_storage sa;

	unix_address(path, &sa);
	return connect_any(fd, &sa, sizeof(struct sockaddr_un));
}

static int open_capture(const struct vc_place *p, int flags, int *fd)
{
	if (!strcmp(p->path, "-"))
		return duplicate(0, O_RDONLY, fd);
	if (p->fd >= 0)
		return duplicate(p->fd, O_RDONLY, fd);
	return open_file(p->path, O_RDONLY | flags, fd);
}

int vc_place_connect(const struct vc_place *p, int *fd)
{
	if (p->listen || !p->host[0])
		return -EDESTADDRREQ;
	return vc_addr_each(p->host, p->port, 0, SOCK_STREAM, connect_any, fd);
}

static int open_place(const struct vc_place *p, int access, int flags, int *fd)
{
	switch (p->kind) {
	case VC_PLACE_STDIO:
		return duplicate(access == O_RDONLY ? 0 : 1, access, fd);
	case VC_PLACE_FD:
		return duplicate(p->fd, access, fd);
	case VC_PLACE_PATH:
		return open_file(p->path, access | flags, fd);
	case VC_PLACE_UNIX:
		return p->listen ? -EDESTADDRREQ : connect_unix(p->path, fd);
	case VC_PLACE_TCP:
		return vc_place_connect(p, fd);
	case VC_PLACE_CAPTURE:
		return access == O_RDONLY ? open_capture(p, flags, fd) :
					    -EPROTONOSUPPORT;
	case VC_PLACE_TLS:
	case VC_PLACE_RTP:
		break;
	}
	return -EPROTONOSUPPORT;
}

int vc_place_open_read(const struct vc_place *p, int *out)
{
	int fd, err = open_place(p, O_RDONLY, O_NONBLOCK, &fd);

	if (err)
		return err;
	if (isatty(fd)) {
		close(fd);
		return -ENOTTY;
	}
	*out = fd;
	return 0;
}

int vc_place_open_write(struct vc_tool *t, const struct vc_place *p, int *fd)
{
	int err = p->kind == VC_PLACE_PATH ?
			  vc_reading_check_path(t, p->path, p->text) :
			  0;

	if (!err)
		err = open_place(p, O_WRONLY, O_CREAT | O_TRUNC, fd);
	if (err || (p->kind != VC_PLACE_STDIO && p->kind != VC_PLACE_FD))
		return err;
	err = vc_reading_check_fd(t, *fd, p->text);
	if (err)
		close(*fd);
	return err;
}

/* --- listening --- */

/* A socket of ours that nobody listens on any more goes away. */
static void remove_stale(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) || !S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
		return;
	if (!connect_unix(path, &fd))
		close(fd);
	else
		unlink(path);
}

static int listen_any(void *ctx, const struct sockaddr_storage *sa,
		      socklen_t len)
{
	int fd = socket(sa->ss_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int one = 1, zero = 0, err, *out = ctx;

	if (fd < 0)
		return -errno;
	if (sa->ss_family == AF_UNIX)
		/* The mode of the name, from its first moment. */
		fchmod(fd, 0600);
	else
		/* A port in TIME_WAIT may be had, one in use may not. */
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (sa->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	if (bind(fd, (const struct sockaddr *)(const void *)sa, len) ||
	    listen(fd, 16)) {
		err = -errno;
		close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

int vc_place_listen(const struct vc_place *p, int *out, char *ready, size_t cap)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	char addr[320];
	int fd, err;

	assert(p->listen);
	if (p->kind == VC_PLACE_UNIX) {
		remove_stale(p->path);
		unix_address(p->path, &sa);
		err = listen_any(out, &sa, sizeof(struct sockaddr_un));
		if (!err)
			snprintf(ready, cap, "unix:%s", p->path);
		return err;
	}
	err = vc_addr_each(p->host, p->port, 0, SOCK_STREAM, listen_any, &fd);
	if (err)
		return err;
	if (getsockname(fd, (struct sockaddr *)(void *)&sa, &len)) {
		err = -errno;
		close(fd);
		return err;
	}
	vc_place_addr_text(&sa, addr, sizeof(addr));
	snprintf(ready, cap, "%s://%s", p->kind == VC_PLACE_TLS ? "tls" : "tcp",
		 addr);
	*out = fd;
	return 0;
}

/* --- small files --- */

/* FIFOs were opened without waiting for their writers. */
static ssize_t read_some(int fd, char *buf, size_t n)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t got;

	do {
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return -errno;
		got = read(fd, buf, n);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

static bool is_regular(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode);
}

int vc_place_slurp(const struct vc_place *p, size_t max, char **text,
		   size_t *len)
{
	char *buf;
	size_t n = 0;
	ssize_t got;
	int fd, err = vc_place_open_read(p, &fd);

	if (err)
		return err;
	if (p->is_file && !is_regular(fd)) {
		close(fd);
		return -ESPIPE;
	}
	buf = vc_try_alloc(max + 2, 1);
	got = buf ? 1 : -ENOMEM;
	while (got > 0 && n <= max) {
		got = read_some(fd, buf + n, max + 1 - n);
		n += got > 0 ? (size_t)got : 0;
	}
	close(fd);
	if (got >= 0 && n > max)
		got = -EFBIG;
	if (got < 0) {
		/* It may have been keys. */
		if (buf)
			explicit_bzero(buf, max + 2);
		free(buf);
		return (int)got;
	}
	buf[n] = '\0';
	*text = buf;
	*len = n;
	return 0;
}

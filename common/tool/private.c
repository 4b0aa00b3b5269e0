/* SPDX-License-Identifier: MIT */
/*
 * The folder of private control sockets, and speaking to them. A folder in
 * /tmp can be made by anybody first, so it is used only when it is a real
 * directory, ours, and closed to others; the kernel says whose process
 * answers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"
#include "tool/control.h"
#include "tool/internal.h"

#define FOLDER_CAP 96

static bool is_ours(const char *path, mode_t type, mode_t forbidden)
{
	struct stat st;

	return !lstat(path, &st) && (st.st_mode & S_IFMT) == type &&
	       st.st_uid == geteuid() && !(st.st_mode & forbidden);
}

/* The i-th folder there may be. */
static bool folder(int i, char buf[static FOLDER_CAP])
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	int n;

	if (i == 1) {
		n = snprintf(buf, FOLDER_CAP, "/tmp/vc-%lu",
			     (unsigned long)geteuid());
		return n < FOLDER_CAP;
	}
	if (!run || run[0] != '/' || !is_ours(run, S_IFDIR, 022))
		return false;
	return snprintf(buf, FOLDER_CAP, "%s/vc", run) < FOLDER_CAP;
}

int vc_private_path(const char *tool, char *buf, size_t cap)
{
	char dir[FOLDER_CAP];

	for (int i = 0; i < 2; i++) {
		if (!folder(i, dir))
			continue;
		if (mkdir(dir, 0700) && errno != EEXIST)
			continue;
		if (!is_ours(dir, S_IFDIR, 077))
			continue;
		if ((size_t)snprintf(buf, cap, "%s/%s-%ld.sock", dir, tool,
				     (long)getpid()) < cap)
			return 0;
	}
	return -EACCES;
}

bool vc_control_may_use(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct vc_str head;
	char dir[FOLDER_CAP];

	if (!slash || slash[1] == '.' || !slash[1])
		return false;
	head = vc_str_of(path, (size_t)(slash - path));
	for (int i = 0; i < 2; i++) {
		if (folder(i, dir) && vc_str_is(head, dir) &&
		    is_ours(dir, S_IFDIR, 077))
			return is_ours(path, S_IFSOCK, 0);
	}
	return false;
}

static int connect_ours(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int fd, err;

	if (strlen(path) >= sizeof(un.sun_path))
		return -ENAMETOOLONG;
	memcpy(un.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)(const void *)&un,
		    sizeof(un)) ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len)) {
		err = -errno;
		close(fd);
		return err;
	}
	if (peer.uid != geteuid()) {
		close(fd);
		return -EACCES;
	}
	return fd;
}

/* Replies would fill the socket one day. */
static int drain(int fd)
{
	char buf[4096];

	for (int i = 0; i < 16; i++) {
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

		if (!n)
			return -EPIPE;
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	}
	return 0;
}

int vc_control_send(int *fd, const char *path, const char *line)
{
	char text[4096];
	int n = snprintf(text, sizeof(text), "%s\n", line), err;
	ssize_t done;

	if (n < 0 || (size_t)n >= sizeof(text))
		return -EMSGSIZE;
	/* Of a producer that was replaced only the name is the same. */
	if (*fd >= 0 && drain(*fd)) {
		close(*fd);
		*fd = -1;
	}
	if (*fd < 0)
		*fd = connect_ours(path);
	if (*fd < 0) {
		err = *fd;
		*fd = -1;
		return err;
	}
	done = send(*fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (done == n)
		return 0;
	err = done < 0 ? -errno : -EAGAIN;
	close(*fd);
	*fd = -1;
	return err;
}

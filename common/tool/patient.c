/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that are opened here are not blocking, as nobody shares them;
 * one that was given (fd:N, -) is left as it is and asked before each use. A
 * FIFO that is read stays open when its writer goes: the next one is then
 * there at once.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"
#include "base/time.h"
#include "net/loop.h"
#include "tool/patient.h"
#include "tool/reading.h"
#include "tool/tool.h"

#define TRY (100 * VC_MS)

void vc_patient_check(struct vc_tool *t, const char *option, const char *text)
{
	struct vc_place p;
	char why[256];

	if (vc_place_parse(&p, text, false, why, sizeof(why)))
		vc_tool_usage(t, "%s %s: %s", option, text, why);
	if (p.kind != VC_PLACE_STDIO && p.kind != VC_PLACE_FD &&
	    p.kind != VC_PLACE_PATH && p.kind != VC_PLACE_UNIX)
		vc_tool_usage(t,
			      "%s %s: a FIFO, a file or unix:PATH[,listen] is "
			      "due",
			      option, p.text);
}

/* --- opening --- */

/* What is given is there from the beginning, and once only. */
static int take_given(struct vc_patient *p)
{
	struct stat st;
	int err;

	err = p->is_out ? vc_place_open_write(p->tool, &p->where, &p->fd) :
			  vc_place_open_read(&p->where, &p->fd);
	if (err) {
		p->fd = -1;
		return err;
	}
	if (!fstat(p->fd, &st)) {
		p->is_socket = S_ISSOCK(st.st_mode);
		p->is_regular = S_ISREG(st.st_mode);
	}
	p->met = 1;
	return 0;
}

int vc_patient_open(struct vc_patient *p, struct vc_tool *t, const char *text,
		    bool is_out)
{
	char ready[sizeof(p->where.path) + 8], why[256];
	int err;

	memset(p, 0, sizeof(*p));
	p->tool = t;
	p->is_out = is_out;
	p->fd = p->listen_fd = -1;
	p->tried = -TRY;
	err = vc_place_parse(&p->where, text, false, why, sizeof(why));
	assert(!err);
	if (p->where.listen)
		err = vc_place_listen(&p->where, &p->listen_fd, ready,
				      sizeof(ready));
	else if (p->where.kind == VC_PLACE_STDIO ||
		 p->where.kind == VC_PLACE_FD)
		err = take_given(p);
	if (err) {
		p->listen_fd = p->where.listen ? -1 : p->listen_fd;
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: open: %s", p->where.text,
			     vc_place_why(&p->where, err));
		return err;
	}
	if (p->where.listen)
		vc_tool_ready(t, ready);
	return 0;
}

static int open_path(struct vc_patient *p)
{
	int flags = O_NONBLOCK | O_CLOEXEC | O_NOCTTY, fd;
	struct stat st;

	if (p->is_out &&
	    vc_reading_check_path(p->tool, p->where.path, p->where.text))
		return -ETXTBSY;
	flags |= p->is_out ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY;
	fd = open(p->where.path, flags, 0666);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || S_ISDIR(st.st_mode)) {
		close(fd);
		return -EISDIR;
	}
	p->is_regular = S_ISREG(st.st_mode);
	return fd;
}

static int connect_to(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	assert(strlen(path) < sizeof(un.sun_path));
	memcpy(un.sun_path, path, strlen(path));
	if (connect(fd, (struct sockaddr *)(void *)&un, sizeof(un))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int meet(struct vc_patient *p)
{
	int fd;

	if (p->listen_fd >= 0) {
		fd = accept4(p->listen_fd, NULL, NULL,
			     SOCK_CLOEXEC | SOCK_NONBLOCK);
		return fd < 0 ? -errno : fd;
	}
	if (p->where.kind == VC_PLACE_UNIX)
		return connect_to(p->where.path);
	return open_path(p);
}

static bool has_folder(const char *path)
{
	char folder[sizeof(((struct vc_place *)0)->path)];
	const char *slash = strrchr(path, '/');
	struct stat st;

	if (!slash || slash == path)
		return true;
	vc_strlcpy(folder, path, (size_t)(slash - path) + 1);
	return !stat(folder, &st);
}

/* Not there yet is no news; that it cannot be had is, once. */
static bool is_news(const struct vc_patient *p, int err)
{
	if (err == -ENOENT)
		return !has_folder(p->where.path);
	return err != -ENXIO && err != -ECONNREFUSED && err != -EAGAIN &&
	       err != -EINTR;
}

bool vc_patient_is_there(struct vc_patient *p)
{
	int64_t now = vc_mono_now();
	int fd;

	if (p->fd >= 0)
		return true;
	if (p->is_over || (p->listen_fd < 0 && now - p->tried < TRY))
		return false;
	p->tried = now;
	fd = meet(p);
	if (fd >= 0) {
		p->fd = fd;
		p->is_socket = p->where.kind == VC_PLACE_UNIX;
		p->met++;
		p->has_said = false;
		return true;
	}
	if (is_news(p, fd) && !p->has_said) {
		p->has_said = true;
		vc_tool_warn(p->tool, "%s: open: %s; it is tried again",
			     p->where.text,
			     fd == -ENOENT ? "there is no such folder" :
					     strerror(-fd));
	}
	return false;
}

void vc_patient_lost(struct vc_patient *p)
{
	if (p->fd < 0)
		return;
	close(p->fd);
	p->fd = -1;
	p->is_over = p->where.kind == VC_PLACE_STDIO ||
		     p->where.kind == VC_PLACE_FD;
}

void vc_patient_close(struct vc_patient *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (p->listen_fd >= 0) {
		close(p->listen_fd);
		unlink(p->where.path);
	}
	p->fd = p->listen_fd = -1;
}

/* --- octets --- */

static bool is_ready(int fd, short events)
{
	struct pollfd q = { .fd = fd, .events = events };

	return poll(&q, 1, 0) > 0;
}

ssize_t vc_patient_read(struct vc_patient *p, void *buf, size_t cap)
{
	ssize_t n;

	if (!p->is_regular && !is_ready(p->fd, POLLIN))
		return -EAGAIN;
	n = read(p->fd, buf, cap);
	return n < 0 ? -errno : n;
}

ssize_t vc_patient_write(struct vc_patient *p, const void *buf, size_t len)
{
	ssize_t n;

	assert(len <= 4096);
	if (!p->is_regular && !is_ready(p->fd, POLLOUT))
		return -EAGAIN;
	n = p->is_socket ? send(p->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL) :
			   write(p->fd, buf, len);
	return n < 0 ? -errno : n;
}

bool vc_patient_wait(struct vc_patient *p)
{
	struct vc_loop *loop = vc_tool_loop(p->tool);
	int fd = p->fd >= 0 ? p->fd : p->listen_fd;
	int got;

	if (vc_loop_is_stopped(loop) || (fd < 0 && vc_loop_is_hurried(loop)))
		return false;
	/* A place that has to appear is looked for again. */
	got = vc_loop_wait_fd(loop, fd,
			      p->fd >= 0 && p->is_out ? VC_WRITE : VC_READ,
			      fd >= 0 ? -1 : TRY);
	return (got > 0 || (got == 0 && fd < 0)) && !vc_loop_is_stopped(loop);
}

/* SPDX-License-Identifier: MIT */
/*
 * One buffer in front of a descriptor. The directory is opened once and the
 * name is looked up in it alone, so that a directory that becomes a link in
 * the meantime changes nothing. What is patched lies in the file or in the
 * buffer still, or partly in both.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "engine/outfile_internal.h"

#define ROOM VC_OUTFILE_ROOM
#define SUFFIX ".part"

static int pwrite_all(int fd, const uint8_t *p, size_t len, uint64_t at)
{
	while (len) {
		ssize_t n = pwrite(fd, p, len, (off_t)at);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			p += n;
			at += (uint64_t)n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* What is in the room is written first: none of it is touched before. */
static struct vc_outfile *make(void)
{
	struct vc_outfile *o = malloc(sizeof(*o));

	if (o)
		memset(o, 0, offsetof(struct vc_outfile, room));
	return o;
}

static void release(struct vc_outfile *o)
{
	vc_outseal_clear(o);
	if (o->dir >= 0) {
		if (o->fd >= 0)
			close(o->fd);
		close(o->dir);
	}
	free(o->part);
	free(o->name);
	free(o);
}

/* Splits 'path' into an open directory and the two names. */
static int place(struct vc_outfile *o, int in, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *dir;
	size_t len;

	if (!*name)
		return -EISDIR;
	dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	if (!dir)
		return -ENOMEM;
	o->dir = openat(in, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (o->dir < 0)
		return -errno;
	len = strlen(name) + sizeof(SUFFIX);
	o->name = strdup(name);
	o->part = malloc(len);
	if (!o->name || !o->part)
		return -ENOMEM;
	snprintf(o->part, len, "%s%s", name, SUFFIX);
	return 0;
}

int vc_outfile_open_in(int dir, const char *path, struct vc_outfile **out)
{
	struct vc_outfile *o = make();
	int err;

	if (!o)
		return -ENOMEM;
	o->fd = o->dir = o->anew_fd = -1;
	err = place(o, dir, path);
	if (err)
		goto fail;
	o->fd = openat(o->dir, o->part,
		       O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		       0600);
	if (o->fd < 0) {
		err = -errno;
		goto fail;
	}
	*out = o;
	return 0;
fail:
	release(o);
	return err;
}

int vc_outfile_open(const char *path, struct vc_outfile **out)
{
	return vc_outfile_open_in(AT_FDCWD, path, out);
}

int vc_outfile_give(struct vc_outfile *o, int mode, gid_t group)
{
	if (group != (gid_t)-1 && fchown(o->fd, (uid_t)-1, group))
		return -errno;
	return mode >= 0 && fchmod(o->fd, (mode_t)mode) ? -errno : 0;
}

int vc_outfile_wrap(int fd, struct vc_outfile **out)
{
	struct vc_outfile *o = make();

	if (!o)
		return -ENOMEM;
	o->fd = fd;
	o->dir = o->anew_fd = -1;
	*out = o;
	return 0;
}

bool vc_outfile_can_patch(const struct vc_outfile *o)
{
	return o->dir >= 0 && (!o->sealer || o->is_journal);
}

uint64_t vc_outfile_pos(const struct vc_outfile *o)
{
	return o->flushed + o->n;
}

static int drain(struct vc_outfile *o, const uint8_t *p, size_t len)
{
	if (o->sealer)
		return vc_outseal_drain(o, p, len);
	if (!o->err)
		o->err = vc_write_all(o->fd, p, len);
	if (!o->err)
		o->flushed += len;
	return o->err;
}

int vc_outfile_flush(struct vc_outfile *o)
{
	int err = drain(o, o->room, o->n);

	if (!err)
		o->n = 0;
	return err;
}

int vc_outfile_write(struct vc_outfile *o, const void *p, size_t len)
{
	if (o->err)
		return o->err;
	if (len > ROOM - o->n && vc_outfile_flush(o))
		return o->err;
	if (len > ROOM)
		return drain(o, p, len);
	if (len)
		memcpy(o->room + o->n, p, len);
	o->n += len;
	return 0;
}

int vc_outfile_patch(struct vc_outfile *o, uint64_t at, const void *p,
		     size_t len)
{
	if (!vc_outfile_can_patch(o))
		return -ESPIPE;
	assert(at + len <= vc_outfile_pos(o));
	if (o->err)
		return o->err;
	if (at >= o->flushed) {
		memcpy(o->room + (at - o->flushed), p, len);
		return 0;
	}
	if (at + len > o->flushed && vc_outfile_flush(o))
		return o->err;
	if (o->sealer)
		return vc_outseal_patch(o, at, p, len);
	o->err = pwrite_all(o->fd, p, len, at);
	return o->err;
}

ssize_t vc_outfile_read(struct vc_outfile *o, uint64_t at, void *p, size_t len)
{
	ssize_t n;

	if (o->sealer)
		return vc_outseal_read(o, at, p, len);
	do
		n = pread(o->fd, p, len, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* Some file systems cannot sync; that is no reason to fail. */
static int sync_fd(int fd)
{
	return fsync(fd) && errno != EINVAL && errno != EROFS ? -errno : 0;
}

int vc_outfile_sync(struct vc_outfile *o)
{
	int err = vc_outfile_flush(o);

	if (!err && o->dir >= 0)
		err = o->err = sync_fd(o->fd);
	return err;
}

static int publish(struct vc_outfile *o)
{
	int err = sync_fd(o->fd);
	int fd = o->fd;

	o->fd = -1;
	if (close(fd) && !err)
		err = -errno;
	if (!err && o->anew)
		err = vc_outseal_publish(o);
	else if (!err && renameat(o->dir, o->part, o->dir, o->name))
		err = -errno;
	if (!err)
		err = sync_fd(o->dir);
	return err;
}

int vc_outfile_finish(struct vc_outfile *o)
{
	int err;

	do
		err = vc_outfile_settle(o);
	while (err > 0);
	if (!err)
		err = vc_outfile_flush(o);
	if (!err && o->dir >= 0)
		err = publish(o);
	release(o);
	return err;
}

int vc_outfile_close(struct vc_outfile *o)
{
	int err = vc_outfile_flush(o);

	release(o);
	return err;
}

void vc_outfile_abandon(struct vc_outfile *o)
{
	if (!o)
		return;
	if (o->dir >= 0)
		unlinkat(o->dir, o->part, 0);
	release(o);
}

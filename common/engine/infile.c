/* SPDX-License-Identifier: MIT */
#include "engine/infile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define ROOM 65536

struct vc_infile {
	int fd;
	bool can_seek;
	bool is_sealed;
	bool has_ended;
	uint64_t at; /* read so far */
	struct vc_unseal *unseal;
	size_t start, end; /* of what was read and is not used yet */
	uint8_t room[ROOM];
};

/* As read(), but -errno. */
static ssize_t get(struct vc_infile *f, uint8_t *p, size_t len)
{
	ssize_t n;

	do
		n = f->can_seek ? pread(f->fd, p, len, (off_t)f->at) :
				  read(f->fd, p, len);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		f->at += (uint64_t)n;
	return n < 0 ? -errno : n;
}

/* More of the file behind what is there. */
static int fill(struct vc_infile *f)
{
	ssize_t n;

	if (f->start == f->end)
		f->start = f->end = 0;
	n = get(f, f->room + f->end, ROOM - f->end);
	if (n > 0)
		f->end += (size_t)n;
	f->has_ended |= !n;
	return n < 0 ? (int)n : 0;
}

int vc_infile_new(int fd, const struct vc_unseal_keys *keys,
		  struct vc_overlay *known, struct vc_infile **out)
{
	struct vc_infile *f = vc_try_alloc(1, sizeof(*f));
	int err = f ? 0 : -ENOMEM;

	if (!f)
		return err;
	f->fd = fd;
	f->can_seek = lseek(fd, 0, SEEK_CUR) >= 0;
	while (!err && !f->has_ended && f->end < VC_SEALED_HEAD)
		err = fill(f);
	f->is_sealed = !err && vc_sealed_is(f->room, f->end);
	if (f->is_sealed) {
		f->start = f->end;
		err = f->end < VC_SEALED_HEAD ?
			      -EBADMSG :
			      vc_unseal_open(keys, f->room, &f->start,
					     f->can_seek ? fd : -1, known,
					     &f->unseal);
	}
	if (err) {
		vc_infile_free(f);
		return err;
	}
	*out = f;
	return 0;
}

void vc_infile_free(struct vc_infile *f)
{
	if (!f)
		return;
	vc_unseal_free(f->unseal);
	free(f);
}

static ssize_t read_plain(struct vc_infile *f, uint8_t *out, size_t cap)
{
	size_t n = f->end - f->start;

	if (!n)
		return get(f, out, cap);
	n = n < cap ? n : cap;
	memcpy(out, f->room + f->start, n);
	f->start += n;
	return (ssize_t)n;
}

ssize_t vc_infile_read(struct vc_infile *f, uint8_t *out, size_t cap)
{
	size_t got = 0;
	int err = 0;

	if (!f->is_sealed)
		return read_plain(f, out, cap);
	while (!got) {
		size_t used;

		if (f->start == f->end && !f->has_ended)
			err = fill(f);
		if (err < 0)
			return err;
		used = f->end - f->start;
		got = cap;
		err = vc_unseal_read(f->unseal, f->room + f->start, &used, out,
				     &got);
		f->start += used;
		if (got)
			break;
		if (err < 0)
			return err;
		if (f->start == f->end && f->has_ended)
			break;
	}
	return (ssize_t)got;
}

bool vc_infile_is_cut(const struct vc_infile *f)
{
	return f->is_sealed && !vc_unseal_is_whole(f->unseal);
}

const uint8_t *vc_infile_key(const struct vc_infile *f)
{
	return f->is_sealed ? vc_unseal_key(f->unseal) : NULL;
}

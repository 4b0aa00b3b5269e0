/* SPDX-License-Identifier: MIT */
/*
 * What leaves the buffer becomes a chunk (wire/sealed.h). A chunk is never
 * written a second time, for its nonce would be used twice; so what is patched
 * is noted behind what it goes over, and kept in memory: the .part is a
 * journal. When all is written it is read back and becomes a new file, front
 * to back, which takes the name; until then the journal holds everything.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/rand.h"
#include "base/aead.h"
#include "engine/infile.h"
#include "engine/outfile_internal.h"
#include "wire/sealed.h"

#define ANEW ".part.new"
#define SETTLE (8u << 20) /* octets written anew at a time: some 10 ms */

struct vc_sealer {
	struct vc_aead *seal;
	uint64_t n; /* of chunks, so far */
	uint8_t key[VC_SEALED_KEY];
	uint8_t room[VC_SEALED_CHUNK_HEAD + VC_SEALED_CHUNK_MAX + VC_SEALED_TAG];
};

static void sealer_free(struct vc_sealer *s)
{
	if (!s)
		return;
	vc_aead_free(s->seal);
	explicit_bzero(s, sizeof(*s));
	free(s);
}

/* Writes the head. */
static int sealer_new(int fd, const uint8_t *key, bool is_journal,
		      struct vc_sealer **out)
{
	struct vc_sealed_head h = { .is_journal = is_journal };
	struct vc_sealer *s = vc_try_alloc(1, sizeof(*s));
	uint8_t head[VC_SEALED_HEAD];
	int err = s ? vc_rand_secret(h.salt, sizeof(h.salt)) : -ENOMEM;

	if (!err) {
		memcpy(s->key, key, sizeof(s->key));
		vc_sealed_head_write(&h, head);
		s->seal =
			vc_aead_new(key, h.salt, head, VC_SEALED_INFO, h.proof);
		vc_sealed_head_write(&h, head);
		err = s->seal ? vc_write_all(fd, head, sizeof(head)) : -ENOMEM;
	}
	if (err) {
		sealer_free(s);
		return err;
	}
	*out = s;
	return 0;
}

static int put_chunk(struct vc_sealer *s, int fd, enum vc_sealed_kind kind,
		     const uint8_t *p, size_t len)
{
	const struct vc_sealed_chunk c = { .kind = kind, .len = (uint32_t)len };
	uint8_t nonce[VC_SEALED_NONCE];
	int err;

	vc_sealed_chunk_write(&c, s->room);
	vc_sealed_nonce(nonce, s->n, kind);
	s->n++;
	err = vc_aead_close(s->seal, nonce, s->room, VC_SEALED_CHUNK_HEAD, p,
			    len, s->room + VC_SEALED_CHUNK_HEAD);
	return err ? err :
		     vc_write_all(fd, s->room,
				  VC_SEALED_CHUNK_HEAD + len + VC_SEALED_TAG);
}

int vc_outfile_seal(struct vc_outfile *o, const uint8_t *key, bool is_patched)
{
	assert(!vc_outfile_pos(o) && !o->sealer);
	o->is_journal = is_patched && o->dir >= 0;
	o->err = sealer_new(o->fd, key, o->is_journal, &o->sealer);
	return o->err;
}

int vc_outseal_drain(struct vc_outfile *o, const uint8_t *p, size_t len)
{
	assert(!len || !o->is_sealed);
	while (len && !o->err) {
		size_t n = len < VC_SEALED_CHUNK_MAX ? len :
						       VC_SEALED_CHUNK_MAX;

		o->err = put_chunk(o->sealer, o->fd, VC_SEALED_DATA, p, n);
		if (o->err)
			break;
		o->flushed += n;
		p += n;
		len -= n;
	}
	return o->err;
}

int vc_outseal_patch(struct vc_outfile *o, uint64_t at, const uint8_t *p,
		     size_t len)
{
	uint8_t note[VC_SEALED_PATCH_HEAD + VC_OUTFILE_ROOM / 2];
	size_t most = sizeof(note) - VC_SEALED_PATCH_HEAD;

	while (len && !o->err) {
		size_t n = len < most ? len : most;

		vc_put_u64(note, at);
		memcpy(note + VC_SEALED_PATCH_HEAD, p, n);
		o->err = vc_overlay_put(&o->patches, at, p, n);
		if (!o->err)
			o->err = put_chunk(o->sealer, o->fd, VC_SEALED_PATCH,
					   note, VC_SEALED_PATCH_HEAD + n);
		at += n;
		p += n;
		len -= n;
	}
	return o->err;
}

/* --- the end --- */

static int end_chunks(struct vc_outfile *o)
{
	o->err = put_chunk(o->sealer, o->fd, VC_SEALED_LAST, o->room, o->n);
	if (o->err)
		return o->err;
	o->flushed += o->n;
	o->n = 0;
	o->is_sealed = true;
	return 0;
}

static int read_back(struct vc_outfile *o, int fd, const uint8_t *key)
{
	const struct vc_unseal_keys keys = { .v = key, .n = 1 };

	vc_infile_free(o->back);
	o->back = NULL;
	o->back_at = 0;
	return vc_infile_new(fd, &keys, &o->patches, &o->back);
}

/* For whom the .part is. */
static int open_anew(struct vc_outfile *o)
{
	size_t cap = strlen(o->name) + sizeof(ANEW);
	struct stat st;

	if (fstat(o->fd, &st))
		return -errno;
	o->anew = vc_try_alloc(1, cap);
	if (!o->anew)
		return -ENOMEM;
	snprintf(o->anew, cap, "%s%s", o->name, ANEW);
	/* Whose .part is ours, his is this: a crash left it. */
	(void)unlinkat(o->dir, o->anew, 0);
	o->anew_fd = openat(o->dir, o->anew,
			    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    0600);
	if (o->anew_fd < 0)
		return -errno;
	if (fchown(o->anew_fd, (uid_t)-1, st.st_gid) ||
	    fchmod(o->anew_fd, st.st_mode & 0777))
		return -errno;
	return sealer_new(o->anew_fd, o->sealer->key, false, &o->anew_sealer);
}

static int begin_anew(struct vc_outfile *o)
{
	int err = open_anew(o);

	return err ? err : read_back(o, o->fd, o->sealer->key);
}

/* A whole chunk's worth, less only at the end. */
static ssize_t read_chunk(struct vc_outfile *o)
{
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < VC_SEALED_CHUNK_MAX) {
		n = vc_infile_read(o->back, o->room + len,
				   VC_SEALED_CHUNK_MAX - len);
		len += n > 0 ? (size_t)n : 0;
	}
	return n < 0 ? n : (ssize_t)len;
}

/* 1: there is more. */
static int copy_some(struct vc_outfile *o)
{
	size_t did = 0;
	ssize_t n = 1;
	int err = 0;

	while (!err && n > 0 && did < SETTLE) {
		n = read_chunk(o);
		if (n < 0)
			return (int)n;
		err = put_chunk(o->anew_sealer, o->anew_fd,
				n ? VC_SEALED_DATA : VC_SEALED_LAST, o->room,
				(size_t)n);
		did += (size_t)n;
		o->back_at += (uint64_t)n;
	}
	if (err || n)
		return err ? err : 1;
	return vc_infile_is_cut(o->back) || o->back_at != o->flushed ? -EIO : 0;
}

/* It is 'fd' from now on. */
static void take_anew(struct vc_outfile *o)
{
	close(o->fd);
	o->fd = o->anew_fd;
	o->anew_fd = -1;
	sealer_free(o->sealer);
	o->sealer = o->anew_sealer;
	o->anew_sealer = NULL;
	vc_infile_free(o->back);
	o->back = NULL;
	o->is_journal = false;
}

int vc_outfile_settle(struct vc_outfile *o)
{
	int more;

	if (o->err || !o->sealer)
		return o->err;
	if (!o->is_sealed && end_chunks(o))
		return o->err;
	if (!o->is_journal)
		return 0;
	if (!o->anew) {
		o->err = begin_anew(o);
		return o->err ? o->err : 1;
	}
	more = copy_some(o);
	if (more < 0)
		o->err = more;
	else if (!more)
		take_anew(o);
	return more;
}

ssize_t vc_outseal_read(struct vc_outfile *o, uint64_t at, void *p, size_t len)
{
	int err = 0;
	ssize_t n;

	if (!o->is_sealed || o->is_journal)
		return -ESPIPE;
	if (!o->back || at < o->back_at)
		err = read_back(o, o->fd, o->sealer->key);
	if (err)
		return err;
	if (at != o->back_at)
		return -ESPIPE;
	n = vc_infile_read(o->back, p, len);
	o->back_at += n > 0 ? (uint64_t)n : 0;
	return n;
}

int vc_outseal_publish(struct vc_outfile *o)
{
	if (renameat(o->dir, o->anew, o->dir, o->name))
		return -errno;
	free(o->anew);
	o->anew = NULL;
	/* The name is there; what is left of the .part hurts nobody. */
	(void)unlinkat(o->dir, o->part, 0);
	return 0;
}

void vc_outseal_clear(struct vc_outfile *o)
{
	if (o->anew)
		unlinkat(o->dir, o->anew, 0);
	if (o->anew_fd >= 0)
		close(o->anew_fd);
	free(o->anew);
	sealer_free(o->sealer);
	sealer_free(o->anew_sealer);
	vc_infile_free(o->back);
	vc_overlay_clear(&o->patches);
}

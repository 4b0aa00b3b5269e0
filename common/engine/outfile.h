/* SPDX-License-Identifier: MIT */
/*
 * A file that is whole or not there. PATH is written as PATH.part (0600, never
 * through a link, never over a .part that is there: somebody's recording) and
 * renamed when it is finished. Or a descriptor, such as a pipe, that is
 * written front to back. Writes are gathered; the first error sticks, and all
 * later calls return it.
 */
#ifndef VC_ENGINE_OUTFILE_H
#define VC_ENGINE_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct vc_outfile;

/* -EEXIST: PATH.part is there. Else what open() says, or -ENOMEM. */
int vc_outfile_open(const char *path, struct vc_outfile **out);

/* The same where 'path' counts from an open directory. */
int vc_outfile_open_in(int dir, const char *path, struct vc_outfile **out);

/* Who may read it: a mode as chmod(2) has it, and a group; -1: as it is. 0 or
 * -errno. */
int vc_outfile_give(struct vc_outfile *o, int mode, gid_t group);

/* Borrows 'fd' and never seeks in it. */
int vc_outfile_wrap(int fd, struct vc_outfile **out);

/* False for a descriptor: nothing can be written over. */
bool vc_outfile_can_patch(const struct vc_outfile *o);

int vc_outfile_write(struct vc_outfile *o, const void *p, size_t len);

/* Writes over what lies at 'at'. -ESPIPE where that cannot be. */
int vc_outfile_patch(struct vc_outfile *o, uint64_t at, const void *p,
		     size_t len);

/*
 * Reads what was written and flushed, of a file: octets, fewer than 'len' at
 * the end, or -errno.
 */
ssize_t vc_outfile_read(const struct vc_outfile *o, uint64_t at, void *p,
			size_t len);

/* Octets written so far, gathered ones included. */
uint64_t vc_outfile_pos(const struct vc_outfile *o);

/* Hands what is gathered to the kernel: from then on a crash keeps it. */
int vc_outfile_flush(struct vc_outfile *o);

/* The same, and onto the disk: from then on a loss of power keeps it. */
int vc_outfile_sync(struct vc_outfile *o);

/*
 * Flushes, syncs, renames (over a file of that name) and frees. On an error
 * the .part stays: it holds what came before.
 */
int vc_outfile_finish(struct vc_outfile *o);

/* Flushes and frees; the .part stays under that name. */
int vc_outfile_close(struct vc_outfile *o);

/* Removes the .part and frees. NULL is fine. */
void vc_outfile_abandon(struct vc_outfile *o);

#endif

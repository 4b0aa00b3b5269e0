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

/*
 * From its first octet on all is encrypted with that key (VC_SEALED_KEY
 * octets), chunk by chunk (wire/sealed.h): what is flushed is a chunk. Offsets
 * are those of the plain octets. 'is_patched': something will be written over;
 * without it, and for a descriptor, that cannot be. 0, -ENOMEM, or what write()
 * says.
 */
int vc_outfile_seal(struct vc_outfile *o, const uint8_t *key, bool is_patched);

int vc_outfile_write(struct vc_outfile *o, const void *p, size_t len);

/* Writes over what lies at 'at'. -ESPIPE where that cannot be. */
int vc_outfile_patch(struct vc_outfile *o, uint64_t at, const void *p,
		     size_t len);

/*
 * Nothing more is written; does some of what is left to do then, which takes
 * time. 1: there is more of it; 0: nothing; or -errno. vc_outfile_finish() does
 * what is left of it.
 */
int vc_outfile_settle(struct vc_outfile *o);

/*
 * Reads what was written and flushed, of a file: octets, fewer than 'len' at
 * the end, or -errno. Of an encrypted one only when it is settled, and from its
 * beginning to its end.
 */
ssize_t vc_outfile_read(struct vc_outfile *o, uint64_t at, void *p, size_t len);

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

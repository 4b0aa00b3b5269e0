/* SPDX-License-Identifier: MIT */
/*
 * A file that is read from its beginning, encrypted or not: its plain octets.
 */
#ifndef VC_ENGINE_INFILE_H
#define VC_ENGINE_INFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/unseal.h"

struct vc_infile;

/*
 * Borrows 'fd', which stays where it is if it is a file that can be read at an
 * offset, else is read on. 'known': as vc_unseal_open(); or NULL. -ENOMEM; what
 * vc_unseal_read() says of the head; or what read() says.
 */
int vc_infile_new(int fd, const struct vc_unseal_keys *keys,
		  struct vc_overlay *known, struct vc_infile **out);
void vc_infile_free(struct vc_infile *f);

/*
 * Up to 'cap' octets, more than 0; 0: the end, which is a cut if
 * vc_infile_is_cut(). -errno, or as vc_unseal_read().
 */
ssize_t vc_infile_read(struct vc_infile *f, uint8_t *out, size_t cap);

/* An encrypted file that ended too early, or was changed on the way. */
bool vc_infile_is_cut(const struct vc_infile *f);

/* What it is encrypted with; NULL: it is not. */
const uint8_t *vc_infile_key(const struct vc_infile *f);

#endif

/* SPDX-License-Identifier: MIT */
/* Octets through a descriptor that may take them piece by piece. */
#ifndef VC_BASE_IO_H
#define VC_BASE_IO_H

#include <stddef.h>

/* Writes all of it, waiting where it must. 0 or -errno. */
int vc_write_all(int fd, const void *p, size_t len);

#endif

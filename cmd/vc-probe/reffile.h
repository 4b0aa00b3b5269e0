/* SPDX-License-Identifier: MIT */
/* --ref FILE: pictures of a Y4M file, by their number. */
#ifndef VC_PROBE_REFFILE_H
#define VC_PROBE_REFFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe;
struct reffile;
struct vc_image;

/* Opens it; says what is wrong, and exits. */
struct reffile *reffile_open(struct probe *p, const char *path);
/* NULL is fine. */
void reffile_close(struct reffile *f);

bool reffile_has_size(const struct reffile *f, const struct vc_image *img);
/* Of the first 'seconds', at most all that are there. */
uint64_t reffile_pictures(const struct reffile *f, int seconds);
/* The number of the picture 'ns' after number 'from'. */
uint64_t reffile_after(const struct reffile *f, uint64_t from, int64_t ns);
/* Picture 'n' into 'img', of its size. False: it has no such picture. */
bool reffile_read(const struct reffile *f, uint64_t n, struct vc_image *img);

#endif

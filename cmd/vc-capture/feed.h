/* SPDX-License-Identifier: MIT */
/*
 * Octets of a file, a pipe or a FIFO, as they come: never blocks unless told
 * to, reads no further than a little ahead, and holds no more than is asked
 * for at once.
 */
#ifndef VC_CAPTURE_FEED_H
#define VC_CAPTURE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "source.h"

struct feed {
	int fd;
	bool is_file; /* regular: always has more, or ends */
	bool wait;    /* blocks until there is something */
	uint8_t *buf;
	size_t at, n, cap; /* what lies ready is buf[at..n) */
	bool is_at_end;
};

/* 'place' is "-", "fd:N", a path or another PLACE of octets. */
int feed_open(struct feed *f, const char *place, bool wait,
	      char error[static SOURCE_TEXT]);
void feed_close(struct feed *f);

/* 1: 'n' octets lie at feed_data(); 0: it ends before; -EAGAIN; -errno. */
int feed_need(struct feed *f, size_t n);

static inline const uint8_t *feed_data(const struct feed *f)
{
	return f->buf + f->at;
}

static inline size_t feed_len(const struct feed *f)
{
	return f->n - f->at;
}

/* 'n' of those octets are done with. */
void feed_use(struct feed *f, size_t n);

/* A regular file goes on there; 0 or -errno. */
int feed_seek(struct feed *f, off_t at);

#endif

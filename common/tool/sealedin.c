/* SPDX-License-Identifier: MIT */
#include "tool/sealedin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define ROOM (256u << 10)

int vc_sealedin_start(struct vc_sealedin *s, const uint8_t *p, size_t len,
		      int fd)
{
	size_t used = len;
	int err;

	s->buf = vc_try_alloc(1, len > ROOM ? len : ROOM);
	if (!s->buf)
		return -ENOMEM;
	memcpy(s->buf, p, len);
	err = vc_unseal_open(&s->keys, s->buf, &used, s->is_regular ? fd : -1,
			     NULL, &s->unseal);
	s->start = used;
	s->len = len - used;
	if (err)
		s->why = vc_unseal_why(err);
	return err;
}

/* What can be opened of what is here. */
static int take(struct vc_sealedin *s, uint8_t *p, size_t cap, size_t *done)
{
	int err;

	*done = 0;
	do {
		size_t used = s->len, got = cap - *done;

		err = vc_unseal_read(s->unseal, s->buf + s->start, &used,
				     p + *done, &got);
		s->start += used;
		s->len -= used;
		*done += got;
	} while (err >= 0 && *done < cap && s->len);
	return err;
}

/* For the next chunk, not more: nothing waits here for others to come. */
static size_t wants(const struct vc_sealedin *s)
{
	size_t n = vc_unseal_wants(s->unseal);

	return s->is_in_records || n > ROOM ? ROOM : n;
}

ssize_t vc_sealedin_read(struct vc_sealedin *s,
			 ssize_t (*get)(void *ctx, uint8_t *p, size_t cap),
			 void *ctx, uint8_t *p, size_t cap)
{
	bool has_read = false;
	size_t done;
	ssize_t n;
	int err;

	for (;;) {
		err = take(s, p, cap, &done);
		if (done)
			return (ssize_t)done;
		if (err >= 0 && has_read && !s->is_regular)
			err = -EAGAIN;
		if (err < 0)
			break;
		n = get(ctx, s->buf, wants(s));
		s->start = 0;
		s->len = n > 0 ? (size_t)n : 0;
		if (n <= 0)
			return n;
		has_read = true;
	}
	s->why = vc_unseal_why(err);
	errno = -err;
	return -1;
}

void vc_sealedin_clear(struct vc_sealedin *s)
{
	vc_unseal_free(s->unseal);
	free(s->buf);
	s->unseal = NULL;
	s->buf = NULL;
	s->start = s->len = 0;
}

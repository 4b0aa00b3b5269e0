/* SPDX-License-Identifier: MIT */
#include "base/slide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 65536

static int append(struct vc_slide *s, const uint8_t *p, size_t len)
{
	size_t cap = s->cap ? s->cap : PIECE;
	uint8_t *buf;

	while (cap - s->len < len)
		cap *= 2;
	if (cap != s->cap) {
		buf = realloc(s->buf, cap);
		if (!buf)
			return -ENOMEM;
		s->buf = buf;
		s->cap = cap;
	}
	memcpy(s->buf + s->len, p, len);
	s->len += len;
	return 0;
}

static void pass(struct vc_slide *s, size_t n)
{
	if (n)
		memmove(s->buf, s->buf + n, s->len - n);
	s->len -= n;
}

/* Takes what is whole. */
static int take(struct vc_slide *s)
{
	size_t at = 0;
	int got = 1;

	while (got == 1 && at < s->len) {
		uint64_t size;

		got = s->next(s->ctx, s->buf + at, s->len - at, &size);
		if (got == 1 && size > s->len - at) {
			s->skip = size - (s->len - at);
			at = s->len;
		} else if (got == 1) {
			at += (size_t)size;
		}
	}
	pass(s, at);
	return got < 0 ? got : 0;
}

int vc_slide_put(struct vc_slide *s, const uint8_t *p, size_t len)
{
	while (!s->err && len) {
		size_t n = len < PIECE ? len : PIECE;

		if (s->skip) {
			if (n > s->skip)
				n = (size_t)s->skip;
			s->skip -= n;
		} else {
			s->err = append(s, p, n);
			if (!s->err)
				s->err = take(s);
		}
		p += n;
		len -= n;
	}
	return s->err;
}

int vc_slide_end(struct vc_slide *s, vc_slide_next *last)
{
	uint64_t size;
	int got = 0;

	if (!s->err && s->len)
		got = last(s->ctx, s->buf, s->len, &size);
	if (got == 1)
		pass(s, (size_t)size);
	if (got < 0)
		s->err = got;
	return s->err;
}

bool vc_slide_is_empty(const struct vc_slide *s)
{
	return !s->err && !s->len && !s->skip;
}

void vc_slide_clear(struct vc_slide *s)
{
	free(s->buf);
	s->buf = NULL;
	s->len = s->cap = 0;
}

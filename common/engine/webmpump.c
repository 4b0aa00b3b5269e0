/* SPDX-License-Identifier: MIT */
#include "engine/webmpump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 65536

static int tell(struct vc_webmpump *w)
{
	return w->item.kind == VC_WEBMREAD_SKIP ? 0 : w->take(w->ctx, &w->item);
}

static int append(struct vc_webmpump *w, const uint8_t *p, size_t len)
{
	size_t cap = w->cap ? w->cap : FIRST_CAP;
	uint8_t *buf;

	while (cap - w->len < len)
		cap *= 2;
	if (cap != w->cap) {
		buf = realloc(w->buf, cap);
		if (!buf)
			return -ENOMEM;
		w->buf = buf;
		w->cap = cap;
	}
	if (len)
		memcpy(w->buf + w->len, p, len);
	w->len += len;
	return 0;
}

/* Parses what is here and keeps what is not whole. */
static int parse(struct vc_webmpump *w)
{
	size_t at = 0;
	int err = 0;

	while (!err && at < w->len && !w->skip) {
		int got = vc_webmread_next(&w->read, w->buf + at, w->len - at,
					   &w->item);

		if (got == 0)
			break;
		err = got < 0 ? got : tell(w);
		if (w->item.size > w->len - at) {
			w->skip = w->item.size - (w->len - at);
			at = w->len;
		} else {
			at += w->item.size;
		}
	}
	if (at)
		memmove(w->buf, w->buf + at, w->len - at);
	w->len -= at;
	return err;
}

int vc_webmpump_put(struct vc_webmpump *w, const uint8_t *p, size_t len)
{
	while (!w->err && len) {
		size_t n = len < FIRST_CAP ? len : FIRST_CAP;

		if (w->skip) {
			if (n > w->skip)
				n = (size_t)w->skip;
			w->skip -= n;
		} else {
			w->err = append(w, p, n);
			if (!w->err)
				w->err = parse(w);
		}
		p += n;
		len -= n;
	}
	return w->err;
}

bool vc_webmpump_is_whole(const struct vc_webmpump *w)
{
	return !w->err && !w->len && !w->skip && vc_webmread_is_whole(&w->read);
}

void vc_webmpump_clear(struct vc_webmpump *w)
{
	free(w->buf);
	w->buf = NULL;
}

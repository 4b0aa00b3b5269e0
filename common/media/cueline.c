/* SPDX-License-Identifier: MIT */
/*
 * A cue is put when a piece of text has been taken, so one that is over by then
 * is put once. A flood has a cue each millisecond, and those come later and
 * later: what would be a second late is dropped.
 */
#include "media/cueline.h"

#include <string.h>

#include "base/str.h"
#include "media/caption.h"
#include "wire/webvtt.h"

#define FLOOD VC_CUE_SHOWN

static int put(struct vc_cueline *c, int64_t end, bool is_over)
{
	const struct vc_cue cue = {
		.start = c->start,
		.end = end > c->start + VC_CUE_SHOWN ? end :
						       c->start + VC_CUE_SHOWN,
		.is_over = is_over,
		.text = c->text,
		.len = c->len,
	};

	/* Nobody has heard of it. */
	if (is_over && !c->len && !c->was_put)
		return 0;
	c->was_put = true;
	c->was_empty = !c->len;
	return c->put(c->ctx, &cue);
}

static int finish(struct vc_cueline *c, int64_t end)
{
	int err = c->is_open ? put(c, end, true) : 0;

	c->is_open = c->was_put = c->was_empty = c->is_whole = false;
	c->len = c->cost = 0;
	return err;
}

/* False: there is a flood. */
static bool begin(struct vc_cueline *c, int64_t at)
{
	if (c->next > at + FLOOD)
		return false;
	c->is_open = true;
	c->start = at > c->next ? at : c->next;
	c->next = c->start + VC_CUE_STEP;
	return true;
}

static size_t cost_of(const char *p, size_t len)
{
	return len == 1 && strchr("&<>{", *p) ? VC_WEBVTT_GROWTH : len;
}

static void back(struct vc_cueline *c)
{
	size_t len = vc_utf8_back(c->text, c->len);

	if (c->is_whole) {
		c->is_whole = false;
		return;
	}
	c->cost -= cost_of(c->text + len, c->len - len);
	c->len = len;
}

static void append(struct vc_cueline *c, int64_t at, const char *p, size_t len)
{
	if (!c->is_open && !begin(c, at)) {
		c->dropped += len;
		return;
	}
	memcpy(c->text + c->len, p, len);
	c->len += len;
	for (size_t i = 0; i < len; i++)
		c->cost += cost_of(p + i, 1);
}

/* The line is too long: what is of its last word goes into the next cue. */
static int split(struct vc_cueline *c, int64_t at)
{
	size_t cut = c->len, n;
	char word[VC_CUE_OCTETS];
	int err;

	while (cut > c->len / 2 && c->text[cut - 1] != ' ')
		cut--;
	if (cut <= c->len / 2)
		cut = c->len;
	n = c->len - cut;
	memcpy(word, c->text + cut, n);
	c->len = cut;
	err = finish(c, at);
	if (!err && n)
		append(c, at, word, n);
	return err;
}

/* A letter that is to be seen. */
static int add(struct vc_cueline *c, int64_t at, const char *p, size_t len)
{
	int err = 0;

	if (c->is_open && (c->is_whole || (c->was_empty && !c->len) ||
			   at - c->start >= VC_CUE_LONGEST))
		err = finish(c, at);
	else if (c->cost + cost_of(p, len) > VC_CUE_OCTETS)
		err = split(c, at);
	if (!err)
		append(c, at, p, len);
	return err;
}

int vc_cueline_type(struct vc_cueline *c, int64_t at, const char *text,
		    size_t len)
{
	const char *p = text, *end = text + len;
	int err = vc_cueline_look(c, at);

	while (!err && p < end) {
		const char *from = p;
		size_t n;

		(void)vc_utf8_next(&p, end);
		n = (size_t)(p - from);
		if (*from == '\b')
			back(c);
		else if (*from == '\n')
			c->is_whole |= c->is_open;
		else if (*from && vc_caption_is_shown(from, n))
			err = add(c, at, from, n);
	}
	c->changed = at;
	if (err || !c->is_open)
		return err;
	return c->len || c->was_put ? put(c, at, false) : finish(c, at);
}

int vc_cueline_look(struct vc_cueline *c, int64_t at)
{
	int64_t still = at - c->changed;

	if (!c->is_open || still < (c->is_whole ? VC_CUE_HOLD : VC_CUE_IDLE))
		return 0;
	return finish(c, c->changed + VC_CUE_HOLD);
}

int vc_cueline_end(struct vc_cueline *c)
{
	return finish(c, c->changed + VC_CUE_HOLD);
}

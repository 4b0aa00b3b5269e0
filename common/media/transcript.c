/* SPDX-License-Identifier: MIT */
/*
 * A list of lines in the order in which they began. A line is whole with its
 * NEW LINE, or when nothing was typed for a while; a cue is also known to its
 * end when the next line of the same source begins, or HOLD later. The first
 * of the list goes out as soon as it is: so starts never go back, as WebVTT
 * wants it, and nothing is held for longer than somebody types at one line.
 */
#include "media/transcript.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "media/caption.h"
#include "wire/webvtt.h"

#define HOLD (4 * VC_SEC)
#define SHOWN_MIN VC_SEC
#define NAME_CAP 256
#define OUT_CAP (16 * VC_TRANSCRIPT_LINE) /* each octet may take five */

struct line {
	struct line *next;
	uint64_t key;
	char name[NAME_CAP];
	char text[VC_TRANSCRIPT_LINE];
	size_t len;
	int64_t start;
	int64_t changed;
	bool is_whole;
	bool has_end;
	int64_t end;
};

struct vc_transcript {
	bool is_vtt;
	struct line *first, **last;
	size_t n;
	char out[OUT_CAP];
};

struct vc_transcript *vc_transcript_new(bool is_vtt)
{
	struct vc_transcript *t = vc_try_alloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->is_vtt = is_vtt;
	t->last = &t->first;
	return t;
}

static void drop_first(struct vc_transcript *t)
{
	struct line *l = t->first;

	t->first = l->next;
	if (!t->first)
		t->last = &t->first;
	t->n--;
	free(l);
}

void vc_transcript_free(struct vc_transcript *t)
{
	if (!t)
		return;
	while (t->first)
		drop_first(t);
	free(t);
}

/* --- in --- */

/* Of 'key' the one that is being typed, or NULL. */
static struct line *open_line(struct vc_transcript *t, uint64_t key)
{
	for (struct line *l = t->first; l; l = l->next) {
		if (l->key == key && !l->is_whole)
			return l;
	}
	return NULL;
}

static void set_end(struct line *l, int64_t end)
{
	if (l->has_end)
		return;
	l->is_whole = true;
	l->has_end = true;
	l->end = end > l->start + SHOWN_MIN ? end : l->start + SHOWN_MIN;
}

/* Whole for long enough: it is known when it is over. */
static void look(struct line *l, int64_t at)
{
	if (!l->is_whole && at >= l->changed + VC_TRANSCRIPT_IDLE)
		l->is_whole = true;
	if (l->is_whole && at >= l->changed + HOLD)
		set_end(l, l->changed + HOLD);
}

static struct line *begin_line(struct vc_transcript *t, uint64_t key,
			       const char *name, int64_t at)
{
	struct line *l;

	for (l = t->first; l; l = l->next) {
		look(l, at);
		if (l->key == key)
			set_end(l, at);
	}
	if (t->n >= VC_TRANSCRIPT_LINES)
		set_end(t->first, at);
	if (t->n >= 2 * VC_TRANSCRIPT_LINES)
		return NULL;
	l = vc_try_alloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->key = key;
	vc_strlcpy(l->name, name, sizeof(l->name));
	l->start = at;
	*t->last = l;
	t->last = &l->next;
	t->n++;
	return l;
}

int vc_transcript_add(struct vc_transcript *t, uint64_t key, const char *name,
		      int64_t at, const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	struct line *l = open_line(t, key);

	while (p < end) {
		const char *from = p;
		size_t n;

		(void)vc_utf8_next(&p, end);
		n = (size_t)(p - from);
		if (l)
			l->changed = at;
		if (*from == '\b') {
			if (l)
				l->len = vc_utf8_back(l->text, l->len);
		} else if (*from == '\n') {
			if (l)
				l->is_whole = true;
			l = NULL;
		} else if (vc_caption_is_shown(from, n)) {
			if (l && l->len + n > sizeof(l->text)) {
				l->is_whole = true;
				l = NULL;
			}
			if (!l)
				l = begin_line(t, key, name, at);
			if (!l)
				return -ENOMEM;
			l->changed = at;
			memcpy(l->text + l->len, from, n);
			l->len += n;
		}
	}
	return 0;
}

void vc_transcript_leave(struct vc_transcript *t, uint64_t key)
{
	struct line *l = open_line(t, key);

	if (l)
		l->is_whole = true;
}

void vc_transcript_end(struct vc_transcript *t)
{
	for (struct line *l = t->first; l; l = l->next)
		set_end(l, l->changed + HOLD);
}

/* --- out --- */

static size_t put_line(struct vc_transcript *t, const struct line *l,
		       const char *name)
{
	struct vc_wr w = vc_wr_over(t->out, sizeof(t->out));

	if (t->is_vtt) {
		vc_webvtt_cue(&w, l->start, l->end, name, l->text, l->len);
		return vc_wr_len(&w);
	}
	vc_webvtt_time(&w, l->start);
	vc_wr_bytes(&w, " ", 1);
	vc_wr_bytes(&w, name, strlen(name));
	vc_wr_bytes(&w, ": ", 2);
	vc_wr_bytes(&w, l->text, l->len);
	vc_wr_bytes(&w, "\n", 1);
	return vc_wr_len(&w);
}

const char *vc_transcript_take(struct vc_transcript *t, int64_t at, size_t *len)
{
	char name[VC_ESCAPE_CAP(NAME_CAP)];
	struct line *l;

	while ((l = t->first)) {
		look(l, at);
		if (t->is_vtt ? !l->has_end : !l->is_whole)
			return NULL;
		vc_escape(name, sizeof(name), l->name, strlen(l->name));
		*len = 0;
		if (l->len)
			*len = put_line(t, l, name);
		drop_first(t);
		if (*len)
			return t->out;
	}
	return NULL;
}

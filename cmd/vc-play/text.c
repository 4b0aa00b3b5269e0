/* SPDX-License-Identifier: MIT */
/*
 * What was written, as text with times or as WebVTT: of all in one file, or a
 * file for each participant. A line is written when it is whole.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/outfile.h"
#include "media/transcript.h"
#include "wire/webvtt.h"
#include "target.h"

struct book {
	struct part part;
	struct vc_transcript *lines; /* NULL: nothing was written yet */
};

struct texts {
	struct parts parts; /* of a pattern */
	struct book *all;   /* of one file */
	const char *text;
	bool is_vtt;
	bool is_any; /* there was some */
};

static bool is_vtt(const char *text)
{
	size_t len = strlen(text);

	return len > 4 && !strcasecmp(text + len - 4, ".vtt");
}

static void put(struct book *b, const char *text, size_t len)
{
	struct vc_outfile *file = b->part.target.file;
	int err;

	if (!file)
		return;
	err = vc_outfile_write(file, text, len);
	if (!err)
		err = vc_outfile_flush(file);
	if (!target_did(&b->part.target, "write", err))
		target_abandon(&b->part.target);
}

static bool begin(struct texts *x, struct book *b)
{
	if (b->lines)
		return true;
	b->lines = vc_transcript_new(x->is_vtt);
	if (b->lines && x->is_vtt)
		put(b, VC_WEBVTT_HEAD, strlen(VC_WEBVTT_HEAD));
	return b->lines;
}

static void put_lines(struct book *b, int64_t at)
{
	const char *line;
	size_t len;

	while (b->lines && (line = vc_transcript_take(b->lines, at, &len)))
		put(b, line, len);
}

static struct book *next_book(const struct texts *x, const struct book *b)
{
	if (!b)
		return x->all ? x->all : (struct book *)x->parts.first;
	return x->all ? NULL : (struct book *)b->part.next;
}

static void take(void *ctx, const struct stream *s, int64_t at,
		 const char *text, size_t len)
{
	struct texts *x = ctx;
	struct book *b = x->all ? x->all :
				  (struct book *)parts_of(&x->parts, s, at);

	if (!b || !begin(x, b))
		return;
	x->is_any = true;
	(void)vc_transcript_add(b->lines, s->id, play_name(s->src), at, text,
				len);
}

static void tick(void *ctx, int64_t at)
{
	struct texts *x = ctx;

	for (struct book *b = next_book(x, NULL); b; b = next_book(x, b))
		put_lines(b, at);
}

static void close_book(struct book *b, bool is_good)
{
	if (b->lines) {
		vc_transcript_end(b->lines);
		put_lines(b, INT64_MAX);
		vc_transcript_free(b->lines);
	}
	if (b->part.target.file && is_good)
		target_finish(&b->part.target);
	target_abandon(&b->part.target);
	free(b);
}

/* Without any text there will be no file, which is said if there was media of
 * another kind. */
static void close_texts(void *ctx, bool had_media)
{
	struct texts *x = ctx;
	bool is_pipe = x->all && x->all->part.target.fd >= 0;

	if (!x->is_any && had_media)
		vc_tool_fail(x->parts.p->tool, VC_EXIT_NO_MEDIA,
			     "%s: no text came%s", x->text,
			     is_pipe ? "" : ": not written");
	if (x->all)
		close_book(x->all, x->is_any);
	while (x->parts.first) {
		struct part *p = x->parts.first;

		x->parts.first = p->next;
		close_book((struct book *)p, true);
	}
	free(x);
}

static bool is_wanted(const struct play_options *o)
{
	return o->text;
}

/* Text may go to a terminal. */
static void check(struct vc_tool *t, const struct play_options *o)
{
	if (strcmp(o->text, "-"))
		target_check(t, o->text,
			     parts_is_pattern(o->text) ? TARGET_WORDS :
							 "tag kind");
}

static void *open_texts(struct play *p, const struct play_options *o)
{
	struct texts *x = vc_alloc(1, sizeof(*x));
	bool is_open;

	x->text = o->text;
	x->is_vtt = is_vtt(o->text);
	x->parts = (struct parts){ .p = p,
				   .pattern = o->text,
				   .kind = "text",
				   .size = sizeof(struct book) };
	if (parts_is_pattern(o->text))
		return x;
	x->all = vc_alloc(1, sizeof(*x->all));
	is_open = strcmp(o->text, "-") ?
			  target_open_one(&x->all->part.target, p, o->text,
					  "text") :
			  target_open(&x->all->part.target, p->tool, "-", true);
	if (is_open)
		return x;
	free(x->all);
	free(x);
	return NULL;
}

const struct output_ops text_ops = {
	.is_wanted = is_wanted,
	.check = check,
	.open = open_texts,
	.text = take,
	.tick = tick,
	.close = close_texts,
};

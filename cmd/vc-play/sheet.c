/* SPDX-License-Identifier: MIT */
/*
 * The contact sheet. Rows are participants, known by their id. What is written
 * beside one is the name that he gives himself, with his id where somebody
 * else was there first with that name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "media/sheet.h"
#include "subtitle.h"
#include "target.h"

struct person {
	char id[VC_ROSTER_TEXT];
	char label[VC_ROSTER_TEXT];
	bool is_shown;
	bool is_named; /* somebody said who he is */
};

struct sheet {
	const struct play *p;
	struct target target;
	struct vc_sheet *sheet;
	struct person people[VC_SHEET_ROWS_MAX];
	size_t n;
	bool is_full; /* said so */
};

static void choose_label(struct sheet *s, struct person *who,
			 const struct vc_source *src)
{
	bool is_taken = false;

	vc_strlcpy(who->label, play_name(src), sizeof(who->label));
	for (size_t i = 0; i < s->n; i++)
		is_taken |= !strcmp(s->people[i].label, who->label);
	if (is_taken)
		snprintf(who->label, sizeof(who->label), "%.100s (%.100s)",
			 play_name(src), src->who->id);
}

/* NULL: one too many. */
static struct person *find_person(struct sheet *s, const struct vc_source *src)
{
	struct person *who;

	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->people[i].id, src->who->id))
			return &s->people[i];
	if (s->n == VC_SHEET_ROWS_MAX)
		return NULL;
	who = &s->people[s->n];
	vc_strlcpy(who->id, src->who->id, sizeof(who->id));
	who->is_named = src->who->id_by != VC_ID_NONE;
	choose_label(s, who, src);
	s->n++;
	return who;
}

static void voice(void *ctx, const struct stream *s, int64_t at,
		  const int16_t *pcm)
{
	(void)at;
	(void)pcm;
	find_person(ctx, s->src);
}

static void picture(void *ctx, const struct stream *from, int64_t at,
		    const struct vc_image *image)
{
	struct sheet *s = ctx;
	struct person *who = find_person(s, from->src);
	char line[VC_CAPTION_OUT];
	int err;

	(void)at;
	subtitle_of(s->p, from, vc_sheet_columns(s->sheet), 1, line);
	err = vc_sheet_add(s->sheet, who ? who->label : from->src->who->id,
			   from->shown, image, line);
	if (who && !err)
		who->is_shown = true;
	if (err == -ENOSPC && !s->is_full)
		vc_tool_warn(s->target.tool,
			     "%s: more participants than the sheet has room "
			     "for",
			     s->target.where.text);
	s->is_full |= err == -ENOSPC;
}

static int draw(const void *ctx, int fd)
{
	const struct sheet *s = ctx;

	return vc_sheet_write(s->sheet, fd);
}

static void write_sheet(struct sheet *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->people[i].is_named && !s->people[i].is_shown)
			vc_sheet_add_row(s->sheet, s->people[i].label);
	if (target_did(&s->target, "write",
		       target_from_fd(&s->target, draw, s)))
		target_finish(&s->target);
}

/* Without any picture there will be no file, which is said if there was media
 * of another kind. */
static void close_sheet(void *ctx, bool had_media)
{
	struct sheet *s = ctx;

	if (vc_sheet_count(s->sheet))
		write_sheet(s);
	else if (had_media)
		vc_tool_fail(s->target.tool, VC_EXIT_NO_MEDIA,
			     "%s: no picture came: not written",
			     s->target.where.text);
	target_abandon(&s->target);
	vc_sheet_free(s->sheet);
	free(s);
}

static bool is_wanted(const struct play_options *o)
{
	return o->sheet;
}

static void check(struct vc_tool *t, const struct play_options *o)
{
	target_check(t, o->sheet, "");
}

static void *open_sheet(struct play *p, const struct play_options *o)
{
	struct sheet *s = vc_alloc(1, sizeof(*s));
	int w = o->size ? o->width : 160, h = o->size ? o->height : 90;

	s->p = p;
	if (!target_open(&s->target, p->tool, o->sheet, false)) {
		free(s);
		return NULL;
	}
	s->sheet = vc_sheet_new((int)o->columns, w, h);
	if (s->sheet && !vc_sheet_set_title(s->sheet, o->title))
		return s;
	vc_tool_fail(p->tool, VC_EXIT_FAIL, "%s: out of memory", o->sheet);
	target_abandon(&s->target);
	vc_sheet_free(s->sheet);
	free(s);
	return NULL;
}

const struct output_ops sheet_ops = {
	.is_wanted = is_wanted,
	.check = check,
	.open = open_sheet,
	.voice = voice,
	.picture = picture,
	.close = close_sheet,
};

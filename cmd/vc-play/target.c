/* SPDX-License-Identifier: MIT */
/*
 * The contact sheet and the WAV file. Both are opened at the start, so that a
 * folder that is not there is known before an hour has been played, as .part
 * files that get their name when they are whole; a pipe is written front to
 * back. The sheet is drawn into memory first: PNG wants a descriptor.
 *
 * Rows of the sheet are participants, known by their id. What is written
 * beside one is the name that he gives himself, with his id where somebody
 * else was there first with that name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "engine/outfile.h"
#include "media/sheet.h"
#include "play.h"
#include "tool/place.h"
#include "wire/wav.h"

#define FLUSH_TICKS 10

/* A file or a pipe; 'file' is NULL once it broke. */
struct target {
	struct vc_tool *tool;
	struct vc_place where;
	struct vc_outfile *file;
	int fd; /* of a pipe, else -1 */
};

static const char *reason(int err)
{
	return err == -EEXIST ? "its .part is there: of another run, or what "
				"is left of one" :
				strerror(-err);
}

static bool is_file(const struct vc_place *where)
{
	struct stat st;

	return where->kind == VC_PLACE_PATH &&
	       (stat(where->path, &st) || S_ISREG(st.st_mode));
}

static void parse(struct vc_place *where, struct vc_tool *t, const char *text)
{
	char why[256];

	if (vc_place_parse(where, text, false, why, sizeof(why)))
		vc_tool_usage(t, "%s: %s", text, why);
	if (where->listen || where->kind == VC_PLACE_RTP)
		vc_tool_usage(t, "%s: a file or a pipe is due", text);
	if (where->kind == VC_PLACE_STDIO && isatty(STDOUT_FILENO))
		vc_tool_usage(t, "-: is a terminal: name a file");
}

void target_check(struct vc_tool *t, const char *text)
{
	struct vc_place *where = vc_alloc(1, sizeof(*where));

	parse(where, t, text);
	free(where);
}

static bool target_open(struct target *t, struct vc_tool *tool,
			const char *text)
{
	int err;

	t->tool = tool;
	t->fd = -1;
	parse(&t->where, tool, text);
	if (is_file(&t->where)) {
		err = vc_outfile_open(t->where.path, &t->file);
	} else {
		err = vc_place_open_write(&t->where, &t->fd);
		if (!err)
			err = vc_outfile_wrap(t->fd, &t->file);
	}
	if (err)
		vc_tool_fail(tool, VC_EXIT_FAIL, "%s: open: %s", t->where.text,
			     reason(err));
	return !err;
}

static void target_abandon(struct target *t)
{
	vc_outfile_abandon(t->file);
	t->file = NULL;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

/* 'err' of an action: said, and an end; a reader that left is no error. */
static bool target_did(struct target *t, const char *action, int err)
{
	if (!err)
		return true;
	if (err == -EPIPE && t->where.kind == VC_PLACE_STDIO) {
		vc_tool_stop(t->tool, "eof");
	} else {
		vc_tool_fail(t->tool, VC_EXIT_FAIL, "%s: %s: %s", t->where.text,
			     action, strerror(-err));
		vc_tool_stop(t->tool, "error");
	}
	return false;
}

static void target_finish(struct target *t)
{
	int err = vc_outfile_finish(t->file);

	t->file = NULL;
	target_did(t, "write", err);
	target_abandon(t);
}

/* --- the sheet --- */

struct person {
	char id[VC_ROSTER_TEXT];
	char label[VC_ROSTER_TEXT];
	bool is_shown;
	bool is_named; /* somebody said who he is */
};

struct sheet {
	struct target target;
	struct vc_sheet *sheet;
	struct person people[VC_SHEET_ROWS_MAX];
	size_t n;
	bool is_full; /* said so */
};

struct sheet *sheet_open(struct vc_tool *t, const char *text, int columns,
			 int width, int height, const char *title)
{
	struct sheet *s = vc_alloc(1, sizeof(*s));

	if (!target_open(&s->target, t, text)) {
		free(s);
		return NULL;
	}
	s->sheet = vc_sheet_new(columns, width, height);
	if (s->sheet && !vc_sheet_set_title(s->sheet, title))
		return s;
	vc_tool_fail(t, VC_EXIT_FAIL, "%s: out of memory", text);
	target_abandon(&s->target);
	vc_sheet_free(s->sheet);
	free(s);
	return NULL;
}

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

void sheet_meet(struct sheet *s, const struct vc_source *src)
{
	find_person(s, src);
}

void sheet_take(struct sheet *s, const struct vc_source *src, int64_t at,
		const struct vc_image *image)
{
	struct person *who = find_person(s, src);
	int err;

	err = vc_sheet_add(s->sheet, who ? who->label : src->who->id, at,
			   image);
	if (who && !err)
		who->is_shown = true;
	if (err == -ENOSPC && !s->is_full)
		vc_tool_warn(s->target.tool,
			     "%s: more participants than the sheet has room "
			     "for",
			     s->target.where.text);
	s->is_full |= err == -ENOSPC;
}

/* Draws and writes it by way of memory. */
static int write_sheet(struct sheet *s)
{
	int fd = memfd_create("sheet", MFD_CLOEXEC);
	uint8_t buf[16384];
	ssize_t n = 0;
	int err;

	if (fd < 0)
		return -errno;
	err = vc_sheet_write(s->sheet, fd);
	if (!err && lseek(fd, 0, SEEK_SET) < 0)
		err = -errno;
	while (!err) {
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			break;
		err = vc_outfile_write(s->target.file, buf, (size_t)n);
	}
	if (n < 0)
		err = -errno;
	close(fd);
	return err;
}

void sheet_close(struct sheet *s, bool had_media)
{
	if (!s)
		return;
	if (!vc_sheet_count(s->sheet)) {
		if (had_media)
			vc_tool_fail(s->target.tool, VC_EXIT_NO_MEDIA,
				     "%s: no picture came: not written",
				     s->target.where.text);
		target_abandon(&s->target);
	} else {
		for (size_t i = 0; i < s->n; i++)
			if (s->people[i].is_named && !s->people[i].is_shown)
				vc_sheet_add_row(s->sheet, s->people[i].label);
		if (target_did(&s->target, "write", write_sheet(s)))
			target_finish(&s->target);
		else
			target_abandon(&s->target);
	}
	vc_sheet_free(s->sheet);
	free(s);
}

/* --- sound --- */

struct sound {
	struct target target;
	uint64_t octets;
	unsigned int ticks; /* since the last flush */
	bool is_sound;	    /* there was some */
};

struct sound *sound_open(struct vc_tool *t, const char *text)
{
	struct sound *s = vc_alloc(1, sizeof(*s));
	uint8_t head[VC_WAV_HEADER];

	if (!target_open(&s->target, t, text)) {
		free(s);
		return NULL;
	}
	vc_wav_write(head, VC_MIXSUM_RATE_HZ, 1, VC_WAV_UNKNOWN);
	vc_outfile_write(s->target.file, head, sizeof(head));
	return s;
}

void sound_take(struct sound *s, const int16_t *pcm, bool is_sound)
{
	uint8_t octets[2 * TICK_SAMPLES];
	int err;

	if (!s->target.file)
		return;
	for (size_t i = 0; i < TICK_SAMPLES; i++) {
		uint16_t v = (uint16_t)pcm[i];

		octets[2 * i] = (uint8_t)v;
		octets[2 * i + 1] = (uint8_t)(v >> 8);
	}
	s->is_sound |= is_sound;
	s->octets += sizeof(octets);
	s->ticks++;
	err = vc_outfile_write(s->target.file, octets, sizeof(octets));
	/* Who reads a pipe waits for it. */
	if (!err && s->target.fd >= 0 && s->ticks >= FLUSH_TICKS) {
		s->ticks = 0;
		err = vc_outfile_flush(s->target.file);
	}
	if (!target_did(&s->target, "write", err))
		target_abandon(&s->target);
}

static int patch_sizes(struct sound *s)
{
	struct vc_outfile *file = s->target.file;
	uint8_t head[VC_WAV_HEADER];

	if (!vc_outfile_can_patch(file))
		return 0;
	vc_wav_write(head, VC_MIXSUM_RATE_HZ, 1, s->octets);
	return vc_outfile_patch(file, 0, head, sizeof(head));
}

void sound_close(struct sound *s, bool had_media)
{
	if (!s)
		return;
	if (!s->is_sound && had_media)
		vc_tool_fail(s->target.tool, VC_EXIT_NO_MEDIA,
			     "%s: no sound came%s", s->target.where.text,
			     s->target.fd < 0 ? ": not written" : "");
	if (s->is_sound && s->target.file &&
	    target_did(&s->target, "write", patch_sizes(s)))
		target_finish(&s->target);
	target_abandon(&s->target);
	free(s);
}

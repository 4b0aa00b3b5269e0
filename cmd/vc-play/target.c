/* SPDX-License-Identifier: MIT */
/*
 * All that has one name is opened at the start, so that a folder that is not
 * there is known before an hour has been played. A file for each participant
 * is opened when he is first seen or heard.
 */
#include "target.h"

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
#include "tool/pattern.h"
#include "tool/reading.h"

#define TRIES 1000

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

static void parse(struct vc_place *where, struct vc_tool *t, const char *text,
		  bool is_text)
{
	char why[256];

	if (vc_place_parse(where, text, false, why, sizeof(why)))
		vc_tool_usage(t, "%s: %s", text, why);
	if (where->listen || where->kind == VC_PLACE_RTP)
		vc_tool_usage(t, "%s: a file or a pipe is due", text);
	if (!is_text && where->kind == VC_PLACE_STDIO && isatty(STDOUT_FILENO))
		vc_tool_usage(t, "-: is a terminal: name a file");
}

void target_check(struct vc_tool *t, const char *text, const char *words)
{
	struct vc_place *where = vc_alloc(1, sizeof(*where));
	char why[256];

	if (vc_pattern_check(text, words, why, sizeof(why)))
		vc_tool_usage(t, "%s: %s", text, why);
	if (!vc_pattern_is(text))
		parse(where, t, text, false);
	free(where);
}

static bool open_parsed(struct target *t)
{
	int err;

	t->fd = -1;
	if (is_file(&t->where)) {
		err = vc_reading_check_path(t->tool, t->where.path,
					    t->where.text);
		if (!err)
			err = vc_outfile_open(t->where.path, &t->file);
	} else {
		err = vc_place_open_write(t->tool, &t->where, &t->fd);
		if (!err)
			err = vc_outfile_wrap(t->fd, &t->file);
	}
	if (err)
		vc_tool_fail(t->tool, VC_EXIT_FAIL, "%s: open: %s",
			     t->where.text, reason(err));
	return !err;
}

bool target_open(struct target *t, struct vc_tool *tool, const char *text,
		 bool is_text)
{
	t->tool = tool;
	parse(&t->where, tool, text, is_text);
	return open_parsed(t);
}

/* The first name that is free. */
static int open_free(struct target *t, const char *plain)
{
	struct stat st;
	int err = -EEXIST;

	for (unsigned int n = 1; n <= TRIES && err == -EEXIST; n++) {
		err = vc_pattern_number(t->where.path, sizeof(t->where.path),
					plain, n);
		if (err)
			break;
		err = lstat(t->where.path, &st) ?
			      vc_outfile_open(t->where.path, &t->file) :
			      -EEXIST;
	}
	vc_strlcpy(t->where.text, t->where.path, sizeof(t->where.text));
	return err;
}

bool target_open_for(struct target *t, struct play *p, const char *pattern,
		     const struct stream *s, const char *kind, int64_t at,
		     uint64_t n)
{
	const struct vc_pattern_words words = {
		.tag = vc_tool_options(p->tool)->tag,
		.name = s ? play_name(s->src) : NULL,
		.cname = s ? s->src->cname : NULL,
		.kind = kind,
		.ssrc = s ? s->src->ssrc : 0,
		.time = play_time(p, at),
		.n = n,
	};
	char plain[sizeof(t->where.path)];
	int err;

	t->tool = p->tool;
	t->fd = -1;
	t->where.kind = VC_PLACE_PATH;
	vc_strlcpy(t->where.text, pattern, sizeof(t->where.text));
	err = vc_pattern_expand(plain, sizeof(plain), pattern, &words);
	if (!err)
		err = open_free(t, plain);
	if (err)
		vc_tool_fail(t->tool, VC_EXIT_FAIL, "%s: open: %s",
			     t->where.text, reason(err));
	return !err;
}

bool target_open_one(struct target *t, struct play *p, const char *text,
		     const char *kind)
{
	return vc_pattern_is(text) ?
		       target_open_for(t, p, text, NULL, kind, 0, 0) :
		       target_open(t, p->tool, text, false);
}

void target_abandon(struct target *t)
{
	vc_outfile_abandon(t->file);
	t->file = NULL;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

bool target_did(struct target *t, const char *action, int err)
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

int target_from_fd(struct target *t, int (*draw)(const void *ctx, int fd),
		   const void *ctx)
{
	int fd = memfd_create("target", MFD_CLOEXEC);
	uint8_t buf[16384];
	ssize_t n = 0;
	int err;

	if (fd < 0)
		return -errno;
	err = draw(ctx, fd);
	if (!err && lseek(fd, 0, SEEK_SET) < 0)
		err = -errno;
	while (!err) {
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			break;
		err = vc_outfile_write(t->file, buf, (size_t)n);
	}
	if (n < 0)
		err = -errno;
	close(fd);
	return err;
}

void target_finish(struct target *t)
{
	int err = vc_outfile_finish(t->file);

	t->file = NULL;
	target_did(t, "write", err);
	target_abandon(t);
}

/* --- a file for each --- */

bool parts_is_pattern(const char *text)
{
	return vc_pattern_has(text, "name") || vc_pattern_has(text, "cname") ||
	       vc_pattern_has(text, "ssrc");
}

static struct part *find(const struct parts *all, const struct stream *s)
{
	bool by_source = vc_pattern_has(all->pattern, "ssrc");

	for (struct part *part = all->first; part; part = part->next)
		if (part->stream == s->id ||
		    (!by_source && !strcmp(part->id, s->src->who->id)))
			return part;
	return NULL;
}

struct part *parts_of(struct parts *all, const struct stream *s, int64_t at)
{
	struct part *part = find(all, s);

	if (part || all->has_failed)
		return part;
	if (all->n == PARTS_MAX) {
		if (!all->is_full)
			vc_tool_warn(all->p->tool,
				     "%s: more than %d participants: the "
				     "others have no file",
				     all->pattern, PARTS_MAX);
		all->is_full = true;
		return NULL;
	}
	part = vc_try_alloc(1, all->size);
	if (!part)
		return NULL;
	if (!target_open_for(&part->target, all->p, all->pattern, s, all->kind,
			     at, all->n)) {
		all->has_failed = true;
		vc_tool_stop(all->p->tool, "error");
		free(part);
		return NULL;
	}
	part->stream = s->id;
	vc_strlcpy(part->id, s->src->who->id, sizeof(part->id));
	part->next = all->first;
	all->first = part;
	all->n++;
	return part;
}

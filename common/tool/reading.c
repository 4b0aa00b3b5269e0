/* SPDX-License-Identifier: MIT */
#include "tool/reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tool/internal.h"
#include "tool/place.h"

struct vc_reading {
	dev_t dev;
	ino_t ino;
};

static bool is_there(const struct vc_tool *t, const struct stat *st)
{
	for (size_t i = 0; i < t->n_reading; i++) {
		if (t->reading[i].dev == st->st_dev &&
		    t->reading[i].ino == st->st_ino)
			return true;
	}
	return false;
}

static void note(struct vc_tool *t, const struct stat *st)
{
	struct vc_reading *v;

	if (!S_ISREG(st->st_mode) || is_there(t, st))
		return;
	v = vc_alloc(t->n_reading + 1, sizeof(*v));
	if (t->n_reading)
		memcpy(v, t->reading, t->n_reading * sizeof(*v));
	v[t->n_reading] = (struct vc_reading){ st->st_dev, st->st_ino };
	free(t->reading);
	t->reading = v;
	t->n_reading++;
}

static bool stat_place(const struct vc_place *p, struct stat *st)
{
	switch (p->kind) {
	case VC_PLACE_STDIO:
		return !fstat(STDIN_FILENO, st);
	case VC_PLACE_FD:
		return !fstat(p->fd, st);
	case VC_PLACE_PATH:
		return !stat(p->path, st);
	case VC_PLACE_CAPTURE:
		return !(p->fd >= 0 ? fstat(p->fd, st) : stat(p->path, st));
	default:
		return false;
	}
}

void vc_reading_note(struct vc_tool *t, const struct vc_words *places,
		     bool or_stdin)
{
	struct vc_place p;
	struct stat st;
	char why[256];

	/* What is no place, its reader says. */
	for (size_t i = 0; i < places->n; i++) {
		if (!vc_place_parse(&p, places->v[i], true, why, sizeof(why)) &&
		    stat_place(&p, &st))
			note(t, &st);
	}
	if (!places->n && or_stdin && !fstat(STDIN_FILENO, &st))
		note(t, &st);
}

static int check(struct vc_tool *t, const struct stat *st, const char *text)
{
	if (!t || !S_ISREG(st->st_mode) || !is_there(t, st))
		return 0;
	if (!t->has_started)
		vc_tool_usage(t, "%s: is read, and cannot be written at once",
			      text);
	return -ETXTBSY;
}

int vc_reading_check_path(struct vc_tool *t, const char *path, const char *text)
{
	struct stat st;

	return stat(path, &st) ? 0 : check(t, &st, text);
}

int vc_reading_check_fd(struct vc_tool *t, int fd, const char *text)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : check(t, &st, text);
}

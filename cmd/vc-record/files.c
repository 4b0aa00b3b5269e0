/* SPDX-License-Identifier: MIT */
/*
 * Names of files, and their end. Names are looked up in one directory that is
 * opened at the start, so that one that becomes a link in the meantime changes
 * nothing. What strangers call themselves is mapped to plain letters
 * (tool/pattern.h); of equal names the later one gets a number.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "beside.h"
#include "contents.h"
#include "engine/outfile.h"
#include "output.h"
#include "sidecar.h"
#include "tool/pattern.h"
#include "tool/place.h"
#include "tool/tool.h"

#define TRIES 1000000 /* of one name */

static bool wants_sidecar(const struct output *o)
{
	return !o->conf->no_sidecar && !o->is_pipe &&
	       format_is_media(o->format);
}

static bool is_there(const struct output *o, const char *path,
		     const char *suffix)
{
	char name[sizeof(((struct vc_place *)0)->path) + 32];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s%s", path, suffix, o->keep.suffix);
	return !fstatat(o->dir, name, &st, AT_SYMLINK_NOFOLLOW);
}

/* What nobody has finished: of the recording, or of its sidecar. */
static void say_unfinished(struct output *o, const char *path)
{
	char name[sizeof(((struct vc_place *)0)->path) + 32];
	struct stat st;
	bool is_media;

	snprintf(name, sizeof(name), "%s%s.part", path, o->keep.suffix);
	is_media = !fstatat(o->dir, name, &st, AT_SYMLINK_NOFOLLOW);
	vc_tool_fail(o->tool, VC_EXIT_FAIL,
		     "%s%s%s.part: is there already: another recording, or one "
		     "that was cut short: move it away",
		     o->text, is_media ? "" : SIDECAR_SUFFIX, o->keep.suffix);
}

/* Its name, or one of those beside it. */
static bool is_taken(const struct output *o, const char *path)
{
	return is_there(o, path, "") ||
	       (wants_sidecar(o) && (is_there(o, path, SIDECAR_SUFFIX) ||
				     is_there(o, path, MANIFEST_SUFFIX))) ||
	       (o->conf->cues && is_there(o, path, CONTENTS_SUFFIX));
}

static void append(struct output *o, struct volume *v)
{
	struct volume **p = &o->volumes;

	while (*p)
		p = &(*p)->next;
	*p = v;
	o->n_open++;
	o->n_volumes++;
	v->n = o->n_volumes;
	if (!format_is_media(o->format) && o->conf->by == TRACKS_MIXED)
		o->tape = v;
}

static int wrapped_seal(const struct output *o, struct vc_outfile *file)
{
	int err = vc_outfile_seal(file, o->conf->seal_key, false);

	if (err)
		vc_outfile_abandon(file);
	return err;
}

int files_wrap(struct output *o, int fd)
{
	struct vc_outfile *file;
	struct volume *v;
	int err;

	if (fd < 0)
		return -errno;
	o->fd = fd;
	o->is_pipe = true;
	if (isatty(fd))
		vc_tool_usage(o->tool,
			      "%s: a recording is not written to a terminal: "
			      "try `%s a.webm` or `... | cat >a.webm`",
			      o->text, vc_tool_name(o->tool));
	err = vc_outfile_wrap(fd, &file);
	if (!err && o->conf->seal_key)
		err = wrapped_seal(o, file);
	if (!err)
		err = volume_new(o, file, NULL, &v);
	if (!err)
		append(o, v);
	return err;
}

/* With what lies beside it, or nothing. */
static int open_at(struct output *o, const char *path, struct volume **out)
{
	struct vc_outfile *file;
	struct volume *v;
	struct beside where = beside_of(o, path, "");
	int err;

	/* Durations and indexes; packets are written as they come. */
	where.is_patched = format_is_media(o->format);
	err = beside_open(&where, &file);
	if (!err)
		err = volume_new(o, file, path, &v);
	if (err)
		return err;
	if (wants_sidecar(o))
		err = volume_add_sidecar(v);
	if (err) {
		volume_abandon(v);
		volume_free(v);
		return err;
	}
	append(o, v);
	*out = v;
	return 0;
}

int files_open_plain(struct output *o)
{
	const char *path = o->path + o->prefix_len;
	struct volume *v;
	int err;

	/* What lies beside none that is there is of one that was removed. */
	if (!o->conf->overwrite && is_there(o, path, "")) {
		vc_tool_fail(o->tool, VC_EXIT_FAIL,
			     "%s: is there already: --overwrite replaces it",
			     o->text);
		return -EEXIST;
	}
	err = open_at(o, path, &v);
	if (err == -EEXIST)
		say_unfinished(o, path);
	return err;
}

static const char *kind_of(const struct output *o,
			   const struct vc_track_info *info)
{
	if (!info || o->conf->by != TRACKS_SOURCE)
		return "all";
	return vc_track_kind_name(info->kind);
}

/* The name by the pattern, the directory's left out. */
static int expand(const struct output *o, const struct vc_track_info *info,
		  int64_t at, char *out, size_t cap)
{
	const struct vc_pattern_words words = {
		.tag = vc_tool_options(o->tool)->tag,
		.name = info ? info->name : "all",
		.cname = info ? info->cname : "all",
		.kind = kind_of(o, info),
		.ssrc = info ? info->ssrc : 0,
		.time = at,
		.n = o->n_volumes + 1,
	};

	return vc_pattern_expand(out, cap, o->path + o->prefix_len, &words);
}

int files_open_next(struct output *o, const struct vc_track_info *info,
		    int64_t at, struct volume **out)
{
	char plain[sizeof(((struct vc_place *)0)->path)];
	char path[sizeof(plain)];
	uint64_t name;
	int err;

	if (o->n_open >= VOLUMES_MAX)
		return -EMFILE;
	err = expand(o, info, at, plain, sizeof(plain));
	if (err)
		return err;
	name = vc_hash_str(plain);
	if (name != o->last_name)
		o->last_number = 0;
	o->last_name = name;
	do {
		o->last_number++;
		err = vc_pattern_number(path, sizeof(path), plain,
					o->last_number);
		if (!err)
			err = is_taken(o, path) ? -EEXIST :
						  open_at(o, path, out);
	} while (err == -EEXIST && o->last_number < TRIES);
	return err;
}

/* --- the end --- */

static void remove_volume(struct output *o, struct volume *v)
{
	struct volume **p = &o->volumes;

	while (*p != v)
		p = &(*p)->next;
	*p = v->next;
	o->n_open--;
	if (o->tape == v)
		o->tape = NULL;
	vc_json_free(o->tracks);
	o->tracks = volume_tracks(v);
	volume_free(v);
}

void files_leave_out(struct output *o)
{
	o->no_room++;
	if (!o->warned_full)
		vc_tool_warn(o->tool,
			     "%s: too many files at once: who comes now is "
			     "left out (--tracks=mixed has room)",
			     o->text);
	o->warned_full = true;
}

void files_end(struct output *o, struct volume *v, const char *why)
{
	volume_end(v, why);
	if (o->tape == v)
		o->tape = NULL;
	if (v->err != -ENODATA)
		return;
	volume_abandon(v);
	remove_volume(o, v);
}

static bool publish(struct output *o, struct volume *v)
{
	bool is_taken_now = v->path && !o->conf->overwrite &&
			    is_there(o, v->path, "");
	int err = v->err;

	if (err || is_taken_now)
		volume_leave(v);
	else
		err = volume_publish(v);
	if (is_taken_now)
		vc_tool_fail(o->tool, VC_EXIT_FAIL,
			     "%s: somebody else made it meanwhile; the "
			     "recording is in %s.part",
			     v->text, v->text);
	else if (err && !(err == -EPIPE && o->is_pipe))
		vc_tool_fail(o->tool, VC_EXIT_FAIL, "%s: finish: %s%s%s%s",
			     v->text, strerror(-err),
			     o->is_pipe ? "" : "; see ",
			     o->is_pipe ? "" : v->text,
			     o->is_pipe ? "" : ".part");
	return !err && !is_taken_now;
}

/* Of media when its last unit ends; packets end when they do. */
static int64_t end_of(const struct output *o, const struct volume *v)
{
	return v->w.tape ? vc_loop_now(vc_tool_loop(o->tool)) : v->end;
}

static void complete(struct output *o, struct volume *v)
{
	uint64_t octets = vc_outfile_pos(v->file);

	o->octets += octets;
	o->n_done++;
	if (publish(o, v)) {
		o->n_finished++;
		if (v->path)
			keep_add(&o->keep, v->path, end_of(o, v), octets);
		if (!o->is_pipe && !o->is_silent) {
			vc_tool_wipe(o->tool);
			puts(v->name);
			fflush(stdout);
		}
	}
	remove_volume(o, v);
	if (o->conf->keep_octets)
		keep_run(&o->keep, o->dir, INT64_MIN, o->conf->keep_octets);
}

void files_work(struct output *o, bool all)
{
	struct volume *next;
	bool is_done;

	for (struct volume *v = o->volumes; v; v = next) {
		next = v->next;
		if (!v->why)
			continue;
		do
			is_done = volume_work(v);
		while (all && !is_done);
		if (is_done)
			complete(o, v);
		else
			break;
	}
}

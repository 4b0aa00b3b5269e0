/* SPDX-License-Identifier: MIT */
/*
 * A regular file is written beside its name and renamed at the end
 * (engine/outfile.h). A pipe, a terminal or a device is written as it is.
 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "engine/outfile.h"
#include "engine/timeline.h"
#include "tool/place.h"
#include "tool/sandbox.h"
#include "tool/tool.h"

/* Somebody else's descriptor, or a name that is no regular file. */
static int open_pipe(struct output *o, int fd)
{
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
	err = vc_outfile_wrap(fd, &o->file);
	return err;
}

static bool is_there(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

static int open_path(struct output *o, const char *path)
{
	struct stat st;
	int err;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return open_pipe(o,
				 open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC));
	if (!o->overwrite && is_there(path)) {
		vc_tool_fail(o->tool, VC_EXIT_FAIL,
			     "%s: is there already: --overwrite replaces it",
			     o->text);
		return -EEXIST;
	}
	/* It is renamed at the end. */
	vc_sandbox_allow(o->tool, path, VC_ALLOW_WRITE);
	err = vc_outfile_open(path, &o->file);
	if (err == -EEXIST)
		vc_tool_fail(o->tool, VC_EXIT_FAIL,
			     "%s.part: is there already: another recording, "
			     "or one that was cut short: move it away",
			     o->text);
	return err;
}

static int open_place(struct output *o)
{
	struct vc_place *p = vc_alloc(1, sizeof(*p));
	char why[256];
	int err;

	if (vc_place_parse(p, o->operand, false, why, sizeof(why)))
		vc_tool_usage(o->tool, "%s: %s", o->operand, why);
	memcpy(o->text, p->text, sizeof(o->text));
	if (p->kind > VC_PLACE_PATH)
		vc_tool_usage(o->tool, "%s: a file, fd:N or - is due", o->text);
	if (!o->format && p->kind == VC_PLACE_PATH)
		o->format = format_of(p->path);
	if (!o->format && p->kind == VC_PLACE_PATH)
		vc_tool_usage(o->tool,
			      "%s: unknown suffix: .webm, .mkv, .vcrtp and "
			      ".vcrtp.gz are known (or give -f FORMAT)",
			      o->text);
	if (!o->format)
		vc_tool_usage(o->tool,
			      "%s: in which format? -f webm, -f matroska or "
			      "-f vcrtp",
			      o->text);
	o->is_stdout = p->kind == VC_PLACE_STDIO;
	if (p->kind == VC_PLACE_PATH)
		err = open_path(o, p->path);
	else
		err = open_pipe(o, fcntl(o->is_stdout ? STDOUT_FILENO : p->fd,
					 F_DUPFD_CLOEXEC, 3));
	free(p);
	if (err && err != -EEXIST)
		vc_tool_fail(o->tool, VC_EXIT_FAIL, "%s: open: %s", o->text,
			     strerror(-err));
	return err;
}

static int open_writer(struct output *o)
{
	struct vc_timeline_conf tl = {
		.ops = &vc_reel_ops,
		.container = &o->reel,
	};
	int err = writer_init(&o->w, o->format, o->file);

	if (err || !format_is_media(o->format))
		return err;
	o->timeline = vc_timeline_new(&tl);
	o->reel.ops = o->w.ops;
	o->reel.container = o->w.container;
	return o->timeline ? 0 : -ENOMEM;
}

uint64_t output_octets(const struct output *o)
{
	return o->file ? vc_outfile_pos(o->file) : 0;
}

static struct vc_json *track_stats(const struct vc_reel_track *t)
{
	struct vc_json *j = vc_json_object();

	vc_json_set_str(j, "name", t->name);
	vc_json_set_str(j, "kind",
			t->kind == VC_TRACK_AUDIO ? "audio" : "video");
	vc_json_set_str(j, "codec", t->codec);
	vc_json_set_int(j, "units", (int64_t)t->units);
	vc_json_set_int(j, "octets", (int64_t)t->octets);
	vc_json_set_int(j, "dropped", (int64_t)t->dropped);
	if (t->first >= 0)
		vc_json_set_real(j, "offset_ms", (double)t->first / 1e6, 3);
	else
		vc_json_set_null(j, "offset_ms");
	vc_json_set_real(j, "end_ms", (double)t->end / 1e6, 3);
	return j;
}

struct vc_json *output_stats(const struct output *o)
{
	const struct vc_timeline_counts *c;
	struct vc_json *j, *tracks;

	if (o->result)
		return vc_json_copy(o->result);
	j = vc_json_object();
	vc_json_set_str(j, "file", o->text);
	vc_json_set_str(j, "format", o->format->name);
	vc_json_set_int(j, "octets", (int64_t)output_octets(o));
	if (!o->timeline)
		return j;
	c = vc_timeline_counts(o->timeline);
	vc_json_set_int(j, "units", (int64_t)c->units);
	vc_json_set_int(j, "late", (int64_t)c->late);
	vc_json_set_int(j, "no_key", (int64_t)c->no_key);
	vc_json_set_int(j, "refused", (int64_t)c->refused);
	vc_json_set_int(j, "jumps", (int64_t)c->jumps);
	tracks = vc_json_array();
	for (unsigned int i = 0; i < o->reel.n; i++)
		vc_json_add(tracks, track_stats(&o->reel.tracks[i]));
	vc_json_set(j, "tracks", tracks);
	return j;
}

/* Its file is about to go: keep what is known of it. */
static void note_result(struct output *o)
{
	o->result = output_stats(o);
}

/* After the file has gone. */
static void release(struct output *o)
{
	o->file = NULL;
	vc_timeline_free(o->timeline);
	writer_clear(&o->w);
	vc_reel_clear(&o->reel);
	o->timeline = NULL;
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
}

int output_open(struct output *o, struct vc_tool *t, const char *operand,
		const struct format *format, bool overwrite,
		bool (*is_here)(void *ctx, uint64_t source), void *ctx)
{
	int err;

	o->tool = t;
	o->operand = operand;
	o->format = format;
	o->overwrite = overwrite;
	o->fd = -1;
	o->reel.is_here = is_here;
	o->reel.ctx = ctx;
	err = open_place(o);
	if (err)
		return err;
	err = open_writer(o);
	if (err) {
		note_result(o);
		vc_outfile_abandon(o->file);
		release(o);
	}
	return err;
}

void output_check(struct output *o, int err)
{
	if (!err || !o->file)
		return;
	if (err == -EPIPE && o->is_pipe)
		vc_tool_note(o->tool, "%s: its reader has gone", o->text);
	else if (o->is_pipe)
		vc_tool_fail(o->tool, VC_EXIT_FAIL, "%s: write: %s", o->text,
			     strerror(-err));
	else
		vc_tool_fail(o->tool, VC_EXIT_FAIL,
			     "%s: write: %s; what came before is in %s.part",
			     o->text, strerror(-err), o->text);
	note_result(o);
	(void)vc_outfile_close(o->file);
	release(o);
}

void output_flush(struct output *o)
{
	if (o->file)
		output_check(o, writer_flush(&o->w));
}

/* Nothing to keep: no file is left. */
static void leave_none(struct output *o, bool has_packets)
{
	if (has_packets)
		vc_tool_fail(o->tool, VC_EXIT_NO_MEDIA,
			     "%s: nothing came that %s can hold", o->text,
			     o->format->name);
	note_result(o);
	vc_outfile_abandon(o->file);
	release(o);
}

static void complete(struct output *o)
{
	struct vc_outfile *file = o->file;
	bool is_taken = !o->is_pipe && !o->overwrite && is_there(o->operand);
	int err;

	note_result(o);
	err = is_taken ? vc_outfile_close(file) : vc_outfile_finish(file);
	if (is_taken)
		vc_tool_fail(o->tool, VC_EXIT_FAIL,
			     "%s: somebody else made it meanwhile; the "
			     "recording is in %s.part",
			     o->text, o->text);
	else if (err && !(err == -EPIPE && o->is_pipe))
		vc_tool_fail(o->tool, VC_EXIT_FAIL, "%s: finish: %s%s%s%s",
			     o->text, strerror(-err),
			     o->is_pipe ? "" : "; see ",
			     o->is_pipe ? "" : o->text,
			     o->is_pipe ? "" : ".part");
	release(o);
	if (err || is_taken || o->is_pipe || o->is_silent)
		return;
	vc_tool_wipe(o->tool);
	puts(o->operand);
}

void output_finish(struct output *o, bool has_packets)
{
	int err = 0;

	if (!o->file)
		return;
	if (!has_packets) {
		leave_none(o, false);
		return;
	}
	if (o->timeline)
		err = vc_timeline_finish(o->timeline);
	if (!err)
		err = writer_finish(&o->w);
	if (err == -ENODATA)
		leave_none(o, true);
	else if (err)
		output_check(o, err);
	else
		complete(o);
}

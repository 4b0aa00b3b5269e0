/* SPDX-License-Identifier: MIT */
/*
 * A regular file is written beside its name and renamed at the end (volume.c).
 * A pipe, a terminal or a device is written as it is.
 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "engine/outfile.h"
#include "engine/timeline.h"
#include "engine/units.h"
#include "piles.h"
#include "sidecar.h"
#include "shelf.h"
#include "tape.h"
#include "tool/pattern.h"
#include "tool/place.h"
#include "tool/sandbox.h"
#include "tool/tool.h"
#include "wire/frame.h"
#include "wire/sealed.h"

/* After that long a unit that came by then is in its file. */
#define LAG (VC_TIMELINE_HOLD + VC_UNITS_WAIT + 100 * VC_MS)

/* --- opening --- */

static void check_pattern(struct output *o)
{
	const struct record_conf *c = o->conf;
	const char *text = o->operand;
	char why[256];

	if (vc_pattern_check(text, "tag name cname ssrc kind time n", why,
			     sizeof(why)))
		vc_tool_usage(o->tool, "%s: %s", text, why);
	o->is_pattern = vc_pattern_is(text);
	if (c->by == TRACKS_MIXED)
		return;
	if (o->is_pipe ||
	    (!vc_pattern_has(text, "name") && !vc_pattern_has(text, "cname") &&
	     !vc_pattern_has(text, "ssrc") && !vc_pattern_has(text, "n")))
		vc_tool_usage(o->tool,
			      "%s: with --tracks a name is due that differs: "
			      "{name}, {cname}, {ssrc} or {n} in it, as "
			      "'{name}-{time}.webm'",
			      o->text);
}

/* The directory that all files of it lie in or below. */
static int open_dir(struct output *o)
{
	const char *brace = strchr(o->path, '{');
	char *dir = strdup(o->path), *slash;

	if (!dir)
		return -ENOMEM;
	if (brace)
		dir[brace - o->path] = '\0';
	slash = strrchr(dir, '/');
	if (slash)
		slash[1] = '\0';
	o->prefix_len = slash ? strlen(dir) : 0;
	o->dir = open(slash ? dir : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	return o->dir < 0 ? -errno : 0;
}

static int open_path(struct output *o)
{
	struct stat st;
	int err;

	if (!stat(o->path, &st) && S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!stat(o->path, &st) && !S_ISREG(st.st_mode))
		return files_wrap(o, open(o->path,
					  O_WRONLY | O_NOCTTY | O_CLOEXEC));
	err = open_dir(o);
	if (err)
		return err;
	/* It is renamed at the end. */
	vc_sandbox_allow(o->tool, o->path, VC_ALLOW_WRITE);
	return o->is_pattern ? 0 : files_open_plain(o);
}

static void choose_format(struct output *o)
{
	o->format = o->conf->format;
	if (!o->format && o->path)
		o->format = format_of(o->path);
	if (!o->format && o->path)
		format_refuse(o->tool, o->text);
	if (!o->format)
		vc_tool_usage(o->tool,
			      "%s: in which format? -f webm, -f matroska or "
			      "-f vcrtp",
			      o->text);
}

/* Media could be decoded, and has a manifest with names. */
static void check_strip(const struct output *o)
{
	if (o->conf->strip_what && format_is_media(o->format))
		vc_tool_usage(o->tool,
			      "%s: --strip is for packets: .vcrtp, .vcrtp.gz, "
			      ".pcapng, .rtpdump",
			      o->text);
}

/* What is encrypted is named so, whether that was said or not. */
static void name_path(struct output *o, const char *path)
{
	size_t len = format_plain_len(path), n = strlen(o->text);

	o->path = vc_strdup(path);
	if (!o->conf->seal_key && path[len])
		vc_tool_usage(o->tool,
			      "%s: is encrypted: --encrypt-key-file "
			      "is due",
			      o->text);
	if (!o->conf->seal_key)
		return;
	o->path[len] = '\0';
	if (!path[len])
		snprintf(o->text + n, sizeof(o->text) - n, "%s",
			 VC_SEALED_SUFFIX);
}

static int open_place(struct output *o)
{
	struct vc_place *p = vc_alloc(1, sizeof(*p));
	char why[256];
	int err, fd;

	if (vc_place_parse(p, o->operand, false, why, sizeof(why)))
		vc_tool_usage(o->tool, "%s: %s", o->operand, why);
	memcpy(o->text, p->text, sizeof(o->text));
	if (p->kind > VC_PLACE_PATH)
		vc_tool_usage(o->tool, "%s: a file, fd:N or - is due", o->text);
	if (p->kind == VC_PLACE_PATH)
		name_path(o, p->path);
	o->is_stdout = p->kind == VC_PLACE_STDIO;
	o->is_pipe = !o->path;
	fd = o->is_stdout ? STDOUT_FILENO : p->fd;
	free(p);
	choose_format(o);
	check_strip(o);
	check_pattern(o);
	if (o->path)
		err = open_path(o);
	else
		err = files_wrap(o, fcntl(fd, F_DUPFD_CLOEXEC, 3));
	if (err && err != -EEXIST)
		vc_tool_fail(o->tool, VC_EXIT_FAIL, "%s: open: %s", o->text,
			     strerror(-err));
	return err;
}

int output_open(struct output *o, struct vc_tool *t, const char *operand,
		const struct record_conf *conf,
		bool (*is_here)(void *ctx, uint64_t source),
		struct vc_json *(*clock_of)(void *ctx, uint64_t source),
		void *ctx)
{
	struct vc_timeline_conf tl = { .ops = &shelf_ops, .container = o };
	int err;

	o->tool = t;
	o->operand = operand;
	o->conf = conf;
	o->keep.suffix = conf->seal_key ? VC_SEALED_SUFFIX : "";
	o->fd = o->dir = -1;
	o->is_here = is_here;
	o->clock_of = clock_of;
	o->ctx = ctx;
	err = open_place(o);
	if (err || !format_is_media(o->format))
		return err;
	if (conf->cues && o->is_pipe)
		vc_tool_warn(t,
			     "%s: no chapters: they are known at the end, and "
			     "this is written front to back",
			     o->text);
	if (conf->start_on >= START_KEYFRAME)
		o->state = OUTPUT_RESTS;
	o->waits_for_key = conf->start_on == START_KEYFRAME;
	o->timeline = vc_timeline_new(&tl);
	return o->timeline ? 0 : -ENOMEM;
}

/* --- running --- */

int64_t output_epoch(const struct output *o)
{
	int64_t epoch = vc_timeline_epoch(o->timeline);

	return o->zero && o->zero < epoch ? o->zero : epoch;
}

/* The file that is spoken of: the one there is, or the operand. */
static const char *text_of(const struct output *o)
{
	return o->volumes && !o->volumes->next && o->volumes->path ?
		       o->volumes->text :
		       o->text;
}

/* Whatever is still open is left as it is. */
static void release(struct output *o)
{
	struct volume *v;

	o->result = output_stats(o);
	o->has_ended = true;
	while ((v = o->volumes)) {
		o->volumes = v->next;
		if (v->file)
			volume_leave(v);
		volume_free(v);
	}
	o->tape = NULL;
	vc_timeline_free(o->timeline);
	o->timeline = NULL;
	if (o->fd >= 0)
		close(o->fd);
	if (o->dir >= 0)
		close(o->dir);
	o->fd = o->dir = -1;
}

void output_check(struct output *o, int err)
{
	if (!err || o->has_ended)
		return;
	if (err == -EPIPE && o->is_pipe)
		vc_tool_note(o->tool, "%s: its reader has gone", o->text);
	else if (o->is_pipe)
		vc_tool_fail(o->tool, VC_EXIT_FAIL, "%s: write: %s", o->text,
			     strerror(-err));
	else
		vc_tool_fail(o->tool, VC_EXIT_FAIL,
			     "%s: write: %s; what came before is in %s.part",
			     text_of(o), strerror(-err), text_of(o));
	release(o);
}

/* What is there is completed: the disk is for others, too. */
static void end_for_room(struct output *o, uint64_t n_free)
{
	vc_tool_fail(o->tool, VC_EXIT_FAIL,
		     "%s: only %" PRIu64 " octets are free: it ends here "
		     "(--min-free)",
		     o->text, n_free);
	output_finish(o, true);
}

/* Once a second: what is old goes, and so does the output for want of room. */
static void watch_disk(struct output *o, int64_t now)
{
	const struct record_conf *c = o->conf;
	struct statvfs st;

	if (o->dir < 0 || now - o->watched < VC_SEC)
		return;
	o->watched = now;
	if (c->keep_time)
		keep_run(&o->keep, o->dir, now - c->keep_time, 0);
	if (c->min_free && !fstatvfs(o->dir, &st) &&
	    (uint64_t)st.f_bavail * st.f_frsize < c->min_free)
		end_for_room(o, (uint64_t)st.f_bavail * st.f_frsize);
}

bool output_run(struct output *o, int64_t now)
{
	bool wants_keys;

	if (!o->has_ended)
		watch_disk(o, now);
	if (o->has_ended || !o->timeline)
		return false;
	output_check(o, vc_timeline_run(o->timeline, now));
	if (o->has_ended)
		return false;
	shelf_run(o, now - LAG);
	output_check(o, o->err);
	if (o->has_ended)
		return false;
	wants_keys = shelf_tick(o, now - LAG);
	files_work(o, false);
	for (struct volume *v = o->volumes; v; v = v->next)
		sidecar_flush(v->side);
	return wants_keys;
}

void output_flush(struct output *o)
{
	for (struct volume *v = o->volumes; v && !o->has_ended; v = v->next)
		if (!v->why)
			output_check(o, volume_flush(v));
}

static int next_tape(struct output *o, int64_t at)
{
	struct volume *v;
	int err = files_open_next(o, NULL, at, &v);

	if (!err && o->desc_len)
		err = tape_frame(v->w.tape, o->desc, o->desc_len);
	return err ? err : tape_time(v->w.tape, at);
}

static void turn_tape(struct output *o, int64_t at, enum turn turn)
{
	o->state = turn == TURN_PAUSE ? OUTPUT_PAUSES :
		   turn == TURN_STOP  ? OUTPUT_RESTS :
					OUTPUT_RUNS;
	if (o->is_pipe)
		return;
	if (output_has_piles(o)) {
		if (turn == TURN_STOP || turn == TURN_SPLIT)
			piles_end(o, turn == TURN_STOP ? "stop" : "split");
		return;
	}
	if (o->tape && (turn == TURN_STOP || turn == TURN_SPLIT))
		files_end(o, o->tape, turn == TURN_STOP ? "stop" : "split");
	if (!o->tape && (turn == TURN_START || turn == TURN_SPLIT))
		output_check(o, next_tape(o, at));
	if (!o->has_ended)
		files_work(o, true);
}

void output_turn(struct output *o, int64_t at, enum turn turn)
{
	if (o->has_ended)
		return;
	if (!o->timeline)
		turn_tape(o, at, turn);
	else if (agenda_add(&o->agenda, at, turn, AGENDA_ALL, NULL))
		output_check(o, -ENOMEM);
}

void output_tell(struct output *o, int64_t at, uint64_t source,
		 const struct vc_json *note)
{
	/* What there is no room for is counted. */
	if (o->timeline && (!o->conf->no_sidecar || o->conf->cues))
		(void)agenda_add(&o->agenda, at, TURN_NOTE, source,
				 vc_json_copy(note));
}

int output_desc(struct output *o, const struct vc_sdp *sdp, bool is_virtual)
{
	int len;

	if (!o->desc)
		o->desc = vc_try_alloc(1, VC_FRAME_DESC_MAX);
	if (!o->desc)
		return -ENOMEM;
	len = tape_desc_write(o->desc, VC_FRAME_DESC_MAX, sdp, is_virtual);
	o->desc_len = len > 0 ? (size_t)len : 0;
	if (len < 0)
		return len;
	if (output_has_piles(o))
		piles_desc(o);
	return o->tape ? tape_frame(output_tape(o), o->desc, o->desc_len) : 0;
}

/* --- the end --- */

/* Nothing to keep: no file is left. */
static void leave_none(struct output *o)
{
	for (struct volume *v = o->volumes; v; v = v->next)
		if (v->file)
			volume_abandon(v);
}

void output_finish(struct output *o, bool has_packets)
{
	if (o->has_ended)
		return;
	if (!has_packets) {
		leave_none(o);
		release(o);
		return;
	}
	if (o->timeline)
		output_check(o, vc_timeline_finish(o->timeline));
	if (o->has_ended)
		return;
	if (o->timeline)
		shelf_end(o, "eof");
	else if (output_has_piles(o))
		piles_end(o, "eof");
	else if (o->tape)
		files_end(o, o->tape, "eof");
	files_work(o, true);
	if (!o->n_done)
		vc_tool_fail(o->tool, VC_EXIT_NO_MEDIA,
			     o->state == OUTPUT_RESTS ?
				     "%s: nothing was recorded" :
				     "%s: nothing came that %s can hold",
			     o->text, o->format->name);
	release(o);
}

static void free_lane(struct lane *lane)
{
	free(lane->head);
	vc_unitq_clear(&lane->latest);
	subtitles_free(lane);
}

void output_free(struct output *o)
{
	piles_free(o);
	agenda_clear(&o->agenda);
	ring_clear(&o->ring);
	keep_clear(&o->keep);
	vc_json_free(o->result);
	vc_json_free(o->tracks);
	for (unsigned int i = 0; i < o->n_lanes; i++)
		free_lane(&o->lanes[i]);
	free(o->lanes);
	free(o->path);
	free(o->desc);
}

/* --- statistics --- */

static uint64_t octets_of(const struct output *o)
{
	uint64_t sum = o->octets;

	for (const struct volume *v = o->volumes; v; v = v->next)
		if (v->file)
			sum += vc_outfile_pos(v->file);
	return sum;
}

struct vc_json *output_stats(const struct output *o)
{
	const struct vc_timeline_counts *c;
	struct vc_json *j;

	if (o->result)
		return vc_json_copy(o->result);
	j = vc_json_object();
	vc_json_set_str(j, "file", o->text);
	vc_json_set_str(j, "format", o->format->name);
	vc_json_set_int(j, "octets", (int64_t)octets_of(o));
	vc_json_set_int(j, "open", o->n_open);
	vc_json_set_int(j, "finished", (int64_t)o->n_finished);
	vc_json_set_int(j, "removed", (int64_t)o->keep.removed);
	if (!o->timeline)
		return j;
	c = vc_timeline_counts(o->timeline);
	vc_json_set_int(j, "units", (int64_t)c->units);
	vc_json_set_int(j, "late", (int64_t)c->late);
	vc_json_set_int(j, "no_key", (int64_t)c->no_key);
	vc_json_set_int(j, "refused", (int64_t)c->refused);
	vc_json_set_int(j, "jumps", (int64_t)c->jumps);
	vc_json_set_int(j, "no_room", (int64_t)o->no_room);
	if (o->conf->by != TRACKS_MIXED)
		return j;
	if (o->volumes)
		vc_json_set(j, "tracks", volume_tracks(o->volumes));
	else
		vc_json_set(j, "tracks",
			    o->tracks ? vc_json_copy(o->tracks) :
					vc_json_array());
	return j;
}

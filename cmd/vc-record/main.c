/* SPDX-License-Identifier: MIT */
/*
 * vc-record: options, the streams in, the files out. Media goes through
 * takes.c and a timeline an output; packets go into .vcrtp files either as
 * they come (one input, all of it) or as merged and selected. A timer of the
 * stream's clock moves what is due, live and virtual alike.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/time.h"
#include "compose.h"
#include "notes.h"
#include "piles.h"
#include "recorder.h"
#include "strip.h"
#include "tape.h"
#include "tool/control.h"
#include "tool/in.h"
#include "tool/place.h"
#include "tool/sealkeys.h"
#include "verbs.h"
#include "wire/rtcp.h"

#define TICK (50 * VC_MS)
#define FLUSH (1 * VC_SEC)
#define TIMEOUT (30 * VC_SEC) /* a network that is away for a while is a gap */
#define VOICE_ROLL (200 * VC_MS) /* who talks is known a little later */

/* --- what comes --- */

static void tick(void *ctx, int64_t now)
{
	struct recorder *rec = ctx;
	bool is_live = !vc_loop_is_virtual(rec->loop);
	bool is_open = false;

	vc_timer_arm(rec->loop, &rec->tick, now + TICK);
	take_run(rec, now);
	for (size_t i = 0; i < rec->n_outputs; i++) {
		struct output *o = &rec->outputs[i];

		if ((is_live && (o->is_pipe || now >= rec->flush_at)) ||
		    (rec->conf.fsync && now >= rec->flush_at))
			output_flush(o);
		is_open |= output_is_open(o);
		/* By itself, with a key frame. */
		if (rec->waits_for_key && !o->waits_for_key && o->timeline) {
			rec->waits_for_key = false;
			rec->wanted = OUTPUT_RUNS;
		}
	}
	if (now >= rec->flush_at)
		rec->flush_at = now + FLUSH;
	if (!is_open)
		vc_tool_stop(rec->tool, "error");
	else if (rec->conf.stop_silence && rec->packets &&
		 now - rec->last_sound >= rec->conf.stop_silence)
		vc_tool_stop(rec->tool, "silence");
}

static void on_start(void *ctx, int64_t now)
{
	struct recorder *rec = ctx;

	rec->flush_at = now + FLUSH;
	vc_timer_arm(rec->loop, &rec->tick, now + TICK);
	for (size_t i = 0; i < rec->n_outputs; i++)
		if (rec->conf.start_on == START_NOW)
			rec->outputs[i].zero = now;
	rec->last_sound = now;
}

/* One input as it is: only the description is another. */
static void as_is(struct recorder *rec, const uint8_t *frame, size_t len,
		  enum vc_frame_type type)
{
	struct vc_sdp *sdp = NULL;
	int err = 0;

	if (type == VC_FRAME_EMPTY)
		return;
	if (type == VC_FRAME_DESC) {
		sdp = vc_try_alloc(1, sizeof(*sdp));
		err = sdp ? vc_sdp_parse(sdp, (const char *)frame + 2,
					 len - 2) :
			    -ENOMEM;
	}
	for (size_t i = 0; !err && i < rec->n_outputs; i++) {
		struct output *o = &rec->outputs[i];

		if (o->timeline || o->has_ended)
			continue;
		if (sdp)
			output_check(o, output_desc(o, sdp,
						    vc_str_is(sdp->clock,
							      "virtual")));
		else if (type == VC_FRAME_RTP ? output_media_tape(o) :
						output_tape(o))
			output_check(o, tape_raw(output_tape(o), frame, len));
	}
	free(sdp);
}

static void on_raw(void *ctx, const uint8_t *frame, size_t len,
		   enum vc_frame_type type)
{
	struct recorder *rec = ctx;

	if (rec->mode == TAPE_UNKNOWN && type != VC_FRAME_EMPTY)
		rec->mode = rec->may_be_as_is && type == VC_FRAME_DESC ?
				    TAPE_AS_IS :
				    TAPE_MERGED;
	if (rec->mode == TAPE_AS_IS)
		as_is(rec, frame, len, type);
}

/* The tape of output 'i' that what is merged goes to, or NULL. */
static struct tape *merged_tape(const struct recorder *rec, size_t i)
{
	return rec->mode == TAPE_AS_IS ? NULL : output_tape(&rec->outputs[i]);
}

static void on_desc(void *ctx, const struct vc_sdp *sdp)
{
	struct recorder *rec = ctx;
	bool is_virtual = vc_in_clock(rec->in) == VC_CLOCK_VIRTUAL;

	for (size_t i = 0; rec->mode != TAPE_AS_IS && i < rec->n_outputs; i++) {
		struct output *o = &rec->outputs[i];

		if (!o->timeline && !o->has_ended)
			output_check(o, output_desc(o, sdp, is_virtual));
	}
}

static void on_time(void *ctx, int64_t now)
{
	struct recorder *rec = ctx;

	for (size_t i = 0; i < rec->n_outputs; i++) {
		if (merged_tape(rec, i))
			output_check(&rec->outputs[i],
				     tape_time(merged_tape(rec, i), now));
		if (output_has_piles(&rec->outputs[i]))
			piles_time(&rec->outputs[i], now);
	}
}

static void on_rtp(void *ctx, struct vc_source *src, struct vc_packet *pkt,
		   const struct vc_rtp *rtp)
{
	struct recorder *rec = ctx;

	rec->packets++;
	for (size_t i = 0; i < rec->n_outputs; i++) {
		if (merged_tape(rec, i) && output_media_tape(&rec->outputs[i]))
			output_check(&rec->outputs[i],
				     tape_packet(merged_tape(rec, i), pkt));
		if (output_has_piles(&rec->outputs[i]))
			piles_rtp(rec, &rec->outputs[i], src, pkt, rtp);
	}
	take_packet(rec, src, pkt, rtp);
}

static void on_rtcp(void *ctx, struct vc_packet *pkt)
{
	struct vc_rd rd = vc_rd_over(pkt->data, pkt->len);
	struct recorder *rec = ctx;
	struct vc_rtcp_sr sr;
	struct vc_rtcp part;

	while (vc_rtcp_next(&rd, &part))
		if (!vc_rtcp_parse_sr(&sr, &part))
			take_report(rec, &sr, pkt->arrival);
	for (size_t i = 0; i < rec->n_outputs; i++) {
		if (merged_tape(rec, i))
			output_check(&rec->outputs[i],
				     tape_packet(merged_tape(rec, i), pkt));
		if (output_has_piles(&rec->outputs[i]))
			piles_rtcp(&rec->outputs[i], pkt);
	}
}

static void on_event(void *ctx, const struct vc_json *event, const char *text,
		     size_t len)
{
	struct recorder *rec = ctx;

	notes_event(rec, event);
	for (size_t i = 0; i < rec->n_outputs; i++) {
		if (merged_tape(rec, i))
			output_check(&rec->outputs[i],
				     tape_frame(merged_tape(rec, i), text,
						len));
		if (output_has_piles(&rec->outputs[i]))
			piles_event(&rec->outputs[i], event, text, len);
	}
}

static void on_other(void *ctx, const uint8_t *frame, size_t len)
{
	struct recorder *rec = ctx;

	for (size_t i = 0; i < rec->n_outputs; i++) {
		if (merged_tape(rec, i))
			output_check(&rec->outputs[i],
				     tape_raw(merged_tape(rec, i), frame, len));
		if (output_has_piles(&rec->outputs[i]))
			piles_raw(&rec->outputs[i], frame, len);
	}
}

static void on_change(void *ctx, struct vc_source *src,
		      struct vc_participant *was)
{
	(void)was;
	take_rename(ctx, src);
}

static void on_gone(void *ctx, struct vc_source *src, enum vc_leave why)
{
	struct recorder *rec = ctx;

	take_end(rec, src, why);
	for (size_t i = 0; i < rec->n_outputs; i++)
		if (output_has_piles(&rec->outputs[i]))
			piles_gone(&rec->outputs[i], src);
}

static const struct vc_in_ops in_ops = {
	.start = on_start,
	.desc = on_desc,
	.rtp = on_rtp,
	.rtcp = on_rtcp,
	.event = on_event,
	.time = on_time,
	.raw = on_raw,
	.other = on_other,
	.change = on_change,
	.gone = on_gone,
};

/* --- statistics --- */

static void fill_stats(void *ctx, struct vc_json *record)
{
	const struct recorder *rec = ctx;
	struct vc_json *j = vc_json_object(), *files = vc_json_array();
	struct vc_units_counts c;

	take_counts(rec, &c);
	vc_json_set_int(j, "packets", (int64_t)rec->packets);
	vc_json_set_int(j, "units", (int64_t)c.units);
	vc_json_set_int(j, "gaps", (int64_t)c.gaps);
	vc_json_set_int(j, "lost", (int64_t)c.lost);
	vc_json_set_int(j, "duplicates", (int64_t)c.duplicates);
	vc_json_set_int(j, "late", (int64_t)c.late);
	vc_json_set_int(j, "overflow", (int64_t)c.overflow);
	vc_json_set_int(j, "malformed", (int64_t)c.malformed);
	vc_json_set_int(j, "refused", (int64_t)c.refused);
	vc_json_set_int(j, "waiting", (int64_t)c.waiting);
	vc_json_set_int(j, "resyncs", (int64_t)c.resyncs);
	vc_json_set_int(j, "unsupported", (int64_t)rec->unsupported);
	for (size_t i = 0; i < rec->n_outputs; i++)
		vc_json_add(files, output_stats(&rec->outputs[i]));
	vc_json_set(j, "files", files);
	vc_json_set(record, "record", j);
}

/* --- opening and closing --- */

/* A whole input is taken as it is, unless something of it is to be changed. */
static bool may_be_as_is(struct vc_tool *t)
{
	const struct vc_options *o = vc_tool_options(t);
	const char *text = o->in.n ? o->in.v[0] : "-";

	return o->in.n < 2 && !o->select.n && !o->as && !o->rebase &&
	       !o->duration && strncmp(text, "tcp:", 4);
}

/* As many as may be: a recording has up to four descriptors. */
static void allow_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int open_outputs(struct recorder *rec)
{
	const struct vc_options *o = vc_tool_options(rec->tool);
	bool is_stdout = false;
	int err = 0;

	rec->outputs = vc_alloc(o->args.n, sizeof(*rec->outputs));
	if (rec->conf.by != TRACKS_MIXED)
		allow_files();
	for (size_t i = 0; i < o->args.n && !err; i++) {
		struct output *out = &rec->outputs[i];

		err = output_open(out, rec->tool, o->args.v[i], &rec->conf,
				  take_is_here, take_clock, rec);
		rec->n_outputs++; /* it has to be freed */
		rec->has_media |= out->timeline != NULL;
		is_stdout |= out->is_stdout;
	}
	for (size_t i = 0; i < rec->n_outputs; i++)
		rec->outputs[i].is_silent = is_stdout;
	return err;
}

static void close_outputs(struct recorder *rec)
{
	take_end_all(rec);
	for (size_t i = 0; i < rec->n_outputs; i++)
		output_finish(&rec->outputs[i], rec->packets > 0);
}

static void free_recorder(struct recorder *rec)
{
	for (size_t i = 0; i < rec->n_outputs; i++)
		output_free(&rec->outputs[i]);
	free(rec->outputs);
	strip_free(rec->conf.strip);
	vc_sealkeys_free(rec->sealkeys);
	free(rec);
}

/* The first operand is what is read, not written. */
static void take_input(struct vc_tool *t)
{
	struct vc_options *o = vc_tool_options_mut(t);

	if (!o->args.n)
		vc_tool_usage(t, "a FILE is due, such as a.webm");
	if (o->in.n)
		vc_tool_usage(t, "%s: -i is not for this: name it first",
			      o->in.v[0]);
	vc_words_add(&o->in, o->args.v[0]);
	o->args.n--;
	memmove(o->args.v, o->args.v + 1, o->args.n * sizeof(*o->args.v));
}

static void choose_replay(struct recorder *rec, struct vc_tool *t)
{
	struct vc_options *o = vc_tool_options_mut(t);

	if (o->args.n || rec->conf.format)
		vc_tool_usage(t, "it goes to stdout, as a stream: see convert");
	vc_words_add(&o->args, "-");
	rec->conf.format = format_of("a.vcrtp");
}

/* Of --encrypt-key-file: before anything is written. */
static int read_key(struct recorder *rec, struct vc_tool *t)
{
	struct vc_words *places = &rec->conf.encrypt_key_file;
	int err = 0;

	if (places->n)
		err = vc_sealkeys_read(&rec->sealkeys, t, "--encrypt-key-file",
				       places);
	if (rec->sealkeys)
		rec->conf.seal_key = vc_sealkeys_first(rec->sealkeys);
	free(places->v);
	return err;
}

/* Of --strip; says what it costs. */
static int open_strip(struct recorder *rec)
{
	unsigned int what = rec->conf.strip_what;

	if (!what)
		return 0;
	rec->conf.strip = strip_new(what);
	if (!rec->conf.strip) {
		vc_tool_fail(rec->tool, VC_EXIT_FAIL, "--strip: out of memory");
		return -ENOMEM;
	}
	vc_tool_warn(rec->tool, "--strip: %s", strip_cost(what));
	return 0;
}

static struct vc_in *open_input(struct recorder *rec)
{
	const struct vc_in_conf conf = { .timeout = TIMEOUT };

	if (!rec->conf.compose) {
		compose_doubt(rec->tool);
		return vc_in_new(rec->tool, &vc_tool_options(rec->tool)->in,
				 &conf, &in_ops, rec);
	}
	rec->compose = compose_new(rec, &in_ops);
	return compose_in(rec->compose);
}

static int record(const struct vc_tool_info *as, int argc, char **argv)
{
	struct recorder *rec = vc_alloc(1, sizeof(*rec));
	struct vc_tool *t = vc_tool_new(as);
	int err;

	rec->conf.mode = -1;
	rec->conf.group = UINT_MAX;
	vc_tool_parse(t, argc, argv, &rec->conf);
	rec->tool = t;
	err = read_key(rec, t);
	if (!err)
		err = open_strip(rec);
	for (size_t i = 0; i < rec->conf.stop_on.n; i++)
		vc_words_add(&vc_tool_options_mut(t)->stop_on,
			     rec->conf.stop_on.v[i]);
	free(rec->conf.stop_on.v);
	if (as != &record_info)
		take_input(t);
	if (as == &replay_info)
		choose_replay(rec, t);
	if (!vc_tool_options(t)->args.n)
		vc_tool_usage(t, "a FILE is due, such as a.webm");
	if (rec->conf.start_on >= START_KEYFRAME)
		rec->wanted = OUTPUT_RESTS;
	rec->waits_for_key = rec->conf.start_on == START_KEYFRAME;
	rec->waits_for_voice = rec->conf.start_on == START_VOICE;
	if (rec->waits_for_voice && rec->conf.pre_roll < VOICE_ROLL)
		rec->conf.pre_roll = VOICE_ROLL;
	rec->loop = vc_tool_loop(t);
	rec->last = &rec->first;
	rec->tick = (struct vc_timer){ .fn = tick, .ctx = rec };
	rec->may_be_as_is = may_be_as_is(t) && rec->conf.by == TRACKS_MIXED;
	rec->in = open_input(rec);
	vc_control_add(t, record_commands, rec);
	if (!err)
		err = open_outputs(rec);
	if (!err) {
		vc_tool_on_stats(t, fill_stats, rec);
		err = vc_in_open(rec->in);
	}
	if (!err && !vc_tool_start(t))
		vc_tool_run(t);
	close_outputs(rec);
	vc_timer_cancel(rec->loop, &rec->tick);
	vc_in_free(rec->in);
	compose_free(rec->compose);
	err = vc_tool_end(t);
	free_recorder(rec);
	return err;
}

int convert_run(int argc, char **argv)
{
	return record(&convert_info, argc, argv);
}

int replay_run(int argc, char **argv)
{
	return record(&replay_info, argc, argv);
}

int main(int argc, char **argv)
{
	const struct vc_tool_verb *verb =
		vc_tool_verb(&record_info, argc, argv);

	return verb ? verb->run(argc - 1, argv + 1) :
		      record(&record_info, argc, argv);
}

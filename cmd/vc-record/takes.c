/* SPDX-License-Identifier: MIT */
/*
 * A take is a source being recorded: its packets become units, and these go
 * into every output's timeline. It begins with the first packet, when the
 * format is known, and names follow as they are learnt.
 *
 * Of the layers of one picture (session/layers.h) the largest that comes is
 * recorded: the choice is made a little after the first of them said its size,
 * and a change with a key frame. What the others give goes nowhere.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/str.h"
#include "engine/timeline.h"
#include "base/time.h"
#include "notes.h"
#include "recorder.h"
#include "wire/rtcp.h"
#include "session/layers.h"
#include "session/roster.h"
#include "wire/rtp.h"
#include "wire/keystart.h"

#define LAYERS_WAIT (500 * VC_MS)

struct take {
	struct take *next;
	struct vc_source *src; /* NULL once it has gone */
	uint64_t mark;
	enum vc_codec codec;
	bool has_key; /* a key frame came */
	struct vc_layer layer;
	int64_t sized;	 /* when its size was known */
	bool is_decided; /* which of its layers is wanted */
	bool is_wanted;
	bool has_tracks;	/* else what it gives goes nowhere */
	struct hearing hearing; /* sound */
	struct clocks clocks;
	struct vc_units *units; /* NULL: nothing here can hold its format */
	struct vc_timeline_track *tracks[]; /* one an output, or NULL */
};

static struct take *take_of(const struct vc_source *src)
{
	return src->user;
}

/* What the packet of now is of: text may be within RED. */
static enum vc_codec codec_of(const struct vc_source *src)
{
	if (src->kind == VC_TEXT && src->codec == VC_CODEC_RED)
		return VC_CODEC_T140;
	return (enum vc_codec)src->codec;
}

/* What can begin a take, in place of what there is: no event, no noise. */
static bool is_main_format(const struct vc_source *src)
{
	return vc_units_can(codec_of(src));
}

static void add_tracks(struct recorder *rec, struct take *t,
		       const struct vc_rtp *rtp)
{
	struct vc_source *src = t->src;
	struct vc_track_info info;

	source_describe(rec, src, rtp, &info);
	info.codec = vc_codec_name(t->codec);
	info.source = t->mark;
	t->has_tracks = true;
	for (size_t i = 0; i < rec->n_outputs; i++)
		if (rec->outputs[i].timeline)
			t->tracks[i] = vc_timeline_add(rec->outputs[i].timeline,
						       src->play,
						       &t->clocks.line, &info);
	vc_tool_note(rec->tool, "%s: %s", info.name, info.codec);
}

static void warn_codec(struct recorder *rec, const struct vc_source *src)
{
	uint32_t bit = UINT32_C(1) << (src->codec & 31);

	rec->unsupported++;
	if (rec->warned_codecs & bit)
		return;
	rec->warned_codecs |= bit;
	vc_tool_warn(rec->tool,
		     "payload type %d (%s): left out: a .vcrtp file holds "
		     "everything",
		     src->pt, vc_codec_name((enum vc_codec)src->codec));
}

static struct take *begin(struct recorder *rec, struct vc_source *src,
			  const struct vc_rtp *rtp)
{
	struct take *t = vc_try_alloc(
		1, sizeof(*t) + rec->n_outputs * sizeof(t->tracks[0]));
	int err;

	if (!t)
		return NULL;
	t->src = src;
	t->codec = codec_of(src);
	t->layer = (struct vc_layer){ .src = src, .owner = t };
	clocks_init(&t->clocks, src->rate_hz ? src->rate_hz : 8000);
	t->mark = rec->n_takes;
	rec->n_takes++;
	src->user = t;
	*rec->last = t;
	rec->last = &t->next;
	if (rec->has_media)
		t->units = vc_units_new(t->codec, VC_UNITS_WAIT, &err);
	if (t->units) {
		source_prepare(rec, src, t->units);
		if (!src->rid[0])
			add_tracks(rec, t, rtp);
	}
	return t;
}

/* Nothing can be shown before a key frame: the sender is asked for one. */
static void look_for_key(struct recorder *rec, struct take *t,
			 const struct vc_rtp *rtp)
{
	if (!vc_keystart_knows(t->codec))
		return;
	if (!t->has_key)
		t->has_key =
			vc_keystart(t->codec, rtp->payload, rtp->payload_len);
	if (!t->has_key)
		source_ask_key(rec, rtp->ssrc);
}

static void end_tracks(struct recorder *rec, struct take *t)
{
	for (size_t i = 0; i < rec->n_outputs; i++) {
		if (rec->outputs[i].timeline && t->tracks[i])
			vc_timeline_end(rec->outputs[i].timeline, t->tracks[i]);
		t->tracks[i] = NULL;
	}
	t->has_tracks = false;
}

/* --- layers --- */

static bool is_layer(const struct take *t)
{
	return t->units && t->src->kind == VC_VIDEO && t->src->rid[0];
}

/* The layers of one picture, by what is known at 'now'. */
static void choose(struct recorder *rec, struct vc_layer *const *all, size_t n,
		   int64_t now)
{
	bool is_decided = false;
	int best;

	for (size_t i = 0; i < n; i++) {
		const struct take *t = all[i]->owner;

		all[i]->is_over = t->src->has_bye;
		is_decided |= t->is_decided ||
			      (t->layer.width && now - t->sized >= LAYERS_WAIT);
	}
	if (!is_decided)
		return;
	best = vc_layers_pick(all, n, VC_LAYERS_LARGEST, VC_LAYERS_LARGEST);
	for (size_t i = 0; i < n; i++) {
		struct take *t = all[i]->owner;

		t->is_decided = true;
		t->is_wanted = (int)i == best;
		if (t->is_wanted && !t->has_tracks)
			source_ask_key(rec, t->src->ssrc);
	}
}

static void choose_all(struct recorder *rec, int64_t now)
{
	struct vc_layer *all[VC_LAYERS_MAX];
	size_t n;

	for (struct take *t = rec->first; t; t = t->next)
		if (is_layer(t))
			vc_layers_clear(&t->layer);
	for (struct take *t = rec->first; t; t = t->next)
		if (is_layer(t))
			vc_layers_link(&t->layer);
	for (struct take *t = rec->first; t; t = t->next) {
		n = is_layer(t) ? vc_layers_group(&t->layer, all) : 0;
		if (n)
			choose(rec, all, n, now);
		if (is_layer(t) && t->layer.is_extra)
			t->is_decided = true;
	}
}

/* From this key frame on it is the one. */
static void switch_to(struct recorder *rec, struct take *t)
{
	for (struct take *o = rec->first; o; o = o->next)
		if (o->has_tracks && is_layer(o) &&
		    o->src->who == t->src->who &&
		    o->src->section == t->src->section)
			end_tracks(rec, o);
	add_tracks(rec, t, NULL);
}

/* --sync-policy=require: nothing said yet where its units belong in time. */
static bool is_adrift(const struct recorder *rec, const struct take *t)
{
	return rec->conf.sync == SYNC_REQUIRE && !t->src->play->map.has_sr;
}

static void drain(struct recorder *rec, struct take *t, int64_t now)
{
	struct vc_timeline_unit unit;

	if ((is_layer(t) && !t->is_decided) || is_adrift(rec, t))
		return;
	while (t->units && vc_units_next(t->units, now, &unit)) {
		if (!t->has_tracks && t->is_wanted && unit.is_key)
			switch_to(rec, t);
		for (size_t i = 0; i < rec->n_outputs; i++) {
			struct output *o = &rec->outputs[i];

			if (o->timeline && t->tracks[i])
				output_check(o, vc_timeline_put(o->timeline,
								t->tracks[i],
								&unit, now));
		}
	}
}

static void warn_codec_of(struct recorder *rec, const struct output *o,
			  const struct take *t)
{
	uint32_t bit = UINT32_C(1) << (t->codec & 31);
	char hint[FORMAT_HINT];

	if (rec->warned_codecs & bit ||
	    !format_expects(o->format, vc_codec_kind(t->codec)))
		return;
	rec->warned_codecs |= bit;
	vc_tool_warn(rec->tool, "%s: %s is left out: %s holds %s%s", o->text,
		     vc_codec_name(t->codec), o->format->name, o->format->holds,
		     format_hint(vc_codec_name(t->codec), hint));
}

/* A container that cannot have a track says so when the track begins. */
static void warn_refused(struct recorder *rec, const struct take *t, size_t i)
{
	const struct output *o = &rec->outputs[i];
	int why = o->timeline && t->tracks[i] ?
			  vc_timeline_refused(t->tracks[i]) :
			  0;

	if (why == -ENOTSUP)
		warn_codec_of(rec, o, t);
	if (!why || why == -ENOTSUP || rec->warned_refused)
		return;
	rec->warned_refused = true;
	if (why == -EMLINK)
		vc_tool_warn(rec->tool,
			     "%s: %s holds one source: the others are left "
			     "out (--tracks=source writes each)",
			     o->text, o->format->name);
	else if (o->is_pipe)
		vc_tool_warn(rec->tool,
			     "%s: who comes after the first second is left out "
			     "(a file has room for him)",
			     o->text);
	else
		vc_tool_warn(rec->tool,
			     "%s: has no room for more tracks: who comes now "
			     "is left out",
			     o->text);
}

void take_run(struct recorder *rec, int64_t now)
{
	choose_all(rec, now);
	for (struct take *t = rec->first; t; t = t->next) {
		drain(rec, t, now);
		notes_tick(rec, &t->hearing, t->src, t->mark, now);
		if (t->has_tracks && vc_units_wants_key(t->units))
			source_ask_key(rec, t->src->ssrc);
	}
	for (size_t i = 0; i < rec->n_outputs; i++) {
		struct output *o = &rec->outputs[i];

		if (output_run(o, now))
			take_ask_keys(rec);
		if (!o->timeline)
			continue;
		for (struct take *t = rec->first; t; t = t->next)
			warn_refused(rec, t, i);
	}
}

void take_rename(struct recorder *rec, struct vc_source *src)
{
	struct take *t = take_of(src);
	char name[VC_TRACK_NAME_CAP];
	uint64_t owner = vc_hash_str(src->who->id);

	source_name(rec, src, name);
	if (t)
		notes_rename(rec, src, t->mark, name);
	/* It turns out to be a layer, and nobody knows yet which is wanted. */
	if (t && is_layer(t) && !t->is_decided)
		end_tracks(rec, t);
	for (size_t i = 0; t && i < rec->n_outputs; i++) {
		struct output *o = &rec->outputs[i];

		if (!o->timeline || !t->tracks[i])
			continue;
		shelf_set_owner(o, t->mark, owner, src->cname);
		output_check(o, vc_timeline_rename(o->timeline, t->tracks[i],
						   name, src->cname, owner));
	}
}

/*
 * Nobody is here: there is nothing to wait for, and whoever comes next begins
 * by his own clock (a stream that starts afresh says the same times again).
 */
static void hand_over_all(struct recorder *rec)
{
	for (size_t i = 0; i < rec->n_outputs; i++) {
		struct output *o = &rec->outputs[i];

		if (o->timeline)
			output_check(o, vc_timeline_finish(o->timeline));
	}
}

/* It ends; of the source there may be another one already. */
static void end(struct recorder *rec, struct take *t)
{
	struct take **p = &rec->first;

	if (is_layer(t) && !t->is_decided)
		choose_all(rec, INT64_MAX);
	if (t->units) {
		vc_units_end(t->units);
		drain(rec, t, vc_loop_now(rec->loop));
		if (is_adrift(rec, t))
			notes_left_out(rec, t->src, t->codec);
		vc_units_add_counts(&rec->past, t->units);
	}
	end_tracks(rec, t);
	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
	if (!*p)
		rec->last = p;
	if (t->src->user == t)
		t->src->user = NULL;
	vc_units_free(t->units);
	free(t);
	if (!rec->first)
		hand_over_all(rec);
}

/*
 * A source begins, or goes on in another format: with a track of that, on the
 * clock it had, unless that is another one.
 */
static struct take *change(struct recorder *rec, struct take *old,
			   struct vc_source *src, const struct vc_rtp *rtp,
			   int64_t arrival)
{
	bool is_same = src->rate_hz == src->format_hz;
	struct take *t;

	src->rate_hz = src->format_hz;
	t = begin(rec, src, rtp);
	if (old)
		end(rec, old);
	if (!is_same)
		vc_playout_reclock(src->play, src->rate_hz, rtp->ts, arrival);
	return t;
}

static void measure(struct recorder *rec, struct take *t,
		    const struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	bool was_known = t->layer.width;

	vc_layer_packet(&t->layer, t->codec, rtp, pkt->arrival);
	if (!was_known && t->layer.width)
		t->sized = vc_loop_now(rec->loop);
}

void take_packet(struct recorder *rec, struct vc_source *src,
		 struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	struct take *t = take_of(src);
	bool is_media;

	if (!is_main_format(src) && rec->has_media)
		warn_codec(rec, src);
	if (!t && !is_main_format(src))
		return;
	if (!t || (is_main_format(src) && (t->codec != codec_of(src) ||
					   src->format_hz != src->rate_hz)))
		t = change(rec, t, src, rtp, pkt->arrival);
	if (!t)
		return;
	is_media = t->codec == codec_of(src);
	if (is_media && src->rid[0])
		measure(rec, t, pkt, rtp);
	if (is_media)
		look_for_key(rec, t, rtp);
	if (is_media)
		clocks_packet(&t->clocks, source_sdp(rec), src->play, rtp,
			      pkt->arrival);
	if (is_media && src->kind == VC_AUDIO)
		notes_packet(rec, &t->hearing, src, t->mark, rtp, pkt->arrival);
	if (t->units && src->codec == VC_CODEC_RED)
		vc_units_set_red(t->units, rtp->pt);
	if (t->units)
		vc_units_put(t->units, pkt, rtp, is_media);
}

void take_report(struct recorder *rec, const struct vc_rtcp_sr *sr,
		 int64_t arrival)
{
	for (struct take *t = rec->first; t; t = t->next)
		if (t->src && t->src->ssrc == sr->ssrc)
			clocks_report(&t->clocks, sr->ntp, sr->rtp_ts, arrival);
}

void take_end(struct recorder *rec, struct vc_source *src, enum vc_leave why)
{
	struct take *t = take_of(src);

	if (!t)
		return;
	notes_clock(rec, &t->clocks, src, t->mark);
	notes_leave(rec, src, t->mark, why);
	end(rec, t);
}

void take_end_all(struct recorder *rec)
{
	while (rec->first)
		take_end(rec, rec->first->src, VC_LEAVE_EOF);
}

uint64_t take_mark(const struct recorder *rec, uint32_t ssrc)
{
	for (const struct take *t = rec->first; t; t = t->next)
		if (t->src->ssrc == ssrc)
			return t->mark;
	return AGENDA_ALL;
}

void take_ask_keys(struct recorder *rec)
{
	for (const struct take *t = rec->first; t; t = t->next)
		if (t->has_tracks && t->src->kind == VC_VIDEO)
			source_ask_key(rec, t->src->ssrc);
}

bool take_is_here(void *ctx, uint64_t mark)
{
	const struct recorder *rec = ctx;

	for (const struct take *t = rec->first; t; t = t->next)
		if (t->mark == mark)
			return !is_layer(t) || t->has_tracks;
	return false;
}

struct vc_json *take_clock(void *ctx, uint64_t mark)
{
	const struct recorder *rec = ctx;

	for (const struct take *t = rec->first; t; t = t->next)
		if (t->mark == mark)
			return clocks_event(&t->clocks, t->src->ssrc);
	return NULL;
}

void take_counts(const struct recorder *rec, struct vc_units_counts *sum)
{
	*sum = rec->past;
	for (const struct take *t = rec->first; t; t = t->next)
		if (t->units)
			vc_units_add_counts(sum, t->units);
}

/* SPDX-License-Identifier: MIT */
#include "compose.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "notes.h"
#include "recorder.h"
#include "sidecar.h"
#include "tool/in.h"
#include "tool/mixing.h"
#include "tool/sandbox.h"
#include "tool/texts.h"
#include "wire/rtcp.h"

#define NAME "mix" /* of both tracks */

struct compose {
	struct recorder *rec;
	const struct vc_in_ops *ops; /* of what records */
	struct vc_arrange layout;
	struct vc_mixer_conf conf;
	struct vc_mixing mixing;
	struct vc_roster *roster; /* of what is made */
	struct vc_sdp sdp;
};

/* --- what is made --- */

static void begin_source(void *ctx, struct vc_source *src,
			 const struct vc_rtp *rtp)
{
	const struct compose *c = ctx;

	vc_in_set_format(src, &c->sdp, rtp->pt);
}

static void change_source(void *ctx, struct vc_source *src,
			  struct vc_participant *was)
{
	struct compose *c = ctx;

	if (src->is_shown)
		c->ops->change(c->rec, src, was);
}

static void end_source(void *ctx, struct vc_source *src, enum vc_leave why)
{
	struct compose *c = ctx;

	if (src->is_shown)
		c->ops->gone(c->rec, src, why);
}

static void take_rtp(struct compose *c, struct vc_packet *pkt)
{
	const struct vc_origin origin = { 0 };
	struct vc_source *src;
	struct vc_rtp rtp;

	if (vc_rtp_parse(&rtp, pkt->data, pkt->len) ||
	    vc_roster_rtp(c->roster, &origin, &rtp, NULL, pkt->arrival, &src,
			  NULL))
		return;
	src->is_shown = true;
	vc_playout_packet(src->play, rtp.ts, pkt->arrival);
	c->ops->rtp(c->rec, src, pkt, &rtp);
}

static void take_names(struct compose *c, const struct vc_rtcp *part,
		       int64_t now)
{
	const struct vc_origin origin = { 0 };
	const struct vc_str none = { 0 };
	struct vc_sdes_iter it = vc_sdes_over(part);
	struct vc_sdes_item item;

	while (vc_sdes_next(&it, &item)) {
		if (item.type == VC_SDES_CNAME)
			vc_roster_sdes(c->roster, &origin, item.ssrc, item.text,
				       none, now);
		if (item.type == VC_SDES_NAME)
			vc_roster_sdes(c->roster, &origin, item.ssrc, none,
				       item.text, now);
	}
}

static void take_rtcp(struct compose *c, struct vc_packet *pkt)
{
	const struct vc_origin origin = { 0 };
	struct vc_rd rd = vc_rd_over(pkt->data, pkt->len);
	struct vc_rtcp_sr sr;
	struct vc_rtcp part;

	while (vc_rtcp_next(&rd, &part)) {
		if (!vc_rtcp_parse_sr(&sr, &part))
			vc_roster_sr(c->roster, &origin, sr.ssrc, sr.ntp,
				     sr.rtp_ts, pkt->arrival);
		else if (part.pt == VC_RTCP_SDES)
			take_names(c, &part, pkt->arrival);
	}
	c->ops->rtcp(c->rec, pkt);
}

static void take(void *ctx, struct vc_packet *pkt, bool is_rtcp)
{
	if (is_rtcp)
		take_rtcp(ctx, pkt);
	else
		take_rtp(ctx, pkt);
}

static void on_out(void *ctx, const struct vc_mixer_out *out, int64_t now)
{
	const struct compose *c = ctx;

	(void)now;
	vc_roster_own(vc_in_roster(c->mixing.in), out->tx.sender.ssrc, true);
}

static void on_out_end(void *ctx, const struct vc_mixer_out *out, int64_t now)
{
	struct compose *c = ctx;
	uint32_t ssrc = out->tx.sender.ssrc;
	struct vc_source *src = vc_roster_find(c->roster, 0, ssrc);

	(void)now;
	vc_roster_own(vc_in_roster(c->mixing.in), ssrc, false);
	if (src)
		vc_roster_end(c->roster, src, VC_LEAVE_BYE);
}

static void on_speaker(void *ctx, const struct vc_mixer_who *who, bool on,
		       int level_db, int64_t now)
{
	const struct compose *c = ctx;

	notes_speaker(c->rec, vc_mixer_who_id(who), on, level_db, now);
}

static void ask_key(void *ctx, uint32_t ssrc)
{
	const struct compose *c = ctx;

	vc_in_keyframe(c->mixing.in, ssrc);
}

/* --- what comes --- */

/* What no output has room for is not made. */
static bool is_wanted(const struct recorder *rec, enum vc_kind kind)
{
	for (size_t i = 0; i < rec->n_outputs; i++)
		if (format_expects(rec->outputs[i].format, kind))
			return true;
	return false;
}

static void on_start(void *ctx, int64_t now)
{
	struct compose *c = ctx;
	struct vc_tool *t = c->rec->tool;
	int err;

	c->ops->start(c->rec, now);
	c->conf.audio = is_wanted(c->rec, VC_AUDIO);
	c->conf.video = is_wanted(c->rec, VC_VIDEO);
	c->conf.epoch = now;
	c->conf.pool = vc_tool_pool(t);
	c->conf.rand = vc_tool_rand(t);
	c->conf.cname = vc_tool_cname(t);
	c->mixing.mixer = vc_mixer_new(&c->conf, &err);
	if (!c->mixing.mixer) {
		vc_tool_fail(t, VC_EXIT_FAIL, "mixer: open: %s",
			     strerror(-err));
		vc_tool_stop(t, "error");
		return;
	}
	if (c->conf.audio)
		vc_mixing_describe_sound(&c->conf.sound, &c->sdp);
	if (c->conf.video)
		vc_mixing_describe_pictures(&c->conf, &c->sdp);
	c->ops->desc(c->rec, &c->sdp);
	vc_mixing_start(&c->mixing);
}

static void on_desc(void *ctx, const struct vc_sdp *sdp)
{
	struct compose *c = ctx;

	vc_mixing_exts(sdp, &c->conf.exts);
	if (c->mixing.mixer)
		vc_mixer_set_exts(c->mixing.mixer, &c->conf.exts);
}

static void on_rtp(void *ctx, struct vc_source *src, struct vc_packet *pkt,
		   const struct vc_rtp *rtp)
{
	struct compose *c = ctx;

	if (c->mixing.mixer)
		vc_mixing_rtp(&c->mixing, src, pkt, rtp);
}

/* Who talks is heard by the mixer, too. */
static void on_event(void *ctx, const struct vc_json *event, const char *text,
		     size_t len)
{
	const struct compose *c = ctx;
	const char *ev = vc_json_get_str(event, "ev");

	(void)text;
	(void)len;
	if (ev && strcmp(ev, "speaker") != 0)
		notes_event(c->rec, event);
}

static void on_begin(void *ctx, struct vc_source *src)
{
	const struct compose *c = ctx;

	notes_join(c->rec, src);
}

static void on_change(void *ctx, struct vc_source *src,
		      struct vc_participant *was)
{
	struct compose *c = ctx;

	notes_rename(c->rec, src, AGENDA_ALL, src->name);
	vc_mixing_change(&c->mixing, src, was);
}

static void on_gone(void *ctx, struct vc_source *src, enum vc_leave why)
{
	struct compose *c = ctx;

	notes_leave(c->rec, src, AGENDA_ALL, why);
	vc_mixing_gone(&c->mixing, src);
}

static void on_who_gone(void *ctx, struct vc_participant *who)
{
	struct compose *c = ctx;

	vc_mixing_who_gone(&c->mixing, who);
}

static bool on_held(void *ctx)
{
	const struct compose *c = ctx;

	return c->mixing.mixer && vc_mixer_held(c->mixing.mixer);
}

static void on_end(void *ctx, int64_t now)
{
	struct compose *c = ctx;

	if (!c->mixing.mixer)
		return;
	vc_mixing_stop(&c->mixing);
	vc_mixer_end(c->mixing.mixer, now);
}

static const struct vc_in_ops compose_ops = {
	.start = on_start,
	.desc = on_desc,
	.rtp = on_rtp,
	.event = on_event,
	.begin = on_begin,
	.change = on_change,
	.gone = on_gone,
	.who_gone = on_who_gone,
	.held = on_held,
	.end = on_end,
};

/* --- opening and closing --- */

static void fill_stats(void *ctx, struct vc_json *record)
{
	const struct compose *c = ctx;

	if (!c->mixing.mixer)
		return;
	vc_mixer_stats(c->mixing.mixer, record);
	vc_json_set_int(record, "skipped_ticks", (int64_t)c->mixing.skipped);
}

static void read_layout(struct compose *c)
{
	const char *name = c->rec->conf.compose;
	struct vc_columns_error err;
	char why[VC_COLUMNS_SAID];

	if (!vc_texts_layout(&c->layout, name, false, &err))
		return;
	vc_columns_say(&err, why);
	vc_tool_usage(c->rec->tool, "--compose %s: %s", name, why);
}

struct compose *compose_new(struct recorder *rec, const struct vc_in_ops *ops)
{
	struct compose *c = vc_alloc(1, sizeof(*c));
	const struct vc_roster_conf roster = {
		.begin = begin_source,
		.change = change_source,
		.end = end_source,
		.ctx = c,
	};

	c->rec = rec;
	c->ops = ops;
	c->roster = vc_roster_new(&roster);
	read_layout(c);
	vc_mixing_configure(&c->conf, rec->tool, false);
	c->conf.name = NAME;
	c->conf.layout = &c->layout;
	c->conf.threads = 1; /* the thread that waits decodes too */
	c->conf.send = take;
	c->conf.begin = on_out;
	c->conf.end = on_out_end;
	c->conf.speaker = on_speaker;
	c->conf.keyframe = ask_key;
	c->conf.ctx = c;
	/* Fonts, and workers. */
	vc_sandbox_need(rec->tool, VC_SANDBOX_READ | VC_SANDBOX_THREADS);
	vc_tool_on_stats(rec->tool, fill_stats, c);
	return c;
}

struct vc_in *compose_in(struct compose *c)
{
	struct vc_tool *t = c->rec->tool;
	const struct vc_options *o = vc_tool_options(t);
	const struct vc_in_conf conf = {
		.latency = o->latency >= 0 ? o->latency : VC_PLAYOUT_AUTO,
		.without_repeats = true,
	};
	struct vc_in *in = vc_in_new(t, &o->in, &conf, &compose_ops, c);

	c->mixing = (struct vc_mixing){ .tool = t,
					.loop = c->rec->loop,
					.in = in,
					.conf = &c->conf,
					.ctx = c };
	return in;
}

void compose_free(struct compose *c)
{
	if (!c)
		return;
	vc_tool_off_stats(c->rec->tool, fill_stats, c);
	if (c->mixing.mixer)
		vc_mixing_stop(&c->mixing);
	vc_mixer_free(c->mixing.mixer);
	vc_roster_free(c->roster);
	free(c);
}

const struct vc_sdp *compose_sdp(const struct compose *c)
{
	return &c->sdp;
}

struct vc_roster *compose_roster(const struct compose *c)
{
	return c->roster;
}

void compose_ask_key(struct compose *c, uint32_t ssrc)
{
	if (c->mixing.mixer)
		(void)vc_mixer_keyframe(c->mixing.mixer, ssrc);
}

void compose_doubt(struct vc_tool *t)
{
	const struct vc_options *o = vc_tool_options(t);
	const struct {
		const char *option;
		bool is_given;
	} rows[] = {
		{ "size", o->width },		{ "fps", o->fps_num },
		{ "vbitrate", o->vbitrate },	{ "keyint", o->keyint },
		{ "vcodec", o->vcodec },	{ "abitrate", o->abitrate },
		{ "ptime", o->ptime },		{ "acodec", o->acodec },
		{ "latency", o->latency >= 0 },
	};

	for (size_t i = 0; i < VC_COUNT(rows); i++)
		if (rows[i].is_given)
			vc_tool_warn(t,
				     "--%s has no effect: nothing is composed",
				     rows[i].option);
}

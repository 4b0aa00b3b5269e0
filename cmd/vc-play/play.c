/* SPDX-License-Identifier: MIT */
/*
 * Sources become streams with a receive chain each. Time begins with the first
 * packet; from the latency later a tick every 10 ms pulls from all chains. On the
 * virtual clock a tick is a timer at its own time. On the live one late ticks
 * are made up for one after the other, and where somebody looks on a picture is
 * shown when it is due, not at the tick after that. Time that jumps (a recording
 * with a hole, a machine that slept) is not filled: what is written goes on
 * without a gap.
 */
#include "play.h"

#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/audiorx.h"
#include "engine/textrx.h"
#include "engine/videorx.h"
#include "media/charwidth.h"
#include "output.h"
#include "subtitle.h"
#include "tool/control.h"

#define JUMP (10 * VC_SEC)

/* --- outputs --- */

void play_show(struct play *p)
{
	EACH_OUTPUT(p, show);
}

void play_settle(struct play *p)
{
	EACH_OUTPUT(p, flush);
}

void play_changed(struct play *p)
{
	play_settle(p);
	choose(p);
	EACH_OUTPUT(p, changed);
}

int64_t play_clock(const struct play *p, int64_t at)
{
	return p->zero + at + p->skew;
}

int64_t play_time(const struct play *p, int64_t at)
{
	return p->origin + at;
}

/* --- streams --- */

const char *play_name(const struct vc_source *src)
{
	return src->name[0] ? src->name : src->who->id;
}

const char *play_label(const struct stream *s)
{
	const struct vc_participant *who = s->src->who;
	bool is_mix = false;

	for (const struct stream *t = s->play->streams; t; t = t->next)
		is_mix |= t->is_mix && t->src->who == who;
	if (is_mix && !s->src->name[0] && who->id_by < VC_ID_OPERATOR)
		return NULL;
	return play_name(s->src);
}

/* Digits, comfort noise and repairs come among a source's media. */
static bool is_aside(int codec)
{
	return codec == VC_CODEC_TELEPHONE_EVENT || codec == VC_CODEC_CN ||
	       codec == VC_CODEC_RTX || codec == VC_CODEC_ULPFEC ||
	       codec == VC_CODEC_FLEXFEC;
}

static void on_begin(void *ctx, struct vc_source *src)
{
	struct play *p = ctx;
	struct stream **end = &p->streams;
	struct stream *s = vc_try_alloc(1, sizeof(*s));

	if (!s)
		return;
	while (*end)
		end = &(*end)->next;
	*end = s;
	s->play = p;
	s->src = src;
	s->layer = (struct vc_layer){ .src = src, .owner = s };
	s->id = p->n_streams;
	thin_begin(p, s);
	p->n_streams++;
	src->user = s;
}

static void on_change(void *ctx, struct vc_source *src,
		      struct vc_participant *was)
{
	struct play *p = ctx;

	(void)src;
	(void)was;
	play_changed(p);
}

static void on_gone(void *ctx, struct vc_source *src, enum vc_leave why)
{
	struct play *p = ctx;
	struct stream *s = src->user;
	struct stream **at = &p->streams;

	(void)why;
	if (!s)
		return;
	play_settle(p);
	if (s->text)
		subtitle_pull(p, s, INT64_MAX, p->next);
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	src->user = NULL;
	play_drop_chain(p, s);
	past_clear(&s->past);
	free(s);
	play_changed(p);
}

/* --- time --- */

static void pull_sound(struct play *p, int64_t now)
{
	int64_t at = now - p->zero;
	bool is_sound = false;

	blend_begin(p);
	for (struct stream *s = p->streams; s; s = s->next) {
		if (!s->sound)
			continue;
		if (s->src->has_bye)
			vc_audiorx_end(s->sound);
		if (!vc_audiorx_pull(s->sound, now, p->wide, TICK_SAMPLES) ||
		    s->is_muted)
			continue;
		is_sound = true;
		p->is_wide |= vc_audiorx_is_stereo(s->sound);
		blend_add(p);
		EACH_OUTPUT(p, voice, s, at, p->mix);
	}
	blend_out(p);
	p->counts.samples += TICK_SAMPLES;
	EACH_OUTPUT(p, hear, at, p->mix, is_sound);
}

/* Had he said BYE at the time that is played now? */
static bool has_left(const struct stream *s, int64_t played)
{
	return s->src->has_bye && played > s->src->bye_arrival;
}

static void hand_on(struct play *p, struct stream *s, int64_t now)
{
	int64_t played = now - s->src->who->playout.latency;
	const struct vc_image *image;
	uint64_t generation;

	image = vc_videorx_image(s->pictures, &generation);
	s->is_new = generation != s->generation;
	s->generation = generation;
	s->shown = played - p->origin;
	/* The last one may be decoded in the tick after his BYE. */
	if (image && (s->is_new || !has_left(s, played)))
		EACH_OUTPUT(p, picture, s, now - p->zero, image);
}

bool play_pull(struct play *p, struct stream *s, int64_t now)
{
	bool is_new = vc_videorx_pull(s->pictures, now);

	if (!is_new)
		return false;
	p->decoded = vc_loop_now(p->loop);
	return true;
}

static void pull_pictures(struct play *p, int64_t now)
{
	layers_choose(p);
	for (struct stream *s = p->streams; s; s = s->next) {
		if (!s->pictures || s->is_idle)
			continue;
		if (s->src->has_bye)
			vc_videorx_end(s->pictures);
		play_pull(p, s, now);
		if (vc_videorx_wants_key(s->pictures) ||
		    vc_svc_wants_key(&s->svc))
			vc_in_keyframe(p->in, s->src->ssrc);
		if (!s->is_spare)
			hand_on(p, s, now);
	}
}

/* The output that wants a frame first, if that is before 'before'. */
static struct output *next_due(struct play *p, int64_t before, int64_t *at)
{
	struct output *first = NULL;

	for (size_t i = 0; i < p->n_outputs; i++) {
		struct output *o = &p->outputs[i];
		int64_t due = o->ops->due ? o->ops->due(o->ctx) : OUTPUT_NEVER;

		if (due >= before)
			continue;
		first = o;
		before = due;
	}
	*at = before;
	return first;
}

/* Frames between the tick before and this one. */
static void give_frames(struct play *p, int64_t now)
{
	struct output *o;
	int64_t at;

	while ((o = next_due(p, now - p->zero, &at))) {
		pull_pictures(p, p->zero + at);
		o->ops->frame(o->ctx, at);
	}
}

static void pull_text(struct play *p, int64_t now)
{
	for (struct stream *s = p->streams; s && p->n_texts; s = s->next) {
		if (s->text)
			subtitle_pull(p, s, now, now);
	}
}

static void tick(struct play *p)
{
	give_frames(p, p->next);
	choose_due(p, p->next);
	pull_text(p, p->next);
	pull_sound(p, p->next);
	pull_pictures(p, p->next);
	EACH_OUTPUT(p, tick, p->next - p->zero);
	p->next += TICK;
}

void play_arm(struct play *p)
{
	vc_timer_arm(p->loop, &p->timer, p->next + p->skew);
}

static void on_tick(void *ctx, int64_t now)
{
	struct play *p = ctx;
	int64_t late = now - p->skew - p->next;

	if (late > JUMP) {
		vc_tool_warn(p->tool, "stream time jumps by %lld s: not filled",
			     (long long)(late / VC_SEC));
		p->counts.jumps++;
		p->origin += late;
		p->zero += late;
		p->next += late;
	}
	while (p->next <= now - p->skew)
		tick(p);
	play_show(p);
	play_arm(p);
}

/* --- the first packet --- */

/*
 * Live times of another process may have another offset to our clock (or the
 * way takes time): the first packet says which.
 */
void play_begin(struct play *p, int64_t arrival)
{
	p->has_begun = true;
	if (vc_in_clock(p->in) == VC_CLOCK_LIVE)
		p->skew = vc_loop_now(p->loop) - arrival;
	else
		p->is_prompt = false;
	p->keeps_past = p->wants_past && !p->is_paced &&
			p->latency != VC_PLAYOUT_AUTO &&
			vc_in_clock(p->in) != VC_CLOCK_LIVE;
	p->origin = arrival;
	p->zero = arrival +
		  (p->latency == VC_PLAYOUT_AUTO ? VC_PLAYOUT_MIN : p->latency);
	p->next = p->zero;
	play_arm(p);
}

/* --- the stream --- */

static void on_rtp(void *ctx, struct vc_source *src, struct vc_packet *pkt,
		   const struct vc_rtp *rtp)
{
	struct play *p = ctx;
	struct stream *s = src->user;
	struct vc_rtp left = *rtp;

	if (s && s->sound && src->codec == VC_CODEC_CN &&
	    src->format_hz == src->rate_hz)
		vc_audiorx_put_noise(s->sound, pkt, rtp);
	if (!s || is_aside(src->codec))
		return;
	/* Text comes in RED and without. */
	if (s->codec != (enum vc_codec)src->codec &&
	    !(s->text && subtitle_is_text(src)))
		play_make_chain(p, s);
	s->is_mix |= rtp->n_csrc > 0;
	if (!p->has_begun)
		play_begin(p, pkt->arrival);
	if (p->is_prompt)
		prompt_follow(p, pkt->arrival);
	if (src->rid[0])
		vc_layer_packet(&s->layer, s->codec, rtp, pkt->arrival);
	if (s->sound)
		vc_audiorx_put(s->sound, pkt, rtp);
	else if (s->pictures && thin_pass(p, s, &left))
		vc_videorx_put(s->pictures, pkt, &left);
	else if (s->text)
		subtitle_put(s, pkt, rtp);
	if (rtp->marker && p->is_prompt)
		prompt_arm(p, s);
}

/* For those who follow `events` on the control socket. */
static void on_event(void *ctx, const struct vc_json *event, const char *text,
		     size_t len)
{
	struct play *p = ctx;

	(void)text;
	(void)len;
	vc_control_event(p->tool, event);
}

static bool on_held(void *ctx)
{
	const struct play *p = ctx;

	for (const struct stream *s = p->streams; s; s = s->next) {
		if ((s->sound && vc_audiorx_held(s->sound)) ||
		    (s->pictures && !s->is_idle &&
		     vc_videorx_held(s->pictures)) ||
		    (s->text && vc_textrx_held(s->text)))
			return true;
	}
	return false;
}

static void on_end(void *ctx, int64_t now)
{
	struct play *p = ctx;

	(void)now;
	vc_timer_cancel(p->loop, &p->timer);
	vc_timer_cancel(p->loop, &p->prompt);
}

const struct vc_in_ops play_ops = {
	.rtp = on_rtp,
	.event = on_event,
	.begin = on_begin,
	.change = on_change,
	.gone = on_gone,
	.held = on_held,
	.end = on_end,
};

/* --- life --- */

static void fill_stats(void *ctx, struct vc_json *record)
{
	struct play *p = ctx;
	struct vc_json *j = vc_json_object(), *sources = vc_json_array();
	struct play_counts c = p->counts;

	for (const struct stream *s = p->streams; s; s = s->next) {
		struct vc_json *one = vc_json_object();

		play_count(&c, s);
		vc_json_set_int(one, "ssrc", s->src->ssrc);
		vc_playout_stats(s->src->play, one);
		vc_json_add(sources, one);
	}
	vc_json_set_int(j, "pictures", (int64_t)c.pictures);
	vc_json_set_int(j, "samples", (int64_t)c.samples);
	vc_json_set_int(j, "jumps", (int64_t)c.jumps);
	vc_json_set_int(j, "concealed", (int64_t)c.concealed);
	vc_json_set_int(j, "fec", (int64_t)c.fec);
	vc_json_set_int(j, "stretched", (int64_t)c.stretched);
	vc_json_set_int(j, "lost", (int64_t)c.lost);
	vc_json_set_int(j, "late", (int64_t)c.late);
	vc_json_set_int(j, "resyncs", (int64_t)c.resyncs);
	vc_json_set_int(j, "broken", (int64_t)c.broken);
	vc_json_set_int(j, "waiting", (int64_t)c.waiting);
	vc_json_set_int(j, "text_filled", (int64_t)c.text_filled);
	vc_json_set_int(j, "text_lost", (int64_t)c.text_lost);
	vc_json_set(j, "sources", sources);
	vc_json_set(record, "play", j);
	for (size_t i = 0; i < p->n_outputs; i++)
		if (p->outputs[i].ops->stats)
			p->outputs[i].ops->stats(p->outputs[i].ctx, record);
}

void play_init(struct play *p, struct vc_tool *t)
{
	p->tool = t;
	p->loop = vc_tool_loop(t);
	p->widths = vc_charwidth_new();
	p->timer = (struct vc_timer){ .fn = on_tick, .ctx = p };
	p->prompt = (struct vc_timer){ .fn = prompt_due, .ctx = p };
	blend_init(p);
	vc_tool_on_stats(t, fill_stats, p);
}

void play_clear(struct play *p)
{
	vc_timer_cancel(p->loop, &p->timer);
	vc_timer_cancel(p->loop, &p->prompt);
	vc_tool_off_stats(p->tool, fill_stats, p);
	EACH_OUTPUT(p, flush);
	while (p->streams)
		on_gone(p, p->streams->src, VC_LEAVE_EOF);
	choose_free(p);
	vc_charwidth_free(p->widths);
}

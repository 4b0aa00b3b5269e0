/* SPDX-License-Identifier: MIT */
/*
 * A timer takes the next frame, then arms itself for the moment it is due: a
 * picture at its time, sound at the end of its last sample (vc-stream(7),
 * Clock); a frame of a device, which has happened, at once. On the live clock a
 * source that fell behind by more than LATE (the machine was asleep, the
 * process was stopped) goes on at the present instead of sending a burst of the
 * past.
 *
 * A source that fails ends its medium, and the tool when nothing is left; with
 * --retry it is opened again each second, and the time without it is a gap.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "capture.h"

#define LATE (200 * VC_MS)
#define POLL (5 * VC_MS)
#define REOPEN VC_SEC

static const char *const hush_words[N_HUSH] = { "", "mute", "pause", "stall",
						"dtx" };

static void check_end(struct capture *c)
{
	struct medium *m;

	for (size_t i = 0; capture_next(c, &i, &m);) {
		if (!m->is_ended)
			return;
	}
	capture_end(c, c->duration ? "duration" : "eof");
}

void medium_end(struct medium *m)
{
	m->is_ended = true;
	check_end(m->who->cap);
}

/* It is not taken from any more. */
static void drop_source(struct medium *m)
{
	bool is_video = m->ops->kind == VC_VIDEO;

	if (m->source)
		m->malformed += m->source->malformed[is_video];
	if (m->source && m->source->ops->forget)
		m->source->ops->forget(m->source, is_video);
	source_drop(m->source);
	m->source = NULL;
}

static void unwatch(struct medium *m)
{
	if (m->watch.events)
		vc_loop_watch(m->who->cap->loop, &m->watch, 0);
}

/* --- layers --- */

static void stall(struct medium *lead, bool on)
{
	struct medium *m;

	for (size_t i = 0; i < MEDIA; i++) {
		m = person_medium(lead->who, i);
		if (m && medium_is_layer(m, lead))
			medium_hush(m, HUSH_STALL, on);
	}
}

/* Is nothing wanted of it, nor of its layers? */
static bool is_paused(struct medium *lead)
{
	struct medium *m;

	for (size_t i = 0; i < MEDIA; i++) {
		m = person_medium(lead->who, i);
		if (m && medium_is_layer(m, lead) && !m->is_hushed[HUSH_PAUSE])
			return false;
	}
	return true;
}

/* --- a source that fails --- */

static void take_next(struct medium *m, int64_t now);

static void fail(struct medium *m, int err)
{
	struct capture *c = m->who->cap;
	const char *why = m->source && m->source->error[0] ? m->source->error :
							     strerror(-err);

	if (!c->retry) {
		vc_tool_fail(c->tool, VC_EXIT_FAIL, "%.*s: read: %s",
			     source_said(m->place), m->place, why);
		medium_end(m);
		return;
	}
	if (!m->is_lost)
		vc_tool_warn(c->tool, "%.*s: read: %s; it is tried again",
			     source_said(m->place), m->place, why);
	m->is_lost = true;
	unwatch(m);
	drop_source(m);
	stall(m, true);
	vc_timer_arm(c->loop, &m->timer, vc_loop_now(c->loop) + REOPEN);
}

static void reopen(struct medium *m, int64_t now)
{
	struct capture *c = m->who->cap;
	char error[SOURCE_TEXT];

	if (source_open(&m->source, m->place, &m->conf, error)) {
		m->source = NULL;
		vc_timer_arm(c->loop, &m->timer, now + REOPEN);
		return;
	}
	vc_tool_warn(c->tool, "%.*s: is back", source_said(m->place), m->place);
	m->is_lost = false;
	m->base = now;
	m->marker = true;
	take_next(m, now);
}

/* --- the next frame --- */

/* 1 a frame is here and due at '*due'; 0 handled (ended, not yet). */
static int took(struct medium *m, int got, int64_t *due)
{
	struct capture *c = m->who->cap;
	int64_t now = vc_loop_now(c->loop);
	int fd = -1;

	if (got == -EAGAIN) {
		if (m->source->ops->fd)
			fd = m->source->ops->fd(m->source,
						m->ops->kind == VC_VIDEO);
		m->watch.fd = fd;
		if (fd < 0 || vc_loop_watch(c->loop, &m->watch, VC_READ))
			vc_timer_arm(c->loop, &m->timer, now + POLL);
		return 0;
	}
	if (got < 0) {
		fail(m, got);
		return 0;
	}
	if (m->source->is_device)
		m->pts += c->epoch - c->mono - m->base;
	if (got == 0 ||
	    (c->duration && m->base + m->pts - c->epoch >= c->duration)) {
		medium_end(m);
		return 0;
	}
	m->has_frame = true;
	*due = m->source->is_device ? now : m->base + m->pts + m->length;
	return 1;
}

/* Live and late: the source goes on at the present. */
static bool is_late(struct medium *m, int64_t due)
{
	struct capture *c = m->who->cap;
	int64_t now = vc_loop_now(c->loop);

	if (vc_loop_is_virtual(c->loop) || now - due <= LATE ||
	    !m->source->ops->skip)
		return false;
	c->skipped++;
	m->source->ops->skip(m->source, now - m->base);
	m->has_frame = false;
	return true;
}

static void take_next(struct medium *m, int64_t now)
{
	struct capture *c = m->who->cap;
	int64_t due = now;

	do {
		if (m->is_ended || c->is_over)
			return;
		if (!took(m, m->ops->take(m), &due))
			return;
	} while (is_late(m, due));
	vc_timer_arm(c->loop, &m->timer, due);
}

static void on_time(void *ctx, int64_t now)
{
	struct medium *m = ctx;
	int err = 0;

	if (!m->source) {
		reopen(m, now);
		return;
	}
	if (m->has_frame) {
		m->has_frame = false;
		if (!is_paused(m)) {
			stall(m, false);
			err = m->ops->send(m, now);
		} else if (m->ops->pass) {
			m->ops->pass(m);
		}
	}
	if (err)
		fail(m, err);
	else
		take_next(m, now);
}

static void on_ready(void *ctx, unsigned int events)
{
	struct medium *m = ctx;

	(void)events;
	unwatch(m);
	take_next(m, vc_loop_now(m->who->cap->loop));
}

/* --- hushed --- */

static void tell_gap(struct medium *m, enum hush why, int64_t now)
{
	struct vc_json *ev = vc_json_event("gap", now);

	vc_json_set_int(ev, "ssrc", m->tx.sender.ssrc);
	vc_json_set_int(ev, "from", m->hushed_at[why] / 1000);
	vc_json_set_int(ev, "to", now / 1000);
	vc_json_set_int(ev, "seq_from", m->hushed_seq[why]);
	vc_json_set_int(ev, "seq_to", m->tx.sender.seq);
	vc_json_set_str(ev, "why", hush_words[why]);
	vc_out_event(m->who->cap->out, ev);
}

void medium_hush(struct medium *m, enum hush why, bool on)
{
	int64_t now = vc_loop_now(m->who->cap->loop);

	if (m->is_hushed[why] == on)
		return;
	m->is_hushed[why] = on;
	if (on) {
		m->hushed_at[why] = now;
		m->hushed_seq[why] = m->tx.sender.seq;
		return;
	}
	m->marker = true;
	tell_gap(m, why, now);
}

/* --- life --- */

static void send_packet(void *ctx, struct vc_packet *pkt, bool is_rtcp)
{
	struct capture *c = ctx;

	(void)is_rtcp;
	vc_out_packet(c->out, pkt, false);
}

void medium_init(struct medium *m, const struct medium_ops *ops,
		 struct person *who)
{
	m->ops = ops;
	m->who = who;
	m->timer = (struct vc_timer){ .fn = on_time, .ctx = m };
	m->watch = (struct vc_watch){ .fn = on_ready, .ctx = m, .fd = -1 };
	m->tx.pool = vc_tool_pool(who->cap->tool);
	m->tx.send = send_packet;
	m->tx.ctx = who->cap;
}

void medium_clear(struct medium *m)
{
	if (!m->who)
		return;
	unwatch(m);
	vc_timer_cancel(m->who->cap->loop, &m->timer);
	m->ops->clear(m);
	stamp_clear(&m->stamp);
	drop_source(m);
	free(m->own_place);
}

void medium_begin(struct medium *m)
{
	struct capture *c = m->who->cap;
	const struct vc_sender *s = &m->tx.sender;
	struct vc_json *ev = vc_json_event("source", vc_loop_now(c->loop));
	char key[32];

	vc_json_set_int(ev, "ssrc", s->ssrc);
	vc_json_set_str(ev, "cname", s->cname);
	if (s->name[0])
		vc_json_set_str(ev, "name", s->name);
	vc_json_set_str(ev, "id", s->cname);
	vc_json_set_str(ev, "id_by", "cname");
	vc_json_set_str(ev, "kind", vc_kind_name(m->ops->kind));
	snprintf(key, sizeof(key), "source %u", s->ssrc);
	vc_out_state(c->out, key, ev);
	m->base = c->epoch;
	if (m->lead) {
		m->is_ended = true; /* it does not outlast that one */
		return;
	}
	if (m->ops->begin) {
		m->ops->begin(m, vc_loop_now(c->loop));
		return;
	}
	if (m->source) {
		take_next(m, c->epoch);
		return;
	}
	stall(m, true);
	vc_timer_arm(c->loop, &m->timer, c->epoch + REOPEN);
}

void medium_switch(struct medium *m, struct source *source, char *place)
{
	struct capture *c = m->who->cap;

	unwatch(m);
	vc_timer_cancel(c->loop, &m->timer);
	drop_source(m);
	free(m->own_place);
	m->own_place = place;
	m->place = place;
	m->source = source;
	m->base = vc_loop_now(c->loop);
	m->has_frame = m->is_ended = m->is_lost = false;
	m->marker = true;
	take_next(m, m->base);
}

void medium_leave(struct medium *m, const char *why)
{
	struct capture *c = m->who->cap;
	int64_t now = vc_loop_now(c->loop);
	struct vc_json *ev;

	unwatch(m);
	vc_timer_cancel(c->loop, &m->timer);
	for (int i = HUSH_NONE + 1; i < N_HUSH; i++)
		medium_hush(m, (enum hush)i, false);
	if (!m->tx.has_begun)
		return;
	vc_tx_bye(&m->tx, now, NULL);
	ev = vc_json_event("leave", now);
	vc_json_set_int(ev, "ssrc", m->tx.sender.ssrc);
	vc_json_set_str(ev, "why", !strcmp(why, "signal") ? "bye" : "eof");
	vc_out_event(c->out, ev);
}

void capture_end(struct capture *c, const char *why)
{
	struct medium *m;

	if (c->is_over)
		return;
	c->is_over = true;
	for (size_t i = 0; capture_next(c, &i, &m);)
		medium_leave(m, why);
	vc_tool_stop(c->tool, why);
}

/* SPDX-License-Identifier: MIT */
/*
 * What is written becomes an item, given to every reader of every place; the
 * loop's hook flushes before it sleeps, so that a burst is one system call.
 * Two timers keep the stream alive: T every 100 ms (live: where nothing else has
 * told the time), state events each second.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "tool/control.h"
#include "tool/out_internal.h"
#include "wire/frame.h"
#include "wire/keystart.h"
#include "wire/rtp.h"

#define TIME_INTERVAL (100 * VC_MS)
#define STATE_INTERVAL VC_SEC
#define CLOSE_LIVE (500 * VC_MS)
#define CLOSE_VIRTUAL (60 * VC_SEC)

static void keyframe_due(void *ctx, int64_t now)
{
	struct vc_out *o = ctx;

	(void)now;
	if (o->keyframe)
		o->keyframe(o->ctx);
}

static void flush_all(void *ctx)
{
	struct vc_out *o = ctx;

	for (size_t i = 0; i < o->n_places; i++) {
		for (size_t j = 0; j < o->places[i].n; j++) {
			if (!vc_reader_rests(o->places[i].readers[j]))
				vc_reader_flush(o->places[i].readers[j]);
		}
	}
}

static void fill_stats(void *ctx, struct vc_json *record)
{
	struct vc_out *o = ctx;
	struct vc_json *j = vc_json_object();
	uint64_t dropped = o->dropped, octets = o->octets;
	int64_t n = 0;

	for (size_t i = 0; i < o->n_places; i++) {
		for (size_t k = 0; k < o->places[i].n; k++) {
			dropped += vc_reader_dropped(o->places[i].readers[k]);
			octets += vc_reader_octets(o->places[i].readers[k]);
			n += !vc_reader_is_dead(o->places[i].readers[k]);
		}
	}
	vc_json_set_int(j, "packets", (int64_t)o->packets);
	vc_json_set_int(j, "octets", (int64_t)octets);
	vc_json_set_int(j, "readers", n);
	vc_json_set_int(j, "dropped_reader", (int64_t)dropped);
	vc_json_set(record, "out", j);
}

struct vc_out *vc_out_new_places(struct vc_tool *t,
				 const struct vc_words *places,
				 void (*keyframe)(void *ctx), void *ctx)
{
	static const char *const only_stdout[] = { "-" };
	struct vc_words words = *places;
	struct vc_out *o = vc_alloc(1, sizeof(*o));

	if (!words.n)
		words = (struct vc_words){
			.v = (const char **)(uintptr_t)only_stdout,
			.n = 1
		};
	o->tool = t;
	o->loop = vc_tool_loop(t);
	o->keyframe = keyframe;
	o->ctx = ctx;
	o->last_time = VC_TIME_NONE;
	for (size_t i = 0; i < words.n; i++) {
		char why[256];
		int err = vc_out_open(o, words.v[i], why, sizeof(why));

		if (!err)
			continue;
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: open: %s", words.v[i],
			     why[0] ? why : strerror(-err));
		vc_out_free(o);
		return NULL;
	}
	o->hook = (struct vc_hook){ .fn = flush_all, .ctx = o };
	vc_loop_add_hook(o->loop, &o->hook);
	o->key_timer = (struct vc_timer){ .fn = keyframe_due, .ctx = o };
	vc_tool_on_stats(t, fill_stats, o);
	return o;
}

struct vc_out *vc_out_new(struct vc_tool *t, void (*keyframe)(void *ctx),
			  void *ctx)
{
	return vc_out_new_places(t, &vc_tool_options(t)->out, keyframe, ctx);
}

void vc_out_free(struct vc_out *o)
{
	int64_t until = vc_mono_now();

	if (!o)
		return;
	until += vc_loop_is_virtual(o->loop) ? CLOSE_VIRTUAL : CLOSE_LIVE;
	vc_timer_cancel(o->loop, &o->time_timer);
	vc_timer_cancel(o->loop, &o->state_timer);
	vc_timer_cancel(o->loop, &o->key_timer);
	for (size_t i = 0; i < o->n_places; i++)
		vc_out_close(o, &o->places[i], until);
	vc_tool_off_stats(o->tool, fill_stats, o);
	vc_outstates_clear(&o->states);
	free(o->desc);
	vc_loop_remove_hook(o->loop, &o->hook);
	free(o);
}

/* --- writing --- */

static void each_text(struct vc_out *o, enum vc_item_kind kind,
		      const char *text, size_t len, int64_t time)
{
	for (size_t i = 0; i < o->n_places; i++) {
		for (size_t j = 0; j < o->places[i].n; j++)
			vc_out_put_text(o->places[i].readers[j], kind, text,
					len, time);
	}
}

static void each_item(struct vc_out *o, const struct vc_item *item)
{
	for (size_t i = 0; i < o->n_places; i++) {
		for (size_t j = 0; j < o->places[i].n; j++)
			vc_reader_put(o->places[i].readers[j], item);
	}
}

void vc_out_time(struct vc_out *o, int64_t now)
{
	struct vc_item item = { .kind = VC_ITEM_TIME,
				.time = now,
				.arrival = VC_TIME_NONE };

	if (now <= o->last_time)
		return;
	o->last_time = now;
	each_item(o, &item);
}

/* Live, nobody is woken by it where packets have just told the time. */
static void time_due(void *ctx, int64_t now)
{
	struct vc_out *o = ctx;
	int64_t next = now + TIME_INTERVAL;

	if (!vc_loop_is_virtual(o->loop) && now < o->last_time + TIME_INTERVAL)
		next = o->last_time + TIME_INTERVAL;
	else
		vc_out_time(o, now);
	vc_timer_arm(o->loop, &o->time_timer, next);
}

static void state_due(void *ctx, int64_t now)
{
	struct vc_out *o = ctx;

	vc_timer_arm(o->loop, &o->state_timer, now + STATE_INTERVAL);
	for (struct vc_outstate *s = o->states.first; s; s = s->next)
		each_text(o, VC_ITEM_STATE, s->text, strlen(s->text), now);
}

static void learn_kinds(struct vc_out *o, const struct vc_sdp *sdp)
{
	for (unsigned int pt = 0; pt < 128; pt++) {
		const struct vc_sdp_media *media;
		const struct vc_sdp_fmt *fmt;

		o->kind_of[pt] = VC_OTHER;
		if (!vc_sdp_find_pt(sdp, (uint8_t)pt, &media, &fmt))
			continue;
		o->kind_of[pt] = media->kind;
		o->codec_of[pt] = vc_codec_by_name(fmt->codec);
	}
}

void vc_out_desc(struct vc_out *o, const struct vc_sdp *sdp)
{
	struct vc_sdp ours = *sdp;
	bool is_virtual = vc_loop_is_virtual(o->loop);
	const char *control = is_virtual ? NULL : vc_control_private(o->tool);
	char *text = vc_try_alloc(1, VC_FRAME_DESC_MAX);
	int64_t now = vc_loop_now(o->loop);
	int len;

	if (!is_virtual || !vc_str_is(ours.clock, "recorded"))
		ours.clock = vc_str_c(is_virtual ? "virtual" : "live");
	ours.control = vc_str_c(control);
	len = text ? vc_sdp_write(&ours, text, VC_FRAME_DESC_MAX) : -ENOMEM;
	if (len < 0) {
		vc_tool_fail(o->tool, VC_EXIT_FAIL, "description: %s",
			     strerror(-len));
		free(text);
		return;
	}
	learn_kinds(o, sdp);
	each_text(o, VC_ITEM_KEEP, text, (size_t)len, VC_TIME_NONE);
	free(o->desc);
	o->desc = text;
	o->desc_len = (size_t)len;
	if (o->time_timer.fn)
		return;
	o->time_timer = (struct vc_timer){ .fn = time_due, .ctx = o };
	o->state_timer = (struct vc_timer){ .fn = state_due, .ctx = o };
	vc_timer_arm(o->loop, &o->state_timer, now + STATE_INTERVAL);
	time_due(o, now);
}

static void classify(struct vc_out *o, struct vc_item *item, const uint8_t *p,
		     size_t len)
{
	struct vc_rtp rtp;
	uint8_t pt;

	if (len < VC_RTP_HEADER || vc_frame_type(p, len) != VC_FRAME_RTP)
		return;
	pt = vc_rtp_get_pt(p);
	item->ssrc = vc_rtp_get_ssrc(p);
	item->seq = vc_rtp_get_seq(p);
	item->is_key = true;
	item->kind = VC_ITEM_AUDIO;
	if (o->kind_of[pt] != VC_VIDEO)
		return;
	item->kind = VC_ITEM_VIDEO;
	if (vc_keystart_knows((enum vc_codec)o->codec_of[pt]) &&
	    !vc_rtp_parse(&rtp, p, len))
		item->is_key = vc_keystart((enum vc_codec)o->codec_of[pt],
					   rtp.payload, rtp.payload_len);
}

void vc_out_packet(struct vc_out *o, struct vc_packet *pkt, bool with_arrival)
{
	int64_t now = vc_loop_now(o->loop);
	struct vc_item item = { .kind = VC_ITEM_KEEP,
				.pkt = pkt,
				.len = pkt->len,
				.is_plain = true,
				.time = now,
				.arrival = VC_TIME_NONE };

	if (with_arrival && pkt->arrival != now)
		item.arrival = pkt->arrival;
	if (!vc_loop_is_virtual(o->loop))
		classify(o, &item, pkt->data, pkt->len);
	o->packets++;
	o->last_time = now;
	each_item(o, &item);
}

void vc_out_rtcp(struct vc_out *o, const uint8_t *p, size_t len)
{
	struct vc_packet *pkt = vc_packet_new(vc_tool_pool(o->tool), len);

	if (!pkt)
		return;
	memcpy(pkt->data, p, len);
	pkt->len = len;
	pkt->arrival = vc_loop_now(o->loop);
	vc_out_packet(o, pkt, false);
	vc_packet_unref(pkt);
}

static void write_event(struct vc_out *o, const struct vc_json *event,
			char *text)
{
	if (!text)
		return;
	o->last_time = vc_loop_now(o->loop);
	each_text(o, VC_ITEM_KEEP, text, strlen(text), o->last_time);
	vc_control_event(o->tool, event);
}

void vc_out_event(struct vc_out *o, struct vc_json *event)
{
	char *text = vc_json_text(event);

	write_event(o, event, text);
	free(text);
	vc_json_free(event);
}

void vc_out_state(struct vc_out *o, const char *key, struct vc_json *event)
{
	char *text = vc_json_text(event);

	if (text && vc_outstates_put(&o->states, key, text))
		write_event(o, event, text);
	vc_json_free(event);
}

void vc_out_state_drop(struct vc_out *o, const char *key)
{
	vc_outstates_drop(&o->states, key);
}

/* One copy for all readers, out of the pool: frames are as many as packets. */
static void put_raw(struct vc_out *o, struct vc_item *item,
		    const uint8_t *frame)
{
	bool is_small = item->len <= VC_PACKET_MAX;
	struct vc_packet *copy = NULL;

	if (is_small)
		copy = vc_packet_new(vc_tool_pool(o->tool), item->len);
	if (copy)
		memcpy(copy->data, frame, item->len);
	item->pkt = copy;
	for (size_t i = 0; i < o->n_places; i++) {
		for (size_t j = 0; j < o->places[i].n; j++) {
			if (!is_small)
				item->text = vc_try_alloc(item->len, 1);
			if (item->text)
				memcpy(item->text, frame, item->len);
			if (item->text || copy)
				vc_reader_put(o->places[i].readers[j], item);
		}
	}
	vc_packet_unref(copy);
}

void vc_out_raw(struct vc_out *o, const uint8_t *frame, size_t len)
{
	struct vc_item item = { .kind = VC_ITEM_KEEP,
				.len = len,
				.is_raw = true,
				.time = vc_loop_now(o->loop),
				.arrival = VC_TIME_NONE };

	if (!vc_loop_is_virtual(o->loop))
		classify(o, &item, frame + 2, len - 2);
	/* An arrival time must not outlive its packet. */
	if (len > 3 && frame[2] == 'T' && frame[3] == VC_TIME_ARRIVAL)
		item.kind = VC_ITEM_TIME;
	put_raw(o, &item, frame);
}

bool vc_out_is_dead(const struct vc_out *o)
{
	return o->is_dead;
}

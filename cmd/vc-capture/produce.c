/* SPDX-License-Identifier: MIT */
/*
 * A timer takes the next frame, then arms itself for the moment it is due. On
 * the live clock a source that fell behind by more than LATE (the machine was
 * asleep, the process was stopped) goes on at the present instead of sending a
 * burst of the past.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "codec/g711.h"
#include "media/level.h"
#include "produce.h"

#define LATE (200 * VC_MS)
#define RETRY (5 * VC_MS)
#define KEY_LIMIT VC_SEC
#define VOICE_LEVEL 50 /* -dBov: louder is taken for voice */

static void check_end(struct capture *c)
{
	if ((c->video.is_on && !c->video.is_ended) ||
	    (c->audio.is_on && !c->audio.is_ended))
		return;
	produce_end(c, c->duration ? "duration" : "eof");
}

static void medium_end(struct medium *m)
{
	m->is_ended = true;
	check_end(m->cap);
}

static void medium_error(struct medium *m, int err)
{
	struct capture *c = m->cap;

	vc_tool_fail(c->tool, VC_EXIT_FAIL, "source: read: %s",
		     c->source->error[0] ? c->source->error : strerror(-err));
	medium_end(m);
}

/* 1 a frame is here and due at '*due'; 0 handled (ended, not yet). */
static int took(struct medium *m, int got, int64_t length, int64_t *due)
{
	struct capture *c = m->cap;
	int64_t now = vc_loop_now(c->loop);

	if (got == -EAGAIN) {
		vc_timer_arm(c->loop, &m->timer, now + RETRY);
		return 0;
	}
	if (got < 0) {
		medium_error(m, got);
		return 0;
	}
	if (got == 0 || (c->duration && m->pts >= c->duration)) {
		medium_end(m);
		return 0;
	}
	m->has_frame = true;
	*due = c->epoch + m->pts + length;
	return 1;
}

/* Live and late: the source goes on at the present. */
static bool is_late(struct medium *m, int64_t due)
{
	struct capture *c = m->cap;
	int64_t now = vc_loop_now(c->loop);

	if (vc_loop_is_virtual(c->loop) || now - due <= LATE ||
	    !c->source->ops->skip)
		return false;
	c->skipped++;
	c->source->ops->skip(c->source, now - c->epoch);
	m->has_frame = false;
	return true;
}

/* --- video --- */

static int64_t frame_number(const struct capture *c, int64_t pts)
{
	int64_t ns = VC_SEC * c->fps_den / c->fps_num;

	return (pts + ns / 2) / ns;
}

static void encode_video(struct capture *c, int64_t now)
{
	bool force = c->wants_key && now - c->last_key >= KEY_LIMIT;
	const uint8_t *p;
	size_t len;
	bool is_key;
	int err;

	err = vc_vpx_encode(c->vpx, c->img, frame_number(c, c->video.pts),
			    force, &p, &len, &is_key);
	if (err) {
		medium_error(&c->video, err);
		return;
	}
	if (is_key) {
		c->last_key = now;
		c->wants_key = false;
		c->key_frames++;
	}
	c->video.frames++;
	c->octets += len;
	if (len)
		vc_tx_vp8(&c->video.tx, now, c->epoch + c->video.pts, p, len);
}

static void video_due(void *ctx, int64_t now)
{
	struct medium *m = ctx;
	struct capture *c = m->cap;
	int64_t due;
	int got;

	if (m->has_frame) {
		m->has_frame = false;
		encode_video(c, now);
	}
	do {
		if (m->is_ended || c->is_over)
			return;
		got = c->source->ops->video(c->source, c->epoch, &c->img,
					    &m->pts);
		if (!took(m, got, 0, &due))
			return;
	} while (is_late(m, due));
	vc_timer_arm(c->loop, &m->timer, due);
}

/* --- audio --- */

static size_t frame_samples(const struct capture *c)
{
	return (size_t)(c->ptime / VC_MS * c->rate_hz / 1000);
}

static int encode_pcm(struct capture *c, uint8_t *out, size_t cap)
{
	size_t n = frame_samples(c);

	if (c->acodec == VC_CODEC_OPUS)
		return vc_opus_encode(c->opus, c->pcm, (int)n, out, cap);
	if (n > cap)
		return -ENOSPC;
	if (c->acodec == VC_CODEC_PCMU)
		vc_pcmu_encode(c->pcm, n, out);
	else
		vc_pcma_encode(c->pcm, n, out);
	return (int)n;
}

static void encode_audio(struct capture *c, int64_t now)
{
	uint8_t level = vc_level_dbov(c->pcm, frame_samples(c));
	uint8_t out[VC_OPUS_PACKET_MAX];
	int len = encode_pcm(c, out, sizeof(out));

	if (len < 0) {
		medium_error(&c->audio, len);
		return;
	}
	c->audio.frames++;
	c->octets += (uint64_t)len;
	vc_tx_audio(&c->audio.tx, now, c->epoch + c->audio.pts, out,
		    (size_t)len, level, level < VOICE_LEVEL, false);
}

static void audio_due(void *ctx, int64_t now)
{
	struct medium *m = ctx;
	struct capture *c = m->cap;
	int64_t due;
	int got;

	if (m->has_frame) {
		m->has_frame = false;
		encode_audio(c, now);
	}
	do {
		if (m->is_ended || c->is_over)
			return;
		got = c->source->ops->audio(c->source, c->pcm, frame_samples(c),
					    &m->pts);
		if (!took(m, got, c->ptime, &due))
			return;
	} while (is_late(m, due));
	vc_timer_arm(c->loop, &m->timer, due);
}

/* --- life --- */

static void announce(struct capture *c, struct medium *m, const char *kind)
{
	const struct vc_sender *s = &m->tx.sender;
	struct vc_json *ev = vc_json_event("source", c->epoch);
	char key[32];

	vc_json_set_int(ev, "ssrc", s->ssrc);
	vc_json_set_str(ev, "cname", s->cname);
	if (s->name[0])
		vc_json_set_str(ev, "name", s->name);
	vc_json_set_str(ev, "id", s->cname);
	vc_json_set_str(ev, "id_by", "cname");
	vc_json_set_str(ev, "kind", kind);
	snprintf(key, sizeof(key), "source %u", s->ssrc);
	vc_out_state(c->out, key, ev);
}

void produce_start(struct capture *c)
{
	c->last_key = c->epoch - KEY_LIMIT;
	c->video.timer = (struct vc_timer){ .fn = video_due, .ctx = &c->video };
	c->audio.timer = (struct vc_timer){ .fn = audio_due, .ctx = &c->audio };
	if (c->audio.is_on)
		announce(c, &c->audio, "audio");
	if (c->video.is_on)
		announce(c, &c->video, "video");
	if (c->video.is_on)
		video_due(&c->video, c->epoch);
	if (c->audio.is_on)
		audio_due(&c->audio, c->epoch);
}

void produce_keyframe(struct capture *c)
{
	c->wants_key = true;
}

static void leave(struct capture *c, struct medium *m, const char *why)
{
	int64_t now = vc_loop_now(c->loop);
	struct vc_json *ev;

	if (!m->is_on || !m->tx.has_begun)
		return;
	vc_tx_bye(&m->tx, now, NULL);
	ev = vc_json_event("leave", now);
	vc_json_set_int(ev, "ssrc", m->tx.sender.ssrc);
	vc_json_set_str(ev, "why", !strcmp(why, "signal") ? "bye" : "eof");
	vc_out_event(c->out, ev);
}

void produce_end(struct capture *c, const char *why)
{
	if (c->is_over)
		return;
	c->is_over = true;
	vc_timer_cancel(c->loop, &c->video.timer);
	vc_timer_cancel(c->loop, &c->audio.timer);
	leave(c, &c->audio, why);
	leave(c, &c->video, why);
	vc_tool_stop(c->tool, why);
}

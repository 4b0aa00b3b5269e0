/* SPDX-License-Identifier: MIT */
/* vc-capture: life; see capture.h for what is where. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "capture.h"
#include "h264.h"
#include "options.h"
#include "setup.h"
#include "tool/control.h"

struct run {
	struct capture cap;
	struct own own;
	struct vc_timer start;
};

static void on_keyframe(void *ctx)
{
	struct capture *c = ctx;
	struct medium *m;

	for (size_t i = 0; capture_next(c, &i, &m);) {
		if (m->ops->kind == VC_VIDEO)
			video_keyframe((struct video *)m);
	}
}

static void on_signal(void *ctx)
{
	capture_end(ctx, "signal");
}

static struct vc_json *layer_stats(const struct video *v)
{
	struct vc_json *j = vc_json_object();

	vc_json_set_int(j, "ssrc", v->m.tx.sender.ssrc);
	vc_json_set_str(j, "rid", v->rid);
	vc_json_set_int(j, "width", v->width);
	vc_json_set_int(j, "height", v->height);
	vc_json_set_int(j, "vbitrate", v->bitrate);
	vc_json_set_int(j, "frames", (int64_t)v->m.frames);
	vc_json_set_int(j, "key_frames", (int64_t)v->key_frames);
	vc_json_set_int(j, "octets", (int64_t)v->m.octets);
	return j;
}

static void fill_stats(void *ctx, struct vc_json *record)
{
	struct run *r = ctx;
	struct capture *c = &r->cap;
	struct vc_json *j = vc_json_object(), *layers = NULL;
	uint64_t frames[VC_TEXT + 1] = { 0 }, keys = 0, octets = 0;
	uint64_t malformed = 0, unanswered = 0;
	int64_t bitrate = 0;
	struct medium *m;

	for (size_t i = 0; capture_next(c, &i, &m);) {
		bool is_video = m->ops->kind == VC_VIDEO;

		frames[m->ops->kind] += m->frames;
		octets += m->octets;
		unanswered += m->unanswered;
		malformed += m->malformed;
		if (m->source)
			malformed += m->source->malformed[is_video];
		if (!is_video)
			continue;
		keys += ((struct video *)m)->key_frames;
		bitrate += ((struct video *)m)->bitrate;
		if (!((struct video *)m)->rid)
			continue;
		layers = layers ? layers : vc_json_array();
		vc_json_add(layers, layer_stats((struct video *)m));
	}
	vc_json_set_int(j, "video_frames", (int64_t)frames[VC_VIDEO]);
	vc_json_set_int(j, "audio_frames", (int64_t)frames[VC_AUDIO]);
	vc_json_set_int(j, "text_packets", (int64_t)frames[VC_TEXT]);
	vc_json_set_int(j, "key_frames", (int64_t)keys);
	vc_json_set_int(j, "octets", (int64_t)octets);
	vc_json_set_int(j, "skipped", (int64_t)c->skipped);
	vc_json_set_int(j, "vbitrate", bitrate);
	if (layers)
		vc_json_set(j, "layers", layers);
	if (r->own.copy) {
		vc_json_set_int(j, "malformed", (int64_t)malformed);
		vc_json_set_int(j, "unanswered", (int64_t)unanswered);
	}
	vc_json_set(record, "capture", j);
	voice_stats(c->people[0].mic.voice, record);
}

static struct audio_config sound_of(struct vc_tool *t, const struct own *own)
{
	const struct vc_options *o = vc_tool_options(t);
	struct audio_config a = {
		.codec = VC_CODEC_OPUS,
		.ptime = o->ptime ? o->ptime : 20 * VC_MS,
		.bitrate = o->abitrate ? (int64_t)o->abitrate :
			   own->stereo ? 64000 :
					 32000,
		.channels = own->stereo ? 2 : 1,
		.complexity = (int)own->complexity,
		.dtx = own->dtx || own->talk,
		.fec = (unsigned int)own->opus_fec,
	};

	if (o->acodec)
		a.codec = vc_codec_by_name(vc_str_c(o->acodec));
	if (a.codec != VC_CODEC_OPUS && a.codec != VC_CODEC_PCMU &&
	    a.codec != VC_CODEC_PCMA && a.codec != VC_CODEC_G722 &&
	    a.codec != VC_CODEC_L16)
		vc_tool_usage(t, "--acodec %s: opus, g722, pcmu, pcma or l16",
			      o->acodec);
	if (a.ptime != 10 * VC_MS && a.ptime != 20 * VC_MS &&
	    a.ptime != 40 * VC_MS && a.ptime != 60 * VC_MS)
		vc_tool_usage(t, "--ptime: 10ms, 20ms, 40ms or 60ms");
	if (a.fec && a.codec != VC_CODEC_OPUS)
		vc_tool_usage(t, "--opus-fec: with --acodec opus only");
	if (own->stereo && a.codec != VC_CODEC_OPUS)
		vc_tool_usage(t, "--stereo: with --acodec opus only");
	if (a.codec == VC_CODEC_L16 && !o->ptime)
		a.ptime = 10 * VC_MS;
	if (a.codec == VC_CODEC_L16 && a.ptime > 10 * VC_MS)
		vc_tool_usage(t, "--acodec l16: with --ptime 10ms only, so "
				 "that packets fit a path");
	return a;
}

static void begin(void *ctx, int64_t now)
{
	struct run *r = ctx;
	struct capture *c = &r->cap;
	struct medium *m;

	c->epoch = now;
	c->mono = vc_mono_now();
	vc_control_begin(c->tool, c->epoch);
	c->sdp = vc_alloc(1, sizeof(*c->sdp));
	setup_begin(c, &r->own);
	vc_out_desc(c->out, c->sdp);
	for (size_t i = 0; capture_next(c, &i, &m);) {
		if (m->ops->kind == VC_VIDEO)
			((struct video *)m)->last_key = c->epoch - VC_SEC;
		medium_begin(m);
	}
	text_begin(c);
}

/* --start: on the virtual clock the stream begins there, live it waits; and
 * opening has taken its time, after which the loop's clock is looked at anew. */
static void start(struct run *r)
{
	struct capture *c = &r->cap;
	const struct vc_options *o = vc_tool_options(c->tool);
	int64_t now = vc_loop_now(c->loop);

	if (o->is_virtual) {
		begin(r, now);
		return;
	}
	r->start = (struct vc_timer){ .fn = begin, .ctx = r };
	vc_timer_arm(c->loop, &r->start, now + o->start);
}

static void run(struct run *r)
{
	struct capture *c = &r->cap;
	struct medium *m;

	c->out = vc_out_new(c->tool, on_keyframe, c);
	if (c->out) {
		commands_add(c);
		vc_tool_on_signal(c->tool, on_signal, c);
		vc_tool_on_keyframe(c->tool, on_keyframe, c);
		vc_tool_on_stats(c->tool, fill_stats, r);
		if (!vc_tool_start(c->tool)) {
			start(r);
			vc_tool_run(c->tool);
		}
	}
	for (size_t i = 0; capture_next(c, &i, &m);)
		medium_clear(m);
	text_close(c);
	vc_out_free(c->out);
}

int main(int argc, char **argv)
{
	struct run *r = vc_alloc(1, sizeof(*r));
	struct capture *c = &r->cap;
	struct vc_tool *t = vc_tool_new(&capture_info);
	const struct vc_options *o;
	struct audio_config sound;
	int err;

	own_init(&r->own);
	vc_tool_parse(t, argc, argv, &r->own);
	o = vc_tool_options(t);
	own_check(t, &r->own);
	if (r->own.list_devices) {
		devices_print(t, r->own.json);
		free(r);
		return vc_tool_end(t);
	}
	sound = sound_of(t, &r->own);
	own_check_size(t, &r->own);
	h264_check(t, &r->own);
	layers_check(t, &r->own);
	c->tool = t;
	c->loop = vc_tool_loop(t);
	c->duration = o->duration;
	c->retry = r->own.retry;
	if (o->is_virtual)
		vc_loop_set_virtual(c->loop, VC_VIRTUAL_EPOCH + o->start);
	setup_open(c, &r->own, &sound);
	run(r);
	/* The last record speaks of it. */
	err = vc_tool_end(t);
	voice_close(c->people[0].mic.voice);
	free(c->people);
	free(c->sdp);
	free(r->own.pt.v);
	free(r->own.ssrc.v);
	free(r);
	return err;
}

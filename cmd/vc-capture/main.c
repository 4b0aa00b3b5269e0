/* SPDX-License-Identifier: MIT */
/* vc-capture: options, the source, codecs, the stream out; see produce.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"
#include "produce.h"
#include "tool/control.h"
#include "tool/place.h"
#include "wire/defaults.h"

enum {
	KEY_LOOP = VC_KEY_OWN,
	KEY_VIDEO,
	KEY_AUDIO,
	KEY_OPUS_FEC,
};

struct own {
	bool loop;
	int video; /* index into on_off */
	int audio;
	uint64_t opus_fec; /* percent; 0: off */
};

static const char *const on_off[] = { "on", "none", NULL };

static const struct argp_option options[] = {
	{ "loop", KEY_LOOP, NULL, 0, "begin a file again when it ends", 0 },
	{ "video", KEY_VIDEO, "on|none", 0, "leave the picture out", 0 },
	{ "audio", KEY_AUDIO, "on|none", 0, "leave the sound out", 0 },
	{ "opus-fec", KEY_OPUS_FEC, "N%", 0,
	  "Opus in-band FEC for a loss of N percent", 0 },
	{ 0 },
};

/* "10%": a bare number could be a rate or a count. */
static error_t parse_percent(struct argp_state *state, const char *arg,
			     uint64_t *out)
{
	char digits[4] = "";
	size_t len = strlen(arg);

	if (len < 2 || len > sizeof(digits) || arg[len - 1] != '%')
		argp_error(state, "--opus-fec %s: a percentage, as 10%%", arg);
	else
		memcpy(digits, arg, len - 1);
	if (digits[0] && vc_num_u64(digits, 1, 100, out))
		argp_error(state, "--opus-fec %s: 1%% to 100%%", arg);
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct own *own = state->input;

	switch (key) {
	case KEY_LOOP:
		own->loop = true;
		return 0;
	case KEY_VIDEO:
		return vc_opt_word(state, arg, on_off, &own->video);
	case KEY_AUDIO:
		return vc_opt_word(state, arg, on_off, &own->audio);
	case KEY_OPUS_FEC:
		return parse_percent(state, arg, &own->opus_fec);
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct vc_tool_info info = {
	.name = "vc-capture",
	.sentence = "turns a test signal or a media file into a vc stream",
	.args_doc = "SOURCE",
	.io_doc = "SOURCE is test: or a media file (talk.webm, "
		  "file:clip.mp4); the stream goes to -o, default stdout.",
	.examples =
		"vc-capture -t 10s --name Alice test: | vc-record alice.webm\n"
		"vc-capture --loop talk.webm | vc-send rtp://127.0.0.1:5004\n"
		"vc-capture --virtual -t 60s test: | vc-probe\n",
	.groups = VC_OPT_OUT | VC_OPT_TLS | VC_OPT_TIME | VC_OPT_VIRTUAL |
		  VC_OPT_SEED | VC_OPT_CONTROL | VC_OPT_STATS | VC_OPT_READY |
		  VC_OPT_CNAME | VC_OPT_VIDEO | VC_OPT_AUDIO,
	.options = options,
	.parse = parse,
};

/* --- control --- */

static int cmd_keyframe(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	(void)argc;
	(void)argv;
	(void)reply;
	produce_keyframe(ctx);
	return 0;
}

static int cmd_bitrate(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct capture *c = ctx;
	uint64_t bps;

	if (argc < 2 || vc_num_rate(argv[1], &bps) || bps < 30000 ||
	    bps > 50000000) {
		vc_json_set_str(reply, "error", "a rate from 30k to 50M");
		return -EINVAL;
	}
	if (!c->vpx)
		return -ENODEV;
	c->vbitrate = (int64_t)bps;
	vc_json_set_int(reply, "bitrate", c->vbitrate);
	return vc_vpx_enc_set_bitrate(c->vpx, (uint32_t)bps);
}

static const struct vc_command commands[] = {
	{ "keyframe", "[SSRC]", "the next picture is a key frame",
	  cmd_keyframe },
	{ "bitrate", "RATE [SSRC]", "change the video bit rate", cmd_bitrate },
	{ 0 },
};

static void on_keyframe(void *ctx)
{
	produce_keyframe(ctx);
}

static void on_signal(void *ctx)
{
	produce_end(ctx, "signal");
}

static void fill_stats(void *ctx, struct vc_json *record)
{
	struct capture *c = ctx;
	struct vc_json *j = vc_json_object();

	vc_json_set_int(j, "video_frames", (int64_t)c->video.frames);
	vc_json_set_int(j, "audio_frames", (int64_t)c->audio.frames);
	vc_json_set_int(j, "key_frames", (int64_t)c->key_frames);
	vc_json_set_int(j, "octets", (int64_t)c->octets);
	vc_json_set_int(j, "skipped", (int64_t)c->skipped);
	vc_json_set_int(j, "vbitrate", c->vbitrate);
	vc_json_set(record, "capture", j);
}

/* --- opening --- */

static void check_codecs(struct vc_tool *t, struct capture *c)
{
	const struct vc_options *o = vc_tool_options(t);

	if (o->vcodec && vc_codec_by_name(vc_str_c(o->vcodec)) != VC_CODEC_VP8)
		vc_tool_usage(t, "--vcodec %s: only vp8 is here", o->vcodec);
	c->acodec = VC_CODEC_OPUS;
	if (o->acodec)
		c->acodec = vc_codec_by_name(vc_str_c(o->acodec));
	if (c->acodec != VC_CODEC_OPUS && c->acodec != VC_CODEC_PCMU &&
	    c->acodec != VC_CODEC_PCMA)
		vc_tool_usage(t, "--acodec %s: opus, pcmu or pcma", o->acodec);
	c->rate_hz = c->acodec == VC_CODEC_OPUS ? 48000 : 8000;
	c->ptime = o->ptime ? o->ptime : 20 * VC_MS;
	if (c->ptime != 10 * VC_MS && c->ptime != 20 * VC_MS &&
	    c->ptime != 40 * VC_MS && c->ptime != 60 * VC_MS)
		vc_tool_usage(t, "--ptime: 10ms, 20ms, 40ms or 60ms");
}

/* Words before a colon that are no source, where there is no such file. */
static void check_scheme(struct vc_tool *t, const char *text)
{
	static const char *const nets[] = { "rtp", "srtp", "dtls+rtp", "udp" };
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+-");
	struct vc_str scheme = vc_str_of(text, n);
	struct vc_place p;
	char why[256];

	if (!n || text[n] != ':' || vc_str_is(scheme, "test") ||
	    vc_str_is(scheme, "file") || !access(text, F_OK))
		return;
	if (!vc_place_parse(&p, text, false, why, sizeof(why)) &&
	    p.kind == VC_PLACE_CAPTURE)
		vc_tool_usage(t, "%s: captures are vc-recv's: `vc-recv %s`",
			      p.text, p.text);
	for (size_t i = 0; i < VC_COUNT(nets); i++) {
		if (vc_str_is(scheme, nets[i]))
			vc_tool_usage(t,
				      "%s: what comes from a network is "
				      "vc-recv's, as `vc-recv rtp://:5004`",
				      p.text);
	}
	vc_tool_usage(t,
		      "%s: %.*s: is no source: there are test:, file:FILE "
		      "and FILE",
		      p.text, VC_STR_ARGS(scheme));
}

/* "test:", "file:PATH" or PATH. */
static void open_source(struct vc_tool *t, struct capture *c,
			const struct own *own, const char *who)
{
	const struct vc_options *o = vc_tool_options(t);
	struct source_config conf = {
		.name = who,
		.video = own->video == 0,
		.audio = own->audio == 0,
		.width = o->width ? o->width : 640,
		.height = o->height ? o->height : 360,
		.fps_num = c->fps_num,
		.fps_den = c->fps_den,
		.rate_hz = c->rate_hz,
		.loop = own->loop,
		.wait = o->is_virtual,
	};
	const char *text = o->args.v[0];
	char error[256] = "";
	int err;

	if (!strcmp(text, "test") && access(text, F_OK))
		vc_tool_usage(t, "%s: did you mean test:?", text);
	check_scheme(t, text);
	if (!strncmp(text, "test:", 5)) {
		if (text[5])
			vc_tool_usage(t, "%s: test: takes no more words", text);
		err = source_open_test(&c->source, &conf);
	} else {
		conf.text = strncmp(text, "file:", 5) ? text : text + 5;
		if (c->rate_hz != 48000)
			vc_tool_usage(t,
				      "--acodec %s: for test: only; a file "
				      "is sent as opus",
				      o->acodec);
		err = source_open_file(&c->source, &conf, error);
	}
	if (!err)
		return;
	vc_tool_fail(t, VC_EXIT_FAIL, "%s: open: %s", text,
		     error[0] ? error : strerror(-err));
	exit(vc_tool_end(t));
}

static int open_video(struct vc_tool *t, struct capture *c)
{
	const struct vc_options *o = vc_tool_options(t);
	int64_t keyint = o->keyint ? o->keyint : 2 * VC_SEC;
	struct vc_vpx_enc_cfg conf = {
		.kind = VC_VPX_VP8,
		.width = o->width ? o->width : 640,
		.height = o->height ? o->height : 360,
		.fps_num = c->fps_num,
		.fps_den = c->fps_den,
		.bitrate_bps = o->vbitrate ? (uint32_t)o->vbitrate : 800000,
		.keyint_frames =
			(int)(keyint / VC_MS * c->fps_num / c->fps_den / 1000),
	};
	int err;

	c->vbitrate = conf.bitrate_bps;
	if (conf.keyint_frames < 1)
		conf.keyint_frames = 1;
	c->vpx = vc_vpx_enc_new(&conf, &err);
	return c->vpx ? 0 : err;
}

static int open_audio(struct vc_tool *t, struct capture *c,
		      const struct own *own)
{
	const struct vc_options *o = vc_tool_options(t);
	struct vc_opus_enc_cfg conf = {
		.rate_hz = 48000,
		.channels = 1,
		.bitrate_bps = o->abitrate ? (uint32_t)o->abitrate : 32000,
		.complexity = VC_OPUS_COMPLEXITY,
		.ptime_ms = (int)(c->ptime / VC_MS),
		.fec = own->opus_fec > 0,
		.loss_percent = (int)own->opus_fec,
	};
	int err;

	if (c->acodec != VC_CODEC_OPUS)
		return 0;
	c->opus = vc_opus_enc_new(&conf, &err);
	return c->opus ? 0 : err;
}

static void send_packet(void *ctx, struct vc_packet *pkt, bool is_rtcp)
{
	struct capture *c = ctx;

	(void)is_rtcp;
	vc_out_packet(c->out, pkt, false);
}

static void begin_medium(struct capture *c, struct medium *m, uint8_t pt,
			 enum vc_codec codec, uint32_t rate_hz,
			 struct vc_sdp *sdp)
{
	const struct vc_options *o = vc_tool_options(c->tool);

	m->cap = c;
	m->is_on = true;
	m->tx.pool = vc_tool_pool(c->tool);
	m->tx.send = send_packet;
	m->tx.ctx = c;
	vc_tx_init(&m->tx, vc_tool_rand(c->tool),
		   codec == VC_CODEC_VP8 ? "video" : "audio", codec, pt,
		   rate_hz, c->epoch, vc_tool_cname(c->tool), o->name);
	m->tx.has_captured = true;
	vc_default_add(sdp, pt);
}

static void begin(void *ctx, int64_t now)
{
	struct capture *c = ctx;
	struct vc_tool *t = c->tool;
	struct vc_sdp *sdp = vc_alloc(1, sizeof(*sdp));
	uint8_t pt = c->acodec == VC_CODEC_PCMU ? 0 :
		     c->acodec == VC_CODEC_PCMA ? 8 :
						  VC_PT_OPUS;

	c->epoch = now;
	vc_control_begin(t, c->epoch);
	if (c->source->has_audio)
		begin_medium(c, &c->audio, pt, c->acodec, c->rate_hz, sdp);
	if (c->source->has_video)
		begin_medium(c, &c->video, VC_PT_VP8, VC_CODEC_VP8, 90000, sdp);
	vc_out_desc(c->out, sdp);
	free(sdp);
	produce_start(c);
}

/* --start: on the virtual clock the stream begins there, live it waits. */
static void start(struct capture *c)
{
	const struct vc_options *o = vc_tool_options(c->tool);
	int64_t now = vc_loop_now(c->loop);

	if (o->is_virtual || !o->start) {
		begin(c, now);
		return;
	}
	c->video.timer = (struct vc_timer){ .fn = begin, .ctx = c };
	vc_timer_arm(c->loop, &c->video.timer, now + o->start);
}

int main(int argc, char **argv)
{
	struct capture *c = vc_alloc(1, sizeof(*c));
	struct own own = { 0 };
	struct vc_tool *t = vc_tool_new(&info);
	const struct vc_options *o;
	const char *who;
	int err = 0;

	vc_tool_parse(t, argc, argv, &own);
	o = vc_tool_options(t);
	if (o->args.n != 1)
		vc_tool_usage(t, "one SOURCE is due, such as test: or a file");
	c->tool = t;
	c->loop = vc_tool_loop(t);
	c->duration = o->duration;
	c->fps_num = o->fps_num ? o->fps_num : 30;
	c->fps_den = o->fps_num ? o->fps_den : 1;
	if (own.video && own.audio)
		vc_tool_usage(t, "--video none --audio none: nothing is left");
	check_codecs(t, c);
	if (own.opus_fec && c->acodec != VC_CODEC_OPUS)
		vc_tool_usage(t, "--opus-fec: with --acodec opus only");
	who = o->name ? o->name : o->cname ? o->cname : "test";
	if (o->is_virtual)
		vc_loop_set_virtual(c->loop, VC_VIRTUAL_EPOCH + o->start);
	open_source(t, c, &own, who);
	if (c->source->note[0])
		vc_tool_warn(t, "%s: %s", o->args.v[0], c->source->note);
	if (c->source->has_video)
		err = open_video(t, c);
	if (!err && c->source->has_audio)
		err = open_audio(t, c, &own);
	if (err)
		vc_tool_fail(t, VC_EXIT_FAIL, "encoder: %s", strerror(-err));
	c->out = err ? NULL : vc_out_new(t, on_keyframe, c);
	if (c->out) {
		vc_control_add(t, commands, c);
		vc_tool_on_signal(t, on_signal, c);
		vc_tool_on_keyframe(t, on_keyframe, c);
		vc_tool_on_stats(t, fill_stats, c);
		if (!vc_tool_start(t)) {
			start(c);
			vc_tool_run(t);
		}
	}
	vc_out_free(c->out);
	vc_vpx_enc_free(c->vpx);
	vc_opus_enc_free(c->opus);
	c->source->ops->close(c->source);
	err = vc_tool_end(t);
	free(c);
	return err;
}

/* SPDX-License-Identifier: MIT */
/*
 * Commands. Each may name whom it is for (a name, a CNAME or an SSRC) as its
 * last word; without one it is for all. One layer of simulcast is meant by its
 * SSRC, or as NAME/RID.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"
#include "base/str.h"
#include "capture.h"
#include "tool/control.h"
#include "turn.h"

#define BITRATE_MIN 30000
#define BITRATE_MAX 50000000

static const char copied[] = "it is a file's (--copy), sent as it is";

static const struct video *layer_of(const struct medium *m)
{
	const struct video *v = (const struct video *)m;

	return m->ops->kind == VC_VIDEO && v->rid ? v : NULL;
}

/* Is it the layer that 'who' names as NAME/RID? */
static bool is_named_layer(const struct medium *m, const char *who)
{
	const char *slash = who ? strrchr(who, '/') : NULL;
	const struct video *v = layer_of(m);
	char name[256];

	if (!slash || !v || strcmp(v->rid, slash + 1) ||
	    (size_t)(slash - who) >= sizeof(name))
		return false;
	vc_str_copy(name, sizeof(name), vc_str_of(who, (size_t)(slash - who)));
	return person_is(m->who, name);
}

/* Does 'who' mean this one only, and not the person? */
static bool is_single(const struct medium *m, const char *who)
{
	uint64_t ssrc;

	if (!who)
		return false;
	return is_named_layer(m, who) ||
	       (!vc_num_u64(who, 0, UINT32_MAX, &ssrc) &&
		m->tx.sender.ssrc == ssrc);
}

static bool is_ssrc_of_another(const struct medium *m, const char *who)
{
	uint64_t ssrc;

	return who && !vc_num_u64(who, 0, UINT32_MAX, &ssrc) &&
	       m->tx.sender.ssrc != ssrc;
}

/* Is 'who' the SSRC of a layer? */
static bool is_layer(struct person *p, const char *who)
{
	for (size_t i = 0; i < MEDIA; i++) {
		const struct medium *m = person_medium(p, i);

		if (m && layer_of(m) && is_single(m, who))
			return true;
	}
	return false;
}

static bool is_meant(const struct medium *m, const char *who)
{
	if (is_named_layer(m, who))
		return true;
	if (!person_is(m->who, who))
		return false;
	/* A layer's SSRC means that one, not all that he sends. */
	return !who || !is_layer(m->who, who) || is_single(m, who);
}

/*
 * The next medium of those that 'who' and 'kind' (NULL: any) mean; none before
 * the stream has begun (--start).
 */
static bool next(struct capture *c, size_t *i, const char *who,
		 const char *kind, struct medium **m)
{
	if (!c->sdp)
		return false;
	while (capture_next(c, i, m)) {
		if (kind && strcmp(kind, (*m)->ops->word))
			continue;
		if (is_meant(*m, who))
			return true;
	}
	return false;
}

/* --- pictures --- */

static int cmd_keyframe(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	const char *who = argc > 1 ? argv[1] : NULL;
	struct capture *c = ctx;
	bool is_copy = false;
	struct medium *m;

	for (size_t i = 0; next(c, &i, who, NULL, &m);) {
		if (m->ops->kind != VC_VIDEO || is_ssrc_of_another(m, who))
			continue;
		video_keyframe((struct video *)m);
		is_copy |= m->is_copy;
	}
	return is_copy ? vc_refuse(reply, -ENOTSUP, "%s", copied) : 0;
}

static int set_bitrate(struct medium *m, const char *who, int64_t *bps)
{
	struct video *v = (struct video *)m;

	if (layer_of(m) && is_single(m, who))
		return video_layer_bitrate(v, bps);
	return video_bitrate(v, *bps);
}

static int cmd_bitrate(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	const char *who = argc > 2 ? argv[2] : NULL;
	struct capture *c = ctx;
	struct medium *m;
	int err = -ENODEV;
	int64_t rate;
	uint64_t bps;

	if (argc < 2 || vc_num_rate(argv[1], &bps) || bps < BITRATE_MIN ||
	    bps > BITRATE_MAX)
		return vc_refuse(reply, -EINVAL, "a rate from 30k to 50M");
	rate = (int64_t)bps;
	for (size_t i = 0; next(c, &i, who, NULL, &m);) {
		if (m->ops->kind != VC_VIDEO || is_ssrc_of_another(m, who))
			continue;
		if (m->is_copy)
			return vc_refuse(reply, -ENOTSUP, "%s", copied);
		err = set_bitrate(m, who, &rate);
		if (err)
			return err;
	}
	if (!err)
		vc_json_set_int(reply, "bitrate", rate);
	return err;
}

static int cmd_orientation(void *ctx, int argc, char **argv,
			   struct vc_json *reply)
{
	struct capture *c = ctx;
	struct vc_orientation o;
	struct medium *m;
	int err = -ENOENT;

	if (argc < 2 || turn_parse(&o, argv[1]))
		return vc_refuse(reply, -EINVAL, TURN_HELP);
	for (size_t i = 0;
	     next(c, &i, argc > 2 ? argv[2] : NULL, "video", &m);) {
		turn_set(m, &o);
		err = 0;
	}
	return err;
}

/* --- sound --- */

static int hush(struct capture *c, const char *kind, const char *who,
		enum hush why, bool on)
{
	int err = -ENOENT;
	struct medium *m;

	for (size_t i = 0; next(c, &i, who, kind, &m);) {
		medium_hush(m, why, on);
		err = 0;
	}
	return err;
}

static int cmd_mute(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	(void)reply;
	return hush(ctx, "audio", argc > 1 ? argv[1] : NULL, HUSH_MUTE,
		    argv[0][0] == 'm');
}

static int cmd_gain(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	const char *who = argc > 2 ? argv[2] : NULL;
	struct capture *c = ctx;
	struct medium *m;
	int err = -ENOENT;
	char *rest;
	double db;

	if (argc < 2)
		return vc_refuse(reply, -EINVAL, "gain DB, as -6");
	db = strtod(argv[1], &rest);
	if (rest == argv[1] || (*rest && strcasecmp(rest, "dB")) ||
	    !isfinite(db) || db < -60 || db > 40)
		return vc_refuse(reply, -EINVAL, "-60 to 40 dB");
	for (size_t i = 0; next(c, &i, who, "audio", &m);) {
		if (m->is_copy)
			return vc_refuse(reply, -ENOTSUP, "%s", copied);
		audio_gain((struct audio *)m, db);
		err = 0;
	}
	return err;
}

static int cmd_dtmf(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct capture *c = ctx;
	struct medium *m;
	int err = -ENOENT;

	if (argc < 2)
		return vc_refuse(reply, -EINVAL, "dtmf DIGITS [WHO]");
	for (size_t i = 0;
	     next(c, &i, argc > 2 ? argv[2] : NULL, "audio", &m);) {
		err = dial_digits((struct audio *)m, argv[1]);
		if (err == -EINVAL)
			return vc_refuse(reply, err, "digits are 0-9 * # A-D");
		if (err)
			return vc_refuse(reply, err, "too many wait");
	}
	return err;
}

/* --- text --- */

/* text LINE; with many people of whom its first word, as "p2:", says. */
static int cmd_text(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	char line[TEXT_LINE];
	size_t len = 0;
	int err;

	for (int i = 1; i < argc; i++) {
		size_t n = strlen(argv[i]);

		if (len + n + 1 >= sizeof(line))
			return vc_refuse(reply, -E2BIG, "the line is too long");
		if (len)
			line[len++] = ' ';
		memcpy(line + len, argv[i], n);
		len += n;
	}
	if (!len)
		return vc_refuse(reply, -EINVAL, "text LINE");
	err = text_say(ctx, line, len);
	if (err == -EEXIST)
		return vc_refuse(reply, err, "its payload type is another's");
	return err == -ENOBUFS ? vc_refuse(reply, err, "too much waits") : err;
}

/* --- all media --- */

static bool is_kind(const char *word)
{
	return !strcmp(word, "audio") || !strcmp(word, "video") ||
	       !strcmp(word, "slides");
}

/* pause [KIND] [WHO] */
static int cmd_pause(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	bool has_kind = argc > 1 &&
			(is_kind(argv[1]) || !strcmp(argv[1], "text"));
	const char *kind = has_kind ? argv[1] : NULL;
	int at = kind ? 2 : 1;

	(void)reply;
	return hush(ctx, kind, argc > at ? argv[at] : NULL, HUSH_PAUSE,
		    argv[0][0] == 'p');
}

static int change(struct medium *m, const char *place, struct vc_json *reply)
{
	const struct source_scheme *s = source_scheme(place);
	struct source_config conf = m->conf;
	char error[SOURCE_TEXT];
	struct source *source;
	int err;

	if (!s)
		return vc_refuse(reply, -EINVAL, "no such kind of source");
	if (s->is_device && vc_loop_is_virtual(m->who->cap->loop))
		return vc_refuse(reply, -EINVAL,
				 "no device on a virtual clock");
	err = source_open(&source, place, &conf, error);
	if (err)
		return vc_refuse(reply, err, "%s",
				 error[0] ? error : strerror(-err));
	if (m->ops->kind == VC_VIDEO ? !source->has_video :
				       !source->has_audio) {
		source_drop(source);
		return vc_refuse(reply, -ENODATA, "it has none of that");
	}
	if (m->is_copy && !copy_fits(m, source)) {
		source_drop(source);
		return vc_refuse(
			reply, -ENOTSUP,
			"it is not of the codec that is sent (--copy)");
	}
	m->conf = conf;
	medium_switch(m, source, strdup(place));
	if (m->ops->kind == VC_VIDEO && !m->is_copy)
		video_keyframe((struct video *)m);
	return 0;
}

/* source KIND PLACE [WHO] */
static int cmd_source(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct capture *c = ctx;
	struct medium *m;
	int err = -ENOENT;

	if (argc < 3 || !is_kind(argv[1]))
		return vc_refuse(reply, -EINVAL,
				 "source audio|video|slides SOURCE [WHO]");
	for (size_t i = 0;
	     next(c, &i, argc > 3 ? argv[3] : NULL, argv[1], &m);) {
		if (m->lead)
			continue; /* it shows what the other one does */
		err = change(m, argv[2], reply);
		if (err)
			return err;
	}
	return err;
}

static const struct vc_command commands[] = {
	{ "keyframe", "[WHO]", "the next picture is a key frame",
	  cmd_keyframe },
	{ "bitrate", "RATE [WHO]", "change the video bit rate", cmd_bitrate },
	{ "orientation", "DEGREES [WHO]", "how receivers turn pictures",
	  cmd_orientation },
	{ "mute", "[WHO]", "send silence", cmd_mute },
	{ "unmute", "[WHO]", "send sound again", cmd_mute },
	{ "gain", "DB [WHO]", "make sound louder or softer", cmd_gain },
	{ "dtmf", "DIGITS [WHO]", "send digits in place of sound", cmd_dtmf },
	{ "text", "LINE", "send a line of text", cmd_text },
	{ "pause", "[KIND] [WHO]", "send nothing", cmd_pause },
	{ "resume", "[KIND] [WHO]", "send again", cmd_pause },
	{ "source", "audio|video|slides SOURCE [WHO]", "go on from another",
	  cmd_source },
	{ 0 },
};

void commands_add(struct capture *c)
{
	vc_control_add(c->tool, commands, c);
}

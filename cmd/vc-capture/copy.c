/* SPDX-License-Identifier: MIT */
/*
 * --copy: frames of a file go out as they are, pictures in the order in which
 * they are decoded and with the RTP time at which they are seen. What a
 * receiver asks for cannot be given: a key frame comes when the file has one.
 * After a frame that was left out (a pause) pictures go on with the next.
 */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "capture.h"
#include "options.h"
#include "wire/defaults.h"

static bool is_video(const struct medium *m)
{
	return m->ops->kind == VC_VIDEO;
}

static int take(struct medium *m)
{
	struct source_frame f;
	int got = m->source->ops->frame(m->source, is_video(m), &f);

	if (got != 1)
		return got;
	m->pts = f.due;
	m->length = f.length;
	return got;
}

static void pass(struct medium *m)
{
	m->waits_key = true;
	m->source->ops->used(m->source, is_video(m));
}

/* The frame that was taken; what else was read may have moved it. */
static int again(struct medium *m, struct source_frame *f)
{
	int got = m->source->ops->frame(m->source, is_video(m), f);

	return got == 1 ? 0 : got ? got : -EIO;
}

static int send_picture(struct medium *m, int64_t now)
{
	struct video *v = (struct video *)m;
	struct source_frame f;
	int err = again(m, &f);

	if (err)
		return err;
	if (m->waits_key && !f.is_key) {
		pass(m);
		vc_tx_report(&m->tx, now);
		return 0;
	}
	m->waits_key = false;
	if (vc_tx_video(&m->tx, now, m->base + f.pts, f.p, f.len, f.is_key)) {
		m->source->malformed[true]++;
	} else {
		m->frames++;
		m->octets += f.len;
		v->key_frames += f.is_key;
	}
	m->source->ops->used(m->source, true);
	return 0;
}

static bool is_silenced(const struct audio *a)
{
	int64_t t = a->m.base + a->m.pts - a->m.who->cap->epoch;

	return a->m.is_hushed[HUSH_MUTE] || !talk_is_on(&a->talk, t) ||
	       vc_dtmftx_is_busy(&a->dial.tx);
}

static int send_sound(struct medium *m, int64_t now)
{
	struct audio *a = (struct audio *)m;
	struct source_frame f;
	int err = again(m, &f);

	if (err)
		return err;
	if (is_silenced(a)) {
		m->marker = true;
		vc_tx_report(&m->tx, now);
	} else {
		m->frames++;
		m->octets += f.len;
		vc_tx_audio(&m->tx, now, m->base + f.pts, f.p, f.len, -1, false,
			    m->marker || f.is_break);
		m->marker = false;
	}
	m->source->ops->used(m->source, false);
	return 0;
}

static void clear_picture(struct medium *m)
{
	(void)m;
}

static void clear_sound(struct medium *m)
{
	struct audio *a = (struct audio *)m;

	vc_timer_cancel(m->who->cap->loop, &a->dial.timer);
}

static const struct medium_ops camera_copy = {
	.word = "video",
	.kind = VC_VIDEO,
	.take = take,
	.send = send_picture,
	.pass = pass,
	.clear = clear_picture,
};

static const struct medium_ops slides_copy = {
	.word = "slides",
	.kind = VC_VIDEO,
	.take = take,
	.send = send_picture,
	.pass = pass,
	.clear = clear_picture,
};

static const struct medium_ops mic_copy = {
	.word = "audio",
	.kind = VC_AUDIO,
	.take = take,
	.send = send_sound,
	.pass = pass,
	.clear = clear_sound,
};

int copy_open(struct medium *m, bool is_slides)
{
	enum vc_codec codec;
	int pt;

	m->format = m->source->format[is_video(m)];
	codec = m->format.codec;
	pt = vc_default_pt(codec, is_slides);
	if (pt < 0)
		return -ENOTSUP;
	m->pt = (uint8_t)pt;
	m->is_copy = true;
	if (is_video(m)) {
		((struct video *)m)->codec = codec;
		m->ops = is_slides ? &slides_copy : &camera_copy;
		return 0;
	}
	((struct audio *)m)->codec = codec;
	m->ops = &mic_copy;
	dial_init((struct audio *)m, vc_codec_rate(codec));
	return 0;
}

bool copy_fits(const struct medium *m, const struct source *source)
{
	return source->format[is_video(m)].codec == m->format.codec;
}

error_t copy_opt(struct argp_state *state, const char *arg, struct own *own)
{
	static const char *const kinds[] = { "video", "slides", "audio", NULL };
	static const unsigned int bits[] = { COPY_VIDEO, COPY_SLIDES,
					     COPY_AUDIO };
	int i = 0;
	error_t err = arg ? vc_opt_word(state, arg, kinds, &i) : 0;

	own->copy |= arg ? bits[i] : COPY_ALL;
	return err;
}

/* Is that medium's place a file, and to be copied? */
static bool is_copied(struct vc_tool *t, const struct own *own,
		      const char *word, unsigned int kind)
{
	const struct vc_options *o = vc_tool_options(t);
	const char *text = word ? word : o->args.n ? o->args.v[0] : NULL;
	const struct source_scheme *s = text ? source_scheme(text) : NULL;

	if (kind == COPY_SLIDES)
		s = word ? source_scheme(word) : NULL;
	return own->copy & kind && s && !strcmp(s->name, "file");
}

void copy_check(struct vc_tool *t, const struct own *own)
{
	const struct vc_options *o = vc_tool_options(t);
	bool video = is_copied(t, own, own->video, COPY_VIDEO);
	bool audio = is_copied(t, own, own->audio, COPY_AUDIO);
	bool slides = is_copied(t, own, own->slides, COPY_SLIDES);

	if (!own->copy)
		return;
	if (!video && !audio && !slides)
		vc_tool_usage(t, "--copy: of media files only");
	if (video && o->vcodec)
		vc_tool_usage(t, "--copy: with the file's codec, not with "
				 "--vcodec");
	if (video && (o->layers.sid || o->layers.tid || own->simulcast.n))
		vc_tool_usage(t, "--copy: not with --layers or --simulcast, "
				 "which are encoded");
	if (audio && o->acodec)
		vc_tool_usage(t, "--copy: with the file's codec, not with "
				 "--acodec");
	if (audio && (voice_is_wanted(&own->voice) || own->dtx || own->stereo ||
		      own->opus_fec))
		vc_tool_usage(t, "--copy: sound is not touched: --aec, "
				 "--denoise, --agc, --highpass, --dtx, "
				 "--stereo and --opus-fec need it encoded");
	if ((video || audio || slides) && own->marks == MARKS_ON)
		vc_tool_usage(t, "--copy: not with --marks, which are encoded");
}

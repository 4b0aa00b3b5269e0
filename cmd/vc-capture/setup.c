/* SPDX-License-Identifier: MIT */
/* Opens the people's sources and encoders. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "capture.h"
#include "h264.h"
#include "setup.h"
#include "turn.h"
#include "wire/defaults.h"

#define PT_L16 112

static void die(struct vc_tool *t, const char *what, const char *doing,
		const char *why)
{
	vc_tool_fail(t, VC_EXIT_FAIL, "%.*s: %s: %s", source_said(what), what,
		     doing, why);
	exit(vc_tool_end(t));
}

/* NULL: lost, and opened later. */
static struct source *open_source(struct capture *c, const char *text,
				  struct source_config *conf)
{
	const struct source_scheme *s = source_scheme(text);
	char error[SOURCE_TEXT];
	struct source *source;
	int err = source_open(&source, text, conf, error);
	const char *why = error[0] ? error : strerror(-err);

	if (!err) {
		if (source->note[0])
			vc_tool_warn(c->tool, "%.*s: %s", source_said(text),
				     text, source->note);
		return source;
	}
	if (err == -EINVAL && strcmp(s->name, "file"))
		vc_tool_usage(c->tool, "%.*s: %s", source_said(text), text,
			      why);
	if (!c->retry || !s->is_device)
		die(c->tool, text, "open", why);
	vc_tool_warn(c->tool, "%.*s: open: %s; it is tried again",
		     source_said(text), text, why);
	return NULL;
}

/* What is to be had, of one medium. */
struct wish {
	const char *text; /* NULL: nothing */
	struct source_config conf;
	struct source *source;
	bool is_there;
};

static void open_wish(struct capture *c, struct wish *w)
{
	const struct source_scheme *s;

	if (!w->text)
		return;
	s = source_scheme(w->text);
	w->conf.copy &= !strcmp(s->name, "file");
	w->source = open_source(c, w->text, &w->conf);
	w->is_there = w->source ? (w->conf.video ? w->source->has_video :
						   w->source->has_audio) :
				  (w->conf.video ? s->video : s->audio);
}

/* Both from one source, opened once. */
static void open_pair(struct capture *c, struct wish *video, struct wish *audio)
{
	struct source_config conf = video->conf;

	conf.audio = true;
	conf.channels = audio->conf.channels;
	conf.copy &= !strcmp(source_scheme(video->text)->name, "file");
	video->conf.copy = audio->conf.copy = conf.copy;
	video->source = open_source(c, video->text, &conf);
	if (!video->source) {
		video->is_there = audio->is_there = true;
		return;
	}
	video->is_there = video->source->has_video;
	audio->is_there = video->source->has_audio;
	if (!audio->is_there)
		return;
	audio->source = video->source;
	if (video->is_there)
		audio->source->users++;
	else
		video->source = NULL;
}

/* 'own' an option's word, else the operand if it gives that. */
static const char *place_of(const char *word, const char *operand,
			    bool is_video)
{
	const struct source_scheme *s;

	if (word)
		return strcmp(word, "none") ? word : NULL;
	s = operand ? source_scheme(operand) : NULL;
	return s && (is_video ? s->video : s->audio) ? operand : NULL;
}

static void take_over(struct medium *m, const struct medium_ops *ops,
		      struct person *p, const struct wish *w)
{
	medium_init(m, ops, p);
	m->source = w->source;
	m->is_lost = !w->source;
	m->place = w->text;
	m->conf = w->conf;
}

/* Of test: unless marks are not wanted, of all others if they are. */
static void mark(struct medium *m, const struct own *own)
{
	bool is_test = !strcmp(source_scheme(m->place)->name, "test");

	if (own->marks == MARKS_ON || (own->marks == MARKS_AUTO && is_test))
		stamp_init(&m->stamp, m->who->name, SOURCE_RATE);
}

/* Without an encoder. */
static int add_copy(struct medium *m, const struct medium_ops *ops,
		    struct person *p, const struct wish *w)
{
	bool is_slides = ops == &slides_ops;
	int err;

	take_over(m, ops, p, w);
	err = copy_open(m, is_slides);
	if (err)
		die(p->cap->tool, w->text, "--copy",
		    "slides are sent as VP8 or VP9");
	return err;
}

static int add_video(struct video *v, const struct medium_ops *ops,
		     struct person *p, const struct wish *w)
{
	v->width = w->conf.width;
	v->height = w->conf.height;
	v->fps_num = w->conf.fps_num;
	v->fps_den = w->conf.fps_den;
	take_over(&v->m, ops, p, w);
	return video_open(v);
}

/* The layers below 'w', which is the largest. */
static int open_layers(struct person *p, const struct simulcast *s,
		       const struct wish *w)
{
	int err = 0;

	for (size_t i = 0; i + 1 < s->n && !err; i++) {
		struct video *v = &p->layers[i];
		struct wish none = { .text = w->text, .conf = w->conf };

		v->codec = p->camera.codec;
		v->m.pt = p->camera.m.pt;
		v->is_screen = p->camera.is_screen;
		v->layers = p->camera.layers;
		v->slice_size = p->camera.slice_size;
		v->plug = p->camera.plug;
		v->rid = s->layers[i].rid;
		v->bitrate = s->layers[i].bitrate;
		none.conf.width = s->layers[i].width;
		none.conf.height = s->layers[i].height;
		err = add_video(v, &camera_ops, p, &none);
		v->m.lead = &p->camera.m;
		v->m.is_lost = false;
	}
	return err;
}

static int open_camera(struct person *p, const struct own *own,
		       const struct wish *w)
{
	const struct vc_options *o = vc_tool_options(p->cap->tool);
	size_t top = own->simulcast.n;
	int err;

	if (w->conf.copy)
		return add_copy(&p->camera.m, &camera_ops, p, w);
	p->camera.bitrate = o->vbitrate ? (int64_t)o->vbitrate : 800000;
	p->camera.is_screen = own->hint == HINT_TEXT;
	p->camera.codec = own_vcodec(p->cap->tool);
	p->camera.layers = o->layers;
	p->camera.m.pt = (uint8_t)vc_default_pt(p->camera.codec, false);
	h264_set_up(p->cap->tool, &p->camera, own);
	if (top) {
		p->camera.bitrate = own->simulcast.layers[top - 1].bitrate;
		p->camera.rid = own->simulcast.layers[top - 1].rid;
	}
	err = add_video(&p->camera, &camera_ops, p, w);
	return err ? err : open_layers(p, &own->simulcast, w);
}

static int open_slides(struct person *p, const struct own *own,
		       const struct wish *w)
{
	if (w->conf.copy)
		return add_copy(&p->slides.m, &slides_ops, p, w);
	p->slides.bitrate = own->slides_bitrate;
	p->slides.is_screen = own->hint != HINT_MOTION;
	p->slides.codec = own_vcodec(p->cap->tool) == VC_CODEC_VP9 ?
				  VC_CODEC_VP9 :
				  VC_CODEC_VP8;
	p->slides.m.pt = (uint8_t)vc_default_pt(p->slides.codec, true);
	return add_video(&p->slides, &slides_ops, p, w);
}

static int open_mic(struct person *p, const struct own *own,
		    const struct audio_config *conf, const struct wish *w)
{
	int err;

	if (own->talk)
		talk_parse(&p->mic.talk, own->talk, p->name);
	if (w->conf.copy)
		return add_copy(&p->mic.m, &mic_ops, p, w);
	p->mic.m.pt = conf->codec == VC_CODEC_L16 ?
			      PT_L16 :
			      (uint8_t)vc_default_pt(conf->codec, false);
	take_over(&p->mic.m, &mic_ops, p, w);
	p->mic.voice = voice_open(p->cap->tool, &own->voice, &err);
	if (err)
		exit(vc_tool_end(p->cap->tool));
	return audio_open(&p->mic, conf);
}

static void open_person(struct person *p, const struct own *own,
			const struct audio_config *sound)
{
	const struct vc_options *o = vc_tool_options(p->cap->tool);
	const char *operand = o->args.n ? o->args.v[0] : NULL;
	struct source_config conf = {
		.name = p->name,
		.width = o->width ? o->width : 640,
		.height = o->height ? o->height : 360,
		.fps_num = o->fps_num ? o->fps_num : 30,
		.fps_den = o->fps_num ? o->fps_den : 1,
		.channels = sound->channels,
		.loop = own->loop,
		.wait = o->is_virtual,
	};
	struct wish video = { .text = place_of(own->video, operand, true),
			      .conf = conf };
	struct wish audio = { .text = place_of(own->audio, operand, false),
			      .conf = conf };
	struct wish slides = { .text = own->slides, .conf = conf };
	int err = 0;

	video.conf.video = slides.conf.video = audio.conf.audio = true;
	video.conf.is_paired = slides.conf.is_paired =
		audio.text && audio.text != video.text &&
		!strcmp(source_scheme(audio.text)->name, "raw");
	video.conf.copy = own->copy & COPY_VIDEO;
	audio.conf.copy = own->copy & COPY_AUDIO;
	slides.conf.copy = own->copy & COPY_SLIDES;
	slides.conf.width = own->slides_width;
	slides.conf.height = own->slides_height;
	slides.conf.fps_num = own->slides_fps_num;
	slides.conf.fps_den = own->slides_fps_den;
	if (own->simulcast.n) {
		size_t top = own->simulcast.n - 1;

		video.conf.width = own->simulcast.layers[top].width;
		video.conf.height = own->simulcast.layers[top].height;
	}
	if (video.text && video.text == audio.text &&
	    video.conf.copy == audio.conf.copy) {
		open_pair(p->cap, &video, &audio);
	} else {
		open_wish(p->cap, &video);
		open_wish(p->cap, &audio);
	}
	open_wish(p->cap, &slides);
	if (video.is_there)
		err = open_camera(p, own, &video);
	if (!err && audio.is_there)
		err = open_mic(p, own, sound, &audio);
	if (!err && slides.is_there)
		err = open_slides(p, own, &slides);
	if (err)
		die(p->cap->tool, "encoder", "open", strerror(-err));
	for (size_t i = 0; i < MEDIA; i++) {
		struct medium *m = person_medium(p, i);

		if (m && !m->lead)
			mark(m, own);
	}
}

static void name_person(struct person *p, const struct own *own, size_t i)
{
	const struct vc_options *o = vc_tool_options(p->cap->tool);
	const char *who = o->name ? o->name : o->cname ? o->cname : "test";

	if (own->people)
		snprintf(p->name, sizeof(p->name), "%.48s%zu",
			 o->name ? o->name : "p", i + 1);
	else
		vc_strlcpy(p->name, who, sizeof(p->name));
}

static uint8_t pt_asked(const struct medium *m, const struct own *own)
{
	int64_t pt = own_number(&own->pt, m->ops->word);

	return pt < 0 ? m->pt : (uint8_t)pt;
}

/* It has two: of RED, which 'pt' is, and of the text in it. */
static bool is_red(const struct medium *m)
{
	return m->pt == VC_PT_T140_RED;
}

/* A payload type names its m-section. */
static void check_pts(struct person *p, const struct own *own)
{
	for (size_t i = 0; i < MEDIA; i++) {
		const struct medium *a = person_medium(p, i);

		for (size_t k = 0; a && k < i; k++) {
			const struct medium *b = person_medium(p, k);

			if (b && !a->lead &&
			    (pt_asked(a, own) == pt_asked(b, own) ||
			     (is_red(a) && pt_asked(b, own) == VC_PT_T140)))
				vc_tool_usage(
					p->cap->tool,
					"--pt: %s and %s would both be %u",
					b->ops->word, a->ops->word,
					pt_asked(b, own));
		}
	}
}

void setup_open(struct capture *c, const struct own *own,
		const struct audio_config *sound)
{
	c->own = own;
	c->n_people = own->people ? (size_t)own->people : 1;
	c->people = vc_alloc(c->n_people, sizeof(*c->people));
	for (size_t i = 0; i < c->n_people; i++) {
		struct person *p = &c->people[i];

		p->cap = c;
		name_person(p, own, i);
		open_person(p, own, sound);
	}
	if (own->text && text_open(c, own->text))
		exit(vc_tool_end(c->tool));
	check_pts(&c->people[0], own);
}

/* A name of random bits and a purpose for each: drawn when the stream begins. */
static void draw(struct person *p, const struct own *own, size_t i)
{
	const struct vc_options *o = vc_tool_options(p->cap->tool);
	char purpose[64];

	if (!own->people) {
		vc_strlcpy(p->cname, vc_tool_cname(p->cap->tool),
			   sizeof(p->cname));
	} else if (o->cname) {
		snprintf(p->cname, sizeof(p->cname), "%.200s-%zu", o->cname,
			 i + 1);
	} else {
		snprintf(purpose, sizeof(purpose), "cname %zu", i + 1);
		vc_tool_draw_cname(p->cap->tool, purpose, p->cname);
	}
}

/* What has no default type: L16, in the place of Opus. */
static const struct vc_default_fmt l16 = { .pt = PT_L16,
					   .codec = "L16",
					   .rate = SOURCE_RATE,
					   .channels = 1,
					   .kind = VC_AUDIO };

static const struct vc_default_fmt *format_of(const struct medium *m)
{
	return m->pt == PT_L16 ? &l16 : vc_default_find(m->pt);
}

/* Under the payload type that the user wants. */
static void describe(struct medium *m, const struct own *own,
		     struct vc_sdp *sdp)
{
	const struct vc_options *o = vc_tool_options(m->who->cap->tool);
	uint8_t pt = m->pt == PT_L16 ? VC_PT_OPUS : m->pt;

	if (vc_sdp_find_pt(sdp, pt_asked(m, own), NULL, NULL) ||
	    vc_default_add(sdp, pt))
		return;
	if (is_red(m))
		(void)vc_default_add(sdp, VC_PT_T140);
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		struct vc_sdp_media *s = &sdp->media[i];

		for (unsigned int k = 0; k < s->n_fmt; k++) {
			struct vc_sdp_fmt *f = &s->fmt[k];

			if (f->pt != pt)
				continue;
			f->pt = pt_asked(m, own);
			if (!o->packetization_mode &&
			    vc_str_is(f->codec, "H264"))
				f->fmtp = vc_str_c(VC_H264_SINGLE_FMTP);
			if (m->format.fmtp[0])
				f->fmtp = vc_str_c(m->format.fmtp);
			if (m->pt != PT_L16)
				continue;
			f->codec = vc_str_c(l16.codec);
			f->rate = l16.rate;
			f->channels = l16.channels;
			f->fmtp = vc_str_c(NULL);
		}
	}
}

static const char *rid_of(const struct medium *m)
{
	return m->ops->kind == VC_VIDEO ? ((const struct video *)m)->rid : NULL;
}

/* Which tells its numbers from those of all others. */
static void purpose_of(const struct medium *m, const struct own *own, size_t i,
		       char *buf, size_t cap)
{
	const char *rid = m->lead ? rid_of(m) : NULL;
	const char *word = m->ops->word;

	if (own->people)
		snprintf(buf, cap, "%s%s%s %zu", word, rid ? "~" : "",
			 rid ? rid : "", i + 1);
	else
		snprintf(buf, cap, "%s%s%s", word, rid ? "~" : "",
			 rid ? rid : "");
}

void setup_medium(struct medium *m)
{
	struct capture *c = m->who->cap;
	const struct own *own = c->own;
	const struct vc_default_fmt *f = format_of(m);
	const char *name = vc_tool_options(c->tool)->name;
	int64_t ssrc = own_number(&own->ssrc, m->ops->word);
	char purpose[32];

	purpose_of(m, own, (size_t)(m->who - c->people), purpose,
		   sizeof(purpose));
	vc_tx_init(&m->tx, vc_tool_rand(c->tool), purpose,
		   vc_codec_by_name(vc_str_c(f->codec)), pt_asked(m, own),
		   f->rate, c->epoch, m->who->cname,
		   own->people || name ? m->who->name : NULL);
	if (ssrc >= 0)
		m->tx.sender.ssrc = (uint32_t)ssrc;
	m->tx.has_captured = true;
	if (own->has_orientation)
		turn_set(m, &own->orientation);
	m->tx.rid = rid_of(m);
	m->tx.mid = m->tx.rid ? m->ops->word : NULL;
	m->tx.pack.single_only = !vc_tool_options(c->tool)->packetization_mode;
	describe(m, own, c->sdp);
}

void setup_begin(struct capture *c, const struct own *own)
{
	for (size_t i = 0; i < c->n_people * MEDIA; i++) {
		struct person *p = &c->people[i / MEDIA];
		struct medium *m = person_medium(p, i % MEDIA);

		if (i % MEDIA == 0)
			draw(p, own, i / MEDIA);
		if (m)
			setup_medium(m);
	}
	simulcast_describe(&own->simulcast, c->sdp);
}

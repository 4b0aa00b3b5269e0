/* SPDX-License-Identifier: MIT */
/* The receive chain of a stream: for sound, pictures or text. */
#include <errno.h>

#include "base/str.h"
#include "engine/audiorx.h"
#include "engine/textrx.h"
#include "engine/videorx.h"
#include "output.h"
#include "play.h"
#include "subtitle.h"
#include "wire/rtpext.h"
#include "wire/sdp.h"

void play_count(struct play_counts *c, const struct stream *s)
{
	if (s->sound) {
		c->concealed += vc_audiorx_counts(s->sound)->concealed;
		c->fec += vc_audiorx_counts(s->sound)->fec;
		c->stretched += vc_audiorx_counts(s->sound)->stretched;
		c->lost += vc_audiorx_counts(s->sound)->lost;
		c->late += vc_audiorx_counts(s->sound)->late;
		c->resyncs += vc_audiorx_counts(s->sound)->resyncs;
	} else if (s->pictures) {
		c->broken += vc_videorx_counts(s->pictures)->broken;
		c->waiting += vc_videorx_counts(s->pictures)->waiting;
		c->late += vc_videorx_counts(s->pictures)->late;
	} else if (s->text) {
		c->text_filled += vc_textrx_counts(s->text)->filled;
		c->text_lost += vc_textrx_counts(s->text)->lost;
		c->late += vc_textrx_counts(s->text)->late;
	}
}

void play_drop_chain(struct play *p, struct stream *s)
{
	play_count(&p->counts, s);
	vc_audiorx_free(s->sound);
	vc_videorx_free(s->pictures);
	p->n_texts -= s->text != NULL;
	vc_textrx_free(s->text);
	s->sound = NULL;
	s->pictures = NULL;
	s->text = NULL;
}

static void refuse(struct play *p, struct stream *s)
{
	const char *id = s->src->who->id;
	char name[VC_ESCAPE_CAP(VC_ROSTER_TEXT)];

	if (s->is_refused)
		return;
	s->is_refused = true;
	vc_escape(name, sizeof(name), id, vc_str_c(id).len);
	vc_tool_warn(p->tool, "%s: %s is not played", name,
		     vc_codec_name(s->codec));
}

static void on_picture(void *ctx, const struct vc_image *image, int64_t time)
{
	struct stream *s = ctx;
	struct play *p = s->play;
	int64_t at = time > p->origin ? time - p->origin : 0;

	p->counts.pictures++;
	if (p->keeps_past)
		past_add(&s->past, at, image);
	if (!s->is_spare)
		EACH_OUTPUT(p, decoded, s, at, image);
}

/* None where we cannot decode it. */
void play_make_chain(struct play *p, struct stream *s)
{
	struct vc_source *src = s->src;
	int err = -ENOTSUP;

	play_drop_chain(p, s);
	s->codec = (enum vc_codec)src->codec;
	if (src->kind == VC_AUDIO)
		s->sound =
			vc_audiorx_new(s->codec, src->rate_hz, src->play, &err);
	else if (src->kind == VC_VIDEO)
		s->pictures = vc_videorx_new(s->codec, src->play, VC_IMAGE_MAX,
					     VC_IMAGE_MAX, &err);
	else if (subtitle_is_text(src))
		s->text = vc_textrx_new(src->play);
	if (s->text) {
		p->n_texts++;
		err = 0;
	}
	if (s->pictures) {
		vc_videorx_set_fmtp(s->pictures, vc_in_fmtp(p->in, src));
		vc_videorx_set_orientation(
			s->pictures, vc_sdp_ext_id(vc_in_sdp(p->in),
						   VC_EXT_URI_ORIENTATION));
		vc_videorx_watch(s->pictures, on_picture, s);
	}
	if (s->sound) {
		vc_audiorx_set_channels(s->sound, src->channels);
		vc_audiorx_set_stereo(s->sound);
	}
	if (err)
		refuse(p, s);
	play_changed(p);
}

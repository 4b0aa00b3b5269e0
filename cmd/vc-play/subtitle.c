/* SPDX-License-Identifier: MIT */
/*
 * Streams of text: what is due of them is handed to the outputs and kept as
 * the subtitles of who wrote it, which every output draws in its own way.
 */
#include "subtitle.h"

#include "engine/textrx.h"
#include "output.h"

bool subtitle_is_text(const struct vc_source *src)
{
	return src->kind == VC_TEXT &&
	       (src->codec == VC_CODEC_T140 || src->codec == VC_CODEC_RED);
}

void subtitle_put(struct stream *s, struct vc_packet *pkt,
		  const struct vc_rtp *rtp)
{
	vc_textrx_put(s->text, pkt, rtp, s->src->codec == VC_CODEC_RED);
}

void subtitle_pull(struct play *p, struct stream *s, int64_t due, int64_t now)
{
	const char *text;
	size_t len;

	while ((text = vc_textrx_pull(s->text, due, &len))) {
		play_settle(p);
		vc_caption_add(&s->caption, text, len, now);
		for (size_t i = 0; i < p->n_outputs; i++) {
			struct output *o = &p->outputs[i];

			if (o->ops->text)
				o->ops->text(o->ctx, s, now - p->zero, text,
					     len);
		}
	}
}

/* Of all his the one that changed last. */
static const struct vc_caption *newest(const struct play *p,
				       const struct vc_participant *who)
{
	const struct vc_caption *c = NULL;

	for (const struct stream *s = p->streams; s; s = s->next) {
		if (!s->text || s->src->who != who || !s->caption.has_text)
			continue;
		if (!c || s->caption.changed >= c->changed)
			c = &s->caption;
	}
	return c;
}

/* His camera has them, not his slides. */
static bool has_them(const struct play *p, const struct stream *s)
{
	const struct stream *t = p->streams;

	while (t != s && !(t->pictures && t->src->who == s->src->who))
		t = t->next;
	return t == s;
}

size_t subtitle_of(const struct play *p, const struct stream *s, int cols,
		   int rows, char out[static VC_CAPTION_OUT])
{
	const struct vc_caption *c = NULL;

	out[0] = '\0';
	if (p->n_texts && !p->no_subtitles && has_them(p, s))
		c = newest(p, s->src->who);
	return c ? vc_caption_rows(c, p->widths, p->next, cols, rows, out) : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Until the best of them has a picture all layers have a receive chain, of
 * which only that one's is emptied: so at the beginning, when they come one
 * after the other, none is decoded in vain. From then on the others have none.
 * A change to another one (the best came to its end) is made when that has a
 * picture, which begins with a key frame; till then the old one is shown.
 */
#include "engine/videorx.h"
#include "play.h"

static bool has_image(const struct stream *s)
{
	uint64_t generation;

	return s->pictures && vc_videorx_image(s->pictures, &generation);
}

static struct stream *stream_of(const struct vc_layer *l)
{
	return l->owner;
}

static struct stream *best_of(struct vc_layer *const *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		all[i]->is_over = all[i]->src->has_bye;
	return stream_of(all[vc_layers_pick(all, n, VC_LAYERS_LARGEST,
					    VC_LAYERS_LARGEST)]);
}

/* True: what is seen is not what it was. */
static bool set(struct play *p, struct stream *s, bool is_spare, bool is_idle,
		bool is_settled)
{
	bool has_changed = s->is_spare != is_spare;

	s->is_spare = is_spare;
	s->is_idle = is_idle;
	if (is_idle && is_settled && s->pictures) {
		play_drop_chain(p, s);
		has_changed = true;
	}
	return has_changed;
}

static bool settle(struct play *p, struct vc_layer *const *all, size_t n,
		   struct stream *best)
{
	struct stream *shown = best;
	bool is_settled = has_image(best), has_changed = false;

	for (size_t i = 0; i < n && !is_settled; i++)
		if (has_image(stream_of(all[i])) &&
		    !stream_of(all[i])->is_spare)
			shown = stream_of(all[i]);
	for (size_t i = 0; i < n; i++) {
		struct stream *s = stream_of(all[i]);

		has_changed |= set(p, s, s != shown, s != shown && s != best,
				   is_settled);
	}
	return has_changed;
}

static bool is_layer(const struct stream *s)
{
	return s->src->rid[0] && s->src->kind == VC_VIDEO;
}

static void group(struct play *p)
{
	for (struct stream *s = p->streams; s; s = s->next)
		if (is_layer(s))
			vc_layers_clear(&s->layer);
	for (struct stream *s = p->streams; s; s = s->next)
		if (is_layer(s))
			vc_layers_link(&s->layer);
}

void layers_choose(struct play *p)
{
	struct vc_layer *all[VC_LAYERS_MAX];
	bool has_changed = false;
	struct stream *best;
	size_t n;

	group(p);
	for (struct stream *s = p->streams; s; s = s->next) {
		n = is_layer(s) ? vc_layers_group(&s->layer, all) : 0;
		if (is_layer(s) && s->layer.is_extra)
			has_changed |= set(p, s, true, true, true);
		if (!n)
			continue;
		best = best_of(all, n);
		if (!best->pictures && !best->is_refused)
			play_make_chain(p, best);
		has_changed |= settle(p, all, n, best);
	}
	if (has_changed)
		play_changed(p);
}

/* SPDX-License-Identifier: MIT */
/*
 * Of the layers of what somebody shows one is decoded, that suits his tile. It
 * is looked for at every picture, as tiles change and layers come and go. The
 * one before it is decoded and shown until the new one has a picture; the rest
 * have no receive chain. Only in the beginning, before the first has a picture,
 * all have one and keep what comes, since who else is there is not known yet
 * and their first key frames come together.
 */
#include "engine/mixer_internal.h"

/*
 * Larger pictures are refused before they are decoded, but for those of a few
 * sources: each takes some 80 MB.
 */
#define SIDE_MAX 1920
#define LARGE_WIDTH 4096
#define LARGE_HEIGHT 2304
#define LARGE_MAX 2

int vc_mix_open_video(struct vc_mixer_source *s)
{
	int err;

	s->video = vc_videorx_new(s->codec, s->play,
				  s->is_large ? LARGE_WIDTH : SIDE_MAX,
				  s->is_large ? LARGE_HEIGHT : SIDE_MAX, &err);
	if (s->video) {
		vc_videorx_borrow(s->video);
		vc_videorx_set_fmtp(s->video, s->fmtp);
		vc_videorx_set_orientation(s->video,
					   s->mixer->conf.exts.orientation);
	}
	return err;
}

void vc_mix_close_video(struct vc_mixer *m, struct vc_mixer_source *s)
{
	vc_workers_wait_job(m->workers, &s->job);
	s->past = vc_mix_video_counts(s);
	vc_videorx_free(s->video);
	s->video = NULL;
	s->is_large = false;
}

static bool has_room(const struct vc_mixer *m)
{
	const struct vc_mixer_who *who;
	const struct vc_mixer_source *s;
	int n = 0;

	for (who = m->whos; who; who = who->next)
		for (s = who->sources; s; s = s->next)
			n += s->is_large;
	return n < LARGE_MAX;
}

/* A picture of his was too large: if there is room, the next are taken. */
static void enlarge(struct vc_mixer *m, struct vc_mixer_source *s)
{
	if (!s->video || s->is_large ||
	    vc_workers_is_pending(m->workers, &s->job) ||
	    !vc_videorx_counts(s->video)->refused || !has_room(m))
		return;
	vc_mix_close_video(m, s);
	s->is_large = true;
	(void)vc_mix_open_video(s);
}

struct vc_videorx_counts vc_mix_video_counts(const struct vc_mixer_source *s)
{
	struct vc_videorx_counts sum = s->past, now = { 0 };

	if (s->video)
		now = *vc_videorx_counts(s->video);
	sum.frames += now.frames;
	sum.key_frames += now.key_frames;
	sum.broken += now.broken;
	sum.waiting += now.waiting;
	sum.malformed += now.malformed;
	sum.refused += now.refused;
	sum.late += now.late;
	return sum;
}

bool vc_mix_is_awake(const struct vc_mixer_source *s)
{
	return s->video && (s->group < 0 || s->is_wanted || s->is_shown);
}

static bool are_layers(const struct vc_mixer_source *a,
		       const struct vc_mixer_source *b)
{
	return a->group >= 0 && a->group == b->group;
}

struct vc_mixer_source *vc_mix_layer_shown(struct vc_mixer_source *s)
{
	struct vc_mixer_source *o = s->who->sources;

	while (o && !(o->is_shown && are_layers(o, s)))
		o = o->next;
	return o ? o : s;
}

/* The largest canvas, or the options' while there is none. */
static struct mix_format largest(const struct vc_mixer *m)
{
	struct mix_format most = m->views ? m->views->format :
					    vc_mix_format(m, NULL);

	for (const struct mix_video *v = m->views; v; v = v->next)
		if (v->format.width * v->format.height >
		    most.width * most.height)
			most = v->format;
	return most;
}

/* Where it will be shown, as far as that can be told. */
static struct vc_rect place_of(const struct vc_mixer *m,
			       const struct vc_mixer_source *s)
{
	struct vc_rect rects[VC_COMPOSE_TILES_MAX];
	struct mix_format canvas = largest(m);
	const struct vc_mixer_who *who = s->who;
	size_t n = 0;

	if (s->is_slides && who->slides_tile.w)
		return who->slides_tile;
	if (!s->is_slides && who->tile.w)
		return who->tile;
	for (who = m->whos; who && n < VC_COMPOSE_TILES_MAX; who = who->next)
		n++;
	while (n && vc_layout_grid(rects, VC_COMPOSE_TILES_MAX, n, canvas.width,
				   canvas.height))
		n--;
	return n ? rects[0] :
		   (struct vc_rect){ 0, 0, canvas.width, canvas.height };
}

/* No worker has it, and it has a picture. */
static bool is_ready(const struct vc_mixer *m, const struct vc_mixer_source *s)
{
	uint64_t generation;

	return s->video && !vc_workers_is_pending(m->workers, &s->job) &&
	       vc_videorx_image(s->video, &generation);
}

static struct vc_mixer_source *shown_of(struct vc_mixer_source *const *all,
					size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (all[i]->is_shown && all[i]->video)
			return all[i];
	return NULL;
}

static void settle(struct vc_mixer *m, struct vc_mixer_source *const *all,
		   size_t n, struct vc_mixer_source *best)
{
	bool is_done = is_ready(m, best);
	struct vc_mixer_source *shown = is_done ? best : shown_of(all, n);

	if (!shown)
		shown = best;
	for (size_t i = 0; i < n; i++) {
		struct vc_mixer_source *s = all[i];

		s->is_wanted = s == best;
		s->is_shown = s == shown;
		if (s != best && is_done && s->video)
			vc_mix_close_video(m, s);
	}
}

/* One too many. */
static void drop(struct vc_mixer *m, struct vc_mixer_source *s)
{
	s->is_wanted = s->is_shown = false;
	if (s->video)
		vc_mix_close_video(m, s);
}

/* 'first' and its siblings. */
static void choose(struct vc_mixer *m, struct vc_mixer_source *first)
{
	struct vc_mixer_source *all[VC_LAYERS_MAX], *best;
	struct vc_layer *layers[VC_LAYERS_MAX];
	struct vc_rect at = place_of(m, first);
	size_t n = 0;

	for (struct vc_mixer_source *s = first; s; s = s->next) {
		if (!are_layers(first, s))
			continue;
		if (n == VC_LAYERS_MAX) {
			drop(m, s);
			continue;
		}
		s->layer.is_over = s->is_ended;
		layers[n] = &s->layer;
		all[n] = s;
		n++;
	}
	best = all[vc_layers_pick(layers, n, (unsigned int)at.w,
				  (unsigned int)at.h)];
	if (!best->video && vc_mix_open_video(best))
		return;
	settle(m, all, n, best);
}

static bool is_first(const struct vc_mixer_source *s)
{
	const struct vc_mixer_source *o = s->who->sources;

	while (o != s && !are_layers(o, s))
		o = o->next;
	return o == s;
}

void vc_mix_layers(struct vc_mixer *m)
{
	struct vc_mixer_who *who;
	struct vc_mixer_source *s;

	for (who = m->whos; who; who = who->next)
		for (s = who->sources; s; s = s->next)
			enlarge(m, s);
	for (who = m->whos; who; who = who->next)
		for (s = who->sources; s; s = s->next)
			if (s->group >= 0 && vc_mix_is_seen(s) && is_first(s))
				choose(m, s);
}

/* SPDX-License-Identifier: MIT */
/*
 * The tiles of a view: what could be shown, where the arrangement puts it, and
 * what each tile shows. Somebody's slides are a tile of their own. A tile whose
 * frame is still being decoded, or could not be, is left as it is.
 */
#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "engine/mixer_internal.h"

#define NEWCOMER (500 * VC_MS)
#define OLD (5 * VC_SEC)

_Static_assert(VC_ARRANGE_TILES == VC_COMPOSE_TILES_MAX, "tiles");

/* --- what could be shown --- */

/*
 * His newest source of that kind that has a picture, or any that is to have
 * one; of layers the one that suits.
 */
static struct vc_mixer_source *picture_of(struct mix_tile tile)
{
	struct vc_mixer_source *s, *best = NULL;

	for (s = tile.who->sources; s; s = s->next)
		if (s->kind == VC_VIDEO && s->is_slides == tile.is_slides &&
		    !s->is_ended)
			best = s;
	for (s = tile.who->sources; s && !best; s = s->next)
		if (s->kind == VC_VIDEO && s->is_slides == tile.is_slides)
			best = s;
	return best ? vc_mix_layer_shown(best) : NULL;
}

/* NULL: none yet, or it is being decoded. */
static const struct vc_image *image_of(const struct vc_mixer *m,
				       const struct vc_mixer_source *s,
				       uint64_t *generation)
{
	if (!s || !s->video || vc_workers_is_pending(m->workers, &s->job))
		return NULL;
	return vc_videorx_image(s->video, generation);
}

/* A newcomer's tile waits a little for his picture, lest initials flash up. */
static bool is_shown(const struct vc_mixer *m, struct vc_mixer_who *who,
		     int64_t now)
{
	const struct mix_tile tile = { .who = who };
	struct vc_mixer_source *s;
	bool is_here = false;
	uint64_t generation;

	if (!who->has_come)
		who->came = now;
	who->has_come = true;
	if (!who->was_shown && now - who->came < NEWCOMER &&
	    !image_of(m, picture_of(tile), &generation))
		return false;
	for (s = who->sources; s; s = s->next)
		is_here |= !s->is_slides && s->kind != VC_TEXT &&
			   (!s->is_ended || vc_mix_is_held(m, s));
	who->was_shown |= is_here;
	return is_here;
}

/* Slides are there from their first picture on, until they end. */
static bool has_slides(const struct vc_mixer *m, struct vc_mixer_who *who,
		       int64_t now)
{
	const struct mix_tile tile = { .who = who, .is_slides = true };
	struct vc_mixer_source *s = picture_of(tile);
	uint64_t generation;
	bool is_over = !s || !s->video ||
		       (s->is_ended && !vc_mix_is_held(m, s));

	if (!is_over && !who->has_slides &&
	    image_of(m, s, &generation) != NULL) {
		who->has_slides = true;
		who->slides_from = now;
	}
	who->has_slides &= !is_over;
	return who->has_slides;
}

static void add(struct mix_scene *scene, struct mix_tile tile)
{
	const struct vc_mixer_who *who = tile.who;
	struct vc_arrange_item item = { tile.is_slides, 0 };

	if (scene->n == MIX_SCENE_MAX)
		return;
	if (tile.is_slides)
		item.since = who->slides_from;
	else if (tile.is_heard)
		item.since = who->talks_from;
	scene->tiles[scene->n] = tile;
	scene->items[scene->n] = item;
	scene->n++;
}

/* Of what a view may show, all that is there. */
static void set_scene(struct vc_mixer *m, const struct mix_video *v,
		      int64_t now)
{
	size_t heard = 0;

	m->scene.n = 0;
	for (size_t i = 0; i < v->seen.n; i++) {
		struct vc_mixer_who *who = v->seen.v[i];
		/* Both are in order of arrival. */
		bool is_heard = heard < v->heard.n && v->heard.v[heard] == who;

		heard += is_heard;
		if (is_shown(m, who, now))
			add(&m->scene,
			    (struct mix_tile){ .who = who,
					       .is_heard = is_heard });
		if (has_slides(m, who, now))
			add(&m->scene,
			    (struct mix_tile){ .who = who, .is_slides = true });
	}
}

static bool talks(struct mix_tile tile)
{
	return tile.is_heard && tile.who->is_talking;
}

/*
 * Who talks is in front, and stays there until somebody else talks while he
 * does not; of those who began meanwhile, the one who began last.
 */
static size_t find_front(const struct mix_scene *scene, uint64_t was)
{
	size_t front = VC_ARRANGE_NONE, last = VC_ARRANGE_NONE;
	const struct mix_tile *t = scene->tiles;

	for (size_t i = 0; i < scene->n; i++) {
		if (t[i].is_slides)
			continue;
		if (front == VC_ARRANGE_NONE || t[i].who->serial == was)
			front = i;
		if (talks(t[i]) &&
		    (last == VC_ARRANGE_NONE ||
		     t[i].who->talks_from > t[last].who->talks_from))
			last = i;
	}
	return last != VC_ARRANGE_NONE && !talks(t[front]) ? last : front;
}

static size_t find_pinned(const struct vc_mixer *m)
{
	for (size_t i = 0; i < m->scene.n; i++)
		if (!m->scene.tiles[i].is_slides &&
		    vc_mixer_who_is_pinned(m, m->scene.tiles[i].who))
			return i;
	return VC_ARRANGE_NONE;
}

/* --- where --- */

/* Stays the same as long as a tile shows the same. */
static uint64_t key_of(struct mix_tile tile)
{
	return tile.who->serial << 1 | tile.is_slides;
}

static void widen(struct vc_rect *most, struct vc_rect at)
{
	if (most->w < at.w)
		*most = at;
}

/* How large each is shown at most, for whom layers are chosen. */
static void measure_tiles(struct vc_mixer *m)
{
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		who->tile = who->slides_tile = (struct vc_rect){ 0 };
	for (struct mix_video *v = m->views; v; v = v->next)
		for (size_t i = 0; i < v->n_shown; i++)
			for (size_t k = 0; k < v->seen.n; k++) {
				struct vc_mixer_who *who = v->seen.v[k];

				if (v->shown[i] >> 1 != who->serial)
					continue;
				widen(v->shown[i] & 1 ? &who->slides_tile :
							&who->tile,
				      v->rects[i]);
			}
}

static bool is_same_layout(const struct mix_video *v,
			   const struct vc_arrange_place *places)
{
	bool is_same = v->n == v->n_shown;

	for (size_t i = 0; is_same && i < v->n; i++)
		is_same = v->shown[i] == key_of(v->tiles[i]) &&
			  !memcmp(&v->rects[i], &places[i].at,
				  sizeof(v->rects[i]));
	return is_same;
}

/* What is shown, and where; not all, where there is no room for all. */
static void lay_out(struct vc_mixer *m, struct mix_video *v, int64_t now)
{
	struct vc_arrange_place places[VC_ARRANGE_TILES];
	struct vc_arrange_scene scene = { .items = m->scene.items };

	set_scene(m, v, now);
	scene.n = m->scene.n;
	scene.speaker = find_front(&m->scene, v->front);
	scene.pinned = find_pinned(m);
	if (scene.speaker != VC_ARRANGE_NONE) {
		m->scene.items[scene.speaker].since = INT64_MAX;
		v->front = m->scene.tiles[scene.speaker].who->serial;
	}
	v->n = vc_arrange_place(v->layout, &scene, v->format.width,
				v->format.height, places);
	for (size_t i = 0; i < v->n; i++)
		v->tiles[i] = m->scene.tiles[places[i].item];
	if (is_same_layout(v, places))
		return;
	v->n_shown = v->n;
	for (size_t i = 0; i < v->n; i++) {
		v->shown[i] = key_of(v->tiles[i]);
		v->rects[i] = places[i].at;
	}
	measure_tiles(m);
	(void)vc_compose_set_layout(v->compose, v->rects, v->shown, v->n);
}

/* --- what --- */

/*
 * Nothing new has come for long. Slides may stand still: only those are old
 * that wait for a key frame.
 */
static bool is_old(const struct vc_mixer_source *s, int64_t now)
{
	return now - vc_videorx_time(s->video) > OLD &&
	       (!s->is_slides || vc_videorx_wants_key(s->video));
}

/*
 * A frame that gave no picture took the one before it, which may stay where it
 * was drawn as long as it would have.
 */
static bool is_gone(const struct vc_mixer_source *s, int64_t now)
{
	uint64_t generation;

	return !vc_videorx_image(s->video, &generation) && generation &&
	       !is_old(s, now);
}

static void draw(struct vc_mixer *m, struct mix_video *v, size_t i, int64_t now)
{
	const struct vc_mixer_who *who = v->tiles[i].who;
	struct vc_mixer_source *s = picture_of(v->tiles[i]);
	struct vc_tile tile = { .name = who->name,
				.signs.is_bare = m->conf.is_bare ||
						 v->tiles[i].is_slides };

	bool is_late = s && vc_workers_is_pending(m->workers, &s->job);

	m->late_tiles += is_late;
	if ((is_late || (s && s->video && is_gone(s, now))) &&
	    !vc_compose_is_empty(v->compose, i))
		return;
	if (!v->tiles[i].is_slides) {
		tile.signs.is_active = talks(v->tiles[i]);
		tile.signs.is_muted = who->off & VC_MIXER_MUTED;
	}
	if (s && s->video && !is_late) {
		tile.image = vc_videorx_image(s->video, &tile.generation);
		s->is_old = tile.generation && is_old(s, now);
		tile.generation |= (uint64_t)s->ssrc << 32;
		tile.signs.is_old = s->is_old;
	}
	(void)vc_compose_tile(v->compose, i, &tile);
}

unsigned int vc_mix_tiles_csrc(const struct mix_video *v, uint32_t *csrc)
{
	unsigned int n = 0;

	for (size_t i = 0; i < v->n && n < VC_RTP_CSRC_MAX; i++) {
		const struct vc_mixer_source *s = picture_of(v->tiles[i]);

		if (s)
			csrc[n++] = s->ssrc;
	}
	return n;
}

void vc_mix_tiles(struct vc_mixer *m, struct mix_video *v, int64_t now)
{
	lay_out(m, v, now);
	for (size_t i = 0; i < v->n; i++)
		draw(m, v, i, now);
}

/* --- what the tool says --- */

void vc_mix_take_layout(struct vc_mixer *m)
{
	struct vc_columns_error none;

	(void)vc_arrange_parse(&m->grid, vc_str_c(vc_arrange_preset("grid")),
			       &none);
	if (!m->conf.layout)
		m->conf.layout = &m->grid;
}

void vc_mixer_set_layout(struct vc_mixer *m, const struct vc_arrange *layout)
{
	m->conf.layout = layout;
	/* Theirs changes; they are the same views. */
	for (struct mix_video *v = m->views; v; v = v->next)
		if (v->is_default)
			v->layout = layout;
	m->is_stale = true;
}

void vc_mixer_pin(struct vc_mixer *m, const char *id)
{
	vc_strlcpy(m->pinned, id ? id : "", sizeof(m->pinned));
}

bool vc_mixer_who_is_pinned(const struct vc_mixer *m,
			    const struct vc_mixer_who *who)
{
	return m->pinned[0] && !strcmp(m->pinned, who->id);
}

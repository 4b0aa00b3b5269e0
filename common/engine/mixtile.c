/* SPDX-License-Identifier: MIT */
/*
 * The tiles of a view: who is shown, where, and what his tile shows. A tile
 * whose frame is still being decoded is left as it is.
 */
#include <string.h>

#include "base/time.h"
#include "engine/mixer_internal.h"
#include "media/layout.h"

#define NEWCOMER (500 * VC_MS)

/*
 * His newest video source that has a picture, or any that is to have one; of
 * layers the one that suits.
 */
static struct vc_mixer_source *picture_of(const struct vc_mixer_who *who)
{
	struct vc_mixer_source *s, *best = NULL;

	for (s = who->sources; s; s = s->next)
		if (s->is_video && !s->is_ended)
			best = s;
	for (s = who->sources; s && !best; s = s->next)
		if (s->is_video)
			best = s;
	return best ? vc_mix_layer_shown(best) : NULL;
}

/* A newcomer's tile waits a little for his picture, lest initials flash up. */
static bool is_shown(const struct vc_mixer *m, struct vc_mixer_who *who,
		     int64_t now)
{
	struct vc_mixer_source *s = picture_of(who);
	bool is_here = false;
	uint64_t generation;

	if (!who->has_come)
		who->came = now;
	who->has_come = true;
	if (now - who->came < NEWCOMER &&
	    (!s || !s->video || vc_workers_is_pending(m->workers, &s->job) ||
	     !vc_videorx_image(s->video, &generation)))
		return false;
	for (s = who->sources; s; s = s->next)
		is_here |= !s->is_ended || vc_mix_is_held(m, s);
	return is_here;
}

static bool is_same_layout(const struct mix_video *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->shown[i] != v->tiles[i]->serial)
			return false;
	return v->n == VC_COMPOSE_TILES_MAX || !v->shown[v->n];
}

/* How large each is shown at most, for whom layers are chosen. */
static void measure_tiles(struct vc_mixer *m)
{
	for (struct vc_mixer_who *who = m->whos; who; who = who->next)
		who->tile = (struct vc_rect){ 0 };
	for (struct mix_video *v = m->views; v; v = v->next)
		for (size_t i = 0; i < VC_COMPOSE_TILES_MAX && v->shown[i]; i++)
			for (size_t k = 0; k < v->seen.n; k++)
				if (v->seen.v[k]->serial == v->shown[i] &&
				    v->seen.v[k]->tile.w < v->rects[i].w)
					v->seen.v[k]->tile = v->rects[i];
}

/*
 * Who talks is in front, and stays there until somebody else talks while he
 * does not; of those who began meanwhile, the one who began last.
 */
static size_t find_front(const struct mix_video *v)
{
	size_t front = 0, last = v->n;

	for (size_t i = 0; i < v->n; i++) {
		const struct vc_mixer_who *who = v->tiles[i];

		if (who->serial == v->front)
			front = i;
		if (who->is_talking &&
		    (last == v->n ||
		     who->talks_from > v->tiles[last]->talks_from))
			last = i;
	}
	return last < v->n && !v->tiles[front]->is_talking ? last : front;
}

static void bring_to_front(struct mix_video *v)
{
	size_t i = find_front(v);
	struct vc_mixer_who *who = v->tiles[i];

	for (; i; i--)
		v->tiles[i] = v->tiles[i - 1];
	v->tiles[0] = who;
	v->front = who->serial;
}

/* Who is shown, and where. The first ones, where there is no room for all. */
static void lay_out(struct vc_mixer *m, struct mix_video *v, int64_t now)
{
	v->n = 0;
	for (size_t i = 0; i < v->seen.n; i++)
		if (is_shown(m, v->seen.v[i], now) &&
		    v->n < VC_COMPOSE_TILES_MAX)
			v->tiles[v->n++] = v->seen.v[i];
	if (v->layout != VC_LAYOUT_GRID && v->n)
		bring_to_front(v);
	v->n = vc_layout_tiles(v->layout, v->rects, VC_COMPOSE_TILES_MAX, v->n,
			       v->format.width, v->format.height);
	if (is_same_layout(v))
		return;
	/* A tile that moves is drawn anew: its picture must be at rest. */
	(void)vc_workers_wait(m->workers, INT64_MAX);
	memset(v->shown, 0, sizeof(v->shown));
	for (size_t i = 0; i < v->n; i++)
		v->shown[i] = v->tiles[i]->serial;
	measure_tiles(m);
	(void)vc_compose_set_layout(v->compose, v->rects, v->shown, v->n);
}

static void draw(struct vc_mixer *m, struct mix_video *v, size_t i)
{
	struct vc_mixer_who *who = v->tiles[i];
	struct vc_mixer_source *s = picture_of(who);
	struct vc_tile tile = { .name = who->name,
				.is_active = who->is_talking };

	if (s && vc_workers_is_pending(m->workers, &s->job)) {
		m->late_tiles++;
		return;
	}
	if (s && s->video) {
		tile.image = vc_videorx_image(s->video, &tile.generation);
		tile.generation |= (uint64_t)s->ssrc << 32;
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
		draw(m, v, i);
}

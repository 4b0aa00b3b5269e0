/* SPDX-License-Identifier: MIT */
/*
 * Who may be seen need not be shown: a layout has room for some. Of those who
 * have no tile in any view the few who talked or came last are decoded, as they
 * may be shown at any time; the cameras of the others are not, so that the cost
 * follows the tiles and not the room. Who is shown then has initials until his
 * next key frame, which is asked for. Slides are always decoded: they are shown
 * from their first picture on.
 */
#include "engine/mixer_internal.h"

#define READY 16

/* Later is before earlier; at one time, who came first. */
struct rank {
	int64_t at;
	uint64_t serial;
};

static struct rank rank_of(const struct vc_mixer_who *who)
{
	return (struct rank){ who->came > who->talks_from ? who->came :
							    who->talks_from,
			      who->serial };
}

static bool is_before(struct rank a, struct rank b)
{
	return a.at != b.at ? a.at > b.at : a.serial < b.serial;
}

/* A newcomer is decoded until it was seen that there is no tile for him. */
static bool is_candidate(const struct vc_mixer_who *who)
{
	return who->is_visible && who->was_shown && !who->tile.w &&
	       !who->slides_tile.w;
}

/* Keeps the first READY, in order. */
static size_t insert(struct rank *first, size_t n, struct rank r)
{
	size_t i = n < READY ? n : READY - 1;

	if (n == READY && !is_before(r, first[i]))
		return n;
	for (; i && is_before(r, first[i - 1]); i--)
		first[i] = first[i - 1];
	first[i] = r;
	return n < READY ? n + 1 : n;
}

static void set_idle(struct vc_mixer *m, struct vc_mixer_who *who, bool is_idle)
{
	if (who->is_idle == is_idle)
		return;
	who->is_idle = is_idle;
	for (struct vc_mixer_source *s = who->sources; s; s = s->next)
		if (s->kind == VC_VIDEO)
			vc_mix_settle_picture(m, s);
}

void vc_mix_idle(struct vc_mixer *m)
{
	struct rank first[READY];
	struct vc_mixer_who *who;
	size_t n = 0;

	for (who = m->whos; who; who = who->next)
		if (is_candidate(who))
			n = insert(first, n, rank_of(who));
	for (who = m->whos; who; who = who->next)
		set_idle(m, who,
			 n == READY && is_candidate(who) &&
				 is_before(first[n - 1], rank_of(who)));
}

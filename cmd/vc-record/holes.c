/* SPDX-License-Identifier: MIT */
/*
 * Of sound a hole is where no packet is, of pictures where none comes for two
 * seconds. A hole counts as told where the recorder would have taken it so:
 * within half a second (gap.c). What is told counts as there where half of it
 * is a hole: who is mute is heard a little longer, and in DTX there is a packet
 * now and then. DTX that goes on at the end of a track is told by nobody.
 */
#include "holes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "tally.h"

#define SAYINGS_MAX (1u << 20)
#define SOUND_HOLE (12 * VC_MS) /* gap.c tells those over 8; files round */
#define PICTURE_HOLE (2 * VC_SEC + 200 * VC_MS)
#define NEAR (500 * VC_MS)
#define SOUND_TOLD (200 * VC_MS) /* shorter ones need not be there */
#define PICTURES_TOLD (2 * VC_SEC)
#define DTX_MAX (1 * VC_SEC)
#define DTX_SOUND (130 * VC_MS) /* at most one packet */

/* --- what the sidecar says --- */

static bool grow(struct sayings *s)
{
	size_t cap = s->cap ? 2 * s->cap : 64;
	struct saying *v;

	if (s->n < s->cap)
		return true;
	v = cap <= SAYINGS_MAX ? realloc(s->v, cap * sizeof(*v)) : NULL;
	s->is_full |= !v;
	if (!v)
		return false;
	s->v = v;
	s->cap = cap;
	return true;
}

/* Microseconds of stream time to ns of the file's. */
static int64_t place(const struct sayings *s, int64_t us)
{
	int64_t off = us - s->begin;

	if (off > INT64_MAX / VC_US)
		return INT64_MAX;
	return off < 0 ? 0 : off * VC_US;
}

static void take_gap(struct sayings *s, const struct vc_json *j)
{
	const char *why = vc_json_get_str(j, "why");
	int64_t from, to;
	struct saying *g;

	if (!s->has_begun || !why || !vc_json_get_int(j, "from", &from) ||
	    !vc_json_get_int(j, "to", &to) || from < 0 || to < from || !grow(s))
		return;
	g = &s->v[s->n];
	s->n++;
	*g = (struct saying){ .from = place(s, from),
			      .to = place(s, to),
			      .ssrc = -1 };
	(void)vc_json_get_int(j, "track", &g->track);
	(void)vc_json_get_int(j, "ssrc", &g->ssrc);
	vc_strlcpy(g->why, why, sizeof(g->why));
}

void sayings_line(struct sayings *s, const char *line, size_t len)
{
	struct vc_json *j;
	const char *ev;

	/* Most are of something else. */
	if (!memmem(line, len, "\"gap\"", 5) &&
	    !memmem(line, len, "\"begin\"", 7))
		return;
	j = vc_json_parse(line, len, NULL);
	ev = j ? vc_json_get_str(j, "ev") : NULL;
	if (ev && !strcmp(ev, "begin"))
		s->has_begun = vc_json_get_int(j, "t", &s->begin) &&
			       s->begin >= 0;
	else if (ev && !strcmp(ev, "gap"))
		take_gap(s, j);
	vc_json_free(j);
}

void sayings_clear(struct sayings *s)
{
	free(s->v);
	*s = (struct sayings){ 0 };
}

/* --- whose it is --- */

static bool has_ssrc(const struct vc_json *manifest, int64_t track,
		     int64_t ssrc)
{
	const struct vc_json *tracks = vc_json_get(manifest, "tracks");

	for (size_t i = 0; tracks && i < vc_json_len(tracks); i++) {
		const struct vc_json *t = vc_json_at(tracks, i);
		const struct vc_json *all = vc_json_get(t, "ssrcs");
		double one;
		int64_t n;

		if (!vc_json_get_int(t, "track", &n) || n != track || !all)
			continue;
		for (size_t k = 0; k < vc_json_len(all); k++)
			if (vc_json_number(vc_json_at(all, k), &one) &&
			    one >= (double)ssrc && one <= (double)ssrc)
				return true;
	}
	return false;
}

static bool is_of(const struct holes_of *h, const struct saying *g,
		  const struct tally_track *k)
{
	if (g->track)
		return g->track == (int64_t)k->info.source;
	return g->ssrc < 0 ||
	       has_ssrc(h->manifest, (int64_t)k->info.source, g->ssrc);
}

static bool is_sound(const struct tally_track *k)
{
	return k->info.kind == VC_TRACK_AUDIO;
}

/* --- judging --- */

static double sec(int64_t ns)
{
	return (double)ns / 1e9;
}

static bool is_told(const struct holes_of *h, const struct tally_track *k,
		    const struct tally_hole *hole)
{
	for (size_t i = 0; i < h->said->n; i++) {
		const struct saying *g = &h->said->v[i];

		if (g->from - NEAR < hole->to && hole->from - NEAR < g->to &&
		    is_of(h, g, k))
			return true;
	}
	return false;
}

/* Nothing is known of the last of them, which may be DTX that goes on. */
static size_t without_dtx(const struct tally_track *k)
{
	int64_t next = k->end;
	size_t n = k->n_holes;

	while (n && is_sound(k)) {
		const struct tally_hole *hole = &k->holes[n - 1];

		if (hole->to - hole->from > DTX_MAX ||
		    next - hole->to > DTX_SOUND)
			break;
		next = hole->from;
		n--;
	}
	return n;
}

/* The first hole that nothing tells of, or NULL. */
static const struct tally_hole *find_untold(const struct holes_of *h,
					    const struct tally_track *k)
{
	int64_t least = is_sound(k) ? SOUND_HOLE : PICTURE_HOLE;
	size_t last = without_dtx(k);

	for (size_t i = 0; i < last; i++) {
		const struct tally_hole *hole = &k->holes[i];

		if (hole->to - hole->from > least && !is_told(h, k, hole))
			return hole;
	}
	return NULL;
}

/* How much of that time the track has nothing. */
static int64_t empty_between(const struct tally_track *k, int64_t from,
			     int64_t to)
{
	size_t low = 0, high = k->n_holes;
	int64_t sum = 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (k->holes[mid].to <= from)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < k->n_holes && k->holes[low].from < to; low++) {
		const struct tally_hole *hole = &k->holes[low];

		sum += (hole->to < to ? hole->to : to) -
		       (hole->from > from ? hole->from : from);
	}
	return sum;
}

/* A clock that stands still has no gap in it, as one who is mute may not. */
static bool has_to_be_there(const struct saying *g)
{
	static const char *const rows[] = { "pause", "leave", "loss", "jump",
					    "dtx" };

	for (size_t i = 0; i < VC_COUNT(rows); i++)
		if (!strcmp(g->why, rows[i]))
			return true;
	return false;
}

static bool is_there(const struct tally_track *k, const struct saying *g)
{
	int64_t from = g->from > k->first ? g->from : k->first;
	int64_t to = g->to < k->end ? g->to : k->end;
	int64_t least = is_sound(k) ? SOUND_TOLD : PICTURES_TOLD;

	return to - from < least || !has_to_be_there(g) ||
	       empty_between(k, from, to) >= (to - from) / 2;
}

/* The first one that is told and not there, or NULL. */
static const struct saying *find_absent(const struct holes_of *h,
					const struct tally_track *k)
{
	for (size_t i = 0; k->units && i < h->said->n; i++) {
		const struct saying *g = &h->said->v[i];

		if (!is_there(k, g) && is_of(h, g, k))
			return g;
	}
	return NULL;
}

bool holes_judge(const struct holes_of *h, char *text, size_t cap)
{
	/* Gaps are silence in it, as silence may be sound. */
	bool has_silence = h->tally->has_silence;
	size_t n = 0;

	for (unsigned int i = 0; i < h->tally->n; i++) {
		const struct tally_track *k = &h->tally->tracks[i];
		const struct tally_hole *hole;
		const struct saying *g;
		char why[64];

		if (k->info.kind == VC_TRACK_TEXT)
			continue;
		hole = has_silence ? NULL : find_untold(h, k);
		g = find_absent(h, k);
		n += has_silence ? 0 : k->n_holes;
		if (hole) {
			snprintf(text, cap,
				 "track %u: %.3f to %.3f s: nothing is told of "
				 "it",
				 (unsigned int)k->info.source, sec(hole->from),
				 sec(hole->to));
			return false;
		}
		if (g) {
			vc_escape(why, sizeof(why), g->why, strlen(g->why));
			snprintf(text, cap,
				 "track %u: %.3f to %.3f s: %s is told, and "
				 "it is not there",
				 (unsigned int)k->info.source, sec(g->from),
				 sec(g->to), why);
			return false;
		}
	}
	if (has_silence)
		snprintf(text, cap, "%zu told; in WAV they are silence",
			 h->said->n);
	else
		snprintf(text, cap, "%zu in the file, %zu told", n, h->said->n);
	return true;
}

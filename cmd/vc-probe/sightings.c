/* SPDX-License-Identifier: MIT */
#include "sightings.h"

#include <errno.h>

#include "base/time.h"
#include "media/chirp.h"
#include "media/mark.h"

#define STEP (CHAIN_STEP_MS * VC_MS)
#define LATENCY (CHAIN_LATENCY_MS * VC_MS)
#define AWAY 90 /* pictures: a mark that was not there */

int sightings_init(struct sightings *s, enum vc_kind kind)
{
	if (kind == VC_VIDEO)
		return 0;
	s->chirps = vc_chirp_reader_new();
	return s->chirps ? 0 : -ENOMEM;
}

void sightings_clear(struct sightings *s)
{
	vc_chirp_reader_free(s->chirps);
	s->chirps = NULL;
}

/* The same picture of somebody may be shown twice. */
static bool is_second(const struct vc_mark_reader *r, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (r->found[k].is_read &&
		    r->found[k].mark.id == r->found[i].mark.id)
			return true;
	}
	return false;
}

void sightings_see(struct sightings *s, const struct vc_mark_reader *r,
		   int64_t now)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct vc_mark_found *f = &r->found[i];
		const struct sighting each = {
			.id = f->mark.id,
			.number = f->mark.frame,
			.stamp = f->mark.time_ms,
			.unread = f->failed <= AWAY ? (int)f->failed : 0,
			.at = now,
			.made = vc_mark_taken(&f->mark, now),
		};

		if (f->is_read && !is_second(r, i))
			s->tell(s->ctx, &each);
	}
}

/* Marks in the sound up to 'due', of sample number 'fed'. */
static void take_chirps(struct sightings *s, int64_t due)
{
	struct vc_chirp_mark m;

	while (vc_chirp_next(s->chirps, &m)) {
		int64_t ago = s->fed * VC_SEC / VC_CHIRP_RATE - m.at;
		int64_t step = m.at > 0 ? m.at / STEP : 0;
		int64_t at =
			due - ago - LATENCY + s->early[step % SIGHTINGS_EARLY];
		const struct sighting each = {
			.id = m.id,
			.number = m.second,
			.at = at,
			.made = vc_chirp_made(m.id, m.second, at),
		};

		s->tell(s->ctx, &each);
	}
}

void sightings_hear(struct sightings *s, const struct chain_sound *sound)
{
	s->early[s->fed / CHAIN_STEP_SAMPLES % SIGHTINGS_EARLY] = sound->early;
	vc_chirp_feed(s->chirps, sound->mono, CHAIN_STEP_SAMPLES);
	s->fed += CHAIN_STEP_SAMPLES;
	take_chirps(s, sound->due + STEP);
}

void sightings_end(struct sightings *s, const struct vc_mark_reader *r)
{
	for (size_t i = 0; r && i < r->n; i++) {
		const struct vc_mark_found *f = &r->found[i];
		const struct sighting each = {
			.id = f->mark.id,
			.number = -1,
			.unread = (int)f->seen,
		};

		if (!f->is_read)
			s->tell(s->ctx, &each);
	}
	sightings_clear(s);
}

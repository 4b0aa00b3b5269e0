/* SPDX-License-Identifier: MIT */
/*
 * Silence is written piece by piece, always into the track that ends earliest,
 * so that tracks stay side by side. Others than the one whose unit is in hand
 * are filled up to LATER before it: what comes later than the timeline holds has
 * its place still.
 */
#include "fill.h"

#include <string.h>

#include "base/time.h"
#include "engine/timeline.h"
#include "output.h"
#include "volume.h"
#include "wire/ntp.h"
#include "wire/opus.h"

#define CUT_LEAST VC_SEC
#define LATER VC_TIMELINE_HOLD
#define EACH (100 * VC_MS) /* others are looked at */
#define LEAST (20 * VC_MS) /* that is a gap */
#define PIECE (20 * VC_MS) /* of what is not Opus */
#define PIECE_MAX 8192	   /* octets */

const char *const gap_names[] = { "mark", "silence", "hold", "cut", NULL };

int64_t cuts_map(const struct cuts *c, int64_t at)
{
	if (at >= c->to)
		return at - c->total;
	if (at > c->from)
		at = c->from;
	return at - (c->total - (c->to - c->from));
}

bool cuts_add(struct cuts *c, int64_t from, int64_t to)
{
	if (to - from < CUT_LEAST)
		return false;
	c->total += to - from;
	c->from = from;
	c->to = to;
	return true;
}

/* Whether it can be silent, and how: octets of a sample, and which. */
static size_t sample_of(const struct vc_track_info *info, uint8_t *silence)
{
	*silence = 0;
	if (!strcmp(info->codec, "L16"))
		return 2 * (size_t)info->channels;
	*silence = !strcmp(info->codec, "PCMU") ? 0xff : 0xd5;
	return !strcmp(info->codec, "PCMU") || !strcmp(info->codec, "PCMA");
}

static bool is_fillable(const struct volume *v, unsigned int track)
{
	const struct vc_track_info *info = &v->tracks[track].info;
	uint8_t silence;

	return v->reel.tracks[track].units &&
	       (!strcmp(info->codec, "opus") || sample_of(info, &silence));
}

/* A piece of silence that ends until 'until', into 'room'; 0: none fits. */
static size_t make_piece(const struct volume *v, unsigned int track,
			 int64_t until, uint8_t *room,
			 struct vc_container_unit *u)
{
	const struct vc_track_info *info = &v->tracks[track].info;
	int64_t gap = until - v->reel.tracks[track].end, n;
	uint8_t silence;
	size_t sample = sample_of(info, &silence);

	*u = (struct vc_container_unit){
		.track = track,
		.time = v->reel.tracks[track].end,
		.is_key = true,
		.data = room,
	};
	if (!strcmp(info->codec, "opus")) {
		u->len = vc_opus_silence(v->tracks[track].toc,
					 vc_rtp_from_ns(gap, 48000), room, &n);
		u->duration = vc_rtp_to_ns(n, 48000);
		return u->len;
	}
	n = vc_rtp_from_ns(gap < PIECE ? gap : PIECE, info->rate_hz);
	if ((uint64_t)n > PIECE_MAX / sample)
		n = (int64_t)(PIECE_MAX / sample);
	u->len = (size_t)n * sample;
	u->duration = vc_rtp_to_ns(n, info->rate_hz);
	memset(room, silence, u->len);
	return u->len;
}

/* 0, or the container's error; -ENODATA: nothing fits. */
static int put_piece(struct volume *v, unsigned int track, int64_t until)
{
	uint8_t room[PIECE_MAX];
	struct vc_container_unit u;

	if (!make_piece(v, track, until, room, &u))
		return -ENODATA;
	v->tracks[track].filled++;
	return vc_reel_ops.write(&v->reel, &u);
}

/* The track that ends first, if that is a gap; -1: none. */
static int earliest(const struct volume *v, int64_t until)
{
	int best = -1;

	for (unsigned int i = 0; i < v->reel.n; i++) {
		int64_t end = v->reel.tracks[i].end;

		if (end + LEAST <= until && is_fillable(v, i) &&
		    (best < 0 || end < v->reel.tracks[best].end))
			best = (int)i;
	}
	return best;
}

static int fill_all(struct volume *v, int64_t until)
{
	int track, err = 0;

	while (!err && (track = earliest(v, until)) >= 0)
		err = put_piece(v, (unsigned int)track, until);
	return err == -ENODATA ? 0 : err;
}

/* Formats of sound alone have no times: they do it anyway, by themselves. */
static bool is_filled(const struct volume *v)
{
	enum gap_policy p = v->o->conf->gap;

	return (p == GAP_SILENCE || p == GAP_HOLD) &&
	       v->o->format->only != VC_AUDIO;
}

int fill_before(struct volume *v, unsigned int track, int64_t time)
{
	int err = 0;

	if (!is_filled(v))
		return 0;
	if (time - LATER - v->filled >= EACH) {
		v->filled = time - LATER;
		err = fill_all(v, v->filled);
	}
	if (!is_fillable(v, track) || time - v->reel.tracks[track].end < LEAST)
		return err;
	while (!err)
		err = put_piece(v, track, time);
	return err == -ENODATA ? 0 : err;
}

int fill_end(struct volume *v)
{
	return is_filled(v) ? fill_all(v, v->end - v->begin) : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Why, strongest first: what the stream says (mute, pause, loss on the way,
 * ..., which is an event already); a sender that stood still (stall); packets
 * that are missing (loss); a break of the track's time (jump).
 * Else the sender sent nothing: sound for up to a second is DTX, as Opus sends
 * a packet each 400 ms then, and what is longer a mute. That is guessed.
 */
#include "gap.h"

#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "sidecar.h"

#define SOUND_GAP (8 * VC_MS)
#define PICTURE_GAP (2 * VC_SEC)
#define DTX_MAX (1 * VC_SEC)
#define TOLD_NEAR (500 * VC_MS)
#define STEP_MAX (200 * VC_MS)

void gap_forget(struct gap *g)
{
	*g = (struct gap){ 0 };
}

void gap_returned(struct gap *g, int64_t end)
{
	g->has_unit = true;
	g->is_back = true;
	g->end = g->last = end;
}

void gap_take(struct gap *g, const struct vc_json *note)
{
	const char *ev = vc_json_get_str(note, "ev");
	int64_t from, to;

	if (!ev || strcmp(ev, "gap") || !vc_json_get_int(note, "from", &from) ||
	    !vc_json_get_int(note, "to", &to) || from < 0 || to < from ||
	    to > INT64_MAX / VC_US)
		return;
	g->is_told = true;
	g->told_from = from * VC_US;
	g->told_to = to * VC_US;
}

static struct vc_json *tell(const char *why, int64_t from, int64_t to,
			    uint32_t lost, bool is_guessed)
{
	struct vc_json *j = sidecar_event("gap");

	vc_json_set_int(j, "from", from / VC_US);
	vc_json_set_int(j, "to", to / VC_US);
	vc_json_set_str(j, "why", why);
	if (lost)
		vc_json_set_int(j, "lost", lost);
	if (is_guessed)
		vc_json_set_bool(j, "guessed", true);
	return j;
}

/* Did the stream say something of this time? */
static bool is_told(const struct gap *g, int64_t from, int64_t to)
{
	return g->is_told && g->told_from < to + TOLD_NEAR &&
	       from < g->told_to + TOLD_NEAR;
}

static struct vc_json *explain(struct gap *g, bool is_video,
			       const struct vc_container_unit *u)
{
	int64_t from = g->end;

	if (g->is_back)
		return tell("leave", from, u->time, 0, false);
	if (is_told(g, from, u->time))
		return NULL;
	if (u->is_stall)
		return tell("stall", from, u->time, 0, true);
	if (u->lost)
		return tell("loss", from, u->time, u->lost, false);
	if (u->is_jump)
		return tell("jump", from, u->time, 0, false);
	if (is_video || u->time - from > DTX_MAX)
		return tell("mute", from, u->time, 0, true);
	if (!g->is_dtx)
		g->dtx_from = from;
	g->is_dtx = true;
	return NULL;
}

static bool is_gap(const struct gap *g, bool is_video,
		   const struct vc_container_unit *u)
{
	int64_t gap = u->time - g->end;

	if (!g->has_unit)
		return false;
	if (is_video && !u->lost && !g->is_back)
		return gap > PICTURE_GAP || u->is_stall ||
		       (u->is_jump && gap > STEP_MAX);
	return gap > SOUND_GAP;
}

static void note_unit(struct gap *g, bool is_video,
		      const struct vc_container_unit *u)
{
	int64_t step = u->time - g->last;

	if (is_video && g->has_unit && step < STEP_MAX)
		g->step = step;
	g->has_unit = true;
	g->is_back = false;
	g->last = u->time;
	g->end = u->time + (is_video ? g->step : u->duration);
}

/* DTX is over when a unit follows at once, or for another reason. */
static bool ends_dtx(const struct gap *g, const struct vc_container_unit *u)
{
	int64_t gap = u->time - g->end;

	return g->is_dtx && (gap <= SOUND_GAP || gap > DTX_MAX || u->lost);
}

struct vc_json *gap_next(struct gap *g, bool is_video,
			 const struct vc_container_unit *u)
{
	struct vc_json *j = NULL;

	if (g->is_done) {
		g->is_done = false;
		return NULL;
	}
	if (ends_dtx(g, u)) {
		g->is_dtx = false;
		return tell("dtx", g->dtx_from, g->last, 0, true);
	}
	if (is_gap(g, is_video, u))
		j = explain(g, is_video, u);
	note_unit(g, is_video, u);
	g->is_done = j != NULL;
	return j;
}

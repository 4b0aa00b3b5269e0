/* SPDX-License-Identifier: MIT */
/* What happened, for the sidecars. */
#include "notes.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "sidecar.h"
#include "wire/rtpext.h"
#include "wire/sdp.h"

#define HEARD_EACH (20 * VC_MS) /* media/talkers.h */
#define STEPS_MAX 64
#define SILENCE 127
#define LATE (200 * VC_MS) /* so long silent: no packet comes, not late ones */

void notes_put(struct recorder *rec, int64_t at, uint64_t source,
	       const struct vc_json *note)
{
	for (size_t i = 0; i < rec->n_outputs; i++)
		output_tell(&rec->outputs[i], at, source, note);
}

static void put_new(struct recorder *rec, int64_t at, uint64_t source,
		    struct vc_json *note)
{
	notes_put(rec, at, source, note);
	vc_json_free(note);
}

void notes_event(struct recorder *rec, const struct vc_json *event)
{
	static const char *const kept[] = { "gap", "speaker", "role", "dtmf" };
	const char *ev = vc_json_get_str(event, "ev");
	int64_t t, ssrc, at = vc_loop_now(rec->loop);
	uint64_t source = AGENDA_ALL;

	for (size_t i = 0; ev && i < VC_COUNT(kept); i++) {
		if (strcmp(ev, kept[i]))
			continue;
		if (vc_json_get_int(event, "t", &t) && t >= 0 && t < at / VC_US)
			at = t * VC_US;
		if (vc_json_get_int(event, "ssrc", &ssrc))
			source = take_mark(rec, (uint32_t)ssrc);
		notes_put(rec, at, source, event);
		return;
	}
}

void notes_join(struct recorder *rec, const struct vc_source *src)
{
	struct vc_json *j = sidecar_event("join");

	vc_json_set_int(j, "ssrc", src->ssrc);
	vc_json_set_str(j, "cname", src->cname);
	/* Who has no name is called as his tracks would be. */
	vc_json_set_str(j, "name", src->name[0] ? src->name : src->who->id);
	vc_json_set_str(j, "id", src->who->id);
	vc_json_set_str(j, "kind", vc_kind_name((enum vc_kind)src->kind));
	vc_json_set_str(j, "codec", vc_codec_name((enum vc_codec)src->codec));
	put_new(rec, vc_loop_now(rec->loop), AGENDA_ALL, j);
}

void notes_leave(struct recorder *rec, const struct vc_source *src,
		 uint64_t source, enum vc_leave why)
{
	struct vc_json *j = sidecar_event("leave");

	vc_json_set_int(j, "ssrc", src->ssrc);
	vc_json_set_str(j, "why", vc_leave_name(why));
	put_new(rec, vc_loop_now(rec->loop), source, j);
}

void notes_left_out(struct recorder *rec, const struct vc_source *src,
		    enum vc_codec codec)
{
	char name[VC_TRACK_NAME_CAP], text[VC_TRACK_NAME_CAP];
	struct vc_json *j = sidecar_event("left_out");

	source_name(rec, src, name);
	vc_track_set_name(text, name);
	vc_tool_fail(rec->tool, VC_EXIT_EXPECT,
		     "%s, %s: left out: no sender report came "
		     "(--sync-policy=guess goes by arrival)",
		     text, vc_codec_name(codec));
	vc_json_set_int(j, "ssrc", src->ssrc);
	vc_json_set_str(j, "cname", src->cname);
	vc_json_set_str(j, "name", name);
	vc_json_set_str(j, "kind", vc_kind_name((enum vc_kind)src->kind));
	vc_json_set_str(j, "codec", vc_codec_name(codec));
	vc_json_set_str(j, "why", "no sender report came");
	put_new(rec, vc_loop_now(rec->loop), AGENDA_ALL, j);
}

void notes_clock(struct recorder *rec, const struct clocks *c,
		 const struct vc_source *src, uint64_t source)
{
	struct vc_json *j = clocks_event(c, src->ssrc);

	if (j)
		put_new(rec, vc_loop_now(rec->loop), source, j);
}

void notes_rename(struct recorder *rec, const struct vc_source *src,
		  uint64_t source, const char *name)
{
	struct vc_json *j = sidecar_event("name");

	vc_json_set_int(j, "ssrc", src->ssrc);
	vc_json_set_str(j, "cname", src->cname);
	vc_json_set_str(j, "name", name);
	vc_json_set_str(j, "id", src->who->id);
	put_new(rec, vc_loop_now(rec->loop), source, j);
}

/* --- who talks --- */

/* Somebody does, or it is not known. */
static void notes_voice(struct recorder *rec, int64_t at)
{
	rec->last_sound = at;
	if (rec->waits_for_voice)
		commands_turn(rec, at, TURN_START, OUTPUT_RUNS);
}

void notes_speaker(struct recorder *rec, const char *id, bool on, int level_db,
		   int64_t at)
{
	struct vc_json *j = sidecar_event("speaker");

	vc_json_set_str(j, "id", id);
	vc_json_set_bool(j, "on", on);
	if (on)
		vc_json_set_int(j, "level_db", level_db);
	put_new(rec, at, AGENDA_ALL, j);
}

static void hear(struct recorder *rec, struct hearing *h,
		 const struct vc_source *src, uint64_t source, uint8_t level,
		 int64_t at)
{
	struct vc_json *j;

	h->heard = at;
	if (!vc_talk_hear(&h->talk, level, at)) {
		if (h->talk.is_talking)
			rec->last_sound = at;
		return;
	}
	if (h->talk.is_talking)
		notes_voice(rec, at);
	/* Of a mix the mixer says who it is. */
	if (rec->compose)
		return;
	j = sidecar_event("speaker");
	vc_json_set_int(j, "ssrc", src->ssrc);
	vc_json_set_str(j, "id", src->who->id);
	vc_json_set_bool(j, "on", h->talk.is_talking);
	if (h->talk.is_talking)
		vc_json_set_int(j, "level_db", -(int64_t)level);
	put_new(rec, at, source, j);
}

void notes_packet(struct recorder *rec, struct hearing *h,
		  const struct vc_source *src, uint64_t source,
		  const struct vc_rtp *rtp, int64_t arrival)
{
	uint8_t id = vc_sdp_ext_id(source_sdp(rec), VC_EXT_URI_AUDIO_LEVEL);
	struct vc_audio_level level;

	if (!id || !vc_ext_audio_level(rtp, id, &level)) {
		notes_voice(rec, arrival);
		return;
	}
	if (!h->has_level)
		h->heard = arrival - HEARD_EACH;
	h->has_level = true;
	notes_silence(rec, h, src, source, arrival - HEARD_EACH / 2);
	if (arrival > h->heard)
		hear(rec, h, src, source, level.level, arrival);
}

void notes_silence(struct recorder *rec, struct hearing *h,
		   const struct vc_source *src, uint64_t source, int64_t until)
{
	for (int i = 0;
	     i < STEPS_MAX && h->has_level && h->heard + HEARD_EACH <= until;
	     i++)
		hear(rec, h, src, source, SILENCE, h->heard + HEARD_EACH);
	if (h->has_level && h->heard + HEARD_EACH <= until)
		h->heard = until;
}

void notes_tick(struct recorder *rec, struct hearing *h,
		const struct vc_source *src, uint64_t source, int64_t now)
{
	if (h->talk.is_talking)
		notes_silence(rec, h, src, source, now - LATE);
}

/* SPDX-License-Identifier: MIT */
/*
 * `source` and `route` go before an output's first packet and are state: the
 * stream repeats them. What the inputs say about their own sources ends
 * here, since those sources do; other events go through.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "mix.h"
#include "tool/route.h"

static void say_source(struct mix *mix, const struct vc_mixer_out *out,
		       int64_t now)
{
	const struct vc_sender *s = &out->tx.sender;
	struct vc_json *ev = vc_json_event("source", now);
	char key[32];

	vc_json_set_int(ev, "ssrc", s->ssrc);
	vc_json_set_str(ev, "cname", s->cname);
	if (s->name[0])
		vc_json_set_str(ev, "name", s->name);
	vc_json_set_str(ev, "id", s->cname);
	vc_json_set_str(ev, "id_by", "cname");
	vc_json_set_str(ev, "kind", vc_kind_name(out->kind));
	snprintf(key, sizeof(key), "source %u", s->ssrc);
	vc_out_state(mix->out, key, ev);
}

/* As many ids as go into one part of a `route` event. */
#define PART_OCTETS 12000

/* Part 'part' from 'from' on; where the next one begins. */
static size_t say_part(struct mix *mix, const struct vc_mixer_out *out,
		       size_t from, int part, int parts, int64_t now)
{
	struct vc_json *ev = vc_json_event("route", now);
	struct vc_json *ids = vc_json_array();
	uint32_t ssrc = out->tx.sender.ssrc;
	size_t octets = 0, i = from;
	char key[48];

	for (; i < out->n_whos && octets < PART_OCTETS; i++) {
		const char *id = vc_mixer_who_id(out->whos[i]);

		octets += strlen(id) + 3;
		vc_json_add_str(ids, id);
	}
	vc_json_set_int(ev, "ssrc", ssrc);
	if (out->is_for_others)
		vc_json_set_str(ev, "to", "*");
	vc_json_set(ev, out->is_for_others ? "except" : "to", ids);
	if (parts > 1) {
		vc_json_set_int(ev, "part", part);
		vc_json_set_int(ev, "parts", parts);
	}
	snprintf(key, sizeof(key), "route %u %d", ssrc, part);
	vc_out_state(mix->out, key, ev);
	return i;
}

static int parts_of(const struct vc_mixer_out *out)
{
	size_t octets = 0;
	int n = 1;

	for (size_t i = 0; i < out->n_whos; i++) {
		if (octets >= PART_OCTETS) {
			octets = 0;
			n++;
		}
		octets += strlen(vc_mixer_who_id(out->whos[i])) + 3;
	}
	return n;
}

static void drop_route(struct mix *mix, uint32_t ssrc, int from)
{
	char key[48];

	for (int part = from; part <= VC_ROUTE_PARTS; part++) {
		snprintf(key, sizeof(key), "route %u %d", ssrc, part);
		vc_out_state_drop(mix->out, key);
	}
}

/* No route is one for everybody. */
static void say_route(struct mix *mix, const struct vc_mixer_out *out,
		      int64_t now)
{
	int parts = parts_of(out);
	size_t at = 0;

	drop_route(mix, out->tx.sender.ssrc, 1);
	if (parts > VC_ROUTE_PARTS || !out->was_addressed)
		return;
	for (int part = 1; part <= parts; part++)
		at = say_part(mix, out, at, part, parts, now);
}

void events_begin(void *ctx, const struct vc_mixer_out *out, int64_t now)
{
	struct mix *mix = ctx;

	vc_roster_own(vc_in_roster(mix->in), out->tx.sender.ssrc, true);
	say_source(mix, out, now);
	say_route(mix, out, now);
}

void events_end(void *ctx, const struct vc_mixer_out *out, int64_t now)
{
	struct mix *mix = ctx;
	struct vc_json *ev = vc_json_event("leave", now);
	uint32_t ssrc = out->tx.sender.ssrc;
	char key[32];

	vc_roster_own(vc_in_roster(mix->in), ssrc, false);
	vc_json_set_int(ev, "ssrc", ssrc);
	vc_json_set_str(ev, "why", mix->why);
	vc_out_event(mix->out, ev);
	snprintf(key, sizeof(key), "source %u", ssrc);
	vc_out_state_drop(mix->out, key);
	drop_route(mix, ssrc, 1);
}

void events_speaker(void *ctx, const struct vc_mixer_who *who, bool on,
		    int level_db, int64_t now)
{
	struct mix *mix = ctx;
	struct vc_json *ev = vc_json_event("speaker", now);

	vc_json_set_str(ev, "id", vc_mixer_who_id(who));
	vc_json_set_bool(ev, "on", on);
	vc_json_set_int(ev, "level_db", level_db);
	vc_out_event(mix->out, ev);
}

/* Ids are cut at 255 octets. */
#define ROLE_KEY 264

static void role_key(const struct vc_mixer_who *who, char key[static ROLE_KEY])
{
	snprintf(key, ROLE_KEY, "role %s", vc_mixer_who_id(who));
}

void events_role_drop(struct mix *mix, const struct vc_mixer_who *who)
{
	char key[ROLE_KEY];

	role_key(who, key);
	vc_out_state_drop(mix->out, key);
}

void events_role(void *ctx, const struct vc_mixer_who *who, int64_t now)
{
	struct mix *mix = ctx;
	struct vc_json *ev = vc_json_event("role", now);
	char key[ROLE_KEY];

	vc_json_set_str(ev, "id", vc_mixer_who_id(who));
	vc_json_set_str(ev, "role", vc_mixer_role(who));
	role_key(who, key);
	vc_out_state(mix->out, key, ev);
}

void events_kick(struct mix *mix, const struct vc_mixer_who *who, bool on)
{
	struct vc_json *ev = vc_json_event("kick", vc_loop_now(mix->loop));

	vc_json_set_str(ev, "id", vc_mixer_who_id(who));
	vc_json_set_bool(ev, "on", on);
	vc_out_event(mix->out, ev);
}

void events_pass(void *ctx, const struct vc_json *event, const char *text,
		 size_t len)
{
	static const char *const ours[] = { "source",	"leave",  "speaker",
					    "route",	"gap",	  "net",
					    "keyframe", "control" };
	const char *ev = vc_json_get_str(event, "ev");
	struct mix *mix = ctx;

	(void)text;
	(void)len;
	for (size_t i = 0; ev && i < VC_COUNT(ours); i++)
		if (!strcmp(ev, ours[i]))
			return;
	/* We say who has which, of those who take part. */
	if (mix->conf.policy && ev && !strcmp(ev, "role"))
		rulings_heard(mix, vc_json_get_str(event, "id"),
			      vc_json_get_str(event, "role"));
	else if (mix->mixer)
		vc_out_event(mix->out, vc_json_copy(event));
}

void events_other(void *ctx, const uint8_t *frame, size_t len)
{
	struct mix *mix = ctx;

	if (mix->mixer)
		vc_out_raw(mix->out, frame, len);
}

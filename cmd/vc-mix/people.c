/* SPDX-License-Identifier: MIT */
/* Who takes part: what tool/mixing.h asks, and who is shown the door. */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "mix.h"

#define AT_ONCE (200 * VC_MS)
#define REFUSED_SAID 64 /* so many: names of strangers are without end */

/* Do both have the same kind of media, at the same time, by one input? */
static bool is_another(const struct vc_source *a, const struct vc_source *b)
{
	return a != b && a->who == b->who && a->input == b->input &&
	       a->kind == b->kind && a->user && !a->has_bye && a->cname[0] &&
	       strcmp(a->cname, b->cname) != 0 &&
	       a->last_arrival + AT_ONCE > b->last_arrival;
}

/* NAME=INPUT says of all who come by an input that they are one. */
static void warn_of_crowd(struct mix *mix, const struct vc_source *src)
{
	const struct vc_source *s = vc_roster_first(vc_in_roster(mix->in));
	char safe[VC_ESCAPE_CAP(VC_ROSTER_TEXT)];

	if (mix->warned_crowd || src->id_by != VC_ID_OPERATOR ||
	    !src->cname[0] || src->who->n_sources < 2)
		return;
	while (s && !is_another(s, src))
		s = s->next;
	if (!s)
		return;
	mix->warned_crowd = true;
	vc_escape(safe, sizeof(safe), src->who->id, strlen(src->who->id));
	vc_tool_warn(mix->tool,
		     "%s: several come by that input, and are one participant: "
		     "without '%s=' each is himself",
		     safe, safe);
}

bool people_vouch(void *ctx, const struct vc_participant *who)
{
	return rules_vouch(ctx, who);
}

void people_unnamed(void *ctx, const struct vc_mixer_who *who)
{
	events_role_drop(ctx, who);
}

void people_named(void *ctx, struct vc_source *src)
{
	struct mix *mix = ctx;

	rulings_apply(mix, src->who->user);
	rulings_doubt(mix, src->who->user);
	warn_of_crowd(mix, src);
}

/* Who was kicked, lest he gets what strangers get; and outputs. */
bool people_keep(void *ctx, const struct vc_mixer_who *who)
{
	const struct mix *mix = ctx;

	return vc_mixer_off(who) & VC_MIXER_OUT ||
	       outs_has(mix->outs, vc_mixer_who_id(who));
}

/* He may be one who is kept, of his id: there is no second one. */
static void meet(struct mix *mix, struct vc_participant *who)
{
	struct vc_mixer_who *w = NULL;

	if (!mix->n_kicked && !outs_has(mix->outs, who->id))
		return;
	while (!who->user && (w = vc_mixer_next_who(mix->mixer, w)))
		if (!strcmp(vc_mixer_who_id(w), who->id) && people_keep(mix, w))
			who->user = w;
}

/* Was he kicked, or somebody of that id before him? */
static bool is_kicked(struct mix *mix, struct vc_participant *who)
{
	meet(mix, who);
	return who->user && vc_mixer_off(who->user) & VC_MIXER_OUT;
}

/* As many are here as the policy has room for. */
static bool is_full(struct mix *mix, const struct vc_source *src)
{
	struct vc_participant *who = vc_roster_first_who(vc_in_roster(mix->in));
	unsigned int limit = rules_limit(mix), n = 0;

	if (!limit || src->who->user)
		return false;
	for (; who; who = who->next)
		n += who->user && !is_kicked(mix, who);
	return n >= limit;
}

/* Says so when it changes. */
static void set_refused(struct mix *mix, struct vc_participant *who,
			bool is_refused)
{
	char safe[VC_ESCAPE_CAP(VC_ROSTER_TEXT)];

	if (who->is_refused == is_refused)
		return;
	who->is_refused = is_refused;
	mix->n_refused += is_refused;
	if (mix->n_refused > REFUSED_SAID)
		return;
	vc_escape(safe, sizeof(safe), who->id, strlen(who->id));
	if (is_refused)
		vc_tool_warn(mix->tool, "%s is refused: %u are here%s", safe,
			     rules_limit(mix),
			     mix->n_refused == REFUSED_SAID ?
				     "; of others it is not said" :
				     "");
	else
		vc_tool_warn(mix->tool, "%s is let in", safe);
}

bool people_admit(void *ctx, struct vc_source *src)
{
	struct mix *mix = ctx;

	if (is_kicked(mix, src->who))
		return false;
	set_refused(mix, src->who, is_full(mix, src));
	return !src->who->is_refused;
}

void people_change(void *ctx, struct vc_source *src, struct vc_participant *was)
{
	struct mix *mix = ctx;

	if (src->user && is_kicked(mix, src->who)) {
		vc_mixing_drop_source(&mix->mixing, src);
		vc_mixing_drop_if_empty(&mix->mixing, was);
		return;
	}
	vc_mixing_change(&mix->mixing, src, was);
}

void people_gone(void *ctx, struct vc_source *src, enum vc_leave why)
{
	struct mix *mix = ctx;

	if (!src->user)
		return;
	mix->why = why == VC_LEAVE_EOF ? "eof" : "bye";
	vc_mixing_gone(&mix->mixing, src);
}

void people_who_gone(void *ctx, struct vc_participant *who)
{
	struct mix *mix = ctx;

	vc_mixing_who_gone(&mix->mixing, who);
}

/* --- who is shown the door --- */

void people_kick(struct mix *mix, struct vc_mixer_who *who)
{
	struct vc_source *src = vc_roster_first(vc_in_roster(mix->in));

	for (; src; src = src->next)
		if (src->user && vc_mixer_source_who(src->user) == who)
			vc_mixing_drop_source(&mix->mixing, src);
	if (rulings_has_floor(mix, vc_mixer_who_id(who)))
		rulings_floor(mix, NULL);
	events_role_drop(mix, who);
	vc_mixer_set_off(mix->mixer, who, vc_mixer_off(who) | VC_MIXER_OUT);
	mix->n_kicked++;
	mix->why = "bye";
	events_kick(mix, who, true);
}

/* But for an output he comes in anew, with his next packet. */
void people_unkick(struct mix *mix, struct vc_mixer_who *who)
{
	struct vc_participant *p = vc_roster_first_who(vc_in_roster(mix->in));

	events_kick(mix, who, false);
	mix->n_kicked--;
	vc_mixer_set_off(mix->mixer, who, vc_mixer_off(who) & ~VC_MIXER_OUT);
	if (outs_has(mix->outs, vc_mixer_who_id(who)))
		return;
	for (; p; p = p->next)
		if (p->user == who)
			p->user = NULL;
	vc_mixer_who_free(mix->mixer, who, vc_loop_now(mix->loop));
}

/* SPDX-License-Identifier: MIT */
/*
 * Roles that are given but mean nothing: no row of the policy is for one who has
 * them, nor is any of a preset. Most likely they are misspelt. And roles that
 * nobody was given, so that nobody is heard or seen. And rows that nobody has.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/near.h"
#include "base/str.h"
#include "base/time.h"
#include "mix.h"

#define LOOK_EVERY (2 * VC_SEC)
#define LOOKED_AT 200 /* people */
#define SAID_MAX 16
#define WORDS_CAP 200

/* Who writes a policy of his own may mean to have it so later. */
static bool is_of_preset(const char *role)
{
	struct vc_columns_error err;
	bool is_known = false;
	const char *name;

	for (size_t i = 0; (name = vc_policy_preset_name(i)) && !is_known;
	     i++) {
		struct vc_policy *p =
			vc_policy_parse(vc_str_c(vc_policy_preset(name)), &err);

		is_known = p && vc_policy_knows_role(p, role);
		vc_policy_free(p);
	}
	return is_known;
}

struct search {
	const struct vc_policy *policy;
	struct vc_near near;
};

static void look(void *ctx, const char *word, bool is_role)
{
	struct search *s = ctx;

	if (is_role && vc_policy_knows_role(s->policy, word))
		vc_near_try(&s->near, word);
}

/* False: it is known. */
static bool say_unknown(const struct vc_policy *p, const char *role,
			char out[static WORDS_CAP])
{
	struct search s = { .policy = p, .near.word = role };

	if (vc_policy_knows_role(p, role) || is_of_preset(role))
		return false;
	vc_policy_words(p, look, &s);
	snprintf(out, WORDS_CAP, "no row is for role %.60s%s%.60s%s", role,
		 s.near.best ? ": did you mean " : "",
		 s.near.best ? s.near.best : "", s.near.best ? "?" : "");
	return true;
}

void roles_doubt(const struct vc_policy *p, const char *role,
		 struct vc_json *reply)
{
	char text[WORDS_CAP];

	if (say_unknown(p, role, text))
		vc_json_set_str(reply, "warning", text);
}

struct doubts {
	struct vc_tool *tool;
	const struct vc_policy *policy;
	const char *said[SAID_MAX];
	size_t n;
};

static void doubt(void *ctx, const char *word, bool is_role)
{
	struct doubts *d = ctx;
	char text[WORDS_CAP];

	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->said[i], word))
			return;
	if (!is_role || d->n == SAID_MAX || !say_unknown(d->policy, word, text))
		return;
	d->said[d->n] = word;
	d->n++;
	vc_tool_warn(d->tool, "%s", text);
}

/* Of a row that those before it leave nobody for. False: somebody may have it. */
static bool doubt_row(struct vc_tool *t, const char *place,
		      const struct vc_policy *p,
		      const struct vc_policy_row *row)
{
	struct vc_policy_who who;
	const struct vc_policy_row *before = vc_policy_row_before(p, row, &who);
	char id[VC_ESCAPE_CAP(VC_POLICY_WORD)];

	if (!before)
		return false;
	vc_escape(id, sizeof(id), who.id, strlen(who.id));
	if (*id && *who.role)
		vc_tool_warn(t,
			     "%s: line %u: nobody has this row: %s is %s, and "
			     "has that of line %u",
			     place, row->line, id, who.role, before->line);
	else
		vc_tool_warn(t,
			     "%s: line %u: nobody has this row: line %u goes "
			     "before it",
			     place, row->line, before->line);
	return true;
}

void roles_warn(struct vc_tool *t, const char *place, const struct vc_policy *p)
{
	struct doubts d = { .tool = t, .policy = p };
	const struct vc_policy_row *row;

	vc_policy_words(p, doubt, &d);
	for (size_t i = 0, said = 0;
	     said < SAID_MAX && (row = vc_policy_row_at(p, i)); i++)
		said += doubt_row(t, place, p, row);
}

/* --- nobody is anything --- */

/* Is anybody who is here in a list of the row? */
static bool is_for_any(const struct mix *mix, const struct vc_policy_row *row)
{
	const struct vc_policy *p = mix->conf.policy;
	struct vc_mixer_who *who = NULL;

	while ((who = vc_mixer_next_who(mix->mixer, who))) {
		const struct vc_policy_who him = vc_mixer_who_policy(who);

		if (vc_policy_has(p, row->hears, &him) ||
		    vc_policy_has(p, row->sees, &him))
			return true;
	}
	return false;
}

static bool is_idle(const struct mix *mix)
{
	const struct vc_policy_row *row, *last = NULL;
	struct vc_mixer_who *who = NULL;

	for (int i = 0;
	     i < LOOKED_AT && (who = vc_mixer_next_who(mix->mixer, who)); i++) {
		const struct vc_policy_who him = vc_mixer_who_policy(who);

		row = vc_policy_row(mix->conf.policy, &him);
		if (row && row != last && is_for_any(mix, row))
			return false;
		last = row;
	}
	return true;
}

/*
 * Once, when two are here; it may be that the one who matters comes later, or
 * that it was said why he is nobody.
 */
static void look_around(void *ctx, int64_t now)
{
	struct mix *mix = ctx;
	struct vc_mixer_who *who = NULL;
	int n = 0;

	while (n < 2 && (who = vc_mixer_next_who(mix->mixer, who)))
		n += !vc_mixer_who_is_empty(who);
	if (n < 2)
		vc_timer_arm(mix->loop, &mix->look, now + LOOK_EVERY);
	else if (!rulings_have_warned(mix) && is_idle(mix))
		vc_tool_warn(mix->tool,
			     "nobody here is heard or seen, by his role: "
			     "--role WHO=ROLE, the role command; "
			     "--check-policy is a table of it");
}

void roles_watch(struct mix *mix)
{
	if (!mix->conf.policy)
		return;
	mix->look = (struct vc_timer){ .fn = look_around, .ctx = mix };
	vc_timer_arm(mix->loop, &mix->look,
		     vc_loop_now(mix->loop) + LOOK_EVERY);
}

/* SPDX-License-Identifier: MIT */
/*
 * Roles that are given but mean nothing: no row of the policy is for one who has
 * them, nor is any of a preset. Most likely they are misspelt.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/near.h"
#include "base/str.h"
#include "mix.h"

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

void roles_warn(struct vc_tool *t, const struct vc_policy *p)
{
	struct doubts d = { .tool = t, .policy = p };

	vc_policy_words(p, doubt, &d);
}

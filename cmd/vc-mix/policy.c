/* SPDX-License-Identifier: MIT */
/*
 * Who hears and sees whom: the policy of the command line. A file is read again
 * on SIGHUP; one that is wrong changes nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "mix.h"
#include "session/outclass.h"

#define ROLES_MAX VC_POLICY_ROWS

struct rules {
	const struct vc_outclasses *classes;
	struct layouts *layouts;
	const char *place; /* a file or a preset; NULL: no policy */
	const char *roles[ROLES_MAX];
	size_t n_roles;
	bool trust_names;
	struct vc_policy *policy;
};

struct rules *rules_new(void)
{
	struct rules *r = vc_alloc(1, sizeof(*r));

	r->layouts = layouts_new();
	return r;
}

void rules_free(struct rules *r)
{
	layouts_free(r->layouts);
	vc_policy_free(r->policy);
	free(r);
}

struct layouts *rules_layouts(struct rules *r)
{
	return r->layouts;
}

void rules_place(struct rules *r, const char *place)
{
	r->place = place;
}

bool rules_role(struct rules *r, const char *rule)
{
	if (r->n_roles == ROLES_MAX)
		return false;
	r->roles[r->n_roles++] = rule;
	return true;
}

void rules_classes(struct rules *r, const struct vc_outclasses *classes)
{
	r->classes = classes;
}

void rules_trust(struct rules *r)
{
	r->trust_names = true;
}

/* --- reading --- */

static void say_no_class(const char *class, struct vc_columns_error *err)
{
	char safe[VC_ESCAPE_CAP(VC_OUTCLASS_NAME)];
	size_t len = strlen(class);

	vc_escape(safe, sizeof(safe), class,
		  len < VC_OUTCLASS_NAME ? len : VC_OUTCLASS_NAME);
	snprintf(err->why, sizeof(err->why),
		 "class=%s: --out-class has no such class", safe);
}

/* The layouts of its rows, of which any may have been read before. */
static int read_layout(struct layouts *l, const struct vc_policy_row *row,
		       struct vc_columns_error *err)
{
	struct vc_columns_error wrong;
	char why[VC_COLUMNS_SAID], safe[65];

	if (!row->layout || !layouts_read(l, row->layout, &wrong))
		return 0;
	vc_columns_say(&wrong, why);
	vc_escape(safe, sizeof(safe), row->layout, strlen(row->layout));
	snprintf(err->why, sizeof(err->why), "layout=%s: %.300s", safe, why);
	return -EINVAL;
}

/* What this mixer cannot do is an error of the file. */
static int check(const struct rules *r, const struct vc_policy *p,
		 struct vc_columns_error *err)
{
	const struct vc_policy_row *row;

	for (size_t i = 0; (row = vc_policy_row_at(p, i)); i++) {
		err->line = row->line;
		if (read_layout(r->layouts, row, err))
			return -EINVAL;
		if (row->class &&
		    !vc_outclass_find(r->classes, vc_str_c(row->class))) {
			say_no_class(row->class, err);
			return -ENOENT;
		}
	}
	return 0;
}

struct vc_policy *rules_read(const struct rules *r, const char *place,
			     struct vc_columns_error *err)
{
	struct vc_policy *p;
	char *text;
	size_t len;

	if (vc_texts_read(&vc_texts_policies, place,
			  layouts_is_running(r->layouts), &text, &len, err))
		return NULL;
	p = vc_policy_parse(vc_str_of(text, len), err);
	free(text);
	for (size_t i = 0; p && i < r->n_roles; i++) {
		if (!vc_policy_give(p, r->roles[i]))
			continue;
		err->line = 0;
		snprintf(err->why, sizeof(err->why), "--role %s: WHO=ROLE",
			 r->roles[i]);
		vc_policy_free(p);
		return NULL;
	}
	if (p && check(r, p, err)) {
		vc_policy_free(p);
		p = NULL;
	}
	return p;
}

static bool is_same_word(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Formats and decoders are as they were said at the start. */
static int compare(const struct vc_policy *was, const struct vc_policy *p,
		   struct vc_columns_error *err)
{
	if (!was || (is_same_word(vc_policy_audio(was), vc_policy_audio(p)) &&
		     is_same_word(vc_policy_video(was), vc_policy_video(p))))
		return 0;
	err->line = 0;
	snprintf(err->why, sizeof(err->why),
		 "'audio' and 'video' stay as they were at the start");
	return -ENOTSUP;
}

/* As the command line has it; in place of what holds. */
static struct vc_policy *read_again(const struct rules *r,
				    struct vc_columns_error *err)
{
	struct vc_policy *p = rules_read(r, r->place, err);

	if (!p || !compare(r->policy, p, err))
		return p;
	vc_policy_free(p);
	return NULL;
}

static void use(struct mix *mix, struct vc_policy *p)
{
	layouts_keep(mix->layouts);
	if (mix->mixer)
		vc_mixer_set_policy(mix->mixer, p);
	vc_policy_free(mix->rules->policy);
	mix->rules->policy = p;
	mix->conf.policy = p;
	roles_warn(mix->tool, mix->rules->place, p);
}

void rules_open(struct mix *mix)
{
	struct vc_columns_error err;
	char why[VC_COLUMNS_SAID];
	struct vc_policy *p;

	if (!mix->rules->place) {
		if (mix->rules->n_roles)
			vc_tool_usage(mix->tool, "--role is for --policy");
		return;
	}
	if (mix->rules->trust_names)
		vc_tool_warn(mix->tool, "--trust-names: whoever says that he "
					"is somebody has his role");
	p = read_again(mix->rules, &err);
	if (p) {
		use(mix, p);
		return;
	}
	vc_columns_say(&err, why);
	vc_tool_usage(mix->tool, "--policy %s: %s", mix->rules->place, why);
}

int rules_reload(struct mix *mix, struct vc_columns_error *err)
{
	struct vc_policy *p = mix->rules->policy;
	int e = layouts_read(mix->layouts, mix->layout, err);

	if (!e && mix->rules->place) {
		p = read_again(mix->rules, err);
		e = p ? 0 : -EINVAL;
	}
	if (e)
		layouts_drop(mix->layouts);
	else if (p == mix->rules->policy)
		layouts_keep(mix->layouts);
	else
		use(mix, p);
	return e;
}

void rules_on_hangup(void *ctx)
{
	struct mix *mix = ctx;
	struct vc_columns_error err;
	char why[VC_COLUMNS_SAID];

	if (!rules_reload(mix, &err))
		return;
	vc_columns_say(&err, why);
	vc_tool_warn(mix->tool, "%s: read again: %s",
		     mix->rules->place ? mix->rules->place : mix->layout, why);
}

/* --- what it says --- */

bool rules_vouch(const struct mix *mix, const struct vc_participant *who)
{
	return mix->rules->trust_names || who->id_by >= VC_ID_OPERATOR;
}

unsigned int rules_limit(const struct mix *mix)
{
	return mix->rules->policy ? vc_policy_limit(mix->rules->policy) : 0;
}

static void warn_of(const struct mix *mix, const struct vc_policy_row *row,
		    const char *word, const char *why)
{
	vc_tool_warn(mix->tool, "%s: line %u: %s= has no effect: %s",
		     mix->rules->place, row->line, word, why);
}

void rules_warn(const struct mix *mix, bool selects, bool composes)
{
	const struct vc_policy *p = mix->rules->policy;
	const struct vc_policy_row *row;

	/* A preset is for sound alone, too. */
	for (size_t i = 0; p && strpbrk(mix->rules->place, "/.") &&
			   (row = vc_policy_row_at(p, i));
	     i++) {
		if (row->layout && !composes)
			warn_of(mix, row, "layout", "no picture is composed");
		if (row->select && !selects)
			warn_of(mix, row, "select", "nothing is selected");
	}
}

bool rules_have_layouts(const struct mix *mix)
{
	const struct vc_policy *p = mix->rules->policy;
	const struct vc_policy_row *row;

	for (size_t i = 0; p && (row = vc_policy_row_at(p, i)); i++)
		if (!row->layout)
			return false;
	return p;
}

bool rules_pick_all(const struct mix *mix)
{
	const struct vc_policy *p = mix->rules->policy;
	const struct vc_policy_row *row;

	for (size_t i = 0; p && (row = vc_policy_row_at(p, i)); i++)
		if (row->select ? strcmp(row->select, "all") != 0 :
				  !mix->conf.selects_all)
			return false;
	return p || mix->conf.selects_all;
}

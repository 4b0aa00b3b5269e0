/* SPDX-License-Identifier: MIT */
/* Outputs for those who send nothing, and the classes that outputs have. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "mix.h"
#include "session/outclass.h"
#include "tool/place.h"

#define OUTS_MAX 1000

struct listener {
	char *name;
	const char *class; /* or NULL */
};

struct outs {
	struct listener v[OUTS_MAX];
	size_t n;
	struct vc_outclasses classes;
};

struct outs *outs_new(void)
{
	return vc_alloc(1, sizeof(struct outs));
}

void outs_free(struct outs *o)
{
	for (size_t i = 0; i < o->n; i++)
		free(o->v[i].name);
	free(o);
}

bool outs_has(const struct outs *o, const char *name)
{
	for (size_t i = 0; i < o->n; i++)
		if (!strcmp(o->v[i].name, name))
			return true;
	return false;
}

/* "NAME[=CLASS]": a class has no '=' in it. */
void outs_add(struct argp_state *state, struct outs *o, const char *arg)
{
	struct vc_str class = vc_str_c(arg), name = vc_str_cut(&class, '=');
	const char *why = vc_place_name_why(name);

	if (o->n == OUTS_MAX)
		argp_error(state, "--out: more than %d", OUTS_MAX);
	if (why)
		argp_error(state, "--out %s: NAME[=CLASS]: NAME %s", arg, why);
	o->v[o->n].name = vc_strdup(arg);
	o->v[o->n].name[name.len] = 0;
	o->v[o->n].class = strchr(arg, '=') ? class.p : NULL;
	if (outs_has(o, o->v[o->n].name))
		argp_error(state, "--out %s: there is one of that name", arg);
	o->n++;
}

void outs_add_classes(struct argp_state *state, struct outs *o, const char *arg)
{
	char why[VC_OUTCLASS_WHY];

	if (vc_outclasses_add(&o->classes, vc_str_c(arg), why))
		argp_error(state, "--out-class %s", why);
}

const struct vc_outclasses *outs_classes(const struct outs *o)
{
	return &o->classes;
}

static const struct vc_outclass *class_of(const struct outs *o,
					  const struct listener *who)
{
	return who->class ?
		       vc_outclass_find(&o->classes, vc_str_c(who->class)) :
		       NULL;
}

void outs_check(const struct mix *mix)
{
	const struct outs *o = mix->outs;
	const struct vc_mixer_conf *c = &mix->conf;

	for (size_t i = 0; i < o->n; i++)
		if (o->v[i].class && !class_of(o, &o->v[i]))
			vc_tool_usage(mix->tool,
				      "--out %s=%s: --out-class has no such "
				      "class",
				      o->v[i].name, o->v[i].class);
	for (size_t i = 0; i < o->classes.n; i++)
		if (!vc_outclass_every(&o->classes.v[i], c->fps_num,
				       c->fps_den))
			vc_tool_usage(mix->tool,
				      "--out-class %s: its rate does not "
				      "divide --fps %.6g",
				      o->classes.v[i].name,
				      (double)c->fps_num / c->fps_den);
}

/* Of what is selected, the class says which layers; where there is no policy
 * all get the same. */
void outs_warn(const struct mix *mix, bool mixes, bool composes)
{
	const struct vc_outclasses *all = &mix->outs->classes;
	const struct vc_mixer_conf *c = &mix->conf;

	for (size_t i = 0; i < all->n; i++) {
		const struct vc_outclass *class = &all->v[i];

		if (class->has_audio && !mixes)
			vc_tool_warn(mix->tool,
				     "--out-class %s: its sound has no effect: "
				     "no sound is mixed",
				     class->name);
		if (class->has_video && !composes && !(c->video && c->policy))
			vc_tool_warn(mix->tool,
				     "--out-class %s: its picture has no "
				     "effect: %s",
				     class->name,
				     c->video ? "what is selected goes to all, "
						"as there is no --policy" :
						"there are no pictures");
	}
}

void outs_check_inputs(const struct mix *mix)
{
	for (size_t i = 0; i < vc_in_n(mix->in); i++) {
		const char *name = vc_in_name(mix->in, i);

		if (name[0] && outs_has(mix->outs, name))
			vc_tool_usage(mix->tool,
				      "--out %s: %s=INPUT sends, and has an "
				      "output (his class: a row with class=)",
				      name, name);
	}
}

static void join(struct mix *mix, const struct listener *l)
{
	struct vc_mixer_who *who = vc_mixer_who_new(mix->mixer);

	if (!who || vc_roster_reserve(vc_in_roster(mix->in), l->name)) {
		vc_tool_warn(mix->tool, "--out %s: out of memory", l->name);
		return;
	}
	vc_mixer_who_set(mix->mixer, who, l->name, true, l->name, "");
	vc_mixer_set_class(mix->mixer, who, class_of(mix->outs, l));
	rulings_apply(mix, who);
}

void outs_join(struct mix *mix)
{
	for (size_t i = 0; i < mix->outs->n; i++)
		join(mix, &mix->outs->v[i]);
}

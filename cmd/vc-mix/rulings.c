/* SPDX-License-Identifier: MIT */
/*
 * What was said of people beside the policy, by commands and `role` events, and
 * holds whenever somebody of that id is here: also when he leaves and comes
 * again. The table is sorted by id. One too many takes the place of the oldest of
 * somebody who is not here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "mix.h"

#define RULINGS_MAX 4096
#define FLOOR_ROLE "speaker"

/* What was said of one. */
struct ruling {
	char *id;
	char *role; /* by the `role` command; NULL: nothing, or no longer */
	char *said; /* by `role` events; that command is stronger */
	unsigned int off; /* enum vc_mixer_off, but for VC_MIXER_OUT */
	int gain_db10;
	uint64_t serial; /* of its making */
};

struct rulings {
	struct ruling all[RULINGS_MAX];
	size_t n;
	uint64_t made;
	char *floor;	 /* id of who has it, or NULL */
	bool has_warned; /* of a name */
};

struct rulings *rulings_new(void)
{
	return vc_alloc(1, sizeof(struct rulings));
}

static void clear(struct ruling *ruling)
{
	free(ruling->id);
	free(ruling->role);
	free(ruling->said);
}

void rulings_free(struct rulings *r)
{
	for (size_t i = 0; i < r->n; i++)
		clear(&r->all[i]);
	free(r->floor);
	free(r);
}

/* --- the table --- */

/* Where 'id' is, or would be. */
static size_t place_of(const struct rulings *r, const char *id)
{
	size_t from = 0, past = r->n;

	while (from < past) {
		size_t mid = (from + past) / 2;

		if (strcmp(r->all[mid].id, id) < 0)
			from = mid + 1;
		else
			past = mid;
	}
	return from;
}

static struct ruling *find(struct rulings *r, const char *id)
{
	size_t at = place_of(r, id);

	return at < r->n && !strcmp(r->all[at].id, id) ? &r->all[at] : NULL;
}

static void drop(struct rulings *r, struct ruling *ruling)
{
	size_t at = (size_t)(ruling - r->all);

	clear(ruling);
	r->n--;
	memmove(ruling, ruling + 1, (r->n - at) * sizeof(*ruling));
}

static void drop_if_empty(struct rulings *r, struct ruling *ruling)
{
	if (!ruling->role && !ruling->said && !ruling->off &&
	    !ruling->gain_db10)
		drop(r, ruling);
}

static struct vc_mixer_who *here(const struct mix *mix, const char *id)
{
	struct vc_mixer_who *who = NULL;

	while (mix->mixer && (who = vc_mixer_next_who(mix->mixer, who)))
		if (!strcmp(vc_mixer_who_id(who), id))
			return who;
	return NULL;
}

static bool make_room(struct mix *mix)
{
	struct rulings *r = mix->rulings;
	struct ruling *oldest = NULL;

	for (struct ruling *i = r->all; i < r->all + r->n; i++)
		if ((!oldest || i->serial < oldest->serial) &&
		    !here(mix, i->id))
			oldest = i;
	if (oldest)
		drop(r, oldest);
	return oldest;
}

/* That of 'id', which is made if need be. NULL: there are too many. */
static struct ruling *ruling_of(struct mix *mix, const char *id, bool may_drop)
{
	struct rulings *r = mix->rulings;
	struct ruling *ruling = find(r, id);

	if (ruling)
		return ruling;
	if (r->n == RULINGS_MAX && (!may_drop || !make_room(mix)))
		return NULL;
	ruling = &r->all[place_of(r, id)];
	memmove(ruling + 1, ruling,
		(size_t)(r->all + r->n - ruling) * sizeof(*ruling));
	r->n++;
	*ruling = (struct ruling){ .id = vc_strdup(id), .serial = r->made };
	r->made++;
	return ruling;
}

/* --- what holds of those who are here --- */

/* Is there a role for him alone who has this id? */
static bool has_role(const struct mix *mix, const char *id)
{
	const struct vc_policy *p = mix->conf.policy;
	const struct ruling *ruling = find(mix->rulings, id);

	return p && ((ruling && (ruling->role || ruling->said)) ||
		     strcmp(vc_policy_role(p, id, true),
			    vc_policy_role(p, id, false)) != 0);
}

void rulings_doubt(struct mix *mix, const struct vc_mixer_who *who)
{
	const char *id = vc_mixer_who_id(who), *name = vc_mixer_who_name(who);
	bool is_name = strcmp(id, name) != 0 && has_role(mix, name);
	char safe[VC_ESCAPE_CAP(VC_POLICY_WORD)];
	char safe_name[VC_ESCAPE_CAP(VC_POLICY_WORD)];

	if (mix->rulings->has_warned ||
	    (!is_name && (vc_mixer_who_is_vouched(who) || !has_role(mix, id))))
		return;
	mix->rulings->has_warned = true;
	vc_escape(safe, sizeof(safe), id, strlen(id));
	vc_escape(safe_name, sizeof(safe_name), name, strlen(name));
	if (is_name)
		vc_tool_warn(mix->tool,
			     "%s is what %s calls himself: no role by it "
			     "(%s=INPUT, or --role %s=ROLE --trust-names)",
			     safe_name, safe, safe_name, safe);
	else
		vc_tool_warn(mix->tool,
			     "%s: only he says that this is his name: no role "
			     "by it (%s=INPUT, a key's name, or --trust-names)",
			     safe, safe);
}

bool rulings_have_warned(const struct mix *mix)
{
	return mix->rulings->has_warned;
}

bool rulings_has_floor(const struct mix *mix, const char *id)
{
	return mix->rulings->floor && !strcmp(mix->rulings->floor, id);
}

static void apply_role(struct mix *mix, struct vc_mixer_who *who,
		       const struct ruling *ruling)
{
	const char *id = vc_mixer_who_id(who), *role = NULL;

	if (ruling)
		role = ruling->role ? ruling->role : ruling->said;
	if (!vc_mixer_who_is_vouched(who))
		role = NULL;
	else if (rulings_has_floor(mix, id))
		role = FLOOR_ROLE;
	(void)vc_mixer_set_role(mix->mixer, who, role);
}

void rulings_apply(struct mix *mix, struct vc_mixer_who *who)
{
	const struct ruling *ruling = find(mix->rulings, vc_mixer_who_id(who));

	apply_role(mix, who, ruling);
	/* Of who is called otherwise now holds as well what was said before. */
	if (ruling && ruling->off & ~vc_mixer_off(who))
		vc_mixer_set_off(mix->mixer, who,
				 vc_mixer_off(who) | ruling->off);
	if (ruling && ruling->gain_db10)
		vc_mixer_set_gain(mix->mixer, who, ruling->gain_db10);
}

/* What was said of the role of 'id' has changed. */
static void apply_to(struct mix *mix, const char *id)
{
	struct vc_mixer_who *who = here(mix, id);

	if (!who)
		return;
	apply_role(mix, who, find(mix->rulings, id));
	rulings_doubt(mix, who);
}

/* --- what is said --- */

int rulings_role(struct mix *mix, const char *id, const char *role)
{
	struct ruling *ruling = ruling_of(mix, id, true);

	if (!ruling)
		return -ENOSPC;
	free(ruling->role);
	ruling->role = role ? vc_strdup(role) : NULL;
	drop_if_empty(mix->rulings, ruling);
	if (rulings_has_floor(mix, id))
		rulings_floor(mix, NULL);
	apply_to(mix, id);
	return 0;
}

void rulings_heard(struct mix *mix, const char *id, const char *role)
{
	struct ruling *ruling;

	if (!id || !role || strlen(id) > VC_POLICY_WORD ||
	    !vc_policy_is_role(vc_str_c(role)))
		return;
	ruling = ruling_of(mix, id, false);
	if (!ruling || (ruling->said && !strcmp(ruling->said, role)))
		return;
	free(ruling->said);
	ruling->said = vc_strdup(role);
	apply_to(mix, id);
}

void rulings_floor(struct mix *mix, const char *id)
{
	char *was = mix->rulings->floor;

	mix->rulings->floor = id ? vc_strdup(id) : NULL;
	if (was)
		apply_to(mix, was);
	if (id)
		apply_to(mix, id);
	free(was);
}

static void look_for_floor(void *ctx, const char *word, bool is_role)
{
	bool *is_there = ctx;

	*is_there |= is_role && !strcmp(word, FLOOR_ROLE);
}

bool rulings_know_floor(const struct mix *mix)
{
	bool is_there = false;

	if (mix->conf.policy)
		vc_policy_words(mix->conf.policy, look_for_floor, &is_there);
	return is_there;
}

int rulings_off(struct mix *mix, const char *id, unsigned int set,
		unsigned int clear)
{
	struct ruling *ruling = set ? ruling_of(mix, id, true) :
				      find(mix->rulings, id);

	if (!ruling)
		return set ? -ENOSPC : 0;
	ruling->off = (ruling->off | set) & ~clear;
	drop_if_empty(mix->rulings, ruling);
	return 0;
}

int rulings_gain(struct mix *mix, const char *id, int db10)
{
	struct ruling *ruling = db10 ? ruling_of(mix, id, true) :
				       find(mix->rulings, id);

	if (!ruling)
		return db10 ? -ENOSPC : 0;
	ruling->gain_db10 = db10;
	drop_if_empty(mix->rulings, ruling);
	return 0;
}

void rulings_say_full(struct vc_json *reply)
{
	vc_json_set_str(reply, "warning",
			"of no more people it can be remembered when they "
			"leave");
}

int64_t rulings_lift(struct mix *mix, const char *glob, unsigned int off,
		     bool lifts_gain)
{
	struct rulings *r = mix->rulings;
	int64_t n = 0;

	for (size_t i = r->n; i-- > 0;) {
		struct ruling *ruling = &r->all[i];

		if (!(ruling->off & off) && !(lifts_gain && ruling->gain_db10))
			continue;
		if (!vc_glob(glob, ruling->id) || here(mix, ruling->id))
			continue;
		ruling->off &= ~off;
		if (lifts_gain)
			ruling->gain_db10 = 0;
		drop_if_empty(r, ruling);
		n++;
	}
	return n;
}

/* SPDX-License-Identifier: MIT */
#include "talk.h"

#include <errno.h>
#include <stdio.h>

#include "base/num.h"
#include "base/str.h"

#define WORD 64

/* "0s-5s" or "4s-". */
static int add(struct talk *t, struct vc_str range)
{
	char text[WORD];

	if (t->n == TALK_MAX ||
	    vc_str_copy(text, sizeof(text), range) >= sizeof(text) ||
	    vc_num_range(text, &t->at[t->n].from, &t->at[t->n].to))
		return -EINVAL;
	t->n++;
	return 0;
}

/* NAME=RANGE[,RANGE...]; 't' NULL: only looks. */
static int parse_one(struct talk *t, struct vc_str person, struct vc_str *who)
{
	struct vc_str ranges = person;
	struct talk none = { 0 };

	*who = vc_str_cut(&ranges, '=');
	if (!who->len || !ranges.len)
		return -EINVAL;
	while (ranges.len) {
		if (add(t ? t : &none, vc_str_cut(&ranges, ',')))
			return -EINVAL;
	}
	return 0;
}

int talk_parse(struct talk *t, const char *plan, const char *name)
{
	struct vc_str rest = vc_str_c(plan);

	*t = (struct talk){ .is_planned = true };
	while (rest.len) {
		struct vc_str one = vc_str_cut(&rest, ' '), who = one;

		who = vc_str_cut(&who, '=');
		if (vc_str_is(who, name) && parse_one(t, one, &who))
			return -EINVAL;
	}
	return 0;
}

static bool is_one_of(struct vc_str who, const char *prefix, size_t n)
{
	char name[WORD];

	for (size_t i = 1; i <= n; i++) {
		snprintf(name, sizeof(name), "%s%zu", prefix, i);
		if (vc_str_is(who, name))
			return true;
	}
	return false;
}

int talk_check(const char *plan, const char *prefix, size_t n, char *why,
	       size_t cap)
{
	struct vc_str rest = vc_str_c(plan);

	while (rest.len) {
		struct vc_str one = vc_str_cut(&rest, ' '), who;

		if (!one.len)
			continue;
		if (parse_one(NULL, one, &who)) {
			snprintf(why, cap, "%.*s: not as p1=0s-5s,9s-",
				 VC_STR_ARGS(one));
			return -EINVAL;
		}
		if (!is_one_of(who, prefix, n)) {
			snprintf(why, cap, "%.*s: nobody is called so",
				 VC_STR_ARGS(who));
			return -EINVAL;
		}
	}
	return 0;
}

bool talk_is_on(const struct talk *t, int64_t time)
{
	for (size_t i = 0; i < t->n; i++) {
		if (time >= t->at[i].from && time < t->at[i].to)
			return true;
	}
	return !t->is_planned;
}

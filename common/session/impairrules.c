/* SPDX-License-Identifier: MIT */
/*
 * A rule is added once its window is known: at the next rule or at the end of
 * the text.
 */
#include "session/impairrules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/near.h"
#include "base/num.h"
#include "base/str.h"
#include "session/impairrules_internal.h"

#define TEXT_MAX 8192

/* The key that a word begins with, -1: none of ours; '*value' follows it. */
static int key_of(const char *word, const char **value)
{
	for (int k = 0; k < VC_IMPAIR_KEYS; k++) {
		const char *rest =
			vc_impair_after(word, vc_impair_forms[k].name);

		if (rest && *rest == '=') {
			*value = rest + 1;
			return k;
		}
	}
	return -1;
}

bool vc_impair_is_rule(const char *text)
{
	const char *value;

	while (*text == ' ')
		text++;
	return key_of(text, &value) >= 0 || vc_impair_after(text, "from=") ||
	       vc_impair_after(text, "to=");
}

const char *vc_impair_near(const char *word)
{
	/* What others call it. */
	static const char *const same[][2] = {
		{ "latency", "delay" },
		{ "bandwidth", "rate" },
		{ "packetloss", "loss" },
		{ "outage", "blackout" },
	};
	char name[32];
	struct vc_near near = { .word = name };

	vc_str_copy(name, sizeof(name), vc_str_of(word, strcspn(word, "=")));
	for (size_t i = 0; i < VC_COUNT(same); i++) {
		if (!strcmp(name, same[i][0]))
			return same[i][1];
	}
	for (size_t k = 0; k < VC_IMPAIR_KEYS; k++)
		vc_near_try(&near, vc_impair_forms[k].name);
	return near.best;
}

/* --- a rule is complete --- */

static int add(struct vc_impair_reading *r)
{
	if (vc_impair_plan_add(r->plan, &r->rule)) {
		r->wrong = "at most 64 rules";
		return -EINVAL;
	}
	return 0;
}

static int add_rebinds(struct vc_impair_reading *r)
{
	if (r->has_from || r->has_to) {
		r->wrong = "rebind= has its times itself";
		return -EINVAL;
	}
	for (size_t i = 0; i < r->n_times; i++) {
		r->rule.from = r->how->now + r->times[i];
		if (add(r))
			return -EINVAL;
	}
	return 0;
}

/* Of all rules of one key, those that might hold at once, there is room. */
static int has_room(struct vc_impair_reading *r)
{
	size_t n_lost = r->rule.value.n_lost, n_dark = r->rule.value.n_dark;

	for (size_t i = 0; i < r->plan->n; i++) {
		n_lost += r->plan->rules[i].value.n_lost;
		n_dark += r->plan->rules[i].value.n_dark;
	}
	if (n_lost > VC_IMPAIR_RANGES)
		r->wrong = "at most 64 numbers and ranges";
	if (n_dark > VC_IMPAIR_WINDOWS)
		r->wrong = "at most 16 blackouts";
	return r->wrong ? -EINVAL : 0;
}

static void give_window(struct vc_impair_reading *r)
{
	struct vc_impair_dark *d = &r->rule.value.dark[0];

	r->rule.value.skew_from = r->rule.from;
	if (r->rule.key != VC_IMPAIR_KEY_BLACKOUT || r->is_off)
		return;
	d->from = r->rule.from;
	d->to = r->rule.to;
}

static int finish(struct vc_impair_reading *r)
{
	if (!r->has_rule)
		return 0;
	r->has_rule = false;
	if (r->rule.to <= r->rule.from) {
		r->wrong = "to= is not after from=";
		return -EINVAL;
	}
	if (r->is_off && vc_impair_adds_up(r->rule.key)) {
		if (r->has_from || r->has_to)
			r->wrong = "off has no window here";
		vc_impair_plan_forget(r->plan, r->rule.key);
		return r->wrong ? -EINVAL : 0;
	}
	if (r->rule.key == VC_IMPAIR_KEY_REBIND)
		return add_rebinds(r);
	give_window(r);
	r->wrong = vc_impair_check(&r->rule.value);
	return r->wrong || has_room(r) ? -EINVAL : add(r);
}

/* --- words --- */

static int begin(struct vc_impair_reading *r, const char *word,
		 enum vc_impair_key key, const char *value)
{
	char text[TEXT_MAX];

	if (finish(r))
		return -EINVAL;
	r->word = word;
	if (r->how->replaces && !r->seen[key])
		vc_impair_plan_forget(r->plan, key);
	r->seen[key] = true;
	r->rule = (struct vc_impair_rule){
		.key = key,
		.from = r->how->now,
		.to = INT64_MAX,
	};
	vc_impair_conf_init(&r->rule.value);
	r->has_rule = true;
	r->has_from = r->has_to = false;
	r->is_off = !strcmp(value, "off");
	if (r->is_off)
		return 0;
	vc_strlcpy(text, value, sizeof(text));
	return vc_impair_forms[key].read(r, text);
}

static int window(struct vc_impair_reading *r, const char *time, bool is_from)
{
	bool *has = is_from ? &r->has_from : &r->has_to;
	int64_t t;

	if (!r->has_rule || *has) {
		r->wrong = "from= and to= stand behind the rule that they are "
			   "for, once";
		return -EINVAL;
	}
	if (vc_impair_read_time(time, &t) || t > INT64_MAX - r->how->now) {
		r->wrong = "not a time, as 10s";
		return -EINVAL;
	}
	*has = true;
	*(is_from ? &r->rule.from : &r->rule.to) = r->how->now + t;
	return 0;
}

static void say(const struct vc_impair_reading *r, char *why)
{
	const char *value;
	int key = key_of(r->word, &value);
	char safe[128];

	vc_escape(safe, sizeof(safe), r->word, strlen(r->word));
	if (r->wrong)
		snprintf(why, VC_IMPAIR_WHY, "%s: %s", safe, r->wrong);
	else if (key >= 0)
		snprintf(why, VC_IMPAIR_WHY, "%s: not %s=%s, nor off", safe,
			 vc_impair_forms[key].name, vc_impair_forms[key].form);
	else if (vc_impair_near(r->word))
		snprintf(why, VC_IMPAIR_WHY,
			 "%s: no such rule; did you mean %s=?", safe,
			 vc_impair_near(r->word));
	else
		snprintf(why, VC_IMPAIR_WHY, "%s: no such rule", safe);
}

static int read_word(struct vc_impair_reading *r, const char *word)
{
	const char *value = NULL;
	int key = key_of(word, &value);

	if (key >= 0)
		return begin(r, word, (enum vc_impair_key)key, value);
	r->word = word;
	if (vc_impair_after(word, "from="))
		return window(r, word + 5, true);
	if (vc_impair_after(word, "to="))
		return window(r, word + 3, false);
	return -EINVAL;
}

static int read_words(struct vc_impair_reading *r, char *text, char *why)
{
	while (text) {
		const char *word = strsep(&text, " ");

		if (*word && read_word(r, word)) {
			say(r, why);
			return -EINVAL;
		}
	}
	if (!finish(r))
		return 0;
	say(r, why);
	return -EINVAL;
}

int vc_impair_rules(struct vc_impair_plan *plan, const char *text,
		    const struct vc_impair_words *how,
		    char why[static VC_IMPAIR_WHY])
{
	struct vc_impair_plan *copy = vc_try_alloc(1, sizeof(*copy));
	struct vc_impair_reading r = { .plan = copy, .how = how };
	char words[TEXT_MAX];
	int err = -EINVAL;

	if (!copy || vc_strlcpy(words, text, sizeof(words)) >= sizeof(words)) {
		snprintf(why, VC_IMPAIR_WHY, "too much text");
	} else {
		*copy = *plan;
		err = read_words(&r, words, why);
	}
	if (!err)
		*plan = *copy;
	free(copy);
	return err;
}

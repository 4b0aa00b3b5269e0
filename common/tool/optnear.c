/* SPDX-License-Identifier: MIT */
/*
 * Which long option was meant by one that is none. getopt_long() goes through
 * the words beforehand as argp will, so that the argument of an option is not
 * taken for one. Whatever else is wrong, argp says itself.
 */
#include <argp.h>
#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/near.h"
#include "base/str.h"
#include "tool/internal.h"

#define LONGS_MAX 160

struct names {
	struct option longs[LONGS_MAX + 1];
	size_t n;
	char shorts[2 + 3 * 128];
};

static void add(struct names *names, const struct argp_option *o)
{
	size_t len = strlen(names->shorts);

	if (o->name && names->n < LONGS_MAX) {
		names->longs[names->n] = (struct option){
			.name = o->name,
			.has_arg = o->arg ? o->flags & OPTION_ARG_OPTIONAL ?
					    optional_argument :
					    required_argument :
					    no_argument,
		};
		names->n++;
	}
	if (o->key <= 0 || o->key > 127 || !isalnum(o->key) ||
	    strchr(names->shorts, o->key))
		return;
	names->shorts[len] = (char)o->key;
	if (o->arg)
		strcpy(names->shorts + len + 1,
		       o->flags & OPTION_ARG_OPTIONAL ? "::" : ":");
}

static void add_all(struct names *names, const struct argp_option *o)
{
	for (; o && (o->name || o->key || o->doc); o++)
		add(names, o);
}

static bool is_short_for_one(const struct names *names, const char *word)
{
	for (size_t i = 0; i < names->n; i++)
		if (!strncmp(names->longs[i].name, word, strlen(word)))
			return true;
	return false;
}

/* The nearest name; NULL: none is near, or it is short for one or more. */
static const char *meant(const struct names *names, const char *word)
{
	struct vc_near near = { .word = word };

	if (is_short_for_one(names, word))
		return NULL;
	for (size_t i = 0; i < names->n; i++)
		vc_near_try(&near, names->longs[i].name);
	return near.best;
}

/* What getopt() would print as it is. */
static void check_safe(struct vc_tool *t, const char *word)
{
	char safe[1024];

	vc_escape_rest(safe, sizeof(safe), word, strlen(word));
	if (strcmp(safe, word) != 0)
		vc_tool_usage(t, "unrecognized option '%s'", word);
}

static void check(struct vc_tool *t, const struct names *names,
		  const char *word)
{
	char text[64];
	const char *near;

	if (strncmp(word, "--", 2))
		return;
	vc_str_copy(text, sizeof(text),
		    vc_str_of(word + 2, strcspn(word + 2, "=")));
	near = meant(names, text);
	if (near)
		vc_tool_usage(t, "--%s: no such option; did you mean --%s?",
			      text, near);
	if (!is_short_for_one(names, text))
		check_safe(t, word);
}

void vc_opt_check_names(struct vc_tool *t, const struct argp_option *shared,
			int argc, char **argv)
{
	struct names *names = vc_alloc(1, sizeof(*names));
	char **words = vc_alloc((size_t)argc + 1, sizeof(*words));
	int got;

	if (argc > 0)
		memcpy(words, argv, (size_t)argc * sizeof(*words));
	if (t->info->groups & VC_OPT_IN_ORDER)
		names->shorts[0] = '-';
	add_all(names, t->info->options);
	add_all(names, shared);
	opterr = 0;
	optind = 0; /* begins anew */
	do {
		optopt = 0;
		got = getopt_long(argc, words, names->shorts, names->longs,
				  NULL);
		if (got == '?' && !optopt && optind > 0)
			check(t, names, words[optind - 1]);
		else if (got == '?' && optopt)
			check_safe(t, (char[]){ '-', (char)optopt, '\0' });
		/* In order: from the first operand on it is another's. */
	} while (got != -1 && got != 1);
	free(words);
	free(names);
}

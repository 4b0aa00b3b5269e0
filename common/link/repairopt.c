/* SPDX-License-Identifier: MIT */
/* Lists of words become bits, by the words' places in the tables. */
#include "link/repairopt.h"

#include <string.h>

#include "base/str.h"

static const char *const repairs[] = { "rtx", "nack", "fec", "red", NULL };
static const char *const feedbacks[] = { "rr", "nack", "pli",  "fir",
					 "xr", "twcc", "ccfb", NULL };

/* The bit of a word, 0: it is none of them. */
static unsigned int bit_of(const char *const *words, struct vc_str word)
{
	for (unsigned int i = 0; words[i]; i++) {
		if (vc_str_eq(word, vc_str_c(words[i])))
			return 1u << i;
	}
	return 0;
}

/* False: one of its words is wrong. */
static bool parse_list(const char *arg, const char *const *words,
		       unsigned int *bits)
{
	*bits = 0;
	for (;;) {
		size_t len = strcspn(arg, ",");
		unsigned int bit = bit_of(words, vc_str_of(arg, len));

		if (!bit)
			return false;
		*bits |= bit;
		if (!arg[len])
			return true;
		arg += len + 1;
	}
}

static void parse(const char *arg, const char *const *words, bool *has,
		  unsigned int *bits, struct argp_state *state)
{
	char text[256];

	*has = strcmp(arg, "auto");
	*bits = 0;
	if (!*has || !strcmp(arg, "none") || parse_list(arg, words, bits))
		return;
	vc_escape(text, sizeof(text), arg, strlen(arg));
	if (words == repairs)
		argp_error(state, "--repair %s: rtx,nack,fec,red|auto|none",
			   text);
	else
		argp_error(state,
			   "--feedback %s: "
			   "rr,nack,pli,fir,xr,twcc,ccfb|auto|none",
			   text);
}

error_t vc_repair_opt(int key, const char *arg, struct argp_state *state,
		      struct vc_repair_opts *o)
{
	switch (key) {
	case VC_KEY_REPAIR:
		parse(arg, repairs, &o->has_repair, &o->repair, state);
		return 0;
	case VC_KEY_FEEDBACK:
		parse(arg, feedbacks, &o->has_feedback, &o->feedback, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

bool vc_repair_has(const struct vc_repair_opts *o, unsigned int bit,
		   bool is_described)
{
	return o->has_repair ? o->repair & bit : is_described;
}

bool vc_feedback_has(const struct vc_repair_opts *o, unsigned int bit,
		     bool is_described)
{
	return o->has_feedback ? o->feedback & bit : is_described;
}

/* SPDX-License-Identifier: MIT */
/* Shared by impairrules.c (words, windows) and impairrules_read.c (values). */
#ifndef VC_SESSION_IMPAIRRULES_INTERNAL_H
#define VC_SESSION_IMPAIRRULES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/impairrules.h"

struct vc_impair_reading {
	struct vc_impair_plan *plan; /* a copy */
	const struct vc_impair_words *how;
	struct vc_impair_rule rule; /* the one that is being read */
	bool has_rule;
	bool has_from, has_to;
	bool is_off;
	bool seen[VC_IMPAIR_KEYS];
	int64_t times[VC_IMPAIR_WINDOWS]; /* of rebind= */
	size_t n_times;
	const char *word;  /* that is to blame */
	const char *wrong; /* more than "not so and so"; or NULL */
};

/* A key's name, and for people what its value looks like. */
struct vc_impair_form {
	const char *name;
	const char *form;
	/* 0 or -EINVAL; 'v' is cut into pieces. */
	int (*read)(struct vc_impair_reading *r, char *v);
};

extern const struct vc_impair_form vc_impair_forms[VC_IMPAIR_KEYS];

/* What follows 'name' at the beginning of 'word', or NULL. */
const char *vc_impair_after(const char *word, const char *name);

/* A time from the text's NULL or word. */
int vc_impair_read_time(const char *s, int64_t *t);

#endif

/* SPDX-License-Identifier: MIT */
/* What the files of session/policy.h share. */
#ifndef VC_SESSION_POLICY_INTERNAL_H
#define VC_SESSION_POLICY_INTERNAL_H

#include "session/policy.h"

enum item_kind {
	ITEM_ALL,
	ITEM_ROLE,
	ITEM_ID,
};

struct item {
	enum item_kind kind;
	const char *glob; /* of ITEM_ROLE and ITEM_ID */
	const char *word; /* the only one that fits, or NULL */
};

/* Empty: nobody. */
struct list {
	struct item *items;
	size_t n;
};

struct row {
	struct vc_policy_row pub; /* first: one is the other */
	unsigned int who;	  /* a list */
};

struct role {
	struct item who;
	const char *role;
};

struct vc_policy {
	struct list *lists; /* no two are equal */
	size_t n_lists;
	struct row *rows;
	size_t n_rows;
	struct role *roles; /* first those given, then those of the file */
	size_t n_roles;
	size_t n_given;
	char **words; /* all text, to be freed */
	size_t n_words;
	const char *default_role;
	const char *audio;
	const char *video;
	unsigned int limit;
};

#endif

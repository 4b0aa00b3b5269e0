/* SPDX-License-Identifier: MIT */
/*
 * Who hears and sees whom: the policy file of vc-mix(1), and the resolver,
 * which is pure. A file is lines of columns with blanks between; '#' begins a
 * comment:
 *
 *   default-role ROLE
 *   role WHO ROLE		first match wins
 *   limit N			participants at most; others are refused
 *   audio WORD, video WORD	how sound and pictures are made, as by the
 *				options of that name
 *   WHO HEARS SEES [KEY=VALUE...]
 *
 * WHO, HEARS and SEES are lists with commas between items:
 *
 *   *		everybody
 *   -		nobody (alone only)
 *   self	oneself (in SEES only; '*' means the others)
 *   role:GLOB	who has such a role
 *   GLOB	who has such an id (base/str.h)
 *
 * The first row whose WHO fits somebody is his; whom no row fits hears and sees
 * nobody. Nobody hears himself. Ids of strangers are chosen by themselves
 * (vc-stream(7), "Who is this?"): one that nobody vouches for fits '*' and
 * the default role only.
 */
#ifndef VC_SESSION_POLICY_H
#define VC_SESSION_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/columns.h"
#include "base/str.h"

#define VC_POLICY_SIZE 65536 /* octets of a file at most */
#define VC_POLICY_ROWS 1000  /* rows, and roles, at most */
#define VC_POLICY_ITEMS 64   /* of one list */
#define VC_POLICY_WORD 255   /* octets of an id, a role or a value */
#define VC_POLICY_LIMIT 100000

struct vc_policy; /* does not change once it is read, but for roles given */

/* Somebody, as the resolver needs him. */
struct vc_policy_who {
	const char *id;
	const char *role;
	bool is_vouched; /* for his id; see vc_policy_role() */
};

/*
 * A row. Lists are numbered, equal ones alike, `self` apart: whoever has equal
 * numbers hears (or sees) the same people, but for himself.
 */
struct vc_policy_row {
	unsigned int line;
	unsigned int hears; /* a list, for vc_policy_has() */
	unsigned int sees;
	bool sees_self;
	const char *layout; /* or NULL */
	const char *class;  /* or NULL */
	const char *select; /* "speaker" or "all", or NULL */
};

/* NULL and '*err'. */
struct vc_policy *vc_policy_parse(struct vc_str text,
				  struct vc_columns_error *err);
void vc_policy_free(struct vc_policy *p);

/* The text of a preset ("symmetric", "panel", ...), or NULL. */
const char *vc_policy_preset(const char *name);
/* The name of preset 'i', or NULL after the last. */
const char *vc_policy_preset_name(size_t i);

/*
 * "WHO=ROLE", which goes before the roles of the file, after those given so
 * before. 0, -EINVAL (no such text), -ENOSPC, -ENOMEM.
 */
int vc_policy_give(struct vc_policy *p, const char *rule);

/* Whether 'role' may be one's role: letters, digits, '-', '_' and '.'. */
bool vc_policy_is_role(struct vc_str role);

/*
 * The role that options and file give to 'id'; "" where they say nothing and
 * there is no default. One that is not vouched for has the default, or what a
 * rule for '*' says.
 */
const char *vc_policy_role(const struct vc_policy *p, const char *id,
			   bool is_vouched);

/* Is a row for one who has it, or tells one from others by it? Or is it the
 * default? */
bool vc_policy_knows_role(const struct vc_policy *p, const char *role);

/* Participants at most; 0: as many as come. */
unsigned int vc_policy_limit(const struct vc_policy *p);
/* The words of `audio` and `video`, or NULL. */
const char *vc_policy_audio(const struct vc_policy *p);
const char *vc_policy_video(const struct vc_policy *p);

/*
 * The row of somebody, or NULL: he hears and sees nobody. It lives as long as
 * the policy.
 */
const struct vc_policy_row *vc_policy_row(const struct vc_policy *p,
					  const struct vc_policy_who *who);

/*
 * Why nobody has 'row': all whom it names have a row before it, by the roles that
 * options and file give. The first of them, into '*who', and his row; or NULL.
 */
const struct vc_policy_row *vc_policy_row_before(const struct vc_policy *p,
						 const struct vc_policy_row *row,
						 struct vc_policy_who *who);

/* Row 'i' of the file, NULL after the last. */
const struct vc_policy_row *vc_policy_row_at(const struct vc_policy *p,
					     size_t i);

/* Is a list '-'? */
bool vc_policy_is_nobody(const struct vc_policy *p, unsigned int list);

/* Is he in a list? */
bool vc_policy_has(const struct vc_policy *p, unsigned int list,
		   const struct vc_policy_who *who);

/* Does 'who', with this row (NULL: never), hear 'other'? See him? */
bool vc_policy_hears(const struct vc_policy *p, const struct vc_policy_row *row,
		     const struct vc_policy_who *who,
		     const struct vc_policy_who *other);
bool vc_policy_sees(const struct vc_policy *p, const struct vc_policy_row *row,
		    const struct vc_policy_who *who,
		    const struct vc_policy_who *other);

/*
 * The words in it: 'visit' gets ids (is_role false) and roles in order of
 * appearance, some more than once; globs are left out.
 */
void vc_policy_words(const struct vc_policy *p,
		     void (*visit)(void *ctx, const char *word, bool is_role),
		     void *ctx);

#endif

/* SPDX-License-Identifier: MIT */
/* Whom a policy fits; see session/policy.h. */
#include <string.h>

#include "session/policy_internal.h"

static bool fits(const struct item *item, const struct vc_policy_who *who)
{
	switch (item->kind) {
	case ITEM_ALL:
		return true;
	case ITEM_ROLE:
		return vc_glob(item->glob, who->role);
	case ITEM_ID:
		return who->is_vouched && vc_glob(item->glob, who->id);
	}
	return false;
}

bool vc_policy_is_nobody(const struct vc_policy *p, unsigned int list)
{
	return !p->lists[list].n;
}

bool vc_policy_has(const struct vc_policy *p, unsigned int list,
		   const struct vc_policy_who *who)
{
	const struct list *l = &p->lists[list];

	for (size_t i = 0; i < l->n; i++) {
		if (fits(&l->items[i], who))
			return true;
	}
	return false;
}

const char *vc_policy_role(const struct vc_policy *p, const char *id,
			   bool is_vouched)
{
	const struct vc_policy_who him = { id, "", is_vouched };

	for (size_t i = 0; i < p->n_roles; i++) {
		if (fits(&p->roles[i].who, &him))
			return p->roles[i].role;
	}
	return p->default_role ? p->default_role : "";
}

bool vc_policy_knows_role(const struct vc_policy *p, const char *role)
{
	bool is_known = p->default_role && !strcmp(p->default_role, role);

	for (size_t i = 0; i < p->n_lists; i++)
		for (size_t k = 0; k < p->lists[i].n; k++)
			is_known |= p->lists[i].items[k].kind == ITEM_ROLE &&
				    vc_glob(p->lists[i].items[k].glob, role);
	return is_known;
}

const struct vc_policy_row *vc_policy_row(const struct vc_policy *p,
					  const struct vc_policy_who *who)
{
	for (size_t i = 0; i < p->n_rows; i++) {
		if (vc_policy_has(p, p->rows[i].who, who))
			return &p->rows[i].pub;
	}
	return NULL;
}

/* Who has a row before it, if all whom the item fits do; or (patterns) if
 * everybody does, whoever he is. */
static struct vc_policy_who one_of(const struct vc_policy *p,
				   const struct item *item)
{
	if (item->kind == ITEM_ALL || !item->word)
		return (struct vc_policy_who){ "", "", false };
	if (item->kind == ITEM_ROLE)
		return (struct vc_policy_who){ "", item->word, false };
	return (struct vc_policy_who){ item->word,
				       vc_policy_role(p, item->word, true),
				       true };
}

const struct vc_policy_row *vc_policy_row_before(const struct vc_policy *p,
						 const struct vc_policy_row *row,
						 struct vc_policy_who *who)
{
	const struct list *l = &p->lists[((const struct row *)row)->who];
	const struct vc_policy_row *first = NULL;

	for (size_t i = l->n; i-- > 0;) {
		*who = one_of(p, &l->items[i]);
		first = vc_policy_row(p, who);
		if (!first || first->line >= row->line)
			return NULL;
	}
	return first;
}

const struct vc_policy_row *vc_policy_row_at(const struct vc_policy *p,
					     size_t i)
{
	return i < p->n_rows ? &p->rows[i].pub : NULL;
}

bool vc_policy_hears(const struct vc_policy *p, const struct vc_policy_row *row,
		     const struct vc_policy_who *who,
		     const struct vc_policy_who *other)
{
	return row && strcmp(who->id, other->id) != 0 &&
	       vc_policy_has(p, row->hears, other);
}

bool vc_policy_sees(const struct vc_policy *p, const struct vc_policy_row *row,
		    const struct vc_policy_who *who,
		    const struct vc_policy_who *other)
{
	if (!row)
		return false;
	if (!strcmp(who->id, other->id))
		return row->sees_self;
	return vc_policy_has(p, row->sees, other);
}

/* --- what is in it --- */

static void visit_item(const struct item *item,
		       void (*visit)(void *ctx, const char *word, bool is_role),
		       void *ctx)
{
	if (item->word)
		visit(ctx, item->word, item->kind == ITEM_ROLE);
}

void vc_policy_words(const struct vc_policy *p,
		     void (*visit)(void *ctx, const char *word, bool is_role),
		     void *ctx)
{
	for (size_t i = 0; i < p->n_roles; i++) {
		visit_item(&p->roles[i].who, visit, ctx);
		visit(ctx, p->roles[i].role, true);
	}
	if (p->default_role)
		visit(ctx, p->default_role, true);
	for (size_t i = 0; i < p->n_lists; i++) {
		for (size_t k = 0; k < p->lists[i].n; k++)
			visit_item(&p->lists[i].items[k], visit, ctx);
	}
}

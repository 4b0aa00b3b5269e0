/* SPDX-License-Identifier: MIT */
/*
 * A policy as a table, without any media: those whom the file and the command
 * line name, and for each role one who has it, "(role)".
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "mix.h"

#define PEOPLE_MAX 200
#define WIDTH_MAX 24

struct person {
	char id[VC_POLICY_WORD + 3];
	char role[VC_POLICY_WORD + 1];
	bool is_vouched;
};

struct crowd {
	const struct vc_policy *policy;
	struct person all[PEOPLE_MAX];
	size_t n;
};

static void add(struct crowd *c, const char *id, const char *role,
		bool is_vouched)
{
	struct person *p = &c->all[c->n];

	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->all[i].id, id))
			return;
	if (c->n == PEOPLE_MAX)
		return;
	vc_strlcpy(p->id, id, sizeof(p->id));
	vc_strlcpy(p->role, role, sizeof(p->role));
	p->is_vouched = is_vouched;
	c->n++;
}

static void visit_id(void *ctx, const char *word, bool is_role)
{
	struct crowd *c = ctx;

	if (!is_role)
		add(c, word, vc_policy_role(c->policy, word, true), true);
}

static void visit_role(void *ctx, const char *word, bool is_role)
{
	char id[VC_POLICY_WORD + 3];

	snprintf(id, sizeof(id), "(%s)", word);
	if (is_role)
		add(ctx, id, word, false);
}

static struct vc_policy_who who_of(const struct person *p)
{
	return (struct vc_policy_who){ p->id, p->role, p->is_vouched };
}

/* Foreign text in a column of 'width', escaped. */
static void column(const char *s, int width)
{
	char safe[VC_ESCAPE_CAP(VC_POLICY_WORD + 3)];

	vc_escape(safe, sizeof(safe), s, strlen(s));
	printf("%-*s  ", width, safe);
}

static int width_of(const struct crowd *c)
{
	size_t width = 4;

	for (size_t i = 0; i < c->n; i++) {
		if (strlen(c->all[i].id) > width)
			width = strlen(c->all[i].id);
		if (strlen(c->all[i].role) > width)
			width = strlen(c->all[i].role);
	}
	return width < WIDTH_MAX ? (int)width : WIDTH_MAX;
}

static void row(const struct crowd *c, const struct person *p, int width)
{
	const struct vc_policy_who who = who_of(p);
	const struct vc_policy_row *r = vc_policy_row(c->policy, &who);

	column(p->id, width);
	column(*p->role ? p->role : "-", width);
	if (r)
		printf("%4u", r->line);
	else
		printf("%4s", "-");
	for (size_t i = 0; i < c->n; i++) {
		const struct vc_policy_who other = who_of(&c->all[i]);

		printf("  %c%c",
		       vc_policy_hears(c->policy, r, &who, &other) ? 'h' : '-',
		       vc_policy_sees(c->policy, r, &who, &other) ? 's' : '-');
		for (int k = 2; k < width; k++)
			putchar(' ');
	}
	if (r && r->layout)
		printf("  layout=%s", r->layout);
	if (r && r->class)
		printf("  class=%s", r->class);
	putchar('\n');
}

void matrix_print(const struct vc_policy *p, const char *as)
{
	struct crowd c = { .policy = p };
	int width;

	if (as)
		add(&c, as, vc_policy_role(p, as, true), true);
	vc_policy_words(p, visit_id, &c);
	vc_policy_words(p, visit_role, &c);
	if (!c.n)
		add(&c, "(anybody)", vc_policy_role(p, "", false), false);
	width = width_of(&c);
	column("who", width);
	column("role", width);
	printf("line");
	for (size_t i = 0; i < c.n; i++) {
		printf("  ");
		column(c.all[i].id, width - 2);
	}
	putchar('\n');
	for (size_t i = 0; i < c.n; i++)
		if (!as || !i)
			row(&c, &c.all[i], width);
}

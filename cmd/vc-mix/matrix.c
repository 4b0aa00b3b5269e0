/* SPDX-License-Identifier: MIT */
/*
 * A policy as a table, without any media: those whom the file and the command
 * line name, and for each role two who have it, "(role)" and "(another role)".
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "mix.h"

#define PEOPLE_MAX 200
#define WIDTH_MAX 24
#define ID_CAP (VC_POLICY_WORD + sizeof("(another )"))

struct person {
	char id[ID_CAP];
	char role[VC_POLICY_WORD + 1];
	bool is_vouched;
};

struct crowd {
	const struct vc_policy *policy;
	struct person all[PEOPLE_MAX];
	size_t n;
	int id_width;
	int role_width;
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
	char id[ID_CAP];

	if (!is_role)
		return;
	snprintf(id, sizeof(id), "(%s)", word);
	add(ctx, id, word, false);
	snprintf(id, sizeof(id), "(another %s)", word);
	add(ctx, id, word, false);
}

static struct vc_policy_who who_of(const struct person *p)
{
	return (struct vc_policy_who){ p->id, p->role, p->is_vouched };
}

/* A row of the table: blanks are printed when something follows. */
struct line {
	int blanks;
};

/* Foreign text in a column of 'width', escaped, and two blanks. */
static void column(struct line *l, const char *s, int width)
{
	char safe[VC_ESCAPE_CAP(ID_CAP)];
	int len = (int)vc_escape(safe, sizeof(safe), s, strlen(s));

	printf("%*s%s", l->blanks, "", safe);
	l->blanks = 2 + (len < width ? width - len : 0);
}

static void end(struct line *l)
{
	putchar('\n');
	l->blanks = 0;
}

/* At least 'width', if 's' is longer. */
static int widen(int width, const char *s)
{
	size_t len = strlen(s);

	if (len > WIDTH_MAX)
		len = WIDTH_MAX;
	return (int)len > width ? (int)len : width;
}

static void with(struct line *l, const char *key, const char *value)
{
	char text[VC_POLICY_WORD + 16];

	if (!value)
		return;
	snprintf(text, sizeof(text), "%s=%s", key, value);
	column(l, text, 0);
}

static void row(const struct crowd *c, const struct person *p)
{
	const struct vc_policy_who who = who_of(p);
	const struct vc_policy_row *r = vc_policy_row(c->policy, &who);
	struct line l = { 0 };
	char number[16] = "   -";

	column(&l, p->id, c->id_width);
	column(&l, *p->role ? p->role : "-", c->role_width);
	if (r)
		snprintf(number, sizeof(number), "%4u", r->line);
	column(&l, number, 4);
	for (size_t i = 0; i < c->n; i++) {
		const struct vc_policy_who other = who_of(&c->all[i]);
		const char cell[] = {
			vc_policy_hears(c->policy, r, &who, &other) ? 'h' : '-',
			vc_policy_sees(c->policy, r, &who, &other) ? 's' : '-',
			0
		};

		column(&l, cell, widen(0, c->all[i].id));
	}
	with(&l, "layout", r ? r->layout : NULL);
	with(&l, "class", r ? r->class : NULL);
	with(&l, "select", r ? r->select : NULL);
	end(&l);
}

void matrix_print(const struct vc_policy *p, const char *as)
{
	const char *role = vc_policy_role(p, "", false);
	struct crowd c = { .policy = p };
	struct line l = { 0 };

	if (as)
		add(&c, as, vc_policy_role(p, as, true), true);
	vc_policy_words(p, visit_id, &c);
	vc_policy_words(p, visit_role, &c);
	/* A policy that names nobody has the same for all. */
	if (c.n <= (as != NULL)) {
		add(&c, "(anybody)", role, false);
		add(&c, "(another)", role, false);
	}
	c.id_width = c.role_width = widen(0, "role");
	for (size_t i = 0; i < c.n; i++) {
		c.id_width = widen(c.id_width, c.all[i].id);
		c.role_width = widen(c.role_width, c.all[i].role);
	}
	column(&l, "who", c.id_width);
	column(&l, "role", c.role_width);
	column(&l, "line", 0);
	for (size_t i = 0; i < c.n; i++)
		column(&l, c.all[i].id, 0);
	end(&l);
	for (size_t i = 0; i < c.n; i++)
		if (!as || !i)
			row(&c, &c.all[i]);
}

/* SPDX-License-Identifier: MIT */
/* Reading a policy file; see session/policy.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/near.h"
#include "session/policy_internal.h"

/* A line in columns. */
struct line {
	struct vc_policy *p;
	struct vc_columns text;
};

static int wrong(const struct line *l, const char *what, struct vc_str s)
{
	return vc_columns_wrong(&l->text, what, s);
}

static int no_memory(const struct line *l)
{
	return vc_columns_no_memory(&l->text);
}

/* --- words --- */

/* A copy that lives as long as 'p', or NULL. */
static const char *keep(struct vc_policy *p, struct vc_str s)
{
	char **more, *copy;

	/* Grows by doubling: n_words is a power of two when it is full. */
	if (!(p->n_words & (p->n_words - 1))) {
		more = vc_try_alloc(p->n_words ? 2 * p->n_words : 1,
				    sizeof(*more));
		if (!more)
			return NULL;
		if (p->n_words)
			memcpy(more, p->words, p->n_words * sizeof(*more));
		free(p->words);
		p->words = more;
	}
	copy = vc_try_alloc(s.len + 1, 1);
	if (!copy)
		return NULL;
	memcpy(copy, s.p, s.len);
	return p->words[p->n_words++] = copy;
}

bool vc_policy_is_role(struct vc_str role)
{
	if (!role.len || role.len > VC_POLICY_WORD)
		return false;
	for (size_t i = 0; i < role.len; i++) {
		char c = role.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
			return false;
	}
	return true;
}

/* One word of a list. 0, -EINVAL or -ENOMEM. */
static int read_item(struct vc_policy *p, struct vc_str s, struct item *item)
{
	char word[VC_POLICY_WORD + 1];

	item->glob = item->word = NULL;
	if (vc_str_is(s, "*")) {
		item->kind = ITEM_ALL;
		return 0;
	}
	item->kind = ITEM_ID;
	if (vc_str_starts(s, "role:")) {
		item->kind = ITEM_ROLE;
		vc_str_cut(&s, ':');
	}
	if (!s.len || s.len > VC_POLICY_WORD || vc_str_is(s, "-") ||
	    vc_str_is(s, "self"))
		return -EINVAL;
	item->glob = keep(p, s);
	if (!item->glob)
		return -ENOMEM;
	if (!vc_glob_word(item->glob, word, sizeof(word)))
		return 0;
	item->word = keep(p, vc_str_c(word));
	return item->word ? 0 : -ENOMEM;
}

/* --- lists --- */

static size_t pieces(struct vc_str s)
{
	size_t n = 1;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == ',';
	return n;
}

static bool is_equal(const struct list *a, const struct list *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (a->items[i].kind != b->items[i].kind ||
		    (a->items[i].glob &&
		     strcmp(a->items[i].glob, b->items[i].glob) != 0))
			return false;
	}
	return true;
}

/* The number of 'list', which is kept, or freed if there is one like it. */
static unsigned int intern(struct vc_policy *p, struct list *list)
{
	for (size_t i = 0; i < p->n_lists; i++) {
		if (is_equal(&p->lists[i], list)) {
			free(list->items);
			return (unsigned int)i;
		}
	}
	p->lists[p->n_lists] = *list;
	return (unsigned int)p->n_lists++;
}

static int read_items(const struct line *l, struct vc_str s, struct list *list,
		      bool *has_self)
{
	struct vc_str all = s;
	int err;

	for (size_t n = pieces(s); n; n--) {
		struct vc_str word = vc_str_cut(&s, ',');

		if (has_self && vc_str_is(word, "self")) {
			*has_self = true;
			continue;
		}
		err = read_item(l->p, word, &list->items[list->n]);
		if (err == -ENOMEM)
			return no_memory(l);
		if (err)
			return wrong(l,
				     "a list is *, role:ROLE and ids with "
				     "commas between, or - alone",
				     all);
		list->n++;
	}
	return 0;
}

/* 'has_self': where `self` may be. */
static int read_list(const struct line *l, struct vc_str s,
		     unsigned int *number, bool *has_self)
{
	struct list list = { 0 };
	int err = 0;

	if (pieces(s) > VC_POLICY_ITEMS)
		return wrong(l, "more than 64 in one list", s);
	list.items = vc_try_alloc(pieces(s), sizeof(*list.items));
	if (!list.items)
		return no_memory(l);
	if (!vc_str_is(s, "-"))
		err = read_items(l, s, &list, has_self);
	if (err)
		free(list.items);
	else
		*number = intern(l->p, &list);
	return err;
}

static int read_with(const struct line *l, struct vc_str s,
		     struct vc_policy_row *row)
{
	struct vc_str value = s, key = vc_str_cut(&value, '=');
	const char **where = vc_str_is(key, "layout") ? &row->layout :
			     vc_str_is(key, "class")  ? &row->class :
			     vc_str_is(key, "select") ? &row->select :
							NULL;

	if (!where)
		return wrong(l, "layout=NAME, class=NAME or select=speaker|all",
			     s);
	if (*where)
		return wrong(l, "that was said before", s);
	if (!value.len || value.len > VC_POLICY_WORD)
		return wrong(l, "a name of 1 to 255 octets", s);
	if (where == &row->select && !vc_str_is(value, "speaker") &&
	    !vc_str_is(value, "all"))
		return wrong(l, "select=speaker or select=all", s);
	*where = keep(l->p, value);
	return *where ? 0 : no_memory(l);
}

/* --- lines that begin with a keyword --- */

/* A role for 'who' at place 'at'. 0, -EINVAL, -ENOSPC or -ENOMEM. */
static int add_role(struct vc_policy *p, size_t at, struct vc_str who,
		    struct vc_str role)
{
	struct role r;
	int err;

	if (p->n_roles == VC_POLICY_ROWS)
		return -ENOSPC;
	if (!vc_policy_is_role(role))
		return -EINVAL;
	err = read_item(p, who, &r.who);
	if (err)
		return err;
	if (r.who.kind == ITEM_ROLE || memchr(who.p, ',', who.len))
		return -EINVAL;
	r.role = keep(p, role);
	if (!r.role)
		return -ENOMEM;
	memmove(&p->roles[at + 1], &p->roles[at],
		(p->n_roles - at) * sizeof(*p->roles));
	p->roles[at] = r;
	p->n_roles++;
	return 0;
}

int vc_policy_give(struct vc_policy *p, const char *rule)
{
	const char *at = strrchr(rule, '=');
	int err;

	if (!at)
		return -EINVAL;
	err = add_role(p, p->n_given, vc_str_of(rule, (size_t)(at - rule)),
		       vc_str_c(at + 1));
	if (!err)
		p->n_given++;
	return err;
}

static int read_role(const struct line *l)
{
	int err;

	if (l->text.n != 3)
		return wrong(l, "role WHO ROLE", l->text.col[0]);
	err = add_role(l->p, l->p->n_roles, l->text.col[1], l->text.col[2]);
	if (err == -ENOMEM)
		return no_memory(l);
	if (err == -ENOSPC)
		return wrong(l, "more than 1000 roles", l->text.col[1]);
	if (err && !vc_policy_is_role(l->text.col[2]))
		return wrong(l, "a role is letters, digits, '-', '_', '.'",
			     l->text.col[2]);
	return err ? wrong(l, "a role is for * or one id", l->text.col[1]) : 0;
}

static int read_default(const struct line *l)
{
	if (l->text.n != 2 || !vc_policy_is_role(l->text.col[1]))
		return wrong(l, "default-role ROLE",
			     l->text.col[l->text.n > 1]);
	if (l->p->default_role)
		return wrong(l, "that was said before", l->text.col[0]);
	l->p->default_role = keep(l->p, l->text.col[1]);
	return l->p->default_role ? 0 : no_memory(l);
}

static int read_limit(const struct line *l)
{
	uint32_t n;

	if (l->text.n != 2 ||
	    !vc_str_u32(l->text.col[1], VC_POLICY_LIMIT, &n) || !n)
		return wrong(l, "limit N, from 1 to 100000",
			     l->text.col[l->text.n > 1]);
	if (l->p->limit)
		return wrong(l, "that was said before", l->text.col[0]);
	l->p->limit = n;
	return 0;
}

static int read_way(const struct line *l, const char *make, const char **where)
{
	const char *const words[] = { make, "select", "auto", "off" };

	if (*where)
		return wrong(l, "that was said before", l->text.col[0]);
	for (size_t i = 0; l->text.n == 2 && i < VC_COUNT(words); i++) {
		if (vc_str_is(l->text.col[1], words[i]))
			*where = words[i];
	}
	if (*where)
		return 0;
	return wrong(l,
		     *make == 'm' ? "mix, select, auto or off" :
				    "compose, select, auto or off",
		     l->text.col[l->text.n > 1]);
}

static int read_audio(const struct line *l)
{
	return read_way(l, "mix", &l->p->audio);
}

static int read_video(const struct line *l)
{
	return read_way(l, "compose", &l->p->video);
}

static const struct {
	const char *word;
	int (*read)(const struct line *l);
} keywords[] = {
	{ "default-role", read_default }, { "role", read_role },
	{ "limit", read_limit },	  { "audio", read_audio },
	{ "video", read_video },
};

/* --- rows --- */

/* The keyword that the first column nearly is, or NULL. */
static const char *near_keyword(const struct line *l)
{
	char word[32];
	struct vc_near near = { .word = word };

	if (vc_str_copy(word, sizeof(word), l->text.col[0]) >= sizeof(word))
		return NULL;
	for (size_t i = 0; i < VC_COUNT(keywords); i++)
		vc_near_try(&near, keywords[i].word);
	return near.best;
}

/* Could it be `role WHO ROLE`, as well as a row? */
static bool is_role_line(const struct vc_columns *t)
{
	return t->n == 3 && !vc_str_is(t->col[1], "-") &&
	       !memchr(t->col[1].p, ',', t->col[1].len) &&
	       !vc_str_starts(t->col[1], "role:") &&
	       vc_policy_is_role(t->col[2]) && !vc_str_is(t->col[2], "self") &&
	       !vc_str_eq(t->col[1], t->col[2]);
}

/* Refuses a row that is likely to be another line, misspelt. */
static int check_shape(const struct line *l)
{
	const char *near = near_keyword(l);
	char what[80];

	if (l->text.n >= 3 &&
	    (!near || strcmp(near, "role") != 0 || !is_role_line(&l->text)))
		return 0;
	if (l->text.n >= 3)
		return wrong(l,
			     "did you mean role? (a row for one of that name "
			     "begins with the name twice: a,a)",
			     l->text.col[0]);
	snprintf(what, sizeof(what),
		 "a row is WHO HEARS SEES [KEY=VALUE...]%s%s%s",
		 near ? "; did you mean " : "", near ? near : "",
		 near ? "?" : "");
	return wrong(l, what, l->text.col[0]);
}

static int read_row(const struct line *l)
{
	struct row *row = &l->p->rows[l->p->n_rows];
	int err = check_shape(l);

	if (err)
		return err;
	if (l->p->n_rows == VC_POLICY_ROWS)
		return wrong(l, "more than 1000 rows", l->text.col[0]);
	row->pub.line = l->text.line;
	if (vc_str_is(l->text.col[0], "-"))
		return wrong(l, "a row is for somebody", l->text.col[0]);
	err = read_list(l, l->text.col[0], &row->who, NULL);
	if (!err)
		err = read_list(l, l->text.col[1], &row->pub.hears, NULL);
	if (!err)
		err = read_list(l, l->text.col[2], &row->pub.sees,
				&row->pub.sees_self);
	for (size_t i = 3; !err && i < l->text.n; i++)
		err = read_with(l, l->text.col[i], &row->pub);
	l->p->n_rows += !err;
	return err;
}

static int read_line(const struct line *l)
{
	for (size_t i = 0; i < VC_COUNT(keywords); i++)
		if (vc_str_is(l->text.col[0], keywords[i].word))
			return keywords[i].read(l);
	return read_row(l);
}

/* --- the file --- */

static int read_all(struct line *l)
{
	int err, got;

	l->p->rows = vc_try_alloc(VC_POLICY_ROWS, sizeof(*l->p->rows));
	l->p->roles = vc_try_alloc(VC_POLICY_ROWS, sizeof(*l->p->roles));
	l->p->lists = vc_try_alloc(3 * VC_POLICY_ROWS, sizeof(*l->p->lists));
	if (!l->p->rows || !l->p->roles || !l->p->lists)
		return no_memory(l);
	while ((got = vc_columns_next(&l->text)) > 0) {
		err = read_line(l);
		if (err)
			return err;
	}
	if (got)
		return got;
	if (!l->p->n_rows)
		return wrong(l, "no row says who hears and sees whom",
			     vc_str_c(""));
	return 0;
}

struct vc_policy *vc_policy_parse(struct vc_str text,
				  struct vc_columns_error *err)
{
	struct line l = { 0 };

	if (vc_columns_begin(&l.text, text, VC_POLICY_SIZE, err))
		return NULL;
	l.p = vc_try_alloc(1, sizeof(*l.p));
	if (!l.p) {
		no_memory(&l);
		return NULL;
	}
	if (!read_all(&l))
		return l.p;
	vc_policy_free(l.p);
	return NULL;
}

void vc_policy_free(struct vc_policy *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_lists; i++)
		free(p->lists[i].items);
	free(p->lists);
	for (size_t i = 0; i < p->n_words; i++)
		free(p->words[i]);
	free(p->words);
	free(p->rows);
	free(p->roles);
	free(p);
}

unsigned int vc_policy_limit(const struct vc_policy *p)
{
	return p->limit;
}

const char *vc_policy_audio(const struct vc_policy *p)
{
	return p->audio;
}

const char *vc_policy_video(const struct vc_policy *p)
{
	return p->video;
}

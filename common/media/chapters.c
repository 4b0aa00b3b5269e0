/* SPDX-License-Identifier: MIT */
#include "media/chapters.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

struct talker {
	uint64_t key;
	int64_t since;
	char name[VC_CHAPTER_TITLE];
};

struct vc_chapters {
	/* Who talks now, by when they began. */
	struct talker talkers[VC_CHAPTER_TALKERS];
	size_t n_talkers;
	bool has_holder; /* of the word */
	uint64_t holder;
	int64_t silent_since; /* he, or there is none */
	struct vc_chapter *list;
	size_t n, cap;
};

struct vc_chapters *vc_chapters_new(void)
{
	struct vc_chapters *c = vc_try_alloc(1, sizeof(*c));

	if (c)
		c->silent_since = INT64_MIN;
	return c;
}

void vc_chapters_free(struct vc_chapters *c)
{
	if (!c)
		return;
	free(c->list);
	free(c);
}

size_t vc_chapters_n(const struct vc_chapters *c)
{
	return c->n;
}

const struct vc_chapter *vc_chapters_at(const struct vc_chapters *c, size_t i)
{
	return &c->list[i];
}

static bool make_room(struct vc_chapters *c)
{
	size_t cap = c->cap ? 2 * c->cap : 16;
	struct vc_chapter *grown;

	if (c->n < c->cap)
		return true;
	grown = vc_try_alloc(cap, sizeof(*grown));
	if (!grown)
		return false;
	if (c->n)
		memcpy(grown, c->list, c->n * sizeof(*grown));
	free(c->list);
	c->list = grown;
	c->cap = cap;
	return true;
}

static void add(struct vc_chapters *c, int64_t start, bool is_mark,
		const char *title)
{
	int64_t after = c->n ? c->list[c->n - 1].start + VC_MS : INT64_MIN;
	struct vc_chapter *one;

	/* What there is no memory for is not made, either. */
	if (c->n == VC_CHAPTERS_MAX || !make_room(c))
		return;
	one = &c->list[c->n];
	c->n++;
	one->start = start > after ? start : after;
	one->is_mark = is_mark;
	vc_escape(one->title, sizeof(one->title), title, strlen(title));
}

/* His place among those who talk, or 'n_talkers'. */
static size_t find(const struct vc_chapters *c, uint64_t key)
{
	size_t i = 0;

	while (i < c->n_talkers && c->talkers[i].key != key)
		i++;
	return i;
}

/* One who may have the word by 'at' has it. */
static void decide(struct vc_chapters *c, int64_t at)
{
	const struct talker *t = c->talkers;
	int64_t start, sure;

	if (!c->n_talkers ||
	    (c->has_holder && find(c, c->holder) < c->n_talkers))
		return;
	start = t->since > c->silent_since ? t->since : c->silent_since;
	sure = start + VC_CHAPTER_SURE;
	if (c->n && start < c->list[c->n - 1].start + VC_CHAPTER_LEAST)
		start = c->list[c->n - 1].start + VC_CHAPTER_LEAST;
	if (at < sure || at < start)
		return;
	/* Who goes on after a pause begins nothing. */
	if (!c->has_holder || c->holder != t->key)
		add(c, start, false, t->name);
	c->has_holder = true;
	c->holder = t->key;
}

void vc_chapters_run(struct vc_chapters *c, int64_t at)
{
	decide(c, at);
}

static void begin(struct vc_chapters *c, int64_t at, uint64_t key,
		  const char *name)
{
	struct talker *t = &c->talkers[c->n_talkers];

	if (c->n_talkers == VC_CHAPTER_TALKERS || find(c, key) < c->n_talkers)
		return;
	c->n_talkers++;
	t->key = key;
	t->since = at;
	vc_strlcpy(t->name, name, sizeof(t->name));
}

static void end(struct vc_chapters *c, int64_t at, uint64_t key)
{
	size_t i = find(c, key);

	if (i == c->n_talkers)
		return;
	c->n_talkers--;
	memmove(&c->talkers[i], &c->talkers[i + 1],
		(c->n_talkers - i) * sizeof(*c->talkers));
	if (c->has_holder && c->holder == key)
		c->silent_since = at;
}

void vc_chapters_talk(struct vc_chapters *c, int64_t at, uint64_t key,
		      const char *name, bool is_on)
{
	decide(c, at);
	if (is_on)
		begin(c, at, key, name);
	else
		end(c, at, key);
}

void vc_chapters_mark(struct vc_chapters *c, int64_t at, const char *text)
{
	decide(c, at);
	add(c, at, true, text);
}

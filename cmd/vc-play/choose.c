/* SPDX-License-Identifier: MIT */
/*
 * Who is muted, and who is seen. What a command changes holds for the media of
 * its time: on a stream that nobody looks at, which is played long after it
 * came (--latency), it waits until that is played, so that `--at '5s mute Bob'`
 * cuts at 5 s of every file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "play.h"
#include "tool/control.h"

#define CHANGES_MAX 256
#define WORDS_MAX 256

enum act { MUTE, UNMUTE, ONLY };

struct change {
	struct change *next;
	enum act act;
	int64_t due; /* stream time */
	struct choice who;
};

/* Does the word mean him: his id, name, CNAME or SSRC? */
static bool means(const char *word, const struct vc_source *src)
{
	char ssrc[16];

	snprintf(ssrc, sizeof(ssrc), "%08X", src->ssrc);
	return !strcmp(word, src->who->id) || !strcmp(word, src->name) ||
	       !strcmp(word, src->cname) || !strcasecmp(word, ssrc);
}

static bool choice_has(const struct choice *c, const struct vc_source *src)
{
	for (size_t i = 0; i < c->n; i++)
		if (means(c->words[i], src))
			return true;
	return false;
}

void choice_add(struct choice *c, const char *word)
{
	char **words;

	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->words[i], word))
			return;
	if (c->n == WORDS_MAX)
		return;
	words = realloc(c->words, (c->n + 1) * sizeof(*words));
	if (!words)
		return;
	c->words = words;
	words[c->n] = vc_strdup(word);
	c->n++;
}

static void drop(struct choice *c, const char *word)
{
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->words[i], word))
			continue;
		free(c->words[i]);
		c->n--;
		c->words[i] = c->words[c->n];
		return;
	}
}

static void choice_clear(struct choice *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->words[i]);
	free(c->words);
	*c = (struct choice){ 0 };
}

void choose(struct play *p)
{
	for (struct stream *s = p->streams; s; s = s->next) {
		s->is_muted = choice_has(&p->muted, s->src);
		s->is_hidden = s->is_spare ||
			       (p->only.n && !choice_has(&p->only, s->src));
	}
}

/* The words by which somebody was muted may be others than these. */
static void unmute(struct play *p, const char *word)
{
	drop(&p->muted, word);
	for (const struct stream *s = p->streams; s; s = s->next) {
		if (!means(word, s->src))
			continue;
		drop(&p->muted, s->src->who->id);
		drop(&p->muted, s->src->name);
		drop(&p->muted, s->src->cname);
	}
}

static void carry_out(struct play *p, struct change *c)
{
	if (c->act == ONLY)
		choice_clear(&p->only);
	for (size_t i = 0; i < c->who.n; i++) {
		if (c->act == ONLY)
			choice_add(&p->only, c->who.words[i]);
		else if (c->act == MUTE)
			choice_add(&p->muted, c->who.words[i]);
		else
			unmute(p, c->who.words[i]);
	}
	choice_clear(&c->who);
	free(c);
	play_changed(p);
}

void choose_due(struct play *p, int64_t now)
{
	while (p->changes && p->changes->due <= now) {
		struct change *c = p->changes;

		p->changes = c->next;
		carry_out(p, c);
	}
}

void choose_free(struct play *p)
{
	while (p->changes) {
		struct change *c = p->changes;

		p->changes = c->next;
		choice_clear(&c->who);
		free(c);
	}
	choice_clear(&p->muted);
	choice_clear(&p->only);
}

/* --- commands --- */

static bool is_here(const struct play *p, const char *word)
{
	for (const struct stream *s = p->streams; s; s = s->next)
		if (means(word, s->src))
			return true;
	return false;
}

static int plan(struct play *p, enum act act, int argc, char **argv)
{
	int64_t wait = p->is_paced || !p->has_begun ? 0 : p->zero - p->origin;
	struct change **end = &p->changes;
	size_t n = 0;
	struct change *c;

	for (; *end; end = &(*end)->next)
		n++;
	c = n < CHANGES_MAX ? vc_try_alloc(1, sizeof(*c)) : NULL;
	if (!c)
		return -ENOBUFS;
	c->act = act;
	c->due = vc_loop_now(p->loop) - p->skew + wait;
	for (int i = 1; i < argc; i++)
		choice_add(&c->who, argv[i]);
	*end = c;
	if (!wait)
		choose_due(p, INT64_MAX);
	return 0;
}

static int command(struct play *p, enum act act, int argc, char **argv,
		   struct vc_json *reply)
{
	if (argc < 2 && act != ONLY)
		return vc_refuse(reply, -EINVAL, "whom?");
	for (int i = 1; i < argc; i++) {
		if (is_here(p, argv[i]) || (act == UNMUTE && p->muted.n))
			continue;
		return vc_refuse(reply, -ENOENT, "nobody here is called %s",
				 argv[i]);
	}
	return plan(p, act, argc, argv);
}

static int run_mute(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	return command(ctx, MUTE, argc, argv, reply);
}

static int run_unmute(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	return command(ctx, UNMUTE, argc, argv, reply);
}

static int run_only(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	return command(ctx, ONLY, argc, argv, reply);
}

static const struct vc_command commands[] = {
	{ "mute", "WHO...", "do not let them be heard", run_mute },
	{ "unmute", "WHO...", "let them be heard again", run_unmute },
	{ "only", "[WHO...]", "show them only; nobody named: all", run_only },
	{ 0 },
};

void choose_commands(struct play *p)
{
	vc_control_add(p->tool, commands, p);
}

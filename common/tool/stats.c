/* SPDX-License-Identifier: MIT */
/*
 * Statistics: a record each interval of the loop's clock and one at the end,
 * filled by whoever registered. A tool cannot know its clock before its input
 * is described, so the timer is armed at the start for the live clock and
 * again when a virtual stream begins.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "tool/internal.h"
#include "tool/lines.h"
#include "tool/sandbox.h"

#define SCHEMA "vc.stats/1"

struct fill {
	void (*fn)(void *ctx, struct vc_json *record);
	const char *key; /* of a list, or NULL */
	struct vc_json *(*list)(void *ctx, const void **pos);
	void *ctx;
	struct fill *next;
};

/* Grows; 'bad' when out of memory. */
struct text {
	char *p; /* ended by NUL */
	size_t len;
	size_t cap;
	bool bad;
};

struct vc_stats {
	struct vc_tool *tool;
	struct fill *fills;
	struct fill **last;
	struct vc_lines *lines; /* NULL: nobody wants them */
	struct vc_timer timer;
	int64_t seq;
	struct vc_json *kept; /* from those who have gone already */
};

void vc_tool_on_stats(struct vc_tool *t,
		      void (*fn)(void *ctx, struct vc_json *record), void *ctx)
{
	vc_tool_on_stats_list(t, fn, NULL, NULL, ctx);
}

void vc_tool_on_stats_list(struct vc_tool *t,
			   void (*fn)(void *ctx, struct vc_json *record),
			   const char *key,
			   struct vc_json *(*next)(void *ctx, const void **pos),
			   void *ctx)
{
	struct fill *fill = vc_alloc(1, sizeof(*fill));

	fill->fn = fn;
	fill->key = key;
	fill->list = next;
	fill->ctx = ctx;
	*t->stats->last = fill;
	t->stats->last = &fill->next;
}

static void keep_list(const struct fill *fill, struct vc_json *kept)
{
	struct vc_json *list, *one;
	const void *pos = NULL;

	if (!fill->key)
		return;
	list = vc_json_array();
	while ((one = fill->list(fill->ctx, &pos)))
		vc_json_add(list, one);
	vc_json_set(kept, fill->key, list);
}

void vc_tool_off_stats(struct vc_tool *t,
		       void (*fn)(void *ctx, struct vc_json *record), void *ctx)
{
	struct vc_stats *s = t->stats;
	struct fill **p = &s->fills, *gone;

	while (*p && ((*p)->fn != fn || (*p)->ctx != ctx))
		p = &(*p)->next;
	if (!*p)
		return;
	gone = *p;
	*p = gone->next;
	if (!*p)
		s->last = p;
	if (!s->kept)
		s->kept = vc_json_object();
	gone->fn(gone->ctx, s->kept);
	keep_list(gone, s->kept);
	free(gone);
}

static void add_kept(const struct vc_stats *s, struct vc_json *record)
{
	const struct vc_json *value;
	const char *key;

	for (size_t i = 0; (value = vc_json_member(s->kept, i, &key)); i++)
		vc_json_set(record, key, vc_json_copy(value));
}

/* The first record also says what the run cannot be repeated without. */
static void fill_first(const struct vc_tool *t, struct vc_json *record)
{
	struct vc_json *ready;

	vc_json_set_int(record, "seed", (int64_t)t->opt.seed);
	vc_json_set(record, "sandbox", vc_sandbox_parts(t));
	if (!t->ready.n)
		return;
	ready = vc_json_array();
	for (size_t i = 0; i < t->ready.n; i++)
		vc_json_add_str(ready, t->ready.v[i]);
	vc_json_set(record, "ready", ready);
}

/* --- text --- */

static void add(struct text *t, const char *s)
{
	size_t len = strlen(s), cap = t->cap ? t->cap : 4096;
	char *p;

	while (cap - t->len <= len)
		cap += cap / 4;
	if (cap != t->cap && !t->bad) {
		p = vc_try_alloc(1, cap);
		t->bad = !p;
		if (p && t->len)
			memcpy(p, t->p, t->len);
		if (p) {
			free(t->p);
			t->p = p;
			t->cap = cap;
		}
	}
	if (t->bad)
		return;
	memcpy(t->p + t->len, s, len + 1);
	t->len += len;
}

/* Of 'j', which goes. */
static void add_json(struct text *t, struct vc_json *j)
{
	char *s = vc_json_text(j);

	vc_json_free(j);
	if (s)
		add(t, s);
	else
		t->bad = true;
	free(s);
}

static void add_list(struct text *t, const struct fill *fill)
{
	const void *pos = NULL;
	const char *sep = "";
	struct vc_json *one;

	if (!fill->key)
		return;
	add(t, ",\"");
	add(t, fill->key);
	add(t, "\":[");
	while ((one = fill->list(fill->ctx, &pos))) {
		add(t, sep);
		add_json(t, one);
		sep = ",";
	}
	add(t, "]");
}

/* A line of 'record', which goes, and the lists; '.p' NULL: out of memory. */
static struct text text_of(const struct vc_stats *s, struct vc_json *record)
{
	struct text t = { 0 };

	add_json(&t, record);
	/* It is an object, and not empty. */
	if (!t.bad)
		t.len--;
	for (const struct fill *f = s->fills; f; f = f->next)
		add_list(&t, f);
	add(&t, "}\n");
	if (!t.bad)
		return t;
	free(t.p);
	return (struct text){ 0 };
}

static void write_record(struct vc_stats *s, const char *ended)
{
	struct vc_tool *t = s->tool;
	struct vc_json *record = vc_json_object();
	struct text text;
	int err;

	vc_json_set_str(record, "schema", SCHEMA);
	vc_json_set_str(record, "tool", t->info->name);
	if (t->opt.tag)
		vc_json_set_str(record, "tag", t->opt.tag);
	vc_json_set_int(record, "t", vc_loop_now(t->loop) / VC_US);
	vc_json_set_int(record, "seq", s->seq);
	if (!s->seq)
		fill_first(t, record);
	s->seq++;
	for (struct fill *f = s->fills; f; f = f->next)
		f->fn(f->ctx, record);
	if (ended)
		add_kept(s, record);
	if (vc_lines_left_out(s->lines))
		vc_json_set_int(record, "records_left_out",
				(int64_t)vc_lines_left_out(s->lines));
	if (ended)
		vc_json_set_str(record, "ended", ended);
	text = text_of(s, record);
	err = text.p ? vc_lines_put(s->lines, text.p, text.len) : -ENOMEM;
	if (!err)
		return;
	if (err != -EPIPE && err != -ECONNRESET)
		vc_tool_fail(t, VC_EXIT_FAIL, "--stats: write: %s",
			     strerror(-err));
	vc_lines_close(s->lines);
	s->lines = NULL;
}

static void tick(void *ctx, int64_t now)
{
	struct vc_stats *s = ctx;
	const struct vc_options *o = &s->tool->opt;
	int64_t next = s->timer.deadline + o->stats_interval;

	if (!s->lines)
		return;
	write_record(s, NULL);
	/* After a stop of the machine: one record, not one for each miss. */
	if (next <= now)
		next = now + o->stats_interval;
	vc_timer_arm(s->tool->loop, &s->timer, next);
}

struct vc_stats *vc_stats_new(struct vc_tool *t)
{
	struct vc_stats *s = vc_alloc(1, sizeof(*s));

	s->tool = t;
	s->last = &s->fills;
	s->timer.fn = tick;
	s->timer.ctx = s;
	return s;
}

static void arm(struct vc_stats *s, int64_t from)
{
	if (s->lines)
		vc_timer_arm(s->tool->loop, &s->timer,
			     from + s->tool->opt.stats_interval);
}

int vc_stats_open(struct vc_stats *s)
{
	const char *place = s->tool->opt.stats;
	char why[256], safe[256];
	int err;

	if (!place)
		return 0;
	err = vc_lines_open(&s->lines, s->tool, place, why, sizeof(why));
	vc_escape(safe, sizeof(safe), place, strlen(place));
	if (err == -EINVAL)
		vc_tool_usage(s->tool, "--stats %s: %s", safe, why);
	if (err)
		vc_tool_fail(s->tool, VC_EXIT_FAIL, "--stats %s: open: %s",
			     safe, why);
	else
		arm(s, vc_loop_now(s->tool->loop));
	return err;
}

struct vc_json *vc_stats_fill(struct vc_stats *s)
{
	struct vc_json *record = vc_json_object();

	for (struct fill *f = s->fills; f; f = f->next)
		f->fn(f->ctx, record);
	return record;
}

void vc_stats_begin(struct vc_stats *s, int64_t now)
{
	vc_timer_cancel(s->tool->loop, &s->timer);
	arm(s, now);
}

void vc_stats_end(struct vc_stats *s)
{
	vc_timer_cancel(s->tool->loop, &s->timer);
	if (s->lines)
		write_record(s, s->tool->ended);
	vc_lines_close(s->lines);
	vc_json_free(s->kept);
	while (s->fills) {
		struct fill *next = s->fills->next;

		free(s->fills);
		s->fills = next;
	}
	free(s);
}

/* SPDX-License-Identifier: MIT */
/*
 * --at and --script: lines with a time, each with a timer of its own. Timers
 * of one deadline run in arming order, so lines of one time run as written,
 * --at before the script. A line whose command does not exist, or cannot be
 * right, is a usage error before anything runs; one that is refused is a
 * run-time failure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "tool/control.h"
#include "tool/internal.h"
#include "tool/list.h"

#define MAX_SCRIPT (1024 * 1024)

struct item {
	struct vc_timer timer;
	struct vc_schedule *all;
	int64_t offset;
	char *line; /* the command */
	bool has_fired;
	struct item *next;
};

struct vc_schedule {
	struct vc_tool *tool;
	struct vc_control *control;
	struct item *items;
	struct item **last;
	bool has_begun;
};

static void fire(void *ctx, int64_t now)
{
	struct item *item = ctx;
	struct vc_tool *t = item->all->tool;
	struct vc_json *reply = vc_control_run(item->all->control, item->line);
	const char *error = vc_json_get_str(reply, "error");
	const char *warning = vc_json_get_str(reply, "warning");
	char safe[256], why[256];
	bool ok = false;

	(void)now;
	item->has_fired = true;
	vc_escape(safe, sizeof(safe), item->line, strlen(item->line));
	if (vc_json_get_bool(reply, "ok", &ok) && !ok) {
		error = error ? error : "refused";
		vc_escape(why, sizeof(why), error, strlen(error));
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: %s", safe, why);
	} else if (warning) {
		vc_escape(why, sizeof(why), warning, strlen(warning));
		vc_tool_warn(t, "%s: %s", safe, why);
	}
	vc_json_free(reply);
}

/* "minitool: --at '1s mtue': no such command; did you mean mute?" */
static void say_unknown(struct vc_schedule *s, const char *where,
			const char *text, const char *name)
{
	const char *near = vc_control_nearest(s->control, name);

	if (near && !strcmp(near, name))
		vc_tool_usage(s->tool, "%s '%s': only by --control", where,
			      text);
	vc_tool_usage(s->tool, "%s '%s': no such command%s%s%s", where, text,
		      near ? "; did you mean " : "", near ? near : "",
		      near ? "?" : "");
}

static void check_command(struct vc_schedule *s, const char *where,
			  const char *text, const char *line)
{
	char *copy = vc_strdup(line), *argv[64], why[256];
	int n = vc_control_words(copy, argv, VC_COUNT(argv));
	struct vc_json *reply = vc_json_object();
	const struct vc_command *cmd;
	const char *error;
	void *ctx;

	if (n < 1)
		vc_tool_usage(s->tool, "%s '%s': a quote is not closed", where,
			      text);
	cmd = vc_control_find(s->control, argv[0], &ctx);
	if (!cmd)
		say_unknown(s, where, text, argv[0]);
	if (cmd && vc_control_try(s->control, cmd, n, argv, reply)) {
		error = vc_json_get_str(reply, "error");
		error = error ? error : "refused";
		vc_escape(why, sizeof(why), error, strlen(error));
		vc_tool_usage(s->tool, "%s '%s': %s", where, text, why);
	}
	vc_json_free(reply);
	free(copy);
}

/* "TIME COMMAND". 'where' names the option or the line of the script. */
static void add(void *ctx, const char *where, struct vc_str text)
{
	struct vc_schedule *s = ctx;
	struct item *item = vc_alloc(1, sizeof(*item));
	struct vc_str rest = text;
	char time[32], safe[256];
	size_t len = 0, cut;

	while (len < text.len && text.p[len] != ' ' && text.p[len] != '\t')
		len++;
	cut = vc_str_copy(time, sizeof(time), vc_str_of(text.p, len));
	vc_escape(safe, sizeof(safe), text.p, text.len);
	while (len < text.len && (text.p[len] == ' ' || text.p[len] == '\t'))
		len++;
	rest = vc_str_of(text.p + len, text.len - len);
	if (!rest.len || cut >= sizeof(time) ||
	    vc_num_time(time, &item->offset))
		vc_tool_usage(s->tool, "%s '%s': not 'TIME COMMAND'", where,
			      safe);
	item->line = vc_alloc(rest.len + 1, 1);
	memcpy(item->line, rest.p, rest.len);
	check_command(s, where, safe, item->line);
	item->all = s;
	item->timer.fn = fire;
	item->timer.ctx = item;
	*s->last = item;
	s->last = &item->next;
}

struct vc_schedule *vc_schedule_new(struct vc_tool *t, struct vc_control *c)
{
	const struct vc_options *o = &t->opt;
	struct vc_schedule *s;

	if (!o->at.n && !o->script)
		return NULL;
	s = vc_alloc(1, sizeof(*s));
	s->tool = t;
	s->control = c;
	s->last = &s->items;
	for (size_t i = 0; i < o->at.n; i++)
		add(s, "--at", vc_str_c(o->at.v[i]));
	if (o->script)
		vc_list_read(t, "--script", o->script, MAX_SCRIPT, add, s);
	return s;
}

void vc_schedule_begin(struct vc_schedule *s, int64_t start)
{
	if (s)
		s->has_begun = true;
	for (struct item *item = s ? s->items : NULL; item; item = item->next)
		vc_timer_arm(s->tool->loop, &item->timer, start + item->offset);
}

/* A conference that ended before somebody was let in is not as it was meant. */
void vc_schedule_end(struct vc_schedule *s)
{
	const struct item *first = NULL;
	char safe[256], more[64] = "";
	size_t n = 0;

	for (struct item *item = s ? s->items : NULL; item; item = item->next) {
		if (item->has_fired)
			continue;
		if (!n++)
			first = item;
	}
	if (!n || !s->has_begun)
		return;
	vc_escape(safe, sizeof(safe), first->line, strlen(first->line));
	if (n > 1)
		snprintf(more, sizeof(more), ", and %zu more", n - 1);
	vc_tool_warn(s->tool, "%s: not done: it ended before %gs%s", safe,
		     (double)first->offset / 1e9, more);
}

void vc_schedule_free(struct vc_schedule *s)
{
	while (s && s->items) {
		struct item *item = s->items;

		s->items = item->next;
		vc_timer_cancel(s->tool->loop, &item->timer);
		free(item->line);
		free(item);
	}
	free(s);
}

/* SPDX-License-Identifier: MIT */
/*
 * Commands: what a line means, whichever way it came (a socket, --at, a
 * script). The sockets are in clients.c, the times in schedule.c, the private
 * folder in private.c.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/near.h"
#include "base/str.h"
#include "tool/clients.h"
#include "tool/control.h"
#include "tool/internal.h"
#include "tool/sandbox.h"

#define MAX_WORDS 64

struct table {
	const struct vc_command *commands;
	void *ctx;
	struct table *next;
};

struct vc_control {
	struct vc_tool *tool;
	struct table *tables;
	vc_command_check *check; /* or NULL */
	void *check_ctx;
	struct vc_clients *clients;
	struct vc_schedule *schedule;
	bool has_begun;
	bool has_private; /* asked for; the path is "" if it could not be */
	char private_path[108];
};

/* --- commands --- */

int vc_refuse(struct vc_json *reply, int err, const char *format, ...)
{
	char why[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(why, sizeof(why), format, ap);
	va_end(ap);
	vc_json_set_str(reply, "error", why);
	return err;
}

void vc_control_add(struct vc_tool *t, const struct vc_command *commands,
		    void *ctx)
{
	struct table **last = &t->control->tables;
	struct table *table = vc_alloc(1, sizeof(*table));

	while (*last)
		last = &(*last)->next;
	table->commands = commands;
	table->ctx = ctx;
	*last = table;
}

void vc_control_check(struct vc_tool *t, vc_command_check *check, void *ctx)
{
	t->control->check = check;
	t->control->check_ctx = ctx;
}

int vc_control_try(const struct vc_control *c, const struct vc_command *cmd,
		   int argc, char **argv, struct vc_json *reply)
{
	return c->check ? c->check(c->check_ctx, cmd, argc, argv, reply) : 0;
}

static const struct vc_command built_in[] = {
	{ "help", "", "list the commands", NULL },
	{ "events", "", "send events from now on, a line each", NULL },
	{ "stats", "", "the figures of --stats, as they are now", NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct vc_command *vc_control_find(const struct vc_control *c,
					 const char *name, void **ctx)
{
	for (const struct table *t = c->tables; t; t = t->next) {
		const struct vc_command *cmd = t->commands;

		for (; cmd->name; cmd++) {
			if (!strcmp(cmd->name, name)) {
				*ctx = t->ctx;
				return cmd;
			}
		}
	}
	return NULL;
}

static void near_in(struct vc_near *near, const struct vc_command *cmd)
{
	for (; cmd->name; cmd++)
		vc_near_try(near, cmd->name);
}

const char *vc_control_nearest(const struct vc_control *c, const char *name)
{
	struct vc_near near = { .word = name };

	near_in(&near, built_in);
	for (const struct table *t = c->tables; t; t = t->next)
		near_in(&near, t->commands);
	return near.best;
}

static void list_commands(const struct vc_command *cmd, struct vc_json *list)
{
	for (; cmd->name; cmd++) {
		struct vc_json *j = vc_json_object();

		vc_json_set_str(j, "name", cmd->name);
		vc_json_set_str(j, "args", cmd->args ? cmd->args : "");
		vc_json_set_str(j, "help", cmd->help ? cmd->help : "");
		vc_json_add(list, j);
	}
}

static void help(const struct vc_control *c, struct vc_json *reply)
{
	struct vc_json *list = vc_json_array();

	for (const struct table *t = c->tables; t; t = t->next)
		list_commands(t->commands, list);
	list_commands(built_in, list);
	vc_json_set(reply, "commands", list);
}

/* --- lines --- */

int vc_control_words(char *line, char **argv, int cap)
{
	char *from = line, *to = line;
	int n = 0;

	for (;;) {
		bool is_quoted = false;

		while (*from == ' ' || *from == '\t')
			from++;
		if (!*from)
			return n;
		if (n == cap)
			return -E2BIG;
		argv[n] = to;
		n++;
		for (; *from && (is_quoted || (*from != ' ' && *from != '\t'));
		     from++) {
			if (*from == '"') {
				is_quoted = !is_quoted;
				continue;
			}
			if (*from == '\\' && from[1] &&
			    strchr(" \t\"\\", from[1]))
				from++;
			*to = *from;
			to++;
		}
		if (is_quoted)
			return -EINVAL;
		if (*from)
			from++;
		*to = '\0';
		to++;
	}
}

static int run(struct vc_control *c, int argc, char **argv,
	       struct vc_json *reply)
{
	const struct vc_command *cmd;
	const char *near;
	void *ctx;
	int err;

	if (argc <= 0)
		return vc_refuse(reply, -EINVAL,
				 !argc		 ? "empty line" :
				 argc == -EINVAL ? "a quote is not closed" :
						   "too many words");
	cmd = vc_control_find(c, argv[0], &ctx);
	if (cmd) {
		err = vc_control_try(c, cmd, argc, argv, reply);
		return err ? err : cmd->run(ctx, argc, argv, reply);
	}
	if (!strcmp(argv[0], "help")) {
		help(c, reply);
		return 0;
	}
	if (!strcmp(argv[0], "stats")) {
		vc_json_set(reply, "stats", vc_stats_fill(c->tool->stats));
		return 0;
	}
	near = vc_control_nearest(c, argv[0]);
	return vc_refuse(reply, -EINVAL, "no such command: %.60s%s%s%s",
			 argv[0], near ? "; did you mean " : "",
			 near ? near : "", near ? "?" : " (help lists them)");
}

/* Followers hear of what was carried out. */
static void tell_done(struct vc_control *c, const char *line)
{
	struct vc_json *ev;

	if (!vc_clients_has_followers(c->clients))
		return;
	ev = vc_json_event("control", vc_loop_now(c->tool->loop));
	vc_json_set_str(ev, "command", line);
	vc_control_event(c->tool, ev);
	vc_json_free(ev);
}

struct vc_json *vc_control_run(struct vc_control *c, const char *line)
{
	struct vc_json *reply = vc_json_object();
	char *argv[MAX_WORDS + 1] = { 0 },
			       *copy = vc_try_alloc(strlen(line) + 1, 1);
	int err = -ENOMEM, argc;

	vc_json_set_bool(reply, "ok", true);
	if (copy) {
		memcpy(copy, line, strlen(line));
		argc = vc_control_words(copy, argv, MAX_WORDS);
		argv[argc > 0 ? argc : 0] = NULL;
		err = run(c, argc, argv, reply);
		free(copy);
	}
	if (!err) {
		tell_done(c, line);
		return reply;
	}
	vc_json_set_bool(reply, "ok", false);
	if (!vc_json_get(reply, "error"))
		vc_json_set_str(reply, "error", strerror(-err));
	return reply;
}

/* --- sockets --- */

static char *refuse(void *ctx, const char *why)
{
	struct vc_json *reply = vc_json_object();
	char *text;

	(void)ctx;
	vc_json_set_bool(reply, "ok", false);
	(void)vc_refuse(reply, 0, "%s", why);
	text = vc_json_text(reply);
	vc_json_free(reply);
	return text;
}

static char *take_line(void *ctx, const char *line, size_t len, bool *follows)
{
	struct vc_control *c = ctx;
	struct vc_json *reply;
	char *text;

	if (!vc_utf8_valid(line, len))
		return refuse(c, "not UTF-8");
	for (size_t i = 0; i < len; i++) {
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') ||
		    line[i] == 0x7f)
			return refuse(c, "control character in the line");
	}
	if (!strcmp(line, "events")) {
		reply = vc_json_object();
		vc_json_set_bool(reply, "ok", true);
		*follows = true;
	} else {
		reply = vc_control_run(c, line);
	}
	text = vc_json_text(reply);
	vc_json_free(reply);
	if (!text || strlen(text) < VC_CLIENT_ANSWER)
		return text;
	free(text);
	return refuse(c, "the answer is longer than 256 KiB: ask for less");
}

void vc_control_event(struct vc_tool *t, const struct vc_json *event)
{
	struct vc_control *c = t->control;
	char *text;

	if (!vc_clients_has_followers(c->clients))
		return;
	text = vc_json_text(event);
	if (text)
		vc_clients_tell(c->clients, text);
	free(text);
}

/* --- life --- */

struct vc_control *vc_control_new(struct vc_tool *t)
{
	struct vc_control *c = vc_alloc(1, sizeof(*c));
	struct vc_clients_ops ops = { .line = take_line,
				      .refuse = refuse,
				      .ctx = c };

	c->tool = t;
	c->clients = vc_clients_new(t->loop, &ops);
	return c;
}

int vc_control_start(struct vc_control *c)
{
	const char *path = c->tool->opt.control;
	char safe[256];
	int err;

	c->schedule = vc_schedule_new(c->tool, c);
	if (!path)
		return 0;
	vc_escape(safe, sizeof(safe), path, strlen(path));
	if (vc_str_starts(vc_str_c(path), "unix:"))
		path += strlen("unix:");
	if (!*path || !strcmp(path, "-"))
		vc_tool_usage(c->tool, "--control %s: a path is needed", safe);
	err = vc_clients_listen(c->clients, path);
	vc_sandbox_allow(c->tool, path, VC_ALLOW_REMOVE);
	if (err)
		vc_tool_fail(c->tool, VC_EXIT_FAIL, "--control %s: %s", safe,
			     strerror(-err));
	return err;
}

void vc_control_begin(struct vc_tool *t, int64_t stream_start)
{
	struct vc_control *c = t->control;

	if (c->has_begun)
		return;
	c->has_begun = true;
	if (vc_loop_is_virtual(t->loop)) {
		if (!t->opt.has_seed) {
			t->opt.seed = 1;
			vc_tool_bind_rand(t);
		}
		vc_stats_begin(t->stats, stream_start);
	}
	vc_status_begin(t->status, stream_start);
	vc_schedule_begin(c->schedule, stream_start);
}

const char *vc_control_private(struct vc_tool *t)
{
	struct vc_control *c = t->control;

	if (!c->has_private && !vc_loop_is_virtual(t->loop)) {
		c->has_private = true;
		if (vc_private_path(t->info->name, c->private_path,
				    sizeof(c->private_path)) ||
		    vc_clients_listen(c->clients, c->private_path))
			c->private_path[0] = '\0';
	}
	return c->private_path[0] ? c->private_path : NULL;
}

void vc_control_unlink(struct vc_control *c)
{
	vc_clients_unlink(c->clients);
}

void vc_control_free(struct vc_control *c)
{
	if (strcmp(c->tool->ended, "signal") != 0)
		vc_schedule_end(c->schedule);
	vc_clients_free(c->clients);
	vc_schedule_free(c->schedule);
	while (c->tables) {
		struct table *next = c->tables->next;

		free(c->tables);
		c->tables = next;
	}
	free(c);
}

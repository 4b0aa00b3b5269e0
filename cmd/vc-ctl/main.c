/* SPDX-License-Identifier: MIT */
/*
 * vc-ctl: sends one command to a tool's control socket and prints what comes
 * back. The first line is the reply; after `events`, further lines are events,
 * until either side ends. What is printed was parsed and written anew, so that
 * nothing a stranger named himself reaches the terminal as it came.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "tool/clients.h"
#include "tool/place.h"
#include "tool/tool.h"

#define MAX_COMMAND 4096
#define MAX_LINE VC_CLIENT_ANSWER

enum { KEY_TIMEOUT = VC_KEY_OWN };

struct options {
	struct vc_words words; /* PATH COMMAND... */
	int64_t timeout;
};

struct ctl {
	struct vc_tool *tool;
	char path[300]; /* escaped */
	struct vc_watch watch;
	struct vc_timer timer;
	bool follows; /* the command was `events` */
	bool has_reply;
	size_t len;
	char line[MAX_LINE + 1];
};

static const struct argp_option options[] = {
	{ "timeout", KEY_TIMEOUT, "T", 0,
	  "give up when no reply came for T (default 5s)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case KEY_TIMEOUT:
		return vc_opt_time(state, arg, &o->timeout);
	case ARGP_KEY_ARG:
		vc_words_add(&o->words, arg);
		if (o->words.n < 2)
			return 0;
		/* All that follows the command's name is the command's. */
		for (; state->next < state->argc; state->next++)
			vc_words_add(&o->words, state->argv[state->next]);
		return 0;
	case ARGP_KEY_END:
		if (!o->words.n)
			argp_error(state, "which socket? PATH COMMAND...");
		if (o->words.n == 1)
			argp_error(state, "which command? Try '%s %s help'.",
				   state->name, o->words.v[0]);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct vc_tool_info info = {
	.name = "vc-ctl",
	.sentence = "Sends a command to a running vc tool, by the socket that "
		    "the tool was given with --control.",
	.args_doc = "PATH COMMAND...",
	.io_doc = "Writes the reply to stdout, one line of JSON; for the "
		  "command 'events', a line each event until the tool ends. "
		  "Exit 0: done, 1: refused.",
	.examples = "vc-ctl cam.sock help\n"
		    "vc-ctl cam.sock bitrate 500k\n"
		    "vc-ctl mix.sock events | jq .ev\n",
	.groups = VC_OPT_IN_ORDER,
	.options = options,
	.parse = parse,
};

/* --- the command line of the socket --- */

static bool needs_quotes(const char *word)
{
	return !*word || word[strcspn(word, " \t\"\\")];
}

/* Words to a line that the other side cuts into the same words. */
static int join(const struct vc_words *w, char *line, size_t cap)
{
	size_t n = 0;

	for (size_t i = 1; i < w->n; i++) {
		bool quoted = needs_quotes(w->v[i]);

		/* At worst each character takes two, and quotes and a blank. */
		if (n + 2 * strlen(w->v[i]) + 4 > cap)
			return -E2BIG;
		if (i > 1)
			line[n++] = ' ';
		if (quoted)
			line[n++] = '"';
		for (const char *s = w->v[i]; *s; s++) {
			if (*s == '"' || *s == '\\')
				line[n++] = '\\';
			line[n++] = *s;
		}
		if (quoted)
			line[n++] = '"';
	}
	line[n++] = '\n';
	return (int)n;
}

/* --- what comes back --- */

static void end(struct ctl *c, const char *why)
{
	if (!c->has_reply)
		vc_tool_fail(c->tool, VC_EXIT_FAIL, "%s: %s", c->path, why);
	vc_tool_stop(c->tool, c->has_reply ? "eof" : "error");
}

static void too_late(void *ctx, int64_t now)
{
	(void)now;
	end(ctx, "no reply in time");
}

static void show(struct ctl *c, const struct vc_json *j)
{
	char *text = vc_json_text(j);

	if (text)
		puts(text);
	free(text);
	if (fflush(stdout))
		vc_tool_stop(c->tool, "eof");
}

static void take_line(struct ctl *c, const char *line, size_t len)
{
	struct vc_json *j = vc_json_parse(line, len, NULL);
	bool ok = false;

	if (!vc_json_is_object(j) ||
	    (!c->has_reply && !vc_json_get_bool(j, "ok", &ok))) {
		vc_json_free(j);
		vc_tool_fail(c->tool, VC_EXIT_FAIL,
			     "%s: reply: not one of a vc tool", c->path);
		vc_tool_stop(c->tool, "error");
		return;
	}
	if (c->has_reply || !ok || !c->follows)
		show(c, j);
	vc_json_free(j);
	if (c->has_reply)
		return;
	c->has_reply = true;
	vc_timer_cancel(vc_tool_loop(c->tool), &c->timer);
	if (!ok)
		vc_tool_set_exit(c->tool, VC_EXIT_FAIL);
	if (!ok || !c->follows)
		vc_tool_stop(c->tool, "eof");
}

static void take(void *ctx, unsigned int events)
{
	struct ctl *c = ctx;
	ssize_t n = read(c->watch.fd, c->line + c->len, MAX_LINE - c->len);
	char *line = c->line, *nl;

	(void)events;
	if (n <= 0) {
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			return;
		end(c, n ? strerror(errno) : "closed without a reply");
		return;
	}
	c->len += (size_t)n;
	while (!vc_loop_is_stopped(vc_tool_loop(c->tool)) &&
	       (nl = memchr(line, '\n', c->len))) {
		take_line(c, line, (size_t)(nl - line));
		c->len -= (size_t)(nl + 1 - line);
		line = nl + 1;
	}
	memmove(c->line, line, c->len);
	if (c->len == MAX_LINE) {
		vc_tool_fail(c->tool, VC_EXIT_FAIL, "%s: line too long",
			     c->path);
		vc_tool_stop(c->tool, "error");
	}
}

/* --- wiring --- */

static int say(struct ctl *c, const char *path, const char *line, size_t len)
{
	struct vc_place place = { .kind = VC_PLACE_UNIX };
	int err;

	if (vc_str_starts(vc_str_c(path), "unix:"))
		path += strlen("unix:");
	if (strlen(path) > 107)
		return -ENAMETOOLONG;
	vc_strlcpy(place.path, path, sizeof(place.path));
	err = vc_place_open_read(&place, &c->watch.fd);
	if (err)
		return err;
	if (write(c->watch.fd, line, len) != (ssize_t)len)
		return -errno;
	c->watch.fn = take;
	c->watch.ctx = c;
	return vc_loop_watch(vc_tool_loop(c->tool), &c->watch, VC_READ);
}

static void run(struct ctl *c, const struct options *o)
{
	struct vc_loop *loop = vc_tool_loop(c->tool);
	const char *path = o->words.v[0];
	char line[MAX_COMMAND];
	int len = join(&o->words, line, sizeof(line)), err;

	if (len < 0)
		vc_tool_usage(c->tool, "the command is too long");
	vc_escape(c->path, sizeof(c->path), path, strlen(path));
	c->follows = o->words.n == 2 && !strcmp(o->words.v[1], "events");
	if (vc_tool_start(c->tool))
		return;
	err = say(c, path, line, (size_t)len);
	if (err) {
		vc_tool_fail(c->tool, VC_EXIT_FAIL, "%s: %s%s", c->path,
			     strerror(-err),
			     err == -ECONNREFUSED ? " (has the tool ended?)" :
						    "");
		return;
	}
	c->timer.fn = too_late;
	c->timer.ctx = c;
	vc_timer_arm(loop, &c->timer, vc_loop_now(loop) + o->timeout);
	vc_tool_run(c->tool);
}

int main(int argc, char **argv)
{
	struct options o = { .timeout = 5 * VC_SEC };
	struct vc_tool *t = vc_tool_new(&info);
	struct ctl *c = vc_alloc(1, sizeof(*c));

	vc_tool_parse(t, argc, argv, &o);
	c->tool = t;
	c->watch.fd = -1;
	run(c, &o);
	if (c->watch.fd >= 0)
		close(c->watch.fd);
	free(o.words.v);
	free(c);
	return vc_tool_end(t);
}

/* SPDX-License-Identifier: MIT */
/*
 * The live status line of a pipeline: the last tool of it, whose stdout is no
 * pipe or socket, shows how far it is while it stands in the terminal's
 * foreground. Drawn from the statistics record, twice a second of real time,
 * when the loop is about to sleep; wiped before anything else is said.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "tool/internal.h"

#define INTERVAL (500 * VC_MS)
#define WIPE "\r\033[K"

struct vc_status {
	struct vc_tool *tool;
	struct vc_hook hook;
	int64_t begun; /* stream time */
	int64_t drawn; /* real time; 0: never */
	bool is_there; /* a line stands on the terminal */
};

/* Is it ours to show, now? */
static bool is_ours(const struct vc_tool *t)
{
	struct stat st;

	if (t->opt.verbose < 0 || !isatty(STDERR_FILENO) ||
	    tcgetpgrp(STDERR_FILENO) != getpgrp())
		return false;
	return fstat(STDOUT_FILENO, &st) ||
	       !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

/* "3 sources, 1234 packets, 5.6 MB" of the record's member. */
static void add_member(char *line, size_t cap, const struct vc_json *record,
		       const char *key)
{
	const struct vc_json *j = vc_json_get(record, key);
	size_t len = strlen(line);
	int64_t sources, packets, octets;

	if (!j || !vc_json_get_int(j, "packets", &packets) ||
	    !vc_json_get_int(j, "octets", &octets))
		return;
	if (vc_json_get_int(j, "sources", &sources))
		len += (size_t)snprintf(line + len, cap - len, ", %lld sources",
					(long long)sources);
	snprintf(line + len, cap - len, ", %s %lld packets %.1f MB", key,
		 (long long)packets, (double)octets / 1e6);
}

static void draw(struct vc_status *s)
{
	struct vc_tool *t = s->tool;
	struct vc_json *record = vc_stats_fill(t->stats);
	int64_t ms = (vc_loop_now(t->loop) - s->begun) / VC_MS;
	char line[160];

	snprintf(line, sizeof(line) / 2, "%.40s: %lld:%02lld.%lld", t->prefix,
		 (long long)(ms / 60000), (long long)(ms / 1000 % 60),
		 (long long)(ms / 100 % 10));
	add_member(line, sizeof(line), record, "in");
	add_member(line, sizeof(line), record, "out");
	vc_json_free(record);
	line[79] = '\0';
	s->is_there = fprintf(stderr, WIPE "%s", line) > 0;
	fflush(stderr);
}

static void look(void *ctx)
{
	struct vc_status *s = ctx;
	int64_t mono = vc_mono_now();

	if (!s->begun || mono - s->drawn < INTERVAL)
		return;
	s->drawn = mono;
	if (is_ours(s->tool))
		draw(s);
	else
		vc_status_wipe(s);
}

struct vc_status *vc_status_new(struct vc_tool *t)
{
	struct vc_status *s = vc_alloc(1, sizeof(*s));

	s->tool = t;
	s->hook = (struct vc_hook){ .fn = look, .ctx = s };
	vc_loop_add_hook(t->loop, &s->hook);
	return s;
}

void vc_status_begin(struct vc_status *s, int64_t start)
{
	if (!s->begun)
		s->begun = start;
}

void vc_status_wipe(struct vc_status *s)
{
	if (!s || !s->is_there)
		return;
	s->is_there = false;
	fputs(WIPE, stderr);
	fflush(stderr);
}

void vc_status_free(struct vc_status *s)
{
	vc_status_wipe(s);
	vc_loop_remove_hook(s->tool->loop, &s->hook);
	free(s);
}

void vc_tool_wipe(struct vc_tool *t)
{
	vc_status_wipe(t->status);
}

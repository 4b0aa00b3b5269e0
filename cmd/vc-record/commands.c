/* SPDX-License-Identifier: MIT */
/*
 * Commands. They are for all outputs, and what was sent before one is recorded
 * as it was before: units are on their way for a second (agenda.h).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "notes.h"
#include "recorder.h"
#include "sidecar.h"
#include "tool/control.h"

#define MARK_CAP 1024

static const char *const state_words[] = { "recording", "paused", "stopped" };

void commands_turn(struct recorder *rec, int64_t at, enum turn turn,
		   enum output_state state)
{
	rec->wanted = state;
	rec->waits_for_key = rec->waits_for_voice = false;
	for (size_t i = 0; i < rec->n_outputs; i++) {
		rec->outputs[i].waits_for_key = false;
		output_turn(&rec->outputs[i], at, turn);
	}
}

static void turn(struct recorder *rec, enum turn turn, enum output_state state)
{
	commands_turn(rec, vc_loop_now(rec->loop), turn, state);
}

static int answer(const struct recorder *rec, struct vc_json *reply)
{
	vc_json_set_str(reply, "state", state_words[rec->wanted]);
	return 0;
}

static int no(const struct recorder *rec, struct vc_json *reply)
{
	return vc_refuse(reply, -EINVAL, "it is %s", state_words[rec->wanted]);
}

static int run_start(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct recorder *rec = ctx;

	(void)argc;
	(void)argv;
	if (rec->wanted != OUTPUT_RESTS)
		return no(rec, reply);
	turn(rec, TURN_START, OUTPUT_RUNS);
	return answer(rec, reply);
}

static int run_stop(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct recorder *rec = ctx;

	(void)argc;
	(void)argv;
	if (rec->wanted == OUTPUT_RESTS)
		return no(rec, reply);
	turn(rec, TURN_STOP, OUTPUT_RESTS);
	return answer(rec, reply);
}

static int run_pause(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct recorder *rec = ctx;

	(void)argc;
	(void)argv;
	if (rec->wanted != OUTPUT_RUNS)
		return no(rec, reply);
	turn(rec, TURN_PAUSE, OUTPUT_PAUSES);
	return answer(rec, reply);
}

static int run_resume(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct recorder *rec = ctx;

	(void)argc;
	(void)argv;
	if (rec->wanted != OUTPUT_PAUSES)
		return no(rec, reply);
	turn(rec, TURN_RESUME, OUTPUT_RUNS);
	take_ask_keys(rec);
	return answer(rec, reply);
}

static int run_split(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct recorder *rec = ctx;

	(void)argc;
	(void)argv;
	if (rec->wanted == OUTPUT_RESTS)
		return no(rec, reply);
	turn(rec, TURN_SPLIT, rec->wanted);
	take_ask_keys(rec);
	return answer(rec, reply);
}

static int run_mark(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct recorder *rec = ctx;
	int64_t now = vc_loop_now(rec->loop);
	char text[MARK_CAP] = "";
	struct vc_json *j;
	size_t len = 0;

	for (int i = 1; i < argc; i++) {
		int n = snprintf(text + len, sizeof(text) - len, "%s%s",
				 i > 1 ? " " : "", argv[i]);

		if (n < 0 || (size_t)n >= sizeof(text) - len)
			return vc_refuse(reply, -E2BIG,
					 "a mark has at most %d octets",
					 MARK_CAP - 1);
		len += (size_t)n;
	}
	if (!len)
		return vc_refuse(reply, -EINVAL, "mark: TEXT is due");
	if (rec->wanted == OUTPUT_RESTS)
		return no(rec, reply);
	j = sidecar_event("mark");
	vc_json_set_str(j, "text", text);
	notes_put(rec, now, AGENDA_ALL, j);
	vc_json_free(j);
	return answer(rec, reply);
}

static int run_state(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct recorder *rec = ctx;
	struct vc_json *files = vc_json_array();

	(void)argc;
	(void)argv;
	for (size_t i = 0; i < rec->n_outputs; i++)
		for (struct volume *v = rec->outputs[i].volumes; v; v = v->next)
			if (!v->why)
				vc_json_add_str(files, v->name);
	vc_json_set(reply, "files", files);
	return answer(rec, reply);
}

const struct vc_command record_commands[] = {
	{ "start", "", "record again, into other files", run_start },
	{ "stop", "", "complete all files", run_stop },
	{ "pause", "", "leave out what comes now", run_pause },
	{ "resume", "", "go on in the same files", run_resume },
	{ "split", "", "go on in other files", run_split },
	{ "mark", "TEXT", "note that in the sidecars", run_mark },
	{ "state", "", "say whether it records, and which files are open",
	  run_state },
	{ 0 },
};

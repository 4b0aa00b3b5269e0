/* SPDX-License-Identifier: MIT */
/*
 * The programs are run when the stream has ended, one at a time, by a helper
 * that is no part of the sandbox. What is kept for them until then is limited:
 * ROOM octets a source and ROOM_ALL of all, and MOST sources.
 */
#include "judge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "decode.h"
#include "probe.h"
#include "record.h"
#include "tool/place.h"
#include "tool/runner.h"

#define ROOM ((size_t)1 << 30)
#define ROOM_ALL ((size_t)4 << 30)
#define MOST 64
#define SECONDS 600		  /* that a program may take */
#define ANSWER ((size_t)64 << 20) /* octets; of each picture it has figures */

static const char many[] = "too many sources";

struct judge {
	const struct probe *p;
	struct vc_runner *runner;
	char vmaf[VC_RUNNER_PATH], visqol[VC_RUNNER_PATH]; /* "": not */
	bool is_many;	    /* which was told once */
	unsigned int pairs; /* begun so far */
	size_t octets;	    /* that are kept */
};

/* --- opening --- */

static void find(struct probe *p, const char *option, const char *program,
		 char path[static VC_RUNNER_PATH])
{
	int err = program ? vc_runner_find(program, path) : 0;

	if (err)
		vc_tool_usage(p->tool, "%s %s: %s", option, program,
			      err == -EACCES ? "is no program" :
					       strerror(-err));
}

int judge_open(struct judge **out, struct probe *p)
{
	const struct probe_options *o = p->opt;
	struct judge *j;
	int err;

	if (!o->vmaf && !o->visqol)
		return 0;
	if (o->calls)
		vc_tool_usage(p->tool, "--calls: not with --vmaf, --visqol: "
				       "these judge at the end");
	j = vc_alloc(1, sizeof(*j));
	j->p = p;
	find(p, "--vmaf", o->vmaf, j->vmaf);
	find(p, "--visqol", o->visqol, j->visqol);
	err = vc_runner_open(&j->runner, p->tool,
			     (const char *const[]){ j->vmaf, j->visqol, NULL },
			     SECONDS);
	if (!err) {
		*out = j;
		return 0;
	}
	vc_tool_fail(p->tool, VC_EXIT_FAIL, "%s: a folder in TMPDIR: %s",
		     o->vmaf ? "--vmaf" : "--visqol", strerror(-err));
	free(j);
	return err;
}

void judge_close(struct judge *j)
{
	if (!j)
		return;
	vc_runner_close(j->runner);
	free(j);
}

bool judge_sees(const struct judge *j)
{
	return j && j->vmaf[0];
}

bool judge_hears(const struct judge *j)
{
	return j && j->visqol[0];
}

void judge_all(struct probe *p)
{
	for (const struct meter *m = p->first; p->judge && m; m = m->next) {
		film_judge(decoder_film(m->decoder), m);
		tape_judge(decoder_tape(m->decoder), m);
	}
}

/* --- a pair --- */

#define NAME (VC_RUNNER_PATH + 64)

static void name(char path[static NAME], const struct pair *pair,
		 const char *what, const char *suffix)
{
	snprintf(path, NAME, "%s/%s%u%s", vc_runner_folder(pair->judge->runner),
		 what, pair->n, suffix);
}

static FILE *create(const struct pair *pair, const char *what,
		    const char *suffix)
{
	char path[NAME];
	int fd;

	name(path, pair, what, suffix);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd < 0 ? NULL : fdopen(fd, "w+");
}

void judge_pair_fault(struct pair *pair, const char *why)
{
	pair->why = why;
	pair->is_fault = true;
}

bool judge_pair_open(struct pair *pair, struct judge *j, const char *suffix)
{
	pair->judge = j;
	pair->n = j->pairs;
	pair->why = many;
	if (j->pairs == MOST)
		return false;
	j->pairs++;
	pair->why = NULL;
	pair->ref = create(pair, "ref", suffix);
	pair->deg = create(pair, "deg", suffix);
	if (!pair->ref || !pair->deg)
		judge_pair_fault(pair, "its files: open failed");
	return !pair->why;
}

bool judge_pair_room(struct pair *pair, size_t len)
{
	struct judge *j = pair->judge;

	if (len > ROOM - pair->octets || len > ROOM_ALL - j->octets) {
		if (!pair->octets)
			pair->why = "no room for its files";
		return false;
	}
	pair->octets += len;
	j->octets += len;
	return true;
}

static bool shut(FILE **f)
{
	bool is_well = *f && !ferror(*f);

	if (*f && fclose(*f))
		is_well = false;
	*f = NULL;
	return is_well;
}

bool judge_pair_end(struct pair *pair)
{
	bool ref = shut(&pair->ref), deg = shut(&pair->deg);

	if (!pair->why && !(ref && deg))
		judge_pair_fault(pair, "its files: write failed");
	return !pair->why;
}

/* Whatever lies there, it is not waited for. */
static struct vc_json *answer(const char *path)
{
	struct vc_place file = { .kind = VC_PLACE_PATH, .is_file = true };
	struct vc_json *j;
	char *text;
	size_t len;

	if (vc_strlcpy(file.path, path, sizeof(file.path)) >=
		    sizeof(file.path) ||
	    vc_place_slurp(&file, ANSWER, &text, &len))
		return NULL;
	j = vc_json_parse_large(text, len, ANSWER, NULL);
	free(text);
	return j;
}

static bool is_sound(const char *suffix)
{
	return !strcmp(suffix, ".wav");
}

static const char *option_of(const char *suffix)
{
	return is_sound(suffix) ? "--visqol" : "--vmaf";
}

/* Who is judged, escaped. */
static void name_who(char who[static VC_ESCAPE_CAP(VC_ROSTER_TEXT)],
		     const struct pair *pair, const struct meter *m)
{
	const char *called = record_who(pair->judge->p, m);

	vc_escape(who, VC_ESCAPE_CAP(VC_ROSTER_TEXT), called, strlen(called));
}

/* As its own command line is. */
static int run(const struct pair *pair, const char *suffix,
	       const char *const path[static 3],
	       char why[static 2 * VC_RUNNER_LINE])
{
	const struct judge *j = pair->judge;
	const char *const vmaf[] = {
		j->vmaf,  "--reference", path[0], "--distorted", path[1],
		"--json", "--output",	 path[2], NULL,
	};
	const char *const visqol[] = {
		j->visqol, "--reference_file", path[0], "--degraded_file",
		path[1],   "--output_debug",   path[2], NULL,
	};

	return vc_runner_run(j->runner, is_sound(suffix) ? visqol : vmaf, why);
}

struct vc_json *judge_pair_run(struct pair *pair, const struct meter *m,
			       const char *suffix)
{
	char path[3][NAME], why[2 * VC_RUNNER_LINE];
	char who[VC_ESCAPE_CAP(VC_ROSTER_TEXT)];
	const struct probe *p = pair->judge->p;
	struct vc_json *out;
	int err;

	name_who(who, pair, m);
	name(path[0], pair, "ref", suffix);
	name(path[1], pair, "deg", suffix);
	name(path[2], pair, "out", ".json");
	vc_tool_note(p->tool, "%s: %s: runs", option_of(suffix), who);
	err = run(pair, suffix,
		  (const char *const[]){ path[0], path[1], path[2] }, why);
	out = err ? NULL : answer(path[2]);
	unlink(path[2]);
	if (out)
		return out;
	pair->why = err == -EINTR ? "stopped" :
		    err == -ETIME ? "it took too long" :
				    "the program failed";
	pair->is_told = true;
	vc_tool_fail(p->tool, VC_EXIT_FAIL, "%s: %s: %s: %s", option_of(suffix),
		     who, pair->why,
		     why[0]		   ? why :
		     err == -EINTR	   ? "by a signal" :
		     err == -ETIME	   ? "10 minutes" :
		     err && err != -ECHILD ? strerror(-err) :
					     "it wrote no JSON");
	return NULL;
}

void judge_pair_tell(struct pair *pair, const struct meter *m,
		     const char *suffix)
{
	struct judge *j = pair->judge;
	char who[VC_ESCAPE_CAP(VC_ROSTER_TEXT)];

	if (!pair->why || pair->is_told || (pair->why == many && j->is_many))
		return;
	pair->is_told = true;
	j->is_many |= pair->why == many;
	name_who(who, pair, m);
	if (pair->is_fault)
		vc_tool_fail(j->p->tool, VC_EXIT_FAIL, "%s: %s: %s (in %s)",
			     option_of(suffix), who, pair->why,
			     vc_runner_folder(j->runner));
	else
		vc_tool_warn(j->p->tool, "%s: %s: no figure: %s",
			     option_of(suffix), who, pair->why);
}

void judge_pair_clear(struct pair *pair, const char *suffix)
{
	char path[NAME];

	judge_pair_end(pair);
	name(path, pair, "ref", suffix);
	unlink(path);
	name(path, pair, "deg", suffix);
	unlink(path);
	pair->judge->octets -= pair->octets;
	pair->octets = 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * The files: traces that rules name, acts that are written and such that are
 * repeated. All are opened before the tool starts; later there are only those
 * that were.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "impair.h"
#include "session/impairtrace.h"
#include "tool/place.h"

#define TRACE_OCTETS (16u << 20)
#define ACTS_OCTETS (256u << 20)
#define BUFFER (256u << 10)

struct trace {
	const char *path;
	bool are_opportunities;
	struct vc_impair_trace trace;
	struct trace *next;
};

/* --- traces --- */

static const struct vc_impair_trace *known(const struct impair *im,
					   const char *path,
					   bool are_opportunities)
{
	for (const struct trace *t = im->traces; t; t = t->next) {
		if (!strcmp(t->path, path) &&
		    t->are_opportunities == are_opportunities)
			return &t->trace;
	}
	return NULL;
}

static int slurp(struct impair *im, const char *path, size_t max, char **text,
		 size_t *len)
{
	struct vc_place p;
	char why[256];
	int err;

	if (vc_place_parse(&p, path, false, why, sizeof(why)))
		vc_tool_usage(im->tool, "%s: %s", p.text, why);
	err = vc_place_slurp(&p, max, text, len);
	if (err)
		vc_tool_usage(im->tool, "%s: read: %s", p.text,
			      vc_place_why(&p, err));
	return err;
}

static const char *why_not(int err)
{
	if (err == -EBADMSG)
		return "not as it should be";
	return err == -EFBIG ? "too long" : strerror(-err);
}

const struct vc_impair_trace *files_trace(void *ctx, const char *path,
					  bool are_opportunities,
					  const char **wrong)
{
	struct impair *im = ctx;
	const struct vc_impair_trace *there =
		known(im, path, are_opportunities);
	size_t len = 0, line;
	char *text = NULL;
	struct trace *t;
	int err;

	if (there)
		return there;
	if (im->has_started) {
		*wrong = "traces are read at the start only";
		return NULL;
	}
	slurp(im, path, TRACE_OCTETS, &text, &len);
	t = vc_alloc(1, sizeof(*t));
	t->path = vc_strdup(path);
	t->are_opportunities = are_opportunities;
	err = vc_impair_trace_read(&t->trace, text, len, are_opportunities,
				   &line);
	free(text);
	if (err) {
		char safe[128];

		vc_escape(safe, sizeof(safe), path, strlen(path));
		vc_tool_usage(im->tool, "%s: line %zu: %s", safe, line,
			      why_not(err));
	}
	t->next = im->traces;
	im->traces = t;
	return &t->trace;
}

/* --- acts --- */

static void head(struct impair *im)
{
	fputs(VC_IMPAIR_ACTS_HEAD, im->acts);
	for (size_t i = 0; i < im->rules.n; i++) {
		char safe[256];

		vc_escape(safe, sizeof(safe), im->rules.v[i],
			  strlen(im->rules.v[i]));
		fprintf(im->acts, "# %s\n", safe);
	}
}

void files_open(struct impair *im)
{
	size_t len = 0, line;
	char *text = NULL;
	struct vc_place p;
	char why[256];
	int err, fd;

	if (im->replay_path) {
		slurp(im, im->replay_path, ACTS_OCTETS, &text, &len);
		err = vc_impair_acts_read(im->script, text, len, &line);
		free(text);
		if (err)
			vc_tool_usage(im->tool, "--replay: line %zu: %s", line,
				      why_not(err));
	}
	if (!im->acts_path)
		return;
	if (vc_place_parse(&p, im->acts_path, false, why, sizeof(why)))
		vc_tool_usage(im->tool, "--acts: %s: %s", p.text, why);
	err = vc_place_open_write(im->tool, &p, &fd);
	im->acts = err ? NULL : fdopen(fd, "w");
	if (!im->acts)
		vc_tool_usage(im->tool, "--acts: %s: open: %s", p.text,
			      err ? vc_place_why(&p, err) : strerror(errno));
	setvbuf(im->acts, NULL, _IOFBF, BUFFER);
	head(im);
}

void files_act(void *ctx, const struct vc_impair_act *act)
{
	struct way *way = ctx;
	char line[VC_IMPAIR_ACT_TEXT];
	size_t len = vc_impair_act_write(line, (int)(way - way->im->way), act);

	fwrite(line, 1, len, way->im->acts);
}

void files_close(struct impair *im)
{
	bool is_bad;

	if (im->acts) {
		is_bad = ferror(im->acts);
		if (fclose(im->acts) || is_bad)
			vc_tool_fail(im->tool, VC_EXIT_FAIL,
				     "--acts: write: failed");
		im->acts = NULL;
	}
	vc_impair_acts_free(im->script);
	while (im->traces) {
		struct trace *t = im->traces;

		im->traces = t->next;
		free((void *)(uintptr_t)t->path);
		free(t->trace.v);
		free(t);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * Arrangements of tiles by their names: those of the option, of commands and of
 * the policy's rows. A name keeps its place for ever, so that who is shown by it
 * need not be told when its file is read again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "mix.h"

#define LAYOUTS_MAX 256

struct layout {
	char *name;
	bool is_kept; /* 'now' holds */
	bool is_read; /* and 'next' is about to */
	struct vc_arrange now;
	struct vc_arrange next;
};

struct layouts {
	struct layout *all[LAYOUTS_MAX];
	size_t n;
	bool is_running; /* nothing may be waited for any longer */
};

struct layouts *layouts_new(void)
{
	return vc_alloc(1, sizeof(struct layouts));
}

void layouts_free(struct layouts *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->all[i]->name);
		free(l->all[i]);
	}
	free(l);
}

void layouts_run(struct layouts *l)
{
	l->is_running = true;
}

bool layouts_is_running(const struct layouts *l)
{
	return l->is_running;
}

static struct layout *find(const struct layouts *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->all[i]->name, name))
			return l->all[i];
	return NULL;
}

/* --- reading --- */

/* A place for 'name'; NULL: there are too many. */
static struct layout *place_for(struct layouts *l, const char *name)
{
	struct layout *layout = find(l, name);

	if (layout || l->n == LAYOUTS_MAX)
		return layout;
	layout = vc_alloc(1, sizeof(*layout));
	layout->name = vc_strdup(name);
	l->all[l->n++] = layout;
	return layout;
}

int layouts_read(struct layouts *l, const char *name,
		 struct vc_columns_error *err)
{
	struct layout *layout = find(l, name);
	struct vc_arrange a;
	int e;

	if (layout && layout->is_read)
		return 0;
	e = vc_texts_layout(&a, name, l->is_running, err);
	if (e)
		return e;
	layout = place_for(l, name);
	if (!layout) {
		err->line = 0;
		snprintf(err->why, sizeof(err->why), "more than %d layouts",
			 LAYOUTS_MAX);
		return -ENOSPC;
	}
	layout->next = a;
	layout->is_read = true;
	return 0;
}

void layouts_keep(struct layouts *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct layout *layout = l->all[i];

		if (layout->is_read)
			layout->now = layout->next;
		layout->is_kept |= layout->is_read;
		layout->is_read = false;
	}
}

void layouts_drop(struct layouts *l)
{
	for (size_t i = 0; i < l->n; i++)
		l->all[i]->is_read = false;
}

const struct vc_arrange *layouts_arrange(void *ctx, const char *name)
{
	const struct mix *mix = ctx;
	const struct layout *layout = find(mix->layouts, name);

	return layout && layout->is_kept ? &layout->now : NULL;
}

void layouts_use(struct mix *mix, const char *name)
{
	const struct layout *layout = find(mix->layouts, name);

	layouts_keep(mix->layouts);
	mix->layout = layout->name;
	if (strpbrk(layout->name, "/."))
		vc_tool_on_hangup(mix->tool, rules_on_hangup, mix);
	mix->conf.layout = &layout->now;
	if (mix->mixer)
		vc_mixer_set_layout(mix->mixer, mix->conf.layout);
}

void layouts_open(struct mix *mix, const char *name)
{
	struct vc_columns_error err;
	char why[VC_COLUMNS_SAID];

	if (!layouts_read(mix->layouts, name, &err)) {
		layouts_use(mix, name);
		return;
	}
	vc_columns_say(&err, why);
	vc_tool_usage(mix->tool, "--layout %s: %s", name, why);
}

/* --- commands --- */

int layouts_command(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	struct vc_columns_error err;
	char why[VC_COLUMNS_SAID];
	int e;

	(void)argc;
	e = layouts_read(mix->layouts, argv[1], &err);
	if (e) {
		vc_columns_say(&err, why);
		return vc_refuse(reply, e, "%s", why);
	}
	layouts_use(mix, argv[1]);
	if (rules_have_layouts(mix))
		vc_json_set_str(reply, "warning",
				"each row of the policy has its own");
	return 0;
}

int layouts_pin_command(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	struct vc_mixer_who *him = NULL;
	int err;

	(void)argc;
	if (!mix->mixer)
		return vc_refuse(reply, -EAGAIN, "nothing has come yet");
	if (!strcmp(argv[1], "-")) {
		vc_mixer_pin(mix->mixer, NULL);
		return 0;
	}
	err = whom_one(mix, argv[1], &him, reply);
	if (!err)
		vc_mixer_pin(mix->mixer, vc_mixer_who_id(him));
	return err;
}

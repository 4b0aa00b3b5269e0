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
#include "tool/place.h"

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

static void say_presets(char why[static RULES_TEXT])
{
	size_t len = vc_strlcpy(why, "no such layout:", RULES_TEXT);
	const char *name;

	for (size_t i = 0; (name = vc_arrange_preset_name(i)); i++)
		len += (size_t)snprintf(why + len, RULES_TEXT - len, "%s %s",
					i ? "," : "", name);
	snprintf(why + len, RULES_TEXT - len, "; a file has a '/' or a '.'");
}

static int read_file(const struct layouts *l, struct vc_arrange *out,
		     const char *path, char why[static RULES_TEXT])
{
	struct vc_place file = { .kind = VC_PLACE_PATH,
				 .is_file = l->is_running };
	struct vc_columns_error wrong;
	size_t len;
	char *text;
	int err;

	if (vc_strlcpy(file.path, path, sizeof(file.path)) >=
	    sizeof(file.path)) {
		vc_strlcpy(why, strerror(ENAMETOOLONG), RULES_TEXT);
		return -EINVAL;
	}
	err = vc_place_slurp(&file, VC_ARRANGE_SIZE, &text, &len);
	if (err) {
		vc_strlcpy(why, rules_strerror(err), RULES_TEXT);
		return -EINVAL;
	}
	err = vc_arrange_parse(out, vc_str_of(text, len), &wrong);
	free(text);
	if (!err)
		return 0;
	if (wrong.line)
		snprintf(why, RULES_TEXT, "line %u: %s", wrong.line, wrong.why);
	else
		vc_strlcpy(why, wrong.why, RULES_TEXT);
	return -EINVAL;
}

static int read_any(const struct layouts *l, struct vc_arrange *out,
		    const char *name, char why[static RULES_TEXT])
{
	const char *preset = vc_arrange_preset(name);
	struct vc_columns_error none;

	if (strpbrk(name, "/."))
		return read_file(l, out, name, why);
	if (preset)
		return vc_arrange_parse(out, vc_str_c(preset), &none);
	say_presets(why);
	return -EINVAL;
}

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
		 char why[static RULES_TEXT])
{
	struct layout *layout = find(l, name);
	struct vc_arrange a;
	int err;

	if (layout && layout->is_read)
		return 0;
	err = read_any(l, &a, name, why);
	if (err)
		return err;
	layout = place_for(l, name);
	if (!layout) {
		snprintf(why, RULES_TEXT, "more than %d layouts", LAYOUTS_MAX);
		return -EINVAL;
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
	mix->conf.layout = &layout->now;
	if (mix->mixer)
		vc_mixer_set_layout(mix->mixer, mix->conf.layout);
}

void layouts_open(struct mix *mix, const char *name)
{
	char why[RULES_TEXT];

	if (layouts_read(mix->layouts, name, why))
		vc_tool_usage(mix->tool, "--layout %s: %s", name, why);
	layouts_use(mix, name);
}

/* --- commands --- */

int layouts_command(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	char why[RULES_TEXT];

	if (argc != 2)
		return vc_refuse(reply, -EINVAL, "layout NAME|FILE");
	if (layouts_read(mix->layouts, argv[1], why))
		return vc_refuse(reply, -EINVAL, "%s", why);
	layouts_use(mix, argv[1]);
	return 0;
}

/* Names a few of those who are here. */
static int say_people(struct mix *mix, struct vc_json *reply)
{
	struct vc_json *list = vc_json_array();
	struct vc_mixer_who *who = NULL;

	for (size_t i = 0; i < 100; i++) {
		who = vc_mixer_next_who(mix->mixer, who);
		if (!who)
			break;
		vc_json_add_str(list, vc_mixer_who_id(who));
	}
	vc_json_set(reply, "here", list);
	return vc_refuse(reply, -ENOENT, "nobody here is called that");
}

int layouts_pin_command(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	struct vc_mixer_who *who = NULL;

	if (argc != 2)
		return vc_refuse(reply, -EINVAL,
				 "pin WHO, or pin - for nobody");
	if (!mix->mixer)
		return -EAGAIN;
	if (!strcmp(argv[1], "-")) {
		vc_mixer_pin(mix->mixer, NULL);
		return 0;
	}
	while ((who = vc_mixer_next_who(mix->mixer, who)))
		if (!strcmp(vc_mixer_who_id(who), argv[1]))
			break;
	if (!who)
		return say_people(mix, reply);
	vc_mixer_pin(mix->mixer, argv[1]);
	return 0;
}

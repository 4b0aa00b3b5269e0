/* SPDX-License-Identifier: MIT */
/* Policies and layouts by their names, as texts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "mix.h"
#include "session/policy.h"
#include "tool/place.h"

const struct texts texts_policies = {
	.what = "preset",
	.preset = vc_policy_preset,
	.preset_name = vc_policy_preset_name,
	.size_max = VC_POLICY_SIZE,
};

const struct texts texts_layouts = {
	.what = "layout",
	.preset = vc_arrange_preset,
	.preset_name = vc_arrange_preset_name,
	.size_max = VC_ARRANGE_SIZE,
};

void texts_say_presets(const struct texts *of, char out[static TEXTS_PRESETS])
{
	size_t len =
		(size_t)snprintf(out, TEXTS_PRESETS, "no such %s:", of->what);
	const char *name;

	for (size_t i = 0; (name = of->preset_name(i)) && len < TEXTS_PRESETS;
	     i++)
		len += (size_t)snprintf(out + len, TEXTS_PRESETS - len, "%s %s",
					i ? "," : "", name);
}

int texts_check(const struct texts *of, const char *name,
		struct vc_columns_error *err)
{
	char presets[TEXTS_PRESETS];

	if (strpbrk(name, "/.") || of->preset(name))
		return 0;
	texts_say_presets(of, presets);
	err->line = 0;
	snprintf(err->why, sizeof(err->why), "%s; a file has a '/' or a '.'",
		 presets);
	return -ENOENT;
}

static int read_file(const struct texts *of, const char *path, bool is_running,
		     char **text, size_t *len, struct vc_columns_error *err)
{
	struct vc_place file = { .kind = VC_PLACE_PATH, .is_file = is_running };
	int e = -ENAMETOOLONG;

	if (vc_strlcpy(file.path, path, sizeof(file.path)) < sizeof(file.path))
		e = vc_place_slurp(&file, of->size_max, text, len);
	if (e)
		vc_strlcpy(err->why,
			   e == -ESPIPE ?
				   "no file, which is read at the start only" :
				   strerror(-e),
			   sizeof(err->why));
	return e;
}

int texts_read(const struct texts *of, const char *name, bool is_running,
	       char **text, size_t *len, struct vc_columns_error *err)
{
	int e = texts_check(of, name, err);

	if (e)
		return e;
	err->line = 0;
	if (strpbrk(name, "/."))
		return read_file(of, name, is_running, text, len, err);
	*text = vc_strdup(of->preset(name));
	*len = strlen(*text);
	return 0;
}

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

void texts_say_presets(const struct texts *of, char *out, size_t cap)
{
	size_t len = (size_t)snprintf(out, cap, "no such %s:", of->what);
	const char *name;

	for (size_t i = 0; (name = of->preset_name(i)) && len < cap; i++)
		len += (size_t)snprintf(out + len, cap - len, "%s %s",
					i ? "," : "", name);
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
	const char *preset = of->preset(name);
	size_t said;

	err->line = 0;
	if (strpbrk(name, "/."))
		return read_file(of, name, is_running, text, len, err);
	if (!preset) {
		texts_say_presets(of, err->why, sizeof(err->why));
		said = strlen(err->why);
		snprintf(err->why + said, sizeof(err->why) - said,
			 "; a file has a '/' or a '.'");
		return -ENOENT;
	}
	*text = vc_strdup(preset);
	*len = strlen(preset);
	return 0;
}

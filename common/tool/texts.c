/* SPDX-License-Identifier: MIT */
#include "tool/texts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "media/arrange.h"
#include "session/policy.h"
#include "tool/place.h"

const struct vc_texts vc_texts_policies = {
	.what = "preset",
	.preset = vc_policy_preset,
	.preset_name = vc_policy_preset_name,
	.size_max = VC_POLICY_SIZE,
};

const struct vc_texts vc_texts_layouts = {
	.what = "layout",
	.preset = vc_arrange_preset,
	.preset_name = vc_arrange_preset_name,
	.size_max = VC_ARRANGE_SIZE,
};

void vc_texts_say_presets(const struct vc_texts *of,
			  char out[static VC_TEXTS_PRESETS])
{
	size_t len = (size_t)snprintf(out, VC_TEXTS_PRESETS,
				      "no such %s:", of->what);
	const char *name;

	for (size_t i = 0;
	     (name = of->preset_name(i)) && len < VC_TEXTS_PRESETS; i++)
		len += (size_t)snprintf(out + len, VC_TEXTS_PRESETS - len,
					"%s %s", i ? "," : "", name);
}

int vc_texts_check(const struct vc_texts *of, const char *name,
		   struct vc_columns_error *err)
{
	char presets[VC_TEXTS_PRESETS];

	if (strpbrk(name, "/.") || of->preset(name))
		return 0;
	vc_texts_say_presets(of, presets);
	err->line = 0;
	snprintf(err->why, sizeof(err->why), "%s; a file has a '/' or a '.'",
		 presets);
	return -ENOENT;
}

static int read_file(const struct vc_texts *of, const char *path,
		     bool is_running, char **text, size_t *len,
		     struct vc_columns_error *err)
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

int vc_texts_read(const struct vc_texts *of, const char *name, bool is_running,
		  char **text, size_t *len, struct vc_columns_error *err)
{
	int e = vc_texts_check(of, name, err);

	if (e)
		return e;
	err->line = 0;
	if (strpbrk(name, "/."))
		return read_file(of, name, is_running, text, len, err);
	*text = vc_strdup(of->preset(name));
	*len = strlen(*text);
	return 0;
}

int vc_texts_layout(struct vc_arrange *out, const char *name, bool is_running,
		    struct vc_columns_error *err)
{
	size_t len;
	char *text;
	int e = vc_texts_read(&vc_texts_layouts, name, is_running, &text, &len,
			      err);

	if (e)
		return e;
	e = vc_arrange_parse(out, vc_str_of(text, len), err);
	free(text);
	return e;
}

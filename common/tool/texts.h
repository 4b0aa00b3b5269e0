/* SPDX-License-Identifier: MIT */
/*
 * Policies and layouts by their names: a bare word is a preset, a file has a '/'
 * or a '.'.
 */
#ifndef VC_TOOL_TEXTS_H
#define VC_TOOL_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/columns.h"

struct vc_texts {
	const char *what;
	const char *(*preset)(const char *name);
	const char *(*preset_name)(size_t i);
	size_t size_max;
};

extern const struct vc_texts vc_texts_policies;
extern const struct vc_texts vc_texts_layouts;

/*
 * A text that is to be freed: 0, or -errno and '*err'. While media runs files
 * are regular ones, as anything else could be waited for.
 */
int vc_texts_read(const struct vc_texts *of, const char *name, bool is_running,
		  char **text, size_t *len, struct vc_columns_error *err);

/* 0, or -ENOENT and '*err': a file, or a preset that there is. */
int vc_texts_check(const struct vc_texts *of, const char *name,
		   struct vc_columns_error *err);

/* "no such layout: grid, ..." */
#define VC_TEXTS_PRESETS 256
void vc_texts_say_presets(const struct vc_texts *of,
			  char out[static VC_TEXTS_PRESETS]);

struct vc_arrange;

/* The layout of that name. 0, or -errno and '*err'. */
int vc_texts_layout(struct vc_arrange *out, const char *name, bool is_running,
		    struct vc_columns_error *err);

#endif

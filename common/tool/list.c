/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/list.h"
#include "tool/place.h"
#include "tool/tool.h"

void vc_list_read(struct vc_tool *t, const char *option, const char *place,
		  size_t max,
		  void (*fn)(void *ctx, const char *where, struct vc_str line),
		  void *ctx)
{
	struct vc_str rest;
	struct vc_place p;
	char why[256], safe[200], where[256], *text;
	unsigned int n = 0;
	size_t len;
	int err;

	vc_escape(safe, sizeof(safe), place, strlen(place));
	if (vc_place_parse(&p, place, false, why, sizeof(why)))
		vc_tool_usage(t, "%s %s: %s", option, safe, why);
	err = vc_place_slurp(&p, max, &text, &len);
	if (err)
		vc_tool_usage(t, "%s %s: %s", option, safe, strerror(-err));
	rest = vc_str_of(text, len);
	while (rest.len) {
		struct vc_str line = vc_str_trim(vc_str_cut(&rest, '\n'));

		n++;
		if (!line.len || *line.p == '#')
			continue;
		snprintf(where, sizeof(where), "%s:%u:", safe, n);
		fn(ctx, where, line);
	}
	free(text);
}

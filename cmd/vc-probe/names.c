/* SPDX-License-Identifier: MIT */
/* Whose tones are listened for, and whose marks looked for. */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "probe.h"

/* Adds 'name' to the '*n' of 'names', which has room for 'max'. */
static void add_name(struct probe *p, const char *option, const char **names,
		     size_t *n, size_t max, struct vc_str name)
{
	char text[VC_ROSTER_TEXT];

	if (!name.len || vc_str_copy(text, sizeof(text), name) >= sizeof(text))
		vc_tool_usage(p->tool, "%s: a name of 1 to 255 octets", option);
	for (size_t i = 0; i < *n; i++) {
		if (!strcmp(names[i], text))
			return;
	}
	if (*n == max)
		vc_tool_usage(p->tool, "%s: at most %zu names", option, max);
	names[*n] = vc_strdup(text);
	(*n)++;
}

void names_hear(struct probe *p, struct vc_str name)
{
	add_name(p, "--heard", p->heard, &p->n_heard, MAX_HEARD, name);
}

void names_look_for(struct probe *p, struct vc_str name)
{
	add_name(p, "--seen", p->seen, &p->n_seen, MAX_SEEN, name);
}

/* Names with commas between, of each of 'words'. */
static void add_names(struct probe *p, const struct vc_words *words,
		      void (*add)(struct probe *p, struct vc_str name))
{
	for (size_t i = 0; i < words->n; i++) {
		struct vc_str rest = vc_str_c(words->v[i]);

		do {
			add(p, vc_str_cut(&rest, ','));
		} while (rest.len);
	}
}

void names_take(struct probe *p)
{
	add_names(p, &p->opt->heard, names_hear);
	add_names(p, &p->opt->seen, names_look_for);
}

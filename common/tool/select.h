/* SPDX-License-Identifier: MIT */
/* --select: which sources are taken (vc(7), Choosing). */
#ifndef VC_TOOL_SELECT_H
#define VC_TOOL_SELECT_H

#include <stdbool.h>

struct vc_sipcall;
struct vc_source;
struct vc_words;

/* Is it a KEY=GLOB[,KEY=GLOB] with keys that are known? */
bool vc_select_is_valid(const char *word);
/* Does one of them choose by call=, which only captures tell? */
bool vc_select_by_call(const struct vc_words *w);

/* Does one of them choose 'src'? None: all are chosen. 'call' is the one it
 * belongs to, or NULL. */
bool vc_select_takes(const struct vc_words *w, const struct vc_source *src,
		     const struct vc_sipcall *call);
/* The same, by the call's id and those that take part; NULL: of none. */
bool vc_select_takes_call(const struct vc_words *w, const struct vc_source *src,
			  const char *id, const char *caller,
			  const char *callee);

#endif

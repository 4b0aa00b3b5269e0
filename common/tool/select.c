/* SPDX-License-Identifier: MIT */
/* Words are read where they stand each time: sources are judged rarely. */
#include "tool/select.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"
#include "session/roster.h"
#include "session/sipcalls.h"
#include "tool/tool.h"
#include "wire/codec.h"

/* Cuts the first KEY=GLOB off. */
static struct vc_str next(struct vc_str *rest, struct vc_str *glob)
{
	*glob = vc_str_cut(rest, ',');
	return vc_str_cut(glob, '=');
}

bool vc_select_is_valid(const char *word)
{
	static const char *const keys[] = { "kind", "name", "cname", "ssrc",
					    "pt",   "addr", "rid",   "call" };
	struct vc_str rest = vc_str_c(word), glob;

	while (rest.len) {
		struct vc_str key = next(&rest, &glob);
		bool is_known = false;

		for (size_t i = 0; i < VC_COUNT(keys); i++)
			is_known |= vc_str_is(key, keys[i]);
		if (!is_known || !glob.len)
			return false;
	}
	return true;
}

bool vc_select_by_call(const struct vc_words *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct vc_str rest = vc_str_c(w->v[i]), glob;

		while (rest.len) {
			if (vc_str_is(next(&rest, &glob), "call"))
				return true;
		}
	}
	return false;
}

/* What a call is known by; NULL, all three: it is of none. */
struct call {
	const char *id, *caller, *callee;
};

static bool match_one(const struct vc_source *src, const struct call *call,
		      struct vc_str key, struct vc_str glob)
{
	char pattern[256], text[32];
	const char *value = text;

	vc_str_copy(pattern, sizeof(pattern), glob);
	if (vc_str_is(key, "call"))
		return call->id && (vc_glob(pattern, call->id) ||
				    vc_glob(pattern, call->caller) ||
				    vc_glob(pattern, call->callee));
	if (vc_str_is(key, "name"))
		return vc_glob(pattern, src->name) ||
		       vc_glob(pattern, src->who->id);
	if (vc_str_is(key, "kind"))
		value = vc_kind_name((enum vc_kind)src->kind);
	else if (vc_str_is(key, "cname"))
		value = src->cname;
	else if (vc_str_is(key, "addr"))
		value = src->addr;
	else if (vc_str_is(key, "rid"))
		value = src->rid;
	else if (vc_str_is(key, "ssrc"))
		snprintf(text, sizeof(text), "%08x", src->ssrc);
	else
		snprintf(text, sizeof(text), "%d", src->pt);
	return vc_glob(pattern, value);
}

bool vc_select_takes_call(const struct vc_words *w, const struct vc_source *src,
			  const char *id, const char *caller,
			  const char *callee)
{
	const struct call call = { id, caller, callee };

	for (size_t i = 0; i < w->n; i++) {
		struct vc_str rest = vc_str_c(w->v[i]), glob;
		bool all = true;

		while (rest.len && all) {
			struct vc_str key = next(&rest, &glob);

			all = match_one(src, &call, key, glob);
		}
		if (all)
			return true;
	}
	return !w->n;
}

bool vc_select_takes(const struct vc_words *w, const struct vc_source *src,
		     const struct vc_sipcall *call)
{
	return vc_select_takes_call(w, src, call ? call->id : NULL,
				    call ? call->caller : NULL,
				    call ? call->callee : NULL);
}

/* SPDX-License-Identifier: MIT */
/* A list of routes, each the event itself. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "tool/route.h"

struct vc_routes {
	uint32_t ssrc;
	struct vc_json *event;
	struct vc_routes *next;
};

static struct vc_routes **find(struct vc_routes **r, uint32_t ssrc)
{
	while (*r && (*r)->ssrc != ssrc)
		r = &(*r)->next;
	return r;
}

void vc_routes_event(struct vc_routes **r, uint32_t ssrc,
		     const struct vc_json *event)
{
	struct vc_routes **p = find(r, ssrc);

	if (!*p) {
		*p = vc_try_alloc(1, sizeof(**p));
		if (!*p)
			return;
		(*p)->ssrc = ssrc;
	}
	vc_json_free((*p)->event);
	(*p)->event = vc_json_copy(event);
}

void vc_routes_drop(struct vc_routes **r, uint32_t ssrc)
{
	struct vc_routes **p = find(r, ssrc);
	struct vc_routes *gone = *p;

	if (!gone)
		return;
	*p = gone->next;
	vc_json_free(gone->event);
	free(gone);
}

void vc_routes_free(struct vc_routes **r)
{
	while (*r)
		vc_routes_drop(r, (*r)->ssrc);
}

static const struct vc_routes *find_const(const struct vc_routes *r,
					  uint32_t ssrc)
{
	while (r && r->ssrc != ssrc)
		r = r->next;
	return r;
}

static bool list_has(const struct vc_json *list, const char *who)
{
	for (size_t i = 0; list && i < vc_json_len(list); i++) {
		const char *id = vc_json_str_at(list, i);

		if (id && !strcmp(id, who))
			return true;
	}
	return false;
}

bool vc_routes_has(const struct vc_routes *r, uint32_t ssrc, const char *who)
{
	const struct vc_json *to;
	const char *name;

	r = find_const(r, ssrc);
	if (!r)
		return true;
	if (list_has(vc_json_get(r->event, "except"), who))
		return false;
	to = vc_json_get(r->event, "to");
	if (!to || vc_json_is_array(to))
		return !to || list_has(to, who);
	name = vc_json_str(to);
	return name && (!strcmp(name, "*") || !strcmp(name, who));
}

bool vc_routes_is_addressed(const struct vc_routes *r, uint32_t ssrc)
{
	const struct vc_json *to;

	r = find_const(r, ssrc);
	to = r ? vc_json_get(r->event, "to") : NULL;
	return to && vc_json_is_array(to);
}

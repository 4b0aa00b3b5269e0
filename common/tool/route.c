/* SPDX-License-Identifier: MIT */
/*
 * A list of routes, each the event itself. One that came in parts is put
 * together beside the one that holds, until its last part is there.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "tool/route.h"

struct vc_routes {
	uint32_t ssrc;
	struct vc_json *event;
	struct vc_json *coming; /* parts 1 to n_parts, or NULL */
	int64_t n_parts;
	struct vc_routes *next;
};

static struct vc_routes **find(struct vc_routes **r, uint32_t ssrc)
{
	while (*r && (*r)->ssrc != ssrc)
		r = &(*r)->next;
	return r;
}

static void drop_parts(struct vc_routes *r)
{
	vc_json_free(r->coming);
	r->coming = NULL;
	r->n_parts = 0;
}

/* The list 'key' of a further part goes behind that of the earlier ones. */
static void join_list(struct vc_json *to, const struct vc_json *part,
		      const char *key)
{
	const struct vc_json *more = vc_json_get(part, key);
	struct vc_json *list;

	if (!more || !vc_json_is_array(more))
		return;
	list = vc_json_is_array(vc_json_get(to, key)) ?
		       vc_json_copy(vc_json_get(to, key)) :
		       vc_json_array();
	for (size_t i = 0; i < vc_json_len(more); i++) {
		const char *id = vc_json_str_at(more, i);

		if (id)
			vc_json_add_str(list, id);
	}
	vc_json_set(to, key, list);
}

/* True: 'r->coming' is whole. Parts come in order, or the rest is nothing. */
static bool take_part(struct vc_routes *r, const struct vc_json *event)
{
	int64_t part = 1, parts = 1;

	vc_json_get_int(event, "part", &part);
	vc_json_get_int(event, "parts", &parts);
	if (part == 1) {
		drop_parts(r);
		r->coming = vc_json_copy(event);
	} else if (r->coming && part == r->n_parts + 1 &&
		   part <= VC_ROUTE_PARTS) {
		join_list(r->coming, event, "to");
		join_list(r->coming, event, "except");
	} else {
		drop_parts(r);
		return false;
	}
	r->n_parts = part;
	return part >= parts;
}

/* State is repeated octet for octet. */
static bool is_same(const struct vc_json *a, const struct vc_json *b)
{
	char *x = a ? vc_json_text(a) : NULL, *y = vc_json_text(b);
	bool is_same = x && y && !strcmp(x, y);

	free(x);
	free(y);
	return is_same;
}

bool vc_routes_event(struct vc_routes **r, uint32_t ssrc,
		     const struct vc_json *event)
{
	struct vc_routes **p = find(r, ssrc);

	if (!*p) {
		*p = vc_try_alloc(1, sizeof(**p));
		if (!*p)
			return false;
		(*p)->ssrc = ssrc;
	}
	if (!take_part(*p, event))
		return false;
	if (is_same((*p)->event, (*p)->coming)) {
		drop_parts(*p);
		return false;
	}
	vc_json_free((*p)->event);
	(*p)->event = (*p)->coming;
	(*p)->coming = NULL;
	drop_parts(*p);
	return true;
}

void vc_routes_drop(struct vc_routes **r, uint32_t ssrc)
{
	struct vc_routes **p = find(r, ssrc);
	struct vc_routes *gone = *p;

	if (!gone)
		return;
	*p = gone->next;
	drop_parts(gone);
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

bool vc_routes_knows(const struct vc_routes *r, uint32_t ssrc)
{
	return find_const(r, ssrc);
}

bool vc_routes_is_addressed(const struct vc_routes *r, uint32_t ssrc)
{
	const struct vc_json *to;

	r = find_const(r, ssrc);
	to = r ? vc_json_get(r->event, "to") : NULL;
	return to && vc_json_is_array(to);
}

/* SPDX-License-Identifier: MIT */
/*
 * Whom each source is for, as `route` events say: `to` minus `except`; a
 * source without one is for "*" (vc-stream(7), Events).
 */
#ifndef VC_TOOL_ROUTE_H
#define VC_TOOL_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

struct vc_json;
struct vc_routes; /* NULL is the empty table */

#define VC_ROUTE_PARTS 64 /* of one event, 16 kB each */

/*
 * Takes a `route` event, of 'ssrc' (as merged). Borrows 'event'. One in parts
 * ('part' of 'parts', from 1, in order) holds when the last one is there;
 * what held before does until then. True: for others than before.
 */
bool vc_routes_event(struct vc_routes **r, uint32_t ssrc,
		     const struct vc_json *event);
void vc_routes_drop(struct vc_routes **r, uint32_t ssrc);
void vc_routes_free(struct vc_routes **r);

/* Does 'who' get it? 'who' "" or "*": is it for everybody? */
bool vc_routes_has(const struct vc_routes *r, uint32_t ssrc, const char *who);
/* Was there an event of it? */
bool vc_routes_knows(const struct vc_routes *r, uint32_t ssrc);
/* Does its route name somebody, rather than "*"? */
bool vc_routes_is_addressed(const struct vc_routes *r, uint32_t ssrc);

#endif

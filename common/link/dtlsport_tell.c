/* SPDX-License-Identifier: MIT */
/* What is told of DTLS at a port: lines, events and statistics. */
#include "base/json.h"
#include "link/dtlsport_internal.h"
#include "tool/control.h"
#include "tool/place.h"

/* --- talk --- */

static void tell(struct vc_dtlsport *dp, const char *state, const char *addr,
		 const struct dtls_assoc *a, const char *why)
{
	struct vc_json *ev = vc_json_event("dtls", vc_loop_now(dp->loop));

	vc_json_set_str(ev, "place", dp->conf.where);
	vc_json_set_str(ev, "state", state);
	vc_json_set_str(ev, "addr", addr);
	if (a && a->name)
		vc_json_set_str(ev, "name", a->name);
	if (a)
		vc_json_set_str(ev, "suite", vc_srtp_suite(a->suite)->name);
	if (why)
		vc_json_set_str(ev, "why", why);
	vc_control_event(dp->tool, ev);
	vc_json_free(ev);
}

void vc_dtlsport_tell_up(struct vc_dtlsport *dp, const struct dtls_assoc *a)
{
	char addr[128];

	vc_place_addr_text(&a->addr, addr, sizeof(addr));
	vc_tool_note(dp->tool, "%s: DTLS: %s%s%s: %s", dp->conf.where,
		     a->name ? a->name : "", a->name ? ", " : "", addr,
		     vc_srtp_suite(a->suite)->name);
	tell(dp, "up", addr, a, NULL);
}

void vc_dtlsport_tell_down(struct vc_dtlsport *dp, const struct dtls_assoc *a,
			   const char *why)
{
	char addr[128];

	vc_place_addr_text(&a->addr, addr, sizeof(addr));
	vc_tool_note(dp->tool, "%s: DTLS: %s: %s", dp->conf.where, addr, why);
	tell(dp, "down", addr, a, why);
}

void vc_dtlsport_tell_failed(struct vc_dtlsport *dp,
			     const struct sockaddr_storage *from,
			     const char *why)
{
	char addr[128];

	vc_place_addr_text(from, addr, sizeof(addr));
	vc_tool_warn_limited(dp->tool, &dp->warn, "%s: DTLS: %s: handshake: %s",
			     dp->conf.where, addr, why);
	tell(dp, "failed", addr, NULL, why);
}

/* --- statistics --- */

enum vc_dtls_state vc_dtlsport_state(const struct vc_dtlsport *dp)
{
	return dp->n			   ? VC_DTLS_UP :
	       dp->is_given_up		   ? VC_DTLS_FAILED :
	       vc_dtls_n_pending(dp->dtls) ? VC_DTLS_SHAKING :
					     VC_DTLS_WAITING;
}

static const char *state_name(enum vc_dtls_state state)
{
	static const char *const names[] = {
		[VC_DTLS_WAITING] = "waiting",
		[VC_DTLS_SHAKING] = "shaking",
		[VC_DTLS_UP] = "up",
		[VC_DTLS_FAILED] = "failed",
	};

	return names[state];
}

static struct vc_json *peers_json(const struct vc_dtlsport *dp)
{
	struct vc_json *list = vc_json_array();

	for (const struct dtls_assoc *a = dp->assocs; a; a = a->next) {
		struct vc_json *one = vc_json_object();
		char addr[128];

		vc_json_set_str(one, "addr",
				vc_place_addr_text(&a->addr, addr,
						   sizeof(addr)));
		if (a->name)
			vc_json_set_str(one, "name", a->name);
		vc_json_set_str(one, "suite", vc_srtp_suite(a->suite)->name);
		vc_json_add(list, one);
	}
	return list;
}

struct vc_json *vc_dtlsport_json(const struct vc_dtlsport *dp)
{
	const struct vc_dtls_counts *c = vc_dtls_counts(dp->dtls);
	struct vc_json *j = vc_json_object();

	vc_json_set_str(j, "state", state_name(vc_dtlsport_state(dp)));
	vc_json_set_int(j, "handshakes", (int64_t)c->ups);
	vc_json_set_int(j, "failures", (int64_t)c->failures);
	vc_json_set_int(j, "early", (int64_t)dp->early);
	vc_json_set_int(j, "strays", (int64_t)c->strays);
	vc_json_set_int(j, "limited", (int64_t)c->limited);
	vc_json_set(j, "peers", peers_json(dp));
	return j;
}

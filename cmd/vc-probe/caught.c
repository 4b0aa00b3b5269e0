/* SPDX-License-Identifier: MIT */
#include "caught.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "probe.h"
#include "record.h"
#include "tool/capscan.h"

/* Addresses are kept apart from words that strangers choose the length of. */
struct caught {
	char from[VC_NETADDR_TEXT];
	char to[VC_NETADDR_TEXT];
	int dscp, ttl; /* of the newest packet; -1: not said, as the next */
	int ttl_min, ttl_max;
	uint64_t dscp_changes, ttl_changes;
	uint64_t cut; /* packets that were not captured whole */
	uint64_t told;
	struct vc_capcall *call; /* NULL: of none */
};

static struct caught *begin(const struct vc_capscan_packet *p)
{
	struct caught *c = vc_try_alloc(1, sizeof(*c));

	if (!c)
		return NULL;
	vc_netaddr_text(c->from, sizeof(c->from), p->from);
	vc_netaddr_text(c->to, sizeof(c->to), p->to);
	c->dscp = p->dscp;
	c->ttl = c->ttl_min = c->ttl_max = p->ttl;
	return c;
}

/* SIP may tell in the middle of a call, too. */
VC_COLD static void learn_call(struct caught *c, const struct vc_capflow *flow)
{
	c->told = flow->told;
	if (!flow->call)
		return;
	if (!c->call)
		c->call = vc_try_alloc(1, sizeof(*c->call));
	if (c->call)
		*c->call = *flow->call;
}

void caught_put(struct meter *m, const struct vc_capscan_packet *p)
{
	struct caught *c = m->caught;

	if (!c)
		c = m->caught = begin(p);
	if (!c)
		return;
	if (c->told != p->flow->told)
		learn_call(c, p->flow);
	c->cut += p->missing > 0;
	c->dscp_changes += p->dscp != c->dscp;
	c->dscp = p->dscp;
	c->ttl_changes += p->ttl != c->ttl;
	c->ttl = p->ttl;
	if (p->ttl < c->ttl_min)
		c->ttl_min = p->ttl;
	if (p->ttl > c->ttl_max)
		c->ttl_max = p->ttl;
}

void caught_free(struct caught *c)
{
	if (!c)
		return;
	free(c->call);
	free(c);
}

static void set_said(struct vc_json *o, const char *key, int v)
{
	record_set_count(o, key, v < 0 ? UNSAID : v);
}

static struct vc_json *call_record(const struct vc_capcall *call)
{
	struct vc_json *o = vc_json_object();

	vc_json_set_str(o, "id", call->id);
	record_set_word(o, "caller", call->caller);
	record_set_word(o, "callee", call->callee);
	vc_json_set_bool(o, "srtp", call->is_sealed);
	return o;
}

void caught_record(struct vc_json *o, const struct meter *m)
{
	const struct caught *c = m->caught;
	struct vc_json *addr, *j;

	if (!c) {
		vc_json_set_null(o, "addr");
		vc_json_set_null(o, "capture");
		return;
	}
	addr = vc_json_object();
	record_set_word(addr, "from", c->from);
	record_set_word(addr, "to", c->to);
	vc_json_set(o, "addr", addr);
	j = vc_json_object();
	set_said(j, "dscp", c->dscp);
	set_said(j, "dscp_changes", c->dscp < 0 ? -1 : (int)c->dscp_changes);
	set_said(j, "ttl", c->ttl);
	set_said(j, "ttl_min", c->ttl_min);
	set_said(j, "ttl_max", c->ttl_max);
	set_said(j, "ttl_changes", c->ttl < 0 ? -1 : (int)c->ttl_changes);
	vc_json_set_int(j, "cut", (int64_t)c->cut);
	if (c->call && !c->call->is_rtsp)
		vc_json_set(j, "call", call_record(c->call));
	else
		vc_json_set_null(j, "call");
	vc_json_set(o, "capture", j);
}

void caught_record_whole(struct vc_json *o, const struct probe *p)
{
	struct vc_json *j = vc_in_capture_record(p->in);

	if (j)
		vc_json_set(o, "capture", j);
	else
		vc_json_set_null(o, "capture");
}

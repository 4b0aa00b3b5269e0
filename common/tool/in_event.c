/* SPDX-License-Identifier: MIT */
/*
 * Events of an input: who a source is, whom it is for. Each is said again every
 * second for late readers, which is no news: where no tool asks for that, a
 * `source` that says what it said before is known by its octets.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/rand.h"
#include "base/str.h"
#include "tool/in_internal.h"

#define SOURCE_MAX 512 /* octets of a `source` that is remembered */

static void learn_id(struct vc_merge_ssrc *e, const struct vc_json *event)
{
	const char *id = vc_json_get_str(event, "id");
	const char *by = vc_json_get_str(event, "id_by");

	if (!id || !by || (strcmp(by, "operator") && strcmp(by, "key")))
		return;
	e->has_id = true;
	e->by_key = !strcmp(by, "key");
	vc_strlcpy(e->id, id, sizeof(e->id));
}

/* Who it is, a network does not tell: the operator does, or nobody. */
static void name_by_input(struct vc_in *in, struct feed *f,
			  struct vc_json *event)
{
	const char *name = vc_in_name(in, f->index);

	if (!vc_json_get(event, "id"))
		return;
	vc_json_set_str(event, "id_by", name[0] ? "operator" : "none");
	vc_json_set_str(event, "id", name);
}

/* What a network says of itself is passed on as we took it. */
static void pass_raw(struct vc_in *in, const char *text)
{
	size_t len = strlen(text);
	uint8_t *frame = len <= VC_FRAME_PAYLOAD_MAX && in->ops.raw ?
				 vc_try_alloc(1, len + 2) :
				 NULL;

	if (!frame)
		return;
	vc_frame_head(frame, len);
	memcpy(frame + 2, text, len);
	in->ops.raw(in->ctx, frame, len + 2, VC_FRAME_EVENT);
	free(frame);
}

static void take_route(struct vc_in *in, const struct vc_merge_ssrc *e,
		       const struct vc_json *event)
{
	in->n_routes += vc_routes_event(&in->routes, e->to, event);
}

/* Written as vc-recv does: many, and of no use but to whoever reports them. */
static bool is_net(const struct vc_frame *frame)
{
	static const char net[] = "{\"ev\":\"net\",";

	return frame->len >= sizeof(net) &&
	       !memcmp(frame->payload, net, sizeof(net) - 1);
}

/* What follows 'want' at the front of '*p', which is moved behind it. */
static bool skip(const char **p, const char *want)
{
	size_t len = strlen(want);
	bool is_there = !strncmp(*p, want, len);

	*p += is_there ? len : 0;
	return is_there;
}

/*
 * A hash of what a `source` says of '*ssrc', 0: it is none as our tools write
 * it.
 */
static uint64_t said_of(const struct vc_frame *frame, uint32_t *ssrc)
{
	char text[SOURCE_MAX], *end;
	const char *p = text;
	unsigned long long v;

	if (frame->len >= sizeof(text))
		return 0;
	memcpy(text, frame->payload, frame->len);
	text[frame->len] = '\0';
	if (!skip(&p, "{\"ev\":\"source\",\"t\":"))
		return 0;
	p += strspn(p, "0123456789");
	if (!skip(&p, ",\"ssrc\":"))
		return 0;
	v = strtoull(p, &end, 10);
	*ssrc = (uint32_t)v;
	return v <= UINT32_MAX ? vc_hash_str(end) : 0;
}

static void take_any(struct vc_in *in, struct feed *f,
		     const struct vc_frame *frame)
{
	const char *text = (const char *)frame->payload;
	struct vc_json *event = vc_json_parse(text, frame->len, NULL);
	const char *ev = event ? vc_json_get_str(event, "ev") : NULL;
	struct vc_merge_ssrc *e = NULL;
	char *mapped = NULL;
	int64_t ssrc;

	if (!ev || (f->input.is_network && strcmp(ev, "source") &&
		    strcmp(ev, "gap"))) {
		in->counts.malformed += !ev;
		vc_json_free(event);
		return;
	}
	if (vc_json_get_int(event, "ssrc", &ssrc) && ssrc >= 0 &&
	    ssrc <= UINT32_MAX)
		e = vc_merge_ssrc(&in->merge, f->index, (uint32_t)ssrc);
	if (f->input.is_network)
		name_by_input(in, f, event);
	if (e && e->to != e->from)
		vc_json_set_int(event, "ssrc", e->to);
	if (f->input.is_network || (e && e->to != e->from))
		mapped = vc_json_text(event);
	if (e && !strcmp(ev, "source") && !f->input.is_network)
		learn_id(e, event);
	else if (e && !strcmp(ev, "route"))
		take_route(in, e, event);
	if (f->input.is_network && mapped)
		pass_raw(in, mapped);
	if (in->ops.event)
		in->ops.event(in->ctx, event, mapped ? mapped : text,
			      mapped ? strlen(mapped) : frame->len);
	free(mapped);
	vc_json_free(event);
}

void vc_in_take_event(struct vc_in *in, struct feed *f,
		      const struct vc_frame *frame)
{
	const bool is_wanted = in->ops.event && !in->conf.without_repeats;
	struct vc_merge_ssrc *e;
	uint64_t said = 0;
	uint32_t ssrc;

	if (is_net(frame) && !f->input.is_network && !is_wanted)
		return;
	if (!is_wanted && !f->input.is_network)
		said = said_of(frame, &ssrc);
	e = said ? vc_merge_ssrc(&in->merge, f->index, ssrc) : NULL;
	if (e && e->said == said)
		return;
	take_any(in, f, frame);
	if (e)
		e->said = said;
}

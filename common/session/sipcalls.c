/* SPDX-License-Identifier: MIT */
/*
 * Whose description a message carries: a request's is its From party's, a
 * response's its To party's; and who is the caller says the tag of the From in
 * the first INVITE. Sides are kept as ends, an address each, so that the list
 * of them is also the memory of old addresses.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "session/sipcalls.h"
#include "wire/sdp.h"
#include "wire/sip.h"

#define OK_MIN 200
#define OK_MAX 299

struct vc_sipcalls {
	struct vc_sipcall *calls[VC_SIPCALLS_MAX];
	unsigned int n;
	uint64_t stamp;
	struct vc_sdp sdp; /* scratch: it is large */
};

struct vc_sipcalls *vc_sipcalls_new(void)
{
	return vc_try_alloc(1, sizeof(struct vc_sipcalls));
}

static void call_free(struct vc_sipcall *call)
{
	explicit_bzero(call, sizeof(*call));
	free(call);
}

void vc_sipcalls_free(struct vc_sipcalls *calls)
{
	if (!calls)
		return;
	for (unsigned int i = 0; i < calls->n; i++)
		call_free(calls->calls[i]);
	free(calls);
}

/* --- calls --- */

static struct vc_sipcall *find_call(const struct vc_sipcalls *calls,
				    struct vc_str id)
{
	for (unsigned int i = 0; i < calls->n; i++) {
		if (vc_str_is(id, calls->calls[i]->id))
			return calls->calls[i];
	}
	return NULL;
}

static unsigned int oldest(const struct vc_sipcalls *calls)
{
	unsigned int old = 0;

	for (unsigned int i = 1; i < calls->n; i++) {
		if (calls->calls[i]->stamp < calls->calls[old]->stamp)
			old = i;
	}
	return old;
}

static void copy(char out[static VC_SIPCALL_TEXT], struct vc_str s)
{
	vc_str_copy(out, VC_SIPCALL_TEXT, s);
}

static struct vc_sipcall *new_call(struct vc_sipcalls *calls,
				   const struct vc_sip *sip)
{
	const struct vc_sip_party *from = &sip->from, *to = &sip->to;
	struct vc_sipcall *call = vc_try_alloc(1, sizeof(*call));
	unsigned int i = calls->n;

	if (!call)
		return NULL;
	if (i == VC_SIPCALLS_MAX) {
		i = oldest(calls);
		call_free(calls->calls[i]);
	} else {
		calls->n++;
	}
	calls->calls[i] = call;
	copy(call->id, sip->call_id);
	copy(call->caller_tag, from->tag);
	copy(call->caller, from->user.len ? from->user : from->host);
	copy(call->callee, to->user.len ? to->user : to->host);
	return call;
}

/* --- descriptions --- */

static bool address_of(const struct vc_sdp_addr *addr, struct vc_netaddr *out)
{
	char text[64];

	*out = (struct vc_netaddr){ 0 };
	if (!addr ||
	    vc_str_copy(text, sizeof(text), addr->host) >= sizeof(text))
		return false;
	out->is_ip6 = addr->is_ip6;
	if (inet_pton(addr->is_ip6 ? AF_INET6 : AF_INET, text, out->ip) != 1)
		return false;
	/* 0.0.0.0: on hold, and no address. */
	for (size_t i = 0; i < sizeof(out->ip); i++) {
		if (out->ip[i])
			return true;
	}
	return false;
}

/* The end of (side, section) that has this address, or a new one. */
static struct vc_sipend *end_at(struct vc_sipcall *call, bool is_callee,
				unsigned int section,
				const struct vc_netaddr *rtp)
{
	struct vc_sipend end = { 0 };
	unsigned int i = 0;

	for (; i < call->n_ends; i++) {
		const struct vc_sipend *e = &call->ends[i];

		if (e->is_callee == is_callee && e->section == section &&
		    vc_netaddr_eq(&e->rtp, rtp))
			break;
	}
	if (i == VC_SIPCALL_ENDS)
		i = 0;
	if (i < call->n_ends) {
		/* It becomes the newest. */
		memmove(&call->ends[i], &call->ends[i + 1],
			(call->n_ends - i - 1) * sizeof(end));
		call->n_ends--;
	}
	end.is_callee = is_callee;
	end.section = section;
	end.rtp = *rtp;
	call->ends[call->n_ends] = end;
	call->n_ends++;
	return &call->ends[call->n_ends - 1];
}

/* Keeps the text of its parameters, if there is room for all of it. */
static void take_fmtp(struct vc_sipend *end, struct vc_sipformat *f,
		      struct vc_str fmtp)
{
	if (!fmtp.len || fmtp.len > sizeof(end->fmtp) - end->fmtp_len)
		return;
	f->fmtp_at = (uint16_t)end->fmtp_len;
	f->fmtp_len = (uint16_t)fmtp.len;
	memcpy(end->fmtp + end->fmtp_len, fmtp.p, fmtp.len);
	end->fmtp_len += (unsigned int)fmtp.len;
}

void vc_sipend_formats(struct vc_sipend *end, const struct vc_sdp_media *m)
{
	end->kind = m->kind;
	for (unsigned int i = 0;
	     i < m->n_fmt && end->n_formats < VC_SIPCALL_FORMATS; i++) {
		end->formats[end->n_formats] = (struct vc_sipformat){
			.pt = m->fmt[i].pt,
			.codec = vc_codec_by_name(m->fmt[i].codec),
			.rate_hz = m->fmt[i].rate,
			.channels = m->fmt[i].channels,
		};
		take_fmtp(end, &end->formats[end->n_formats], m->fmt[i].fmtp);
		end->n_formats++;
	}
}

/* The a=crypto lines of a section; ones too long for us are none. */
static void take_keys(struct vc_sipend *end, struct vc_str text)
{
	unsigned int section = 0;

	while (text.len) {
		struct vc_str line = vc_str_line(&text);

		section += vc_str_starts(line, "m=");
		if (section != end->section + 1 ||
		    !vc_str_starts(line, "a=crypto:"))
			continue;
		line = vc_str_of(line.p + 9, line.len - 9);
		if (end->n_keys == VC_SIPCALL_KEYS ||
		    line.len >= VC_SIPCALL_TEXT)
			continue;
		copy(end->keys[end->n_keys], line);
		end->n_keys++;
	}
}

static int take_sdp(struct vc_sipcalls *calls, struct vc_sipcall *call,
		    bool is_callee, struct vc_str body)
{
	struct vc_sdp *sdp = &calls->sdp;
	int err = vc_sdp_parse(sdp, body.p, body.len);

	if (err)
		return err;
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		const struct vc_sdp_media *m = &sdp->media[i];
		struct vc_netaddr rtp;
		struct vc_sipend *end;

		if (!m->is_rtp || !m->port ||
		    !address_of(vc_sdp_conn(sdp, m), &rtp))
			continue;
		rtp.port = m->port;
		end = end_at(call, is_callee, i, &rtp);
		end->rtcp = rtp;
		end->rtcp.port = m->rtcp_port ? m->rtcp_port :
						(uint16_t)(m->port + 1);
		vc_sipend_formats(end, m);
		take_keys(end, body);
	}
	return 0;
}

/* --- messages --- */

static bool is_of_a_call(struct vc_str method)
{
	static const char *const methods[] = { "INVITE", "ACK",	   "PRACK",
					       "UPDATE", "CANCEL", "BYE" };

	for (size_t i = 0; i < VC_COUNT(methods); i++) {
		if (vc_str_is(method, methods[i]))
			return true;
	}
	return false;
}

static void note_state(struct vc_sipcall *call, const struct vc_sip *sip)
{
	bool is_ok = sip->status >= OK_MIN && sip->status <= OK_MAX;

	if (vc_str_is(sip->method, "INVITE") && is_ok)
		call->is_answered = true;
	if (vc_str_is(sip->method, "BYE") ||
	    (vc_str_is(sip->method, "CANCEL") && !call->is_answered))
		call->is_over = true;
}

int vc_sipcalls_take(struct vc_sipcalls *calls, const char *text, size_t len)
{
	const struct vc_sip_party *owner;
	struct vc_sipcall *call;
	struct vc_sip sip;
	int err = vc_sip_parse(&sip, text, len);

	if (err || !is_of_a_call(sip.method))
		return err;
	if (sip.call_id.len >= VC_SIPCALL_TEXT ||
	    sip.from.tag.len >= VC_SIPCALL_TEXT)
		return -E2BIG;
	call = find_call(calls, sip.call_id);
	if (!call && !vc_str_is(sip.method, "INVITE"))
		return 0;
	if (!call)
		call = new_call(calls, &sip);
	if (!call)
		return -ENOMEM;
	calls->stamp++;
	call->stamp = calls->stamp;
	note_state(call, &sip);
	if (!sip.body.len ||
	    !vc_str_is_nocase(sip.content_type, "application/sdp"))
		return 0;
	owner = sip.status ? &sip.to : &sip.from;
	return take_sdp(calls, call, !vc_str_is(owner->tag, call->caller_tag),
			sip.body);
}

/* --- answers --- */

static const struct vc_sipend *receives_at(const struct vc_sipcall *call,
					   const struct vc_netaddr *dst)
{
	for (unsigned int i = call->n_ends; i > 0; i--) {
		const struct vc_sipend *end = &call->ends[i - 1];

		if (vc_netaddr_eq(&end->rtp, dst) ||
		    vc_netaddr_eq(&end->rtcp, dst))
			return end;
	}
	return NULL;
}

bool vc_sipcalls_find(const struct vc_sipcalls *calls,
		      const struct vc_netaddr *dst,
		      const struct vc_sipcall **call,
		      const struct vc_sipend **end)
{
	bool is_found = false;

	for (unsigned int i = 0; i < calls->n; i++) {
		const struct vc_sipend *e = receives_at(calls->calls[i], dst);

		/* Ports are used again by later calls. */
		if (!e || (is_found && calls->calls[i]->stamp < (*call)->stamp))
			continue;
		is_found = true;
		*call = calls->calls[i];
		*end = e;
	}
	return is_found;
}

const struct vc_sipend *vc_sipcall_other(const struct vc_sipcall *call,
					 const struct vc_sipend *end)
{
	for (unsigned int i = call->n_ends; i > 0; i--) {
		const struct vc_sipend *e = &call->ends[i - 1];

		if (e->is_callee != end->is_callee &&
		    e->section == end->section)
			return e;
	}
	return NULL;
}

static struct vc_str tag_of(const char *key)
{
	struct vc_str s = vc_str_c(key);

	return vc_str_cut(&s, ' ');
}

const char *vc_sipcall_key(const struct vc_sipcall *call,
			   const struct vc_sipend *end)
{
	const struct vc_sipend *other = vc_sipcall_other(call, end);

	if (!other || !other->n_keys)
		return NULL;
	if (other->n_keys == 1)
		return other->keys[0];
	for (unsigned int i = 0; i < other->n_keys && end->n_keys == 1; i++) {
		if (vc_str_eq(tag_of(other->keys[i]), tag_of(end->keys[0])))
			return other->keys[i];
	}
	return NULL;
}

bool vc_sipcall_matches(const struct vc_sipcall *call, const char *glob)
{
	return vc_glob(glob, call->id) || vc_glob(glob, call->caller) ||
	       vc_glob(glob, call->callee);
}

/* SPDX-License-Identifier: MIT */
/*
 * A SETUP is known by its URL, which ends as an a=control of the description
 * does (or is it); where none fits it is of the next section. Its answer is
 * known by CSeq.
 */
#include "session/rtspcalls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "wire/rtsp.h"
#include "wire/sdp.h"

#define OK_MIN 200
#define OK_MAX 299

struct vc_rtspcalls {
	struct vc_rtspcall *calls[VC_RTSPCALLS_MAX];
	unsigned int n;
	uint64_t stamp;
	struct vc_rtspcall *last; /* hit of by_connection() */
	struct vc_sdp sdp;	  /* scratch: it is large */
};

struct vc_rtspcalls *vc_rtspcalls_new(void)
{
	return vc_try_alloc(1, sizeof(struct vc_rtspcalls));
}

void vc_rtspcalls_free(struct vc_rtspcalls *calls)
{
	if (!calls)
		return;
	for (unsigned int i = 0; i < calls->n; i++)
		free(calls->calls[i]);
	free(calls);
}

/* --- connections --- */

static bool is_host(const struct vc_netaddr *a, const struct vc_netaddr *b)
{
	return a->is_ip6 == b->is_ip6 && !memcmp(a->ip, b->ip, sizeof(a->ip));
}

static bool is_at(const struct vc_netaddr *a, const struct vc_netaddr *b)
{
	return a->port == b->port && is_host(a, b);
}

static bool is_of(const struct vc_rtspcall *c, const struct vc_netaddr *src,
		  const struct vc_netaddr *dst)
{
	return is_at(&c->src, src) && is_at(&c->dst, dst);
}

/* In either direction. */
static struct vc_rtspcall *by_connection(struct vc_rtspcalls *calls,
					 const struct vc_netaddr *src,
					 const struct vc_netaddr *dst)
{
	if (calls->last &&
	    (is_of(calls->last, src, dst) || is_of(calls->last, dst, src)))
		return calls->last;
	for (unsigned int i = 0; i < calls->n; i++) {
		struct vc_rtspcall *c = calls->calls[i];

		if (is_of(c, src, dst) || is_of(c, dst, src)) {
			calls->last = c;
			return c;
		}
	}
	return NULL;
}

/* That of the connection, which is now the one last spoken of, or a new one. */
static struct vc_rtspcall *call_of(struct vc_rtspcalls *calls,
				   const struct vc_netaddr *src,
				   const struct vc_netaddr *dst)
{
	struct vc_rtspcall *c = by_connection(calls, src, dst);
	unsigned int i = 0;

	if (!c && calls->n < VC_RTSPCALLS_MAX) {
		c = vc_try_alloc(1, sizeof(*c));
		if (!c)
			return NULL;
		calls->calls[calls->n] = c;
		calls->n++;
	} else if (!c) {
		for (unsigned int k = 1; k < calls->n; k++) {
			if (calls->calls[k]->stamp < calls->calls[i]->stamp)
				i = k;
		}
		c = calls->calls[i];
		*c = (struct vc_rtspcall){ 0 };
	}
	if (!c->stamp) {
		c->src = *src;
		c->dst = *dst;
	}
	calls->stamp++;
	c->stamp = calls->stamp;
	return c;
}

/* --- descriptions --- */

/* The a=control lines of the sections; ones too long for us are none. */
static void take_controls(struct vc_rtspcall *c, struct vc_str text)
{
	unsigned int section = 0;

	while (text.len) {
		struct vc_str line = vc_str_trim(vc_str_cut(&text, '\n'));
		struct vc_str value = line;

		section += vc_str_starts(line, "m=");
		vc_str_cut(&value, ':');
		if (section && section <= c->n &&
		    vc_str_starts(line, "a=control:") &&
		    value.len < VC_RTSPCALL_TEXT)
			vc_str_copy(c->control[section - 1], VC_RTSPCALL_TEXT,
				    value);
	}
}

static int describe(struct vc_rtspcalls *calls, const struct vc_netaddr *src,
		    const struct vc_netaddr *dst, struct vc_str body)
{
	struct vc_sdp *sdp = &calls->sdp;
	int err = vc_sdp_parse(sdp, body.p, body.len);
	struct vc_rtspcall *c;

	if (err)
		return err;
	c = call_of(calls, src, dst);
	if (!c)
		return -ENOMEM;
	c->src = *src;
	c->dst = *dst;
	memset(c->sections, 0, sizeof(c->sections));
	memset(c->control, 0, sizeof(c->control));
	c->n_setups = 0;
	for (c->n = 0; c->n < sdp->n_media && c->n < VC_RTSPCALL_SECTIONS;
	     c->n++)
		vc_sipend_formats(&c->sections[c->n], &sdp->media[c->n]);
	take_controls(c, body);
	return 1;
}

/* --- channels --- */

static bool is_of_control(struct vc_str uri, const char *control)
{
	size_t n = strlen(control);

	if (!n || n > uri.len || memcmp(uri.p + uri.len - n, control, n))
		return false;
	return n == uri.len || control[0] == '/' ||
	       uri.p[uri.len - n - 1] == '/';
}

/* The longest control that fits, as "1" ends what "1/1" does. */
static unsigned int section_of(const struct vc_rtspcall *c, struct vc_str uri)
{
	unsigned int best = c->n_setups % VC_RTSPCALL_SECTIONS;
	size_t len = 0;

	if (uri.len && uri.p[uri.len - 1] == '/')
		uri.len--;
	for (unsigned int i = 0; i < c->n; i++) {
		size_t n = strlen(c->control[i]);

		if (n > len && is_of_control(uri, c->control[i])) {
			best = i;
			len = n;
		}
	}
	return best;
}

static int ask(struct vc_rtspcalls *calls, const struct vc_netaddr *src,
	       const struct vc_netaddr *dst, const struct vc_rtsp *rtsp)
{
	/* Where nobody announced anything the one who is asked sends. */
	struct vc_rtspcall *c = call_of(calls, dst, src);
	unsigned int at;

	if (!c)
		return -ENOMEM;
	at = c->n_setups % VC_RTSPCALL_SECTIONS;
	c->asked[at].is_there = rtsp->has_cseq;
	c->asked[at].cseq = rtsp->cseq;
	c->asked[at].section = section_of(c, rtsp->uri);
	c->n_setups++;
	return 0;
}

static int answer(struct vc_rtspcalls *calls, const struct vc_netaddr *src,
		  const struct vc_netaddr *dst, const struct vc_rtsp *rtsp)
{
	struct vc_rtspcall *c;
	uint8_t rtp, rtcp;
	int section = -1;

	if (!vc_rtsp_interleaved(rtsp->transport, &rtp, &rtcp))
		return 0;
	c = call_of(calls, src, dst);
	if (!c)
		return -ENOMEM;
	for (unsigned int i = 0; i < VC_RTSPCALL_SECTIONS; i++) {
		if (c->asked[i].is_there && rtsp->has_cseq &&
		    c->asked[i].cseq == rtsp->cseq)
			section = (int)c->asked[i].section;
	}
	/* The question was not captured: the first that has no channels. */
	for (int i = 0; i < VC_RTSPCALL_SECTIONS && section < 0; i++) {
		if (!c->channels[i].is_there)
			section = i;
	}
	if (section < 0)
		return 0;
	c->channels[section].is_there = true;
	c->channels[section].rtp = rtp;
	c->channels[section].rtcp = rtcp;
	return 2;
}

/* --- messages --- */

int vc_rtspcalls_take(struct vc_rtspcalls *calls, const struct vc_netaddr *src,
		      const struct vc_netaddr *dst, const char *text,
		      size_t len)
{
	struct vc_rtsp rtsp;
	int err = vc_rtsp_parse(&rtsp, text, len);
	bool is_ok;

	if (err)
		return err;
	is_ok = rtsp.status >= OK_MIN && rtsp.status <= OK_MAX;
	if ((is_ok || vc_str_is(rtsp.method, "ANNOUNCE")) && rtsp.body.len &&
	    vc_str_is_nocase(rtsp.content_type, "application/sdp"))
		return describe(calls, src, dst, rtsp.body);
	if (vc_str_is(rtsp.method, "SETUP"))
		return ask(calls, src, dst, &rtsp);
	return is_ok ? answer(calls, src, dst, &rtsp) : 0;
}

/* --- answers --- */

uint16_t vc_rtspcalls_lane(struct vc_rtspcalls *calls,
			   const struct vc_netaddr *src,
			   const struct vc_netaddr *dst, uint8_t channel)
{
	const struct vc_rtspcall *c = by_connection(calls, src, dst);

	for (unsigned int i = 0; c && i < VC_RTSPCALL_SECTIONS; i++) {
		if (c->channels[i].is_there && (c->channels[i].rtp == channel ||
						c->channels[i].rtcp == channel))
			return (uint16_t)(c->channels[i].rtp + 1);
	}
	return (uint16_t)((channel & ~1u) + 1);
}

const struct vc_rtspcall *vc_rtspcalls_find(const struct vc_rtspcalls *calls,
					    const struct vc_netaddr *src,
					    const struct vc_netaddr *dst)
{
	const struct vc_rtspcall *best = NULL;

	for (unsigned int i = 0; i < calls->n; i++) {
		const struct vc_rtspcall *c = calls->calls[i];

		if (!c->n || !is_host(&c->src, src) || !is_host(&c->dst, dst))
			continue;
		if (is_of(c, src, dst))
			return c;
		if (!best || c->stamp > best->stamp)
			best = c;
	}
	return best;
}

const struct vc_sipend *vc_rtspcall_section(const struct vc_rtspcall *call,
					    uint16_t lane)
{
	unsigned int channel = lane - 1u;

	for (unsigned int i = 0; i < call->n; i++) {
		if (call->channels[i].is_there &&
		    call->channels[i].rtp == channel)
			return &call->sections[i];
	}
	/* Nobody told: in order, two each. */
	return channel / 2 < call->n && !call->channels[channel / 2].is_there ?
		       &call->sections[channel / 2] :
		       NULL;
}

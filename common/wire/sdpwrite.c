/* SPDX-License-Identifier: MIT */
/*
 * Writing in one fixed order. A string that could end its line is refused when
 * it is put, so nothing foreign can add lines of its own.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "wire/sdp.h"

struct out {
	char *buf;
	size_t cap;
	size_t len;
	bool with_keys;
	int err;
};

static void put_str(struct out *o, struct vc_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\r' || s.p[i] == '\n' || !s.p[i])
			o->err = -EINVAL;
	}
	if (!o->err && s.len > o->cap - o->len)
		o->err = -ENOSPC;
	if (o->err || !s.len)
		return;
	memcpy(o->buf + o->len, s.p, s.len);
	o->len += s.len;
}

static void put(struct out *o, const char *s)
{
	put_str(o, vc_str_c(s));
}

static void put_u(struct out *o, uint32_t v)
{
	char text[12];

	(void)snprintf(text, sizeof(text), "%" PRIu32, v);
	put(o, text);
}

static void put_end(struct out *o)
{
	if (!o->err && o->cap - o->len < 2)
		o->err = -ENOSPC;
	if (o->err)
		return;
	memcpy(o->buf + o->len, "\r\n", 2);
	o->len += 2;
}

/* A whole line, left out where the value is empty. */
static void put_line(struct out *o, const char *key, struct vc_str value)
{
	if (!value.len)
		return;
	put(o, key);
	put_str(o, value);
	put_end(o);
}

static void put_flag(struct out *o, const char *line, bool is_set)
{
	if (!is_set)
		return;
	put(o, line);
	put_end(o);
}

static void put_num(struct out *o, const char *key, uint32_t v)
{
	put(o, key);
	put_u(o, v);
	put_end(o);
}

static void put_conn(struct out *o, const struct vc_sdp_addr *a)
{
	if (!a->set)
		return;
	put(o, a->is_ip6 ? "c=IN IP6 " : "c=IN IP4 ");
	put_str(o, a->host);
	if (a->ttl >= 0 && !a->is_ip6) {
		put(o, "/");
		put_u(o, (uint32_t)a->ttl);
	}
	put_end(o);
}

static void put_fb(struct out *o, const struct vc_sdp_fmt *fmt)
{
	static const struct {
		unsigned int fb;
		const char *text;
	} rows[] = {
		{ VC_FB_NACK, " nack" },	 { VC_FB_PLI, " nack pli" },
		{ VC_FB_FIR, " ccm fir" },	 { VC_FB_REMB, " goog-remb" },
		{ VC_FB_TWCC, " transport-cc" },
	};

	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		if (!(fmt->fb & rows[i].fb))
			continue;
		put(o, "a=rtcp-fb:");
		put_u(o, fmt->pt);
		put(o, rows[i].text);
		put_end(o);
	}
}

/* For all payload types alike, as RFC 8888 section 6 has it. */
static void put_ccfb(struct out *o, const struct vc_sdp_media *m)
{
	unsigned int fb = 0;

	for (unsigned int i = 0; i < m->n_fmt; i++)
		fb |= m->fmt[i].fb;
	put_flag(o, "a=rtcp-fb:* ack ccfb", fb & VC_FB_CCFB);
}

static void put_fmt(struct out *o, const struct vc_sdp_fmt *fmt)
{
	if (fmt->codec.len) {
		put(o, "a=rtpmap:");
		put_u(o, fmt->pt);
		put(o, " ");
		put_str(o, fmt->codec);
		put(o, "/");
		put_u(o, fmt->rate);
		if (fmt->channels > 1) {
			put(o, "/");
			put_u(o, fmt->channels);
		}
		put_end(o);
	}
	if (fmt->fmtp.len) {
		put(o, "a=fmtp:");
		put_u(o, fmt->pt);
		put(o, " ");
		put_str(o, fmt->fmtp);
		put_end(o);
	}
	put_fb(o, fmt);
}

static void put_m_line(struct out *o, const struct vc_sdp_media *m)
{
	put(o, "m=");
	put(o, vc_kind_name(m->kind));
	put(o, " ");
	put_u(o, m->port);
	put(o, " ");
	put_str(o, m->proto.len ? m->proto : vc_str_c("RTP/AVP"));
	for (unsigned int i = 0; i < m->n_fmt; i++) {
		put(o, " ");
		put_u(o, m->fmt[i].pt);
	}
	put_end(o);
}

static void put_keys(struct out *o, const struct vc_sdp_keys *k)
{
	for (unsigned int i = 0; i < k->n_crypto; i++)
		put_line(o, "a=crypto:", k->crypto[i]);
	for (unsigned int i = 0; i < k->n_fingerprint; i++)
		put_line(o, "a=fingerprint:", k->fingerprint[i]);
	put_line(o, "a=setup:", k->setup);
}

/* In the order of preference; alternatives are joined by commas. */
static void put_simulcast(struct out *o, const struct vc_sdp_media *m,
			  bool is_recv, const char *head)
{
	const struct vc_sdp_rid *r, *before = NULL;

	for (unsigned int at = 0; m->n_rid;) {
		unsigned int least = UINT32_MAX, next = 0;

		for (unsigned int i = 0; i < m->n_rid; i++) {
			r = &m->rid[i];
			if (r->rank <= at || r->rank >= least ||
			    r->is_recv != is_recv || !r->is_declared)
				continue;
			least = r->rank;
			next = i;
		}
		if (least == UINT32_MAX)
			break;
		r = &m->rid[next];
		put(o, !before ? head : before->group == r->group ? "," : ";");
		put(o, r->is_paused ? "~" : "");
		put_str(o, r->id);
		before = r;
		at = least;
	}
}

static bool is_simulcast(const struct vc_sdp_media *m, bool is_recv)
{
	for (unsigned int i = 0; i < m->n_rid; i++) {
		const struct vc_sdp_rid *r = &m->rid[i];

		if (r->rank && r->is_declared && r->is_recv == is_recv)
			return true;
	}
	return false;
}

static void put_rids(struct out *o, const struct vc_sdp_media *m)
{
	bool sends = is_simulcast(m, false), receives = is_simulcast(m, true);

	for (unsigned int i = 0; i < m->n_rid; i++) {
		const struct vc_sdp_rid *r = &m->rid[i];

		if (!r->is_declared)
			continue;
		put(o, "a=rid:");
		put_str(o, r->id);
		put(o, r->is_recv ? " recv" : " send");
		put(o, r->params.len ? " " : "");
		put_str(o, r->params);
		put_end(o);
	}
	if (!sends && !receives)
		return;
	put(o, "a=simulcast:");
	put_simulcast(o, m, false, "send ");
	put_simulcast(o, m, true, sends ? " recv " : "recv ");
	put_end(o);
}

static void put_media(struct out *o, const struct vc_sdp_media *m)
{
	put_m_line(o, m);
	put_conn(o, &m->conn);
	put_line(o, "a=mid:", m->mid);
	put_line(o, "a=content:", m->content);
	if (o->with_keys)
		put_keys(o, &m->keys);
	put_flag(o, "a=sendonly", m->dir == VC_SDP_SENDONLY);
	put_flag(o, "a=recvonly", m->dir == VC_SDP_RECVONLY);
	put_flag(o, "a=inactive", m->dir == VC_SDP_INACTIVE);
	if (m->rtcp_port)
		put_num(o, "a=rtcp:", m->rtcp_port);
	put_flag(o, "a=rtcp-mux", m->rtcp_mux);
	put_flag(o, "a=rtcp-rsize", m->rtcp_rsize);
	if (m->ptime_ms)
		put_num(o, "a=ptime:", m->ptime_ms);
	for (unsigned int i = 0; i < m->n_fmt; i++)
		put_fmt(o, &m->fmt[i]);
	put_ccfb(o, m);
	for (unsigned int i = 0; i < m->n_ext; i++) {
		put(o, "a=extmap:");
		put_u(o, m->ext[i].id);
		put(o, " ");
		put_str(o, m->ext[i].uri);
		put_end(o);
	}
	put_rids(o, m);
}

static int write_all(const struct vc_sdp *sdp, struct out *o)
{
	put(o, "v=0");
	put_end(o);
	put_line(o, "o=",
		 sdp->origin.len ? sdp->origin :
				   vc_str_c("- 0 0 IN IP4 127.0.0.1"));
	put_line(o, "s=", sdp->name.len ? sdp->name : vc_str_c("-"));
	put_conn(o, &sdp->conn);
	put(o, "t=0 0");
	put_end(o);
	put_line(o, "a=tool:", sdp->tool);
	put_line(o, "a=x-vc-clock:", sdp->clock);
	put_line(o, "a=x-vc-control:", sdp->control);
	put_line(o, "a=x-vc-stripped:", sdp->stripped);
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		if (sdp->media[i].n_fmt)
			put_media(o, &sdp->media[i]);
	}
	return o->err ? o->err : (int)o->len;
}

int vc_sdp_write(const struct vc_sdp *sdp, char *buf, size_t cap)
{
	struct out o = { .buf = buf, .cap = cap };

	return write_all(sdp, &o);
}

int vc_sdp_write_keys(const struct vc_sdp *sdp, char *buf, size_t cap)
{
	struct out o = { .buf = buf, .cap = cap, .with_keys = true };

	return write_all(sdp, &o);
}

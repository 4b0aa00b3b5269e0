/* SPDX-License-Identifier: MIT */
/*
 * Reading, one line at a time and without looking back. Whoever reads a line
 * returns NULL or what is wrong with it. Attributes are in sdpattr.c.
 */
#include <errno.h>
#include <string.h>

#include "wire/sdpparse.h"

#define LETTER(c) (1u << ((c) - 'a'))

/* Lines that stand once. */
static const unsigned int once = LETTER('v') | LETTER('o') | LETTER('s');
static const unsigned int session_only =
	LETTER('v') | LETTER('o') | LETTER('s') | LETTER('t') | LETTER('r') |
	LETTER('z') | LETTER('u') | LETTER('e') | LETTER('p');
static const unsigned int known =
	LETTER('v') | LETTER('o') | LETTER('s') | LETTER('i') | LETTER('u') |
	LETTER('e') | LETTER('p') | LETTER('c') | LETTER('b') | LETTER('t') |
	LETTER('r') | LETTER('z') | LETTER('k') | LETTER('a') | LETTER('m');

struct vc_str vc_sdp_word(struct vc_str *s)
{
	while (s->len && s->p[0] == ' ')
		*s = vc_str_of(s->p + 1, s->len - 1);
	return vc_str_cut(s, ' ');
}

const char *vc_sdp_over(struct vc_sdp_parser *ps, const char *why)
{
	ps->too_big = true;
	return why;
}

static const char *parse_version(struct vc_sdp_parser *ps, struct vc_str v)
{
	(void)ps;
	return vc_str_is(v, "0") ? NULL : "not version 0";
}

static const char *parse_origin(struct vc_sdp_parser *ps, struct vc_str v)
{
	ps->sdp->origin = v;
	for (unsigned int i = 0; i < 6; i++) {
		if (!vc_sdp_word(&v).len)
			return "origin without its six fields";
	}
	return NULL;
}

static bool is_host(struct vc_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
		    !(c >= 'A' && c <= 'Z') && !strchr(".:%-_", c))
			return false;
	}
	return s.len >= 1 && s.len <= 255;
}

/* "IN IP4 host/ttl/count" or "IN IP6 host/count". */
static const char *parse_addr(struct vc_sdp_addr *out, struct vc_str v)
{
	struct vc_sdp_addr a = { .set = true, .ttl = -1 };
	bool is_in = vc_str_is(vc_sdp_word(&v), "IN");
	struct vc_str type = vc_sdp_word(&v), rest = vc_sdp_word(&v), part;
	uint32_t n;

	a.is_ip6 = vc_str_is(type, "IP6");
	if (!is_in || (!a.is_ip6 && !vc_str_is(type, "IP4")))
		return "not an internet address";
	a.host = vc_str_cut(&rest, '/');
	if (!is_host(a.host))
		return "malformed host";
	if (rest.len && !a.is_ip6) {
		part = vc_str_cut(&rest, '/');
		if (!vc_str_u32(part, 255, &n))
			return "time to live not in 0..255";
		a.ttl = (int)n;
	}
	if (rest.len && (!vc_str_u32(rest, UINT16_MAX, &n) || !n))
		return "malformed number of addresses";
	*out = a;
	return NULL;
}

static const char *parse_conn(struct vc_sdp_parser *ps, struct vc_str v)
{
	struct vc_sdp_addr *a = ps->media ? &ps->media->conn : &ps->sdp->conn;
	struct vc_sdp_addr next;

	/* Layered multicast repeats it: the first one counts. */
	return parse_addr(a->set ? &next : a, v);
}

struct vc_sdp_fmt *vc_sdp_section_fmt(const struct vc_sdp_parser *ps,
				      uint32_t pt)
{
	for (unsigned int i = 0; i < ps->media->n_fmt; i++) {
		if (ps->media->fmt[i].pt == pt)
			return &ps->media->fmt[i];
	}
	return NULL;
}

static const char *add_fmt(struct vc_sdp_parser *ps, struct vc_str s)
{
	struct vc_sdp_media *m = ps->media;
	uint32_t pt;

	if (!vc_str_u32(s, 127, &pt))
		return "payload type not in 0..127";
	if (vc_sdp_section_fmt(ps, pt))
		return "payload type named twice";
	if (m->n_fmt == VC_SDP_FMT_MAX)
		return vc_sdp_over(ps, "too many payload types");
	m->fmt[m->n_fmt] =
		(struct vc_sdp_fmt){ .pt = (uint8_t)pt, .channels = 1 };
	(void)vc_sdp_static_fmt(&m->fmt[m->n_fmt]);
	m->n_fmt++;
	return NULL;
}

static bool is_rtp(struct vc_str proto)
{
	while (proto.len) {
		struct vc_str part = vc_str_cut(&proto, '/');

		if (vc_str_is(part, "RTP"))
			return true;
	}
	return false;
}

static const char *parse_media(struct vc_sdp_parser *ps, struct vc_str v)
{
	struct vc_sdp_media *m;
	struct vc_str port, fmt;
	uint32_t n;

	if (ps->sdp->n_media == VC_SDP_MEDIA_MAX)
		return vc_sdp_over(ps, "too many sections");
	m = &ps->sdp->media[ps->sdp->n_media];
	*m = (struct vc_sdp_media){ .dir = ps->dir, .keys = ps->keys };
	ps->own_fingerprint = false;
	ps->sdp->n_media++;
	ps->media = m;
	m->kind = vc_kind_by_name(vc_sdp_word(&v));
	port = vc_sdp_word(&v);
	if (!vc_str_u32(vc_str_cut(&port, '/'), UINT16_MAX, &n))
		return "port not in 0..65535";
	m->port = (uint16_t)n;
	if (port.len && (!vc_str_u32(port, UINT16_MAX, &n) || !n))
		return "malformed number of ports";
	m->proto = vc_sdp_word(&v);
	m->is_rtp = is_rtp(m->proto);
	fmt = vc_sdp_word(&v);
	if (!fmt.len)
		return "section without format";
	for (; m->is_rtp && fmt.len; fmt = vc_sdp_word(&v)) {
		const char *why = add_fmt(ps, fmt);

		if (why)
			return why;
	}
	return NULL;
}

static const char *parse_value(struct vc_sdp_parser *ps, char letter,
			       struct vc_str v)
{
	switch (letter) {
	case 'v':
		return parse_version(ps, v);
	case 'o':
		return parse_origin(ps, v);
	case 's':
		ps->sdp->name = v;
		return NULL;
	case 'c':
		return parse_conn(ps, v);
	case 'm':
		return parse_media(ps, v);
	case 'a':
		return vc_sdp_parse_attr(ps, v);
	default:
		return NULL;
	}
}

static const char *parse_line(struct vc_sdp_parser *ps, struct vc_str line)
{
	unsigned int bit;

	if (line.len > VC_SDP_LINE_MAX)
		return vc_sdp_over(ps, "line too long");
	if (line.len < 2 || line.p[1] != '=' || line.p[0] < 'a' ||
	    line.p[0] > 'z')
		return "not a line of SDP";
	if (memchr(line.p, '\0', line.len) || memchr(line.p, '\r', line.len))
		return "NUL or carriage return in a line";
	bit = LETTER(line.p[0]);
	if (!ps->seen && line.p[0] != 'v')
		return "does not begin with v=0";
	if (!(known & bit))
		return "unknown type of line";
	if (ps->seen & once & bit)
		return "given twice";
	if (ps->media && (session_only & bit))
		return "must stand before the first m= line";
	ps->seen |= bit;
	return parse_value(ps, line.p[0], vc_str_of(line.p + 2, line.len - 2));
}

/* Whether only line ends are left. */
static bool is_blank(struct vc_str s)
{
	while (s.len && (s.p[0] == '\r' || s.p[0] == '\n'))
		s = vc_str_of(s.p + 1, s.len - 1);
	return !s.len;
}

static int parse_lines(struct vc_sdp_parser *ps, struct vc_str text)
{
	struct vc_sdp *sdp = ps->sdp;

	do {
		struct vc_str line = vc_str_line(&text);

		sdp->bad_line++;
		if (sdp->bad_line > VC_SDP_LINES_MAX)
			sdp->bad_why = vc_sdp_over(ps, "too many lines");
		else
			sdp->bad_why = parse_line(ps, line);
		if (sdp->bad_why)
			return ps->too_big ? -E2BIG : -EBADMSG;
	} while (!is_blank(text));
	sdp->bad_line = 0;
	return 0;
}

int vc_sdp_parse(struct vc_sdp *sdp, const char *text, size_t len)
{
	struct vc_sdp_parser ps = { .sdp = sdp };

	memset(sdp, 0, sizeof(*sdp));
	if (len > VC_SDP_TEXT_MAX) {
		sdp->bad_line = 1;
		sdp->bad_why = "description too long";
		return -E2BIG;
	}
	return parse_lines(&ps, vc_str_of(text, len));
}

/* SPDX-License-Identifier: MIT */
/*
 * Attributes, a table of names and functions. Those of a section find its
 * formats in the m= line, which came first; what belongs into a section and
 * stands before the first one is skipped.
 */
#include "base/mem.h"
#include "wire/ntp.h"
#include "wire/rtx.h"
#include "wire/sdpparse.h"

/*
 * The payload type that an attribute begins with, which '*v' then passes.
 * '*fmt' is NULL where the section does not list it: to be skipped.
 */
static const char *take_pt(struct vc_sdp_parser *ps, struct vc_str *v,
			   struct vc_sdp_fmt **fmt)
{
	uint32_t pt;

	*fmt = NULL;
	if (!ps->media || !ps->media->is_rtp)
		return NULL;
	if (!vc_str_u32(vc_sdp_word(v), 127, &pt))
		return "payload type not in 0..127";
	*fmt = vc_sdp_section_fmt(ps, pt);
	return NULL;
}

static const char *attr_rtpmap(struct vc_sdp_parser *ps, struct vc_str v)
{
	struct vc_sdp_fmt *fmt, plain;
	const char *why = take_pt(ps, &v, &fmt);
	struct vc_str codec, rate;
	uint32_t hz, channels = 1;

	if (why || !fmt)
		return why;
	v = vc_sdp_word(&v);
	codec = vc_str_cut(&v, '/');
	rate = vc_str_cut(&v, '/');
	if (!codec.len)
		return "codec without name";
	if (!vc_str_u32(rate, VC_RTP_RATE_MAX, &hz) || !hz)
		return "clock rate not in 1..1000000000";
	if (v.len &&
	    (!vc_str_u32(v, VC_SDP_CHANNELS_MAX, &channels) || !channels)) {
		/* What else it may mean to others than audio is not said. */
		if (ps->media->kind == VC_AUDIO)
			return "number of channels not in 1..16";
		channels = 1;
	}
	/* What is static may be said, once, like all others. */
	plain = (struct vc_sdp_fmt){ .pt = fmt->pt };
	if (fmt->codec.len &&
	    !(vc_sdp_static_fmt(&plain) && plain.codec.p == fmt->codec.p))
		return "payload type mapped twice";
	fmt->codec = codec;
	fmt->rate = hz;
	fmt->channels = (uint8_t)channels;
	return NULL;
}

static const char *attr_fmtp(struct vc_sdp_parser *ps, struct vc_str v)
{
	struct vc_sdp_fmt *fmt;
	const char *why = take_pt(ps, &v, &fmt);

	if (why || !fmt)
		return why;
	if (fmt->fmtp.len)
		return "format parameters given twice";
	fmt->fmtp = v;
	return NULL;
}

static unsigned int fb_of(struct vc_str v)
{
	static const struct {
		const char *type, *arg;
		unsigned int fb;
	} rows[] = {
		{ "nack", "", VC_FB_NACK },
		{ "nack", "pli", VC_FB_PLI },
		{ "ccm", "fir", VC_FB_FIR },
		{ "goog-remb", "", VC_FB_REMB },
		{ "transport-cc", "", VC_FB_TWCC },
		{ "ack", "ccfb", VC_FB_CCFB },
	};
	struct vc_str type = vc_sdp_word(&v), arg = vc_sdp_word(&v);

	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		if (vc_str_is(type, rows[i].type) &&
		    vc_str_is(arg, rows[i].arg))
			return rows[i].fb;
	}
	return 0;
}

static const char *attr_rtcp_fb(struct vc_sdp_parser *ps, struct vc_str v)
{
	struct vc_sdp_fmt *fmt;
	const char *why;

	if (ps->media && vc_str_starts(v, "* ")) {
		unsigned int fb = fb_of(vc_str_of(v.p + 2, v.len - 2));

		for (unsigned int i = 0; i < ps->media->n_fmt; i++)
			ps->media->fmt[i].fb |= fb;
		return NULL;
	}
	why = take_pt(ps, &v, &fmt);
	if (!why && fmt)
		fmt->fb |= fb_of(v);
	return why;
}

static const char *attr_extmap(struct vc_sdp_parser *ps, struct vc_str v)
{
	struct vc_str first = vc_sdp_word(&v), uri = vc_sdp_word(&v);
	uint32_t id;

	if (!vc_str_u32(vc_str_cut(&first, '/'), 4351, &id) || !id)
		return "malformed extension id";
	if (!uri.len)
		return "extension without a name";
	if (!ps->media || id > 255)
		return NULL;
	for (unsigned int i = 0; i < ps->media->n_ext; i++) {
		if (ps->media->ext[i].id == id)
			return "extension id named twice";
	}
	if (ps->media->n_ext == VC_SDP_EXT_MAX)
		return vc_sdp_over(ps, "too many extensions");
	ps->media->ext[ps->media->n_ext] =
		(struct vc_sdp_extmap){ .id = (uint8_t)id, .uri = uri };
	ps->media->n_ext++;
	return NULL;
}

static const char *attr_ssrc(struct vc_sdp_parser *ps, struct vc_str v)
{
	struct vc_sdp_media *m = ps->media;
	uint32_t ssrc;

	if (!vc_str_u32(vc_sdp_word(&v), UINT32_MAX, &ssrc))
		return "malformed SSRC";
	if (!m)
		return NULL;
	for (unsigned int i = 0; i < m->n_ssrc; i++) {
		if (m->ssrc[i] == ssrc)
			return NULL;
	}
	if (m->n_ssrc == VC_SDP_SSRC_MAX)
		return vc_sdp_over(ps, "too many SSRCs");
	m->ssrc[m->n_ssrc] = ssrc;
	m->n_ssrc++;
	return NULL;
}

/* Groups of other kinds, and of more than two, are none of ours. */
static const char *attr_ssrc_group(struct vc_sdp_parser *ps, struct vc_str v)
{
	struct vc_sdp_media *m = ps->media;
	struct vc_sdp_fid fid;

	if (!m || !vc_rtx_fid(v, &fid.media, &fid.rtx))
		return NULL;
	if (m->n_fid == VC_SDP_FID_MAX)
		return vc_sdp_over(ps, "too many SSRC groups");
	m->fid[m->n_fid] = fid;
	m->n_fid++;
	return NULL;
}

static const char *attr_rtcp(struct vc_sdp_parser *ps, struct vc_str v)
{
	uint32_t port;

	if (!vc_str_u32(vc_sdp_word(&v), UINT16_MAX, &port))
		return "port not in 0..65535";
	if (ps->media)
		ps->media->rtcp_port = (uint16_t)port;
	return NULL;
}

/* Milliseconds; RFC 8866 allows a fraction, which we leave. */
static const char *attr_ptime(struct vc_sdp_parser *ps, struct vc_str v)
{
	struct vc_str fraction = v, whole = vc_str_cut(&fraction, '.');
	uint32_t ms, part = 0;

	if (!vc_str_u32(whole, VC_SDP_PTIME_MAX, &ms) ||
	    (fraction.len && !vc_str_u32(fraction, UINT32_MAX, &part)) ||
	    (!ms && !part))
		return "packet time not in 0..1000 ms";
	if (ps->media)
		ps->media->ptime_ms = ms;
	return NULL;
}

static const char *attr_mid(struct vc_sdp_parser *ps, struct vc_str v)
{
	if (!ps->media)
		return NULL;
	if (!v.len || ps->media->mid.len)
		return v.len ? "section named twice" : "empty name";
	for (unsigned int i = 0; i + 1 < ps->sdp->n_media; i++) {
		if (vc_str_eq(ps->sdp->media[i].mid, v))
			return "two sections of one name";
	}
	ps->media->mid = v;
	return NULL;
}

static const char *attr_content(struct vc_sdp_parser *ps, struct vc_str v)
{
	if (ps->media)
		ps->media->content = v;
	return NULL;
}

static const char *attr_mux(struct vc_sdp_parser *ps, struct vc_str v)
{
	(void)v;
	if (ps->media)
		ps->media->rtcp_mux = true;
	return NULL;
}

static const char *attr_rsize(struct vc_sdp_parser *ps, struct vc_str v)
{
	(void)v;
	if (ps->media)
		ps->media->rtcp_rsize = true;
	return NULL;
}

static const char *keep(struct vc_sdp_parser *ps, struct vc_str v,
			struct vc_str *list, unsigned int *n, const char *many)
{
	if (!v.len)
		return "empty";
	if (*n == VC_SDP_CRYPTO_MAX)
		return vc_sdp_over(ps, many);
	list[*n] = v;
	++*n;
	return NULL;
}

static const char *attr_crypto(struct vc_sdp_parser *ps, struct vc_str v)
{
	struct vc_sdp_keys *k;

	if (!ps->media)
		return NULL;
	k = &ps->media->keys;
	return keep(ps, v, k->crypto, &k->n_crypto, "too many keys");
}

static const char *attr_fingerprint(struct vc_sdp_parser *ps, struct vc_str v)
{
	struct vc_sdp_keys *k = ps->media ? &ps->media->keys : &ps->keys;

	if (ps->media && !ps->own_fingerprint) {
		k->n_fingerprint = 0;
		ps->own_fingerprint = true;
	}
	return keep(ps, v, k->fingerprint, &k->n_fingerprint,
		    "too many fingerprints");
}

static const char *attr_setup(struct vc_sdp_parser *ps, struct vc_str v)
{
	if (!vc_str_is(v, "active") && !vc_str_is(v, "passive") &&
	    !vc_str_is(v, "actpass") && !vc_str_is(v, "holdconn"))
		return "setup is not active, passive, actpass or holdconn";
	*(ps->media ? &ps->media->keys.setup : &ps->keys.setup) = v;
	return NULL;
}

static const char *set_dir(struct vc_sdp_parser *ps, enum vc_sdp_dir dir)
{
	*(ps->media ? &ps->media->dir : &ps->dir) = dir;
	return NULL;
}

static const char *attr_sendrecv(struct vc_sdp_parser *ps, struct vc_str v)
{
	(void)v;
	return set_dir(ps, VC_SDP_SENDRECV);
}

static const char *attr_sendonly(struct vc_sdp_parser *ps, struct vc_str v)
{
	(void)v;
	return set_dir(ps, VC_SDP_SENDONLY);
}

static const char *attr_recvonly(struct vc_sdp_parser *ps, struct vc_str v)
{
	(void)v;
	return set_dir(ps, VC_SDP_RECVONLY);
}

static const char *attr_inactive(struct vc_sdp_parser *ps, struct vc_str v)
{
	(void)v;
	return set_dir(ps, VC_SDP_INACTIVE);
}

static const char *attr_clock(struct vc_sdp_parser *ps, struct vc_str v)
{
	if (!vc_str_is(v, "live") && !vc_str_is(v, "virtual") &&
	    !vc_str_is(v, "recorded"))
		return "clock is not live, virtual or recorded";
	if (!ps->media)
		ps->sdp->clock = v;
	return NULL;
}

static const char *attr_control(struct vc_sdp_parser *ps, struct vc_str v)
{
	if (!ps->media)
		ps->sdp->control = v;
	return NULL;
}

static const char *attr_tool(struct vc_sdp_parser *ps, struct vc_str v)
{
	if (!ps->media)
		ps->sdp->tool = v;
	return NULL;
}

static const char *attr_stripped(struct vc_sdp_parser *ps, struct vc_str v)
{
	if (!ps->media)
		ps->sdp->stripped = v;
	return NULL;
}

static const struct {
	const char *name;
	const char *(*parse)(struct vc_sdp_parser *ps, struct vc_str v);
} attrs[] = {
	{ "rtpmap", attr_rtpmap },
	{ "fmtp", attr_fmtp },
	{ "rtcp-fb", attr_rtcp_fb },
	{ "extmap", attr_extmap },
	{ "ssrc", attr_ssrc },
	{ "ssrc-group", attr_ssrc_group }, /* RFC 5576 */
	{ "rtcp", attr_rtcp },
	{ "rtcp-mux", attr_mux },
	{ "rtcp-rsize", attr_rsize },
	{ "ptime", attr_ptime },
	{ "mid", attr_mid },
	{ "content", attr_content },
	{ "rid", vc_sdp_parse_rid },
	{ "simulcast", vc_sdp_parse_simulcast },
	{ "crypto", attr_crypto },
	{ "fingerprint", attr_fingerprint },
	{ "setup", attr_setup },
	{ "sendrecv", attr_sendrecv },
	{ "sendonly", attr_sendonly },
	{ "recvonly", attr_recvonly },
	{ "inactive", attr_inactive },
	{ "x-vc-clock", attr_clock },
	{ "x-vc-control", attr_control },
	{ "x-vc-stripped", attr_stripped },
	{ "tool", attr_tool },
};

const char *vc_sdp_parse_attr(struct vc_sdp_parser *ps, struct vc_str v)
{
	struct vc_str name = vc_str_cut(&v, ':');

	for (size_t i = 0; i < VC_COUNT(attrs); i++) {
		if (vc_str_is(name, attrs[i].name))
			return attrs[i].parse(ps, v);
	}
	return NULL;
}

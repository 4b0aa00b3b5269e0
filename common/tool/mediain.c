/* SPDX-License-Identifier: MIT */
#include "tool/mediain.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/rand.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/filepump.h"
#include "engine/webmsource.h"
#include "tool/capin.h"
#include "tool/tool.h"
#include "wire/defaults.h"
#include "wire/frame.h"
#include "wire/rtp.h"

#define SDP_MAX 8192
#define TEXT_CAP 512
#define SOURCES_MAX 1024 /* whose addresses are told */

struct vc_mediain {
	struct vc_tool *tool;
	char text[TEXT_CAP];
	struct vc_rand rand;
	struct vc_webmsource *webm; /* or */
	struct vc_capin *capture;
	bool is_described;
	size_t n_told;
	uint32_t *told; /* sources, of a capture */
	uint8_t *out;
	size_t start, len, cap;
	bool has_time;
	int64_t time; /* the last T */
	bool is_cut;
	int err;
};

static uint8_t *room(struct vc_mediain *m, size_t n)
{
	size_t cap = m->cap ? m->cap : 65536;
	uint8_t *out;

	while (cap - m->len < n)
		cap *= 2;
	if (cap != m->cap) {
		out = realloc(m->out, cap);
		if (!out) {
			m->err = -ENOMEM;
			return NULL;
		}
		m->out = out;
		m->cap = cap;
	}
	m->len += n;
	return m->out + m->len - n;
}

static void put_frame(struct vc_mediain *m, const void *p, size_t len)
{
	uint8_t *to = room(m, 2 + len);

	if (!to)
		return;
	vc_frame_head(to, len);
	memcpy(to + 2, p, len);
}

static void on_desc(void *ctx, const struct vc_sdp *sdp)
{
	struct vc_mediain *m = ctx;
	char text[SDP_MAX];
	int n = vc_sdp_write(sdp, text, sizeof(text));

	if (n > 0)
		put_frame(m, text, (size_t)n);
}

static void put_time(struct vc_mediain *m, enum vc_frame_time kind, int64_t t)
{
	uint8_t *to = room(m, VC_FRAME_TIME_SIZE);

	if (to)
		vc_frame_time_write(to, kind, t);
}

static void on_packet(void *ctx, struct vc_packet *pkt, bool is_rtcp,
		      int64_t now)
{
	struct vc_mediain *m = ctx;

	(void)is_rtcp;
	if (!m->has_time || m->time < now) {
		put_time(m, VC_TIME_STREAM, now);
		m->has_time = true;
		m->time = now;
	}
	put_frame(m, pkt->data, pkt->len);
}

static void on_refused(void *ctx, uint64_t number, const char *codec)
{
	struct vc_mediain *m = ctx;
	char shown[VC_ESCAPE_CAP(64)];

	vc_escape(shown, sizeof(shown), codec, strlen(codec));
	vc_tool_warn(m->tool,
		     "%s: track %" PRIu64 " (%s): left out: of files Opus, "
		     "G.711, G.722, L16, VP8, VP9, H.264 and AV1 are read",
		     m->text, number, shown);
}

/* --- captures --- */

/* So that the clock is told before anything comes. */
static void describe(struct vc_mediain *m, const struct vc_sdp *sdp)
{
	struct vc_sdp *copy = vc_try_alloc(1, sizeof(*copy));

	if (!copy) {
		m->err = -ENOMEM;
		return;
	}
	*copy = *sdp;
	copy->clock = vc_str_c("recorded");
	copy->control = vc_str_c("");
	on_desc(m, copy);
	m->is_described = true;
	free(copy);
}

static void on_own_desc(void *ctx, const struct vc_sdp *sdp)
{
	struct vc_mediain *m = ctx;

	if (!m->is_described)
		describe(m, sdp);
}

/* By the operator's words, or by our defaults. */
static int describe_capture(struct vc_mediain *m,
			    const struct vc_mediain_conf *conf)
{
	struct vc_sdp *sdp = vc_try_alloc(1, sizeof(*sdp));
	int err = sdp ? 0 : -ENOMEM;

	if (sdp && conf->sdp)
		err = vc_sdp_parse(sdp, conf->sdp, conf->sdp_len);
	else if (sdp)
		vc_default_sdp(sdp);
	if (!err && (conf->sdp || conf->kind != VC_FILEKIND_MJR))
		describe(m, sdp);
	free(sdp);
	return err;
}

static bool is_told(struct vc_mediain *m, uint32_t ssrc)
{
	for (size_t i = 0; i < m->n_told; i++)
		if (m->told[i] == ssrc)
			return true;
	if (m->n_told == SOURCES_MAX)
		return true;
	m->told[m->n_told] = ssrc;
	m->n_told++;
	return false;
}

/* From where it came, once. */
static void tell_source(struct vc_mediain *m, const struct vc_packet *pkt,
			const struct vc_netaddr *from)
{
	char ip[INET6_ADDRSTRLEN], addr[INET6_ADDRSTRLEN + 16], *text;
	bool is_rtp = vc_frame_type(pkt->data, pkt->len) == VC_FRAME_RTP;
	struct vc_json *j;
	uint32_t ssrc;

	if (pkt->len < VC_RTP_HEADER)
		return;
	ssrc = is_rtp ? vc_rtp_get_ssrc(pkt->data) : vc_get_u32(pkt->data + 4);
	if (is_told(m, ssrc) || !inet_ntop(from->is_ip6 ? AF_INET6 : AF_INET,
					   from->ip, ip, sizeof(ip)))
		return;
	snprintf(addr, sizeof(addr), from->is_ip6 ? "[%s]:%u" : "%s:%u", ip,
		 from->port);
	j = vc_json_event("source", m->time);
	vc_json_set_int(j, "ssrc", ssrc);
	vc_json_set_str(j, "addr", addr);
	text = vc_json_text(j);
	put_frame(m, text, strlen(text));
	free(text);
	vc_json_free(j);
}

static void on_captured(void *ctx, struct vc_packet *pkt,
			const struct vc_netaddr *from)
{
	struct vc_mediain *m = ctx;
	bool is_late = m->has_time && pkt->arrival < m->time;

	if (!m->is_described)
		return;
	if (!m->has_time || pkt->arrival > m->time) {
		put_time(m, VC_TIME_STREAM, pkt->arrival);
		m->has_time = true;
		m->time = pkt->arrival;
	}
	if (from)
		tell_source(m, pkt, from);
	if (is_late)
		put_time(m, VC_TIME_ARRIVAL, pkt->arrival);
	put_frame(m, pkt->data, pkt->len);
}

static int open_capture(struct vc_mediain *m,
			const struct vc_mediain_conf *conf)
{
	const struct vc_capin_conf own = {
		.kind = conf->kind,
		.pool = vc_tool_pool(conf->tool),
		.desc = on_own_desc,
		.packet = on_captured,
		.ctx = m,
	};

	m->told = vc_try_alloc(SOURCES_MAX, sizeof(*m->told));
	m->capture = vc_capin_new(&own);
	return m->told && m->capture ? describe_capture(m, conf) : -ENOMEM;
}

/* --- media --- */

static int open_media(struct vc_mediain *m, const struct vc_mediain_conf *conf)
{
	const struct vc_options *o = vc_tool_options(conf->tool);
	struct vc_webmsource_conf own = {
		.rand = &m->rand,
		.pool = vc_tool_pool(conf->tool),
		.epoch = VC_VIRTUAL_EPOCH,
		.desc = on_desc,
		.packet = on_packet,
		.refused = on_refused,
		.ctx = m,
	};
	char name[32];

	snprintf(name, sizeof(name), "input %u", conf->nth);
	vc_rand_init(&m->rand, o->has_seed ? o->seed : 1, "media", name);
	m->webm = vc_webmsource_new(&own);
	return m->webm ? 0 : -ENOMEM;
}

bool vc_mediain_can(enum vc_filekind kind)
{
	return vc_filepump_can(kind) || kind == VC_FILEKIND_PCAP ||
	       kind == VC_FILEKIND_RTPDUMP || kind == VC_FILEKIND_MJR;
}

struct vc_mediain *vc_mediain_new(const struct vc_mediain_conf *conf)
{
	struct vc_mediain *m = vc_try_alloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->tool = conf->tool;
	vc_strlcpy(m->text, conf->text, sizeof(m->text));
	if (vc_filepump_can(conf->kind) ? !open_media(m, conf) :
					  !open_capture(m, conf))
		return m;
	vc_mediain_free(m);
	return NULL;
}

void vc_mediain_free(struct vc_mediain *m)
{
	if (!m)
		return;
	vc_webmsource_free(m->webm);
	vc_capin_free(m->capture);
	free(m->told);
	free(m->out);
	free(m);
}

static int put_media(struct vc_mediain *m, const uint8_t *p, size_t len)
{
	int err = 0;

	if (len)
		err = vc_webmsource_put(m->webm, p, len);
	else
		m->is_cut = !vc_webmsource_end(m->webm);
	if (err)
		vc_webmsource_end(m->webm);
	return err;
}

void vc_mediain_put(struct vc_mediain *m, const uint8_t *p, size_t len)
{
	int err = 0;

	if (m->err)
		return;
	if (m->webm)
		err = put_media(m, p, len);
	else if (len)
		err = vc_capin_put(m->capture, p, len);
	else
		m->is_cut = !vc_capin_end(m->capture);
	if (!m->err)
		m->err = err == -EBADMSG	 ? -EILSEQ :
			 err == -EPROTONOSUPPORT ? -ENOTSUP :
						   err;
}

size_t vc_mediain_take(struct vc_mediain *m, uint8_t *out, size_t cap)
{
	size_t left = m->len - m->start, n = left < cap ? left : cap;

	if (n)
		memcpy(out, m->out + m->start, n);
	m->start += n;
	if (m->start == m->len)
		m->start = m->len = 0;
	return n;
}

bool vc_mediain_is_empty(const struct vc_mediain *m)
{
	return m->start == m->len;
}

int vc_mediain_error(const struct vc_mediain *m)
{
	return m->err;
}

bool vc_mediain_is_cut(const struct vc_mediain *m)
{
	return m->is_cut;
}

/* SPDX-License-Identifier: MIT */
#include "tool/mediain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/webmsource.h"
#include "tool/tool.h"
#include "wire/frame.h"

#define SDP_MAX 4096
#define TEXT_CAP 512

struct vc_mediain {
	struct vc_tool *tool;
	char text[TEXT_CAP];
	struct vc_rand rand;
	struct vc_webmsource *webm;
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

static void on_packet(void *ctx, struct vc_packet *pkt, bool is_rtcp,
		      int64_t now)
{
	struct vc_mediain *m = ctx;
	uint8_t *to;

	(void)is_rtcp;
	if (!m->has_time || m->time != now) {
		to = room(m, VC_FRAME_TIME_SIZE);
		if (!to)
			return;
		vc_frame_time_write(to, VC_TIME_STREAM, now);
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
		     "%s: track %" PRIu64 " (%s): left out: of WebM and "
		     "Matroska Opus, G.711, G.722, VP8, VP9, H.264 and AV1 "
		     "are read",
		     m->text, number, shown);
}

struct vc_mediain *vc_mediain_new(struct vc_tool *t, unsigned int nth,
				  const char *text)
{
	const struct vc_options *o = vc_tool_options(t);
	struct vc_mediain *m = vc_try_alloc(1, sizeof(*m));
	struct vc_webmsource_conf conf = {
		.pool = vc_tool_pool(t),
		.epoch = VC_VIRTUAL_EPOCH,
		.desc = on_desc,
		.packet = on_packet,
		.refused = on_refused,
		.ctx = m,
	};
	char name[32];

	if (!m)
		return NULL;
	m->tool = t;
	vc_strlcpy(m->text, text, sizeof(m->text));
	snprintf(name, sizeof(name), "input %u", nth);
	vc_rand_init(&m->rand, o->has_seed ? o->seed : 1, "media", name);
	conf.rand = &m->rand;
	m->webm = vc_webmsource_new(&conf);
	if (m->webm)
		return m;
	free(m);
	return NULL;
}

void vc_mediain_free(struct vc_mediain *m)
{
	if (!m)
		return;
	vc_webmsource_free(m->webm);
	free(m->out);
	free(m);
}

void vc_mediain_put(struct vc_mediain *m, const uint8_t *p, size_t len)
{
	int err = 0;

	if (m->err)
		return;
	if (len)
		err = vc_webmsource_put(m->webm, p, len);
	else
		m->is_cut = !vc_webmsource_end(m->webm);
	if (err)
		vc_webmsource_end(m->webm);
	if (!m->err)
		m->err = err == -EBADMSG ? -EILSEQ : err;
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

/* SPDX-License-Identifier: MIT */
#include "session/tcpcalls.h"

#include <stdlib.h>

#include "base/mem.h"
#include "session/tcpflow.h"
#include "wire/textunit.h"

#define LOST_MAX (1 << 20) /* octets without a unit: it is something else */

struct vc_tcpcalls {
	struct vc_tcpcalls_conf conf;
	struct vc_tcpflows *flows;
	struct vc_rtspcalls *rtsp;
	struct vc_tcpcalls_counts counts;
};

static void take_rtsp(struct vc_tcpcalls *c, const struct vc_tcpflow *f,
		      const uint8_t *p, size_t len)
{
	int got = vc_rtspcalls_take(c->rtsp, &f->src, &f->dst, (const char *)p,
				    len);

	c->counts.bad += got < 0;
	c->counts.rtsp += got == 1;
	if (got > 0 && c->conf.told)
		c->conf.told(c->conf.ctx);
}

static void take_packet(struct vc_tcpcalls *c, const struct vc_tcpflow *f,
			const uint8_t *p, size_t len)
{
	struct vc_netpkt net = { .src = f->src,
				 .dst = f->dst,
				 .dscp = f->dscp,
				 .ttl = f->ttl,
				 .payload = p + VC_TEXTUNIT_HEAD,
				 .caplen = len - VC_TEXTUNIT_HEAD,
				 .len = len - VC_TEXTUNIT_HEAD };

	net.src.lane = net.dst.lane =
		vc_rtspcalls_lane(c->rtsp, &f->src, &f->dst, p[1]);
	c->counts.interleaved++;
	c->conf.packet(c->conf.ctx, &net, f->t);
}

static void take_unit(struct vc_tcpcalls *c, const struct vc_tcpflow *f,
		      enum vc_textunit kind, const uint8_t *p, size_t len)
{
	switch (kind) {
	case VC_TEXTUNIT_SIP:
		if (c->conf.sip)
			c->conf.sip(c->conf.ctx, (const char *)p, len);
		return;
	case VC_TEXTUNIT_RTSP:
		take_rtsp(c, f, p, len);
		return;
	case VC_TEXTUNIT_PACKET:
		take_packet(c, f, p, len);
		return;
	case VC_TEXTUNIT_SPACE:
	case VC_TEXTUNIT_BAD:
	case VC_TEXTUNIT_SHORT:
		return;
	}
}

/* Passes over what is no unit. */
static size_t resume(struct vc_tcpflow *f, const uint8_t *p, size_t len)
{
	size_t n = vc_textunit_find(p, len);

	f->is_lost = n == len;
	f->lost += n;
	return n;
}

static size_t octets(void *ctx, struct vc_tcpflow *f, const uint8_t *p,
		     size_t len)
{
	struct vc_tcpcalls *c = ctx;
	size_t at = 0, size;

	while (at < len) {
		enum vc_textunit kind;

		if (f->is_lost) {
			at += resume(f, p + at, len - at);
			if (f->lost > LOST_MAX)
				return SIZE_MAX;
			continue;
		}
		kind = vc_textunit_next(p + at, len - at, &f->scan, &size);
		if (kind == VC_TEXTUNIT_SHORT)
			break;
		f->scan = (struct vc_textscan){ 0 };
		if (kind == VC_TEXTUNIT_BAD) {
			c->counts.bad++;
			f->is_lost = true;
			/* Of which the first octet is none. */
			at++;
			continue;
		}
		take_unit(c, f, kind, p + at, size);
		at += size;
		f->lost = 0;
	}
	return at;
}

static void gap(void *ctx, struct vc_tcpflow *f)
{
	(void)ctx;
	f->scan = (struct vc_textscan){ 0 };
	f->is_lost = true;
}

static enum vc_tcpflow_looks looks(const uint8_t *p, size_t len)
{
	enum vc_textunit kind = vc_textunit_looks(p, len);

	if (kind == VC_TEXTUNIT_BAD)
		return VC_TCPFLOW_NO;
	return kind == VC_TEXTUNIT_SHORT ? VC_TCPFLOW_MAYBE : VC_TCPFLOW_YES;
}

bool vc_tcpcalls_take(struct vc_tcpcalls *c, const struct vc_netpkt *seg,
		      int64_t t)
{
	bool is_ours = vc_tcpflows_take(c->flows, seg, t);

	c->counts.segments += is_ours;
	return is_ours;
}

void vc_tcpcalls_end(struct vc_tcpcalls *c)
{
	vc_tcpflows_end(c->flows);
}

const struct vc_rtspcalls *vc_tcpcalls_rtsp(const struct vc_tcpcalls *c)
{
	return c->rtsp;
}

struct vc_tcpcalls_counts vc_tcpcalls_counts(const struct vc_tcpcalls *c)
{
	const struct vc_tcpflow_counts *flows = vc_tcpflows_counts(c->flows);
	struct vc_tcpcalls_counts n = c->counts;

	n.connections = flows->connections;
	n.retransmitted = flows->retransmitted;
	n.holes = flows->holes;
	n.forgotten = flows->forgotten;
	return n;
}

struct vc_tcpcalls *vc_tcpcalls_new(const struct vc_tcpcalls_conf *conf)
{
	struct vc_tcpcalls *c = vc_try_alloc(1, sizeof(*c));
	const struct vc_tcpflow_conf flows = { .looks = looks,
					       .octets = octets,
					       .gap = gap,
					       .ctx = c };

	if (!c)
		return NULL;
	c->conf = *conf;
	c->flows = vc_tcpflows_new(&flows);
	c->rtsp = vc_rtspcalls_new();
	if (c->flows && c->rtsp)
		return c;
	vc_tcpcalls_free(c);
	return NULL;
}

void vc_tcpcalls_free(struct vc_tcpcalls *c)
{
	if (!c)
		return;
	vc_tcpflows_free(c->flows);
	vc_rtspcalls_free(c->rtsp);
	free(c);
}

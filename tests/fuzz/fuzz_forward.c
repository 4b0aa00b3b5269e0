/* SPDX-License-Identifier: MIT */
/*
 * Packets of two sources, one of which is shown and the other is to come. What
 * goes out is RTP of one source, and what is held has an end.
 *
 *   codec (1 octet) , layers (1) , records: flags (1: of the one to come, 2:
 *   marker, 4: 20 ms later, 8: a layer less, 16: RED among text, an event among
 *   sound), sequence number (2), time (4), length (2), payload
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/forward.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct rig {
	struct vc_pool *pool;
	struct vc_forward f;
	int64_t now;
	enum vc_codec as; /* of what is written now */
};

static const struct vc_forward_exts exts = { 1, 5, 8 };

static void write_one(struct rig *r, const struct vc_rtp *in)
{
	static uint8_t octets[VC_PACKET_MAX];
	struct vc_wr w = vc_wr_over(octets, sizeof(octets));
	struct vc_rtp out;

	if (!vc_forward_write_as(&r->f, &w, r->as, in, r->now, &exts))
		return;
	if (vc_rtp_parse(&out, octets, vc_wr_len(&w)) ||
	    out.ssrc != r->f.splice.sender.ssrc || !out.payload_len ||
	    out.payload_len > in->payload_len + 1)
		abort();
	vc_splice_sent(&r->f.splice, in->payload_len);
}

static void change(struct rig *r)
{
	struct vc_srcline line = { .rate_hz = r->f.splice.sender.rate_hz,
				   .is_set = true,
				   .by_report = true,
				   .ts = r->f.held_ts,
				   .ns = r->now,
				   .arrival = r->now };
	struct vc_packet *pkt;
	struct vc_rtp rtp;

	vc_forward_source(&r->f, &line);
	while ((pkt = vc_forward_unhold(&r->f))) {
		if (vc_rtp_parse(&rtp, pkt->data, pkt->len))
			abort();
		write_one(r, &rtp);
		vc_packet_unref(pkt);
	}
	if (r->f.n_held)
		abort();
}

static void take(struct rig *r, struct vc_packet *pkt, bool is_next)
{
	struct vc_rtp rtp;
	bool is_ready = false;

	if (vc_rtp_parse(&rtp, pkt->data, pkt->len))
		abort();
	if (is_next)
		vc_forward_hold(&r->f, pkt, &rtp);
	else
		is_ready = vc_forward_is_ready(&r->f, &rtp, r->now);
	if (!is_next && !is_ready)
		write_one(r, &rtp);
	if (is_ready || vc_forward_is_ready(&r->f, NULL, r->now))
		change(r);
	if (vc_pool_used(r->pool) > VC_FORWARD_HELD + 1)
		abort();
}

static void record(struct rig *r, struct vc_rd *rd)
{
	uint8_t flags = vc_rd_u8(rd);
	struct vc_rtp head = { .pt = 96,
			       .marker = flags & 2,
			       .ssrc = flags & 1 };
	struct vc_packet *pkt;
	const uint8_t *p;
	struct vc_wr w;
	size_t len;

	head.seq = vc_rd_u16(rd);
	head.ts = vc_rd_u32(rd);
	len = vc_rd_u16(rd) & 2047;
	if (len > vc_rd_left(rd))
		len = vc_rd_left(rd);
	p = vc_rd_bytes(rd, len);
	if (rd->bad)
		return;
	if (flags & 4)
		r->now += 20 * VC_MS;
	r->as = r->f.codec;
	if (flags & 16)
		r->as = vc_codec_kind(r->as) == VC_TEXT ?
				VC_CODEC_RED :
				VC_CODEC_TELEPHONE_EVENT;
	if (flags & 8)
		vc_forward_want(&r->f, (struct vc_svc_top){ 0, 0 });
	pkt = vc_packet_new(r->pool, 12 + len);
	if (!pkt)
		abort();
	w = vc_wr_over(pkt->data, pkt->cap);
	(void)vc_rtp_write(&w, &head);
	vc_wr_bytes(&w, p, len);
	pkt->len = vc_wr_len(&w);
	pkt->arrival = r->now;
	take(r, pkt, flags & 1);
	vc_packet_unref(pkt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum vc_codec codecs[] = { VC_CODEC_VP8,  VC_CODEC_VP9,
						VC_CODEC_H264, VC_CODEC_AV1,
						VC_CODEC_OPUS, VC_CODEC_PCMU,
						VC_CODEC_T140 };
	struct vc_rd rd = vc_rd_over(data, size);
	enum vc_codec codec = codecs[vc_rd_u8(&rd) % VC_COUNT(codecs)];
	uint8_t top = vc_rd_u8(&rd);
	struct rig r = { .pool = vc_pool_new(), .now = VC_VIRTUAL_EPOCH };
	struct vc_rand rand;

	vc_rand_init(&rand, 1, "fuzz", NULL);
	/* RED and events have a payload type at the clock of their codec. */
	vc_forward_init(&r.f, &rand, "forward", codec, 96,
			vc_codec_rate(codec));
	vc_forward_want(&r.f, (struct vc_svc_top){ top & 7, top >> 4 & 7 });
	while (!rd.bad && vc_rd_left(&rd))
		record(&r, &rd);
	vc_forward_clear(&r.f);
	if (vc_pool_used(r.pool))
		abort();
	vc_pool_free(r.pool);
	return 0;
}

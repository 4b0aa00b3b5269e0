/* SPDX-License-Identifier: MIT */
/* Senders and a forwarded source, for tests of session/forward.h. */
#ifndef VC_TESTS_FORWARDRIG_H
#define VC_TESTS_FORWARDRIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "session/forward.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

#define T0 VC_VIRTUAL_EPOCH
#define MS VC_MS

static const struct vc_forward_exts exts = { 1, 5, 8 };

struct rig {
	struct vc_pool *pool;
	struct vc_forward f;
	struct vc_rtp out; /* the newest that went out */
	uint8_t octets[2000];
};

/* A packet of a sender. */
struct unit {
	uint32_t ssrc;
	uint16_t seq;
	uint32_t ts;
	bool marker;
	int id; /* of the picture; -1: none */
	bool is_long;
	int tl0;
	int tid;
	bool is_key;
	bool is_first; /* of its picture */
	size_t len;    /* of the rest */
};

static inline void open_rig(struct rig *r, enum vc_codec codec,
			    uint32_t rate_hz)
{
	struct vc_rand rand;

	memset(r, 0, sizeof(*r));
	vc_rand_init(&rand, 1, "test", NULL);
	r->pool = vc_pool_new();
	vc_forward_init(&r->f, &rand, "a", codec, 96, rate_hz);
}

static inline void close_rig(struct rig *r)
{
	vc_forward_clear(&r->f);
	assert_int_equal(vc_pool_used(r->pool), 0);
	vc_pool_free(r->pool);
}

static inline void write_payload(struct vc_wr *w, enum vc_codec codec,
				 const struct unit *u)
{
	/* Key frame of 16 x 16, or none. */
	static const uint8_t key[] = { 0x10, 2, 0, 0x9d, 1, 0x2a, 16, 0, 16, 0 };
	static const uint8_t delta[] = { 0x11, 2, 0 };
	const struct vc_vp8_desc vp8 = {
		.start = u->is_first,
		.picture_id = u->id,
		.long_id = u->is_long,
		.tl0picidx = u->tl0,
		.tid = u->tid,
		.keyidx = -1,
	};

	if (codec == VC_CODEC_VP8) {
		vc_vp8_desc_write(w, &vp8);
		if (u->is_first && u->is_key)
			vc_wr_bytes(w, key, sizeof(key));
		else if (u->is_first)
			vc_wr_bytes(w, delta, sizeof(delta));
	}
	for (size_t i = 0; i < u->len; i++)
		vc_wr_u8(w, (uint8_t)(u->seq + i));
}

static inline struct vc_packet *packet_of(struct rig *r, const struct unit *u,
					  int64_t arrival, struct vc_rtp *rtp)
{
	struct vc_packet *pkt = vc_packet_new(r->pool, 2000);
	struct vc_wr w = vc_wr_over(pkt->data, pkt->cap);
	const struct vc_rtp head = { .pt = 100,
				     .marker = u->marker,
				     .seq = u->seq,
				     .ts = u->ts,
				     .ssrc = u->ssrc };

	assert_int_equal(vc_rtp_write(&w, &head), 0);
	write_payload(&w, r->f.codec, u);
	assert_false(w.bad);
	pkt->len = vc_wr_len(&w);
	pkt->arrival = arrival;
	assert_int_equal(vc_rtp_parse(rtp, pkt->data, pkt->len), 0);
	return pkt;
}

static inline bool write_one(struct rig *r, const struct vc_rtp *rtp,
			     int64_t arrival)
{
	struct vc_wr w = vc_wr_over(r->octets, sizeof(r->octets));

	if (!vc_forward_write(&r->f, &w, rtp, arrival, &exts))
		return false;
	assert_int_equal(vc_rtp_parse(&r->out, r->octets, vc_wr_len(&w)), 0);
	vc_splice_sent(&r->f.splice, rtp->payload_len);
	return true;
}

/* A packet of the source that is shown; did it go out? */
static inline bool put(struct rig *r, const struct unit *u, int64_t arrival)
{
	struct vc_rtp rtp;
	struct vc_packet *pkt = packet_of(r, u, arrival, &rtp);
	bool went = write_one(r, &rtp, arrival);

	vc_packet_unref(pkt);
	return went;
}

static inline void hold(struct rig *r, const struct unit *u, int64_t arrival)
{
	struct vc_rtp rtp;
	struct vc_packet *pkt = packet_of(r, u, arrival, &rtp);

	vc_forward_hold(&r->f, pkt, &rtp);
	vc_packet_unref(pkt);
}

static inline struct vc_srcline line_of(uint32_t rate_hz, uint32_t ts,
					int64_t t)
{
	return (struct vc_srcline){ .rate_hz = rate_hz,
				    .is_set = true,
				    .by_report = true,
				    .ts = ts,
				    .ns = t,
				    .arrival = t };
}

/* The source changes; how many packets went out that were held. */
static inline size_t change(struct rig *r, uint32_t ts, int64_t t)
{
	struct vc_srcline line = line_of(r->f.splice.sender.rate_hz, ts, t);
	struct vc_packet *pkt;
	struct vc_rtp rtp;
	size_t n = 0;

	vc_forward_source(&r->f, &line);
	while ((pkt = vc_forward_unhold(&r->f))) {
		assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
		n += write_one(r, &rtp, pkt->arrival);
		vc_packet_unref(pkt);
	}
	return n;
}

static inline struct vc_vp8_desc vp8_out(const struct rig *r)
{
	struct vc_vp8_desc d;

	assert_int_equal(
		vc_vp8_desc_parse(&d, r->out.payload, r->out.payload_len), 0);
	return d;
}

static inline struct unit vp8(uint32_t ssrc, uint16_t seq, int id, bool is_key)
{
	return (struct unit){ .ssrc = ssrc,
			      .seq = seq,
			      .ts = 3000u * seq,
			      .marker = true,
			      .id = id,
			      .is_long = true,
			      .tl0 = -1,
			      .tid = -1,
			      .is_key = is_key,
			      .is_first = true,
			      .len = 20 };
}

#endif

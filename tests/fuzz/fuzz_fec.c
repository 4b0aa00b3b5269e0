/* SPDX-License-Identifier: MIT */
/*
 * The decoder of parity, of both formats, between media whose lengths and
 * numbers are foreign too. The first octet chooses the format; a record is 5
 * octets (what to do, number, length) and its payload.
 */
#include <assert.h>

#include "base/bytes.h"
#include "base/pool.h"
#include "session/fecdec.h"

#define SSRC 7
#define LEN_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read can be written, and is read as the same. */
static void there_and_back(enum vc_fec_format format, const uint8_t *p,
			   size_t len)
{
	uint8_t buf[VC_FEC_HEADER_MAX + LEN_MAX];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	struct vc_fec fec, again;

	if (vc_fec_parse(&fec, format, p, len))
		return;
	assert(fec.body + fec.body_len == p + len);
	vc_fec_write(&w, format, &fec);
	vc_wr_bytes(&w, fec.body, fec.body_len);
	assert(!w.bad && vc_wr_len(&w) <= len);
	assert(!vc_fec_parse(&again, format, buf, vc_wr_len(&w)));
	assert(again.mask.w[0] == fec.mask.w[0]);
	assert(again.mask.w[1] == fec.mask.w[1]);
	assert(again.base == fec.base && again.body_len == fec.body_len);
}

static void take_won(struct vc_fecdec *d)
{
	struct vc_packet *pkt;
	struct vc_rtp rtp;

	while ((pkt = vc_fecdec_next(d))) {
		assert(!vc_rtp_parse(&rtp, pkt->data, pkt->len));
		assert(rtp.ssrc == SSRC && rtp.pt != 118 && rtp.pt != 120);
		vc_packet_unref(pkt);
	}
}

static void one_packet(struct vc_rd *r, struct vc_pool *pool,
		       struct vc_fecdec *d, enum vc_fec_format format)
{
	struct vc_packet *pkt = vc_packet_new(pool, 2 * LEN_MAX);
	struct vc_wr w = vc_wr_over(pkt->data, pkt->cap);
	struct vc_rtp rtp = { .pt = 96, .ssrc = SSRC };
	uint8_t what = vc_rd_u8(r);
	size_t len;

	rtp.seq = vc_rd_u16(r);
	rtp.ts = rtp.seq;
	rtp.marker = what & 2;
	len = vc_rd_u16(r) % LEN_MAX;
	if (len > vc_rd_left(r))
		len = vc_rd_left(r);
	(void)vc_rtp_write(&w, &rtp);
	vc_wr_bytes(&w, vc_rd_bytes(r, len), len);
	pkt->len = vc_wr_len(&w);
	if (what & 4)
		pkt->data[0] |= 0x10;
	if (what & 1) {
		there_and_back(format, pkt->data + VC_RTP_HEADER, len);
		(void)vc_fecdec_parity(d, pkt, pkt->data + VC_RTP_HEADER, len);
	} else {
		vc_fecdec_media(d, pkt);
	}
	vc_packet_unref(pkt);
	if (!(what & 8))
		take_won(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_rd r = vc_rd_over(data, size);
	bool is_ulp = vc_rd_u8(&r) & 1;
	const struct vc_fecdec_conf conf = {
		.format = is_ulp ? VC_FEC_ULP : VC_FEC_FLEX,
		.pt = 118,
		.red_pt = 120,
		.media_ssrc = SSRC,
		.volatile_ids = 1 << 2 | 1 << 3,
	};
	struct vc_pool *pool = vc_pool_new();
	struct vc_fecdec *d = vc_fecdec_new(&conf, pool);

	assert(pool && d);
	while (vc_rd_left(&r) >= 5) {
		one_packet(&r, pool, d, conf.format);
		assert(vc_pool_used(pool) <=
		       VC_FECDEC_WINDOW + 2 * VC_FECDEC_PARITY_MAX);
	}
	vc_fecdec_free(d);
	assert(vc_pool_used(pool) == 0);
	vc_pool_free(pool);
	return 0;
}

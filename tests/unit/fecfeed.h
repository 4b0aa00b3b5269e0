/* SPDX-License-Identifier: MIT */
/*
 * Media for tests of FEC: packets whose payload, length, time and marker follow
 * from the sequence number, so that a packet which was won can be told from
 * one that was made up. Every third has an extension, of which id 3 changes on
 * the way.
 */
#ifndef VC_TESTS_FECFEED_H
#define VC_TESTS_FECFEED_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/pool.h"
#include "wire/rtp.h"
#include "wire/rtpext.h"

#define MEDIA_SSRC 0x11111111u
#define MEDIA_PT 96
#define VOLATILE_IDS (1u << VC_EXT_TWCC)
#define MEDIA_LEN_MAX 400

/* 'frame' packets make a frame. */
static inline struct vc_packet *media_new(struct vc_pool *pool, uint16_t seq,
					  unsigned int frame, bool is_on_way)
{
	struct vc_packet *pkt = vc_packet_new(pool, MEDIA_LEN_MAX);
	struct vc_wr w = vc_wr_over(pkt->data, pkt->cap);
	uint8_t ext[8] = { 0x31, 0, 0, 0x10, 0x7f };
	struct vc_rtp rtp = {
		.pt = MEDIA_PT,
		.seq = seq,
		.ts = seq / frame * 3000u,
		.ssrc = MEDIA_SSRC,
		.marker = seq % frame == frame - 1,
		.has_ext = seq % 3 == 0,
		.ext_profile = VC_RTP_EXT_ONE,
		.ext = ext,
		.ext_len = sizeof(ext),
	};
	size_t len = 1 + seq * 37u % 300;

	if (is_on_way)
		vc_put_u16(ext + 1, (uint16_t)(seq * 3));
	(void)vc_rtp_write(&w, &rtp);
	for (size_t i = 0; i < len; i++)
		vc_wr_u8(&w, (uint8_t)(seq * 5 + i));
	pkt->len = vc_wr_len(&w);
	return pkt;
}

static inline bool media_is(const struct vc_packet *pkt, uint16_t seq,
			    unsigned int frame)
{
	struct vc_packet *want = media_new(pkt->pool, seq, frame, false);
	bool is_same = want->len == pkt->len &&
		       !memcmp(want->data, pkt->data, pkt->len);

	vc_packet_unref(want);
	return is_same;
}

#endif

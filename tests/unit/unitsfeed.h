/* SPDX-License-Identifier: MIT */
/* Packets into units. */
#ifndef VC_TEST_UNITSFEED_H
#define VC_TEST_UNITSFEED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/units.h"
#include "packetpool.h"
#include "wire/rtp.h"

static inline void put(struct vc_units *u, uint16_t seq, uint32_t ts,
		       bool marker, const void *payload, size_t len,
		       int64_t arrival)
{
	struct vc_packet *pkt = vc_packet_new(pool, 100);
	struct vc_rtp rtp = { .pt = 96, .seq = seq, .ts = ts, .marker = marker };
	struct vc_wr w = vc_wr_over(pkt->data, pkt->cap);

	vc_rtp_write(&w, &rtp);
	vc_wr_bytes(&w, payload, len);
	pkt->len = vc_wr_len(&w);
	pkt->arrival = arrival;
	assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
	vc_units_put(u, pkt, &rtp, true);
	vc_packet_unref(pkt);
}

#endif

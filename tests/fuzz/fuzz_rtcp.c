/* SPDX-License-Identifier: MIT */
/* A compound of RTCP: what passed the check reads without failure. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/remb.h"
#include "wire/rtcp.h"
#include "wire/rtcpxr.h"

static void read_names(const struct vc_rtcp *pkt)
{
	struct vc_sdes_iter it = vc_sdes_over(pkt);
	struct vc_sdes_item item;

	while (vc_sdes_next(&it, &item))
		assert(item.text.len <= 255);
	assert(!it.rd.bad || pkt->pt != VC_RTCP_SDES);
}

static void read_block(const struct vc_xr_block *b)
{
	struct vc_xr_summary summary;
	struct vc_xr_chunk chunk;
	struct vc_xr_dlrr dlrr;
	struct vc_xr_voip voip;
	struct vc_xr_rle rle;
	uint64_t ntp;

	assert(!vc_xr_parse_rrt(&ntp, b) == (b->bt == VC_XR_RRT));
	assert(!vc_xr_parse_summary(&summary, b) == (b->bt == VC_XR_SUMMARY));
	assert(!vc_xr_parse_voip(&voip, b) == (b->bt == VC_XR_VOIP));
	for (size_t i = 0; vc_xr_dlrr_at(b, i, &dlrr); i++)
		;
	if (vc_xr_parse_rle(&rle, b))
		return;
	for (size_t i = 0; vc_xr_rle_at(&rle, i, &chunk); i++)
		assert(chunk.len < 1u << 14);
}

static void read_xr(const struct vc_rtcp *pkt)
{
	struct vc_xr_block block;
	struct vc_rd rd;
	uint32_t ssrc;

	if (!vc_xr_over(pkt, &ssrc, &rd))
		return;
	while (vc_xr_next(&rd, &block))
		read_block(&block);
	assert(!rd.bad);
}

static void read_remb(const struct vc_rtcp_fb *fb)
{
	struct vc_remb remb;
	uint32_t sum = 0;

	if (vc_remb_parse(&remb, fb))
		return;
	for (unsigned int i = 0; i < remb.n; i++)
		sum ^= vc_remb_ssrc(&remb, i);
	(void)sum;
}

static void read_packet(const struct vc_rtcp *pkt)
{
	struct vc_rtcp_report rep;
	struct vc_rtcp_nack nack;
	struct vc_rtcp_bye bye;
	struct vc_rtcp_fir fir;
	struct vc_rtcp_fb fb;
	struct vc_rtcp_sr sr;
	uint32_t ssrc;

	read_names(pkt);
	read_xr(pkt);
	assert(!vc_rtcp_parse_sr(&sr, pkt) == (pkt->pt == VC_RTCP_SR));
	assert(!vc_rtcp_parse_rr(&ssrc, pkt) == (pkt->pt == VC_RTCP_RR));
	for (unsigned int i = 0; i < pkt->count; i++)
		assert(!vc_rtcp_parse_report(&rep, pkt, i) ==
		       (pkt->pt == VC_RTCP_SR || pkt->pt == VC_RTCP_RR));
	if (!vc_rtcp_parse_bye(&bye, pkt))
		for (unsigned int i = 0; i < bye.n; i++)
			(void)vc_rtcp_bye_ssrc(&bye, i);
	if (vc_rtcp_parse_fb(&fb, pkt))
		return;
	read_remb(&fb);
	for (size_t i = 0; vc_rtcp_nack_at(&fb, i, &nack); i++)
		;
	for (size_t i = 0; vc_rtcp_fir_at(&fb, i, &fir); i++)
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_rd rd = vc_rd_over(data, size);
	bool is_full = !vc_rtcp_check(data, size);
	struct vc_rtcp pkt;
	struct vc_wr w;
	uint8_t *out;

	if (vc_rtcp_check_reduced(data, size)) {
		assert(!is_full);
		return 0;
	}
	while (vc_rtcp_next(&rd, &pkt))
		read_packet(&pkt);
	assert(!rd.bad);
	out = malloc(size + 8);
	assert(out);
	w = vc_wr_over(out, size + 8);
	vc_rtcp_write_stripped(&w, data, size);
	assert(!w.bad);
	assert(!vc_wr_len(&w) || !vc_rtcp_check(out, vc_wr_len(&w)));
	memcpy(out, data, size);
	(void)vc_rtcp_remap(out, size, vc_get_u32(data), 1);
	assert(!vc_rtcp_check_reduced(out, size));
	free(out);
	return 0;
}

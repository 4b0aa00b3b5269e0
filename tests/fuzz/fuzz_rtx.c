/* SPDX-License-Identifier: MIT */
/* An RTP packet: as an RTX packet to unwrap, as one to wrap and get back. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/rtp.h"
#include "wire/rtx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void unwrap(const uint8_t *data, size_t size)
{
	uint8_t *p = malloc(size + 1);
	struct vc_rtp rtp, orig;
	size_t len = size;
	uint16_t osn;

	assert(p);
	memcpy(p, data, size);
	if (vc_rtx_unwrap(p, &len, 0xaabbccdd, 77)) {
		assert(len == size && !memcmp(p, data, size));
		free(p);
		return;
	}
	assert(!vc_rtp_parse(&rtp, data, size) && vc_rtx_osn(&rtp, &osn));
	assert(!vc_rtp_parse(&orig, p, len));
	assert(orig.seq == osn && orig.ssrc == 0xaabbccdd && orig.pt == 77);
	assert(orig.payload_len + VC_RTX_OSN == rtp.payload_len);
	assert(!orig.pad_len && orig.header_len == rtp.header_len);
	free(p);
}

static void wrap(const uint8_t *data, size_t size)
{
	const struct vc_rtx as = { 1, 2, 3, { 6, 7 } };
	uint8_t *p = malloc(size + VC_RTX_OSN);
	struct vc_wr w = vc_wr_over(p, size + VC_RTX_OSN);
	struct vc_rtp rtp, back;
	size_t len;

	assert(p);
	if (!vc_rtx_write(&w, &as, data, size)) {
		assert(!w.bad && !vc_rtp_parse(&rtp, data, size));
		len = vc_wr_len(&w);
		assert(!vc_rtx_unwrap(p, &len, rtp.ssrc, rtp.pt));
		assert(!vc_rtp_parse(&back, p, len));
		assert(back.seq == rtp.seq && back.ts == rtp.ts);
		assert(back.payload_len == rtp.payload_len &&
		       !memcmp(back.payload, rtp.payload, rtp.payload_len));
	}
	free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t media, rtx;
	uint8_t apt;

	unwrap(data, size);
	wrap(data, size);
	if (vc_rtx_apt(vc_str_of((const char *)data, size), &apt))
		assert(apt <= 127);
	if (vc_rtx_fid(vc_str_of((const char *)data, size), &media, &rtx))
		assert(media != rtx);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* The FCI of TWCC feedback: what is read is written and read again. */
#include <assert.h>

#include "base/time.h"
#include "wire/twcc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int parse(struct vc_twcc *t, const uint8_t *fci, size_t len)
{
	const struct vc_rtcp_fb fb = {
		.pt = VC_RTCP_RTPFB,
		.fmt = VC_RTCP_FB_TWCC,
		.fci = fci,
		.fci_len = len,
	};

	return vc_twcc_parse(t, &fb);
}

static void write_again(uint16_t base, const int64_t *at, size_t n, size_t came)
{
	static uint8_t buf[VC_TWCC_LEN(VC_TWCC_WRITE_MAX, VC_TWCC_WRITE_MAX)];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	size_t told = vc_twcc_write(&w, 1, 2, 3, base, at, n), i = 0;
	struct vc_twcc_packet pkt;
	struct vc_twcc t;

	assert(!w.bad && told && told <= n);
	assert(vc_wr_len(&w) <= VC_TWCC_LEN(n, came));
	assert(!vc_rtcp_check_reduced(buf, vc_wr_len(&w)));
	assert(!parse(&t, buf + 12, vc_wr_len(&w) - 12));
	for (; vc_twcc_next(&t, &pkt); i++)
		assert(pkt.is_received == (at[i] != VC_TIME_NONE));
	assert(i == told);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int64_t at[VC_TWCC_WRITE_MAX];
	struct vc_twcc_packet pkt;
	size_t n = 0, came = 0;
	struct vc_twcc t;
	uint16_t base, count;

	if (parse(&t, data, size))
		return 0;
	base = t.base;
	count = t.count;
	for (; vc_twcc_next(&t, &pkt); n++) {
		assert(pkt.seq == (uint16_t)(base + n));
		if (n >= VC_TWCC_WRITE_MAX)
			continue;
		at[n] = pkt.is_received ? pkt.at : VC_TIME_NONE;
		came += pkt.is_received;
	}
	assert(n == count);
	if (came)
		write_again(base, at,
			    n < VC_TWCC_WRITE_MAX ? n : VC_TWCC_WRITE_MAX,
			    came);
	return 0;
}

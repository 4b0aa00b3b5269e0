/* SPDX-License-Identifier: MIT */
/*
 * An RTP packet: what is read, written again, is read alike; and after putting
 * elements into its header they and the others are there.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/rtpext.h"

static void walk(const struct vc_rtp *rtp)
{
	struct vc_ext_iter it = vc_ext_over(rtp);
	struct vc_audio_level level;
	struct vc_ext e;

	while (vc_ext_next(&it, &e)) {
		assert(e.p >= rtp->ext);
		assert(e.p + e.len <= rtp->ext + rtp->ext_len);
		assert(vc_ext_find(rtp, e.id, NULL, NULL));
	}
	(void)vc_ext_audio_level(rtp, 1, &level);
}

static void read_values(const struct vc_rtp *rtp)
{
	uint8_t levels[VC_RTP_CSRC_MAX];
	struct vc_capture_time capture;
	struct vc_orientation turn;
	struct vc_str text;
	uint32_t send;
	uint16_t twcc;

	for (unsigned int id = 1; id < 256; id++) {
		(void)vc_ext_send_time(rtp, (uint8_t)id, &send);
		(void)vc_ext_twcc(rtp, (uint8_t)id, &twcc);
		(void)vc_ext_token(rtp, (uint8_t)id, &text);
		(void)vc_ext_orientation(rtp, (uint8_t)id, &turn);
		if (vc_ext_capture_time(rtp, (uint8_t)id, &capture))
			(void)vc_ext_set_capture_time((uint8_t[16]){ 0 },
						      &capture);
		assert(vc_ext_csrc_levels(rtp, (uint8_t)id, levels) <=
		       rtp->n_csrc);
	}
}

/* Nothing else is lost: all ids that were there and were not put are. */
static void put(const struct vc_rtp *rtp)
{
	static const uint8_t octets[20];
	size_t len = rtp->payload_len & 1 ? 20 : 3, at[2];
	const struct vc_ext e[] = { { 2, octets, 3 }, { 3, octets, len } };
	size_t cap = 2 * rtp->header_len + 64;
	uint8_t *out = malloc(cap);
	struct vc_wr w = vc_wr_over(out, cap);
	struct vc_ext_iter it = vc_ext_over(rtp);
	struct vc_rtp again;
	struct vc_ext was;
	const uint8_t *p;
	int err;

	assert(out);
	err = vc_ext_put(&w, rtp, e, 2, at);
	assert(!err || (err == -ENOTSUP && rtp->has_ext) ||
	       (err == -ENOSPC && w.bad));
	if (!err) {
		vc_wr_bytes(&w, "\1", 1); /* padding, where the P bit is set */
		assert(!vc_rtp_parse(&again, out, vc_wr_len(&w)));
		assert(vc_ext_find(&again, 2, &p, NULL) && p == out + at[0]);
		assert(vc_ext_find(&again, 3, &p, NULL) && p == out + at[1]);
		while (vc_ext_next(&it, &was))
			assert(vc_ext_find(&again, was.id, NULL, NULL));
	}
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_rtp rtp, again;
	struct vc_wr w;
	uint8_t *copy;

	(void)vc_demux(data, size);
	if (vc_rtp_parse(&rtp, data, size))
		return 0;
	assert(rtp.header_len + rtp.payload_len + rtp.pad_len == size);
	walk(&rtp);
	read_values(&rtp);
	put(&rtp);
	copy = malloc(size);
	assert(copy);
	w = vc_wr_over(copy, size);
	assert(!vc_rtp_write(&w, &rtp) && !w.bad);
	assert(vc_wr_len(&w) == rtp.header_len);
	vc_wr_bytes(&w, rtp.payload, rtp.payload_len);
	assert(!vc_rtp_parse(&again, copy, vc_wr_len(&w)));
	assert(again.payload_len == rtp.payload_len);
	assert(again.n_csrc == rtp.n_csrc && again.ext_len == rtp.ext_len);
	vc_rtp_remap(copy, rtp.ssrc, ~rtp.ssrc);
	assert(vc_rtp_get_ssrc(copy) == ~rtp.ssrc);
	free(copy);
	return 0;
}

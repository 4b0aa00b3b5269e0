/* SPDX-License-Identifier: MIT */
/*
 * Payloads of one codec to frames, and what comes out cut and put together
 * again. An octet is the size of payloads, then records: flags (the first bit:
 * a frame ends after it; the second: one was lost; the third: packets were, of
 * whatever), two octets of length, payload.
 */
#ifndef VC_TESTS_FUZZ_FRAMES_H
#define VC_TESTS_FUZZ_FRAMES_H

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "session/frameasm.h"
#include "session/framepack.h"
#include "session/svc.h"

/* A key frame has all it needs: it goes through once more. */
static inline void frames_again(struct vc_frameasm *fa, enum vc_codec codec,
				size_t max_payload,
				const struct vc_video_frame *f)
{
	const struct vc_framepack_conf conf = { .codec = codec,
						.max_payload = max_payload,
						.is_key = f->is_key };
	struct vc_framepack pk;
	struct vc_video_frame out;
	uint8_t payload[VC_FRAMEPACK_PACKET_MAX];
	bool marker, is_end = false;
	size_t len;

	assert(!vc_framepack_init(&pk, &conf, f->data, f->len));
	vc_frameasm_begin(fa);
	while ((len = vc_framepack_next(&pk, payload, &marker))) {
		assert(len <= max_payload && !is_end);
		is_end = marker;
		if (vc_frameasm_add(fa, payload, len))
			assert(!f->is_key);
	}
	assert(is_end);
	if (vc_frameasm_end(fa, &out)) {
		assert(!f->is_key);
		return;
	}
	assert(out.is_key == f->is_key && out.len == f->len);
	assert(!memcmp(out.data, f->data, f->len));
}

static inline void frames_run(enum vc_codec codec, const uint8_t *data,
			      size_t size)
{
	const struct vc_frameasm_conf conf = { 100000, 1920, 1088, false };
	struct vc_frameasm *fa = vc_frameasm_new(codec, &conf);
	struct vc_frameasm *again = vc_frameasm_new(codec, NULL);
	struct vc_rd r = vc_rd_over(data, size);
	size_t max = VC_FRAMEPACK_PAYLOAD_MIN + 4 * (size_t)vc_rd_u8(&r);
	struct vc_video_frame out;

	assert(fa && again);
	while (vc_rd_left(&r)) {
		uint8_t flags = vc_rd_u8(&r);
		size_t len = vc_rd_u16(&r);
		const uint8_t *p;

		if (len > vc_rd_left(&r))
			len = vc_rd_left(&r);
		p = vc_rd_bytes(&r, len);
		if (p)
			(void)vc_frameasm_add(fa, p, len);
		if (!(flags & 1))
			continue;
		if (!vc_frameasm_end(fa, &out)) {
			assert(out.len && out.len <= conf.max_octets);
			assert(out.width <= 1920 && out.height <= 1088);
			frames_again(again, codec, max, &out);
		}
		if (flags & 2)
			vc_frameasm_lost(fa);
		if (flags & 4)
			vc_frameasm_gap(fa);
		vc_frameasm_begin(fa);
	}
	vc_frameasm_free(fa);
	vc_frameasm_free(again);
}

/*
 * The same payloads to a forwarder that leaves layers out. Of the flags the
 * third bit: a packet is missing before it; the fourth: other layers are wanted,
 * which ones the length says; the rest moves the time back.
 */
static inline void layers_run(enum vc_codec codec, const uint8_t *data,
			      size_t size)
{
	struct vc_rd r = vc_rd_over(data, size);
	uint8_t wanted = vc_rd_u8(&r);
	struct vc_svc_top top = { wanted >> 3 & 7, wanted & 7 };
	struct vc_rtp rtp = { .ts = 0 };
	struct vc_svc s;
	uint16_t seq = 0;
	uint64_t n = 0;

	vc_svc_init(&s, top);
	while (vc_rd_left(&r)) {
		uint8_t flags = vc_rd_u8(&r);
		size_t len = vc_rd_u16(&r);

		top = (struct vc_svc_top){ len >> 3 & 7, len & 7 };
		if (flags & 8)
			vc_svc_want(&s, top);
		if (len > vc_rd_left(&r))
			len = vc_rd_left(&r);
		seq = (uint16_t)(seq + 1 + (flags >> 2 & 1));
		rtp.seq = seq;
		rtp.marker = flags & 1;
		rtp.payload = vc_rd_bytes(&r, len);
		rtp.payload_len = len;
		if (vc_svc_pass(&s, codec, &rtp))
			assert(rtp.payload_len == len);
		n++;
		assert(s.passed + s.dropped == n);
		assert(s.whole & VC_SVC_BASE && s.sid <= VC_SVC_TOP);
		if (flags & 1)
			rtp.ts += 3000u - (flags >> 4) * 1500u;
	}
}

#endif

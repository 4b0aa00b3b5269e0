/* SPDX-License-Identifier: MIT */
/*
 * Payloads of one codec to frames, and what comes out cut and put together
 * again. An octet is the size of payloads, then records: flags (the first bit:
 * a frame ends after it; the second: one was lost), two octets of length,
 * payload.
 */
#ifndef VC_TESTS_FUZZ_FRAMES_H
#define VC_TESTS_FUZZ_FRAMES_H

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "session/frameasm.h"
#include "session/framepack.h"

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
		vc_frameasm_begin(fa);
	}
	vc_frameasm_free(fa);
	vc_frameasm_free(again);
}

#endif

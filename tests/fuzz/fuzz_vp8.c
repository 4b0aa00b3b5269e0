/* SPDX-License-Identifier: MIT */
/*
 * A VP8 payload: descriptor, there and back, and frame header; payloads to
 * frames, and to a forwarder of layers.
 */
#include "frames.h"

#include "wire/keystart.h"
#include "wire/vp8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int width, height;
	uint8_t buf[VC_VP8_DESC_MAX];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	struct vc_vp8_desc d, again;
	struct vc_vp8_frame f;

	(void)vc_vp8_is_key_start(data, size);
	frames_run(VC_CODEC_VP8, data, size);
	layers_run(VC_CODEC_VP8, data, size);
	(void)vc_keystart_size(VC_CODEC_VP8, data, size, &width, &height);
	if (vc_vp8_desc_parse(&d, data, size))
		return 0;
	assert(d.payload + d.payload_len == data + size);
	vc_vp8_desc_write(&w, &d);
	assert(!w.bad && vc_wr_len(&w) <= size - d.payload_len);
	assert(!vc_vp8_desc_parse(&again, buf, vc_wr_len(&w)));
	assert(again.picture_id == d.picture_id && again.tid == d.tid);
	assert(again.tl0picidx == d.tl0picidx && again.keyidx == d.keyidx);
	if (!vc_vp8_frame_parse(&f, d.payload, d.payload_len, d.payload_len)) {
		assert(f.first_part_size && f.first_part_size < d.payload_len);
		assert(f.key == (f.width > 0));
	}
	return 0;
}

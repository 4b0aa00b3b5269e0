/* SPDX-License-Identifier: MIT */
/* AV1: payloads, OBUs, sequence headers; payloads to frames. */
#include "frames.h"

#include "wire/av1.h"
#include "wire/keystart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void payload(const uint8_t *data, size_t size)
{
	struct vc_av1_payload a;
	struct vc_av1_obu o;
	unsigned int width, height;
	const uint8_t *p;
	size_t len;

	(void)vc_av1_is_key_start(data, size);
	(void)vc_keystart_size(VC_CODEC_AV1, data, size, &width, &height);
	if (vc_av1_payload_parse(&a, data, size))
		return;
	while (vc_av1_elem_next(&a, &p, &len)) {
		assert(len && p + len <= data + size);
		(void)vc_av1_obu_parse(&o, p, len);
	}
	assert(!a.rd.bad && !vc_rd_left(&a.rd));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_rd r = vc_rd_over(data, size);
	struct vc_av1_sequence s;
	struct vc_av1_frame f;
	struct vc_av1_obu o;

	if (!vc_av1_sequence_parse(&s, data, size)) {
		assert(s.width && s.width <= 65536 && s.height <= 65536);
		(void)vc_av1_frame_parse(&f, &s, data, size);
	}
	payload(data, size);
	while (vc_av1_obu_next(&r, &o))
		assert(o.p + o.len <= data + size);
	frames_run(VC_CODEC_AV1, data, size);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* H.264: payloads, Annex B, parameter sets; payloads to frames. */
#include "frames.h"

#include "wire/h264.h"
#include "wire/keystart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void sets(const uint8_t *data, size_t size)
{
	struct vc_h264_slice slice;
	struct vc_h264_sps sps;
	struct vc_h264_pps pps;

	if (!vc_h264_sps_parse(&sps, data, size)) {
		assert(sps.width && sps.width <= sps.coded_width);
		assert(sps.height && sps.height <= sps.coded_height);
		assert(sps.coded_width <= VC_H264_SIDE_MAX);
		assert(sps.coded_height <= VC_H264_SIDE_MAX);
		assert(sps.id < VC_H264_SPS_MAX);
	}
	(void)vc_h264_pps_parse(&pps, data, size);
	(void)vc_h264_slice_parse(&slice, data, size);
}

/* As text: the value of sprop-parameter-sets. */
static void described(const uint8_t *data, size_t size)
{
	struct vc_str list = vc_str_of((const char *)data, size);
	uint8_t nal[64];
	int n;

	while ((n = vc_h264_sprop_next(&list, nal, sizeof(nal))))
		assert(n <= (int)sizeof(nal));
}

static void payload(const uint8_t *data, size_t size)
{
	struct vc_h264_payload h;
	unsigned int width, height;
	const uint8_t *nal;
	struct vc_rd r;
	size_t len;

	(void)vc_h264_is_key_start(data, size);
	(void)vc_keystart_size(VC_CODEC_H264, data, size, &width, &height);
	if (vc_h264_payload_parse(&h, data, size))
		return;
	assert(h.p >= data && h.p + h.len == data + size);
	r = vc_rd_over(h.p, h.len);
	while (h.kind == VC_H264_STAP_A && vc_h264_stap_next(&r, &nal, &len))
		assert(len && nal + len <= data + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_rd r = vc_rd_over(data, size);
	const uint8_t *nal;
	size_t len;

	sets(data, size);
	payload(data, size);
	described(data, size);
	while (vc_h264_annexb_next(&r, &nal, &len)) {
		assert(len && nal >= data && nal + len <= data + size);
		assert(!vc_h264_has_code(nal, len));
		sets(nal, len);
	}
	frames_run(VC_CODEC_H264, data, size);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* VP9: descriptor there and back, headers, superframes; payloads to frames. */
#include "frames.h"

#include "wire/keystart.h"
#include "wire/vp9.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void descriptor(const uint8_t *data, size_t size)
{
	uint8_t buf[2048];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	struct vc_vp9_desc d, again;

	if (vc_vp9_desc_parse(&d, data, size))
		return;
	assert(d.payload + d.payload_len == data + size);
	vc_vp9_desc_write(&w, &d);
	assert(!w.bad && vc_wr_len(&w) == size - d.payload_len);
	assert(!vc_vp9_desc_parse(&again, buf, vc_wr_len(&w)));
	assert(again.picture_id == d.picture_id && again.tid == d.tid);
	assert(again.ss.group_len == d.ss.group_len);
}

/* Hidden it is the same frame, in another header. */
static void hide(const uint8_t *data, size_t size)
{
	uint8_t head[VC_VP9_HEADER_MAX];
	struct vc_wr w = vc_wr_over(head, sizeof(head));
	struct vc_vp9_frame was, is;
	size_t old;

	if (vc_vp9_frame_hide(&w, &old, data, size, size ? data[0] * 16u : 0))
		return;
	assert(old <= size && vc_wr_len(&w) - old <= 1);
	assert(!vc_vp9_frame_parse(&is, head, vc_wr_len(&w)));
	assert(!is.show && !is.intra_only && !is.show_existing);
	assert(!vc_vp9_frame_parse(&was, data, size));
	assert(was.key == is.key && was.width == is.width);
	assert(was.height == is.height);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int width, height;
	uint32_t sizes[VC_VP9_SUPERFRAME_MAX], sum = 0;
	struct vc_vp9_frame f;
	int n;

	descriptor(data, size);
	(void)vc_vp9_is_key_start(data, size);
	hide(data, size);
	(void)vc_keystart_size(VC_CODEC_VP9, data, size, &width, &height);
	if (!vc_vp9_frame_parse(&f, data, size))
		assert(!f.key || (f.width && f.height));
	n = vc_vp9_superframe_parse(sizes, data, size);
	for (int i = 0; i < n; i++)
		sum += sizes[i];
	assert(sum <= size);
	frames_run(VC_CODEC_VP9, data, size);
	layers_run(VC_CODEC_VP9, data, size);
	return 0;
}

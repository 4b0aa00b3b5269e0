/* SPDX-License-Identifier: MIT */
/*
 * Decoders of pictures under foreign frames. The first octet chooses the
 * codec; a frame is two octets of length and so many of data.
 */
#include <assert.h>
#include <errno.h>

#include "base/bytes.h"
#include "codec/video.h"

#define SIDE 160

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum vc_codec codecs[] = { VC_CODEC_VP8, VC_CODEC_VP9,
						VC_CODEC_H264, VC_CODEC_AV1 };
	struct vc_rd r = vc_rd_over(data, size);
	const struct vc_viddec_cfg cfg = { codecs[vc_rd_u8(&r) % 4], SIDE, SIDE,
					   0 };
	struct vc_image img;
	int err;
	struct vc_viddec *dec = vc_viddec_new(&cfg, &err);

	assert(dec);
	for (int i = 0; i < 64 && vc_rd_left(&r) > 2; i++) {
		size_t len = vc_rd_u16(&r);
		const uint8_t *p;

		if (len > vc_rd_left(&r))
			len = vc_rd_left(&r);
		p = vc_rd_bytes(&r, len);
		err = vc_viddec_decode(dec, p, len, &img);
		assert(!err || err == -EBADMSG || err == -EFBIG ||
		       err == -EAGAIN || err == -ENODATA || err == -ENOMEM);
		if (err)
			continue;
		assert(img.width >= 1 && img.width <= SIDE);
		assert(img.height >= 1 && img.height <= SIDE);
		assert(img.y[(img.height - 1) * img.stride_y + img.width - 1] <
		       256);
	}
	vc_viddec_free(dec);
	return 0;
}

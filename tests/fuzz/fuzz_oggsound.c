/* SPDX-License-Identifier: MIT */
/*
 * The sound of an Ogg file: octets as they are, then pages whose sum is right.
 * Of each page: flags, serial, two octets of granule, segments, their sizes.
 */
#include <assert.h>

#include "engine/oggsound.h"
#include "wire/ogg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed(const uint8_t *p, size_t left)
{
	struct vc_oggsound *o = vc_oggsound_new();
	static int16_t pcm[2 * 960];
	int err = 0;

	assert(o);
	while (left && !err) {
		size_t n = left < VC_OGGSOUND_PIECE ? left : VC_OGGSOUND_PIECE;

		err = vc_oggsound_put(o, p, n);
		p += n;
		left -= n;
		while (vc_oggsound_take(o, pcm, 960))
			assert(vc_oggsound_has_begun(o));
	}
	vc_oggsound_free(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t file[1 << 20];
	struct vc_wr w = vc_wr_over(file, sizeof(file));
	struct vc_rd r = vc_rd_over(data, size);
	uint32_t number = 0;

	feed(data, size);
	while (r.p < r.end && !r.bad && !w.bad) {
		uint8_t flags = vc_rd_u8(&r);
		struct vc_ogg_page page = { .is_continued = flags & 1,
					    .is_first = flags & 2,
					    .is_last = flags & 4,
					    .number = number++ };

		page.serial = vc_rd_u8(&r);
		page.granule = (int16_t)vc_rd_u16(&r);
		page.n = vc_rd_u8(&r);
		page.segments = vc_rd_bytes(&r, page.n);
		for (unsigned int i = 0; !r.bad && i < page.n; i++)
			page.len += page.segments[i];
		page.body = vc_rd_bytes(&r, page.len);
		if (!r.bad)
			vc_ogg_page_write(&w, &page);
	}
	if (!w.bad)
		feed(file, vc_wr_len(&w));
	return 0;
}

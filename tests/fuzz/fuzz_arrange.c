/* SPDX-License-Identifier: MIT */
/* Layout files: what is taken puts everybody inside the canvas, once. */
#include <assert.h>

#include "base/mem.h"
#include "media/arrange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void place(const struct vc_arrange *a, size_t n, size_t speaker,
		  size_t pinned, int w, int h)
{
	struct vc_arrange_item items[60] = { 0 };
	struct vc_arrange_place out[VC_ARRANGE_TILES];
	bool is_placed[60] = { false };
	const struct vc_arrange_scene scene = { items, n, speaker, pinned };
	size_t got;

	for (size_t i = 0; i < n; i++) {
		items[i].is_slides = i % 5 == 4;
		items[i].since = (int64_t)(i * 7 % 11);
	}
	got = vc_arrange_place(a, &scene, w, h, out);
	assert(got <= n && got <= VC_ARRANGE_TILES);
	for (size_t i = 0; i < got; i++) {
		struct vc_rect r = out[i].at;

		assert(out[i].item < n && !is_placed[out[i].item]);
		is_placed[out[i].item] = true;
		assert(r.w >= 16 && r.h >= 8 && r.x >= 0 && r.y >= 0);
		assert(r.x + r.w <= w && r.y + r.h <= h);
		assert(!((r.x | r.y | r.w | r.h) & 1));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int sizes[][2] = { { 1280, 720 },
					{ 64, 64 },
					{ 720, 1280 },
					{ 4096, 2160 } };
	struct vc_columns_error err;
	struct vc_arrange a;

	if (vc_arrange_parse(&a, vc_str_of((const char *)data, size), &err)) {
		assert(*err.why);
		return 0;
	}
	for (size_t i = 0; i < VC_COUNT(sizes); i++) {
		int w = sizes[i][0], h = sizes[i][1];

		place(&a, 0, VC_ARRANGE_NONE, VC_ARRANGE_NONE, w, h);
		place(&a, 1, 0, VC_ARRANGE_NONE, w, h);
		place(&a, 7, 2, 3, w, h);
		place(&a, 60, 59, 0, w, h);
	}
	return 0;
}

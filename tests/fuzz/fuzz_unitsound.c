/* SPDX-License-Identifier: MIT */
/* The sound of a WebM or Matroska file. */
#include <assert.h>

#include "engine/unitsound.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_unitsound *u = vc_unitsound_new();
	static int16_t pcm[2 * 960];
	size_t left = size, n;
	int err = 0;

	assert(u);
	while (left && !err) {
		n = left < VC_UNITSOUND_PIECE ? left : VC_UNITSOUND_PIECE;
		err = vc_unitsound_put(u, data + size - left, n);
		left -= n;
		while (vc_unitsound_take(u, pcm, 960))
			assert(vc_unitsound_has_begun(u));
	}
	vc_unitsound_free(u);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* The lines of a Y4M file. */
#include <assert.h>

#include "wire/y4m.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_y4m y;
	size_t used;

	if (!vc_y4m_parse(&y, data, size, &used)) {
		assert(used && used <= size && used <= VC_Y4M_LINE);
		assert(y.width >= 1 && y.width <= 16384);
		assert(y.height >= 1 && y.height <= 16384);
		assert(y.fps_num > 0 && y.fps_den > 0);
		assert(y.par_num > 0 && y.par_den > 0);
		assert(vc_y4m_len(&y) <= (size_t)3 * 16384 * 16384);
	}
	if (!vc_y4m_parse_frame(data, size, &used))
		assert(used && used <= size && used <= VC_Y4M_LINE);
	return 0;
}

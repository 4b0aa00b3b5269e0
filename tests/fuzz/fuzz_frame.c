/* SPDX-License-Identifier: MIT */
/* A vc stream, frame by frame; malformed ones are stepped over. */
#include <assert.h>
#include <string.h>

#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_frame f;
	int r;

	for (size_t at = 0; at < size; at += f.size) {
		r = vc_frame_next(data + at, size - at, &f);
		assert(f.size >= 2);
		if (!r) {
			assert(f.size > size - at);
			break;
		}
		assert(f.size <= size - at && f.payload == data + at + 2);
		if (r == 1 && f.type == VC_FRAME_TIME) {
			uint8_t again[VC_FRAME_TIME_SIZE];
			enum vc_frame_time kind;
			int64_t ns;

			assert(!vc_frame_time_parse(f.payload, f.len, &kind,
						    &ns));
			vc_frame_time_write(again, kind, ns);
			assert(!memcmp(again, data + at, sizeof(again)));
		}
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* IVF, frame by frame: what is read is written again, which is the same. */
#include <stdlib.h>
#include <string.h>

#include "wire/ivf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t head[VC_IVF_HEADER], room[VC_IVF_FRAME_HEADER];
	struct vc_ivf_frame f;
	struct vc_ivf ivf;
	size_t at;

	if (vc_ivf_parse(&ivf, &at, data, size))
		return 0;
	if (at > size || at < VC_IVF_HEADER)
		abort();
	vc_ivf_write(head, &ivf);
	if (memcmp(head + 8, data + 8, 20))
		abort();
	while (!vc_ivf_frame_parse(&f, data + at, size - at)) {
		vc_ivf_frame_write(room, &f);
		if (memcmp(room, data + at, sizeof(room)))
			abort();
		at += sizeof(room);
		if (f.len > size - at)
			break;
		at += f.len;
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* A walk over a file's units, as common/gst takes it. */
#include <assert.h>

#include "wire/filekind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum vc_filekind kind = vc_filekind_of(data, size);
	uint64_t at = 0;

	assert((kind == VC_FILEKIND_EMPTY) == !size);
	assert(vc_filekind_name(kind)[0]);
	while (at < size) {
		uint64_t unit = vc_filekind_unit(kind, data + at, size - at);

		if (!unit || unit > size - at)
			break;
		at += unit;
	}
	return 0;
}

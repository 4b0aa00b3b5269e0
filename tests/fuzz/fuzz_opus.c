/* SPDX-License-Identifier: MIT */
/* An Opus packet. */
#include <assert.h>

#include "wire/opus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int n = vc_opus_samples(data, size), voice = vc_opus_voice(data, size);
	struct vc_opus o;

	assert(n < 0 || (n >= 120 && n <= VC_OPUS_SAMPLES_MAX));
	assert(voice >= -1 && voice <= 1 && (n > 0 || voice == -1));
	if (n > 0) {
		assert(!vc_opus_parse(&o, data, size));
		assert(o.n_frames >= 1 && o.n_frames <= VC_OPUS_FRAMES_MAX);
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* The beginning of a WAV file. */
#include <assert.h>

#include "wire/wav.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_wav wav;

	if (!vc_wav_parse(&wav, data, size)) {
		assert(wav.data_at >= VC_WAV_HEADER && wav.data_at <= size);
		assert(wav.channels >= 1 && wav.channels <= 16);
		assert(wav.rate_hz >= 1 && wav.rate_hz <= 768000);
	}
	return 0;
}

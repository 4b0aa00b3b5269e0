/* SPDX-License-Identifier: MIT */
/* The beginning of a WAV file. */
#include <assert.h>

#include "wire/wav.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_wav wav, again;
	uint8_t head[VC_WAV_LONG_HEADER];

	if (!vc_wav_parse_any(&wav, data, size)) {
		assert(wav.data_at >= VC_WAV_HEADER && wav.data_at <= size);
		vc_wav_write_long(head, &wav);
		assert(!vc_wav_parse_any(&again, head, sizeof(head)));
		assert(again.format == wav.format &&
		       again.rate_hz == wav.rate_hz &&
		       again.channels == wav.channels &&
		       (again.long_len == wav.long_len ||
			again.long_len == VC_WAV_UNKNOWN));
	}
	if (!vc_wav_parse(&wav, data, size)) {
		assert(wav.data_at >= VC_WAV_HEADER && wav.data_at <= size);
		assert(wav.channels >= 1 && wav.channels <= 16);
		assert(wav.rate_hz >= 1 && wav.rate_hz <= 768000);
	}
	return 0;
}

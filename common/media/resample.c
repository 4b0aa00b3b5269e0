/* SPDX-License-Identifier: MIT */
/* By speexdsp, whose fixed quality and ratio make the delay constant. */
#include "media/resample.h"

#include <speex/speex_resampler.h>
#include <stdlib.h>

#include "base/mem.h"

#define QUALITY 5 /* of 10: 80 taps at equal rates, stop band below -80 dB */

struct vc_resample {
	SpeexResamplerState *st;
	uint32_t from_hz, to_hz;
};

struct vc_resample *vc_resample_new(uint32_t from_hz, uint32_t to_hz,
				    unsigned int channels)
{
	struct vc_resample *r = vc_try_alloc(1, sizeof(*r));
	int err;

	if (!r)
		return NULL;
	r->from_hz = from_hz;
	r->to_hz = to_hz;
	r->st = speex_resampler_init(channels, from_hz, to_hz, QUALITY, &err);
	if (!r->st) {
		free(r);
		return NULL;
	}
	return r;
}

void vc_resample_free(struct vc_resample *r)
{
	if (!r)
		return;
	speex_resampler_destroy(r->st);
	free(r);
}

size_t vc_resample_run(struct vc_resample *r, const int16_t *pcm, size_t n,
		       int16_t *out)
{
	size_t want = n * r->to_hz / r->from_hz;
	spx_uint32_t in = (spx_uint32_t)n, got = (spx_uint32_t)want;

	speex_resampler_process_interleaved_int(r->st, pcm, &in, out, &got);
	return got;
}

size_t vc_resample_some(struct vc_resample *r, const int16_t *pcm, size_t *n,
			int16_t *out, size_t cap)
{
	spx_uint32_t in = (spx_uint32_t)*n, got = (spx_uint32_t)cap;

	speex_resampler_process_interleaved_int(r->st, pcm, &in, out, &got);
	*n = in;
	return got;
}

void vc_resample_align(struct vc_resample *r)
{
	speex_resampler_skip_zeros(r->st);
}

int64_t vc_resample_delay(const struct vc_resample *r)
{
	return INT64_C(1000000000) * speex_resampler_get_input_latency(r->st) /
	       r->from_hz;
}

/* SPDX-License-Identifier: MIT */
/* A packet of comfort noise, and the noise that it asks for. */
#include <assert.h>

#include "media/comfort.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_comfort c = { 0 };
	int16_t pcm[160];
	struct vc_cn cn;

	if (vc_cn_parse(&cn, data, size))
		return 0;
	assert(cn.level_dbov <= 127 && cn.n <= VC_CN_ORDER);
	for (unsigned int i = 0; i < cn.n; i++)
		assert(cn.k[i] > -32768 && cn.k[i] < 32767);
	for (int i = 0; i < 3; i++) {
		vc_comfort_set(&c, &cn);
		vc_comfort_next(&c, pcm, 160);
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Whatever is accepted comes out of the writer the same. */
#include <assert.h>
#include <string.h>

#include "wire/fingerprint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_fingerprint fp, back;
	char text[VC_FINGERPRINT_TEXT];

	if (vc_fingerprint_parse(&fp, vc_str_of((const char *)data, size)))
		return 0;
	vc_fingerprint_write(&fp, text, sizeof(text));
	assert(strlen(text) == size);
	assert(!vc_fingerprint_parse(&back, vc_str_c(text)));
	assert(!memcmp(&fp, &back, sizeof(fp)));
	return 0;
}

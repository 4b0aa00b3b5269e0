/* SPDX-License-Identifier: MIT */
/* A PLACE as it might be written. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tool/place.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(size + 1, 1), why[64];
	struct vc_place p;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	if (vc_place_parse(&p, text, size & 1, why, sizeof(why)) && !why[0])
		abort();
	for (const char *s = p.text; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			abort();
	}
	free(text);
	return 0;
}

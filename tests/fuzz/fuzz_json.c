/* SPDX-License-Identifier: MIT */
/* JSON that was taken is written as one safe line that is taken again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_json *j = vc_json_parse((const char *)data, size, NULL);
	char *text = j ? vc_json_text(j) : NULL;

	for (const char *s = text; s && *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			abort();
	}
	if (text && strlen(text) <= 65535) {
		struct vc_json *again = vc_json_parse(text, strlen(text), NULL);

		if (!again)
			abort();
		vc_json_free(again);
	}
	free(text);
	vc_json_free(j);
	return 0;
}

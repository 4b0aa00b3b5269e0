/* SPDX-License-Identifier: MIT */
/*
 * Foreign text: escaped it has nothing in it that a terminal obeys. The first
 * line is also a glob for the rest.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_str text = vc_str_of((const char *)data, size);
	size_t cap = VC_ESCAPE_CAP(size), n;
	const char *p;
	char *out = malloc(cap), *word = malloc(cap);

	assert(out && word);
	n = vc_escape(out, cap, (const char *)data, size);
	assert(n < cap && !out[n] && vc_utf8_valid(out, n));
	for (p = out; p < out + n;) {
		int32_t c = vc_utf8_next(&p, out + n);

		assert(c >= 0x20 && !(c >= 0x7f && c < 0xa0));
		assert(!(c >= 0x202a && c <= 0x202e) && c != 0xfeff);
	}
	(void)vc_str_copy(out, cap, vc_str_cut(&text, '\n'));
	(void)vc_glob_str(out, text);
	assert(vc_glob_str("*", text));
	if (vc_glob_word(out, word, cap))
		assert(vc_glob(out, word));
	free(word);
	free(out);
	return 0;
}

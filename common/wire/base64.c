/* SPDX-License-Identifier: MIT */
#include "wire/base64.h"

#include <errno.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
			     "wxyz0123456789+/";

static int digit_of(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

int vc_base64_read(struct vc_str s, uint8_t *out, size_t cap)
{
	uint32_t bits = 0;
	int n = 0, have = 0;

	if (s.len % 4 == 0)
		for (int i = 0; i < 2 && s.len && s.p[s.len - 1] == '='; i++)
			s.len--;
	for (size_t i = 0; i < s.len; i++) {
		int d = digit_of(s.p[i]);

		if (d < 0)
			return -EBADMSG;
		bits = bits << 6 | (uint32_t)d;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		if ((size_t)n == cap)
			return -EBADMSG;
		out[n] = (uint8_t)(bits >> have);
		n++;
	}
	/* Six bits are a digit too many, others are of the last one. */
	if (have == 6 || bits & ((1u << have) - 1))
		return -EBADMSG;
	return n;
}

void vc_base64_write(struct vc_wr *w, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t v = (uint32_t)p[i] << 16;

		v |= n > 1 ? (uint32_t)p[i + 1] << 8 : 0;
		v |= n > 2 ? p[i + 2] : 0;
		for (size_t j = 0; j < 4; j++)
			vc_wr_u8(w, j <= n ? (uint8_t)digits[v >> (18 - 6 * j) &
							     63] :
					     '=');
	}
}

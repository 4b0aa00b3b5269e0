/* SPDX-License-Identifier: MIT */
/* Key lines and a=crypto: what is taken is written, and read as the same. */
#include <assert.h>
#include <string.h>

#include "wire/keyline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void line(struct vc_str text)
{
	struct vc_keyline k, back;
	char buf[VC_KEYLINE_CAP];
	const char *why;
	int n, err = vc_keyline_parse(&k, text, &why);

	assert(!err == !why);
	if (err)
		return;
	n = vc_keyline_write(&k, buf, sizeof(buf));
	assert(n > 0);
	err = vc_keyline_parse(&back, vc_str_of(buf, (size_t)n), &why);
	assert(!err && !memcmp(&k, &back, sizeof(k)));
}

static void attribute(struct vc_str text)
{
	struct vc_srtp_key k, back;
	char buf[VC_KEYLINE_CAP];
	uint32_t tag, tag_back;
	const char *why;
	int n, err = vc_crypto_parse(&k, &tag, text, &why);

	assert(!err == !why);
	if (err)
		return;
	n = vc_crypto_write(&k, tag, buf, sizeof(buf));
	assert(n > 0);
	err = vc_crypto_parse(&back, &tag_back, vc_str_of(buf, (size_t)n),
			      &why);
	assert(!err && tag == tag_back && !memcmp(&k, &back, sizeof(k)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_str text = vc_str_of((const char *)data, size);

	line(text);
	attribute(text);
	return 0;
}

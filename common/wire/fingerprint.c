/* SPDX-License-Identifier: MIT */
/* Name of the hash, a space, octets in hexadecimal between colons. */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "wire/fingerprint.h"

static const struct {
	const char *name;
	size_t len; /* 0: refused */
	enum vc_hash hash;
} hashes[] = {
	{ "sha-224", 28, VC_SHA224 }, { "sha-256", 32, VC_SHA256 },
	{ "sha-384", 48, VC_SHA384 }, { "sha-512", 64, VC_SHA512 },
	{ "sha-1", 0, VC_SHA256 },    { "md5", 0, VC_SHA256 },
	{ "md2", 0, VC_SHA256 },
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse_octets(struct vc_fingerprint *fp, struct vc_str text)
{
	if (text.len != fp->len * 3 - 1)
		return -EBADMSG;
	for (size_t i = 0; i < fp->len; i++) {
		int high = hex_digit(text.p[3 * i]);
		int low = hex_digit(text.p[3 * i + 1]);

		if (high < 0 || low < 0 ||
		    (i + 1 < fp->len && text.p[3 * i + 2] != ':'))
			return -EBADMSG;
		fp->octets[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

int vc_fingerprint_parse(struct vc_fingerprint *out, struct vc_str text)
{
	struct vc_fingerprint fp = { .len = 0 };
	struct vc_str rest = text, name = vc_str_cut(&rest, ' ');
	int err;

	if (!name.len || !rest.len)
		return -EBADMSG;
	for (size_t i = 0; i < VC_COUNT(hashes); i++) {
		if (name.len != strlen(hashes[i].name) ||
		    strncasecmp(name.p, hashes[i].name, name.len) != 0)
			continue;
		if (!hashes[i].len)
			return -EKEYREJECTED;
		fp.hash = hashes[i].hash;
		fp.len = hashes[i].len;
		err = parse_octets(&fp, rest);
		if (!err)
			*out = fp;
		return err;
	}
	return -EOPNOTSUPP;
}

char *vc_fingerprint_write(const struct vc_fingerprint *fp, char *buf,
			   size_t cap)
{
	static const char digits[] = "0123456789ABCDEF";
	char *p = buf;

	assert(cap >= VC_FINGERPRINT_TEXT);
	(void)cap;
	for (size_t i = 0; i < VC_COUNT(hashes); i++) {
		if (hashes[i].hash != fp->hash || !hashes[i].len)
			continue;
		p = stpcpy(p, hashes[i].name);
		break;
	}
	for (size_t i = 0; i < fp->len; i++) {
		*p++ = i ? ':' : ' ';
		*p++ = digits[fp->octets[i] >> 4];
		*p++ = digits[fp->octets[i] & 15];
	}
	*p = '\0';
	return buf;
}

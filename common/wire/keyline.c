/* SPDX-License-Identifier: MIT */
/*
 * Read from the left, a word at a time. An MKI is a decimal number of up to
 * 128 octets, so it is multiplied into its octets digit by digit and divided
 * out of them again. BASE64 may lack its padding, as some leave it, but not
 * have bits that say nothing.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "wire/base64.h"
#include "wire/keyline.h"

#define NAME_CHARS 64
#define MKI_DIGITS 309 /* of 2^1024 */

static const struct vc_srtp_suite_info suites[VC_SRTP_SUITES] = {
	{ "AEAD_AES_128_GCM", 16, 12, 16, 16, true },
	{ "AEAD_AES_256_GCM", 32, 12, 16, 16, true },
	{ "AES_CM_128_HMAC_SHA1_80", 16, 14, 10, 10, false },
	{ "AES_CM_128_HMAC_SHA1_32", 16, 14, 4, 10, false },
	{ "AES_256_CM_HMAC_SHA1_80", 32, 14, 10, 10, false },
};

const struct vc_srtp_suite_info *vc_srtp_suite(enum vc_srtp_suite suite)
{
	return &suites[suite];
}

int vc_srtp_suite_by_name(struct vc_str name)
{
	for (int i = 0; i < VC_SRTP_SUITES; i++) {
		if (vc_str_is(name, suites[i].name))
			return i;
	}
	return -ENOENT;
}

size_t vc_srtp_master_len(const struct vc_srtp_key *key)
{
	return (size_t)suites[key->suite].key_len + suites[key->suite].salt_len;
}

bool vc_srtp_same_master(const struct vc_srtp_key *a,
			 const struct vc_srtp_key *b)
{
	return a->suite == b->suite &&
	       !memcmp(a->master, b->master, vc_srtp_master_len(a));
}

/* --- MKI, lifetime --- */

static const char *read_mki(struct vc_srtp_key *k, struct vc_str s)
{
	struct vc_str len = s, value = vc_str_cut(&len, ':');
	uint32_t n;

	if (!vc_str_u32(len, VC_SRTP_MKI_MAX, &n) || !n)
		return "the MKI's length is not 1 to 128";
	if (!value.len || value.len > MKI_DIGITS)
		return "the MKI is not a number";
	k->mki_len = (uint8_t)n;
	for (size_t i = 0; i < value.len; i++) {
		unsigned int carry = (unsigned int)(value.p[i] - '0');

		if (value.p[i] < '0' || value.p[i] > '9')
			return "the MKI is not a number";
		for (size_t j = n; j-- > 0;) {
			carry += k->mki[j] * 10u;
			k->mki[j] = (uint8_t)carry;
			carry >>= 8;
		}
		if (carry)
			return "the MKI does not fit its length";
	}
	return NULL;
}

static void write_mki(struct vc_wr *w, const struct vc_srtp_key *k)
{
	uint8_t left[VC_SRTP_MKI_MAX], text[MKI_DIGITS + 1];
	size_t n = 0;
	bool more = true;

	memcpy(left, k->mki, k->mki_len);
	while (more) {
		unsigned int rest = 0;

		more = false;
		for (size_t j = 0; j < k->mki_len; j++) {
			rest = rest << 8 | left[j];
			left[j] = (uint8_t)(rest / 10);
			more |= left[j] != 0;
			rest %= 10;
		}
		text[n++] = (uint8_t)('0' + rest);
	}
	while (n > 0)
		vc_wr_u8(w, text[--n]);
}

static const char *read_life(struct vc_srtp_key *k, struct vc_str s)
{
	uint64_t v = 0;
	uint32_t power;

	if (vc_str_starts(s, "2^")) {
		if (!vc_str_u32(vc_str_of(s.p + 2, s.len - 2), 48, &power))
			return "the lifetime is over 2^48";
		v = UINT64_C(1) << power;
	} else {
		if (!s.len || s.len > 15)
			return "the lifetime is not a number up to 2^48";
		for (size_t i = 0; i < s.len; i++) {
			if (s.p[i] < '0' || s.p[i] > '9')
				return "the lifetime is not a number";
			v = v * 10 + (uint64_t)(s.p[i] - '0');
		}
	}
	if (!v || v > VC_SRTP_LIFE_MAX)
		return "the lifetime is not 1 to 2^48";
	k->lifetime = v;
	return NULL;
}

/* --- what lines and attributes share --- */

/* "inline:BASE64[|LIFETIME][|MKI:LEN]" for k->suite. */
static const char *read_inline(struct vc_srtp_key *k, struct vc_str s)
{
	struct vc_str part, rest;
	const char *why = NULL;

	if (!vc_str_starts(s, "inline:"))
		return "the key does not begin with inline:";
	rest = vc_str_of(s.p + 7, s.len - 7);
	part = vc_str_cut(&rest, '|');
	if (vc_base64_read(part, k->master, sizeof(k->master)) !=
	    (int)vc_srtp_master_len(k))
		return "the key is not base64 of the length its suite needs";
	k->lifetime = VC_SRTP_LIFE_MAX;
	if (!rest.len)
		return s.p[s.len - 1] == '|' ? "nothing after |" : NULL;
	part = vc_str_cut(&rest, '|');
	if (!memchr(part.p, ':', part.len)) {
		why = read_life(k, part);
		if (why || !rest.len)
			return why;
		part = vc_str_cut(&rest, '|');
	}
	return rest.len ? "more than lifetime and MKI" : read_mki(k, part);
}

static void put(struct vc_wr *w, const char *s)
{
	vc_wr_bytes(w, s, strlen(s));
}

static void write_key(struct vc_wr *w, const struct vc_srtp_key *k)
{
	char text[32];

	put(w, suites[k->suite].name);
	put(w, " inline:");
	vc_base64_write(w, k->master, vc_srtp_master_len(k));
	if (k->lifetime != VC_SRTP_LIFE_MAX) {
		(void)snprintf(text, sizeof(text), "|%" PRIu64, k->lifetime);
		put(w, text);
	}
	if (k->mki_len) {
		put(w, "|");
		write_mki(w, k);
		(void)snprintf(text, sizeof(text), ":%u", k->mki_len);
		put(w, text);
	}
}

static int written(struct vc_wr *w)
{
	vc_wr_u8(w, 0);
	return w->bad ? -ENOSPC : (int)vc_wr_len(w) - 1;
}

static struct vc_str word(struct vc_str *s)
{
	while (s->len && (s->p[0] == ' ' || s->p[0] == '\t'))
		*s = vc_str_of(s->p + 1, s->len - 1);
	for (size_t i = 0; i < s->len; i++) {
		struct vc_str w = vc_str_of(s->p, i);

		if (s->p[i] != ' ' && s->p[i] != '\t')
			continue;
		*s = vc_str_of(s->p + i, s->len - i);
		return w;
	}
	return vc_str_cut(s, '\0');
}

/* --- lines --- */

/* NAME= stands before the suite; the '=' of base64 come later. */
static const char *read_name(struct vc_keyline *k, struct vc_str *line)
{
	struct vc_str rest = *line, name = vc_str_cut(&rest, '=');
	const char *p = name.p, *end = p + name.len;
	size_t n = 0;

	for (size_t i = 0; i + 7 <= name.len; i++) {
		if (!memcmp(name.p + i, "inline:", 7))
			return NULL;
	}
	if (!rest.len)
		return NULL;
	for (; p < end; n++) {
		int32_t ch = vc_utf8_next(&p, end);

		if (ch < ' ' || (ch >= 0x7f && ch < 0xa0) || ch == '/' ||
		    ch == ':' || ch == ',')
			return "NAME= is UTF-8 without control characters, "
			       "'/', ':' and ','";
	}
	if (n < 1 || n > NAME_CHARS)
		return "NAME= has 1 to 64 characters";
	vc_str_copy(k->name, sizeof(k->name), name);
	*line = rest;
	return NULL;
}

static int read_line(struct vc_keyline *k, struct vc_str line, const char **why)
{
	struct vc_str s;
	int suite;

	if (memchr(line.p, '\0', line.len))
		*why = "NUL in a line";
	else
		*why = read_name(k, &line);
	if (*why)
		return -EBADMSG;
	s = word(&line);
	k->in = !vc_str_is(s, "out");
	k->out = !vc_str_is(s, "in");
	if (!k->in || !k->out)
		s = word(&line);
	suite = vc_srtp_suite_by_name(s);
	if (suite < 0) {
		*why = "no such suite";
		return -ENOTSUP;
	}
	k->key.suite = (enum vc_srtp_suite)suite;
	*why = read_inline(&k->key, word(&line));
	if (!*why && word(&line).len)
		*why = "something after the key";
	return *why ? -EBADMSG : 0;
}

int vc_keyline_parse(struct vc_keyline *k, struct vc_str line, const char **why)
{
	int err;

	memset(k, 0, sizeof(*k));
	*why = NULL;
	if (line.len >= VC_KEYLINE_CAP) {
		*why = "line too long";
		return -EBADMSG;
	}
	err = read_line(k, line, why);
	if (err)
		explicit_bzero(k, sizeof(*k));
	return err;
}

int vc_keyline_write(const struct vc_keyline *k, char *buf, size_t cap)
{
	struct vc_wr w = vc_wr_over(buf, cap);

	if (k->name[0]) {
		put(&w, k->name);
		put(&w, "=");
	}
	if (!k->in || !k->out)
		put(&w, k->in ? "in " : "out ");
	write_key(&w, &k->key);
	return written(&w);
}

/* --- a=crypto --- */

static int read_crypto(struct vc_srtp_key *key, uint32_t *tag, struct vc_str s,
		       const char **why)
{
	struct vc_str inl;
	int suite;

	if (!vc_str_u32(word(&s), 999999999, tag)) {
		*why = "a=crypto without its tag";
		return -EBADMSG;
	}
	suite = vc_srtp_suite_by_name(word(&s));
	if (suite < 0) {
		*why = "no such suite";
		return -ENOTSUP;
	}
	key->suite = (enum vc_srtp_suite)suite;
	inl = word(&s);
	if (inl.len && memchr(inl.p, ';', inl.len)) { /* RFC 4568, 6.1 */
		*why = "more than one key";
		return -ENOTSUP;
	}
	*why = read_inline(key, inl);
	if (*why)
		return -EBADMSG;
	for (struct vc_str par = word(&s); par.len; par = word(&s)) {
		if (vc_str_starts(par, "WSH=") || vc_str_starts(par, "-"))
			continue;
		*why = "a session parameter that is not ours";
		return -ENOTSUP;
	}
	return 0;
}

int vc_crypto_parse(struct vc_srtp_key *key, uint32_t *tag, struct vc_str value,
		    const char **why)
{
	int err;

	memset(key, 0, sizeof(*key));
	*why = NULL;
	err = read_crypto(key, tag, value, why);
	if (err)
		explicit_bzero(key, sizeof(*key));
	return err;
}

int vc_crypto_write(const struct vc_srtp_key *key, uint32_t tag, char *buf,
		    size_t cap)
{
	struct vc_wr w = vc_wr_over(buf, cap);
	char text[16];

	(void)snprintf(text, sizeof(text), "%" PRIu32 " ", tag);
	put(&w, text);
	write_key(&w, key);
	return written(&w);
}

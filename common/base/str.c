/* SPDX-License-Identifier: MIT */
/*
 * The escaper walks character by character and asks one question of each: may
 * a terminal see it? What may not is written as digits. The glob remembers its
 * last star only, which is enough: a later star can take over whatever an
 * earlier one would have had to try.
 */
#include <errno.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool vc_str_eq(struct vc_str a, struct vc_str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

bool vc_str_is(struct vc_str a, const char *s)
{
	return vc_str_eq(a, vc_str_c(s));
}

bool vc_str_eq_nocase(struct vc_str a, struct vc_str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	}
	return true;
}

bool vc_str_is_nocase(struct vc_str a, const char *s)
{
	return vc_str_eq_nocase(a, vc_str_c(s));
}

bool vc_str_starts(struct vc_str a, const char *s)
{
	size_t n = strlen(s);

	return a.len >= n && (!n || !memcmp(a.p, s, n));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct vc_str vc_str_trim(struct vc_str s)
{
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	while (s.len && is_blank(s.p[0]))
		s = vc_str_of(s.p + 1, s.len - 1);
	return s;
}

struct vc_str vc_str_cut(struct vc_str *s, char sep)
{
	const char *at = s->len ? memchr(s->p, sep, s->len) : NULL;
	struct vc_str head = *s;

	if (!at) {
		*s = vc_str_of(NULL, 0);
		return head;
	}
	head.len = (size_t)(at - s->p);
	*s = vc_str_of(at + 1, s->len - head.len - 1);
	return head;
}

struct vc_str vc_str_line(struct vc_str *s)
{
	struct vc_str line = vc_str_cut(s, '\n');

	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

bool vc_str_u32(struct vc_str s, uint32_t max, uint32_t *v)
{
	uint64_t sum = 0;

	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		sum = sum * 10 + (uint64_t)(s.p[i] - '0');
		if (sum > max)
			return false;
	}
	*v = (uint32_t)sum;
	return true;
}

/* 'n' octets, without the beginning of a character whose end is behind them. */
static size_t whole_chars(const char *s, size_t n)
{
	size_t at = vc_utf8_back(s, n);
	const char *p = s + at;

	if (n - at < 4 && (uint8_t)s[at] >= 0xc2 && vc_utf8_next(&p, s + n) < 0)
		return at;
	return n;
}

size_t vc_str_copy(char *out, size_t cap, struct vc_str s)
{
	size_t n = s.len < cap ? s.len : whole_chars(s.p, cap - 1);

	if (n)
		memcpy(out, s.p, n);
	out[n] = '\0';
	return s.len;
}

size_t vc_strlcpy(char *out, const char *s, size_t cap)
{
	return vc_str_copy(out, cap, vc_str_c(s));
}

int32_t vc_utf8_next(const char **p, const char *end)
{
	static const int32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)*p;
	size_t left = (size_t)(end - *p), more;
	int32_t c = s[0];

	*p += 1;
	if (c < 0x80)
		return c;
	more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
	if (c < 0xc2 || c > 0xf4 || left <= more)
		return -1;
	c &= 0x3f >> more;
	for (size_t i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return -1;
	*p += more;
	return c;
}

bool vc_utf8_valid(const char *s, size_t len)
{
	for (const char *p = s, *end = len ? s + len : s; p < end;) {
		if (!((unsigned char)*p & 0x80))
			p++;
		else if (vc_utf8_next(&p, end) < 0)
			return false;
	}
	return true;
}

size_t vc_utf8_back(const char *s, size_t len)
{
	while (len) {
		len--;
		if (((uint8_t)s[len] & 0xc0) != 0x80)
			break;
	}
	return len;
}

/* Unicode 15: categories Cf, Zl and Zp, and the fillers that show nothing. */
static bool is_hidden(int32_t c)
{
	static const struct {
		int32_t first, last;
	} rows[] = {
		{ 0xad, 0xad },	      { 0x34f, 0x34f },
		{ 0x600, 0x605 },     { 0x61c, 0x61c },
		{ 0x6dd, 0x6dd },     { 0x70f, 0x70f },
		{ 0x890, 0x891 },     { 0x8e2, 0x8e2 },
		{ 0x115f, 0x1160 },   { 0x180b, 0x180f },
		{ 0x200b, 0x200f },   { 0x2028, 0x202e },
		{ 0x2060, 0x206f },   { 0x3164, 0x3164 },
		{ 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb },   { 0x110bd, 0x110bd },
		{ 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
		{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
		{ 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		if (c >= rows[i].first && c <= rows[i].last)
			return true;
	}
	return false;
}

/* One character, or one octet that is none (c < 0), as it may be shown. */
static size_t escape_one(char out[16], int32_t c, const char *p, size_t n)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
		size_t k = 0;

		for (size_t i = 0; i < n; i++)
			k += (size_t)snprintf(out + k, 16 - k, "\\x%02x",
					      (unsigned char)p[i]);
		return k;
	}
	if (is_hidden(c))
		return (size_t)snprintf(out, 16, "\\u{%x}", (unsigned int)c);
	memcpy(out, p, n);
	return n;
}

static size_t escape(char *out, size_t cap, const char *s, size_t len,
		     bool doubles)
{
	const char *p = s, *end = len ? s + len : s;
	size_t done = 0;

	while (p < end) {
		const char *from = p;
		char one[16];
		int32_t c = vc_utf8_next(&p, end);
		size_t n = escape_one(one, c, from, (size_t)(p - from));

		if (doubles && c == '\\')
			one[n++] = '\\';
		if (done + n + 1 > cap)
			break;
		memcpy(out + done, one, n);
		done += n;
	}
	if (cap)
		out[done] = '\0';
	return done;
}

size_t vc_escape(char *out, size_t cap, const char *s, size_t len)
{
	return escape(out, cap, s, len, true);
}

size_t vc_escape_rest(char *out, size_t cap, const char *s, size_t len)
{
	return escape(out, cap, s, len, false);
}

/* The octet that is meant by where 'pattern' is, if that is no sign. */
static const char *literal(const char *pattern)
{
	return pattern + (*pattern == '\\' && pattern[1]);
}

bool vc_glob_str(const char *pattern, struct vc_str s)
{
	const char *star = NULL, *retry = NULL;
	const char *p = s.p, *end = s.len ? s.p + s.len : s.p;

	while (p < end) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = p;
		} else if (*pattern == '?') {
			pattern++;
			(void)vc_utf8_next(&p, end);
		} else if (*pattern && *literal(pattern) == *p) {
			pattern = literal(pattern) + 1;
			p++;
		} else if (star) {
			pattern = star;
			(void)vc_utf8_next(&retry, end);
			p = retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

bool vc_glob(const char *pattern, const char *s)
{
	return vc_glob_str(pattern, vc_str_c(s));
}

bool vc_glob_word(const char *pattern, char *out, size_t cap)
{
	size_t n = 0;

	for (; *pattern; pattern++) {
		if (*pattern == '*' || *pattern == '?' || n + 1 >= cap)
			return false;
		pattern = literal(pattern);
		out[n] = *pattern;
		n++;
	}
	out[n] = '\0';
	return true;
}

/* SPDX-License-Identifier: MIT */
/*
 * A struct vc_json is a json_t of jansson under another name, so nothing is
 * wrapped and nothing is copied. Text from outside is repaired first, so that
 * jansson, which refuses malformed UTF-8, need not look again; text going out
 * has DEL, C1 and invisible format characters escaped, so that a record may be
 * shown on a terminal. Depth is counted before parsing: jansson's own limit is
 * 2048.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"

#define MAX_LEN (256 * 1024)
#define MAX_DEPTH 32

static const json_t *in(const struct vc_json *j)
{
	return (const json_t *)(const void *)j;
}

static json_t *mut(struct vc_json *j)
{
	return (json_t *)(void *)j;
}

static struct vc_json *out(json_t *j)
{
	return (struct vc_json *)(void *)j;
}

/* --- making --- */

struct vc_json *vc_json_object(void)
{
	return out(json_object());
}

struct vc_json *vc_json_array(void)
{
	return out(json_array());
}

void vc_json_free(struct vc_json *j)
{
	json_decref(mut(j));
}

struct vc_json *vc_json_copy(const struct vc_json *j)
{
	return out(json_deep_copy(in(j)));
}

/* Malformed octets become U+FFFD, which is three octets. */
static json_t *repaired(const char *s, size_t len)
{
	const char *p = s, *end = s + len;
	char *buf = vc_try_alloc(len + 1, 3);
	size_t n = 0;
	json_t *j;

	if (!buf)
		return NULL;
	while (p < end) {
		const char *from = p;

		if (vc_utf8_next(&p, end) < 0) {
			memcpy(buf + n, "\xef\xbf\xbd", 3);
			n += 3;
		} else {
			memcpy(buf + n, from, (size_t)(p - from));
			n += (size_t)(p - from);
		}
	}
	j = json_stringn_nocheck(buf, n);
	free(buf);
	return j;
}

static json_t *string(const char *s, size_t len)
{
	if (!s)
		return json_null();
	if (vc_utf8_valid(s, len))
		return json_stringn_nocheck(s, len);
	return repaired(s, len);
}

/* A key as it is set; '*k', which is to be freed, holds it if it is repaired. */
static const char *key_of(const char *key, json_t **k)
{
	*k = NULL;
	if (vc_utf8_valid(key, strlen(key)))
		return key;
	*k = repaired(key, strlen(key));
	return *k ? json_string_value(*k) : "";
}

static void set(struct vc_json *o, const char *key, json_t *value)
{
	json_t *k;

	json_object_set_new_nocheck(mut(o), key_of(key, &k), value);
	json_decref(k);
}

void vc_json_set(struct vc_json *o, const char *key, struct vc_json *child)
{
	set(o, key, mut(child));
}

void vc_json_set_str(struct vc_json *o, const char *key, const char *s)
{
	set(o, key, string(s, s ? strlen(s) : 0));
}

void vc_json_set_strn(struct vc_json *o, const char *key, const char *s,
		      size_t len)
{
	set(o, key, string(s, len));
}

void vc_json_set_int(struct vc_json *o, const char *key, int64_t v)
{
	set(o, key, json_integer(v));
}

/*
 * Rounded here and printed with 15 digits, of which trailing zeros fall away:
 * 0.1 is "0.1". Above 2^53 there is nothing left to round.
 */
void vc_json_set_real(struct vc_json *o, const char *key, double v,
		      int decimals)
{
	double unit = 1;

	for (int i = 0; i < decimals && i < 9; i++)
		unit *= 10;
	if (isfinite(v) && fabs(v) * unit < 9007199254740992.0)
		v = round(v * unit) / unit;
	if (v == 0)
		v = 0; /* not "-0.0" */
	set(o, key, isfinite(v) ? json_real(v) : json_null());
}

void vc_json_set_bool(struct vc_json *o, const char *key, bool v)
{
	set(o, key, json_boolean(v));
}

void vc_json_set_null(struct vc_json *o, const char *key)
{
	set(o, key, json_null());
}

void vc_json_add(struct vc_json *a, struct vc_json *child)
{
	json_array_append_new(mut(a), mut(child));
}

void vc_json_add_str(struct vc_json *a, const char *s)
{
	json_array_append_new(mut(a), string(s, s ? strlen(s) : 0));
}

void vc_json_add_int(struct vc_json *a, int64_t v)
{
	json_array_append_new(mut(a), json_integer(v));
}

/* --- reading --- */

const struct vc_json *vc_json_get(const struct vc_json *o, const char *key)
{
	json_t *k;
	const struct vc_json *v = out(json_object_get(in(o), key_of(key, &k)));

	json_decref(k);
	return v;
}

const char *vc_json_str(const struct vc_json *j)
{
	return json_string_value(in(j));
}

bool vc_json_number(const struct vc_json *j, double *v)
{
	if (json_is_number(in(j)))
		*v = json_number_value(in(j));
	else if (json_is_boolean(in(j)))
		*v = json_is_true(in(j));
	else
		return false;
	return true;
}

const char *vc_json_get_str(const struct vc_json *o, const char *key)
{
	return vc_json_str(vc_json_get(o, key));
}

bool vc_json_get_int(const struct vc_json *o, const char *key, int64_t *v)
{
	const json_t *j = in(vc_json_get(o, key));

	if (!json_is_integer(j))
		return false;
	*v = json_integer_value(j);
	return true;
}

bool vc_json_get_real(const struct vc_json *o, const char *key, double *v)
{
	const json_t *j = in(vc_json_get(o, key));

	if (!json_is_number(j))
		return false;
	*v = json_number_value(j);
	return true;
}

bool vc_json_get_bool(const struct vc_json *o, const char *key, bool *v)
{
	const json_t *j = in(vc_json_get(o, key));

	if (!json_is_boolean(j))
		return false;
	*v = json_is_true(j);
	return true;
}

bool vc_json_is_array(const struct vc_json *j)
{
	return json_is_array(in(j));
}

bool vc_json_is_object(const struct vc_json *j)
{
	return json_is_object(in(j));
}

size_t vc_json_len(const struct vc_json *j)
{
	return json_is_object(in(j)) ? json_object_size(in(j)) :
				       json_array_size(in(j));
}

const struct vc_json *vc_json_at(const struct vc_json *a, size_t i)
{
	return out(json_array_get(in(a), i));
}

const char *vc_json_str_at(const struct vc_json *a, size_t i)
{
	return vc_json_str(vc_json_at(a, i));
}

const struct vc_json *vc_json_member(const struct vc_json *o, size_t i,
				     const char **key)
{
	/* Iterators want it mutable, and leave it as it is. */
	json_t *j = (json_t *)(uintptr_t)o;
	void *iter = json_object_iter(j);

	while (iter && i) {
		iter = json_object_iter_next(j, iter);
		i--;
	}
	if (!iter)
		return NULL;
	if (key)
		*key = json_object_iter_key(iter);
	return out(json_object_iter_value(iter));
}

/* --- text --- */

/* The same characters that vc_escape() does not let through. */
static bool is_unsafe(const char *p, size_t len)
{
	char buf[16];

	if (len == 1)
		return *p == 0x7f;
	vc_escape(buf, sizeof(buf), p, len);
	return buf[0] == '\\';
}

static size_t escape(char *to, int32_t c)
{
	uint32_t u = (uint32_t)c;

	if (u < 0x10000)
		return (size_t)sprintf(to, "\\u%04x", u);
	u -= 0x10000;
	return (size_t)sprintf(to, "\\u%04x\\u%04x", 0xd800 | u >> 10,
			       0xdc00 | (u & 0x3ff));
}

/* Octets at the front that are ASCII and no DEL: most texts are all that. */
static size_t safe_len(const char *text)
{
	size_t n = 0;

	while (text[n] && (unsigned char)text[n] < 0x7f)
		n++;
	return n;
}

char *vc_json_text(const struct vc_json *j)
{
	char *text = json_dumps(in(j), JSON_COMPACT | JSON_ENCODE_ANY |
					       JSON_REAL_PRECISION(15));
	size_t ascii = text ? safe_len(text) : 0;
	const char *p = text, *end;
	char *safe, *to;

	if (!text || !text[ascii])
		return text;
	end = text + strlen(text);
	/* At worst two octets (C1) become six, one (DEL) too. */
	safe = vc_try_alloc(strlen(text) + 1, 6);
	to = safe;
	while (safe && p < end) {
		const char *from = p;
		int32_t c = vc_utf8_next(&p, end);

		if (is_unsafe(from, (size_t)(p - from)))
			to += escape(to, c);
		else
			while (from < p)
				*to++ = *from++;
	}
	free(text);
	return safe;
}

/* Brackets outside strings. */
static bool is_too_deep(const char *text, size_t len)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '[' || c == '{'))
			depth++;
		else if (!in_string && (c == ']' || c == '}'))
			depth--;
		if (depth > MAX_DEPTH)
			return true;
	}
	return false;
}

static const char *reason(enum json_error_code code)
{
	switch (code) {
	case json_error_out_of_memory:
		return "out of memory";
	case json_error_premature_end_of_input:
		return "ends in the middle";
	case json_error_end_of_input_expected:
		return "more than one value";
	case json_error_invalid_utf8:
		return "not UTF-8";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "NUL in a string";
	case json_error_duplicate_key:
		return "a key twice";
	case json_error_numeric_overflow:
		return "number too large";
	default:
		return "not JSON";
	}
}

struct vc_json *vc_json_parse(const char *text, size_t len, const char **err)
{
	return vc_json_parse_large(text, len, MAX_LEN, err);
}

struct vc_json *vc_json_parse_large(const char *text, size_t len, size_t max,
				    const char **err)
{
	const char *dummy;
	json_error_t e;
	json_t *j;

	if (!err)
		err = &dummy;
	if (len > max) {
		*err = "too long";
		return NULL;
	}
	if (is_too_deep(text, len)) {
		*err = "too deep";
		return NULL;
	}
	j = json_loadb(text, len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &e);
	if (!j)
		*err = reason(json_error_code(&e));
	return out(j);
}

struct vc_json *vc_json_event(const char *name, int64_t now)
{
	struct vc_json *j = vc_json_object();

	vc_json_set_str(j, "ev", name);
	vc_json_set_int(j, "t", now / VC_US);
	return j;
}

/* SPDX-License-Identifier: MIT */
#include "tool/pattern.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/time.h"

static const char all_words[] = "tag name cname kind ssrc time n";

/* The next word in braces at or behind '*p', which is left behind it; false:
 * none, or '*is_open'. */
static bool next_word(const char **p, struct vc_str *word, bool *is_open)
{
	const char *brace = strchr(*p, '{');
	const char *end = brace ? strchr(brace, '}') : NULL;

	*is_open = brace && !end;
	if (!end)
		return false;
	*word = vc_str_of(brace + 1, (size_t)(end - brace) - 1);
	*p = end + 1;
	return true;
}

static bool is_among(struct vc_str word, const char *list)
{
	struct vc_str left = vc_str_c(list);

	while (left.len)
		if (vc_str_eq(vc_str_cut(&left, ' '), word))
			return true;
	return false;
}

bool vc_pattern_is(const char *text)
{
	return strchr(text, '{') != NULL;
}

bool vc_pattern_has(const char *text, const char *word)
{
	struct vc_str w;
	bool is_open;

	while (next_word(&text, &w, &is_open))
		if (vc_str_is(w, word))
			return true;
	return false;
}

int vc_pattern_check(const char *text, const char *allowed, char *why,
		     size_t cap)
{
	struct vc_str w;
	bool is_open;

	while (next_word(&text, &w, &is_open)) {
		if (is_among(w, allowed))
			continue;
		snprintf(why, cap, "{%.*s}: not one of %s", (int)w.len, w.p,
			 allowed);
		return -EINVAL;
	}
	if (!is_open)
		return 0;
	snprintf(why, cap, "a { without }");
	return -EINVAL;
}

void vc_pattern_word(char out[static VC_PATTERN_WORD + 1], const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
	size_t n = 0;

	for (; text && *text && n < VC_PATTERN_WORD; text++) {
		unsigned char c = (unsigned char)*text;

		/* A character of many octets is one sign. */
		if (c >= 0x80 && c < 0xc0)
			continue;
		out[n] = strchr(plain, *text) ? *text : '_';
		n++;
	}
	if (!n) {
		out[n] = '-';
		n++;
	}
	out[n] = '\0';
	if (out[0] == '.')
		out[0] = '_';
}

static void value(char out[static VC_PATTERN_WORD + 1], struct vc_str word,
		  const struct vc_pattern_words *w)
{
	const char *text = w->tag;
	char iso[VC_TIME_ISO_CAP];

	if (vc_str_is(word, "ssrc")) {
		snprintf(out, VC_PATTERN_WORD + 1, "%08" PRIX32, w->ssrc);
		return;
	}
	if (vc_str_is(word, "n")) {
		snprintf(out, VC_PATTERN_WORD + 1, "%04" PRIu64, w->n);
		return;
	}
	if (vc_str_is(word, "time"))
		text = vc_time_iso(iso, w->time);
	else if (vc_str_is(word, "name"))
		text = w->name;
	else if (vc_str_is(word, "cname"))
		text = w->cname;
	else if (vc_str_is(word, "kind"))
		text = w->kind;
	vc_pattern_word(out, text);
}

/* Does what comes behind 'len' octets of 'out' and 'n' of 'text' begin a name? */
static bool begins_name(const char *out, size_t len, const char *text, size_t n)
{
	if (n)
		return text[n - 1] == '/';
	return !len || out[len - 1] == '/';
}

int vc_pattern_expand(char *out, size_t cap, const char *text,
		      const struct vc_pattern_words *words)
{
	char why[128], word[VC_PATTERN_WORD + 1];
	const char *p = text;
	size_t len = 0;
	struct vc_str w;
	bool is_open;
	int n;

	if (vc_pattern_check(text, all_words, why, sizeof(why)))
		return -EINVAL;
	while (next_word(&p, &w, &is_open)) {
		value(word, w, words);
		/* Or it is an option to whoever is told the name. */
		if (word[0] == '-' &&
		    begins_name(out, len, text, (size_t)(w.p - 1 - text)))
			word[0] = '_';
		n = snprintf(out + len, cap - len, "%.*s%s",
			     (int)(w.p - 1 - text), text, word);
		if (n < 0 || (size_t)n >= cap - len)
			return -ENAMETOOLONG;
		len += (size_t)n;
		text = p;
	}
	n = snprintf(out + len, cap - len, "%s", text);
	return n < 0 || (size_t)n >= cap - len ? -ENAMETOOLONG : 0;
}

/* Where the suffix of a file's name begins; ".gz" is half of one. */
static const char *suffix_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	if (dot && !strcmp(dot, ".gz"))
		for (const char *p = dot - 1; p > name; p--)
			if (*p == '.')
				return p;
	return dot ? dot : path + strlen(path);
}

int vc_pattern_number(char *out, size_t cap, const char *plain, unsigned int n)
{
	const char *suffix = suffix_of(plain);
	int all = n > 1 ? snprintf(out, cap, "%.*s-%u%s", (int)(suffix - plain),
				   plain, n, suffix) :
			  snprintf(out, cap, "%s", plain);

	return all < 0 || (size_t)all >= cap ? -ENAMETOOLONG : 0;
}

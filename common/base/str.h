/* SPDX-License-Identifier: MIT */
/*
 * Text. Slices that borrow, the one escaper for foreign strings, UTF-8, globs.
 * Needs no locale.
 */
#ifndef VC_BASE_STR_H
#define VC_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * A piece of somebody else's text, not ended by NUL; print it with "%.*s" and
 * VC_STR_ARGS(), or better through vc_escape(). Empty: len 0 ('p' is anything).
 */
struct vc_str {
	const char *p;
	size_t len;
};

#define VC_STR_ARGS(s) (int)(s).len, (s).p

static inline struct vc_str vc_str_of(const char *p, size_t len)
{
	return (struct vc_str){ .p = p, .len = len };
}

/* A whole C string. NULL is the empty one. */
static inline struct vc_str vc_str_c(const char *s)
{
	return (struct vc_str){ .p = s, .len = s ? strlen(s) : 0 };
}

bool vc_str_eq(struct vc_str a, struct vc_str b);
bool vc_str_is(struct vc_str a, const char *s);

/* ASCII letters compare without case. */
bool vc_str_eq_nocase(struct vc_str a, struct vc_str b);
bool vc_str_is_nocase(struct vc_str a, const char *s);

/* Whether 'a' begins with 's'. */
bool vc_str_starts(struct vc_str a, const char *s);

/* Without the blanks around it: spaces, tabs, ends of lines. */
struct vc_str vc_str_trim(struct vc_str s);

/* The part before the first 'sep' (all, if none); '*s' becomes the rest. */
struct vc_str vc_str_cut(struct vc_str *s, char sep);

/* The same of a line, which ends with LF or CR LF. */
struct vc_str vc_str_line(struct vc_str *s);

/* Decimal digits and nothing else, at most 'max': true and '*v'. */
bool vc_str_u32(struct vc_str s, uint32_t max, uint32_t *v);

/* Copies, cut to fit (not within a character of UTF-8), always ended by NUL
 * ('cap' at least 1). The whole length of the source, so that >= cap means cut. */
size_t vc_str_copy(char *out, size_t cap, struct vc_str s);
size_t vc_strlcpy(char *out, const char *s, size_t cap);

/*
 * Makes a foreign string safe for terminals and logs: C0, DEL, C1 and octets
 * that are not UTF-8 become \xNN; bidirectional and other invisible format
 * characters (Unicode Cf, Zl, Zp) become \u{NNNN}; a backslash is doubled, so
 * that the result is unambiguous. Cut at a whole character to fit 'cap', ended
 * by NUL. The octets written, NUL not counted; VC_ESCAPE_CAP(len) is always
 * room enough.
 */
size_t vc_escape(char *out, size_t cap, const char *s, size_t len);
/* The same of a text of which parts are escaped: a backslash stays single. */
size_t vc_escape_rest(char *out, size_t cap, const char *s, size_t len);

#define VC_ESCAPE_CAP(len) (4 * (len) + 1)

/*
 * Decodes the character at '*p' (p < end) and steps over it. Its code point, or
 * -1 for a malformed one (overlong, surrogate, above U+10FFFF, cut short),
 * where it steps over one octet.
 */
int32_t vc_utf8_next(const char **p, const char *end);

bool vc_utf8_valid(const char *s, size_t len);

/* How long 's' of UTF-8 is without its last character. */
size_t vc_utf8_back(const char *s, size_t len);

/*
 * Whether all of 's' matches: '*' any octets, '?' one UTF-8 character, '\' the
 * next character as it is (at the end itself), the rest itself. Time is bounded
 * by strlen(pattern) * strlen(s).
 */
bool vc_glob(const char *pattern, const char *s);
bool vc_glob_str(const char *pattern, struct vc_str s);

/* True: one string alone matches, which is copied ('cap' at least 1). False:
 * there may be many, or it does not fit. */
bool vc_glob_word(const char *pattern, char *out, size_t cap);

#endif

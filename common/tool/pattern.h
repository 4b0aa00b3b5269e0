/* SPDX-License-Identifier: MIT */
/*
 * Names of files with words in braces, as "{name}-{n}.png" (vc(7), File
 * patterns). What strangers call themselves never becomes a path: every word
 * is mapped to [A-Za-z0-9._-]{1,64} without a leading dot, and none that begins
 * a name makes it begin with '-', as options do.
 */
#ifndef VC_TOOL_PATTERN_H
#define VC_TOOL_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_PATTERN_WORD 64

struct vc_pattern_words {
	const char *tag; /* texts may be NULL: "-" then */
	const char *name;
	const char *cname;
	const char *kind;
	uint32_t ssrc;
	int64_t time; /* ns since the Unix epoch */
	uint64_t n;
};

/* Has it a word in braces? */
bool vc_pattern_is(const char *text);
/* Has it this one, as "name"? */
bool vc_pattern_has(const char *text, const char *word);

/*
 * 0, or -EINVAL and why not in 'why': a brace that is not closed, or a word
 * that is not among 'allowed' (separated by spaces).
 */
int vc_pattern_check(const char *text, const char *allowed, char *why,
		     size_t cap);

/* 0, -EINVAL as above (of all words), -ENAMETOOLONG. */
int vc_pattern_expand(char *out, size_t cap, const char *text,
		      const struct vc_pattern_words *words);

/* The 'n'th of that name: "a.b/c.png" and 2 make "a.b/c-2.png". 0 or
 * -ENAMETOOLONG. */
int vc_pattern_number(char *out, size_t cap, const char *plain, unsigned int n);

/* A foreign text as part of a file's name. */
void vc_pattern_word(char out[static VC_PATTERN_WORD + 1], const char *text);

#endif

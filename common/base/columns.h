/* SPDX-License-Identifier: MIT */
/*
 * Texts in columns, as the files of vc-mix(1): lines of what is between blanks;
 * a column that begins with '#' begins a comment. Whoever reads one says what
 * is wrong with it in the same way, with the line.
 */
#ifndef VC_BASE_COLUMNS_H
#define VC_BASE_COLUMNS_H

#include <stddef.h>

#include "base/str.h"

#define VC_COLUMNS_MAX 16
#define VC_COLUMNS_TEXT 400
#define VC_COLUMNS_SAID (VC_COLUMNS_TEXT + 20)

/*
 * Where a text is wrong: its words in 'why' are escaped. Line 0: not one line.
 */
struct vc_columns_error {
	unsigned int line;
	char why[VC_COLUMNS_TEXT];
};

/* The caller embeds it; 'col' are slices of the text. */
struct vc_columns {
	struct vc_columns_error *err;
	struct vc_str rest; /* of the text */
	struct vc_str col[VC_COLUMNS_MAX];
	size_t n;
	unsigned int line; /* from 1; 0: none is being read */
};

/* 'text' has 'max' octets at most, else -EINVAL and '*err'. */
int vc_columns_begin(struct vc_columns *c, struct vc_str text, size_t max,
		     struct vc_columns_error *err);

/*
 * The next line that is not empty: 1; 0 at the end; -EINVAL and the error: not
 * UTF-8, or more than VC_COLUMNS_MAX columns.
 */
int vc_columns_next(struct vc_columns *c);

/* Of this line: "'WORD': WHAT", or WHAT where the word is empty. -EINVAL. */
int vc_columns_wrong(const struct vc_columns *c, const char *what,
		     struct vc_str word);

/* Likewise, "out of memory": -ENOMEM. */
int vc_columns_no_memory(const struct vc_columns *c);

/* "line 3: ...". */
void vc_columns_say(const struct vc_columns_error *err,
		    char out[static VC_COLUMNS_SAID]);

#endif

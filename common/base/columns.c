/* SPDX-License-Identifier: MIT */
#include "base/columns.h"

#include <errno.h>
#include <stdio.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

int vc_columns_wrong(const struct vc_columns *c, const char *what,
		     struct vc_str word)
{
	char quoted[VC_ESCAPE_CAP(64)];

	vc_escape(quoted, sizeof(quoted), word.p,
		  word.len < 64 ? word.len : 64);
	c->err->line = c->line;
	snprintf(c->err->why, sizeof(c->err->why), "%s%s%s%s",
		 word.len ? "'" : "", quoted, word.len ? "': " : "", what);
	return -EINVAL;
}

int vc_columns_no_memory(const struct vc_columns *c)
{
	vc_columns_wrong(c, "out of memory", vc_str_c(""));
	return -ENOMEM;
}

int vc_columns_begin(struct vc_columns *c, struct vc_str text, size_t max,
		     struct vc_columns_error *err)
{
	char what[64];

	*c = (struct vc_columns){ .err = err, .rest = text };
	if (text.len <= max)
		return 0;
	snprintf(what, sizeof(what), "more than %zu KiB", max / 1024);
	return vc_columns_wrong(c, what, vc_str_c(""));
}

static int split(struct vc_columns *c, struct vc_str line)
{
	const char *p = line.p, *end = line.p + line.len;

	c->n = 0;
	if (!line.len)
		return 0;
	if (!vc_utf8_valid(line.p, line.len) || memchr(line.p, 0, line.len))
		return vc_columns_wrong(c, "not UTF-8 text", line);
	for (;;) {
		const char *from;

		while (p < end && is_blank(*p))
			p++;
		if (p == end || *p == '#')
			return 0;
		from = p;
		while (p < end && !is_blank(*p))
			p++;
		if (c->n == VC_COLUMNS_MAX)
			return vc_columns_wrong(c, "too many columns", line);
		c->col[c->n] = vc_str_of(from, (size_t)(p - from));
		c->n++;
	}
}

int vc_columns_next(struct vc_columns *c)
{
	while (c->rest.len) {
		int err;

		c->line++;
		err = split(c, vc_str_cut(&c->rest, '\n'));
		if (err || c->n)
			return err ? err : 1;
	}
	c->line = 0;
	return 0;
}

void vc_columns_say(const struct vc_columns_error *err,
		    char out[static VC_COLUMNS_SAID])
{
	if (err->line)
		snprintf(out, VC_COLUMNS_SAID, "line %u: %s", err->line,
			 err->why);
	else
		vc_strlcpy(out, err->why, VC_COLUMNS_SAID);
}

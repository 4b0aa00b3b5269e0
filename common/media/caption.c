/* SPDX-License-Identifier: MIT */
/*
 * The text is kept as it was typed and broken anew for each width: from its
 * beginning, row by row, of which the last ones are taken. So a word that grows
 * at the end of a row moves to the next one and no other row changes.
 */
#include "media/caption.h"

#include <string.h>

#include "base/str.h"
#include "media/charwidth.h"

#define BS '\b'

bool vc_caption_is_shown(const char *p, size_t len)
{
	char escaped[32];

	if (len == 3 &&
	    (!memcmp(p, "\xe2\x80\x8c", 3) || !memcmp(p, "\xe2\x80\x8d", 3)))
		return true;
	vc_escape(escaped, sizeof(escaped), p, len);
	return *p == '\\' || escaped[0] != '\\';
}

/* --- what was typed --- */

/* The oldest goes, by whole characters. */
static void make_room(struct vc_caption *c, size_t len)
{
	size_t cut = 0;

	if (c->len + len <= sizeof(c->text))
		return;
	cut = c->len / 2;
	while (cut < c->len && ((uint8_t)c->text[cut] & 0xc0) == 0x80)
		cut++;
	c->len -= cut;
	memmove(c->text, c->text + cut, c->len);
}

void vc_caption_add(struct vc_caption *c, const char *text, size_t len,
		    int64_t now)
{
	const char *p = text, *end = text + len;

	if (c->has_text && now - c->changed >= VC_CAPTION_HOLD)
		c->len = 0;
	while (p < end) {
		const char *from = p;
		size_t n;

		(void)vc_utf8_next(&p, end);
		n = (size_t)(p - from);
		if (*from == BS) {
			c->len = vc_utf8_back(c->text, c->len);
			continue;
		}
		if (*from != '\n' && !vc_caption_is_shown(from, n))
			continue;
		make_room(c, n);
		memcpy(c->text + c->len, from, n);
		c->len += n;
	}
	c->has_text = true;
	c->changed = now;
}

/* --- rows --- */

/*
 * Where the row that begins at 'p' ends, and '*next' begins: before the word
 * that has no room, or within it where it is alone.
 */
static const char *row_end(const struct vc_charwidth *w, const char *p,
			   const char *end, int cols, const char **next)
{
	const char *blank = NULL, *from = p;
	int width = 0;

	while (p < end && *p != '\n') {
		const char *at = p;

		width += vc_charwidth_of(w, vc_utf8_next(&p, end));
		if (*at == ' ')
			blank = at;
		if (width <= cols && p - from < VC_CAPTION_ROW)
			continue;
		if (blank && blank > from) {
			*next = blank + 1;
			return blank;
		}
		*next = at > from ? at : p;
		return *next;
	}
	*next = p < end ? p + 1 : p;
	return p;
}

size_t vc_caption_rows(const struct vc_caption *c, const struct vc_charwidth *w,
		       int64_t now, int cols, int rows,
		       char out[static VC_CAPTION_OUT])
{
	const char *p = c->text, *end = c->text + c->len;
	struct vc_str row[VC_CAPTION_ROWS] = { { 0 } };
	size_t len = 0;

	out[0] = '\0';
	if (!c->has_text || now - c->changed >= VC_CAPTION_HOLD || cols < 2)
		return 0;
	while (p < end) {
		const char *from = p;
		const char *stop = row_end(w, p, end, cols, &p);

		if (stop == from)
			continue;
		for (int i = 0; i + 1 < rows; i++)
			row[i] = row[i + 1];
		row[rows - 1] = vc_str_of(from, (size_t)(stop - from));
	}
	for (int i = 0; i < rows; i++) {
		if (!row[i].len)
			continue;
		if (len)
			out[len++] = '\n';
		vc_str_copy(out + len, VC_CAPTION_ROW, row[i]);
		len += strlen(out + len);
	}
	return len;
}

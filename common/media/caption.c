/* SPDX-License-Identifier: MIT */
/*
 * The text is kept as it was typed and broken anew for each width: from its
 * beginning, row by row, of which the last ones are taken. So a word that grows
 * at the end of a row moves to the next one and no other row changes.
 */
#include "media/caption.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#define BS '\b'

/* Wide (Unicode 15: East Asian width W and F), and what combines. */
static const struct {
	int32_t first, last;
	int width;
} widths[] = {
	{ 0x300, 0x36f, 0 },	 { 0x483, 0x489, 0 },
	{ 0x591, 0x5bd, 0 },	 { 0x610, 0x61a, 0 },
	{ 0x64b, 0x65f, 0 },	 { 0x6d6, 0x6dc, 0 },
	{ 0x900, 0x902, 0 },	 { 0x93c, 0x93c, 0 },
	{ 0x941, 0x948, 0 },	 { 0x94d, 0x94d, 0 },
	{ 0xe31, 0xe31, 0 },	 { 0xe34, 0xe3a, 0 },
	{ 0xe47, 0xe4e, 0 },	 { 0x1100, 0x115f, 2 },
	{ 0x1160, 0x11ff, 0 },	 { 0x1ab0, 0x1aff, 0 },
	{ 0x1dc0, 0x1dff, 0 },	 { 0x200b, 0x200f, 0 },
	{ 0x20d0, 0x20ff, 0 },	 { 0x231a, 0x231b, 2 },
	{ 0x23e9, 0x23ec, 2 },	 { 0x25fd, 0x25fe, 2 },
	{ 0x2614, 0x2615, 2 },	 { 0x2648, 0x2653, 2 },
	{ 0x26aa, 0x26ab, 2 },	 { 0x26bd, 0x26be, 2 },
	{ 0x2705, 0x2705, 2 },	 { 0x270a, 0x270b, 2 },
	{ 0x2728, 0x2728, 2 },	 { 0x274c, 0x274c, 2 },
	{ 0x2753, 0x2755, 2 },	 { 0x2795, 0x2797, 2 },
	{ 0x2b1b, 0x2b1c, 2 },	 { 0x2b50, 0x2b50, 2 },
	{ 0x2e80, 0x303e, 2 },	 { 0x3041, 0x4dbf, 2 },
	{ 0x4e00, 0xa4cf, 2 },	 { 0xa960, 0xa97f, 2 },
	{ 0xac00, 0xd7a3, 2 },	 { 0xf900, 0xfaff, 2 },
	{ 0xfe00, 0xfe0f, 0 },	 { 0xfe20, 0xfe2f, 0 },
	{ 0xfe30, 0xfe6f, 2 },	 { 0xff00, 0xff60, 2 },
	{ 0xffe0, 0xffe6, 2 },	 { 0x16fe0, 0x18dff, 2 },
	{ 0x1b000, 0x1b2ff, 2 }, { 0x1f1e6, 0x1f1ff, 1 },
	{ 0x1f300, 0x1f64f, 2 }, { 0x1f680, 0x1f6ff, 2 },
	{ 0x1f7e0, 0x1f7eb, 2 }, { 0x1f900, 0x1faff, 2 },
	{ 0x20000, 0x3fffd, 2 },
};

int vc_caption_width(int32_t c)
{
	for (size_t i = 0; i < VC_COUNT(widths) && widths[i].first <= c; i++) {
		if (c <= widths[i].last)
			return widths[i].width;
	}
	return 1;
}

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

static void take_back(struct vc_caption *c)
{
	while (c->len) {
		c->len--;
		if (((uint8_t)c->text[c->len] & 0xc0) != 0x80)
			return;
	}
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
			take_back(c);
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
static const char *row_end(const char *p, const char *end, int cols,
			   const char **next)
{
	const char *blank = NULL, *from = p;
	int width = 0;

	while (p < end && *p != '\n') {
		const char *at = p;

		width += vc_caption_width(vc_utf8_next(&p, end));
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

size_t vc_caption_rows(const struct vc_caption *c, int64_t now, int cols,
		       int rows, char out[static VC_CAPTION_OUT])
{
	const char *p = c->text, *end = c->text + c->len;
	struct vc_str row[VC_CAPTION_ROWS] = { { 0 } };
	size_t len = 0;

	out[0] = '\0';
	if (!c->has_text || now - c->changed >= VC_CAPTION_HOLD || cols < 2)
		return 0;
	while (p < end) {
		const char *from = p;
		const char *stop = row_end(p, end, cols, &p);

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

/* SPDX-License-Identifier: MIT */
/* The line is words divided by blanks, each a letter and what it says. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "wire/y4m.h"

#define SIDE_MAX 16384
#define RATE_MAX 1000000000

static const char magic[] = "YUV4MPEG2";
static const char frame[] = "FRAME";

static const struct {
	const char *word;
	enum vc_y4m_chroma chroma;
} chromas[] = {
	{ "420", VC_Y4M_420 },	    { "420jpeg", VC_Y4M_420 },
	{ "420mpeg2", VC_Y4M_420 }, { "420paldv", VC_Y4M_420 },
	{ "422", VC_Y4M_422 },	    { "444", VC_Y4M_444 },
	{ "mono", VC_Y4M_MONO },
};

/* The line at 'p', which begins with 'word'; without its end. */
static int find_line(const uint8_t *p, size_t len, const char *word,
		     struct vc_str *line)
{
	size_t n = strlen(word), seen = len < n ? len : n;
	const char *end;

	if (memcmp(p, word, seen))
		return -EBADMSG;
	end = memchr(p, '\n', len < VC_Y4M_LINE ? len : VC_Y4M_LINE);
	if (!end)
		return len < VC_Y4M_LINE ? -EAGAIN : -EBADMSG;
	*line = vc_str_of((const char *)p, (size_t)(end - (const char *)p));
	if (line->len > n && line->p[n] != ' ')
		return -EBADMSG;
	return 0;
}

static int parse_side(struct vc_str s, int *out)
{
	uint32_t v;

	if (!vc_str_u32(s, SIDE_MAX, &v) || !v)
		return -EBADMSG;
	*out = (int)v;
	return 0;
}

/* "30000:1001". Of a rate, 0:0 is "not known", and the default stays. */
static int parse_ratio(struct vc_str s, int *num, int *den)
{
	struct vc_str first = vc_str_cut(&s, ':');
	uint32_t a, b;

	if (!vc_str_u32(first, RATE_MAX, &a) || !vc_str_u32(s, RATE_MAX, &b))
		return -EBADMSG;
	if (!a || !b)
		return 0;
	*num = (int)a;
	*den = (int)b;
	return 0;
}

static int parse_chroma(struct vc_str s, enum vc_y4m_chroma *out)
{
	for (size_t i = 0; i < VC_COUNT(chromas); i++) {
		if (vc_str_is(s, chromas[i].word)) {
			*out = chromas[i].chroma;
			return 0;
		}
	}
	return -ENOTSUP;
}

static int parse_word(struct vc_y4m *y, struct vc_str word)
{
	struct vc_str rest;

	if (!word.len)
		return 0;
	rest = vc_str_of(word.p + 1, word.len - 1);
	switch (word.p[0]) {
	case 'W':
		return parse_side(rest, &y->width);
	case 'H':
		return parse_side(rest, &y->height);
	case 'F':
		return parse_ratio(rest, &y->fps_num, &y->fps_den);
	case 'A':
		return parse_ratio(rest, &y->par_num, &y->par_den);
	case 'C':
		return parse_chroma(rest, &y->chroma);
	}
	return 0;
}

int vc_y4m_parse(struct vc_y4m *y, const uint8_t *p, size_t len, size_t *used)
{
	struct vc_y4m v = { .fps_num = 25,
			    .fps_den = 1,
			    .par_num = 1,
			    .par_den = 1 };
	struct vc_str line;
	int err = len ? find_line(p, len, magic, &line) : -EAGAIN;

	if (err)
		return err;
	*used = line.len + 1;
	vc_str_cut(&line, ' ');
	while (line.len && !err)
		err = parse_word(&v, vc_str_cut(&line, ' '));
	if (err)
		return err;
	if (!v.width || !v.height)
		return -EBADMSG;
	*y = v;
	return 0;
}

int vc_y4m_parse_frame(const uint8_t *p, size_t len, size_t *used)
{
	struct vc_str line;
	int err = len ? find_line(p, len, frame, &line) : -EAGAIN;

	if (!err)
		*used = line.len + 1;
	return err;
}

int vc_y4m_chroma_width(const struct vc_y4m *y)
{
	if (y->chroma == VC_Y4M_MONO)
		return 0;
	return y->chroma == VC_Y4M_444 ? y->width : (y->width + 1) / 2;
}

int vc_y4m_chroma_height(const struct vc_y4m *y)
{
	if (y->chroma == VC_Y4M_MONO)
		return 0;
	return y->chroma == VC_Y4M_420 ? (y->height + 1) / 2 : y->height;
}

size_t vc_y4m_chroma_len(const struct vc_y4m *y)
{
	return (size_t)vc_y4m_chroma_width(y) * (size_t)vc_y4m_chroma_height(y);
}

size_t vc_y4m_len(const struct vc_y4m *y)
{
	return (size_t)y->width * (size_t)y->height + 2 * vc_y4m_chroma_len(y);
}

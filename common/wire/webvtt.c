/* SPDX-License-Identifier: MIT */
/*
 * Of a cue's markup only what stands between a '<' and the next '>' is a tag,
 * and only references that are written here, or that players make of spaces
 * and marks of direction, are known: all else is text.
 */
#include "wire/webvtt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"

#define JOINER "\xe2\x81\xa0" /* U+2060 */

static const struct {
	const char *name;
	const char *as;
} references[] = {
	{ "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" },
	{ "&lrm;", "" },  { "&rlm;", "" }, { "&nbsp;", " " },
};

static void put(struct vc_wr *w, const char *s)
{
	vc_wr_bytes(w, (const uint8_t *)s, strlen(s));
}

/* --- out --- */

void vc_webvtt_time(struct vc_wr *w, int64_t t)
{
	int64_t ms = t / VC_MS;
	char text[40];

	snprintf(text, sizeof(text),
		 "%02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%03" PRId64,
		 ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
	put(w, text);
}

void vc_webvtt_text(struct vc_wr *w, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] == '&')
			put(w, "&amp;");
		else if (p[i] == '<')
			put(w, "&lt;");
		else if (p[i] == '>')
			put(w, "&gt;");
		else
			vc_wr_u8(w, (uint8_t)p[i]);
	}
}

void vc_webvtt_voice(struct vc_wr *w, const char *name, const char *p,
		     size_t len)
{
	if (*name) {
		put(w, "<v ");
		vc_webvtt_text(w, name, strlen(name));
		put(w, ">");
	}
	vc_webvtt_text(w, p, len);
}

void vc_webvtt_cue(struct vc_wr *w, int64_t start, int64_t end,
		   const char *name, const char *p, size_t len)
{
	vc_webvtt_time(w, start);
	put(w, " --> ");
	vc_webvtt_time(w, end);
	put(w, "\n");
	vc_webvtt_voice(w, name, p, len);
	put(w, "\n\n");
}

void vc_subrip_text(struct vc_wr *w, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		vc_wr_u8(w, (uint8_t)p[i]);
		if (p[i] == '<' || p[i] == '{')
			put(w, JOINER);
	}
}

/* --- back --- */

/* Ends of lines, of which one is kept when text follows. */
struct plain {
	struct vc_wr *w;
	bool has_text;
	bool has_end;
};

static void put_plain(struct plain *o, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] == '\n' || p[i] == '\r') {
			o->has_end = o->has_text;
			continue;
		}
		if (o->has_end)
			vc_wr_u8(o->w, '\n');
		o->has_end = false;
		o->has_text = true;
		vc_wr_u8(o->w, (uint8_t)p[i]);
	}
}

/* Octets of a reference at 'p', which is put; 0: it is none. */
static size_t put_reference(struct plain *o, const char *p, size_t len)
{
	for (size_t i = 0; i < VC_COUNT(references); i++) {
		size_t n = strlen(references[i].name);

		if (len < n || memcmp(p, references[i].name, n))
			continue;
		put_plain(o, references[i].as, strlen(references[i].as));
		return n;
	}
	return 0;
}

/* Octets of a tag at 'p', up to its end or to that of the text. */
static size_t tag_len(const char *p, size_t len)
{
	const char *end = memchr(p, '>', len);

	return end ? (size_t)(end - p) + 1 : len;
}

void vc_webvtt_plain(struct vc_wr *w, const char *p, size_t len)
{
	struct plain o = { .w = w };
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = 0;
		if (p[i] == '&')
			n = put_reference(&o, p + i, len - i);
		else if (p[i] == '<')
			n = tag_len(p + i, len - i);
		if (n)
			continue;
		n = 1;
		put_plain(&o, p + i, 1);
	}
}

/* A tag of SubRip has a letter or a slash behind its '<', and an end. */
static bool is_tag(const char *p, size_t len)
{
	char c = len > 1 ? (char)(p[1] | 0x20) : 0;

	return len > 1 && *p == '<' && (p[1] == '/' || (c >= 'a' && c <= 'z'));
}

void vc_subrip_plain(struct vc_wr *w, const char *p, size_t len)
{
	size_t n, joiner = strlen(JOINER);
	/* Looked for once: behind it no tag ends. */
	const char *last = memrchr(p, '>', len);
	size_t tags = last ? (size_t)(last - p) + 1 : 0;
	struct plain o = { .w = w };

	for (size_t i = 0; i < len; i += n) {
		n = 1;
		if (i < tags && is_tag(p + i, tags - i)) {
			n = tag_len(p + i, len - i);
			continue;
		}
		put_plain(&o, p + i, 1);
		if ((p[i] == '<' || p[i] == '{') && len - i > joiner &&
		    !memcmp(p + i + 1, JOINER, joiner))
			n += joiner;
	}
}

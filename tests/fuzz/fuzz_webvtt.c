/* SPDX-License-Identifier: MIT */
/*
 * Subtitles: what strangers spell, made plain; plain text, spelled and read
 * back; and what is typed, as cues that a file of WebVTT may have. The first
 * octet says how much is typed at a time.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "media/cueline.h"
#include "session/t140.h"
#include "wire/webvtt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef void spell(struct vc_wr *w, const char *p, size_t len);

struct way {
	spell *out, *back;
};

static const struct way ways[] = {
	{ vc_webvtt_text, vc_webvtt_plain },
	{ vc_subrip_text, vc_subrip_plain },
};

/* Plain text comes back; what is plain already stays. */
static void there_and_back(const struct way *way, const char *text, size_t len)
{
	size_t cap = VC_WEBVTT_GROWTH * len + 1;
	char *spelled = malloc(cap), *again = malloc(cap);
	struct vc_wr w = vc_wr_over(spelled, cap), b;

	way->out(&w, text, len);
	assert(!w.bad);
	b = vc_wr_over(again, cap);
	way->back(&b, spelled, vc_wr_len(&w));
	assert(!b.bad && vc_wr_len(&b) == len);
	assert(!len || !memcmp(again, text, len));
	free(spelled);
	free(again);
}

static void read_plain(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < 2; i++) {
		char *text = malloc(size + 1);
		struct vc_wr w = vc_wr_over(text, size);

		ways[i].back(&w, (const char *)data, size);
		assert(!w.bad);
		free(text);
	}
}

struct cues {
	int64_t open; /* -1: none */
	int64_t last;
};

static int put(void *ctx, const struct vc_cue *c)
{
	char room[VC_WEBVTT_GROWTH * (VC_CUE_OCTETS + 8) + 96];
	struct vc_wr w = vc_wr_over(room, sizeof(room));
	struct cues *s = ctx;

	assert(s->open >= 0 ? c->start == s->open : c->start > s->last);
	assert(c->end >= c->start + VC_CUE_SHOWN);
	assert(vc_utf8_valid(c->text, c->len));
	s->last = c->start;
	s->open = c->is_over ? -1 : c->start;
	vc_webvtt_cue(&w, c->start, c->end, "a>\n", c->text, c->len);
	assert(!w.bad);
	w = vc_wr_over(room, VC_CUE_OCTETS);
	vc_webvtt_text(&w, c->text, c->len);
	assert(!w.bad && !memchr(room, '<', vc_wr_len(&w)) &&
	       !memchr(room, '>', vc_wr_len(&w)));
	for (size_t i = 0; i < vc_wr_len(&w); i++)
		assert((uint8_t)room[i] >= ' ');
	w = vc_wr_over(room, VC_CUE_OCTETS);
	vc_subrip_text(&w, c->text, c->len);
	assert(!w.bad);
	for (size_t i = 0; i < 2; i++)
		there_and_back(&ways[i], c->text, c->len);
	return 0;
}

static void type_all(const uint8_t *data, size_t size)
{
	size_t step = size ? data[0] + 1u : 1, cap = VC_T140_GROWTH * 260;
	struct vc_t140_filter filter = { .line = '\n' };
	struct cues seen = { .open = -1, .last = -1 };
	struct vc_cueline c = { .put = put, .ctx = &seen };
	char *text = malloc(cap);
	int64_t at = 0;

	for (size_t i = 1; i < size; i += step) {
		size_t n = size - i < step ? size - i : step;
		struct vc_wr w = vc_wr_over(text, cap);

		vc_t140_filter(&filter, data + i, n, &w);
		/* From nothing to 16 s. */
		at += (int64_t)(data[i] & 15) * (data[i] & 15) * 71000000;
		assert(!vc_cueline_type(&c, at, text, vc_wr_len(&w)));
	}
	assert(!vc_cueline_end(&c) && seen.open < 0);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_plain(data, size);
	type_all(data, size);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Text and RED with text to readers: records of a flag (RED), how much later
 * than the one before, a length, a payload. What comes out is UTF-8 without
 * other controls, and the same wherever it is cut. What is shown and written
 * of that has none at all.
 */
#include <assert.h>
#include <string.h>

#include "base/str.h"
#include "media/caption.h"
#include "media/charwidth.h"
#include "media/transcript.h"
#include "session/t140.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *p, size_t len)
{
	assert(vc_utf8_valid(p, len));
	for (size_t i = 0; i < len; i++)
		assert((uint8_t)p[i] >= 0x20 || p[i] == '\n' || p[i] == '\a' ||
		       p[i] == '\b');
}

/* Nothing that a terminal would take for more than text. */
static void check_shown(const char *p, size_t len)
{
	assert(vc_utf8_valid(p, len));
	for (size_t i = 0; i < len; i++)
		assert((uint8_t)p[i] >= 0x20 || p[i] == '\n');
}

struct shown {
	struct vc_caption caption;
	struct vc_transcript *lines[2];
	int64_t at;
};

static void take(struct vc_transcript *t, int64_t at)
{
	const char *p;
	size_t len;

	while ((p = vc_transcript_take(t, at, &len)))
		check_shown(p, len);
}

static void show(struct shown *s, const char *text, size_t len)
{
	struct vc_charwidth *w = vc_charwidth_new();
	int cols = (int)(len % 60) + 2;
	char rows[VC_CAPTION_OUT];
	size_t n;

	s->at += INT64_C(1000000000);
	vc_caption_add(&s->caption, text, len, s->at);
	n = vc_caption_rows(&s->caption, w, s->at, cols, VC_CAPTION_ROWS, rows);
	vc_charwidth_free(w);
	assert(n < sizeof(rows));
	check_shown(rows, n);
	for (int i = 0; i < 2; i++) {
		(void)vc_transcript_add(s->lines[i], (uint64_t)(cols & 1), text,
					s->at, text, len);
		take(s->lines[i], s->at);
	}
}

static void filter(const uint8_t *data, size_t size)
{
	static char whole[20000], cut[20000];
	struct vc_wr w = vc_wr_over(whole, sizeof(whole));
	struct vc_wr c = vc_wr_over(cut, sizeof(cut));
	struct vc_t140_filter a = { .line = '\n' }, b = a;

	if (size > sizeof(whole) / VC_T140_GROWTH - 4)
		return;
	vc_t140_filter(&a, data, size, &w);
	vc_t140_finish(&a, &w);
	for (size_t i = 0; i < size; i++)
		vc_t140_filter(&b, data + i, 1, &c);
	vc_t140_finish(&b, &c);
	assert(!w.bad && !c.bad && vc_wr_len(&w) == vc_wr_len(&c));
	assert(!memcmp(whole, cut, vc_wr_len(&w)));
	check(whole, vc_wr_len(&w));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_rd r = vc_rd_over(data, size);
	char out[VC_T140_GROWTH * (255 + 8) + 1];
	struct vc_t140rx rx;
	uint16_t seq = 65530;
	struct shown s = { .lines = { vc_transcript_new(false),
				      vc_transcript_new(true) } };

	filter(data, size);
	vc_t140rx_init(&rx);
	while (vc_rd_left(&r) >= 3) {
		bool is_red = vc_rd_u8(&r) & 1;
		size_t len;
		const uint8_t *p;
		struct vc_wr w = vc_wr_over(out, sizeof(out) - 1);

		seq = (uint16_t)(seq + (int8_t)vc_rd_u8(&r));
		len = vc_rd_u8(&r);
		if (len > vc_rd_left(&r))
			len = vc_rd_left(&r);
		p = vc_rd_bytes(&r, len);
		if (is_red)
			(void)vc_t140rx_put_red(&rx, seq, p, len, 117, &w);
		else
			(void)vc_t140rx_put(&rx, seq, p, len, &w);
		assert(!w.bad);
		check(out, vc_wr_len(&w));
		*w.p = 0;
		show(&s, out, vc_wr_len(&w));
	}
	for (int i = 0; i < 2; i++) {
		vc_transcript_end(s.lines[i]);
		take(s.lines[i], s.at);
		vc_transcript_free(s.lines[i]);
	}
	return 0;
}

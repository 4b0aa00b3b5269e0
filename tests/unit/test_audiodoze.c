/* SPDX-License-Identifier: MIT */
/* A chain that is not heard for a while, beside one that always is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>
#include <stdlib.h>

#include "engine/audiorx.h"
#include "rxfeed.h"

#define SECOND 50 /* frames */

struct chain {
	struct feed feed;
	struct vc_audiorx *a;
};

static void put(void *ctx, struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	struct chain *s = ctx;

	vc_audiorx_put(s->a, pkt, rtp);
}

static void open_chain(struct chain *s)
{
	int err;

	*s = (struct chain){ 0 };
	feed_open(&s->feed, VC_CODEC_OPUS, "audio", 60 * VC_MS);
	s->feed.put = put;
	s->feed.ctx = s;
	s->a = vc_audiorx_new(VC_CODEC_OPUS, 48000, &s->feed.play, &err);
	assert_non_null(s->a);
}

static void close_chain(struct chain *s)
{
	vc_audiorx_free(s->a);
	assert_int_equal(vc_pool_used(s->feed.pool), 0);
	feed_close(&s->feed);
}

/* Who was not heard is, after a few packets, as if he always had been. */
static void a_doze_leaves_no_trace(void **state)
{
	struct chain s[2];
	int16_t pcm[2][960];
	int worst = 0, heard = 0;

	(void)state;
	for (int k = 0; k < 2; k++)
		open_chain(&s[k]);
	for (int i = 0; i < 4 * SECOND; i++) {
		/* From the second half of the first second to three. */
		bool is_dozing = i >= SECOND / 2 && i < 3 * SECOND;
		int64_t t = T0 + i * FRAME;

		for (int k = 0; k < 2; k++)
			feed_audio(&s[k].feed, t, t + FRAME,
				   i % 40 == 7 && is_dozing);
		vc_audiorx_pull(s[0].a, t, pcm[0], 960);
		if (is_dozing) {
			vc_audiorx_doze(s[1].a, t + FRAME);
			assert_false(vc_audiorx_held(s[1].a));
			continue;
		}
		heard += vc_audiorx_pull(s[1].a, t, pcm[1], 960);
		for (int n = 0; n < 960 && i > 3 * SECOND; n++)
			if (abs(pcm[0][n] - pcm[1][n]) > worst)
				worst = abs(pcm[0][n] - pcm[1][n]);
	}
	assert_in_range(heard, 3 * SECOND / 2 - 5, 3 * SECOND / 2);
	/* -48 dB from the wave's peak. */
	assert_in_range(worst, 0, 40);
	/* All but those that were held when it began and ended. */
	assert_in_range(vc_audiorx_counts(s[1].a)->unheard, 120, 126);
	assert_in_range(vc_audiorx_counts(s[1].a)->frames, 60, 80);
	for (int k = 0; k < 2; k++)
		close_chain(&s[k]);
}

static size_t in_use(void)
{
	return mallinfo2().uordblks;
}

/*
 * What decodes is opened for who is heard: a room of a thousand has few. Of a
 * sanitizer's memory nothing is told.
 */
static void who_is_never_heard_takes_no_decoder(void **state)
{
	bool is_told = in_use() > 0;
	size_t before, now;
	struct chain s;
	int16_t pcm[960];
	int err;

	(void)state;
	open_chain(&s);
	vc_audiorx_free(s.a);
	before = in_use();
	s.a = vc_audiorx_new(VC_CODEC_OPUS, 48000, &s.feed.play, &err);
	assert_non_null(s.a);
	assert_in_range(in_use() - before, 0, 8192);
	for (int i = 0; i < SECOND; i++) {
		feed_audio(&s.feed, T0 + i * FRAME, T0 + (i + 1) * FRAME,
			   false);
		vc_audiorx_doze(s.a, T0 + (i + 1) * FRAME);
	}
	before = in_use();
	assert_true(vc_audiorx_pull(s.a, T0 + SECOND * FRAME, pcm, 960));
	now = in_use();
	assert_true(!is_told || now > before + 65536);
	close_chain(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_doze_leaves_no_trace),
		cmocka_unit_test(who_is_never_heard_takes_no_decoder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

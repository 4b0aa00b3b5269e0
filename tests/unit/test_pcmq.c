/* SPDX-License-Identifier: MIT */
/* A queue of samples whose ends make no step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/pcmq.h"

#define FADE VC_PCMQ_FADE

static void open_queue(struct vc_pcmq *q, unsigned int channels)
{
	vc_pcmq_init(q, channels);
	assert_int_equal(vc_pcmq_open(q), 0);
}

/* 'n' samples that go up from 'from', the second channel below zero. */
static void put(struct vc_pcmq *q, int from, size_t n)
{
	int16_t *end = vc_pcmq_end(q);

	for (size_t i = 0; i < n * q->channels; i++) {
		int v = from + (int)(i / q->channels);

		end[i] = (int16_t)(i % q->channels ? -v : v);
	}
	vc_pcmq_add(q, n, 0);
}

/* However small the pieces are in which it is read. */
static void an_end_is_played_backwards(void **state)
{
	static const size_t sizes[] = { 1, 7, FADE - 1, FADE, FADE + 1, 960 };
	int16_t pcm[2 * 960];
	struct vc_pcmq q;

	(void)state;
	for (size_t s = 0; s < 2 * VC_COUNT(sizes); s++) {
		size_t size = sizes[s / 2], ch = 1 + s % 2;

		q = (struct vc_pcmq){ .pcm = NULL };
		open_queue(&q, (unsigned int)ch);
		put(&q, 10000, 400);
		for (size_t done = 0; done < 400;)
			done += vc_pcmq_take(&q, pcm, size);
		for (size_t i = 0; i < 2 * FADE; i += size) {
			assert_true(vc_pcmq_silence(&q, pcm, size) ==
				    (i < FADE));
			for (size_t k = 0; k < size * ch; k++) {
				int at = (int)(i + k / ch);
				int v = (10399 - at) * (FADE - at) / FADE;

				if (at >= FADE)
					v = 0;
				assert_int_equal(pcm[k], k % ch ? -v : v);
			}
		}
		vc_pcmq_clear(&q);
	}
}

/* Also where one sound follows upon another. */
static void a_break_is_a_cross_fade(void **state)
{
	int16_t pcm[960];
	struct vc_pcmq q = { .pcm = NULL };
	int last;

	(void)state;
	open_queue(&q, 1);
	put(&q, 20000, 480);
	assert_int_equal(vc_pcmq_take(&q, pcm, 960), 480);
	last = pcm[479];
	q.is_fading_in = true;
	put(&q, -20000, 480);
	assert_int_equal(vc_pcmq_take(&q, pcm, 960), 480);
	for (int i = 0; i < 480; i++) {
		assert_in_range(abs(pcm[i] - last), 0, 40000 / FADE + 10);
		last = pcm[i];
	}
	assert_int_equal(pcm[FADE], -20000 + FADE);
	vc_pcmq_clear(&q);
}

static void nothing_falls_from_nothing(void **state)
{
	int16_t pcm[960];
	struct vc_pcmq q = { .pcm = NULL };

	(void)state;
	open_queue(&q, 1);
	assert_false(vc_pcmq_silence(&q, pcm, 960));
	assert_int_equal(vc_pcmq_take(&q, pcm, 960), 0);
	assert_false(vc_pcmq_silence(&q, pcm, 960));
	for (int i = 0; i < 960; i++)
		assert_int_equal(pcm[i], 0);
	vc_pcmq_clear(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_is_played_backwards),
		cmocka_unit_test(a_break_is_a_cross_fade),
		cmocka_unit_test(nothing_falls_from_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Pictures of one colour, whose number can be told by their lower half; the
 * upper part is noise, so that a frame takes several packets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/videorx.h"
#include "rxfeed.h"

#define LATENCY (60 * VC_MS)
#define W 320
#define H 240

static int64_t at(int frame)
{
	return T0 + frame * VC_SEC / 30;
}

struct sim {
	struct feed feed;
	struct vc_videorx *v;
	/* packets that come late: kept here */
	struct vc_packet *held[64];
	size_t n_held;
	bool holds;
};

static void put(void *ctx, struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	struct sim *s = ctx;

	if (s->holds)
		s->held[s->n_held++] = vc_packet_ref(pkt);
	else
		vc_videorx_put(s->v, pkt, rtp);
}

static void release(struct sim *s)
{
	for (size_t i = 0; i < s->n_held; i++) {
		struct vc_rtp rtp;

		assert_int_equal(vc_rtp_parse(&rtp, s->held[i]->data,
					      s->held[i]->len),
				 0);
		vc_videorx_put(s->v, s->held[i], &rtp);
		vc_packet_unref(s->held[i]);
	}
	s->n_held = 0;
	s->holds = false;
}

static void open_sim(struct sim *s)
{
	int err;

	*s = (struct sim){ 0 };
	feed_open(&s->feed, VC_CODEC_VP8, "video", LATENCY);
	s->feed.put = put;
	s->feed.ctx = s;
	s->v = vc_videorx_new(VC_CODEC_VP8, &s->feed.play, 1920, 1920, &err);
	assert_non_null(s->v);
}

static void close_sim(struct sim *s)
{
	vc_videorx_free(s->v);
	assert_int_equal(vc_pool_used(s->feed.pool), 0);
	feed_close(&s->feed);
}

static uint8_t luma_of(int frame)
{
	return (uint8_t)(40 + frame * 8 % 160);
}

static void feed(struct sim *s, int frame, bool key, uint64_t drop)
{
	feed_video(&s->feed, W, H, luma_of(frame), key, at(frame), at(frame),
		   drop);
}

/* Is 'frame' what is seen? */
static bool shows(const struct sim *s, int frame)
{
	uint64_t generation;
	const struct vc_image *im = vc_videorx_image(s->v, &generation);

	return im && abs(im->y[(im->height - 8) * im->stride_y + 8] -
			 luma_of(frame)) < 4;
}

static void pictures_are_seen_when_due(void **state)
{
	static const struct {
		uint16_t seq;
		uint32_t ts;
		uint16_t id;
	} rows[] = { { 1, 0, 0 },
		     { 65530, 0, 32766 },
		     { 0, UINT32_MAX - 9000, 126 } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct sim s;

		open_sim(&s);
		s.feed.tx.sender.seq = rows[i].seq;
		s.feed.tx.sender.ts_offset = rows[i].ts;
		s.feed.tx.pack.picture_id = rows[i].id;
		for (int k = 0; k < 20; k++) {
			assert_true(vc_videorx_due(s.v) == VC_TIME_NONE);
			feed(&s, k, false, 0);
			assert_in_range(at(k) + LATENCY - vc_videorx_due(s.v),
					0, VC_SEC / 90000);
			assert_false(
				vc_videorx_pull(s.v, at(k) + LATENCY - VC_MS));
			assert_true(vc_videorx_pull(s.v, at(k) + LATENCY));
			assert_true(shows(&s, k));
			/* To a tick of its clock. */
			assert_in_range(at(k) - vc_videorx_time(s.v), 0,
					VC_SEC / 90000);
		}
		assert_int_equal(vc_videorx_counts(s.v)->frames, 20);
		assert_int_equal(vc_videorx_counts(s.v)->key_frames, 1);
		assert_false(vc_videorx_held(s.v));
		assert_false(vc_videorx_wants_key(s.v));
		close_sim(&s);
	}
}

static void many_at_once_give_the_newest(void **state)
{
	struct sim s;

	(void)state;
	open_sim(&s);
	for (int k = 0; k < 10; k++)
		feed(&s, k, false, 0);
	assert_true(vc_videorx_take(s.v, at(9) + LATENCY));
	assert_true(vc_videorx_held(s.v));
	assert_true(vc_videorx_decode(s.v));
	assert_false(vc_videorx_decode(s.v));
	assert_true(shows(&s, 9));
	close_sim(&s);
}

struct seen {
	unsigned int n;
	int64_t first, last;
};

static void see(void *ctx, const struct vc_image *img, int64_t time)
{
	struct seen *seen = ctx;

	assert_int_equal(img->width, W);
	if (!seen->n)
		seen->first = time;
	else
		assert_true(time > seen->last);
	seen->last = time;
	seen->n++;
}

static void a_watcher_sees_each_with_its_own_time(void **state)
{
	struct seen seen = { 0 };
	struct sim s;

	(void)state;
	open_sim(&s);
	vc_videorx_watch(s.v, see, &seen);
	for (int k = 0; k < 10; k++)
		feed(&s, k, false, 0);
	assert_true(vc_videorx_pull(s.v, at(9) + LATENCY));
	assert_int_equal(seen.n, 10);
	assert_in_range(at(0) - seen.first, 0, VC_SEC / 90000);
	assert_in_range(at(9) - seen.last, 0, VC_SEC / 90000);
	close_sim(&s);
}

/* Which packet of frame 3 is lost, of how many frames is seen. */
static void loss_freezes_until_a_key_frame(void **state)
{
	static const uint64_t lost[] = { 1, 2, ~UINT64_C(0) };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(lost); i++) {
		const struct vc_videorx_counts *c;
		struct sim s;

		open_sim(&s);
		for (int k = 0; k < 20; k++) {
			feed(&s, k, k == 15, k == 3 ? lost[i] : 0);
			vc_videorx_pull(s.v, at(k) + LATENCY);
			if (k >= 3 && k < 15)
				assert_true(shows(&s, 2));
			else
				assert_true(shows(&s, k));
			if (k >= 8 && k < 15)
				assert_true(vc_videorx_wants_key(s.v));
		}
		c = vc_videorx_counts(s.v);
		assert_false(vc_videorx_wants_key(s.v));
		assert_int_equal(c->broken, 1);
		assert_int_equal(c->frames, 3 + 5);
		assert_in_range(c->waiting, 10, 11);
		close_sim(&s);
	}
}

/* It was asked for again and came 80 ms after its time: nothing is lost. */
static void what_comes_late_is_waited_for(void **state)
{
	struct sim s;

	(void)state;
	open_sim(&s);
	for (int k = 0; k < 12; k++) {
		s.holds = k == 5;
		feed(&s, k, false, 0);
		s.holds = false;
		/* It is not here as a whole, and others are not before it. */
		if (k == 5 || k == 6)
			assert_true(vc_videorx_due(s.v) == VC_TIME_NONE);
		if (k == 7)
			release(&s);
		vc_videorx_pull(s.v, at(k) + LATENCY);
		assert_true(shows(&s, k == 5 || k == 6 ? 4 : k));
	}
	assert_int_equal(vc_videorx_counts(s.v)->frames, 12);
	assert_int_equal(vc_videorx_counts(s.v)->broken, 0);
	close_sim(&s);
}

static void an_end_is_not_waited_at(void **state)
{
	struct sim s;

	(void)state;
	open_sim(&s);
	feed(&s, 0, false, 0);
	feed(&s, 1, false, 2);
	vc_videorx_end(s.v);
	vc_videorx_pull(s.v, at(1) + LATENCY);
	assert_false(vc_videorx_held(s.v));
	assert_false(vc_videorx_wants_key(s.v));
	assert_true(shows(&s, 0));
	close_sim(&s);
}

/* hostile.md P2 */
static void sizes_may_change(void **state)
{
	static const struct {
		int w, h;
	} rows[] = { { 320, 240 }, { 640, 360 }, { 176, 144 }, { 321, 241 } };
	uint64_t generation;
	struct sim s;

	(void)state;
	open_sim(&s);
	for (int k = 0; k < (int)VC_COUNT(rows) * 3; k++) {
		const struct vc_image *im;

		feed_video(&s.feed, rows[k / 3].w, rows[k / 3].h, luma_of(k),
			   false, at(k), at(k), 0);
		assert_true(vc_videorx_pull(s.v, at(k) + LATENCY));
		im = vc_videorx_image(s.v, &generation);
		assert_int_equal(im->width, rows[k / 3].w);
		assert_int_equal(im->height, rows[k / 3].h);
		assert_true(shows(&s, k));
		assert_int_equal(generation, k + 1);
	}
	close_sim(&s);
}

/* A packet made by hand. */
static void feed_octets(struct sim *s, int frame, const uint8_t *p, size_t len)
{
	s->feed.arrival = at(frame);
	s->feed.drop = 0;
	s->feed.packets = 0;
	vc_tx_video(&s->feed.tx, at(frame), at(frame), p, len, !(p[0] & 1));
}

/* hostile.md P1, P2 */
static void nonsense_is_counted(void **state)
{
	/* A key frame's header, of 16383 x 16383; a version that is none. */
	static const struct {
		uint8_t p[64];
		size_t len;
		bool is_refused;
	} rows[] = {
		{ { 0x10, 2, 0, 0x9d, 1, 0x2a, 0xff, 0x3f, 0xff, 0x3f, 0 },
		  64,
		  true },
		{ { 0x10, 2, 0, 0x9d, 1, 0x2a, 0x81, 7, 0x80, 7, 0 }, 64, true },
		{ { 0x1e, 2, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xf0, 0, 0 },
		  64,
		  false },
		{ { 0x10, 2, 0, 1, 2, 3, 0x40, 1, 0xf0, 0, 0 }, 64, false },
		{ { 0x10, 2, 0, 0x9d, 1, 0x2a, 0, 0, 0, 0, 0 }, 64, false },
		{ { 0x10 }, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_videorx_counts *c;
		struct sim s;

		open_sim(&s);
		feed(&s, 0, false, 0);
		feed_octets(&s, 1, rows[i].p, rows[i].len);
		feed(&s, 2, false, 0);
		feed(&s, 3, true, 0);
		for (int k = 0; k < 3; k++) {
			vc_videorx_pull(s.v, at(k) + LATENCY);
			assert_true(shows(&s, 0));
		}
		assert_true(vc_videorx_wants_key(s.v));
		vc_videorx_pull(s.v, at(3) + LATENCY);
		assert_true(shows(&s, 3));
		c = vc_videorx_counts(s.v);
		assert_int_equal(c->refused, rows[i].is_refused);
		assert_int_equal(c->malformed, !rows[i].is_refused);
		close_sim(&s);
	}
}

/* A sound header and then noise: the decoder's word, or no picture of worth. */
static void a_spoiled_key_frame_is_survived(void **state)
{
	uint8_t p[600] = { 0x10, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1 };
	struct sim s;

	(void)state;
	open_sim(&s);
	for (size_t i = 10; i < sizeof(p); i++)
		p[i] = (uint8_t)(i * 2654435761u >> 24);
	feed(&s, 0, false, 0);
	feed_octets(&s, 1, p, sizeof(p));
	feed_octets(&s, 2, p, 12);
	feed(&s, 3, true, 0);
	for (int k = 0; k < 4; k++)
		vc_videorx_pull(s.v, at(k) + LATENCY);
	assert_true(shows(&s, 3));
	assert_true(vc_videorx_counts(s.v)->malformed >= 1);
	close_sim(&s);
}

/* A key frame of noise. */
static void feed_noise(struct sim *s, int frame)
{
	uint8_t p[600] = { 0x10, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1 };

	for (size_t i = 10; i < sizeof(p); i++)
		p[i] = (uint8_t)((i + (size_t)frame) * 2654435761u >> 24);
	feed_octets(s, frame, p, sizeof(p));
	vc_videorx_pull(s->v, at(frame) + LATENCY);
}

/* The decoder's own: shown while it is sound, and no longer; copies after
 * that. */
static void a_borrowed_picture_is_sound_or_none(void **state)
{
	const struct vc_image *im;
	uint64_t generation, failed = 0;
	struct sim s;
	int k = 0;

	(void)state;
	open_sim(&s);
	vc_videorx_borrow(s.v);
	assert_null(vc_videorx_image(s.v, &generation));
	for (; k < 10; k++) {
		feed(&s, k, false, 0);
		vc_videorx_pull(s.v, at(k) + LATENCY);
		assert_true(shows(&s, k));
	}
	/* One that is missing spoils nothing: no decoder sees it. */
	feed(&s, 10, false, UINT64_MAX);
	feed(&s, 11, true, 0);
	vc_videorx_pull(s.v, at(11) + LATENCY);
	assert_true(shows(&s, 9));
	vc_videorx_pull(s.v, at(19) + LATENCY);
	assert_true(shows(&s, 11));
	for (k = 20; k < 60 && !failed; k++) {
		feed_noise(&s, k);
		failed = vc_videorx_counts(s.v)->malformed;
		im = vc_videorx_image(s.v, &generation);
		assert_true(failed ? !im : im != NULL);
	}
	assert_int_equal(failed, 1);
	feed_video(&s.feed, 176, 144, luma_of(k), true, at(k), at(k), 0);
	vc_videorx_pull(s.v, at(k) + LATENCY);
	assert_true(shows(&s, k));
	for (k++; k < 100 && failed == 1; k++) {
		feed_noise(&s, k);
		failed = vc_videorx_counts(s.v)->malformed;
		assert_non_null(vc_videorx_image(s.v, &generation));
	}
	assert_int_equal(failed, 2);
	close_sim(&s);
}

/* What is good and then spoiled in one pull is no new picture. */
static void a_picture_that_is_spoiled_at_once_is_none(void **state)
{
	uint64_t generation, was = 0;
	struct sim s;
	int k;

	(void)state;
	for (k = 1; k < 60; k++) {
		open_sim(&s);
		vc_videorx_borrow(s.v);
		feed(&s, 0, true, 0);
		assert_true(vc_videorx_pull(s.v, at(0) + LATENCY));
		vc_videorx_image(s.v, &was);
		feed(&s, 1, true, 0);
		feed_noise(&s, k + 1);
		if (vc_videorx_counts(s.v)->malformed)
			break;
		close_sim(&s);
	}
	assert_true(k < 60);
	assert_int_equal(vc_videorx_counts(s.v)->frames, 2);
	assert_null(vc_videorx_image(s.v, &generation));
	assert_int_equal(generation, was);
	close_sim(&s);
}

static void other_codecs_are_refused(void **state)
{
	struct vc_playout_source play = { 0 };
	int err = 0;

	(void)state;
	assert_null(vc_videorx_new(VC_CODEC_OPUS, &play, 640, 480, &err));
	assert_int_equal(err, -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_are_seen_when_due),
		cmocka_unit_test(many_at_once_give_the_newest),
		cmocka_unit_test(a_watcher_sees_each_with_its_own_time),
		cmocka_unit_test(loss_freezes_until_a_key_frame),
		cmocka_unit_test(what_comes_late_is_waited_for),
		cmocka_unit_test(an_end_is_not_waited_at),
		cmocka_unit_test(sizes_may_change),
		cmocka_unit_test(nonsense_is_counted),
		cmocka_unit_test(a_spoiled_key_frame_is_survived),
		cmocka_unit_test(a_borrowed_picture_is_sound_or_none),
		cmocka_unit_test(a_picture_that_is_spoiled_at_once_is_none),
		cmocka_unit_test(other_codecs_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

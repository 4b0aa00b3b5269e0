/* SPDX-License-Identifier: MIT */
/*
 * A sender with a clock of its own, a way with delay, and the chain, which is
 * pulled every 20 ms. What is played is judged by how much of it is sound, and
 * by how long a packet is held.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "codec/g711.h"
#include "engine/audiorx.h"
#include "media/level.h"
#include "rxfeed.h"

#define LATENCY (60 * VC_MS)
#define SECOND 50 /* frames */

/* How the packets come. */
struct way {
	const char *what;
	int frames;
	int ppm;		/* the sender's clock is fast by so much */
	int jitter_ms;		/* evenly spread */
	int lose;		/* every so-manieth, 0: none */
	int step_at, step_ms;	/* from that frame on the way is longer */
	int pause_at, pause_ms; /* nothing is sent, its time goes on */
};

struct sim {
	struct feed feed;
	struct vc_audiorx *a;
	struct vc_rand rand;
	int64_t now; /* of the next pull */
	int silent_ticks;
	int last_silent; /* tick */
	int tick;
	int64_t most_held; /* packets not decoded, after the start */
	int64_t put;
};

static void put(void *ctx, struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	struct sim *s = ctx;

	s->put++;
	vc_audiorx_put(s->a, pkt, rtp);
}

static void open_sim(struct sim *s)
{
	int err;

	*s = (struct sim){ .now = T0 + FRAME, .last_silent = -1 };
	feed_open(&s->feed, VC_CODEC_OPUS, "audio", LATENCY);
	s->feed.put = put;
	s->feed.ctx = s;
	vc_rand_init(&s->rand, 1, "test", "jitter");
	s->a = vc_audiorx_new(VC_CODEC_OPUS, 48000, &s->feed.play, &err);
	assert_non_null(s->a);
}

static void close_sim(struct sim *s)
{
	vc_audiorx_free(s->a);
	assert_int_equal(vc_pool_used(s->feed.pool), 0);
	feed_close(&s->feed);
}

static void pull_until(struct sim *s, int64_t t)
{
	const struct vc_audiorx_counts *c = vc_audiorx_counts(s->a);
	int16_t pcm[960];

	/* The 20 ms before 'now', as a mixer does. */
	for (; s->now < t; s->now += FRAME, s->tick++) {
		bool is_sound = vc_audiorx_pull(s->a, s->now - FRAME, pcm, 960);
		int64_t held = s->put - (int64_t)(c->frames + c->late);

		if (!is_sound || vc_level_dbov(pcm, 960) > 40) {
			s->silent_ticks++;
			s->last_silent = s->tick;
		}
		if (s->tick > SECOND && held > s->most_held)
			s->most_held = held;
	}
}

static void run(struct sim *s, const struct way *w)
{
	int64_t t = T0, arrival;

	for (int i = 0; i < w->frames; i++) {
		int64_t own = T0 + i * FRAME; /* by the sender's clock */

		if (w->pause_at && i >= w->pause_at)
			own += w->pause_ms * VC_MS;
		t = own - (own - T0) * w->ppm / 1000000;
		arrival = t + FRAME;
		if (w->jitter_ms)
			arrival += (int64_t)(vc_rand_u64(&s->rand, "j",
							 (uint64_t)i) %
					     (uint64_t)(w->jitter_ms * VC_MS));
		if (w->step_at && i >= w->step_at)
			arrival += w->step_ms * VC_MS;
		pull_until(s, arrival);
		feed_audio(&s->feed, own, arrival,
			   w->lose && i % w->lose == w->lose - 1);
	}
}

/* 80 ms until the first sound: 20 to record, 60 of latency. */
static void starts_after_latency(void **state)
{
	static const struct {
		uint16_t seq;
		uint32_t ts;
	} rows[] = { { 1, 0 }, { 65530, 0 }, { 0, UINT32_MAX - 4800 } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct way way = { .frames = 3 * SECOND };
		const struct vc_audiorx_counts *c;
		struct sim s;

		open_sim(&s);
		s.feed.tx.sender.seq = rows[i].seq;
		s.feed.tx.sender.ts_offset = rows[i].ts;
		run(&s, &way);
		c = vc_audiorx_counts(s.a);
		assert_int_equal(c->silent, 80 * 48);
		assert_int_equal(s.silent_ticks, 4);
		assert_int_equal(c->concealed + c->lost + c->late, 0);
		assert_int_equal(c->skipped + c->resyncs, 0);
		close_sim(&s);
	}
}

/* Small where nothing jitters, and sound all the time where it does. */
static void latency_may_be_adaptive(void **state)
{
	static const struct way rows[] = {
		{ .what = "plain", .frames = 30 * SECOND },
		{ .what = "jitter", .frames = 60 * SECOND, .jitter_ms = 50 },
		{ .what = "loss", .frames = 30 * SECOND, .lose = 10 },
		{ .what = "fast", .frames = 120 * SECOND, .ppm = 500 },
		{ .what = "slow, jitter",
		  .frames = 120 * SECOND,
		  .ppm = -500,
		  .jitter_ms = 40 },
		/* A step beyond what is held: sound is back in 300 ms. */
		{ .what = "longer",
		  .frames = 30 * SECOND,
		  .step_at = 5 * SECOND,
		  .step_ms = 100 },
	};
	/* At most: ticks without sound, the last of them, packets held, ms. */
	static const struct {
		int silent, last, held, stretched_ms;
	} most[] = {
		{ 2, 1, 2, 0 },	 { 6, 10, 5, 50 },  { 2, 1, 2, 0 },
		{ 2, 1, 3, 65 }, { 6, 10, 5, 100 }, { 10, 265, 7, 100 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_audiorx_counts *c;
		struct sim s;

		open_sim(&s);
		vc_playout_leave(&s.feed.play);
		vc_playout_init(&s.feed.home, VC_PLAYOUT_AUTO);
		vc_playout_join(&s.feed.home, &s.feed.play, 0);
		run(&s, &rows[i]);
		c = vc_audiorx_counts(s.a);
		if (s.silent_ticks > most[i].silent ||
		    s.last_silent > most[i].last ||
		    s.most_held > most[i].held || c->resyncs ||
		    c->stretched > (uint64_t)most[i].stretched_ms * 48 ||
		    c->late > VC_PLAYOUT_BURST)
			fail_msg("%s: %d silent, until %d, %d held, %d ms "
				 "stretched, %d late",
				 rows[i].what, s.silent_ticks, s.last_silent,
				 (int)s.most_held, (int)c->stretched / 48,
				 (int)c->late);
		close_sim(&s);
	}
}

/* However long it is. */
static void a_long_latency_is_kept(void **state)
{
	const struct way way = { .frames = 8 * SECOND };
	struct sim s;

	(void)state;
	open_sim(&s);
	s.feed.home.latency = 5 * VC_SEC;
	run(&s, &way);
	assert_int_equal(s.last_silent, 5 * SECOND);
	close_sim(&s);
}

static void the_end_is_played_and_no_more(void **state)
{
	const struct way way = { .frames = SECOND };
	const struct vc_audiorx_counts *c;
	struct sim s;

	(void)state;
	open_sim(&s);
	run(&s, &way);
	vc_audiorx_end(s.a);
	assert_true(vc_audiorx_held(s.a));
	pull_until(&s, s.now + VC_SEC);
	c = vc_audiorx_counts(s.a);
	assert_false(vc_audiorx_held(s.a));
	assert_int_equal(c->frames, SECOND);
	assert_int_equal(c->concealed, 0);
	close_sim(&s);
}

/* Sound all the time, however it comes. */
static void sound_goes_on(void **state)
{
	static const struct way rows[] = {
		{ .what = "plain", .frames = 10 * SECOND },
		{ .what = "jitter", .frames = 30 * SECOND, .jitter_ms = 55 },
		{ .what = "loss", .frames = 10 * SECOND, .lose = 10 },
		{ .what = "fast", .frames = 60 * SECOND, .ppm = 500 },
		{ .what = "slow", .frames = 60 * SECOND, .ppm = -500 },
		{ .what = "fast and jitter",
		  .frames = 60 * SECOND,
		  .ppm = 500,
		  .jitter_ms = 40 },
		{ .what = "slow and jitter",
		  .frames = 60 * SECOND,
		  .ppm = -500,
		  .jitter_ms = 40 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_audiorx_counts *c;
		struct sim s;

		open_sim(&s);
		run(&s, &rows[i]);
		c = vc_audiorx_counts(s.a);
		/* The start: latency, and the first packets' jitter. */
		assert_true(s.silent_ticks <= 8);
		assert_true(s.last_silent <= 8);
		assert_int_equal(c->resyncs, 0);
		/* Latency + 40 ms, in packets; one may be half decoded. */
		assert_true(s.most_held <= 100 / 20 + 1);
		if (rows[i].lose)
			assert_int_equal(c->lost, rows[i].frames / 10 - 1);
		else
			assert_true(c->concealed <= 48 * 40);
		close_sim(&s);
	}
}

/* Lost packets are played from the copy in the next, if there is one. */
static void copies_are_played(void **state)
{
	static const struct {
		int fec, run; /* packets lost in a row of every ten */
		int copied;   /* of those, if all are voice */
	} rows[] = {
		{ 0, 1, 0 },
		{ 20, 1, 1 },
		{ 20, 2, 1 },
		{ 20, 3, 1 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_audiorx_counts *c;
		struct sim s;

		open_sim(&s);
		s.feed.opus_fec = rows[i].fec;
		for (int k = 0; k < 5 * SECOND; k++) {
			int64_t t = T0 + k * FRAME;

			pull_until(&s, t + FRAME);
			feed_audio(&s.feed, t, t + FRAME,
				   k >= SECOND && k % 10 < rows[i].run);
		}
		pull_until(&s, s.now + LATENCY - FRAME);
		c = vc_audiorx_counts(s.a);
		assert_int_equal(c->lost, 20 * rows[i].run);
		/* The voice's pauses are not copied. */
		assert_in_range(c->fec, rows[i].copied * 14 * 960,
				rows[i].copied * 20 * 960);
		assert_int_equal(c->fec + c->concealed, 20 * rows[i].run * 960);
		close_sim(&s);
	}
}

static void a_pause_is_silence(void **state)
{
	const struct way way = { .frames = 6 * SECOND,
				 .pause_at = 2 * SECOND,
				 .pause_ms = 2000 };
	const struct vc_audiorx_counts *c;
	struct sim s;

	(void)state;
	open_sim(&s);
	run(&s, &way);
	c = vc_audiorx_counts(s.a);
	/* 100 ms are made up, then nothing is. */
	assert_in_range(c->concealed, 4800, 4800);
	assert_in_range(s.silent_ticks, 94, 106);
	assert_in_range(s.last_silent, 4 * SECOND, 4 * SECOND + 5);
	assert_int_equal(c->late, 0);
	close_sim(&s);
}

/* The way becomes longer by more than is held: sound is back in 500 ms. */
static void a_longer_way_is_followed(void **state)
{
	const struct way way = { .frames = 30 * SECOND,
				 .step_at = 5 * SECOND,
				 .step_ms = 200 };
	struct sim s;

	(void)state;
	open_sim(&s);
	run(&s, &way);
	assert_in_range(s.last_silent, 5 * SECOND, 5 * SECOND + 25 + 15);
	assert_true(vc_audiorx_counts(s.a)->late <= 15);
	s.most_held = 0;
	pull_until(&s, s.now);
	close_sim(&s);
}

static void a_jump_of_time_is_followed(void **state)
{
	static const uint32_t jumps[] = { 1u << 31, 48000 * 60, 0u - 96000 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(jumps); i++) {
		struct way way = { .frames = 3 * SECOND };
		int before;
		struct sim s;

		open_sim(&s);
		run(&s, &way);
		s.feed.tx.sender.ts_offset += jumps[i];
		before = s.tick;
		for (int k = 3 * SECOND; k < 6 * SECOND; k++) {
			pull_until(&s, T0 + (k + 1) * FRAME);
			feed_audio(&s.feed, T0 + k * FRAME,
				   T0 + (k + 1) * FRAME, false);
		}
		assert_true(s.last_silent < before + 25);
		close_sim(&s);
	}
}

/* hostile.md P3: in place of each bad packet there is as much made-up sound. */
static void bad_ones_are_concealed(void **state)
{
	static const struct {
		const char *octets;
		size_t len;
	} rows[] = {
		{ "\xfb\x3f\1\2", 4 }, /* 63 frames of 20 ms */
		{ "\x03\x00", 2 },
		{ "\xfb\x41\xff\xff\xff", 5 }, /* padding without end */
		{ "\xff", 1 },
		{ "\xfd\1\2\3", 4 }, /* two of unequal length */
	};
	const struct vc_audiorx_counts *c;
	struct sim s;
	int bad = 0;

	(void)state;
	open_sim(&s);
	for (int i = 0; i < 2 * SECOND; i++) {
		int64_t t = T0 + i * FRAME;

		pull_until(&s, t + FRAME);
		s.feed.arrival = t + FRAME;
		s.feed.packets = 0;
		s.feed.drop = 0;
		if (i % 10 == 4) {
			size_t k = (size_t)bad % VC_COUNT(rows);

			vc_tx_audio(&s.feed.tx, t + FRAME, t,
				    (const uint8_t *)rows[k].octets,
				    rows[k].len, -1, false, false);
			bad++;
		} else {
			feed_audio(&s.feed, t, t + FRAME, false);
		}
	}
	/* Until the last packet was played, and none of it was silent. */
	pull_until(&s, T0 + (2 * SECOND + 2) * FRAME + LATENCY);
	c = vc_audiorx_counts(s.a);
	assert_int_equal(c->malformed, bad);
	assert_int_equal(c->concealed, bad * 960);
	assert_int_equal(c->frames, 2 * SECOND - bad);
	assert_int_equal(c->silent, 80 * 48);
	assert_int_equal(c->resyncs + c->late + c->skipped, 0);
	assert_int_equal(s.silent_ticks, 4);
	close_sim(&s);
}

static void g711_is_played_too(void **state)
{
	static const struct {
		enum vc_codec codec;
		uint8_t pt;
	} rows[] = { { VC_CODEC_PCMU, 0 }, { VC_CODEC_PCMA, 8 } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int16_t narrow[160], pcm[960];
		uint8_t out[160];
		struct sim s;
		int err;

		open_sim(&s);
		vc_audiorx_free(s.a);
		vc_playout_leave(&s.feed.play);
		vc_playout_source_init(&s.feed.play, 8000);
		vc_playout_join(&s.feed.home, &s.feed.play, 0);
		s.a = vc_audiorx_new(rows[i].codec, 8000, &s.feed.play, &err);
		s.feed.tx.sender.rate_hz = 8000;
		for (int k = 0; k < SECOND; k++) {
			feed_wave(&s.feed, pcm);
			for (int j = 0; j < 160; j++)
				narrow[j] = pcm[6 * j];
			if (rows[i].pt)
				vc_pcma_encode(narrow, 160, out);
			else
				vc_pcmu_encode(narrow, 160, out);
			pull_until(&s, T0 + (k + 1) * FRAME);
			s.feed.arrival = T0 + (k + 1) * FRAME;
			s.feed.drop = k == 25;
			s.feed.packets = 0;
			vc_tx_audio(&s.feed.tx, T0, T0 + k * FRAME, out, 160,
				    -1, false, false);
		}
		/* The start, and the one that was lost. */
		assert_in_range(s.silent_ticks, 4, 6);
		assert_int_equal(vc_audiorx_counts(s.a)->lost, 1);
		assert_int_equal(vc_audiorx_counts(s.a)->concealed, 960);
		close_sim(&s);
	}
}

static void other_codecs_are_refused(void **state)
{
	struct vc_playout_source play = { 0 };
	int err = 0;

	(void)state;
	assert_null(vc_audiorx_new(VC_CODEC_VP8, 90000, &play, &err));
	assert_int_equal(err, -ENOTSUP);
	assert_null(vc_audiorx_new(VC_CODEC_OPUS, 8000, &play, &err));
	assert_int_equal(err, -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_after_latency),
		cmocka_unit_test(latency_may_be_adaptive),
		cmocka_unit_test(a_long_latency_is_kept),
		cmocka_unit_test(the_end_is_played_and_no_more),
		cmocka_unit_test(sound_goes_on),
		cmocka_unit_test(copies_are_played),
		cmocka_unit_test(a_pause_is_silence),
		cmocka_unit_test(a_longer_way_is_followed),
		cmocka_unit_test(a_jump_of_time_is_followed),
		cmocka_unit_test(bad_ones_are_concealed),
		cmocka_unit_test(g711_is_played_too),
		cmocka_unit_test(other_codecs_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Frames, key frames and freezes of one video source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/pool.h"
#include "session/framestat.h"

#define T0 VC_VIRTUAL_EPOCH
#define FRAME (VC_SEC / 30)

struct env {
	struct vc_pool *pool;
	struct vc_framestat *fs;
	uint16_t seq;
	uint32_t ts;
};

static void begin(struct env *e, enum vc_codec codec)
{
	e->pool = vc_pool_new();
	e->fs = vc_framestat_new(codec, 90000, NULL);
	assert_non_null(e->fs);
	/* Both wrap within the first frames. */
	e->seq = 65533;
	e->ts = UINT32_MAX - 5000;
}

static void end(struct env *e)
{
	vc_framestat_free(e->fs);
	assert_int_equal(vc_pool_used(e->pool), 0);
	vc_pool_free(e->pool);
}

static void put_octets(struct env *e, int64_t t, bool marker,
		       const void *payload, size_t len)
{
	struct vc_packet *pkt = vc_packet_new(e->pool, 1500);
	struct vc_wr w = vc_wr_over(pkt->data, pkt->cap);
	struct vc_rtp rtp = { .pt = 96,
			      .marker = marker,
			      .seq = e->seq,
			      .ts = e->ts,
			      .ssrc = 1 };

	assert_int_equal(vc_rtp_write(&w, &rtp), 0);
	vc_wr_bytes(&w, payload, len);
	assert_false(w.bad);
	pkt->len = vc_wr_len(&w);
	pkt->arrival = T0 + t;
	assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
	vc_framestat_put(e->fs, pkt, &rtp);
	vc_packet_unref(pkt);
	e->seq++;
}

/* One packet of a frame: the first carries a VP8 header, 64x48 if 'key'. */
static void put(struct env *e, int64_t t, bool is_first, bool key, bool marker)
{
	static const uint8_t start[] = { 0x10, 0x10, 0x02, 0x00, 0x9d, 0x01,
					 0x2a, 64,   0,	   48,	 0 };
	uint8_t payload[64] = { 0 };

	if (is_first)
		memcpy(payload, start, sizeof(start));
	if (is_first && !key)
		payload[1] |= 1;
	put_octets(e, t, marker, payload, sizeof(payload));
}

/* A frame of two packets at 't'. */
static void frame(struct env *e, int64_t t, bool key)
{
	put(e, t, true, key, false);
	put(e, t, false, false, true);
	e->ts += 3000;
}

static void leave_out(struct env *e, unsigned int n_frames)
{
	e->seq = (uint16_t)(e->seq + 2 * n_frames);
	e->ts += 3000 * n_frames;
}

static void test_counts_whole_frames(void **state)
{
	const struct vc_framestat_counts *c;
	struct env e;

	(void)state;
	begin(&e, VC_CODEC_VP8);
	c = vc_framestat_counts(e.fs);
	assert_true(c->first == VC_TIME_NONE);
	for (int i = 0; i < 60; i++)
		frame(&e, i * FRAME, i % 30 == 0);
	vc_framestat_end(e.fs, T0 + 60 * FRAME);
	assert_int_equal(c->frames, 60);
	assert_int_equal(c->keys, 2);
	assert_int_equal(c->broken + c->waiting + c->freezes, 0);
	assert_int_equal(c->width, 64);
	assert_int_equal(c->height, 48);
	assert_true(c->first == T0 && c->last == T0 + 59 * FRAME);
	assert_true(vc_framestat_knows_keys(e.fs));
	end(&e);
}

/* Frames before the first key frame, and after a loss, are of no use. */
static void test_waits_for_key_frames(void **state)
{
	const struct vc_framestat_counts *c;
	struct env e;

	(void)state;
	begin(&e, VC_CODEC_VP8);
	c = vc_framestat_counts(e.fs);
	for (int i = 0; i < 40; i++) {
		if (i == 20)
			e.seq++; /* the first packet of this frame is lost */
		frame(&e, i * FRAME, i == 5 || i == 35);
	}
	vc_framestat_end(e.fs, T0 + 40 * FRAME);
	assert_int_equal(c->keys, 2);
	/* 5 to 19, 35 to 39 */
	assert_int_equal(c->frames, 20);
	assert_int_equal(c->waiting, 5 + 15);
	assert_int_equal(c->freezes, 1);
	assert_true(c->longest == 16 * FRAME);
	assert_true(c->frozen == c->longest);
	end(&e);
}

static void test_counts_broken_frames(void **state)
{
	const struct vc_framestat_counts *c;
	struct env e;

	(void)state;
	begin(&e, VC_CODEC_VP8);
	c = vc_framestat_counts(e.fs);
	frame(&e, 0, true);
	put(&e, FRAME, true, false, false);
	e.seq++; /* its second packet is lost */
	put(&e, FRAME, false, false, true);
	e.ts += 3000;
	for (int i = 2; i < 20; i++)
		frame(&e, i * FRAME, i == 10);
	vc_framestat_end(e.fs, T0 + 20 * FRAME);
	assert_int_equal(c->broken, 1);
	assert_int_equal(c->waiting, 8);
	assert_int_equal(c->frames, 11);
	end(&e);
}

static void test_reordering_breaks_nothing(void **state)
{
	const struct vc_framestat_counts *c;
	struct env e;

	(void)state;
	begin(&e, VC_CODEC_VP8);
	c = vc_framestat_counts(e.fs);
	frame(&e, 0, true);
	for (int i = 1; i < 21; i += 2) {
		uint32_t ts = e.ts;

		leave_out(&e, 1);
		frame(&e, i * FRAME, false);
		e.seq = (uint16_t)(e.seq - 4);
		e.ts = ts;
		frame(&e, i * FRAME + VC_MS, false);
		leave_out(&e, 1);
	}
	vc_framestat_end(e.fs, T0 + 21 * FRAME);
	assert_int_equal(c->frames, 21);
	assert_int_equal(c->broken + c->waiting + c->freezes, 0);
	end(&e);
}

/* What is a freeze, by frame rate; no loss: frames are told by markers. */
static void test_freezes(void **state)
{
	static const struct {
		int64_t interval, gap;
		unsigned int freezes;
	} rows[] = {
		{ FRAME, 140 * VC_MS, 0 },
		{ FRAME, 160 * VC_MS, 1 },
		{ FRAME, VC_SEC, 1 },
		{ VC_SEC / 10, 290 * VC_MS, 0 },
		{ VC_SEC / 10, 320 * VC_MS, 1 },
		{ VC_SEC, 2900 * VC_MS, 0 },
		{ VC_SEC, 3100 * VC_MS, 1 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_framestat_counts *c;
		int64_t t = 0;
		struct env e;

		begin(&e, VC_CODEC_NONE);
		c = vc_framestat_counts(e.fs);
		for (int k = 0; k < 40; k++) {
			put(&e, t, true, false, true);
			t += k == 20 ? rows[i].gap : rows[i].interval;
			e.ts += (uint32_t)(rows[i].interval * 9 / 100000);
		}
		vc_framestat_end(e.fs, T0 + t);
		assert_int_equal(c->frames, 40);
		assert_int_equal(c->freezes, rows[i].freezes);
		assert_true(c->longest == (rows[i].freezes ? rows[i].gap : 0));
		assert_false(vc_framestat_knows_keys(e.fs));
		end(&e);
	}
}

/* A key frame and others of each codec; one is lost. */
static void test_knows_other_codecs(void **state)
{
	static const struct {
		enum vc_codec codec;
		const char *key, *inter;
		size_t key_len, inter_len;
		unsigned int width;
		const char *fmtp;
	} rows[] = {
		{ VC_CODEC_VP9, "\x0c\x82\x49\x83\x42\x00\x14\x10\x0b\x56\x06z",
		  "\x0c\x86\x00\x40\x92\x9cz", 12, 7, 322, "" },
		/* Its parameter sets are elsewhere. */
		{ VC_CODEC_H264, "\x65\x88\x84z", "\x41\x9a\x21\xa0", 4, 4, 0,
		  "" },
		{ VC_CODEC_H264, "\x65\x88\x84:z", "\x41\x9a\x21\xa0", 5, 4,
		  322,
		  "sprop-parameter-sets=Z0LADNoFRniJsBEAAAMAAQAAAwAeDxQqoA==,"
		  "aM4PyA==" },
		{ VC_CODEC_AV1,
		  "\x28\x0c\x08\x00\x00\x00\x04\x3d\x06\xd4\xda\xf9\x00\x40"
		  "\x30\x10z",
		  "\x10\x30\x30z", 17, 4, 322, "" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_framestat_counts *c;
		struct env e;

		begin(&e, rows[i].codec);
		vc_framestat_set_fmtp(e.fs, vc_str_c(rows[i].fmtp));
		c = vc_framestat_counts(e.fs);
		for (int k = 0; k < 30; k++) {
			bool is_key = k % 10 == 0;

			if (k == 15)
				e.seq++;
			else
				put_octets(&e, k * FRAME, true,
					   is_key ? rows[i].key : rows[i].inter,
					   is_key ? rows[i].key_len :
						    rows[i].inter_len);
			e.ts += 3000;
		}
		vc_framestat_end(e.fs, T0 + 30 * FRAME);
		assert_true(vc_framestat_knows_keys(e.fs));
		assert_int_equal(c->keys, 3);
		assert_int_equal(c->frames, 25);
		assert_int_equal(c->waiting, 4);
		assert_int_equal(c->width, rows[i].width);
		end(&e);
	}
}

static void test_a_picture_that_never_comes_back_is_a_freeze(void **state)
{
	const struct vc_framestat_counts *c;
	struct env e;

	(void)state;
	begin(&e, VC_CODEC_VP8);
	c = vc_framestat_counts(e.fs);
	for (int i = 0; i < 30; i++)
		frame(&e, i * FRAME, i == 0);
	/* It is one as soon as it is long enough, and not counted yet. */
	assert_true(vc_framestat_frozen(e.fs, T0 + 29 * FRAME + 150 * VC_MS) ==
		    0);
	assert_true(vc_framestat_frozen(e.fs, T0 + 29 * FRAME + VC_SEC) ==
		    VC_SEC);
	assert_int_equal(c->freezes, 0);
	vc_framestat_end(e.fs, T0 + 29 * FRAME + 5 * VC_SEC);
	assert_true(vc_framestat_frozen(e.fs, T0 + 29 * FRAME + 6 * VC_SEC) ==
		    0);
	assert_int_equal(c->freezes, 1);
	assert_true(c->frozen == 5 * VC_SEC);
	/* Once is enough. */
	vc_framestat_end(e.fs, T0 + 29 * FRAME + 5 * VC_SEC);
	assert_int_equal(c->freezes, 1);
	end(&e);
}

static void test_nothing_came(void **state)
{
	const struct vc_framestat_counts *c;
	struct env e;

	(void)state;
	begin(&e, VC_CODEC_VP8);
	c = vc_framestat_counts(e.fs);
	vc_framestat_end(e.fs, T0 + VC_SEC);
	assert_int_equal(c->frames + c->freezes, 0);
	assert_true(c->last == VC_TIME_NONE);
	end(&e);
}

/* Many begin frames and never end them: the room stays, and so does he who
 * goes on. */
static void test_frames_without_an_end_have_a_room(void **state)
{
	enum { N = 64 };
	struct vc_framestat_room room = { .max = 256 << 10 };
	struct vc_framestat *others[N];
	struct env e = { .pool = vc_pool_new() };

	(void)state;
	for (size_t i = 0; i < N; i++) {
		others[i] = vc_framestat_new(VC_CODEC_VP8, 90000, &room);
		assert_non_null(others[i]);
		e.fs = others[i];
		for (int k = 0; k < 16; k++)
			put(&e, (int64_t)i, k == 0, true, false);
		assert_true(room.octets <= room.max);
	}
	assert_true(room.given_up >= N / 2);
	assert_true(vc_pool_used(e.pool) <= room.max / 2048);
	assert_int_equal(vc_framestat_counts(others[0])->broken, 1);
	assert_int_equal(vc_framestat_counts(others[N - 1])->broken, 0);

	e.fs = vc_framestat_new(VC_CODEC_VP8, 90000, &room);
	for (int i = 0; i < 30; i++) {
		frame(&e, i * FRAME, i == 0);
		vc_framestat_free(others[i]);
		others[i] = vc_framestat_new(VC_CODEC_VP8, 90000, &room);
	}
	assert_int_equal(vc_framestat_counts(e.fs)->frames, 30);
	vc_framestat_end(e.fs, T0 + 30 * FRAME);
	for (size_t i = 0; i < N; i++)
		vc_framestat_free(others[i]);
	assert_int_equal(room.octets, 0);
	assert_null(room.first);
	end(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts_whole_frames),
		cmocka_unit_test(test_waits_for_key_frames),
		cmocka_unit_test(test_counts_broken_frames),
		cmocka_unit_test(test_reordering_breaks_nothing),
		cmocka_unit_test(test_freezes),
		cmocka_unit_test(test_knows_other_codecs),
		cmocka_unit_test(
			test_a_picture_that_never_comes_back_is_a_freeze),
		cmocka_unit_test(test_nothing_came),
		cmocka_unit_test(test_frames_without_an_end_have_a_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

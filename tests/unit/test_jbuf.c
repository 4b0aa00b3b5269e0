/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "base/rand.h"
#include "packetpool.h"
#include "session/jbuf.h"

static int put_frame(struct vc_jbuf *jb, uint16_t seq, uint32_t ts, bool marker)
{
	struct vc_packet *pkt = vc_packet_new(pool, 100);
	struct vc_rtp rtp = { .seq = seq, .ts = ts, .marker = marker };
	int err;

	assert_non_null(pkt);
	pkt->len = 100;
	pkt->arrival = seq;
	rtp.payload = pkt->data;
	rtp.payload_len = 88;
	err = vc_jbuf_put(jb, pkt, &rtp);
	vc_packet_unref(pkt);
	return err;
}

static int put(struct vc_jbuf *jb, uint16_t seq)
{
	return put_frame(jb, seq, seq * 960u, false);
}

/* Takes what is next: its seq, -1 when empty, -2 when missing. */
static int get(struct vc_jbuf *jb)
{
	const struct vc_jbuf_item *it;
	int seq;

	switch (vc_jbuf_peek(jb, &it)) {
	case VC_JBUF_EMPTY:
		return -1;
	case VC_JBUF_MISSING:
		return -2;
	default:
		break;
	}
	seq = it->rtp.seq;
	vc_packet_unref(vc_jbuf_pop(jb));
	return seq;
}

/* All are put, then all are read: the order they come out, "-" for a hole. */
static void order_is_by_number(void **state)
{
	static const struct {
		uint16_t in[8];
		int n;
		int out[8];
	} rows[] = {
		{ { 1, 2, 3 }, 3, { 1, 2, 3, -1 } },
		{ { 3, 1, 2 }, 3, { 1, 2, 3, -1 } },
		{ { 65535, 0, 65534, 1 }, 4, { 65534, 65535, 0, 1, -1 } },
		{ { 0, 65535 }, 2, { 65535, 0, -1 } },
		{ { 1, 3 }, 2, { 1, -2 } },
		{ { 65535, 1 }, 2, { 65535, -2 } },
		{ { 7, 7, 8, 8 }, 4, { 7, 8, -1 } },
		/* a stray one changes nothing, two in a row are a jump */
		{ { 1, 20000, 2, 20001 }, 4, { 1, 2, -1 } },
		{ { 1, 2, 20000, 20001 }, 4, { 1, 2, 20000, 20001, -1 } },
		{ { 1, 2, 40000, 40001 }, 4, { 1, 2, 40000, 40001, -1 } },
		{ { 0, 1, 32767, 32768 }, 4, { 0, 1, 32767, 32768, -1 } },
		{ { 0, 1, 32768, 32769 }, 4, { 0, 1, 32768, 32769, -1 } },
		{ { 9, 40000, 40002, 10 }, 4, { 9, 10, -1 } },
		/* a buffer of 64 spans 62 missing ones, not 63 */
		{ { 9, 72 }, 2, { 9, -2 } },
		{ { 9, 73 }, 2, { 9, -1 } },
		{ { 65500, 27 }, 2, { 65500, -2 } },
		{ { 65500, 28 }, 2, { 65500, -1 } },
	};
	struct vc_jbuf *jb;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		jb = vc_jbuf_new(64, 100000);
		assert_non_null(jb);
		for (int k = 0; k < rows[i].n; k++)
			(void)put(jb, rows[i].in[k]);
		for (int k = 0; !k || rows[i].out[k - 1] >= 0; k++)
			assert_int_equal(get(jb), rows[i].out[k]);
		vc_jbuf_free(jb);
	}
}

static void errors_say_which(void **state)
{
	struct vc_jbuf *jb = vc_jbuf_new(64, 100000);

	(void)state;
	assert_int_equal(put(jb, 65535), 0);
	assert_int_equal(put(jb, 65535), -EALREADY);
	assert_int_equal(put(jb, 0), 0);
	assert_int_equal(get(jb), 65535);
	assert_int_equal(put(jb, 65535), -ETIME);
	assert_int_equal(put(jb, 65500), -ETIME);
	assert_int_equal(vc_jbuf_counts(jb)->late, 2);
	assert_int_equal(vc_jbuf_counts(jb)->duplicates, 1);
	vc_jbuf_free(jb);
}

static void holes_are_skipped_as_told(void **state)
{
	struct vc_jbuf *jb = vc_jbuf_new(64, 100000);

	(void)state;
	put(jb, 65533);
	put(jb, 2); /* 65534, 65535, 0 and 1 are missing */
	assert_int_equal(get(jb), 65533);
	assert_int_equal(get(jb), -2);
	assert_int_equal(vc_jbuf_hole(jb), 4);
	assert_int_equal(vc_jbuf_skip(jb, 1), 1);
	assert_int_equal(put(jb, 65534), -ETIME);
	assert_int_equal(put(jb, 65535), 0);
	assert_int_equal(get(jb), 65535);
	assert_int_equal(vc_jbuf_skip(jb, 100), 2);
	assert_int_equal(get(jb), 2);
	assert_int_equal(get(jb), -1);
	assert_int_equal(vc_jbuf_skip(jb, 1), 0);
	assert_int_equal(vc_jbuf_counts(jb)->skipped, 3);
	vc_jbuf_free(jb);
}

static void a_full_buffer_drops_its_oldest(void **state)
{
	struct vc_jbuf *by_n = vc_jbuf_new(16, 100000);
	struct vc_jbuf *by_len = vc_jbuf_new(64, 450);

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(put(by_n, (uint16_t)(65530 + i)), 0);
		assert_int_equal(put(by_len, (uint16_t)(65530 + i)), 0);
		assert_true(vc_jbuf_octets(by_len) <= 450);
	}
	assert_int_equal(vc_jbuf_packets(by_n), 16);
	assert_int_equal(vc_jbuf_counts(by_n)->overflow, 4);
	assert_int_equal(get(by_n), 65534);
	assert_int_equal(vc_jbuf_packets(by_len), 4);
	assert_int_equal(get(by_len), 10);
	/* one before all that is held is late when there is no room */
	for (int i = 15; i < 19; i++)
		put(by_len, (uint16_t)i);
	assert_int_equal(put(by_len, 14), -ETIME);
	assert_int_equal(vc_jbuf_packets(by_len), 4);
	vc_jbuf_free(by_n);
	vc_jbuf_free(by_len);
}

/* The first after a jump says so, once; a jump back too. */
static void jumps_are_marked_once(void **state)
{
	static const uint16_t to[] = { 5000, 64000, 30000, 30000 - 2000 };
	struct vc_jbuf *jb = vc_jbuf_new(64, 100000);
	const struct vc_jbuf_item *it;

	(void)state;
	put(jb, 1);
	for (size_t i = 0; i < VC_COUNT(to); i++) {
		put(jb, to[i]);
		put(jb, (uint16_t)(to[i] + 1));
		assert_int_equal(get(jb), i ? to[i - 1] + 1 : 1);
		assert_int_equal(vc_jbuf_peek(jb, &it), VC_JBUF_READY);
		assert_true(it->resync);
		assert_int_equal(get(jb), to[i]);
		assert_int_equal(vc_jbuf_peek(jb, &it), VC_JBUF_READY);
		assert_false(it->resync);
	}
	assert_int_equal(vc_jbuf_counts(jb)->resyncs, VC_COUNT(to));
	vc_jbuf_free(jb);
}

/* What is a little before a jump's first packet has no place. */
static void a_jump_has_nothing_before_it(void **state)
{
	struct vc_jbuf *jb = vc_jbuf_new(64, 100000);

	(void)state;
	put(jb, 1);
	put(jb, 3);
	put(jb, 20001);
	put(jb, 20002);
	assert_int_equal(put(jb, 20000), -ETIME);
	assert_int_equal(put(jb, 19999), -ETIME);
	assert_int_equal(get(jb), 1);
	assert_int_equal(vc_jbuf_skip(jb, 9), 1);
	assert_int_equal(get(jb), 3);
	assert_int_equal(get(jb), 20001);
	vc_jbuf_free(jb);
}

static void a_source_that_restarts_a_little_back_is_heard(void **state)
{
	struct vc_jbuf *jb = vc_jbuf_new(64, 100000);
	int n = 0;

	(void)state;
	for (int i = 0; i < 500; i++) {
		put(jb, (uint16_t)(65400 + i));
		assert_true(get(jb) >= 0);
	}
	while (put(jb, (uint16_t)(65500 + n)) == -ETIME)
		n++;
	assert_true(n < 25); /* half a second of audio */
	assert_int_equal(get(jb), (uint16_t)(65500 + n));
	vc_jbuf_free(jb);
}

/* H7 in bulk: random order, loss and duplicates; what comes out ascends. */
static void any_order_comes_out_ascending(void **state)
{
	struct vc_jbuf *jb = vc_jbuf_new(128, 1000000);
	struct vc_rand rand;
	int64_t last = -1, pos;
	const struct vc_jbuf_item *it;
	uint32_t x;

	(void)state;
	vc_rand_init(&rand, 3, "test", "jbuf");
	for (uint64_t i = 0; i < 200000; i++) {
		x = vc_rand_u32(&rand, "x", i);
		if (x % 10)
			put(jb, (uint16_t)(i + x / 16 % 40));
		if (x / 1024 % 4 == 0)
			(void)vc_jbuf_skip(jb, 2);
		if (x % 3 || vc_jbuf_peek(jb, &it) != VC_JBUF_READY)
			continue;
		pos = (int64_t)it->pos;
		assert_true(pos > last);
		last = pos;
		(void)get(jb);
	}
	assert_int_equal(vc_jbuf_counts(jb)->resyncs, 0);
	vc_jbuf_free(jb);
}

static void a_reset_begins_anew(void **state)
{
	struct vc_jbuf *jb = vc_jbuf_new(64, 100000);

	(void)state;
	put(jb, 100);
	put(jb, 30000);
	vc_jbuf_reset(jb);
	assert_int_equal(get(jb), -1);
	put(jb, 7);
	put(jb, 6);
	assert_int_equal(get(jb), 6);
	assert_int_equal(get(jb), 7);
	vc_jbuf_free(jb);
}

static void frames_are_whole_or_broken(void **state)
{
	struct vc_jbuf *jb = vc_jbuf_new(64, 100000);
	struct vc_jbuf_frame f;

	(void)state;
	assert_int_equal(vc_jbuf_frame(jb, &f), VC_JBUF_EMPTY);
	put_frame(jb, 65534, UINT32_MAX, false);
	assert_int_equal(vc_jbuf_frame(jb, &f), VC_JBUF_MISSING);
	assert_false(f.has_end);
	put_frame(jb, 0, UINT32_MAX, true);
	assert_int_equal(vc_jbuf_frame(jb, &f), VC_JBUF_MISSING);
	assert_int_equal(f.n, 1);
	assert_false(f.followed);
	put_frame(jb, 65535, UINT32_MAX, false);
	assert_int_equal(vc_jbuf_frame(jb, &f), VC_JBUF_READY);
	assert_int_equal(vc_jbuf_frame(jb, &f), VC_JBUF_READY);
	assert_int_equal(f.n, 3);
	assert_int_equal(f.octets, 3 * 88);
	assert_int_equal(f.ts, UINT32_MAX);
	assert_int_equal(vc_jbuf_at(jb, 2)->rtp.seq, 0);
	assert_int_equal(vc_jbuf_drop_frame(jb), 0);

	/* no marker, but the next frame follows without a hole */
	put_frame(jb, 1, 3000, false);
	put_frame(jb, 2, 6000, false);
	assert_int_equal(vc_jbuf_frame(jb, &f), VC_JBUF_READY);
	assert_int_equal(f.n, 1);
	assert_int_equal(vc_jbuf_drop_frame(jb), 0);

	/* 3 is lost: frame 6000 is broken, 9000 has no known start */
	put_frame(jb, 4, 9000, false);
	put_frame(jb, 5, 9000, true);
	assert_int_equal(vc_jbuf_frame(jb, &f), VC_JBUF_MISSING);
	assert_true(f.followed);
	assert_int_equal(f.ts, 6000);
	assert_int_equal(vc_jbuf_drop_frame(jb), 0);
	assert_int_equal(vc_jbuf_frame(jb, &f), VC_JBUF_MISSING);
	assert_int_equal(f.ts, 9000);
	assert_int_equal(f.n, 2);
	assert_true(f.has_end);
	assert_false(f.has_start);
	assert_int_equal(vc_jbuf_at(jb, 0)->rtp.seq, 4);
	assert_int_equal(vc_jbuf_drop_frame(jb), 1);
	assert_int_equal(vc_jbuf_frame(jb, &f), VC_JBUF_EMPTY);
	vc_jbuf_free(jb);
}

/* A frame with a hole inside is dropped with all that is held of it. */
static void a_broken_frame_goes_as_one(void **state)
{
	struct vc_jbuf *jb = vc_jbuf_new(64, 100000);
	struct vc_jbuf_frame f;

	(void)state;
	put_frame(jb, 10, 1, false);
	put_frame(jb, 12, 1, false);
	put_frame(jb, 14, 1, true);
	put_frame(jb, 15, 2, true);
	assert_int_equal(vc_jbuf_frame(jb, &f), VC_JBUF_MISSING);
	assert_int_equal(f.n, 1);
	assert_int_equal(vc_jbuf_drop_frame(jb), 2);
	assert_int_equal(vc_jbuf_frame(jb, &f), VC_JBUF_READY);
	assert_int_equal(f.ts, 2);
	assert_int_equal(put_frame(jb, 11, 1, false), -ETIME);
	vc_jbuf_free(jb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		T(order_is_by_number),
		T(errors_say_which),
		T(holes_are_skipped_as_told),
		T(a_full_buffer_drops_its_oldest),
		T(jumps_are_marked_once),
		T(a_jump_has_nothing_before_it),
		T(a_source_that_restarts_a_little_back_is_heard),
		T(any_order_comes_out_ascending),
		T(a_reset_begins_anew),
		T(frames_are_whole_or_broken),
		T(a_broken_frame_goes_as_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

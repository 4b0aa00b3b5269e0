/* SPDX-License-Identifier: MIT */
/*
 * Text from a typist to a reader, over a way that loses, swaps and repeats
 * packets: what RFC 4103 lets be repaired is read whole, the rest is marked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/rand.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/textrx.h"
#include "session/t140.h"
#include "wire/ntp.h"

#define T0 VC_VIRTUAL_EPOCH
#define LATENCY (500 * VC_MS)
#define PT 117
#define RED_PT 116
#define LOST "\xef\xbf\xbd"

struct way {
	struct vc_pool *pool;
	struct vc_playout home;
	struct vc_playout_source play;
	struct vc_t140tx tx;
	struct vc_textrx *rx;
	uint16_t seq;
	int64_t now;
	bool is_red;
	char out[8000];
	size_t len;
	int64_t first; /* when the first of it was read; -1: nothing was */
};

static void open_way(struct way *w, unsigned int generations, unsigned int cps)
{
	*w = (struct way){ .pool = vc_pool_new(),
			   .seq = 65533,
			   .now = T0,
			   .is_red = generations > 0,
			   .first = -1 };
	vc_playout_init(&w->home, LATENCY);
	vc_playout_source_init(&w->play, 1000);
	vc_playout_join(&w->home, &w->play, 7);
	vc_playout_sr(&w->play, vc_ntp_from_ns(T0), 0, T0);
	vc_t140tx_init(&w->tx, generations, PT, cps);
	w->rx = vc_textrx_new(&w->play);
	assert_non_null(w->rx);
}

static void read_all(struct way *w, int64_t now)
{
	const char *text;
	size_t len;

	while ((text = vc_textrx_pull(w->rx, now, &len))) {
		if (w->first < 0)
			w->first = now;
		assert_true(w->len + len < sizeof(w->out));
		memcpy(w->out + w->len, text, len);
		w->len += len;
		w->out[w->len] = '\0';
	}
}

static void close_way(struct way *w)
{
	vc_textrx_free(w->rx);
	assert_int_equal(vc_pool_used(w->pool), 0);
	vc_playout_leave(&w->play);
	vc_pool_free(w->pool);
}

static void arrive(struct way *w, uint16_t seq, const uint8_t *p, size_t len,
		   uint32_t ts)
{
	struct vc_packet *pkt = vc_packet_new(w->pool, VC_PACKET_MAX);
	struct vc_rtp rtp = { .pt = w->is_red ? RED_PT : PT,
			      .seq = seq,
			      .ts = ts,
			      .ssrc = 1 };
	struct vc_wr wr = vc_wr_over(pkt->data, pkt->cap);

	assert_int_equal(vc_rtp_write(&wr, &rtp), 0);
	vc_wr_bytes(&wr, p, len);
	pkt->len = vc_wr_len(&wr);
	pkt->arrival = w->now;
	assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
	vc_playout_packet(&w->play, ts, w->now);
	vc_textrx_put(w->rx, pkt, &rtp, w->is_red);
	vc_packet_unref(pkt);
}

/*
 * Until all has been sent and read. 'fate' of packets, the last one again and
 * again: '.' comes, 'x' is lost, '2' comes twice, '<' comes after the next.
 * Returns how many were sent.
 */
static size_t run(struct way *w, const char *fate)
{
	uint8_t payload[VC_T140_PAYLOAD_MAX], held[VC_T140_PAYLOAD_MAX];
	size_t held_len = 0, n = 0, len;
	uint32_t ts, held_ts = 0;
	bool marker;

	while (vc_t140tx_next(&w->tx) != INT64_MAX) {
		int64_t next = vc_t140tx_next(&w->tx);

		for (; w->now < next; w->now += 10 * VC_MS)
			read_all(w, w->now);
		ts = (uint32_t)((w->now - T0) / VC_MS);
		len = vc_t140tx_get(&w->tx, w->now, ts, payload, &marker);
		assert_true(len > 0);
		n++;
		w->seq++;
		if (*fate == '<') {
			memcpy(held, payload, len);
			held_len = len;
			held_ts = ts;
		} else if (*fate != 'x') {
			arrive(w, w->seq, payload, len, ts);
			if (held_len)
				arrive(w, (uint16_t)(w->seq - 1), held,
				       held_len, held_ts);
			held_len = 0;
			if (*fate == '2')
				arrive(w, w->seq, payload, len, ts);
		}
		fate += fate[1] != '\0';
	}
	for (int i = 0; i < 100; i++, w->now += 10 * VC_MS)
		read_all(w, w->now);
	assert_false(vc_textrx_held(w->rx));
	return n;
}

static void type(struct way *w, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(vc_t140tx_type(&w->tx, text, len, w->now), len);
}

static void it_is_read_at_its_time(void **state)
{
	static struct way w;

	(void)state;
	open_way(&w, 2, 0);
	type(&w, "Hello\n");
	run(&w, ".");
	assert_string_equal(w.out, "Hello\n");
	assert_int_equal(w.first, T0 + LATENCY);
	close_way(&w);
}

/* 20 blocks of 85 euro signs, 255 octets, and what follows of redundancy. */
static void losses_are_repaired_or_marked(void **state)
{
	static const struct {
		const char *fate;
		unsigned int generations;
		unsigned int filled, lost;
	} rows[] = {
		{ ".", 2, 0, 0 },
		{ ".", 0, 0, 0 },
		{ ".x.", 2, 1, 0 },
		{ ".xx.", 2, 2, 0 },
		{ ".xx.xx.xx.xx.", 2, 8, 0 },
		{ ".xxx.", 2, 2, 1 },
		{ "..x.", 1, 1, 0 },
		{ "..xx.", 1, 1, 1 },
		{ "..x..x.", 0, 0, 2 },
		{ ".22<.2<.", 2, 0, 0 },
		{ ".22<.2<.", 0, 0, 0 },
		/* The first, which nobody knows of, is not there. */
		{ "x.", 2, 0, 0 },
	};
	char text[20 * 255 + 1] = "";

	(void)state;
	for (size_t i = 0; i < 20 * 85; i++)
		memcpy(text + 3 * i, "\xe2\x82\xac", 4);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		static struct way w;
		const struct vc_t140rx_counts *c;
		size_t blocks = 20 - rows[i].lost;

		open_way(&w, rows[i].generations, 0);
		type(&w, text);
		assert_int_equal(run(&w, rows[i].fate),
				 20 + rows[i].generations);
		c = vc_textrx_counts(w.rx);
		assert_int_equal(c->filled, rows[i].filled);
		assert_int_equal(c->lost, rows[i].lost);
		assert_true(vc_utf8_valid(w.out, w.len));
		if (rows[i].fate[0] != 'x')
			assert_true(w.len >= blocks * 255);
		if (!rows[i].lost)
			assert_null(strstr(w.out, LOST));
		else
			assert_non_null(strstr(w.out, LOST));
		close_way(&w);
	}
}

/*
 * Random loss, many times: as long as no three are lost in a row, after the
 * first, it is whole; and always it is UTF-8 without a letter twice.
 */
static void random_loss(void **state)
{
	static const unsigned int percent[] = { 3, 10, 20 };
	const char *line = "Zw\xc3\xb6lf Boxk\xc3\xa4mpfer jagen Viktor quer "
			   "\xc3\xbc"
			   "ber den gro\xc3\x9f"
			   "en Sylter Deich \xf0\x9f\x98\x80\n";
	unsigned int whole = 0, runs = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		static struct way w;
		char fate[64] = ".", all[4000] = "";
		struct vc_rand rand;
		bool is_hard;

		vc_rand_init(&rand, seed, "test", "loss");
		for (size_t i = 1; i < sizeof(fate) - 1; i++)
			fate[i] = vc_rand_u32(&rand, "x", i) % 100 <
						  percent[seed % 3] ?
					  'x' :
					  '.';
		fate[sizeof(fate) - 2] = '.';
		is_hard = strstr(fate, "xxx");
		open_way(&w, 2, VC_T140_CPS);
		for (int i = 0; i < 8; i++) {
			type(&w, line);
			strcat(all, line);
		}
		run(&w, fate);
		assert_true(vc_utf8_valid(w.out, w.len));
		runs += !is_hard;
		whole += !strcmp(w.out, all);
		if (!is_hard)
			assert_string_equal(w.out, all);
		close_way(&w);
	}
	assert_true(runs > 30 && whole >= runs);
}

/* A receiver that undoes RED goes on with bare text, numbers and all. */
static void red_may_end(void **state)
{
	static struct way w;

	(void)state;
	open_way(&w, 2, 0);
	type(&w, "one ");
	run(&w, ".");
	w.is_red = false;
	vc_t140tx_init(&w.tx, 0, PT, 0);
	type(&w, "two ");
	run(&w, ".");
	type(&w, "three");
	run(&w, ".");
	assert_string_equal(w.out, "one two three");
	assert_int_equal(vc_textrx_counts(w.rx)->lost, 0);
	close_way(&w);
}

/* What is no RED is counted; what is no text is marked. */
static void nonsense(void **state)
{
	static struct way w;
	uint8_t junk[300];

	(void)state;
	open_way(&w, 2, 0);
	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = (uint8_t)(0x80 | i);
	for (int i = 0; i < 50; i++) {
		w.seq++;
		w.is_red = i % 3;
		arrive(&w, w.seq, junk + i, (size_t)i * 5, (uint32_t)i);
		w.now += VC_MS;
	}
	for (int i = 0; i < 100; i++, w.now += 10 * VC_MS)
		read_all(&w, w.now);
	assert_true(vc_textrx_counts(w.rx)->malformed > 0);
	assert_true(vc_utf8_valid(w.out, w.len));
	for (size_t i = 0; i < w.len; i++)
		assert_true((uint8_t)w.out[i] >= 0x20);
	close_way(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_read_at_its_time),
		cmocka_unit_test(losses_are_repaired_or_marked),
		cmocka_unit_test(random_loss),
		cmocka_unit_test(red_may_end),
		cmocka_unit_test(nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

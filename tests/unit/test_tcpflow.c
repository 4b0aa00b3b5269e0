/* SPDX-License-Identifier: MIT */
/* TCP segments in all orders against a reference that knows all; holes, ends
 * and floods. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/tcpflow.h"

#define ROOM (1 << 20)

/* What the taker got. */
struct got {
	struct vc_tcpflows *t;
	unsigned int step; /* takes so many octets at a time */
	uint8_t *p;
	size_t n;
	unsigned int gaps;
	size_t gap_at; /* the last one */
	int64_t last;
};

/* "x..." is something else; one octet does not tell. */
static enum vc_tcpflow_looks looks(const uint8_t *p, size_t len)
{
	if (!len || p[0] == 'x')
		return VC_TCPFLOW_NO;
	return len < 2 ? VC_TCPFLOW_MAYBE : VC_TCPFLOW_YES;
}

static size_t octets(void *ctx, struct vc_tcpflow *f, const uint8_t *p,
		     size_t len)
{
	struct got *g = ctx;
	size_t n = len - len % g->step;

	if (memchr(p, '!', len))
		return SIZE_MAX;
	assert_true(g->n + n <= ROOM);
	memcpy(g->p + g->n, p, n);
	g->n += n;
	g->last = f->t;
	return n;
}

static void gap(void *ctx, struct vc_tcpflow *f)
{
	struct got *g = ctx;

	(void)f;
	g->gaps++;
	g->gap_at = g->n;
}

static struct got *begin(unsigned int step)
{
	static uint8_t room[ROOM];
	struct got *g = vc_alloc(1, sizeof(*g));
	const struct vc_tcpflow_conf conf = { .looks = looks,
					      .octets = octets,
					      .gap = gap,
					      .ctx = g };

	g->step = step;
	g->p = room;
	g->t = vc_tcpflows_new(&conf);
	assert_non_null(g->t);
	return g;
}

static void end(struct got *g)
{
	vc_tcpflows_free(g->t);
	free(g);
}

static struct vc_netpkt between(unsigned int from, unsigned int to)
{
	return (struct vc_netpkt){
		.src = { .ip = { 10, (uint8_t)(from >> 24),
				 (uint8_t)(from >> 16), (uint8_t)(from >> 8) },
			 .port = (uint16_t)(from & 255) },
		.dst = { .ip = { 11, (uint8_t)(to >> 8) },
			 .port = (uint16_t)(to & 255) },
		.flags = VC_TCP_ACK,
	};
}

static bool put(struct got *g, uint32_t seq, const void *p, size_t len,
		int64_t t)
{
	struct vc_netpkt s = between(1, 2);

	s.seq = seq;
	s.payload = p;
	s.caplen = s.len = len;
	return vc_tcpflows_take(g->t, &s, t);
}

static bool flagged(struct got *g, uint32_t seq, uint8_t flags)
{
	struct vc_netpkt s = between(1, 2);

	s.seq = seq;
	s.flags = flags;
	return vc_tcpflows_take(g->t, &s, 0);
}

static void ack(struct got *g, uint32_t n)
{
	struct vc_netpkt s = between(2, 1);

	/* The other way round. */
	s.src = between(1, 2).dst;
	s.dst = between(1, 2).src;
	s.ack = n;
	vc_tcpflows_take(g->t, &s, 0);
}

static void check(const struct got *g, const char *want)
{
	assert_int_equal(g->n, strlen(want));
	assert_memory_equal(g->p, want, g->n);
}

/* --- all orders --- */

struct part {
	unsigned int from, len;
};

#define PARTS 6
#define TOTAL 12

/* They overlap, one is of another and one comes twice. */
static const struct part cuts[][PARTS] = {
	{ { 0, 2 }, { 2, 2 }, { 4, 2 }, { 6, 2 }, { 8, 2 }, { 10, 2 } },
	{ { 0, 4 }, { 2, 4 }, { 5, 3 }, { 6, 5 }, { 9, 3 }, { 11, 1 } },
	{ { 0, 12 }, { 3, 1 }, { 5, 4 }, { 1, 9 }, { 7, 1 }, { 0, 2 } },
	{ { 0, 3 }, { 0, 3 }, { 3, 9 }, { 4, 2 }, { 8, 2 }, { 2, 8 } },
};

static void play(const struct part *parts, const unsigned int *order,
		 uint32_t first, unsigned int step)
{
	uint8_t want[TOTAL], p[TOTAL];
	struct got *g = begin(step);
	bool is_there[TOTAL] = { false };

	flagged(g, first - 1, VC_TCP_SYN);
	for (unsigned int i = 0; i < PARTS; i++) {
		const struct part *part = &parts[order[i]];

		/* Each says something of its own: the first is believed. */
		memset(p, 'A' + (int)order[i], sizeof(p));
		for (unsigned int k = part->from; k < part->from + part->len;
		     k++) {
			if (!is_there[k])
				want[k] = p[0];
			is_there[k] = true;
		}
		put(g, first + part->from, p, part->len, i);
	}
	assert_int_equal(g->n, TOTAL);
	assert_memory_equal(g->p, want, TOTAL);
	assert_int_equal(g->gaps, 0);
	assert_int_equal(vc_tcpflows_counts(g->t)->holes, 0);
	end(g);
}

static void permute(const struct part *parts, unsigned int *order,
		    unsigned int n, uint32_t first, unsigned int step)
{
	if (n == PARTS) {
		play(parts, order, first, step);
		return;
	}
	for (unsigned int i = n; i < PARTS; i++) {
		unsigned int was = order[n];

		order[n] = order[i];
		order[i] = was;
		permute(parts, order, n + 1, first, step);
		order[i] = order[n];
		order[n] = was;
	}
}

static void all_orders(void **state)
{
	/* The second and third wrap within. */
	static const uint32_t firsts[] = { 1000, UINT32_MAX - 4, UINT32_MAX,
					   0x7ffffffc };

	(void)state;
	for (size_t c = 0; c < VC_COUNT(cuts); c++) {
		for (size_t i = 0; i < VC_COUNT(firsts); i++) {
			unsigned int order[PARTS] = { 0, 1, 2, 3, 4, 5 };

			permute(cuts[c], order, 0, firsts[i], i % 2 ? 3 : 1);
		}
	}
}

/* --- holes --- */

static void holes_are_given_up(void **state)
{
	struct got *g = begin(1);

	(void)state;
	/* By what is acknowledged. */
	put(g, 100, "abcd", 4, 0);
	put(g, 106, "gh", 2, 1);
	ack(g, 105);
	check(g, "abcd");
	ack(g, 106);
	check(g, "abcdgh");
	assert_int_equal(g->gap_at, 4);
	/* It has come too late now. */
	put(g, 104, "ef", 2, 2);
	check(g, "abcdgh");
	assert_int_equal(vc_tcpflows_counts(g->t)->retransmitted, 1);
	/* By time, the times being their own. */
	put(g, 110, "kl", 2, 3);
	put(g, 113, "n", 1, 4);
	put(g, 114, "o", 1, 3 + VC_TCPFLOW_WAIT);
	check(g, "abcdgh");
	put(g, 115, "p", 1, 4 + VC_TCPFLOW_WAIT);
	check(g, "abcdghkl");
	assert_int_equal(g->last, 3);
	put(g, 116, "q", 1, 5 + VC_TCPFLOW_WAIT);
	check(g, "abcdghklnopq");
	assert_int_equal(g->gaps, 3);
	assert_int_equal(vc_tcpflows_counts(g->t)->holes, 3);
	/* One that is filled: what waited comes then. */
	put(g, 119, "t", 1, 100 * VC_SEC);
	put(g, 117, "rs", 2, 101 * VC_SEC);
	check(g, "abcdghklnopqrst");
	assert_int_equal(g->last, 101 * VC_SEC);
	assert_int_equal(g->gaps, 3);
	/* At the end nothing waits any more. */
	put(g, 121, "v", 1, 102 * VC_SEC);
	put(g, 123, "x", 1, 103 * VC_SEC);
	vc_tcpflows_end(g->t);
	check(g, "abcdghklnopqrstvx");
	assert_int_equal(g->last, 103 * VC_SEC);
	assert_int_equal(vc_tcpflows_counts(g->t)->holes, 5);
	end(g);
}

static void a_cut_segment_is_a_hole(void **state)
{
	struct got *g = begin(2);
	struct vc_netpkt s = between(1, 2);

	(void)state;
	s.seq = 100;
	s.payload = (const uint8_t *)"abc";
	s.caplen = 3;
	s.len = 10;
	assert_true(vc_tcpflows_take(g->t, &s, 0));
	/* What was left is of no use. */
	assert_int_equal(g->gaps, 1);
	put(g, 110, "kl", 2, 1);
	check(g, "abkl");
	/* The same once more, whole. */
	put(g, 100, "abcdefghij", 10, 2);
	check(g, "abkl");
	/* All of what was captured is old. */
	s.seq = 108;
	s.len = 12;
	vc_tcpflows_take(g->t, &s, 0);
	put(g, 120, "uv", 2, 1);
	check(g, "abkluv");
	end(g);
}

static void too_much_is_not_held(void **state)
{
	struct got *g = begin(1);
	static uint8_t p[2000];

	(void)state;
	memset(p, 'a', sizeof(p));
	put(g, 0, p, 2, 0);
	for (uint32_t i = 0; i < VC_TCPFLOW_PIECES; i++)
		put(g, 10 + i * 2, p, 1, 1);
	assert_int_equal(g->n, 2);
	put(g, 5000, p, 1, 1);
	assert_int_equal(g->n, 3);
	assert_int_equal(g->gaps, 1);
	end(g);
	g = begin(1);
	put(g, 0, p, 2, 0);
	for (uint32_t i = 1; i <= VC_TCPFLOW_HELD / 2000; i++)
		put(g, i * 2000, p, 2000, 1);
	assert_int_equal(g->n, 2);
	assert_true(vc_tcpflows_octets(g->t) > VC_TCPFLOW_HELD - 2000);
	put(g, VC_TCPFLOW_HELD / 2000 * 2000 + 2000, p, 2000, 1);
	assert_int_equal(g->n, VC_TCPFLOW_HELD / 2000 * 2000 + 2002);
	assert_int_equal(vc_tcpflows_octets(g->t), 0);
	end(g);
}

/* --- begin and end --- */

static void what_is_something_else_leaves_nothing(void **state)
{
	struct got *g = begin(1);

	(void)state;
	assert_false(put(g, 5, "xyz", 3, 0));
	assert_false(put(g, 5, "a", 1, 0));
	assert_false(flagged(g, 99, VC_TCP_SYN));
	/* Early, so nobody knows; then it is told. */
	assert_false(put(g, 102, "cd", 2, 0));
	assert_true(vc_tcpflows_octets(g->t) > 0);
	assert_false(put(g, 100, "xb", 2, 0));
	assert_int_equal(vc_tcpflows_octets(g->t), 0);
	assert_int_equal(g->n, 0);
	/* One octet is not enough, two are. */
	assert_false(flagged(g, 99, VC_TCP_SYN));
	assert_false(put(g, 100, "a", 1, 0));
	assert_true(put(g, 101, "b", 1, 0));
	check(g, "ab");
	assert_int_equal(vc_tcpflows_counts(g->t)->connections, 1);
	/* It turns out later. */
	assert_false(put(g, 102, "!", 1, 0));
	assert_false(put(g, 103, "x", 1, 0));
	assert_int_equal(vc_tcpflows_octets(g->t), 0);
	end(g);
}

static void connections_end_and_begin(void **state)
{
	struct got *g = begin(2);

	(void)state;
	put(g, 100, "abc", 3, 0);
	/* Is anybody there? */
	put(g, 102, "c", 1, 0);
	assert_int_equal(vc_tcpflows_counts(g->t)->retransmitted, 0);
	flagged(g, 103, VC_TCP_RST);
	assert_int_equal(vc_tcpflows_octets(g->t), 0);
	assert_int_equal(g->gaps, 1);
	/* The same ports, twice. */
	flagged(g, 1u << 30, VC_TCP_SYN);
	flagged(g, 1u << 30, VC_TCP_SYN);
	put(g, (1u << 30) + 1, "defg", 4, 0);
	check(g, "abdefg");
	/* Once more, and the SYN was not captured. */
	put(g, 7, "x", 1, 0);
	put(g, 7, "hi", 2, 0);
	check(g, "abdefghi");
	assert_int_equal(vc_tcpflows_counts(g->t)->holes, 1);
	end(g);
}

/* --- floods --- */

static void a_million_connections_are_bounded(void **state)
{
	struct got *g = begin(1000);
	size_t most = 0;

	(void)state;
	for (unsigned int i = 0; i < 1000000; i++) {
		struct vc_netpkt s = between(i << 8 | 1, 2);

		s.seq = i;
		s.flags = i % 3 ? VC_TCP_ACK : VC_TCP_SYN;
		/* Each leaves something, and holds something. */
		s.payload = (const uint8_t *)"abcdefgh";
		s.caplen = s.len = 8;
		vc_tcpflows_take(g->t, &s, i);
		s.flags = VC_TCP_ACK;
		s.seq += 100000000 * (i % 2) + 1000;
		vc_tcpflows_take(g->t, &s, i);
		if (vc_tcpflows_octets(g->t) > most)
			most = vc_tcpflows_octets(g->t);
	}
	assert_true(most > 1 << 20 && most <= VC_TCPFLOW_ALL);
	assert_true(vc_tcpflows_counts(g->t)->forgotten > 600000);
	end(g);
}

static void memory_is_bounded_however_it_is_asked_for(void **state)
{
	struct got *g = begin(1 << 30);
	static uint8_t p[60000];

	(void)state;
	memset(p, 'a', sizeof(p));
	for (unsigned int i = 0; i < 3000; i++) {
		struct vc_netpkt s = between(i << 8 | 1, 2);

		s.payload = p;
		s.caplen = s.len = sizeof(p);
		for (unsigned int k = 0; k < 6; k++) {
			vc_tcpflows_take(g->t, &s, i);
			s.seq += sizeof(p) + (k > 1) * 7;
			assert_true(vc_tcpflows_octets(g->t) <= VC_TCPFLOW_ALL);
		}
	}
	end(g);
}

static void overlaps_do_not_pile_up(void **state)
{
	struct got *g = begin(1);
	static uint8_t p[2000];

	(void)state;
	memset(p, 'a', sizeof(p));
	put(g, 0, p, 2, 0);
	srand(1);
	for (unsigned int i = 0; i < 200000; i++) {
		uint32_t seq = 3 + (uint32_t)rand() % 60000;

		put(g, seq, p, 1 + (size_t)rand() % 1999, 0);
		assert_true(vc_tcpflows_octets(g->t) <
			    VC_TCPFLOW_HELD + VC_TCPFLOW_PIECES * 64);
	}
	end(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_orders),
		cmocka_unit_test(holes_are_given_up),
		cmocka_unit_test(a_cut_segment_is_a_hole),
		cmocka_unit_test(too_much_is_not_held),
		cmocka_unit_test(what_is_something_else_leaves_nothing),
		cmocka_unit_test(connections_end_and_begin),
		cmocka_unit_test(a_million_connections_are_bounded),
		cmocka_unit_test(memory_is_bounded_however_it_is_asked_for),
		cmocka_unit_test(overlaps_do_not_pile_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

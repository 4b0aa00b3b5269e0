/* SPDX-License-Identifier: MIT */
/* UDP in batches, over loopback. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/batch.h"
#include "net/loop.h"
#include "net/udp.h"
#include "unit/udppair.h"

/* Lengths in rows come out as they were, also where equal ones are one. */
static void check_batch(bool does_segment)
{
	static const uint16_t lens[] = { 200,  200,  200,  200,	 200,  200, 200,
					 200,  200,  200,  60,	 200,  1,   1,
					 1401, 1401, 1400, 1400, 2000, 12,  9,
					 9,    9,    9,	   9,	 9,    9,   9 };
	struct vc_pool *pool = vc_pool_new();
	struct vc_udp *in = listen_at(pool, "127.0.0.1"), *out;
	struct vc_udp_piece pieces[VC_COUNT(lens) * 12];
	size_t n = VC_COUNT(pieces), sent, got = 0;
	uint8_t data[2400];
	struct vc_udp_msg *msgs;

	out = connect_to(pool, "127.0.0.1", vc_udp_port(vc_udp_local(in)));
	vc_udp_segment(out, does_segment);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < n; i++) {
		uint16_t len = lens[i % VC_COUNT(lens)];
		size_t head = len > 12 ? 12 : 0;

		pieces[i] = piece_of(data + i, head, len - head);
	}
	assert_int_equal(vc_udp_send(out, pieces, n, &sent), 0);
	assert_int_equal(sent, n);
	assert_int_equal(vc_udp_counts(out)->sent, n);
	while (got < n) {
		int m = receive(in, &msgs);

		assert_in_range(m, 1, VC_UDP_BATCH);
		for (int i = 0; i < m; i++) {
			uint16_t len = lens[got % VC_COUNT(lens)];

			assert_false(msgs[i].is_cut);
			assert_int_equal(msgs[i].pkt->len, len);
			assert_memory_equal(msgs[i].pkt->data, data + got, len);
			got++;
		}
	}
	assert_int_equal(vc_udp_recv(in, NOW, &msgs), 0);
	assert_int_equal(vc_udp_counts(in)->received, n);
	vc_udp_close(in);
	vc_udp_close(out);
	assert_int_equal(vc_pool_used(pool), 0);
	vc_pool_free(pool);
}

static void test_batch(void **state)
{
	(void)state;
	check_batch(false);
	check_batch(true);
}

/* H1: what does not fit is said to be cut; an empty one is one. */
static void test_sizes(void **state)
{
	static const struct {
		size_t len;
		bool is_cut;
	} rows[] = {
		{ 0, false },	 { 1, false },	 { 2047, false },
		{ 2048, false }, { 2049, true }, { 9000, true },
		{ 65507, true },
	};
	static const uint8_t zeros[65507];
	struct vc_pool *pool = vc_pool_new();
	struct vc_udp *in = listen_at(pool, "127.0.0.1"), *out;
	struct vc_udp_msg *m;

	(void)state;
	out = connect_to(pool, "127.0.0.1", vc_udp_port(vc_udp_local(in)));
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_udp_piece p = piece_of(zeros, 0, rows[i].len);
		size_t sent;

		assert_int_equal(vc_udp_send(out, &p, 1, &sent), 0);
		assert_int_equal(receive(in, &m), 1);
		assert_int_equal(m->is_cut, rows[i].is_cut);
		assert_int_equal(m->pkt->len,
				 rows[i].is_cut ? VC_UDP_CAP : rows[i].len);
	}
	vc_udp_close(in);
	vc_udp_close(out);
	vc_pool_free(pool);
}

/* A packet that was kept stays as it is; others are used again. */
static void test_references(void **state)
{
	struct vc_pool *pool = vc_pool_new();
	struct vc_udp *in = listen_at(pool, "127.0.0.1"), *out;
	struct vc_udp_piece p = piece_of((const uint8_t *)"a", 0, 1);
	struct vc_packet *kept;
	struct vc_udp_msg *m;
	size_t sent, used;

	(void)state;
	out = connect_to(pool, "127.0.0.1", vc_udp_port(vc_udp_local(in)));
	vc_udp_send(out, &p, 1, &sent);
	receive(in, &m);
	used = vc_pool_used(pool);
	kept = vc_packet_ref(m->pkt);
	p.body = (const uint8_t *)"b";
	for (int i = 0; i < 3; i++) {
		vc_udp_send(out, &p, 1, &sent);
		receive(in, &m);
		assert_int_equal(m->pkt->data[0], 'b');
	}
	assert_int_equal(kept->data[0], 'a');
	assert_int_equal(vc_pool_used(pool), used + 1);
	vc_packet_unref(kept);
	vc_udp_close(in);
	vc_udp_close(out);
	vc_pool_free(pool);
}

/* The kernel's stamp in the loop's time, DSCP and TTL, who it was. */
static void test_marks(void **state)
{
	struct vc_pool *pool = vc_pool_new();
	struct vc_loop *loop = vc_loop_new();
	struct vc_udp_io *io = vc_udp_io_new(pool);
	struct vc_udp *in = listen_by(io, pool, "::"), *v4, *v6, *other;
	uint16_t port = vc_udp_port(vc_udp_local(in));
	struct vc_udp_piece p = piece_of((const uint8_t *)"x", 0, 1);
	struct sockaddr_storage sa;
	struct vc_udp_msg *m;
	uint64_t host, peer;
	size_t sent;

	(void)state;
	v4 = connect_to(pool, "127.0.0.1", port);
	v6 = connect_to(pool, "::1", port);
	vc_udp_send(v4, &p, 1, &sent);
	assert_int_equal(receive(in, &m), 1);
	assert_in_range(m->pkt->arrival, vc_loop_now(loop) - VC_SEC,
			vc_loop_now(loop) + 10 * VC_SEC);
	assert_int_equal(m->dscp, 0);
	assert_int_equal(m->ttl, 64);
	assert_true(vc_udp_same(m->from, vc_udp_local(v4), true));
	host = m->host;
	peer = m->peer;
	vc_udp_send(v6, &p, 1, &sent);
	assert_int_equal(receive(in, &m), 1);
	assert_int_equal(m->dscp, 0);
	assert_int_equal(m->ttl, 64);
	assert_true(vc_udp_same(m->from, vc_udp_local(v6), true));
	assert_int_not_equal(m->host, host);
	/* The same host by another port. */
	vc_udp_close(v6);
	v6 = connect_to(pool, "127.0.0.1", port);
	vc_udp_send(v6, &p, 1, &sent);
	assert_int_equal(receive(in, &m), 1);
	assert_true(vc_udp_same(m->from, vc_udp_local(v4), false));
	assert_false(vc_udp_same(m->from, vc_udp_local(v4), true));
	assert_int_equal(m->host, host);
	assert_int_not_equal(m->peer, peer);
	/* Back to whom it came from, through the socket of both families. */
	sa = *m->from;
	assert_int_equal(send_to(in, "y", &sa), 0);
	assert_int_equal(receive(v6, &m), 1);
	assert_int_equal(m->ttl, 64);
	/* Another socket of the same thread knows the host. */
	other = listen_by(io, pool, "127.0.0.1");
	sa = *vc_udp_local(other);
	assert_int_equal(send_to(other, "z", &sa), 0);
	assert_int_equal(receive(other, &m), 1);
	assert_int_equal(m->host, host);
	vc_udp_close(other);
	vc_udp_close(in);
	vc_udp_close(v4);
	vc_udp_close(v6);
	vc_udp_io_free(io);
	vc_loop_free(loop);
	vc_pool_free(pool);
}

/* In a flood they are known of some. Two senders in turn are told apart. */
static void test_marks_in_a_flood(void **state)
{
	static const struct {
		unsigned int n;
		int64_t at;
		int ttl;
	} rows[] = {
		{ VC_UDP_BATCH, 0, 64 },	  { 2, VC_MS, -1 },
		{ VC_UDP_BATCH, 99 * VC_MS, -1 }, { 2, 100 * VC_MS, 64 },
		{ 2, 101 * VC_MS, -1 },		  { 2, 199 * VC_MS, 64 },
		{ 2, 200 * VC_MS, 64 },
	};
	struct vc_pool *pool = vc_pool_new();
	struct vc_udp *in = listen_at(pool, "::"), *out[2];
	struct vc_udp_piece p = piece_of((const uint8_t *)"x", 0, 1);
	uint16_t port = vc_udp_port(vc_udp_local(in));
	struct vc_udp_msg *m;
	size_t sent;

	(void)state;
	for (int i = 0; i < 2; i++)
		out[i] = connect_to(pool, "127.0.0.1", port);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		for (unsigned int k = 0; k < rows[i].n; k++)
			vc_udp_send(out[k / 2 % 2], &p, 1, &sent);
		assert_int_equal(vc_udp_recv(in, NOW + rows[i].at, &m),
				 rows[i].n);
		for (unsigned int k = 0; k < rows[i].n; k++) {
			assert_int_equal(m[k].ttl, rows[i].ttl);
			assert_int_equal(m[k].dscp, rows[i].ttl < 0 ? -1 : 0);
			assert_int_equal(m[k].host, m[0].host);
			if (k)
				assert_int_equal(m[k].peer == m[k - 1].peer,
						 k % 2);
		}
	}
	vc_udp_close(in);
	vc_udp_close(out[0]);
	vc_udp_close(out[1]);
	vc_pool_free(pool);
}

/* Nobody listens: said, and the rest goes on its way. */
static void test_refused(void **state)
{
	struct vc_pool *pool = vc_pool_new();
	struct vc_udp *gone = listen_at(pool, "127.0.0.1"), *out;
	uint16_t port = vc_udp_port(vc_udp_local(gone));
	struct vc_udp_piece p = piece_of((const uint8_t *)"x", 0, 1);
	struct pollfd poll_out;
	struct vc_udp_msg *m;
	size_t sent;

	(void)state;
	vc_udp_close(gone);
	out = connect_to(pool, "127.0.0.1", port);
	assert_int_equal(vc_udp_send(out, &p, 1, &sent), 0);
	poll_out = (struct pollfd){ .fd = vc_udp_fd(out), .events = POLLIN };
	assert_int_equal(poll(&poll_out, 1, 5000), 1);
	assert_int_equal(vc_udp_recv(out, NOW, &m), -ECONNREFUSED);
	assert_int_equal(vc_udp_recv(out, NOW, &m), 0);
	assert_int_equal(vc_udp_send(out, &p, 1, &sent), 0);
	assert_int_equal(poll(&poll_out, 1, 5000), 1);
	assert_int_equal(vc_udp_send(out, &p, 1, &sent), -ECONNREFUSED);
	assert_int_equal(sent, 0);
	assert_int_equal(vc_udp_send(out, &p, 1, &sent), 0);
	assert_int_equal(sent, 1);
	assert_int_equal(vc_udp_counts(out)->errors[VC_UDP_REFUSED], 2);
	vc_udp_close(out);
	vc_pool_free(pool);
}

/* X9: a port that is taken is refused. */
static void test_taken(void **state)
{
	struct vc_pool *pool = vc_pool_new();
	struct vc_udp *a = listen_at(pool, "127.0.0.1"), *b = NULL;
	const struct vc_udp_conf conf = { .local = vc_udp_local(a) };

	(void)state;
	assert_int_equal(vc_udp_open(&b, pool, &conf), -EADDRINUSE);
	assert_null(b);
	vc_udp_close(a);
	vc_udp_close(NULL);
	vc_pool_free(pool);
}

/* Which sleeps a flow gets: rate, packets a turn without sleep, sleep. */
static void test_sleeps(void **state)
{
	static const struct {
		unsigned int rate, a_turn;
		int64_t sleep;
	} rows[] = {
		{ 500, 1, 0 }, /* slow: each at once */
		{ 3000, 1, 2 * VC_MS }, { 40000, 1, 2 * VC_MS },
		{ 100000, 1, VC_MS }, /* filled sooner */
		{ 3000, 6, 0 },	      /* comes in batches already */
		{ 100000, 90, 0 },	{ 100000, 5, VC_MS },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_batch b = { .max = 2 * VC_MS, .since = NOW };
		int64_t now = NOW, step, slept = 0;
		unsigned int n_slept = 0, n = 0;

		step = (int64_t)rows[i].a_turn * VC_SEC / rows[i].rate;
		while (now < NOW + 2 * VC_SEC) {
			int64_t ns = vc_batch_turn(&b, now);

			n_slept += ns > 0;
			n += b.rate > 0;
			slept = ns ? ns : slept;
			now += ns ? ns : step;
			vc_batch_count(&b,
				       ns ? (unsigned int)(ns * rows[i].rate /
							   VC_SEC) :
					    rows[i].a_turn,
				       now);
		}
		/* Within the measured rate's rounding. */
		assert_in_range(slept, rows[i].sleep * 9 / 10,
				rows[i].sleep * 11 / 10);
		if (rows[i].sleep)
			assert_in_range(n_slept, n * 8 / 10, n - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batch),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_marks_in_a_flood),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_sleeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

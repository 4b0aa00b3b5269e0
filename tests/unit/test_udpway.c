/* SPDX-License-Identifier: MIT */
/* What way datagrams take, and what becomes of them there. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "unit/udppair.h"

/* Each piece with its own class, in runs and as segments, by both families and
 * to IPv4 from a socket for both. */
static void check_dscp(const char *to, bool is_connected, bool does_segment)
{
	static const uint8_t classes[] = { 46, 46, 46, 0, 0, 34, 34, 63, 1 };
	static const uint8_t data[100];
	struct vc_pool *pool = vc_pool_new();
	struct vc_udp *in = listen_at(pool, "::"), *out;
	struct sockaddr_storage sa = address(to, vc_udp_port(vc_udp_local(in)));
	struct vc_udp_piece pieces[VC_COUNT(classes)];
	struct vc_udp_msg *m;
	size_t sent, got = 0;

	out = is_connected ?
		      connect_to(pool, to, vc_udp_port(vc_udp_local(in))) :
		      listen_at(pool, "::");
	vc_udp_segment(out, does_segment);
	for (size_t i = 0; i < VC_COUNT(classes); i++) {
		pieces[i] = piece_of(data, 12, 88);
		pieces[i].to = is_connected ? NULL : &sa;
		pieces[i].dscp = classes[i];
	}
	assert_int_equal(vc_udp_send(out, pieces, VC_COUNT(pieces), &sent), 0);
	while (got < VC_COUNT(classes)) {
		int n = receive(in, &m);

		for (int i = 0; i < n; i++) {
			assert_int_equal(m[i].pkt->len, 100);
			assert_int_equal(m[i].dscp, classes[got]);
			got++;
		}
	}
	vc_udp_close(in);
	vc_udp_close(out);
	vc_pool_free(pool);
}

static void test_dscp(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		check_dscp("127.0.0.1", i & 1, i & 2);
		check_dscp("::1", i & 1, i & 2);
		if (!(i & 1))
			check_dscp("::ffff:127.0.0.1", false, i & 2);
	}
}

/* Longer than the device takes: refused as a whole, never in fragments. */
static void test_whole(void **state)
{
	static const uint8_t zeros[65535];
	static const char *const hosts[] = { "127.0.0.1", "::1" };
	struct vc_pool *pool = vc_pool_new();

	(void)state;
	for (size_t i = 0; i < VC_COUNT(hosts); i++) {
		struct vc_udp *out = connect_to(pool, hosts[i], 9);
		struct vc_udp_piece p = piece_of(zeros, 0, sizeof(zeros));
		int value = -1;
		socklen_t len = sizeof(value);
		size_t sent;

		assert_int_equal(vc_udp_send(out, &p, 1, &sent), -EMSGSIZE);
		assert_int_equal(vc_udp_counts(out)->errors[VC_UDP_TOOBIG], 1);
		assert_int_equal(getsockopt(vc_udp_fd(out),
					    i ? IPPROTO_IPV6 : IPPROTO_IP,
					    i ? IPV6_MTU_DISCOVER :
						IP_MTU_DISCOVER,
					    &value, &len),
				 0);
		assert_int_equal(value, IP_PMTUDISC_PROBE);
		vc_udp_close(out);
	}
	vc_pool_free(pool);
}

/* Anew: the same port, and what waits in the queue is still there. */
static void test_reconnect(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "::1" };
	struct vc_pool *pool = vc_pool_new();

	(void)state;
	for (size_t i = 0; i < VC_COUNT(hosts); i++) {
		struct vc_udp *in = listen_at(pool, hosts[i]);
		struct vc_udp *out = connect_to(pool, hosts[i],
						vc_udp_port(vc_udp_local(in)));
		struct sockaddr_storage was = *vc_udp_local(out);
		struct vc_udp_msg *m;

		assert_true(vc_udp_may_reconnect(out));
		assert_false(vc_udp_may_reconnect(in));
		assert_int_equal(send_to(in, "a", &was), 0);
		assert_int_equal(vc_udp_reconnect(out), 0);
		assert_int_equal(vc_udp_reconnect(out), 0);
		assert_true(vc_udp_same(&was, vc_udp_local(out), true));
		assert_int_equal(receive(out, &m), 1);
		assert_int_equal(send_to(out, "b", NULL), 0);
		assert_int_equal(receive(in, &m), 1);
		assert_true(vc_udp_same(m->from, &was, true));
		assert_int_equal(send_to(in, "c", &was), 0);
		assert_int_equal(receive(out, &m), 1);
		vc_udp_close(in);
		vc_udp_close(out);
	}
	vc_pool_free(pool);
}

static void test_addresses(void **state)
{
	static const struct {
		const char *host;
		bool is_multicast;
		unsigned int zone; /* becomes, at "lo" */
	} rows[] = {
		{ "127.0.0.1", false, 0 },
		{ "223.255.255.255", false, 0 },
		{ "224.0.0.1", true, 0 },
		{ "239.255.255.255", true, 0 },
		{ "240.0.0.0", false, 0 },
		{ "::", false, 0 },
		{ "::ffff:224.0.0.1", true, 0 },
		{ "fe80::1", false, 1 },
		{ "ff02::1", true, 1 },
		{ "ff01::1", true, 1 },
		{ "ff15::1", true, 0 },
		{ "fd00::1", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct sockaddr_storage sa = address(rows[i].host, 5004);
		uint64_t w[3];

		assert_int_equal(vc_udp_is_multicast(&sa),
				 rows[i].is_multicast);
		assert_int_equal(vc_udp_set_zone(&sa, NULL), 0);
		assert_int_equal(vc_udp_set_zone(&sa, "nosuch"),
				 rows[i].zone ? -ENODEV : 0);
		assert_int_equal(vc_udp_set_zone(&sa, "lo"), 0);
		vc_udp_words(&sa, w);
		assert_int_equal(w[2] >> 16, rows[i].zone);
	}
}

static void test_errors(void **state)
{
	static const struct {
		int err;
		const char *name;
	} rows[] = {
		{ -ECONNREFUSED, "refused" },
		{ -ENETUNREACH, "unreachable" },
		{ EHOSTUNREACH, "unreachable" },
		{ -EMSGSIZE, "toobig" },
		{ -ENOBUFS, "nobufs" },
		{ -EAGAIN, "nobufs" },
		{ -EPERM, "denied" },
		{ -EACCES, "denied" },
		{ -EBADF, "other" },
		{ 0, "other" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_string_equal(
			vc_udp_error_name(vc_udp_error_of(rows[i].err)),
			rows[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dscp),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_reconnect),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

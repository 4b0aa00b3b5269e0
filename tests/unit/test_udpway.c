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

/* What came back: how many times 'gone' refused. */
static unsigned int hear(struct vc_udp *u, const struct sockaddr_storage *gone)
{
	struct sockaddr_storage to;
	unsigned int n = 0;
	int err;

	for (; (err = vc_udp_told(u, &to)); n++) {
		assert_int_equal(err, -ECONNREFUSED);
		assert_true(vc_udp_same(&to, gone, true));
	}
	return n;
}

/* All go, in as few calls as refusals allow. How many were told. */
static unsigned int send_among(struct vc_udp *u, struct vc_udp_piece *pieces,
			       size_t n, const struct sockaddr_storage *gone)
{
	unsigned int n_told = 0;
	size_t done = 0, sent;

	while (done < n) {
		int err = vc_udp_send(u, pieces + done, n - done, &sent);
		unsigned int more = err ? hear(u, gone) : 0;

		assert_true(!err || more);
		n_told += more;
		done += sent;
	}
	return n_told;
}

/* Of many peers it is known who refuses, and the others get what is theirs. */
static void test_told(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "::1" };
	static const char *const anys[] = { "0.0.0.0", "::" };
	static uint8_t zeros[65535];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(hosts); i++) {
		struct vc_pool *pool = vc_pool_new();
		struct vc_udp *in = listen_at(pool, hosts[i]), *many;
		struct vc_udp *going = listen_at(pool, hosts[i]);
		struct sockaddr_storage any = address(anys[i], 0);
		struct sockaddr_storage to = *vc_udp_local(in);
		struct sockaddr_storage gone = *vc_udp_local(going);
		const struct vc_udp_conf conf = { .local = &any,
						  .is_for_many = true };
		struct vc_udp_piece pieces[20];
		struct pollfd p = { .events = POLLIN };
		unsigned int n_told;
		struct vc_udp_msg *m;
		size_t sent;

		vc_udp_close(going);
		assert_int_equal(vc_udp_open(&many, pool, &conf), 0);
		for (size_t k = 0; k < VC_COUNT(pieces); k++) {
			pieces[k] = piece_of(zeros, 0, 100);
			pieces[k].to = k % 4 ? &to : &gone;
		}
		n_told = send_among(many, pieces, VC_COUNT(pieces), &gone);
		/* As a loop is told of it, where nothing more is sent. */
		p.fd = vc_udp_fd(many);
		while (n_told < VC_COUNT(pieces) / 4) {
			assert_int_equal(poll(&p, 1, 5000), 1);
			assert_true(p.revents & POLLERR);
			n_told += hear(many, &gone);
		}
		assert_int_equal(n_told, VC_COUNT(pieces) / 4);
		for (size_t got = 0; got < VC_COUNT(pieces) * 3 / 4;)
			got += (size_t)receive(in, &m);
		/* What is wrong with one of ours is no one's word. */
		pieces[0] = piece_of(zeros, 0, 65530);
		pieces[0].to = &to;
		assert_int_equal(vc_udp_send(many, pieces, 1, &sent),
				 -EMSGSIZE);
		assert_int_equal(vc_udp_told(many, &to), 0);
		assert_int_equal(poll(&p, 1, 0), 0);
		vc_udp_close(many);
		vc_udp_close(in);
		vc_pool_free(pool);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dscp),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_reconnect),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "base/mem.h"
#include "link/addrrule.h"

static struct sockaddr_storage addr(const char *text)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_storage sa = { 0 };

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
		memcpy(&sa, &in, sizeof(in));
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
		memcpy(&sa, &in6, sizeof(in6));
	}
	return sa;
}

static void test_cidr(void **state)
{
	static const struct {
		const char *cidr, *addr;
		bool has;
	} rows[] = {
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "192.0.2.1/31", "192.0.2.0", true },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "::/0", "203.0.113.9", true },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		/* As a socket for both families shows it. */
		{ "192.0.2.0/24", "::ffff:192.0.2.7", true },
		{ "::ffff:192.0.2.0/120", "192.0.2.7", true },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct sockaddr_storage sa = addr(rows[i].addr);
		struct vc_cidr c;

		assert_int_equal(vc_cidr_parse(&c, rows[i].cidr), 0);
		assert_int_equal(vc_cidr_has(&c, &sa), rows[i].has);
	}
}

static void test_bad(void **state)
{
	static const char *const rows[] = {
		"",
		"/8",
		"10.0.0.0/33",
		"10.0.0.0/",
		"10.0.0.0/-1",
		"10.0.0.0/8x",
		"10.0.0",
		"::/129",
		"localhost",
		"10.0.0.0/8/8",
		"1:2:3:4:5:6:7:8:9",
	};
	struct vc_cidr c;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_cidr_parse(&c, rows[i]), -EINVAL);
}

/* Who is taken, and whose address is believed. */
static void test_rules(void **state)
{
	static const struct {
		const char *addr;
		bool is_private, may_come, may_latch;
	} rows[] = {
		/* with --allow 198.51.100.0/24 */
		{ "127.0.0.1", true, false, true },
		{ "10.9.9.9", true, false, true },
		{ "172.31.0.1", true, false, true },
		{ "172.32.0.1", false, false, false },
		{ "192.168.1.1", true, false, true },
		{ "169.254.1.1", true, false, true },
		{ "fe80::1", true, false, true },
		{ "fd00::1", true, false, true },
		{ "::1", true, false, true },
		{ "::ffff:10.0.0.1", true, false, true },
		{ "198.51.100.7", false, true, true },
		{ "203.0.113.7", false, false, false },
		{ "2001:db8::1", false, false, false },
	};
	struct vc_addr_rules some = { .n_allow = 1 }, all = { 0 };

	(void)state;
	assert_int_equal(vc_cidr_parse(&some.allow[0], "198.51.100.0/24"), 0);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct sockaddr_storage sa = addr(rows[i].addr);

		assert_int_equal(vc_addr_is_private(&sa), rows[i].is_private);
		assert_int_equal(vc_addr_may_come(&some, &sa),
				 rows[i].may_come);
		assert_int_equal(vc_addr_may_latch(&some, &sa),
				 rows[i].may_latch);
		assert_true(vc_addr_may_come(&all, &sa));
		assert_int_equal(vc_addr_may_latch(&all, &sa),
				 rows[i].is_private);
	}
	all.is_open = true;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct sockaddr_storage sa = addr(rows[i].addr);

		assert_true(vc_addr_may_latch(&all, &sa));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cidr),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Live capture, on the loopback interface of a network of its own. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/live.h"
#include "net/loop.h"
#include "unit/ownnet.h"
#include "wire/netpkt.h"

struct seen {
	unsigned int n;
	int64_t first;
	int64_t last;
	struct vc_netpkt pkt;
	uint8_t payload[64];
};

static void take(void *ctx, const struct vc_piece *p)
{
	struct seen *seen = ctx;

	assert_int_equal(p->kind, VC_PIECE_PACKET);
	assert_int_equal(vc_netpkt_parse(&seen->pkt, p->link, p->data,
					 p->caplen, p->len),
			 VC_NETPKT_UDP);
	memcpy(seen->payload, seen->pkt.payload, seen->pkt.caplen);
	if (!seen->n)
		seen->first = p->time;
	seen->last = p->time;
	seen->n++;
}

static int set_up(void **state)
{
	(void)state;
	return own_network();
}

static void send_to(int fd, uint16_t port, const char *text)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	assert_int_equal(sendto(fd, text, strlen(text), 0,
				(struct sockaddr *)&in, sizeof(in)),
			 strlen(text));
}

static void read_until(struct vc_live *live, struct seen *seen, unsigned int n)
{
	struct pollfd p = { .fd = vc_live_fd(live), .events = POLLIN };

	assert_true(p.fd >= 0);
	while (seen->n < n) {
		assert_int_equal(poll(&p, 1, 5000), 1);
		assert_true(vc_live_read(live, take, seen) >= 0);
	}
}

static void packets_come_through_the_filter(void **state)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct vc_loop *loop = vc_loop_new();
	struct seen seen = { 0 };
	struct vc_live *live;
	char why[256] = "";
	int64_t before = vc_loop_now(loop);

	(void)state;
	assert_int_equal(vc_live_open(&live, "lo", "udp port 5004", why,
				      sizeof(why)),
			 0);
	assert_int_equal(vc_live_read(live, take, &seen), 0);
	send_to(fd, 5006, "another port");
	for (int i = 0; i < 100; i++)
		send_to(fd, 5004, "this one");
	send_to(fd, 5004, "the last");
	/* Each comes once, though it goes out and in. */
	read_until(live, &seen, 101);
	assert_int_equal(seen.n, 101);
	assert_int_equal(vc_live_read(live, take, &seen), 0);
	assert_int_equal(seen.pkt.dst.port, 5004);
	assert_memory_equal(seen.pkt.dst.ip, "\x7f\0\0\1", 4);
	assert_memory_equal(seen.payload, "the last", 8);
	assert_int_equal(vc_live_counts(live).received, 101);
	assert_int_equal(vc_live_counts(live).dropped, 0);
	/* The kernel's stamps, in the loop's time. */
	vc_loop_free(loop);
	loop = vc_loop_new();
	assert_true(seen.first <= seen.last);
	assert_true(seen.first > before - VC_SEC &&
		    seen.last < vc_loop_now(loop) + VC_SEC);
	vc_loop_free(loop);
	vc_live_close(live);
	close(fd);
}

static const struct {
	const char *iface;
	const char *filter;
	int err;
	const char *why;
} wrong[] = {
	{ "none9", NULL, -ENODEV, "" },
	{ "lo", "udp prt 5004", -EINVAL, "syntax error" },
};

static void refusals_have_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(wrong); i++) {
		struct vc_live *live;
		char why[256] = "";

		assert_int_equal(vc_live_open(&live, wrong[i].iface,
					      wrong[i].filter, why,
					      sizeof(why)),
				 wrong[i].err);
		assert_true(why[0] && strstr(why, wrong[i].why));
	}
	vc_live_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_come_through_the_filter),
		cmocka_unit_test(refusals_have_a_reason),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}

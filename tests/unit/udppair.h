/* SPDX-License-Identifier: MIT */
/* Sockets of a test, on loopback. After cmocka.h. */
#ifndef VC_TESTS_UNIT_UDPPAIR_H
#define VC_TESTS_UNIT_UDPPAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>

#include "base/time.h"
#include "net/udp.h"

#define NOW (1000 * VC_SEC)

static inline struct sockaddr_storage address(const char *host, uint16_t port)
{
	struct sockaddr_storage sa = { 0 };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, host, &in.sin_addr) == 1) {
		memcpy(&sa, &in, sizeof(in));
	} else {
		assert_int_equal(inet_pton(AF_INET6, host, &in6.sin6_addr), 1);
		memcpy(&sa, &in6, sizeof(in6));
	}
	vc_udp_set_port(&sa, port);
	return sa;
}

static inline struct vc_udp *listen_by(struct vc_udp_io *io,
				       struct vc_pool *pool, const char *host)
{
	struct sockaddr_storage sa = address(host, 0);
	const struct vc_udp_conf conf = { .local = &sa, .io = io };
	struct vc_udp *u;

	assert_int_equal(vc_udp_open(&u, pool, &conf), 0);
	assert_int_not_equal(vc_udp_port(vc_udp_local(u)), 0);
	return u;
}

static inline struct vc_udp *listen_at(struct vc_pool *pool, const char *host)
{
	return listen_by(NULL, pool, host);
}

static inline struct vc_udp *connect_to(struct vc_pool *pool, const char *host,
					uint16_t port)
{
	struct sockaddr_storage sa = address(host, port);
	const struct vc_udp_conf conf = { .peer = &sa };
	struct vc_udp *u;

	assert_int_equal(vc_udp_open(&u, pool, &conf), 0);
	return u;
}

/* Waits for something to read. */
static inline int receive(struct vc_udp *u, struct vc_udp_msg **msgs)
{
	struct pollfd p = { .fd = vc_udp_fd(u), .events = POLLIN };

	assert_int_equal(poll(&p, 1, 5000), 1);
	return vc_udp_recv(u, NOW, msgs);
}

static inline int send_to(struct vc_udp *u, const char *text,
			  const struct sockaddr_storage *to)
{
	const struct vc_udp_piece p = { .body = (const uint8_t *)text,
					.body_len = (uint16_t)strlen(text),
					.to = to };
	size_t sent;

	return vc_udp_send(u, &p, 1, &sent);
}

static inline struct vc_udp_piece piece_of(const uint8_t *p, size_t head,
					   size_t body)
{
	return (struct vc_udp_piece){ .head = p,
				      .body = p + head,
				      .head_len = (uint16_t)head,
				      .body_len = (uint16_t)body };
}

#endif

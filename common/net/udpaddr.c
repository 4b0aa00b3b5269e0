/* SPDX-License-Identifier: MIT */
/* Addresses of UDP sockets. IPv4 ones are compared as IPv6 maps them, since a
 * socket for both families shows them so. */
#include <netinet/in.h>
#include <string.h>

#include "net/udp.h"

static in_port_t *port_of(struct sockaddr_storage *sa)
{
	if (sa->ss_family == AF_INET6)
		return &((struct sockaddr_in6 *)(void *)sa)->sin6_port;
	return &((struct sockaddr_in *)(void *)sa)->sin_port;
}

void vc_udp_set_port(struct sockaddr_storage *sa, uint16_t port)
{
	*port_of(sa) = htons(port);
}

uint16_t vc_udp_port(const struct sockaddr_storage *sa)
{
	struct sockaddr_storage copy = *sa;

	return ntohs(*port_of(&copy));
}

void vc_udp_words(const struct sockaddr_storage *sa, uint64_t w[static 3])
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	uint32_t v4;

	w[0] = w[1] = w[2] = 0;
	if (sa->ss_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		memcpy(w, &in6.sin6_addr, 16);
		w[2] = (uint64_t)in6.sin6_scope_id << 16 | in6.sin6_port;
		return;
	}
	memcpy(&in, sa, sizeof(in));
	v4 = in.sin_addr.s_addr;
	memcpy((uint8_t *)w + 10, "\xff\xff", 2);
	memcpy((uint8_t *)w + 12, &v4, 4);
	w[2] = in.sin_port;
}

bool vc_udp_same(const struct sockaddr_storage *a,
		 const struct sockaddr_storage *b, bool with_port)
{
	uint64_t wa[3], wb[3];

	vc_udp_words(a, wa);
	vc_udp_words(b, wb);
	if (!with_port) {
		wa[2] >>= 16;
		wb[2] >>= 16;
	}
	return !memcmp(wa, wb, sizeof(wa));
}

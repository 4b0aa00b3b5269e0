/* SPDX-License-Identifier: MIT */
/* Addresses and errors of UDP sockets. IPv4 addresses are compared as IPv6 maps
 * them, since a socket for both families shows them so. */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "net/udp_internal.h"

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

bool vc_udp_is_v4(const struct sockaddr_storage *sa)
{
	uint64_t w[3];

	vc_udp_words(sa, w);
	return !w[0] && !memcmp(&w[1], "\0\0\xff\xff", 4);
}

bool vc_udp_is_multicast(const struct sockaddr_storage *sa)
{
	uint8_t b[24];
	uint64_t w[3];

	vc_udp_words(sa, w);
	memcpy(b, w, sizeof(b));
	return vc_udp_is_v4(sa) ? b[12] >> 4 == 0xe : b[0] == 0xff;
}

void vc_udp_map(struct sockaddr_storage *sa,
		const struct sockaddr_storage *local)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in;

	if (sa->ss_family != AF_INET || local->ss_family != AF_INET6)
		return;
	memcpy(&in, sa, sizeof(in));
	in6.sin6_port = in.sin_port;
	memset(in6.sin6_addr.s6_addr + 10, 0xff, 2);
	memcpy(in6.sin6_addr.s6_addr + 12, &in.sin_addr, 4);
	memset(sa, 0, sizeof(*sa));
	memcpy(sa, &in6, sizeof(in6));
}

int vc_udp_set_zone(struct sockaddr_storage *sa, const char *iface)
{
	struct sockaddr_in6 in6;

	if (!iface || sa->ss_family != AF_INET6)
		return 0;
	memcpy(&in6, sa, sizeof(in6));
	if (in6.sin6_scope_id || (!IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr) &&
				  !IN6_IS_ADDR_MC_LINKLOCAL(&in6.sin6_addr) &&
				  !IN6_IS_ADDR_MC_NODELOCAL(&in6.sin6_addr)))
		return 0;
	in6.sin6_scope_id = if_nametoindex(iface);
	memcpy(sa, &in6, sizeof(in6));
	return in6.sin6_scope_id ? 0 : -ENODEV;
}

/* --- errors --- */

enum vc_udp_error vc_udp_error_of(int err)
{
	switch (err < 0 ? -err : err) {
	case ECONNREFUSED:
		return VC_UDP_REFUSED;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
	case EHOSTDOWN:
	case ENODEV:
	case EADDRNOTAVAIL:
	case EINVAL: /* IPv4 says so when the address to send from has gone */
		return VC_UDP_UNREACHABLE;
	case EMSGSIZE:
		return VC_UDP_TOOBIG;
	case ENOBUFS:
	case EAGAIN:
		return VC_UDP_NOBUFS;
	case EPERM:
	case EACCES:
		return VC_UDP_DENIED;
	default:
		return VC_UDP_OTHER;
	}
}

const char *vc_udp_error_name(enum vc_udp_error e)
{
	static const char *const names[VC_UDP_ERRORS] = {
		[VC_UDP_REFUSED] = "refused",
		[VC_UDP_UNREACHABLE] = "unreachable",
		[VC_UDP_TOOBIG] = "toobig",
		[VC_UDP_NOBUFS] = "nobufs",
		[VC_UDP_DENIED] = "denied",
		[VC_UDP_OTHER] = "other",
	};

	return names[e];
}

int vc_udp_failed(struct vc_udp *u, int err)
{
	u->counts.errors[vc_udp_error_of(err)]++;
	return -err;
}

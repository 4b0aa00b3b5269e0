/* SPDX-License-Identifier: MIT */
/*
 * Socket addresses to text and back. getaddrinfo() is asked for a number
 * first, so that names alone cause a look-up, and only where an option names
 * one; never for anything that came from the network.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"
#include "tool/internal.h"
#include "tool/place.h"

char *vc_place_addr_text(const struct sockaddr_storage *sa, char *buf,
			 size_t cap)
{
	char host[INET6_ADDRSTRLEN] = "", zone[IF_NAMESIZE + 1] = "";
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	vc_strlcpy(buf, "?", cap);
	if (sa->ss_family == AF_INET) {
		memcpy(&in, sa, sizeof(in));
		inet_ntop(AF_INET, &in.sin_addr, host, sizeof(host));
		snprintf(buf, cap, "%s:%u", host, ntohs(in.sin_port));
	} else if (sa->ss_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
			inet_ntop(AF_INET, &in6.sin6_addr.s6_addr[12], host,
				  sizeof(host));
			snprintf(buf, cap, "%s:%u", host, ntohs(in6.sin6_port));
			return buf;
		}
		inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof(host));
		if (in6.sin6_scope_id &&
		    if_indextoname(in6.sin6_scope_id, zone + 1))
			zone[0] = '%';
		snprintf(buf, cap, "[%s%s]:%u", host, zone,
			 ntohs(in6.sin6_port));
	}
	return buf;
}

static bool has_ipv6(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void any_address(int family, uint16_t port, struct sockaddr_storage *sa,
			socklen_t *len)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(port),
				    .sin6_addr = IN6ADDR_ANY_INIT };

	memset(sa, 0, sizeof(*sa));
	if (family == AF_INET || (!family && !has_ipv6())) {
		*len = sizeof(in);
		memcpy(sa, &in, sizeof(in));
	} else {
		*len = sizeof(in6);
		memcpy(sa, &in6, sizeof(in6));
	}
}

static int errno_of(int rc)
{
	switch (rc) {
	case EAI_AGAIN:
		return -EAGAIN;
	case EAI_MEMORY:
		return -ENOMEM;
	case EAI_SYSTEM:
		return -errno;
	case EAI_FAMILY:
	case EAI_ADDRFAMILY:
		return -EAFNOSUPPORT;
	default:
		return -ENXIO;
	}
}

int vc_addr_each(const char *host, uint16_t port, int family, int socktype,
		 int (*fn)(void *ctx, const struct sockaddr_storage *sa,
			   socklen_t len),
		 void *ctx)
{
	struct addrinfo hints = { .ai_family = family,
				  .ai_socktype = socktype,
				  .ai_flags = AI_NUMERICSERV | AI_NUMERICHOST };
	struct addrinfo *list = NULL;
	struct sockaddr_storage sa;
	socklen_t len;
	char service[8];
	int rc, err = -ENXIO;

	if (!host[0]) {
		any_address(family, port, &sa, &len);
		return fn(ctx, &sa, len);
	}
	snprintf(service, sizeof(service), "%u", port);
	rc = getaddrinfo(host, service, &hints, &list);
	if (rc == EAI_NONAME) {
		hints.ai_flags = AI_NUMERICSERV;
		rc = getaddrinfo(host, service, &hints, &list);
	}
	if (rc)
		return errno_of(rc);
	for (struct addrinfo *a = list; a && err; a = a->ai_next) {
		if (a->ai_addrlen > sizeof(sa))
			continue;
		memset(&sa, 0, sizeof(sa));
		memcpy(&sa, a->ai_addr, a->ai_addrlen);
		err = fn(ctx, &sa, a->ai_addrlen);
	}
	freeaddrinfo(list);
	return err;
}

bool vc_place_is_numeric(const char *host)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
					.ai_flags = AI_NUMERICHOST };
	struct addrinfo *list = NULL;

	if (!host[0])
		return true;
	if (getaddrinfo(host, NULL, &hints, &list))
		return false;
	freeaddrinfo(list);
	return true;
}

struct first {
	struct sockaddr_storage *sa;
	socklen_t *len;
};

static int take_first(void *ctx, const struct sockaddr_storage *sa,
		      socklen_t len)
{
	struct first *first = ctx;

	*first->sa = *sa;
	*first->len = len;
	return 0;
}

int vc_place_resolve(const char *host, uint16_t port, int family, int socktype,
		     struct sockaddr_storage *sa, socklen_t *len)
{
	struct first first = { .sa = sa, .len = len };

	return vc_addr_each(host, port, family, socktype, take_first, &first);
}

const char *vc_place_why(const struct vc_place *p, int err)
{
	if (err == -ETXTBSY)
		return "is read, and cannot be written at once";
	return err == -ENXIO && p->host[0] ? "no such host" : strerror(-err);
}

/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "link/addrrule.h"
#include "net/udp.h"

#define MAPPED 96 /* bits before an IPv4 address */

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

int vc_cidr_parse(struct vc_cidr *c, const char *text)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	uint64_t bits, most = 128;
	char host[INET6_ADDRSTRLEN];

	if (len >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	if (inet_pton(AF_INET, host, c->addr + 12) == 1) {
		memcpy(c->addr, mapped, sizeof(mapped));
		most = 32;
	} else if (inet_pton(AF_INET6, host, c->addr) != 1) {
		return -EINVAL;
	}
	bits = most;
	if (slash && vc_num_u64(slash + 1, 0, most, &bits))
		return -EINVAL;
	c->bits = (unsigned int)bits + (most == 32 ? MAPPED : 0);
	return 0;
}

static bool has_prefix(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	unsigned int left = bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> left);

	if (memcmp(a, b, bits / 8))
		return false;
	return !left || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0;
}

bool vc_cidr_has(const struct vc_cidr *c, const struct sockaddr_storage *sa)
{
	uint64_t w[3];
	uint8_t addr[16];

	vc_udp_words(sa, w);
	memcpy(addr, w, sizeof(addr));
	return has_prefix(addr, c->addr, c->bits);
}

static bool is_one_of(const char *const *list, size_t n,
		      const struct sockaddr_storage *sa)
{
	struct vc_cidr c;

	for (size_t i = 0; i < n; i++) {
		if (!vc_cidr_parse(&c, list[i]) && vc_cidr_has(&c, sa))
			return true;
	}
	return false;
}

bool vc_addr_is_here(const struct sockaddr_storage *sa)
{
	static const char *const here[] = { "127.0.0.0/8", "::1" };

	return is_one_of(here, VC_COUNT(here), sa);
}

bool vc_addr_is_private(const struct sockaddr_storage *sa)
{
	static const char *const near[] = {
		"10.0.0.0/8",	  "172.16.0.0/12", "192.168.0.0/16",
		"169.254.0.0/16", "fe80::/10",	   "fc00::/7",
	};

	return vc_addr_is_here(sa) || is_one_of(near, VC_COUNT(near), sa);
}

static bool is_listed(const struct vc_addr_rules *r,
		      const struct sockaddr_storage *sa)
{
	for (size_t i = 0; i < r->n_allow; i++) {
		if (vc_cidr_has(&r->allow[i], sa))
			return true;
	}
	return false;
}

error_t vc_allow_opt(struct argp_state *state, const char *arg,
		     struct vc_addr_rules *r)
{
	if (r->n_allow == VC_ALLOW_MAX)
		argp_error(state, "--allow: more than %d", VC_ALLOW_MAX);
	else if (vc_cidr_parse(&r->allow[r->n_allow], arg))
		argp_error(state, "--allow %s: not an address or ADDR/BITS",
			   arg);
	r->n_allow++;
	return 0;
}

bool vc_addr_may_come(const struct vc_addr_rules *r,
		      const struct sockaddr_storage *sa)
{
	return !r->n_allow || is_listed(r, sa);
}

bool vc_addr_may_latch(const struct vc_addr_rules *r,
		       const struct sockaddr_storage *sa)
{
	return r->is_open || is_listed(r, sa) || vc_addr_is_private(sa);
}

/* SPDX-License-Identifier: MIT */
/* Whose packets are taken, and whose address is believed. */
#ifndef VC_LINK_ADDRRULE_H
#define VC_LINK_ADDRRULE_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define VC_ALLOW_MAX 64

/* What there is to say that a participant is where packets came from. */
enum vc_addr_trust {
	VC_ADDR_SAID, /* they say so: believed of who was nowhere yet, or is on
		       * the same host */
	VC_ADDR_BELIEVED, /* it is enough that they say so (latch=) */
	VC_ADDR_PROVEN,	  /* a key, or the operator's word */
};

/* The addresses that share their first bits; IPv4 ones as IPv6 maps them. */
struct vc_cidr {
	uint8_t addr[16];
	unsigned int bits; /* 0..128 */
};

/* --allow, --open. */
struct vc_addr_rules {
	struct vc_cidr allow[VC_ALLOW_MAX];
	size_t n_allow; /* 0: everybody */
	bool is_open;	/* any address may be latched onto */
};

/* Of argp: one more --allow. */
error_t vc_allow_opt(struct argp_state *state, const char *arg,
		     struct vc_addr_rules *r);

/* "192.0.2.0/24", "2001:db8::/32", or one address. 0 or -EINVAL. */
int vc_cidr_parse(struct vc_cidr *c, const char *text);
bool vc_cidr_has(const struct vc_cidr *c, const struct sockaddr_storage *sa);

/* Loopback: this machine itself. */
bool vc_addr_is_here(const struct sockaddr_storage *sa);
/* Loopback, link-local, RFC 1918, RFC 4193: nobody's beyond this network. */
bool vc_addr_is_private(const struct sockaddr_storage *sa);

/* May packets come from there at all? */
bool vc_addr_may_come(const struct vc_addr_rules *r,
		      const struct sockaddr_storage *sa);

/*
 * May media be sent to an address because of packets that came from it,
 * unauthenticated? Who can forge its sender would have us flood a third: only
 * where the operator vouches for addresses, or they are near.
 */
bool vc_addr_may_latch(const struct vc_addr_rules *r,
		       const struct sockaddr_storage *sa);

#endif

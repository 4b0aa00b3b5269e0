/* SPDX-License-Identifier: MIT */
/* IPv4 without options, or IPv6, and UDP, with the sums that belong there. */
#include <string.h>

#include "base/bytes.h"
#include "wire/netpkt.h"

#define UDP 17
#define UDP_HEAD 8
#define IP4_HEAD 20
#define TTL 64

/* One's complement, in network order; an odd octet is the upper one. */
static uint32_t add(uint32_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

static size_t addr_len(const struct vc_netaddr *a)
{
	return a->is_ip6 ? 16 : 4;
}

static void write_ip(struct vc_wr *w, const struct vc_netaddr *src,
		     const struct vc_netaddr *dst, size_t len)
{
	size_t at = vc_wr_len(w);

	if (src->is_ip6) {
		vc_wr_u32(w, UINT32_C(6) << 28);
		vc_wr_u16(w, (uint16_t)len);
		vc_wr_u8(w, UDP);
		vc_wr_u8(w, TTL);
	} else {
		vc_wr_u16(w, 0x4500);
		vc_wr_u16(w, (uint16_t)(IP4_HEAD + len));
		vc_wr_u32(w, 0x4000); /* not to be cut */
		vc_wr_u8(w, TTL);
		vc_wr_u8(w, UDP);
		vc_wr_u16(w, 0);
	}
	vc_wr_bytes(w, src->ip, addr_len(src));
	vc_wr_bytes(w, dst->ip, addr_len(dst));
	if (!w->bad && !src->is_ip6)
		vc_put_u16(w->start + at + 10,
			   (uint16_t)~add(0, w->start + at, IP4_HEAD));
}

void vc_netpkt_write(struct vc_wr *w, const struct vc_netaddr *src,
		     const struct vc_netaddr *dst, const uint8_t *p, size_t len)
{
	uint16_t n = (uint16_t)(UDP_HEAD + len), sum;
	size_t at;

	if (src->is_ip6 != dst->is_ip6 || len > VC_NETPKT_PAYLOAD_MAX) {
		w->bad = true;
		return;
	}
	write_ip(w, src, dst, n);
	at = vc_wr_len(w);
	vc_wr_u16(w, src->port);
	vc_wr_u16(w, dst->port);
	vc_wr_u16(w, n);
	vc_wr_u16(w, 0);
	vc_wr_bytes(w, p, len);
	if (w->bad)
		return;
	/* Over the addresses, protocol and length, too. */
	sum = (uint16_t)~add(add(add((uint32_t)UDP + n, src->ip, addr_len(src)),
				 dst->ip, addr_len(dst)),
			     w->start + at, n);
	vc_put_u16(w->start + at + 6, sum ? sum : 0xffff);
}

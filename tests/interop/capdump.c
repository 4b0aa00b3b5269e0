/* SPDX-License-Identifier: MIT */
/*
 * capdump FILE: the UDP datagrams of a capture as `tshark -T fields` prints
 * them: time, addresses, ports, length of the payload, and its octets. What is
 * no UDP is passed over in silence, what is malformed ends with exit code 1.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "wire/netpkt.h"
#include "wire/pcap.h"

static void print_addr(const struct vc_netaddr *a)
{
	char text[INET6_ADDRSTRLEN];

	printf("\t%s\t%u",
	       inet_ntop(a->is_ip6 ? AF_INET6 : AF_INET, a->ip, text,
			 sizeof(text)),
	       a->port);
}

static int print_packet(const struct vc_piece *p)
{
	struct vc_netpkt pkt;
	enum vc_netpkt_kind kind =
		vc_netpkt_parse(&pkt, p->link, p->data, p->caplen, p->len);

	if (kind == VC_NETPKT_OTHER || kind == VC_NETPKT_TCP ||
	    kind == VC_NETPKT_FRAGMENT)
		return 0;
	if (kind != VC_NETPKT_UDP)
		return -1;
	printf("%" PRId64 ".%09" PRId64, p->time / VC_SEC, p->time % VC_SEC);
	print_addr(&pkt.src);
	print_addr(&pkt.dst);
	printf("\t%u\t%u\t%zu\t", pkt.dscp, pkt.ttl, pkt.len);
	for (size_t i = 0; i < pkt.caplen; i++)
		printf("%02x", pkt.payload[i]);
	putchar('\n');
	return 0;
}

int main(int argc, char **argv)
{
	static uint8_t buf[16 << 20];
	struct vc_pcap *pc = calloc(1, sizeof(*pc));
	FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
	size_t len = f ? fread(buf, 1, sizeof(buf), f) : 0, at = 0;
	struct vc_piece p;
	int bad = !f;

	while (at < len && !bad) {
		bad = vc_pcap_next(pc, buf + at, len - at, &p) != 1 ||
		      p.kind == VC_PIECE_BAD || p.size > len - at ||
		      (p.kind == VC_PIECE_PACKET && print_packet(&p));
		at += p.size;
	}
	if (f)
		fclose(f);
	free(pc);
	return bad;
}

/* SPDX-License-Identifier: MIT */
/* Captured packets down to UDP: layers in all combinations, cut and lying. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "wire/netpkt.h"

#define L(s) s, sizeof(s) - 1

#define MAC "\1\2\3\4\5\6\1\2\3\4\5\7"
#define SLL "\0\0\0\1\0\6\1\2\3\4\5\6\0\0"
#define SLL2(type) type "\0\0\0\0\0\2\0\1\0\6\1\2\3\4\5\6\0\0"
#define V4(ihl, total, frag, proto, options)                               \
	ihl "\xb8" total "\0\1" frag "\x40" proto "\0\0\x0a\0\0\1\xc0\0\2" \
	    "\7" options
#define V6(len, next)                                                    \
	"\x6b\x80\0\0\0" len next "\x3f\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0" \
	"\0\0\1\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2"
#define UDP "\x13\x8c\xe0\0\0\xc\0\0\x80\1\2\3" /* 5004 to 57344 */
#define TCP(offset) "\x13\x8c\xe0\0\0\0\0\1\0\0\0\2" offset "\x18\0\x9\0\0\0\0"
#define PLAIN V4("\x45", "\0\x20", "\x40\0", "\x11", "")

static const struct {
	const char *name;
	unsigned int link;
	const char *p;
	size_t caplen;
	size_t cut; /* octets on the wire that were not captured */
	enum vc_netpkt_kind kind;
	size_t is_caplen; /* of the payload */
} rows[] = {
	{ "ethernet", 1, L(MAC "\x08\0" PLAIN UDP), 0, VC_NETPKT_UDP, 4 },
	{ "padded", 1, L(MAC "\x08\0" PLAIN UDP "\0\0\0\0"), 4, VC_NETPKT_UDP,
	  4 },
	{ "vlan", 1, L(MAC "\x81\0\0\5\x08\0" PLAIN UDP), 0, VC_NETPKT_UDP, 4 },
	{ "802.1ad", 1, L(MAC "\x88\xa8\0\5\x81\0\0\6\x08\0" PLAIN UDP), 0,
	  VC_NETPKT_UDP, 4 },
	{ "four tags", 1,
	  L(MAC "\x91\0\0\5\x91\0\0\5\x91\0\0\5\x81\0\0\6\x08\0" PLAIN UDP), 0,
	  VC_NETPKT_UDP, 4 },
	{ "five tags", 1,
	  L(MAC "\x91\0\0\5\x91\0\0\5\x91\0\0\5\x91\0\0\5\x81\0\0\6\x08"
		"\0" PLAIN UDP),
	  0, VC_NETPKT_BAD, 0 },
	{ "arp", 1, L(MAC "\x08\6\0\1\x08\0"), 0, VC_NETPKT_OTHER, 0 },
	{ "llc", 1, L(MAC "\0\x26\x42\x42\3"), 0, VC_NETPKT_OTHER, 0 },
	{ "sll", 113, L(SLL "\x08\0" PLAIN UDP), 0, VC_NETPKT_UDP, 4 },
	{ "sll, vlan", 113, L(SLL "\x81\0\0\1\x08\0" PLAIN UDP), 0,
	  VC_NETPKT_UDP, 4 },
	{ "sll2", 276, L(SLL2("\x08\0") PLAIN UDP), 0, VC_NETPKT_UDP, 4 },
	{ "sll2, IPv6", 276, L(SLL2("\x86\xdd") V6("\xc", "\x11") UDP), 0,
	  VC_NETPKT_UDP, 4 },
	{ "null", 0, L("\2\0\0\0" PLAIN UDP), 0, VC_NETPKT_UDP, 4 },
	{ "null, big", 0, L("\0\0\0\2" PLAIN UDP), 0, VC_NETPKT_UDP, 4 },
	{ "null, macOS", 0, L("\x1e\0\0\0" V6("\xc", "\x11") UDP), 0,
	  VC_NETPKT_UDP, 4 },
	{ "null, other", 0, L("\7\0\0\0" PLAIN UDP), 0, VC_NETPKT_OTHER, 0 },
	{ "loop", 108, L("\0\0\0\x18" V6("\xc", "\x11") UDP), 0, VC_NETPKT_UDP,
	  4 },
	{ "raw", 101, L(PLAIN UDP), 0, VC_NETPKT_UDP, 4 },
	{ "raw, IPv6", 12, L(V6("\xc", "\x11") UDP), 0, VC_NETPKT_UDP, 4 },
	{ "raw, version 5", 101, L("\x55\0\0\0"), 0, VC_NETPKT_BAD, 0 },
	{ "empty", 101, L(""), 0, VC_NETPKT_BAD, 0 },
	{ "empty, cut", 101, L(""), 40, VC_NETPKT_CUT, 0 },
	{ "802.11", 105, L(PLAIN UDP), 0, VC_NETPKT_LINK, 0 },

	{ "options", 228,
	  L(V4("\x46", "\0\x24", "\0\0", "\x11", "\1\1\1\0") UDP), 0,
	  VC_NETPKT_UDP, 4 },
	{ "options longer than it", 228,
	  L(V4("\x4f", "\0\x24", "\0\0", "\x11", "\1\1\1\0") UDP), 0,
	  VC_NETPKT_BAD, 0 },
	{ "header too short", 228,
	  L(V4("\x44", "\0\x20", "\0\0", "\x11", "") UDP), 0, VC_NETPKT_BAD,
	  0 },
	{ "version 6 as IPv4", 1, L(MAC "\x08\0" V6("\xc", "\x11") UDP), 0,
	  VC_NETPKT_BAD, 0 },
	{ "total longer", 228, L(V4("\x45", "\0\x21", "\0\0", "\x11", "") UDP),
	  0, VC_NETPKT_BAD, 0 },
	{ "total under its header", 228,
	  L(V4("\x45", "\0\x13", "\0\0", "\x11", "") UDP), 0, VC_NETPKT_BAD,
	  0 },
	{ "no total", 228, L(V4("\x45", "\0\0", "\0\0", "\x11", "") UDP), 0,
	  VC_NETPKT_UDP, 4 },
	{ "first fragment", 228,
	  L(V4("\x45", "\0\x20", "\x20\0", "\x11", "") UDP), 0,
	  VC_NETPKT_FRAGMENT, 0 },
	{ "last fragment", 228, L(V4("\x45", "\0\x20", "\0\1", "\x11", "") UDP),
	  0, VC_NETPKT_FRAGMENT, 0 },
	{ "tcp", 228,
	  L(V4("\x45", "\0\x2b", "\0\0", "\6", "") TCP("\x50") "abc"), 0,
	  VC_NETPKT_TCP, 3 },
	{ "tcp, options", 228,
	  L(V4("\x45", "\0\x2f", "\0\0", "\6", "") TCP("\x60") "\1\1\1\1"
							       "abc"),
	  0, VC_NETPKT_TCP, 3 },
	{ "tcp, header beyond the end", 228,
	  L(V4("\x45", "\0\x2b", "\0\0", "\6", "") TCP("\xf0") "abc"), 0,
	  VC_NETPKT_BAD, 0 },
	{ "tcp, short", 228, L(V4("\x45", "\0\x20", "\0\0", "\6", "") UDP), 0,
	  VC_NETPKT_BAD, 0 },
	{ "icmp", 228, L(V4("\x45", "\0\x20", "\0\0", "\1", "") UDP), 0,
	  VC_NETPKT_OTHER, 0 },

	{ "hop-by-hop, destination", 229,
	  L(V6("\x1c", "\0") "\x3c\0\1\4\0\0\0\0\x11\0\1\4\0\0\0\0" UDP), 0,
	  VC_NETPKT_UDP, 4 },
	{ "routing, two units", 229,
	  L(V6("\x1c", "\x2b") "\x11\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0" UDP), 0,
	  VC_NETPKT_UDP, 4 },
	{ "authentication", 229,
	  L(V6("\x18", "\x33") "\x11\1\0\0\0\0\0\1\0\0\0\1" UDP), 0,
	  VC_NETPKT_UDP, 4 },
	{ "authentication, too short", 229,
	  L(V6("\x18", "\x33") "\x11\xff\0\0\0\0\0\1\0\0\0\1" UDP), 0,
	  VC_NETPKT_BAD, 0 },
	{ "fragment", 229, L(V6("\x14", "\x2c") "\x11\0\0\1\0\0\0\7" UDP), 0,
	  VC_NETPKT_FRAGMENT, 0 },
	{ "fragment that is whole", 229,
	  L(V6("\x14", "\x2c") "\x11\0\0\0\0\0\0\7" UDP), 0, VC_NETPKT_UDP, 4 },
	{ "extension over the end", 229,
	  L(V6("\x14", "\0") "\x11\xff\0\0\0\0\0\0" UDP), 0, VC_NETPKT_BAD, 0 },
	{ "nine extensions", 229,
	  L(V6("\x54", "\0") "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
			     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
			     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x11\0\0\0\0\0\0"
			     "\0" UDP),
	  0, VC_NETPKT_BAD, 0 },
	{ "no next header", 229, L(V6("\xc", "\x3b") UDP), 0, VC_NETPKT_OTHER,
	  0 },
	{ "IPv6 longer", 229, L(V6("\xd", "\x11") UDP), 0, VC_NETPKT_BAD, 0 },
	{ "jumbogram", 229, L(V6("\0", "\x11") UDP), 0, VC_NETPKT_UDP, 4 },

	{ "UDP of length 7", 101, L(PLAIN "\x13\x8c\xe0\0\0\7\0\0\x80\1\2\3"),
	  0, VC_NETPKT_BAD, 0 },
	{ "UDP longer", 101, L(PLAIN "\x13\x8c\xe0\0\0\xd\0\0\x80\1\2\3"), 0,
	  VC_NETPKT_BAD, 0 },
	{ "UDP, empty", 101, L(PLAIN "\x13\x8c\xe0\0\0\x8\0\0\x80\1\2\3"), 0,
	  VC_NETPKT_UDP, 0 },
	{ "UDP, cut in its payload", 101,
	  L(PLAIN "\x13\x8c\xe0\0\0\xc\0\0\x80"), 3, VC_NETPKT_UDP, 1 },
};

static void layers_in_combination(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_netpkt pkt;
		enum vc_netpkt_kind kind;

		kind = vc_netpkt_parse(&pkt, rows[i].link,
				       (const uint8_t *)rows[i].p,
				       rows[i].caplen,
				       rows[i].caplen + rows[i].cut);
		if (kind != rows[i].kind ||
		    (kind == VC_NETPKT_UDP && pkt.caplen != rows[i].is_caplen))
			fail_msg("%s: kind %d, %zu octets", rows[i].name, kind,
				 pkt.caplen);
		if (kind == VC_NETPKT_TCP) {
			assert_int_equal(pkt.caplen, 3);
			assert_int_equal(pkt.seq, 1);
			assert_int_equal(pkt.ack, 2);
			assert_int_equal(pkt.flags, 0x18);
		}
		if (kind != VC_NETPKT_UDP)
			continue;
		assert_int_equal(pkt.src.port, 5004);
		assert_int_equal(pkt.dst.port, 57344);
		assert_int_equal(pkt.dscp, 46);
		assert_int_equal(pkt.ttl, pkt.src.is_ip6 ? 63 : 64);
		assert_int_equal(pkt.src.is_ip6, pkt.dst.is_ip6);
		assert_memory_equal(
			pkt.src.ip,
			pkt.src.is_ip6 ? "\x20\1\x0d\xb8" : "\x0a\0\0\1", 4);
		assert_memory_equal(
			pkt.dst.ip,
			pkt.dst.is_ip6 ? "\x20\1\x0d\xb8" : "\xc0\0\2\7", 4);
		assert_memory_equal(pkt.payload, "\x80\1\2\3", pkt.caplen);
	}
}

/* Of each good row every shorter capture is CUT, or UDP with less of it; and
 * claimed to be whole, it is malformed. */
static void packets_cut_at_every_octet(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		if (rows[i].kind != VC_NETPKT_UDP || rows[i].cut)
			continue;
		for (size_t n = 0; n < rows[i].caplen; n++) {
			uint8_t *copy = malloc(n ? n : 1);
			struct vc_netpkt pkt;
			enum vc_netpkt_kind kind;

			memcpy(copy, rows[i].p, n);
			kind = vc_netpkt_parse(&pkt, rows[i].link, copy, n,
					       rows[i].caplen);
			if (kind == VC_NETPKT_UDP) {
				assert_int_equal(pkt.len, rows[i].is_caplen);
				assert_true(pkt.payload + pkt.caplen <=
					    copy + n);
			} else {
				assert_int_equal(kind, VC_NETPKT_CUT);
			}
			kind = vc_netpkt_parse(&pkt, rows[i].link, copy, n, n);
			/* Padding is not missed. */
			if (kind != VC_NETPKT_BAD &&
			    !(kind == VC_NETPKT_UDP &&
			      pkt.caplen == rows[i].is_caplen))
				fail_msg("%s, %zu: %d", rows[i].name, n, kind);
			free(copy);
		}
	}
}

static void addresses_compare(void **state)
{
	struct vc_netaddr a = { .ip = { 1, 2, 3, 4 }, .port = 5 }, b = a;

	(void)state;
	assert_true(vc_netaddr_eq(&a, &b));
	b.port = 6;
	assert_false(vc_netaddr_eq(&a, &b));
	b = a;
	b.is_ip6 = true;
	assert_false(vc_netaddr_eq(&a, &b));
	b = a;
	b.ip[3] = 5;
	assert_false(vc_netaddr_eq(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_in_combination),
		cmocka_unit_test(packets_cut_at_every_octet),
		cmocka_unit_test(addresses_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Captures: pcap (draft-ietf-opsawg-pcap) and pcapng
 * (draft-ietf-opsawg-pcapng), in either order of octets. The caller holds the
 * reader's state.
 */
#ifndef VC_WIRE_PCAP_H
#define VC_WIRE_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/piece.h"

/* Longer packets are BAD: it is the most that libpcap captures. */
#define VC_PCAP_PACKET_MAX 262144
/* Of a block that is looked at; so many octets are asked for at most. */
#define VC_PCAP_BLOCK_MAX (VC_PCAP_PACKET_MAX + 65536)
/* Interfaces of a section; packets of further ones are BAD. */
#define VC_PCAP_IFACES 64

struct vc_pcap_iface {
	uint16_t link;
	uint8_t tsresol; /* if_tsresol: 10^-n s, or 2^-n with the top bit */
	uint32_t snaplen;
	int64_t tsoffset; /* s */
};

/* Zero it before the first call. */
struct vc_pcap {
	bool is_begun;
	bool is_ng;
	bool is_little; /* the file's order of octets */
	int64_t last;	/* time of the packet before; simple blocks have none */
	unsigned int n_ifaces; /* counts those above VC_PCAP_IFACES, too */
	struct vc_pcap_iface ifaces[VC_PCAP_IFACES];
};

/* The piece at 'buf', as wire/piece.h says. */
int vc_pcap_next(struct vc_pcap *pc, const uint8_t *buf, size_t len,
		 struct vc_piece *out);

/* Room for what vc_pcap_begin() writes, and for a packet beside its octets. */
#define VC_PCAP_BEGIN_CAP 192
#define VC_PCAP_PACKET_CAP 48

/*
 * The beginning of a pcapng with one interface, times in nanoseconds; 'app'
 * wrote it.
 */
void vc_pcap_begin(struct vc_wr *w, const char *app, uint16_t link);

/* A packet, and what is said of it; "": nothing. UTF-8. */
void vc_pcap_packet(struct vc_wr *w, int64_t time, const uint8_t *p, size_t len,
		    const char *comment);

#endif

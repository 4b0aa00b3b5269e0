/* SPDX-License-Identifier: MIT */
/*
 * What the readers of capture files (wire/pcap.h, wire/rtpdump.h, wire/mjr.h)
 * give, one after the other, from as many octets of the file as are here: so
 * files are read as they grow, and pipes as they come.
 *
 * All three have one call: 1: a piece; step over its 'size' octets, which may
 * be more than are here (skip them as they come). 0: more octets are needed, at
 * least 'size' in all. -EBADMSG: it is no such file or goes on as none;
 * -EPROTONOSUPPORT: it is one of a version that is not known. After an error
 * there is no going on.
 */
#ifndef VC_WIRE_PIECE_H
#define VC_WIRE_PIECE_H

#include <stdint.h>
#include <stddef.h>

enum vc_piece_kind {
	VC_PIECE_SKIP,	 /* nothing to be had: a header, an unknown block */
	VC_PIECE_PACKET, /* a packet */
	VC_PIECE_INFO,	 /* 'data' is text that describes the file (mjr) */
	VC_PIECE_BAD,	 /* malformed, and stepped over: count it */
};

struct vc_piece {
	enum vc_piece_kind kind;
	size_t size;
	/* Of packets. */
	int64_t time;	     /* ns since the Unix epoch, or VC_TIME_NONE */
	unsigned int link;   /* pcap: LINKTYPE_ of the interface */
	const uint8_t *data; /* borrowed from the file's octets */
	size_t caplen;	     /* octets at 'data' */
	size_t len;	     /* as it was on the wire; never less */
};

#endif

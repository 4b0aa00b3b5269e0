/* SPDX-License-Identifier: MIT */
/*
 * Wins back lost packets of one protected source from its parity packets
 * (wire/fec.h). It holds what came lately: references to media of the last
 * VC_FECDEC_WINDOW sequence numbers and at most VC_FECDEC_PARITY_MAX parity
 * packets. A packet that was won may complete the next parity: in a loop,
 * each turn of which uses up one parity packet.
 *
 * Nothing in a parity packet is believed: what it says must lie in the window,
 * what comes out must be an RTP packet of media, not longer than the sum it
 * came from and with nothing but zeros behind it.
 *
 * What was won carries zeros in the extensions of 'volatile_ids'; it tells
 * nothing about the path. Not thread-safe.
 */
#ifndef VC_SESSION_FECDEC_H
#define VC_SESSION_FECDEC_H

#include <stddef.h>
#include <stdint.h>

#include "wire/fec.h"

struct vc_packet;
struct vc_pool;

#define VC_FECDEC_WINDOW 256
#define VC_FECDEC_AHEAD 128 /* parity may speak of so many after the newest */
#define VC_FECDEC_PARITY_MAX 48

struct vc_fecdec_conf {
	enum vc_fec_format format;
	uint8_t pt;	     /* of parity: media cannot have it */
	uint8_t red_pt;	     /* ULPFEC: likewise; else equal to pt */
	uint32_t media_ssrc; /* what is protected */
	uint16_t volatile_ids;
};

struct vc_fecdec_counts {
	uint64_t parity;    /* packets taken */
	uint64_t recovered; /* media packets won */
	uint64_t unused;    /* parity: all it covers was there */
	uint64_t expired;   /* parity: too much was missing for too long */
	uint64_t malformed; /* parity refused on arrival */
	uint64_t bad;	    /* parity that gave no media packet */
};

struct vc_fecdec;

/* Won packets come from 'pool', which must outlive it. NULL: no memory. */
struct vc_fecdec *vc_fecdec_new(const struct vc_fecdec_conf *conf,
				struct vc_pool *pool);
void vc_fecdec_free(struct vc_fecdec *d);

/*
 * A media packet that receive statistics took as new (vc_rx_is_media()), also
 * one won by retransmission; out of RED if it was in it (vc_red_unwrap()).
 * Takes a reference. A jump out of the window begins anew. Then call
 * vc_fecdec_next().
 */
void vc_fecdec_media(struct vc_fecdec *d, struct vc_packet *pkt);

/*
 * A parity packet: 'p' is its payload (ULPFEC: the block in RED), inside
 * 'pkt'. Takes a reference. Then call vc_fecdec_next(). 0, -EBADMSG or
 * -ENOTSUP as vc_fec_parse(); -EBADMSG also for one that covers itself,
 * -ERANGE: covers what is outside the window, or no media came yet; -ENOENT:
 * protects another source.
 */
int vc_fecdec_parity(struct vc_fecdec *d, struct vc_packet *pkt,
		     const uint8_t *p, size_t len);

/*
 * The next packet that was won, in the order they could be: whole, as it was
 * sent, arrival that of the packet which completed it; NULL when there is
 * none. The reference is the caller's.
 */
struct vc_packet *vc_fecdec_next(struct vc_fecdec *d);

const struct vc_fecdec_counts *vc_fecdec_counts(const struct vc_fecdec *d);

#endif

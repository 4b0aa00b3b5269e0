/* SPDX-License-Identifier: MIT */
/*
 * Packets. One is received once into a buffer of a pool, and a reference to it
 * travels from there: whoever keeps a packet takes a reference, whoever is
 * done drops it, and the last drop gives the buffer back. Nothing is
 * allocated per packet once the pool has warmed up. One thread only.
 */
#ifndef VC_BASE_POOL_H
#define VC_BASE_POOL_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* RTP over this many octets is dropped 'toobig' (vc-stream(7)). */
#define VC_PACKET_MAX 9216

struct vc_pool;

/* An RTP or RTCP packet. 'data' has room for 'cap' octets, 'len' are used. */
struct vc_packet {
	uint8_t *data;
	size_t len;
	size_t cap;
	int64_t arrival; /* when it reached us, ns; from a socket or T frame */
	unsigned int refs;
	struct vc_pool *pool;
	struct vc_packet *next_free;
};

struct vc_pool *vc_pool_new(void);

/* Packets still referenced keep the pool alive until their last drop. */
void vc_pool_free(struct vc_pool *pool);

/*
 * A packet with one reference and room for at least 'cap' octets (at most
 * VC_PACKET_MAX), 'len' 0. NULL when out of memory.
 */
struct vc_packet *vc_packet_new(struct vc_pool *pool, size_t cap);

static inline struct vc_packet *vc_packet_ref(struct vc_packet *pkt)
{
	pkt->refs++;
	return pkt;
}

void vc_packet_free(struct vc_packet *pkt); /* for the next only */

/* NULL is fine. */
static inline void vc_packet_unref(struct vc_packet *pkt)
{
	if (!pkt)
		return;
	assert(pkt->refs > 0);
	pkt->refs--;
	if (!pkt->refs)
		vc_packet_free(pkt);
}

/* Packets in use, for statistics and leak tests. */
size_t vc_pool_used(const struct vc_pool *pool);

#endif

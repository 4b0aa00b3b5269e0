/* SPDX-License-Identifier: MIT */
/*
 * Two free lists, for packets of up to 2,048 octets (all that a network
 * brings) and for those up to the cap. A buffer is allocated when its list is
 * empty and goes back to the list when its last reference drops; the pool
 * shrinks only when it is freed, so a steady flow allocates nothing.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/pool.h"

#define SMALL_CAP 2048

struct vc_pool {
	struct vc_packet *free_small;
	struct vc_packet *free_large;
	size_t used;
	bool is_closed;
};

struct vc_pool *vc_pool_new(void)
{
	return vc_alloc(1, sizeof(struct vc_pool));
}

static void free_list(struct vc_packet *pkt)
{
	while (pkt) {
		struct vc_packet *next = pkt->next_free;

		free(pkt);
		pkt = next;
	}
}

static void pool_destroy(struct vc_pool *pool)
{
	free_list(pool->free_small);
	free_list(pool->free_large);
	free(pool);
}

void vc_pool_free(struct vc_pool *pool)
{
	if (!pool)
		return;
	pool->is_closed = true;
	if (!pool->used)
		pool_destroy(pool);
}

VC_COLD static struct vc_packet *packet_alloc(struct vc_pool *pool, size_t cap)
{
	struct vc_packet *pkt = vc_try_alloc(1, sizeof(*pkt) + cap);

	if (!pkt)
		return NULL;
	pkt->data = (uint8_t *)(pkt + 1);
	pkt->cap = cap;
	pkt->pool = pool;
	return pkt;
}

struct vc_packet *vc_packet_new(struct vc_pool *pool, size_t cap)
{
	bool is_small = cap <= SMALL_CAP;
	struct vc_packet **list;
	struct vc_packet *pkt;

	assert(cap <= VC_PACKET_MAX);
	list = is_small ? &pool->free_small : &pool->free_large;
	pkt = *list;
	if (pkt)
		*list = pkt->next_free;
	else
		pkt = packet_alloc(pool, is_small ? SMALL_CAP : VC_PACKET_MAX);
	if (!pkt)
		return NULL;
	pkt->next_free = NULL;
	pkt->len = 0;
	pkt->arrival = 0;
	pkt->refs = 1;
	pool->used++;
	return pkt;
}

void vc_packet_free(struct vc_packet *pkt)
{
	struct vc_pool *pool = pkt->pool;
	struct vc_packet **list;

	list = pkt->cap == SMALL_CAP ? &pool->free_small : &pool->free_large;
	pkt->next_free = *list;
	*list = pkt;
	/* It is the next to be used, and may not have been for long. */
	for (size_t i = 0; i < 4; i++)
		__builtin_prefetch(pkt->data + 64 * i, 1);
	pool->used--;
	if (pool->is_closed && !pool->used)
		pool_destroy(pool);
}

size_t vc_pool_used(const struct vc_pool *pool)
{
	return pool->used;
}

/* SPDX-License-Identifier: MIT */
/*
 * Three free lists: for packets of up to 512 octets (sound; thousands that wait
 * lie close together), of up to 2,048 (all that a network brings) and up to the
 * cap. A buffer is allocated when its list is empty and goes back to the list
 * when its last reference drops; the pool shrinks only when it is freed, so a
 * steady flow allocates nothing.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/pool.h"

static const size_t caps[] = { 512, 2048, VC_PACKET_MAX };

struct vc_pool {
	struct vc_packet *free[VC_COUNT(caps)];
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
	for (size_t i = 0; i < VC_COUNT(caps); i++)
		free_list(pool->free[i]);
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

/* Which list has room for 'cap'. */
static size_t class_of(size_t cap)
{
	return (cap > caps[0]) + (cap > caps[1]);
}

struct vc_packet *vc_packet_new(struct vc_pool *pool, size_t cap)
{
	size_t class = class_of(cap);
	struct vc_packet *pkt = pool->free[class];

	assert(cap <= VC_PACKET_MAX);
	if (pkt)
		pool->free[class] = pkt->next_free;
	else
		pkt = packet_alloc(pool, caps[class]);
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
	struct vc_packet **list = &pool->free[class_of(pkt->cap)];

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

/* SPDX-License-Identifier: MIT */
/* The packets of a test: at its end every one has been given back. */
#ifndef VC_TEST_PACKETPOOL_H
#define VC_TEST_PACKETPOOL_H

#include "base/pool.h"

static struct vc_pool *pool;

static inline int set_up(void **state)
{
	(void)state;
	pool = vc_pool_new();
	return pool ? 0 : -1;
}

static inline int tear_down(void **state)
{
	size_t used = vc_pool_used(pool);

	(void)state;
	vc_pool_free(pool);
	return used ? -1 : 0;
}

#endif

/* SPDX-License-Identifier: MIT */
/* Memory. Both return zeroed memory; free it with free(). */
#ifndef VC_BASE_MEM_H
#define VC_BASE_MEM_H

#include <stddef.h>

/* Rarely run: kept out of the way of what is run for every packet. */
#define VC_COLD __attribute__((cold))

#define VC_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* For start-up: cannot fail (says so and exits 1). Never sized by input. */
void *vc_alloc(size_t n, size_t size);
char *vc_strdup(const char *s);

/* For what input sizes. NULL when out of memory or n * size overflows. */
void *vc_try_alloc(size_t n, size_t size);

#define VC_CACHE_LINE 64

/* Will be needed soon: asks the cache for it and does not wait. */
static inline void vc_fetch(const void *p, size_t len)
{
	for (size_t i = 0; i < len; i += VC_CACHE_LINE)
		__builtin_prefetch((const char *)p + i);
}

#endif

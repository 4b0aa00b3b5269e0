/* SPDX-License-Identifier: MIT */
/* calloc(), by which we allocate, that fails when a test says so. */
#ifndef VC_TESTS_FAILCALLOC_H
#define VC_TESTS_FAILCALLOC_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static long fail_in = -1; /* calls until one fails; negative: none does */

void *calloc(size_t n, size_t size)
{
	static void *(*real)(size_t, size_t);
	static _Alignas(16) uint8_t early[4096];
	static size_t used;
	static bool is_looking;

	if (is_looking) {
		/* dlsym() itself wants some. */
		void *p = early + used;

		used += (n * size + 15) / 16 * 16;
		return used <= sizeof(early) ? p : NULL;
	}
	if (!real) {
		is_looking = true;
		real = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
		is_looking = false;
	}
	if (fail_in >= 0 && fail_in-- == 0)
		return NULL;
	return real(n, size);
}

#endif

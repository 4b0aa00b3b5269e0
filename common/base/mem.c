/* SPDX-License-Identifier: MIT */
/*
 * calloc with two manners: one that ends the program, for what a tool needs
 * to start at all, and one that reports, for what input sizes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void *vc_try_alloc(size_t n, size_t size)
{
	return calloc(n ? n : 1, size ? size : 1);
}

void *vc_alloc(size_t n, size_t size)
{
	void *p = vc_try_alloc(n, size);

	if (!p) {
		fputs("vc: out of memory at start\n", stderr);
		exit(1);
	}
	return p;
}

char *vc_strdup(const char *s)
{
	size_t len = strlen(s) + 1;

	return memcpy(vc_alloc(len, 1), s, len);
}

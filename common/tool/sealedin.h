/* SPDX-License-Identifier: MIT */
/*
 * Where octets are read that may be those of an encrypted recording: the plain
 * ones. Used by tool/input.h.
 */
#ifndef VC_TOOL_SEALEDIN_H
#define VC_TOOL_SEALEDIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/unseal.h"

/* Embedded; zero it and set the first three. */
struct vc_sealedin {
	struct vc_unseal_keys keys;
	bool is_regular;	  /* reading never waits */
	bool is_in_records;	  /* of TLS, which are to be read whole */
	struct vc_unseal *unseal; /* NULL: it is none, so far */
	const char *why; /* of the last error, for people; NULL: strerror() */
	uint8_t *buf;
	size_t start, len; /* of what was read and not opened */
};

/*
 * It is one: 'p' are its first octets; 'fd' is what they were read from, for
 * reading a regular file twice. 0, or as vc_unseal_read().
 */
int vc_sealedin_start(struct vc_sealedin *s, const uint8_t *p, size_t len,
		      int fd);

/* As read(), and so is 'get', which is called once where it may wait: EAGAIN
 * then. */
ssize_t vc_sealedin_read(struct vc_sealedin *s,
			 ssize_t (*get)(void *ctx, uint8_t *p, size_t cap),
			 void *ctx, uint8_t *p, size_t cap);

void vc_sealedin_clear(struct vc_sealedin *s);

#endif

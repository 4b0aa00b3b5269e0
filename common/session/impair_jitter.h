/* SPDX-License-Identifier: MIT */
/* How much later a packet comes than by its delay. Used by session/impair.c
 * only. */
#ifndef VC_SESSION_IMPAIR_JITTER_H
#define VC_SESSION_IMPAIR_JITTER_H

#include <stdint.h>

#include "session/impair.h"

/* Of packet number n, with 64 random bits. */
int64_t vc_impair_jitter(const struct vc_impair_conf *c, uint64_t roll,
			 uint64_t n);

/* It is never less. */
int64_t vc_impair_jitter_least(const struct vc_impair_conf *c);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The sound that a decoded one was before it was encoded: what
 * `vc-capture test:` plays for a name.
 */
#ifndef VC_PROBE_REFSOUND_H
#define VC_PROBE_REFSOUND_H

#include <stddef.h>
#include <stdint.h>

#define REFSOUND_RATE 48000
/* Shorter sound is not known again: the phrase of a voice, and a little. */
#define REFSOUND_LEAST (REFSOUND_RATE * 2)

/* A correlation: what is that like a voice is it, and 1 is the same. */
#define REFSOUND_LIKE 0.5

/*
 * How like REFSOUND_LEAST samples of 'pcm' (mono) are to the voice of 'name',
 * and '*at', where in its phrase they begin. -1: out of memory.
 */
double refsound_find(const char *name, const int16_t *pcm, size_t *at);

/*
 * Fills 'out' with that voice from 'at' on, and with the marks (media/chirp.h)
 * of 'name' where 'pcm' has them. 0 or -ENOMEM.
 */
int refsound_make(const char *name, const int16_t *pcm, size_t n, size_t at,
		  int16_t *out);

#endif

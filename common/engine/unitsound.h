/* SPDX-License-Identifier: MIT */
/*
 * The sound of a WebM or Matroska file: its octets in, two channels at 48 kHz
 * out. Of several tracks the first is taken. A hole of up to a second is
 * silence, a longer one is shortened to that.
 */
#ifndef VC_ENGINE_UNITSOUND_H
#define VC_ENGINE_UNITSOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Octets that are put at a time, lest more comes out than is held. */
#define VC_UNITSOUND_PIECE 64

struct vc_unitsound;

/* NULL when out of memory. */
struct vc_unitsound *vc_unitsound_new(void);
void vc_unitsound_free(struct vc_unitsound *u);

/* Of the octets that a file begins with: is it one? */
bool vc_unitsound_knows(const uint8_t *p, size_t len);

/*
 * At most VC_UNITSOUND_PIECE more. 0, -EBADMSG (or what else of
 * vc_unitfile_put()): it cannot be read from here on.
 */
int vc_unitsound_put(struct vc_unitsound *u, const uint8_t *p, size_t len);

/* Has a track of sound begun? */
bool vc_unitsound_has_begun(const struct vc_unitsound *u);

/* At most 'n' samples a channel of what came, interleaved; how many. */
size_t vc_unitsound_take(struct vc_unitsound *u, int16_t *pcm, size_t n);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The sound of an Ogg file of Opus (RFC 7845, one or two channels): its octets
 * in, two channels at 48 kHz out, without what the encoder put before and
 * behind it, and as loud as its header wants it. Of several streams at once the
 * first is taken; of those one after another (chained), all.
 */
#ifndef VC_ENGINE_OGGSOUND_H
#define VC_ENGINE_OGGSOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Octets that are put at a time, at most. */
#define VC_OGGSOUND_PIECE 4096

struct vc_oggsound;

/* NULL when out of memory. */
struct vc_oggsound *vc_oggsound_new(void);
void vc_oggsound_free(struct vc_oggsound *o);

/* Of the octets that a file begins with: is it one? */
bool vc_oggsound_knows(const uint8_t *p, size_t len);

/*
 * At most VC_OGGSOUND_PIECE more, when nothing is left to be taken. 0,
 * -EBADMSG: it cannot be read from here, or from what was put before, on,
 * -ENOMEM.
 */
int vc_oggsound_put(struct vc_oggsound *o, const uint8_t *p, size_t len);

/* Has a stream of Opus begun? */
bool vc_oggsound_has_begun(const struct vc_oggsound *o);

/* At most 'n' samples a channel of what came, interleaved; how many. */
size_t vc_oggsound_take(struct vc_oggsound *o, int16_t *pcm, size_t n);

#endif

/* SPDX-License-Identifier: MIT */
/* Loudness of a block of 16-bit samples. */
#ifndef VC_MEDIA_LEVEL_H
#define VC_MEDIA_LEVEL_H

#include <stddef.h>
#include <stdint.h>

/*
 * The level of RFC 6464, 0 to 127: minus the RMS level in dBov, rounded, where
 * 0 dBov is a full-scale square wave (so a full-scale sine gives 3). Digital
 * silence and n = 0 give 127. In integers: the same octet on every machine.
 */
uint8_t vc_level_dbov(const int16_t *pcm, size_t n);

/* The same unrounded and negative, for statistics; silence: -127. */
double vc_level_dbfs(const int16_t *pcm, size_t n);

#endif

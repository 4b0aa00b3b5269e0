/* SPDX-License-Identifier: MIT */
/* What the writer and the reader of sound marks have in common. */
#ifndef VC_MEDIA_CHIRP_INTERNAL_H
#define VC_MEDIA_CHIRP_INTERNAL_H

#include <stdint.h>

#include "media/chirp.h"

#define CHIRP_LOW_HZ 3000
#define CHIRP_BAND_HZ 640
#define CHIRP_FALL 2400	  /* samples at 48 kHz */
#define CHIRP_SYMBOL 1200 /* the same */
#define CHIRP_TONES 16
#define CHIRP_WHOLE (CHIRP_FALL + VC_CHIRP_SYMBOLS * CHIRP_SYMBOL)

/*
 * Phases in 2^-32 of a circle, 'at' samples at 48 kHz after the beginning of
 * the fall, or of a tone.
 */
uint32_t chirp_fall_phase(uint32_t at);
uint32_t chirp_tone_phase(unsigned int tone, uint32_t at);

/* The check symbols that belong to four of data, which are in 'data'. */
unsigned int chirp_check(unsigned int data);

/* What is added to symbol i before it is sent, modulo the tones. */
extern const uint8_t chirp_offset[VC_CHIRP_SYMBOLS];

#endif

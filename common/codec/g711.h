/* SPDX-License-Identifier: MIT */
/*
 * G.711: PCMU (mu-law) and PCMA (A-law), RFC 3551 section 4.5.14, 8 kHz, one
 * octet a sample, all octets legal. 16-bit samples on our side, whose lowest
 * 2 (mu-law) or 3 (A-law) bits are below the codec's resolution. Values as in
 * ITU-T G.711 Tables 1 and 2, scaled so that full scale is full scale; an octet
 * that is decoded and encoded again comes out the same (but for mu-law's
 * negative zero 0x7f, which becomes 0xff).
 */
#ifndef VC_CODEC_G711_H
#define VC_CODEC_G711_H

#include <stddef.h>
#include <stdint.h>

uint8_t vc_g711_ulaw(int16_t s);
uint8_t vc_g711_alaw(int16_t s);
int16_t vc_g711_from_ulaw(uint8_t u);
int16_t vc_g711_from_alaw(uint8_t a);

/* Blocks of 'n' samples. */
void vc_pcmu_encode(const int16_t *pcm, size_t n, uint8_t *out);
void vc_pcma_encode(const int16_t *pcm, size_t n, uint8_t *out);
void vc_pcmu_decode(const uint8_t *p, size_t n, int16_t *pcm);
void vc_pcma_decode(const uint8_t *p, size_t n, int16_t *pcm);

#endif

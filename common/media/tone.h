/* SPDX-License-Identifier: MIT */
/*
 * Voices for tests: a tone pattern that belongs to a name, and a detector
 * that says for which share of the time a name is heard in a mix.
 *
 * A voice speaks a phrase of 1.92 s over and over: twelve slots of 160 ms,
 * nine syllables and three pauses. A syllable is three tones on a grid of
 * 25 Hz: the voice's own pitch (300-875 Hz) and two "formants" (900-1775 and
 * 1800-2975 Hz) of one of its four vowels. Pitch, vowels, their order, the
 * accents and the pauses are drawn by a hash of the name. About -20 dBFS,
 * with the rhythm of speech; 'pcm' is signed 16 bit mono.
 *
 * Integers only and phase by sample index: equal names and rates give equal
 * samples on every machine, whatever the sizes they are read in.
 */
#ifndef VC_MEDIA_TONE_H
#define VC_MEDIA_TONE_H

#include <stddef.h>
#include <stdint.h>

#define VC_TONE_GRID_HZ 25
#define VC_TONE_TABLE 1920 /* one period of the grid at 48 kHz */
#define VC_TONE_SLOTS 12
#define VC_TONE_VOWELS 4

/* What a name's voice consists of; frequencies in units of the grid. */
struct vc_timbre {
	uint8_t pitch;
	uint8_t formant[VC_TONE_VOWELS][2];
	int8_t vowel[VC_TONE_SLOTS];   /* -1: a pause */
	uint8_t accent[VC_TONE_SLOTS]; /* loudness of the syllable, of 255 */
};

void vc_timbre_init(struct vc_timbre *voice, const char *name);

struct vc_tone {
	struct vc_timbre voice;
	uint32_t step;	 /* samples of the table a sample of the output */
	uint64_t sample; /* index of the next one */
	int16_t wave[VC_TONE_TABLE];
};

/* 'rate_hz' is 8000, 16000, 24000 or 48000. */
void vc_tone_init(struct vc_tone *tone, const char *name, uint32_t rate_hz);

/* The next 'n' samples. */
void vc_tone_read(struct vc_tone *tone, int16_t *pcm, size_t n);

/* Jumps to sample 'index' (0 is the first one). */
void vc_tone_seek(struct vc_tone *tone, uint64_t index);

/* A plain sine of about -20 dBFS at 48 kHz. */
struct vc_sine {
	uint32_t step;
	uint64_t sample; /* index of the next one; may be set */
	int16_t wave[VC_TONE_TABLE];
};

/* 'hz': a multiple of VC_TONE_GRID_HZ below 24,000. */
void vc_sine_init(struct vc_sine *sine, uint32_t hz);

/* The next 'n' samples. */
void vc_sine_read(struct vc_sine *sine, int16_t *pcm, size_t n);

#define VC_HEARD_BINS (1 + 2 * VC_TONE_VOWELS)
#define VC_HEARD_BLOCK_MS 20
#define VC_HEARD_BLOCKS (VC_TONE_SLOTS * 160 / VC_HEARD_BLOCK_MS)

/*
 * The detector. It looks at the last 1.92 s every 160 ms and asks whether the
 * name's phrase fits there, at whatever offset; pauses are part of the phrase
 * and do not count as absence. A syllable is found when its three tones stand
 * out at once, the phrase when seven of nine are. A name that is absent
 * appears by chance in less than one look of 10,000 with eight others
 * talking (see tone.c). Works after Opus from 16 kbit/s, with one packet in
 * ten lost, at any gain and with saturation; a voice 9 dB or more below each of
 * seven others is missed.
 */
struct vc_heard {
	struct vc_timbre voice;
	uint32_t step;
	uint32_t block;	 /* samples a block of 20 ms */
	uint32_t fill;	 /* samples in the current one */
	uint32_t phase;	 /* place in the table */
	uint64_t blocks; /* complete ones so far */
	uint64_t looks, hits;
	int16_t wave[VC_TONE_TABLE];
	struct vc_heard_block {
		int64_t re[VC_HEARD_BINS], im[VC_HEARD_BINS], power;
	} last[5]; /* a ring: the current one and those before it */
	uint16_t found[VC_HEARD_BLOCKS]; /* by block: the bins that stand out */
};

void vc_heard_init(struct vc_heard *heard, const char *name, uint32_t rate_hz);

void vc_heard_feed(struct vc_heard *heard, const int16_t *pcm, size_t n);

/*
 * The share of looks (0..1) in which the name was there. Under 2 s of sound
 * there is no look yet: 0, and vc_heard_looks() says so.
 */
double vc_heard_share(const struct vc_heard *heard);
uint64_t vc_heard_looks(const struct vc_heard *heard);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Sound marks: once a second of stream time a quiet run of chirps that says
 * which second it is and who made it, so that the delay of sound, gaps in it
 * and its distance from the picture can be measured behind any system.
 *
 * A mark lies between 3000 and 3640 Hz, above all voices of media/tone.h and
 * within what telephony carries, and lasts 250 ms: a fall through the band in
 * 50 ms, by which it is found, then eight of sixteen tones, 25 ms each: four
 * bits. Four tones carry the low 8 bits of the source's id (vc_mark_id()) and
 * of the second since the epoch, four are the check symbols of a Reed-Solomon
 * code: any two marks differ in five tones or more. When in its second a mark
 * begins is drawn from id and second: one of 61 places, 12.5 ms apart, so that
 * sources in one mix that meet do so elsewhere, or not, the next second. It has
 * -28 dBFS.
 *
 * The writer is in integers: equal arguments give equal samples everywhere.
 */
#ifndef VC_MEDIA_CHIRP_H
#define VC_MEDIA_CHIRP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_CHIRP_RATE 48000 /* of the reader */
#define VC_CHIRP_TABLE 1024
#define VC_CHIRP_SYMBOLS 8
#define VC_CHIRP_LENGTH INT64_C(250000000) /* ns */

struct vc_chirp {
	uint8_t id;
	uint32_t step; /* samples at 48 kHz a sample of the output */
	int64_t second;
	bool is_set;	/* what follows is that second's */
	int32_t begins; /* at 48 kHz, from the beginning of the second */
	uint8_t tone[VC_CHIRP_SYMBOLS];
	uint32_t phase[VC_CHIRP_SYMBOLS]; /* it begins with */
	int16_t wave[VC_CHIRP_TABLE];
};

/* 'rate_hz' is 8000, 16000, 24000 or 48000. */
void vc_chirp_init(struct vc_chirp *c, uint16_t id, uint32_t rate_hz);

/* Adds marks to 'pcm', whose first sample has the stream time 'now' (ns). */
void vc_chirp_add(struct vc_chirp *c, int16_t *pcm, size_t n, int64_t now);

/* When the mark of 'second' begins, ns after it. */
int64_t vc_chirp_offset(uint8_t id, uint8_t second);

/*
 * When the mark (id, second) was made, if it was read at 'now': not more than
 * four minutes before, nor ten seconds after.
 */
int64_t vc_chirp_made(uint8_t id, uint8_t second, int64_t now);

/* --- reading --- */

struct vc_chirp_reader;

struct vc_chirp_mark {
	uint8_t id;
	uint8_t second; /* since the epoch, low 8 bits */
	int64_t at;	/* its first sample, ns since the first one fed */
};

/* NULL when out of memory. */
struct vc_chirp_reader *vc_chirp_reader_new(void);
void vc_chirp_reader_free(struct vc_chirp_reader *r);

/* Mono at VC_CHIRP_RATE. */
void vc_chirp_feed(struct vc_chirp_reader *r, const int16_t *pcm, size_t n);

/*
 * The next mark; false: none yet. A mark is given out when a second one of the
 * same source agrees with it: the first one a second late, those that follow
 * a quarter of a second after they began. At most 64 are kept.
 */
bool vc_chirp_next(struct vc_chirp_reader *r, struct vc_chirp_mark *m);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What is measured on decoded media. A source is decoded once, whatever is
 * asked for, and each that asked is shown the same pictures and sound.
 */
#ifndef VC_PROBE_DECODE_H
#define VC_PROBE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chain.h"

struct decoder;
struct ears;
struct eyes;
struct film;
struct meter;
struct picture;
struct probe;
struct sight;
struct sound;
struct tape;
struct vc_image;
struct vc_json;
struct vc_mark_reader;
struct vc_packet;
struct vc_rtp;
struct vc_source;

/* --- decode.c --- */

/* Is anything asked for that needs decoding? */
bool decode_wanted(const struct probe *p);

/*
 * Decodes 'src' for all that want to know of it. NULL: nobody does, or
 * as chain_new().
 */
struct decoder *decoder_new(struct probe *p, const struct meter *m,
			    struct vc_source *src);
/* NULL is fine, here and below where nothing else is said. */
void decoder_free(struct decoder *d);
/* A packet of 'src', at 'now'. */
void decoder_put(struct decoder *d, const struct vc_source *src,
		 struct vc_packet *pkt, const struct vc_rtp *rtp, int64_t now);
/* What is due at 'now'. 'is_over': its BYE came, nothing is awaited. */
void decoder_tick(struct decoder *d, int64_t now, bool is_over);
/* The source goes; what was measured stays. */
void decoder_end(struct decoder *d);
bool decoder_held(const struct decoder *d);

/* Who was shown what of it; NULL: nothing of the kind was asked for. */
struct ears *decoder_ears(const struct decoder *d);
struct eyes *decoder_eyes(const struct decoder *d);
struct sight *decoder_sight(const struct decoder *d);
struct sound *decoder_sound(const struct decoder *d);
struct picture *decoder_picture(const struct decoder *d);
/* What is kept of it for --vmaf, --visqol. */
struct film *decoder_film(const struct decoder *d);
struct tape *decoder_tape(const struct decoder *d);

/* --- ears.c: heard[NAME] --- */

/* NULL: out of memory, here and below. */
struct ears *ears_new(const struct probe *p);
void ears_free(struct ears *e);
/* Mono, at 48 kHz. */
void ears_feed(struct ears *e, const int16_t *pcm, size_t n);
/* The share of time for name i; false: not measured yet. */
bool ears_share(const struct ears *e, size_t i, double *share);

/* --- sight.c: seen[NAME] --- */

struct sight *sight_new(const struct probe *p);
void sight_free(struct sight *s);
/* A picture came at 'now', and these are the marks in it. */
void sight_see(struct sight *s, const struct vc_mark_reader *r, int64_t now);
/* Looks, if it is time to. */
void sight_look(struct sight *s, int64_t now);
bool sight_share(const struct sight *s, size_t i, double *share);

/* --- eyes.c: marks --- */

/* 'm' is whose they are. */
struct eyes *eyes_new(const struct probe *p, const struct meter *m,
		      bool is_video);
void eyes_free(struct eyes *e);
/* The marks of a picture that came at 'now'. */
void eyes_see(struct eyes *e, const struct vc_mark_reader *r, int64_t now);
void eyes_hear(struct eyes *e, const struct chain_sound *s);
/* No more comes; 'r' is what the pictures were read with, or NULL. */
void eyes_end(struct eyes *e, const struct vc_mark_reader *r);
/* The member "marks" of a source; NULL: not measured. */
struct vc_json *eyes_record(const struct eyes *e);
/* From capture to here, of all ids in it, ms; NAN: not measured. */
struct eyes_delay {
	double p50, p95, max;
};
void eyes_delay(const struct eyes *e, struct eyes_delay *out);

/* --- sound.c: --decode, of sound --- */

struct sound *sound_new(void);
void sound_free(struct sound *s);
/* A packet of 'len' octets that holds 'samples' at 48 kHz, or 0. */
void sound_packet(struct sound *s, size_t len, int samples);
/*
 * A step of sound. 'is_sound': any of it was sent or made up; 'counts' are
 * those of the chain after it.
 */
void sound_feed(struct sound *s, const int16_t *pcm, size_t n, int channels,
		bool is_sound, const struct vc_audiorx_counts *counts);
/* The member "sound" of a source; NULL: not measured. */
struct vc_json *sound_record(const struct sound *s);

/* --- picture.c: --decode, of pictures --- */

/* 'film' is given what is compared; NULL: nobody wants it. */
struct picture *picture_new(const struct probe *p, const struct meter *m,
			    struct film *film);
void picture_free(struct picture *pic);
/* A picture, its place in stream time, and the marks in it. */
void picture_see(struct picture *pic, const struct vc_image *img, int64_t time,
		 const struct vc_mark_reader *r, int64_t now);
/* No more comes: what is not needed for the record is let go. */
void picture_end(struct picture *pic);
/* The member "picture" of a source; NULL: not measured. */
struct vc_json *picture_record(const struct probe *p,
			       const struct picture *pic);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What a microphone's sound goes through before it is encoded: a high-pass,
 * echo cancellation, noise suppression and gain control, through speexdsp.
 * 48 kHz, mono, in frames of 10 ms. Told the time; deterministic.
 *
 * The echo canceller is told what is played, with the times it is played at,
 * and takes out what of that the microphone hears. The two are put side by
 * side by their times, and what delay remains (devices have queues, sound
 * needs its time, clocks differ) is found by media/echolag.h: from 40 ms
 * before to 560 ms after. The filter then covers 200 ms, of which at least
 * 180 are the room's. Where the two clocks run apart, what was played is
 * read that much faster or slower.
 *
 * Why 48 kHz and frames of 10 ms: speexdsp's canceller takes one size of frame
 * and is made for powers of two at 8 or 16 kHz, but 480 samples cost little
 * more in its transform. Measured with speech in a room of 120 ms, after ten
 * seconds: at 48 kHz 1.6 % of a core for 40 dB; at 16 kHz 0.5 % for 35 dB,
 * with all above 8 kHz lost or left as it is. Frames of 20 ms save a fifth and
 * make sound 10 ms later. It follows a path that moves badly: hence the care
 * for drift. What its filter leaves is suppressed by speexdsp's preprocessor.
 */
#ifndef VC_MEDIA_VOICE_H
#define VC_MEDIA_VOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_VOICE_RATE 48000
#define VC_VOICE_FRAME 480 /* samples */

struct vc_voice;

/*
 * Somebody else than speexdsp. Gets frames of what was played, whose echo
 * begins 'head' samples later in what was heard, or up to 'leeway' more; that
 * one is cleaned in place. What is wanted of it was told before. The alignment
 * stays with media/echolag.h.
 */
struct vc_voice_dsp {
	void (*run)(void *ctx, const int16_t *played, int16_t *heard);
	void *ctx;
	int head, leeway;
	size_t delay; /* samples that come out later */
};

struct vc_voice_conf {
	bool echo;
	bool denoise;  /* steady noise down by 15 dB */
	bool agc;      /* speech to about -20 dBFS, up by at most 24 dB */
	bool highpass; /* below 100 Hz: hum, wind, steps */
	const struct vc_voice_dsp *dsp; /* NULL: speexdsp. Borrowed */
};

struct vc_voice_stats {
	uint64_t far_samples;
	bool is_aligned;    /* the delay was found */
	double delay_ms;    /* of the echo, behind the times it is played at */
	double drift_ppm;   /* by which that delay grows */
	double erle_db;	    /* by how much what is heard is less than before,
			    * while something is played; the last seconds */
	uint64_t resets;    /* the echo was elsewhere: it had to learn anew */
	uint64_t far_jumps; /* in the times of what is played */
};

/* NULL: out of memory. */
struct vc_voice *vc_voice_new(const struct vc_voice_conf *conf);
void vc_voice_free(struct vc_voice *v);

/*
 * 'n' samples are played from 't' on (ns, 0 to INT64_MAX / 2). To be put before
 * they are heard.
 */
void vc_voice_far(struct vc_voice *v, int64_t t, const int16_t *pcm, size_t n);

/*
 * 'n' samples, a multiple of VC_VOICE_FRAME, of which the first was captured
 * at 't'; cleaned in place. They come out late by vc_voice_delay().
 */
void vc_voice_near(struct vc_voice *v, int64_t t, int16_t *pcm, size_t n);

/* With agc, of speexdsp: what its gain control does now, in whole dB. */
int vc_voice_gain_db(const struct vc_voice *v);

/* Samples: what comes out began that much earlier than what went in. */
size_t vc_voice_delay(const struct vc_voice *v);

void vc_voice_stats(const struct vc_voice *v, struct vc_voice_stats *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What was played, on a line of time: put with the times at which it was
 * played, read at any position between samples. Holds the last 2.7 s; what
 * was not put is silence. 48 kHz, mono.
 *
 * Times may shake and their clock may run at another rate than the samples
 * come: the samples stay together, and the line follows the times slowly. What
 * is more than 10 ms away from where it would follow is a jump: a hole, or a
 * part that is played again.
 */
#ifndef VC_MEDIA_FARLINE_H
#define VC_MEDIA_FARLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_FARLINE_CAP (1 << 17) /* samples */
#define VC_FARLINE_JUMP 480.0	 /* samples */

/* Embedded by its owner; zeros at first. */
struct vc_farline {
	int16_t ring[VC_FARLINE_CAP];
	bool has_begun;
	int64_t end;   /* index of the next sample */
	double offset; /* position in time minus index */
	uint64_t jumps;
};

/* 'pos': position of the first sample, in samples since any fixed time. */
void vc_farline_put(struct vc_farline *f, double pos, const int16_t *pcm,
		    size_t n);

/*
 * 'n' samples from position 'pos' on, 'step' (about 1) apart. False: there is
 * nothing but silence.
 */
bool vc_farline_read(const struct vc_farline *f, double pos, double step,
		     int16_t *out, size_t n);

#endif

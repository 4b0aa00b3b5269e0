/* SPDX-License-Identifier: MIT */
/*
 * What goes to the speakers, with the times it is played at, as a stream of
 * its own for echo cancellation: L16, 48 kHz, mono, packets of 10 ms; T is the
 * end of a packet's last sample, as always (vc-stream(7), Clock). Whoever
 * reads it may come late, go and come back: sound does not wait for him on the
 * live clock, and what he missed is not sent later.
 */
#ifndef VC_PLAY_FAR_H
#define VC_PLAY_FAR_H

#include <stdint.h>

struct far;
struct vc_json;
struct vc_tool;

/* 'text' was through vc_patient_check(). An error is said; then NULL. */
struct far *far_open(struct vc_tool *t, const char *text);

/* 10 ms that are played from 't' on. 'clock': "live" or "virtual". */
void far_hear(struct far *f, int64_t t, const int16_t *pcm, const char *clock);

/* packets, dropped, readers. */
void far_stats(const struct far *f, struct vc_json *record);

/* BYE. NULL is fine. */
void far_close(struct far *f);

#endif

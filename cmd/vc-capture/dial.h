/* SPDX-License-Identifier: MIT */
/*
 * Digits (RFC 4733) among the packets of a microphone: while they are sent, its
 * sound is not.
 */
#ifndef VC_CAPTURE_DIAL_H
#define VC_CAPTURE_DIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"
#include "session/dtmf.h"

struct audio;

struct dial {
	struct vc_dtmftx tx;
	struct vc_timer timer;
	uint8_t pt; /* of the clock rate of its sound */
};

/* 'rate_hz': the clock of its sound's RTP times. */
void dial_init(struct audio *a, uint32_t rate_hz);

/* 0; -EINVAL: no digit among them, or -ENOSPC: too many wait. */
int dial_digits(struct audio *a, const char *digits);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * How late is the echo? Is given what was played and what the microphone heard
 * at the same time, both as frames of 10 ms at 48 kHz, and looks for the first
 * within the second, between 100 ms before (clocks may differ) and 500 ms
 * after. A look every 400 ms in which something was played.
 *
 * Echo that is heard at the same lag in two looks, and clearly, is believed;
 * a jump needs three. Speech at the near end only makes it wait. As looks pile
 * up, it also says how fast the lag grows, for two sound cards have two
 * clocks; whoever puts what was played lets its reading follow that.
 */
#ifndef VC_MEDIA_ECHOLAG_H
#define VC_MEDIA_ECHOLAG_H

#include <stdbool.h>
#include <stdint.h>

#define VC_ECHOLAG_FRAME 480 /* samples */
#define VC_ECHOLAG_MIN (-4800)
#define VC_ECHOLAG_MAX 24000

struct vc_echolag;

/* What is known. */
struct vc_echolag_state {
	bool is_known;
	double lag;	 /* samples at 48 kHz, as of the last look */
	double drift;	 /* what is put is to be read so much slower from now
			  * on (1e-4: 100 ppm); the lag is then to stay */
	double turn;	 /* by how much that changed at the last look */
	double strength; /* of the last look's peak, times the noise */
	uint64_t looks;
	uint64_t moves; /* the lag jumped, or was found */
};

/* NULL: out of memory. */
struct vc_echolag *vc_echolag_new(void);
void vc_echolag_free(struct vc_echolag *e);

/* A frame. True: there was a look, see the state. */
bool vc_echolag_put(struct vc_echolag *e, const int16_t *far,
		    const int16_t *near);

const struct vc_echolag_state *vc_echolag_state(const struct vc_echolag *e);

#endif

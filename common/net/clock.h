/* SPDX-License-Identifier: MIT */
/* The machine's clocks, which nothing but common/net reads. */
#ifndef VC_NET_CLOCK_H
#define VC_NET_CLOCK_H

#include <stdint.h>

/* ns since the Unix epoch; it steps, so it is asked once. See vc_mono_now()
 * of net/loop.h for the other one. */
int64_t vc_wall_now(void);

/* The distance of the two clocks, ns: changes only where somebody sets one. */
int64_t vc_wall_minus_mono(void);

#endif

/* SPDX-License-Identifier: MIT */
/* The machine's clocks, which nothing but common/net reads. */
#ifndef VC_NET_CLOCK_H
#define VC_NET_CLOCK_H

#include <stdint.h>

/* The distance of the two clocks, ns: changes only where somebody sets
 * one. See vc_mono_now() of net/loop.h. */
int64_t vc_wall_minus_mono(void);

#endif

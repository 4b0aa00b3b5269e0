/* SPDX-License-Identifier: MIT */
/*
 * Conversions between nanoseconds, NTP timestamps and RTP ticks. Integers
 * only; every one rounds to nearest, so that ns -> NTP -> ns and ticks -> ns
 * -> ticks give back what went in.
 */
#ifndef VC_WIRE_NTP_H
#define VC_WIRE_NTP_H

#include <stdint.h>

/* The highest RTP clock rate there is for us. */
#define VC_RTP_RATE_MAX UINT32_C(1000000000)

/*
 * 64-bit NTP time (32.32, RFC 3550 section 4) of a point in time. The era is
 * lost: times 2^32 s apart are equal.
 */
uint64_t vc_ntp_from_ns(int64_t ns);

/*
 * Back, to the years 1968 to 2104: seconds with the top bit set are of era 0
 * (until 2036-02-07), others of era 1 (RFC 4330 section 3). NTP 0, "no time",
 * is the caller's to look for.
 */
int64_t vc_ntp_to_ns(uint64_t ntp);

/* The middle 32 bits, for LSR (RFC 3550 section 6.4.1). */
static inline uint32_t vc_ntp_mid(uint64_t ntp)
{
	return (uint32_t)(ntp >> 16);
}

/* A duration in units of 1/65536 s (DLSR), and back. Saturates; < 0 is 0. */
uint32_t vc_ntp_short_from_ns(int64_t ns);
int64_t vc_ntp_short_to_ns(uint32_t v);

/*
 * Ticks of a clock of 'rate' Hz (never 0) to ns and back, of either sign.
 * Saturates at INT64_MIN and INT64_MAX.
 */
int64_t vc_rtp_to_ns(int64_t ticks, uint32_t rate);
int64_t vc_rtp_from_ns(int64_t ns, uint32_t rate);

#endif

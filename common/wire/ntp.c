/* SPDX-License-Identifier: MIT */
/*
 * Each conversion splits its number into whole seconds and a remainder that is
 * not negative, so that every product fits into 64 bits and rounding does not
 * depend on the sign.
 */
#include <stdbool.h>

#include "base/time.h"
#include "wire/ntp.h"

/* Seconds from 1900 to 1970. */
#define EPOCH_GAP INT64_C(2208988800)

/* Floor division by a positive number. */
static int64_t split(int64_t v, int64_t by, uint64_t *rest)
{
	int64_t q = v / by, r = v % by;

	if (r < 0) {
		r += by;
		q--;
	}
	*rest = (uint64_t)r;
	return q;
}

/* whole * by + part, at the end of the range where that is beyond it. */
static int64_t join(int64_t whole, int64_t by, int64_t part)
{
	int64_t v;

	if (__builtin_mul_overflow(whole, by, &v) ||
	    __builtin_add_overflow(v, part, &v))
		return whole < 0 ? INT64_MIN : INT64_MAX;
	return v;
}

uint64_t vc_ntp_from_ns(int64_t ns)
{
	uint64_t rest, frac;
	int64_t s = split(ns, VC_SEC, &rest);

	frac = ((rest << 32) + VC_SEC / 2) / VC_SEC;
	return ((uint64_t)(s + EPOCH_GAP) << 32) + frac;
}

int64_t vc_ntp_to_ns(uint64_t ntp)
{
	int64_t s = (int64_t)(ntp >> 32);
	uint64_t frac = ntp & UINT32_MAX;

	if (s < INT64_C(1) << 31)
		s += INT64_C(1) << 32;
	frac = (frac * VC_SEC + (UINT64_C(1) << 31)) >> 32;
	return (s - EPOCH_GAP) * VC_SEC + (int64_t)frac;
}

uint32_t vc_ntp_short_from_ns(int64_t ns)
{
	uint64_t rest;
	int64_t s = split(ns, VC_SEC, &rest);

	if (s < 0)
		return 0;
	if (s > UINT16_MAX)
		return UINT32_MAX;
	/* Cannot carry out of 16 bits but at the very end. */
	rest = ((uint64_t)s << 16) + ((rest << 16) + VC_SEC / 2) / VC_SEC;
	return rest > UINT32_MAX ? UINT32_MAX : (uint32_t)rest;
}

int64_t vc_ntp_short_to_ns(uint32_t v)
{
	return (int64_t)((v * UINT64_C(1000000000) + (1u << 15)) >> 16);
}

int64_t vc_rtp_to_ns(int64_t ticks, uint32_t rate)
{
	uint64_t rest;
	int64_t s = split(ticks, rate, &rest);

	return join(s, VC_SEC, (int64_t)((rest * VC_SEC + rate / 2) / rate));
}

int64_t vc_rtp_from_ns(int64_t ns, uint32_t rate)
{
	uint64_t rest;
	int64_t s = split(ns, VC_SEC, &rest);

	return join(s, rate, (int64_t)((rest * rate + VC_SEC / 2) / VC_SEC));
}

/* SPDX-License-Identifier: MIT */
#include "stall.h"

#include "base/time.h"
#include "wire/ntp.h"
#include "wire/rtp.h"

#define LAG (500 * VC_MS)
#define LEAST (400 * VC_MS)
#define SURE (1 * VC_SEC)

bool stall_packet(struct stall *s, uint32_t ts, uint32_t rate_hz,
		  int64_t arrival)
{
	int64_t passed = arrival - s->arrival;
	int64_t step = vc_rtp_to_ns(vc_ts_diff(s->ts, ts), rate_hz);
	bool had_packet = s->has_packet;

	if (had_packet && step <= 0)
		return false; /* it belongs to what is known, or is late */
	s->has_packet = true;
	s->ts = ts;
	s->arrival = arrival;
	if (!had_packet)
		return false;
	if (!s->is_open && passed - step > LAG) {
		s->is_open = true;
		s->from = arrival - passed;
		s->to = arrival;
		s->lag = s->least = passed - step;
		return false;
	}
	s->lag += passed - step;
	if (s->is_open && s->lag < s->least)
		s->least = s->lag;
	if (!s->is_open || arrival - s->to < SURE)
		return false;
	s->is_open = false;
	return s->least > LEAST;
}

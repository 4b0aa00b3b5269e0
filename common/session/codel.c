/* SPDX-License-Identifier: MIT */
/*
 * The RFC's dequeue loop turned inside out: it is asked packet by packet, and
 * remembers between two that are taken at the same time where it was.
 */
#include "session/codel.h"

/* Rounded down. */
static uint64_t root(uint64_t v)
{
	uint64_t r = 0;

	for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1) {
		if ((r + bit) * (r + bit) <= v)
			r += bit;
	}
	return r;
}

/* interval / sqrt(count) later. */
static int64_t control_law(int64_t t, uint64_t count)
{
	const uint64_t square =
		(uint64_t)VC_CODEL_INTERVAL * (uint64_t)VC_CODEL_INTERVAL;

	return t + (int64_t)root(square / count);
}

static bool is_too_long(struct vc_codel *c, int64_t now, int64_t wait,
			uint64_t octets)
{
	if (wait < VC_CODEL_TARGET || octets <= VC_CODEL_MAXPACKET) {
		c->has_first = false;
		return false;
	}
	if (!c->has_first) {
		c->has_first = true;
		c->first_above = now + VC_CODEL_INTERVAL;
		return false;
	}
	return now >= c->first_above;
}

static void begin_dropping(struct vc_codel *c, int64_t now)
{
	uint64_t delta = c->count - c->last_count;

	c->is_dropping = c->is_spared = true;
	c->count = 1;
	/* Soon after the last spell it goes on about where that one was. */
	if (delta > 1 && now - c->drop_next < 16 * VC_CODEL_INTERVAL)
		c->count = delta;
	c->drop_next = control_law(now, c->count);
	c->last_count = c->count;
}

bool vc_codel_drops(struct vc_codel *c, int64_t now, int64_t wait,
		    uint64_t octets)
{
	bool is_bad = is_too_long(c, now, wait, octets);

	if (c->is_spared) {
		c->is_spared = false;
		return false;
	}
	if (!c->is_dropping) {
		if (is_bad)
			begin_dropping(c, now);
		return is_bad;
	}
	if (!is_bad) {
		c->is_dropping = c->has_dropped = false;
		return false;
	}
	if (c->has_dropped)
		c->drop_next = control_law(c->drop_next, c->count);
	c->has_dropped = now >= c->drop_next;
	if (c->has_dropped)
		c->count++;
	return c->has_dropped;
}

void vc_codel_empty(struct vc_codel *c)
{
	c->has_first = c->is_dropping = false;
	c->is_spared = c->has_dropped = false;
}

/* SPDX-License-Identifier: MIT */
/*
 * The map is one point, 'ref_ts' = 'ref_ns', and the clock rate. The point is
 * moved along its line by whole seconds, so nothing is lost to rounding, long
 * before 2^31 units lie between it and the media.
 *
 * 'base' is the smallest arrival - time seen, leaking upwards by 1/1024 a
 * packet. It tells a jump of RTP time from a queue that stalls and drains: a
 * queue's packets are late and then less late, never early; a jump is early,
 * or later in one step than everything before it.
 */
#include "session/tsmap.h"

#include <assert.h>
#include <errno.h>

#include "base/time.h"
#include "wire/ntp.h"
#include "wire/rtp.h"

#define JUMP (500 * VC_MS)
#define SR_UNRELATED (10 * VC_SEC)
#define SR_DISAGREES (50 * VC_MS)
#define LEAK 1024

static int64_t units_ns(const struct vc_tsmap *m, uint32_t from, uint32_t to)
{
	return vc_rtp_to_ns(vc_ts_diff(from, to), m->rate_hz);
}

static int64_t distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

void vc_tsmap_init(struct vc_tsmap *m, uint32_t rate_hz)
{
	assert(rate_hz);
	*m = (struct vc_tsmap){ .rate_hz = rate_hz };
}

static void set_line(struct vc_tsmap *m, uint32_t ts, int64_t ns)
{
	m->ref_ts = ts;
	m->ref_ns = ns;
}

/* Keeps the point within 2^30 units of 'ts'. */
static void follow(struct vc_tsmap *m, uint32_t ts)
{
	int32_t units = vc_ts_diff(m->ref_ts, ts);
	int32_t seconds;

	if (units > -(1 << 30) && units < 1 << 30)
		return;
	seconds = (int32_t)(units / (int64_t)m->rate_hz);
	m->ref_ts += (uint32_t)seconds * m->rate_hz;
	m->ref_ns += seconds * VC_SEC;
}

int64_t vc_tsmap_ns(const struct vc_tsmap *m, uint32_t ts)
{
	return m->ref_ns + units_ns(m, m->ref_ts, ts);
}

uint32_t vc_tsmap_ts(const struct vc_tsmap *m, int64_t ns)
{
	return m->ref_ts + (uint32_t)vc_rtp_from_ns(ns - m->ref_ns, m->rate_hz);
}

static void note_packet(struct vc_tsmap *m, uint32_t ts, int64_t arrival)
{
	m->last_ts = ts;
	m->last_arrival = arrival;
	m->has_packet = true;
	follow(m, ts);
}

static void first_packet(struct vc_tsmap *m, uint32_t ts, int64_t arrival)
{
	int64_t since_sr;

	if (m->has_sr) {
		since_sr = arrival - m->sr_arrival;
		if (distance(units_ns(m, m->ref_ts, ts), since_sr) >
		    SR_UNRELATED) {
			m->has_sr = false;
			m->insane_srs++;
		}
	}
	if (!m->has_sr)
		set_line(m, ts, arrival);
	m->has_line = true;
	m->base = arrival - vc_tsmap_ns(m, ts);
	note_packet(m, ts, arrival);
}

static bool is_jump(const struct vc_tsmap *m, uint32_t ts, int64_t arrival)
{
	int64_t dts = units_ns(m, m->last_ts, ts);
	int64_t da = arrival - m->last_arrival;
	int64_t transit = arrival - vc_tsmap_ns(m, ts);
	int64_t before = m->last_arrival - vc_tsmap_ns(m, m->last_ts);

	if (distance(dts, 0) <= JUMP || distance(dts, da) <= JUMP)
		return false;
	return transit < m->base - JUMP || transit > before + JUMP;
}

bool vc_tsmap_packet(struct vc_tsmap *m, uint32_t ts, int64_t arrival)
{
	int64_t transit;

	if (!m->has_packet) {
		first_packet(m, ts, arrival);
		return false;
	}
	if (is_jump(m, ts, arrival)) {
		set_line(m, ts, arrival - m->base);
		m->jumps++;
		m->is_torn = true;
		m->has_doubt = false;
		note_packet(m, ts, arrival);
		return true;
	}
	transit = arrival - vc_tsmap_ns(m, ts);
	if (transit < m->base)
		m->base = transit;
	else
		m->base += (transit - m->base) / LEAK;
	if (vc_ts_before(m->last_ts, ts))
		note_packet(m, ts, arrival);
	return false;
}

/* Does RTP time 'ts' belong to the media that arrived? */
static bool is_related(const struct vc_tsmap *m, uint32_t ts, int64_t arrival)
{
	int64_t since = arrival - m->last_arrival;

	if (!m->has_packet)
		return true;
	/* After an hour of silence the wrap could have fooled us. */
	if (since > 3600 * VC_SEC)
		return true;
	return distance(units_ns(m, m->last_ts, ts), since) <= SR_UNRELATED;
}

static void step_line(struct vc_tsmap *m, uint32_t ts, int64_t ns)
{
	if (m->has_line)
		m->base -= ns - vc_tsmap_ns(m, ts);
	set_line(m, ts, ns);
	m->has_line = true;
	m->has_sr = true;
	m->is_torn = false;
	m->has_doubt = false;
	if (m->has_packet)
		follow(m, m->last_ts);
}

static int doubt(struct vc_tsmap *m, uint32_t ts, int64_t ns)
{
	int64_t expected = m->doubt_ns + units_ns(m, m->doubt_ts, ts);

	if (m->has_doubt && distance(ns, expected) <= SR_DISAGREES) {
		step_line(m, ts, ns);
		m->jumps++;
		return 0;
	}
	m->has_doubt = true;
	m->doubt_ts = ts;
	m->doubt_ns = ns;
	m->insane_srs++;
	return -EBADMSG;
}

int vc_tsmap_sr(struct vc_tsmap *m, uint64_t ntp, uint32_t ts, int64_t arrival)
{
	int64_t ns, error;

	if (!ntp || !is_related(m, ts, arrival)) {
		m->insane_srs++;
		return -EBADMSG;
	}
	ns = vc_ntp_to_ns(ntp);
	m->sr_arrival = arrival;
	if (!m->has_sr || m->is_torn || !m->has_packet) {
		step_line(m, ts, ns);
		return 0;
	}
	error = ns - vc_tsmap_ns(m, ts);
	if (distance(error, 0) > SR_DISAGREES)
		return doubt(m, ts, ns);
	m->has_doubt = false;
	/* Below a tick of the RTP clock it is rounding, not time. */
	if (distance(error, 0) <= VC_SEC / m->rate_hz + VC_US)
		return 0;
	m->ref_ns += error / 4;
	m->base -= error / 4;
	return 0;
}
